// What pruning does to a directory of backups, also when it was cut off.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>

#include "ledger/store/store_testing.h"
#include "ops/backup/target.h"

namespace billing::ops {
namespace {

namespace fs = std::filesystem;
using store::testing::spit;
using store::testing::TempDirectory;

// Five backups: each of a file of its own, and of one that all have.
class PruneTest : public ::testing::Test {
 protected:
  void SetUp() override {
    const auto target = Target::open_for_writing(to_);
    ASSERT_TRUE(target);
    for (int i = 1; i <= 5; ++i) {
      Manifest manifest;
      manifest.made = {i * 1'000'000};
      manifest.product = "test";
      manifest.head.position = static_cast<Position>(i);
      for (const auto& [name, bytes] : {std::pair<std::string, std::string>{"ledger/000001.sst", "all"},
                                        {"ledger/000002.sst", std::string(static_cast<std::size_t>(i), 'x')}}) {
        spit(directory_.path("source"), bytes);
        BackupFile file{.name = name, .bytes = 0, .modified_ns = 0, .sha256 = {}};
        ASSERT_TRUE((*target)->add(directory_.path("source"), file, {}));
        manifest.files.push_back(file);
      }
      ASSERT_TRUE((*target)->publish(manifest));
      made_.push_back(manifest);
    }
  }
  std::unique_ptr<Target> pruning() const {
    auto target = Target::open_for_pruning(to_);
    EXPECT_TRUE(target) << target.error().detail;
    return target ? std::move(*target) : nullptr;
  }
  std::vector<std::string> names(std::size_t from, std::size_t to) const {
    std::vector<std::string> found;
    for (std::size_t i = from; i < to; ++i) found.push_back(backup_name(made_[i]));
    return found;
  }
  bool is_whole(const Manifest& manifest) const {
    const auto target = *Target::open(to_);
    return std::ranges::all_of(manifest.files, [&](const BackupFile& file) { return target->has(file); });
  }
  std::size_t files() const {
    return static_cast<std::size_t>(std::distance(fs::directory_iterator(to_ + "/files"), fs::directory_iterator()));
  }

  const TempDirectory directory_;
  const std::string to_ = directory_.path("backups");
  std::vector<Manifest> made_;
};

TEST_F(PruneTest, FilesThatOnlyPrunedBackupsNeedGoAndAllOthersStay) {
  {
    const auto target = pruning();
    const auto would = target->unlisted(names(0, 3));
    ASSERT_TRUE(would);
    EXPECT_EQ(would->files, 3U);
    EXPECT_EQ(would->bytes, 1U + 2U + 3U);
    EXPECT_EQ(files(), 6U);
    ASSERT_TRUE(target->mark_pruned(names(0, 3)));
    const auto removed = target->remove_unlisted();
    ASSERT_TRUE(removed) << removed.error().detail;
    EXPECT_EQ(removed->files, 3U);
  }
  EXPECT_EQ(files(), 3U);
  for (std::size_t i = 0; i < made_.size(); ++i) EXPECT_EQ(is_whole(made_[i]), i >= 3) << i;
}

TEST_F(PruneTest, TheChainHoldsAndBackupsGoOn) {
  {
    const auto target = pruning();
    ASSERT_TRUE(target->mark_pruned(names(0, 4)));
    ASSERT_TRUE(target->remove_unlisted());
  }
  const auto target = *Target::open_for_writing(to_);
  EXPECT_TRUE(target->problems().empty());
  EXPECT_EQ(target->newest(), made_.back());
  Manifest next = made_.back();
  next.made = {9'000'000};
  ASSERT_TRUE(target->publish(next));
  EXPECT_EQ(next.number, 6U);
  EXPECT_EQ(next.previous, manifest_digest(made_.back()));
  EXPECT_TRUE((*Target::open(to_))->problems().empty());
}

TEST_F(PruneTest, OneThatWasCutOffIsFinishedByTheNext) {
  // Cut off after some marks, after all marks, and in the middle of the removal.
  ASSERT_TRUE(pruning()->mark_pruned(names(0, 1)));
  EXPECT_EQ(files(), 6U);
  {
    const auto target = pruning();
    EXPECT_TRUE(target->backups().front().pruned);
    ASSERT_TRUE(target->mark_pruned(names(1, 4)));
  }
  fs::remove((*Target::open(to_))->path_of(made_[1].files.back().sha256));
  EXPECT_TRUE(is_whole(made_.back()));
  const auto removed = pruning()->remove_unlisted();
  ASSERT_TRUE(removed);
  EXPECT_EQ(removed->files, 3U);
  EXPECT_EQ(files(), 2U);
  EXPECT_TRUE(is_whole(made_.back()));
}

TEST_F(PruneTest, WhatIsNoFileOfABackupIsLeft) {
  spit(to_ + "/files/letter", "dear");
  const auto target = pruning();
  ASSERT_TRUE(target->mark_pruned(names(0, 1)));
  ASSERT_TRUE(target->remove_unlisted());
  EXPECT_TRUE(fs::exists(to_ + "/files/letter"));
}

TEST_F(PruneTest, NobodyReadsOrWritesMeanwhileAndReadersDoNotHinderOneAnother) {
  {
    const auto reader = *Target::open(to_);
    EXPECT_TRUE(Target::open(to_));
    EXPECT_TRUE(Target::open_for_writing(to_)) << "a backup only adds";
    const auto refused = Target::open_for_pruning(to_);
    ASSERT_FALSE(refused);
    EXPECT_TRUE(refused.error().detail.contains("is being restored or verified from here")) << refused.error().detail;
  }
  const auto target = pruning();
  const auto reader = Target::open(to_);
  ASSERT_FALSE(reader);
  EXPECT_TRUE(reader.error().detail.contains("backups are being pruned here")) << reader.error().detail;
  EXPECT_FALSE(Target::open_for_writing(to_));
  EXPECT_FALSE(Target::open_for_pruning(to_));
}

TEST_F(PruneTest, WhereThereAreNoBackupsNothingIsMade) {
  EXPECT_FALSE(Target::open_for_pruning(directory_.path("nowhere")));
  EXPECT_FALSE(fs::exists(directory_.path("nowhere")));
}

}  // namespace
}  // namespace billing::ops

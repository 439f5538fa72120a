// What checkpoints of tables promise, asked of each implementation; and what those on disk do about damage.
#include "ledger/store/table_checkpoints.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>

#include "ledger/store/memory_tables.h"
#include "ledger/store/store_testing.h"
#include "ledger/store/verify_files.h"

namespace billing::store {
namespace {
namespace fs = std::filesystem;

using Numbers = std::vector<std::uint64_t>;

void put(Tables& tables, const std::string& value, int rows = 2'000) {
  Batch batch;
  for (int i = 0; i < rows; ++i) batch.put("row " + std::to_string(i), value + std::string(200, 'x'));
  batch.put("value", value);
  ASSERT_TRUE(tables.write(batch).has_value());
}

std::string value_of(const Snapshot& rows) { return rows.get("value").value().value_or("-"); }

std::size_t count(const Snapshot& rows) {
  std::size_t number = 0;
  const auto scanned = rows.scan("", "", [&](std::string_view, std::string_view) {
    ++number;
    return true;
  });
  EXPECT_TRUE(scanned.has_value());
  return number;
}

class TableCheckpointsContract : public ::testing::TestWithParam<bool> {
 protected:
  void SetUp() override {
    if (!GetParam()) {
      tables_ = make_memory_tables();
      checkpoints_ = make_memory_checkpoints(*tables_);
      return;
    }
    auto tables = open_rocks_tables({.directory = directory_.path("views")});
    ASSERT_TRUE(tables.has_value()) << tables.error().detail;
    std::vector<DroppedCheckpoint> dropped;
    auto checkpoints = open_rocks_checkpoints(**tables, {.directory = directory_.path("copies")}, &dropped);
    ASSERT_TRUE(checkpoints.has_value()) << checkpoints.error().detail;
    tables_ = std::move(*tables);
    checkpoints_ = std::move(*checkpoints);
  }
  Tables& tables() { return *tables_; }
  TableCheckpoints& checkpoints() { return *checkpoints_; }

 private:
  testing::TempDirectory directory_;
  std::unique_ptr<Tables> tables_;
  std::unique_ptr<TableCheckpoints> checkpoints_;
};

TEST_P(TableCheckpointsContract, ACheckpointStaysAsTheTablesWere) {
  put(tables(), "one");
  ASSERT_TRUE(checkpoints().make(10).has_value());
  put(tables(), "two");
  ASSERT_TRUE(checkpoints().make(20).has_value());
  ASSERT_TRUE(tables().clear().has_value());
  EXPECT_EQ(checkpoints().list(), (Numbers{10, 20}));
  const auto first = checkpoints().open(10), second = checkpoints().open(20);
  ASSERT_TRUE(first.has_value() && second.has_value());
  EXPECT_EQ(value_of(**first), "one");
  EXPECT_EQ(count(**first), 2'001U);
  EXPECT_EQ(value_of(**second), "two");
  EXPECT_EQ(count(*tables().snapshot()), 0U);
}

TEST_P(TableCheckpointsContract, ADroppedOneIsGoneButForThoseWhoHoldIt) {
  put(tables(), "one");
  ASSERT_TRUE(checkpoints().make(10).has_value());
  const auto held = checkpoints().open(10);
  ASSERT_TRUE(held.has_value());
  ASSERT_TRUE(checkpoints().drop(10).has_value());
  EXPECT_EQ(checkpoints().list(), Numbers{});
  EXPECT_FALSE(checkpoints().open(10).has_value());
  ASSERT_TRUE(tables().clear().has_value());
  EXPECT_EQ(count(**held), 2'001U);
  EXPECT_TRUE(checkpoints().drop(10).has_value());
  put(tables(), "again");
  ASSERT_TRUE(checkpoints().make(10).has_value());
  EXPECT_EQ(value_of(**checkpoints().open(10)), "again");
}

TEST_P(TableCheckpointsContract, EmptyTablesHaveOneToo) {
  ASSERT_TRUE(checkpoints().make(1).has_value());
  EXPECT_EQ(count(**checkpoints().open(1)), 0U);
  EXPECT_EQ(checkpoints().open(2).error().code, Code::kStorageFailure);
}

INSTANTIATE_TEST_SUITE_P(AllTables, TableCheckpointsContract, ::testing::Bool(),
                         [](const auto& param) { return param.param ? "Rocks" : "Memory"; });

// Tables with checkpoints 1 and 2, closed.
class RocksCheckpoints : public ::testing::Test {
 protected:
  void SetUp() override {
    open();
    for (const std::uint64_t number : {1U, 2U}) {
      put(*tables_, std::to_string(number));
      ASSERT_TRUE(checkpoints_->make(number).has_value());
    }
    close();
  }
  void open() {
    dropped_.clear();
    auto tables = open_rocks_tables({.directory = directory_.path("views")});
    ASSERT_TRUE(tables.has_value()) << tables.error().detail;
    auto checkpoints = open_rocks_checkpoints(**tables, {.directory = copies()}, &dropped_);
    ASSERT_TRUE(checkpoints.has_value()) << checkpoints.error().detail;
    tables_ = std::move(*tables);
    checkpoints_ = std::move(*checkpoints);
  }
  void close() {
    checkpoints_.reset();
    tables_.reset();
  }
  std::string copies() const { return directory_.path("copies"); }
  fs::path second() const { return checkpoint_directories(copies()).back().second; }

  testing::TempDirectory directory_;
  std::unique_ptr<RocksTables> tables_;
  std::unique_ptr<TableCheckpoints> checkpoints_;
  std::vector<DroppedCheckpoint> dropped_;
};

TEST_F(RocksCheckpoints, TheyAreThereAfterReopeningAndShareTheirFiles) {
  std::size_t shared = 0;
  for (const auto& file : fs::directory_iterator(second())) {
    if (file.path().extension() == ".sst" && fs::hard_link_count(file.path()) > 1) ++shared;
  }
  EXPECT_GT(shared, 0U);
  open();
  EXPECT_TRUE(dropped_.empty());
  ASSERT_EQ(checkpoints_->list(), (Numbers{1, 2}));
  EXPECT_EQ(value_of(**checkpoints_->open(1)), "1");
  EXPECT_EQ(value_of(**checkpoints_->open(2)), "2");
  EXPECT_TRUE(verify_files(second()).empty());
}

TEST_F(RocksCheckpoints, OneWithAFlippedByteInAnyFileIsNamedAndDroppedWhenOpened) {
  std::vector<fs::path> files;
  for (const auto& file : fs::directory_iterator(second())) {
    if (file.file_size() > 0) files.push_back(file.path());
  }
  ASSERT_GE(files.size(), 5U);  // CURRENT, IDENTITY, MANIFEST, OPTIONS, files.sha256, data files
  const std::string saved = directory_.path("saved");
  fs::copy(copies(), saved, fs::copy_options::recursive);
  for (const fs::path& file : files) {
    fs::remove_all(copies());
    fs::copy(saved, copies(), fs::copy_options::recursive);  // with data files of their own
    std::string bytes = testing::slurp(file);
    bytes[bytes.size() / 2] ^= 0x10;
    testing::spit(file, bytes);
    open();
    ASSERT_EQ(dropped_.size(), 1U) << file;
    EXPECT_EQ(dropped_[0].number, 2U);
    EXPECT_NE(dropped_[0].reason.find(file.filename()), std::string::npos) << dropped_[0].reason;
    EXPECT_EQ(checkpoints_->list(), Numbers{1});
    EXPECT_EQ(value_of(**checkpoints_->open(1)), "1");
    close();
  }
}

TEST_F(RocksCheckpoints, DamageThatComesLaterIsAnErrorAndNoOtherValue) {
  open();
  for (const auto& file : fs::directory_iterator(second())) {
    if (file.path().extension() != ".sst") continue;
    std::string bytes = testing::slurp(file.path());
    for (std::size_t at = 100; at < bytes.size(); at += 1'000) bytes[at] ^= 0x10;
    fs::remove(file.path());  // the tables keep the file that they share
    testing::spit(file.path(), bytes);
  }
  const auto opened = checkpoints_->open(2);
  if (!opened) {
    EXPECT_EQ(opened.error().code, Code::kCorruptRecord);
    return;
  }
  const auto scanned = (*opened)->scan("", "", [](std::string_view, std::string_view) { return true; });
  ASSERT_FALSE(scanned.has_value());
  EXPECT_EQ(scanned.error().code, Code::kCorruptRecord);
}

TEST_F(RocksCheckpoints, HalfWrittenOnesGoAwaySilently) {
  fs::rename(second(), second().string() + ".half");
  fs::create_directory(copies() + "/00000000000000000003.half.tmp");
  open();
  EXPECT_TRUE(dropped_.empty());
  EXPECT_EQ(checkpoints_->list(), Numbers{1});
  EXPECT_EQ(std::distance(fs::directory_iterator(copies()), fs::directory_iterator{}), 1);
}

TEST_F(RocksCheckpoints, AFileThatManyShareIsReadOnceWhenTheyAreChecked) {
  KnownFiles known;
  EXPECT_TRUE(verify_files(checkpoint_directories(copies())[0].second, std::nullopt, &known).empty());
  const std::size_t of_one = known.size();
  EXPECT_TRUE(verify_files(second(), std::nullopt, &known).empty());
  std::size_t files = 0;
  for (const auto& [number, path] : checkpoint_directories(copies())) {
    for (const auto& file : fs::directory_iterator(path)) files += file.path().extension() == ".sst" ? 1 : 0;
  }
  EXPECT_GT(of_one, 0U);
  EXPECT_EQ(files, 3U);
  EXPECT_EQ(known.size(), 2U);
}

}  // namespace
}  // namespace billing::store

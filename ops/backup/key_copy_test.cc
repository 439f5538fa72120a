#include "ops/backup/key_copy.h"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <algorithm>
#include <csignal>
#include <filesystem>

#include "ledger/codec/person_keys.h"
#include "ledger/store/store_testing.h"

namespace billing::ops {
namespace {

namespace fs = std::filesystem;
using store::testing::slurp;
using store::testing::spit;
using store::testing::TempDirectory;

PersonId person(std::uint8_t number) {
  PersonId id;
  id.uuid.bytes[15] = number;
  return id;
}

// A directory of keys of persons 1 and 2, beside a place for copies.
class KeyCopyTest : public ::testing::Test {
 protected:
  void SetUp() override {
    fs::create_directory(keys_);
    const auto keys = open();
    ASSERT_TRUE(keys->find_or_create(person(1)));
    ASSERT_TRUE(keys->find_or_create(person(2)));
  }
  std::unique_ptr<codec::PersonKeys> open(const std::string& directory = {}) const {
    auto keys = codec::PersonKeys::open(directory.empty() ? keys_ : directory);
    EXPECT_TRUE(keys) << keys.error().detail;
    return keys ? std::move(*keys) : nullptr;
  }
  Result<std::vector<std::string>> copy(Position position, const KeyProof& prove = {}) const {
    Manifest manifest;
    manifest.product = "test";
    manifest.head.position = position;
    return copy_keys(keys_, copies_, manifest, prove);
  }
  std::vector<std::string> names() const {
    std::vector<std::string> found;
    for (const auto& entry : fs::directory_iterator(copies_)) found.push_back(entry.path().filename());
    std::ranges::sort(found);
    return found;
  }

  const TempDirectory directory_;
  const std::string keys_ = directory_.path("keys");
  const std::string copies_ = directory_.path("copies");
};

TEST_F(KeyCopyTest, ACopyOpensAndHasTheSameKeys) {
  ASSERT_TRUE(copy(42));
  const auto newest = newest_key_copy(copies_);
  ASSERT_TRUE(newest) << newest.error().detail;
  EXPECT_EQ(newest->manifest.head.position, 42U);
  EXPECT_EQ(open(newest->directory)->find(person(1)), open()->find(person(1)));
}

TEST_F(KeyCopyTest, AnErasedPersonIsInNoCopyAfterTheNext) {
  ASSERT_TRUE(copy(1));
  ASSERT_TRUE(open()->erase(person(1)));
  ASSERT_TRUE(copy(2));
  EXPECT_EQ(names(), (std::vector<std::string>{"keys-2", "lock"}));
  const auto keys = open(newest_key_copy(copies_)->directory);
  EXPECT_FALSE(keys->find(person(1)));
  EXPECT_TRUE(keys->find(person(2)));
}

TEST_F(KeyCopyTest, TheBytesOfAnOlderCopyAreOverwritten) {
  ASSERT_TRUE(copy(1));
  fs::create_hard_link(copies_ + "/keys-1/epoch.key", directory_.path("seen"));
  const auto bytes = fs::file_size(directory_.path("seen"));
  ASSERT_TRUE(copy(2));
  EXPECT_EQ(slurp(directory_.path("seen")), std::string(bytes, '\0'));
}

TEST_F(KeyCopyTest, ACopyThatWasCutOffIsOverwrittenAndRemoved) {
  fs::create_directories(copies_ + "/keys-7.half");
  spit(copies_ + "/keys-7.half/epoch.key", "secret");
  fs::create_hard_link(copies_ + "/keys-7.half/epoch.key", directory_.path("seen"));
  ASSERT_TRUE(copy(1));
  EXPECT_EQ(names(), (std::vector<std::string>{"keys-1", "lock"}));
  EXPECT_EQ(slurp(directory_.path("seen")), std::string(6, '\0'));
}

TEST_F(KeyCopyTest, ADamagedCopyIsNamed) {
  ASSERT_TRUE(copy(1));
  spit(copies_ + "/keys-1/epoch.key", "nonsense");
  const auto newest = newest_key_copy(copies_);
  ASSERT_FALSE(newest);
  EXPECT_EQ(newest.error().detail, copies_ + "/keys-1/epoch.key: its bytes are not those that were copied");
}

TEST_F(KeyCopyTest, KeysThatCannotBeOpenedAreNotCopiedAndTheOlderCopyStays) {
  ASSERT_TRUE(copy(1));
  spit(keys_ + "/epoch.key", "nonsense");
  EXPECT_FALSE(copy(2));
  EXPECT_EQ(names(), (std::vector<std::string>{"keys-1", "lock"}));
}

// The newest copy is still the first one, with the keys that it had.
void expect_first_copy_stays(const std::string& copies) {
  const auto newest = newest_key_copy(copies);
  ASSERT_TRUE(newest) << newest.error().detail;
  EXPECT_EQ(newest->manifest.head.position, 1U);
  const auto keys = *codec::PersonKeys::open_copy(newest->directory);
  EXPECT_TRUE(keys->find(person(1)));
  EXPECT_TRUE(keys->find(person(2)));
}

TEST_F(KeyCopyTest, KeysThatHaveLostAPersonDoNotReplaceTheCopyBefore) {
  ASSERT_TRUE(copy(1));
  fs::resize_file(keys_ + "/person.keys", fs::file_size(keys_ + "/person.keys") - 128);
  const auto done = copy(2);
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, Code::kCorruptRecord);
  EXPECT_TRUE(done.error().detail.contains("of 1 persons it has keys")) << done.error().detail;
  expect_first_copy_stays(copies_);
}

TEST_F(KeyCopyTest, KeysOfAnotherLedgerDoNotReplaceTheCopyBefore) {
  ASSERT_TRUE(copy(1));
  fs::remove_all(keys_);
  fs::create_directory(keys_);
  ASSERT_TRUE(open()->find_or_create(person(1)));
  ASSERT_TRUE(open()->find_or_create(person(2)));
  const auto done = copy(2);
  ASSERT_FALSE(done);
  EXPECT_TRUE(done.error().detail.contains("of other keys than the service's")) << done.error().detail;
  expect_first_copy_stays(copies_);
}

TEST_F(KeyCopyTest, AnOlderFileThatUndoesAnErasureDoesNotReplaceTheCopyBefore) {
  fs::copy(keys_, directory_.path("older"));
  ASSERT_TRUE(open()->erase(person(1)));
  ASSERT_TRUE(copy(1));
  fs::remove_all(keys_);
  fs::copy(directory_.path("older"), keys_);
  EXPECT_FALSE(copy(2));
  EXPECT_FALSE(open(newest_key_copy(copies_)->directory)->find(person(1)));
}

TEST_F(KeyCopyTest, ACopyBeforeThatCannotBeReadIsKept) {
  ASSERT_TRUE(copy(1));
  spit(copies_ + "/keys-1/epoch.key", "nonsense");
  const auto done = copy(2);
  ASSERT_FALSE(done);
  EXPECT_TRUE(done.error().detail.contains("the copy before cannot be read")) << done.error().detail;
  EXPECT_EQ(names(), (std::vector<std::string>{"keys-1", "lock"}));
  EXPECT_EQ(slurp(copies_ + "/keys-1/epoch.key"), "nonsense");
}

TEST_F(KeyCopyTest, KeysThatTheLogRefusesDoNotReplaceTheCopyBefore) {
  ASSERT_TRUE(copy(1));
  const auto done = copy(2, [](const codec::PersonKeys&) -> Result<void> { return refuse(Code::kCorruptRecord, "a key is missing"); });
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().detail, "a key is missing");
  expect_first_copy_stays(copies_);
}

TEST_F(KeyCopyTest, FilesThatAreNoFilesOfKeysAreLeftOutAndNamed) {
  spit(keys_ + "/person.keys.old", "an erased key");
  spit(keys_ + "/.x.swp", "stray");
  const auto done = copy(1);
  ASSERT_TRUE(done) << done.error().detail;
  EXPECT_EQ(*done, (std::vector<std::string>{".x.swp", "person.keys.old"}));
  EXPECT_FALSE(fs::exists(copies_ + "/keys-1/person.keys.old"));
  EXPECT_TRUE(newest_key_copy(copies_));
}

TEST_F(KeyCopyTest, OtherThingsInTheTargetAreNotTouched) {
  fs::create_directories(copies_ + "/mine.half");
  spit(copies_ + "/mine.half/letter", "dear");
  const auto done = copy(1);
  ASSERT_FALSE(done);
  EXPECT_TRUE(done.error().detail.contains("has other things in it")) << done.error().detail;
  EXPECT_FALSE(fs::exists(copies_ + "/lock"));
  fs::create_directory(copies_ + "/keys-1.half");
  ASSERT_TRUE(copy(1));
  EXPECT_EQ(slurp(copies_ + "/mine.half/letter"), "dear");
}

TEST_F(KeyCopyTest, WhatKeepsTheKeysFromBeingCopiedIsSaid) {
  std::signal(SIGXFSZ, SIG_IGN);
  ::rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &before), 0);
  ::rlimit small = before;
  small.rlim_cur = 32;
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &small), 0);
  const auto done = copy(1);
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &before), 0);
  ASSERT_FALSE(done);
  EXPECT_TRUE(done.error().detail.contains("File too large")) << done.error().detail;
  EXPECT_EQ(names(), std::vector<std::string>{"lock"});
}

TEST_F(KeyCopyTest, WithoutKeysThereIsNothingToCopy) {
  fs::remove_all(keys_);
  const auto done = copy(1);
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().detail, keys_ + ": there are no person keys here");
  EXPECT_FALSE(newest_key_copy(copies_));
}

}  // namespace
}  // namespace billing::ops

#include "ops/backup/key_copy.h"

#include <gtest/gtest.h>

#include <algorithm>
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
  Result<void> copy(Position position) const {
    Manifest manifest;
    manifest.product = "test";
    manifest.head.position = position;
    return copy_keys(keys_, copies_, manifest);
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

TEST_F(KeyCopyTest, WithoutKeysThereIsNothingToCopy) {
  fs::remove_all(keys_);
  const auto done = copy(1);
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().detail, keys_ + ": there are no person keys here");
  EXPECT_FALSE(newest_key_copy(copies_));
}

}  // namespace
}  // namespace billing::ops

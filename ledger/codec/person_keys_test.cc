#include "ledger/codec/person_keys.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <thread>

namespace billing::codec {
namespace {

using ::testing::HasSubstr;

PersonId person(std::uint8_t n) { return {Uuid{{n, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15}}}; }

struct PersonKeysTest : ::testing::Test {
  std::filesystem::path directory =
      std::filesystem::temp_directory_path() / ("person_keys_test." + std::to_string(::getpid()));
  std::filesystem::path keys_file = directory / "person.keys";
  std::filesystem::path epoch_file = directory / "epoch.key";

  PersonKeysTest() { std::filesystem::remove_all(directory); }
  ~PersonKeysTest() override { std::filesystem::remove_all(directory); }

  Result<std::unique_ptr<PersonKeys>> open() const { return PersonKeys::open(directory.string()); }
  static std::string bytes(const std::filesystem::path& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  static void write(const std::filesystem::path& path, const std::string& content) {
    std::ofstream(path, std::ios::binary | std::ios::trunc) << content;
  }
};

TEST_F(PersonKeysTest, KeysAndDigestsSurviveReopening) {
  PersonKey key{};
  std::string digest;
  {
    const auto keys = std::move(*open());
    EXPECT_EQ(keys->find(person(1)), std::nullopt);
    key = *keys->find_or_create(person(1));
    EXPECT_EQ(*keys->find_or_create(person(1)), key);
    EXPECT_NE(*keys->find_or_create(person(2)), key);
    digest = keys->digest("ada@example.org");
    EXPECT_EQ(digest.size(), 64U);
    EXPECT_NE(digest, keys->digest("bob@example.org"));
  }
  const auto keys = std::move(*open());
  EXPECT_EQ(keys->find(person(1)), key);
  EXPECT_EQ(keys->digest("ada@example.org"), digest);
}

TEST_F(PersonKeysTest, FilesAreMadeWhenTheyAreToBeKeptAndForTheOwnerOnly) {
  const auto keys = std::move(*open());
  EXPECT_FALSE(std::filesystem::exists(directory)) << "so that a start which is refused leaves nothing behind";
  const std::string digest = keys->digest("x");
  ASSERT_TRUE(keys->keep());
  EXPECT_EQ((*open())->digest("x"), digest);
  for (const auto& path : {keys_file, epoch_file}) {
    struct ::stat status {};
    ASSERT_EQ(::stat(path.c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777U, 0600U) << path;
  }
}

TEST_F(PersonKeysTest, NoKeyStandsInTheFileInClear) {
  const auto keys = std::move(*open());
  const PersonKey key = *keys->find_or_create(person(1));
  EXPECT_EQ(bytes(keys_file).find(std::string(key.begin(), key.end())), std::string::npos);
}

TEST_F(PersonKeysTest, AnErasedKeyIsGoneAndTheOthersStay) {
  PersonKey kept{};
  std::string digest;
  {
    const auto keys = std::move(*open());
    ASSERT_TRUE(keys->find_or_create(person(1)));
    kept = *keys->find_or_create(person(2));
    digest = keys->digest("x");
    ASSERT_TRUE(keys->erase(person(1)));
    ASSERT_TRUE(keys->erase(person(1)));  // again: nothing to do
    EXPECT_EQ(keys->find(person(1)), std::nullopt);
    ASSERT_TRUE(keys->find_or_create(person(3)));  // appended to the new file
  }
  const auto keys = std::move(*open());
  EXPECT_EQ(keys->find(person(1)), std::nullopt);
  EXPECT_EQ(keys->find(person(2)), kept);
  EXPECT_NE(keys->find(person(3)), std::nullopt);
  EXPECT_EQ(keys->digest("x"), digest);
}

TEST_F(PersonKeysTest, AnOldCopyOfTheKeyFileDoesNotOpenAfterAnErasure) {
  const auto keys = std::move(*open());
  ASSERT_TRUE(keys->find_or_create(person(1)));
  const std::string copy = bytes(keys_file);
  ASSERT_TRUE(keys->erase(person(1)));
  write(keys_file, copy);
  const auto reopened = open();
  ASSERT_FALSE(reopened);
  EXPECT_EQ(reopened.error().code, Code::kCorruptRecord);
  EXPECT_THAT(reopened.error().detail, HasSubstr(keys_file.string()));
}

TEST_F(PersonKeysTest, ARotationThatWasCutOffIsFinishedOrForgotten) {
  {
    const auto keys = std::move(*open());
    ASSERT_TRUE(keys->find_or_create(person(1)));
    ASSERT_TRUE(keys->find_or_create(person(2)));
  }
  const std::string old_keys = bytes(keys_file), old_epoch = bytes(epoch_file);
  ASSERT_TRUE((*open())->erase(person(1)));
  const std::string new_keys = bytes(keys_file), new_epoch = bytes(epoch_file);
  // Before the rename of person.keys.
  write(keys_file, old_keys);
  write(epoch_file, old_epoch);
  write(keys_file.string() + ".next", new_keys);
  write(epoch_file.string() + ".next", new_epoch);
  EXPECT_NE((*open())->find(person(1)), std::nullopt);
  EXPECT_FALSE(std::filesystem::exists(keys_file.string() + ".next"));
  EXPECT_FALSE(std::filesystem::exists(epoch_file.string() + ".next"));
  // After it, with the old epoch key overwritten or not.
  for (const std::string& epoch : {old_epoch, std::string(64, '\0')}) {
    write(keys_file, new_keys);
    write(epoch_file, epoch);
    write(epoch_file.string() + ".next", new_epoch);
    const auto keys = open();
    ASSERT_TRUE(keys) << keys.error().detail;
    EXPECT_EQ((*keys)->find(person(1)), std::nullopt);
    EXPECT_NE((*keys)->find(person(2)), std::nullopt);
    EXPECT_EQ(bytes(epoch_file), new_epoch);
  }
}

TEST_F(PersonKeysTest, ATornTailIsWrittenOver) {
  PersonKey first{};
  {
    const auto keys = std::move(*open());
    first = *keys->find_or_create(person(1));
    ASSERT_TRUE(keys->find_or_create(person(2)));
  }
  const std::string whole = bytes(keys_file);
  ASSERT_EQ(whole.size(), 3 * 128U);
  std::vector<std::string> torn{whole.substr(0, 256) + std::string(128, '\0')};
  for (std::size_t size = 256; size < whole.size(); ++size) torn.push_back(whole.substr(0, size));
  for (const std::string& content : torn) {
    write(keys_file, content);
    const auto keys = open();
    ASSERT_TRUE(keys) << keys.error().detail;
    EXPECT_EQ((*keys)->find(person(1)), first);
    EXPECT_EQ((*keys)->find(person(2)), std::nullopt);
    EXPECT_EQ(bytes(keys_file), content) << "reading changes nothing";
  }
  const PersonKey again = *(*open())->find_or_create(person(2));  // the place is used again
  EXPECT_EQ((*open())->find(person(2)), again);
}

TEST_F(PersonKeysTest, AFlippedByteIsRefusedWithTheFilesName) {
  {
    const auto keys = std::move(*open());
    for (std::uint8_t n = 1; n < 4; ++n) ASSERT_TRUE(keys->find_or_create(person(n)));
  }
  for (const auto& path : {keys_file, epoch_file}) {
    const std::string whole = bytes(path);
    for (std::size_t at = 0; at < whole.size(); ++at) {
      std::string damaged = whole;
      damaged[at] = static_cast<char>(damaged[at] ^ 0x10);
      write(path, damaged);
      const auto keys = open();
      ASSERT_FALSE(keys) << path << " byte " << at;
      EXPECT_EQ(keys.error().code, Code::kCorruptRecord);
      EXPECT_THAT(keys.error().detail, HasSubstr(directory.string()));
    }
    write(path, whole);
    ASSERT_TRUE(open());
  }
}

TEST_F(PersonKeysTest, BlocksThatChangedPlacesAreRefused) {
  {
    const auto keys = std::move(*open());
    for (std::uint8_t n = 1; n < 4; ++n) ASSERT_TRUE(keys->find_or_create(person(n)));
  }
  const std::string whole = bytes(keys_file);
  write(keys_file, whole.substr(0, 128) + whole.substr(256, 128) + whole.substr(128, 128) + whole.substr(384));
  EXPECT_FALSE(open());
}

TEST_F(PersonKeysTest, AMissingFileOfThePairIsRefused) {
  ASSERT_TRUE((*open())->find_or_create(person(1)));
  const std::string epoch = bytes(epoch_file);
  std::filesystem::remove(epoch_file);
  EXPECT_THAT(open().error().detail, HasSubstr("epoch.key"));
  write(epoch_file, epoch);
  ASSERT_TRUE(open());
  std::filesystem::remove(keys_file);
  EXPECT_THAT(open().error().detail, HasSubstr("person.keys"));
}

TEST_F(PersonKeysTest, WhatTheLogNamesIsThereOrWasErased) {
  std::string old_print;
  {
    const auto keys = std::move(*open());
    old_print = fingerprint(*keys->find_or_create(person(1)));
    ASSERT_TRUE(keys->find_or_create(person(2)));
    EXPECT_TRUE(keys->check(person(1), old_print));
    EXPECT_THAT(keys->check(person(2), old_print).error().detail, HasSubstr("another one"));
    const auto missing = keys->check(person(3), old_print);
    EXPECT_EQ(missing.error().code, Code::kCorruptRecord);
    EXPECT_THAT(missing.error().detail, HasSubstr(person(3).text()));
    ASSERT_TRUE(keys->erase(person(1)));
    EXPECT_TRUE(keys->check(person(1), old_print));
  }
  const auto keys = std::move(*open());
  EXPECT_TRUE(keys->check(person(1), old_print)) << "the files note the erasure";
  EXPECT_EQ(keys->count().keys, 1U);
  EXPECT_EQ(keys->count().erased, 1U);
  const std::string new_print = fingerprint(*keys->find_or_create(person(1)));
  const auto again = std::move(*open());
  EXPECT_TRUE(again->check(person(1), old_print)) << "data of before the erasure";
  EXPECT_TRUE(again->check(person(1), new_print));
  EXPECT_NE(again->find(person(1)), std::nullopt);
}

TEST_F(PersonKeysTest, ACopyIsReadAndNotChanged) {
  ASSERT_TRUE((*open())->find_or_create(person(1)));
  const std::string whole = bytes(keys_file) + std::string(50, 'x');
  write(keys_file, whole);
  write(keys_file.string() + ".next", "left by a crash");
  std::filesystem::permissions(keys_file, std::filesystem::perms(0640));
  const auto copy = PersonKeys::open_copy(directory.string());
  ASSERT_TRUE(copy);
  EXPECT_NE((*copy)->find(person(1)), std::nullopt);
  EXPECT_EQ(bytes(keys_file), whole);
  EXPECT_TRUE(std::filesystem::exists(keys_file.string() + ".next"));
  EXPECT_EQ(std::filesystem::status(keys_file).permissions(), std::filesystem::perms(0640));
}

TEST_F(PersonKeysTest, AfterAWriteThatFailedItGoesOnOnceTheDiskDoes) {
  const auto keys = std::move(*open());
  const PersonKey first = *keys->find_or_create(person(1));
  std::signal(SIGXFSZ, SIG_IGN);
  struct ::rlimit before {};
  ::getrlimit(RLIMIT_FSIZE, &before);
  struct ::rlimit full = before;
  full.rlim_cur = std::filesystem::file_size(keys_file) + 60;  // the next block is cut short
  ::setrlimit(RLIMIT_FSIZE, &full);
  EXPECT_EQ(keys->find_or_create(person(2)).error().code, Code::kStorageFailure);
  EXPECT_EQ(keys->find_or_create(person(2)).error().code, Code::kStorageFailure);
  ::setrlimit(RLIMIT_FSIZE, &before);
  struct ::stat of_failure {};
  ::stat(keys_file.c_str(), &of_failure);
  const auto second = keys->find_or_create(person(2));
  ASSERT_TRUE(second) << second.error().detail;
  struct ::stat now {};
  ::stat(keys_file.c_str(), &now);
  EXPECT_NE(now.st_ino, of_failure.st_ino) << "written anew: the kernel may have lost what it could not sync";
  EXPECT_EQ((*open())->find(person(1)), first);
  EXPECT_EQ((*open())->find(person(2)), *second);
}

TEST_F(PersonKeysTest, KeysThatWentWhileItRanAreNotWrittenOver) {
  const auto keys = std::move(*open());
  ASSERT_TRUE(keys->find_or_create(person(1)));
  std::filesystem::remove_all(directory);
  EXPECT_FALSE(keys->find_or_create(person(2)));
  const auto again = keys->find_or_create(person(2));
  ASSERT_FALSE(again);
  EXPECT_THAT(again.error().detail, HasSubstr("no longer there"));
}

TEST_F(PersonKeysTest, ReadersMayFindWhileTheWriterCreatesAndErases) {
  const auto keys = std::move(*PersonKeys::open(""));
  ASSERT_TRUE(keys->find_or_create(person(200)));
  std::atomic<bool> stop = false;
  std::thread reader([&] {
    while (!stop) {
      EXPECT_TRUE(keys->find(person(200)));
      EXPECT_EQ(keys->digest("x").size(), 64U);
    }
  });
  for (std::uint8_t n = 0; n < 100; ++n) {
    ASSERT_TRUE(keys->find_or_create(person(n)));
    if (n % 2 == 0) ASSERT_TRUE(keys->erase(person(n)));
  }
  stop = true;
  reader.join();
}

}  // namespace
}  // namespace billing::codec

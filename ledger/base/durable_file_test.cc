#include "ledger/base/durable_file.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

namespace billing {
namespace {

struct DurableFileTest : ::testing::Test {
  std::string pattern = (std::filesystem::temp_directory_path() / "billing-file-XXXXXX").string();
  const std::string directory = ::mkdtemp(pattern.data());
  const std::string path = directory + "/file";
  ~DurableFileTest() override { std::filesystem::remove_all(directory); }
  static std::string content(const std::string& file) {
    std::ifstream in(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }
};

TEST_F(DurableFileTest, AReplacedFileHasTheNewBytesAndTheModeAndNothingIsLeftBeside) {
  ASSERT_TRUE(replace_file(path, "one", 0640));
  ASSERT_TRUE(replace_file(path, "two", 0600));
  EXPECT_EQ(content(path), "two");
  EXPECT_EQ(std::filesystem::status(path).permissions(), std::filesystem::perms(0600));
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(directory), {}), 1);
}

TEST_F(DurableFileTest, WhatCannotBeWrittenLeavesTheOldFileAndSaysWhy) {
  ASSERT_TRUE(replace_file(path, "old", 0600));
  std::filesystem::create_directory(path + ".new");  // stands where the new bytes would go
  const auto failed = replace_file(path, "new", 0600);
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().code, Code::kStorageFailure);
  EXPECT_EQ(failed.error().detail, "cannot create " + path + ".new: Is a directory");
  EXPECT_EQ(content(path), "old");
  EXPECT_FALSE(replace_file(directory + "/none/file", "new", 0600));
  EXPECT_FALSE(rename_durably(directory + "/none", path));
  EXPECT_FALSE(sync_file(directory + "/none"));
  EXPECT_EQ(content(path), "old");
}

}  // namespace
}  // namespace billing

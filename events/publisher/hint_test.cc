#include "events/publisher/hint.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>

namespace billing::publisher {
namespace {

class HintTest : public testing::Test {
 protected:
  HintTest() {
    std::string name = (std::filesystem::temp_directory_path() / "billing-hint-XXXXXX").string();
    directory_ = ::mkdtemp(name.data());
  }
  ~HintTest() override { std::filesystem::remove_all(directory_); }
  std::string directory_;
};

TEST_F(HintTest, IsAbsentAtFirst) { EXPECT_EQ(*Hint(directory_, "t").load(), std::nullopt); }

TEST_F(HintTest, IsReadBack) {
  const store::Head head{77, {4, 5, 6}};
  ASSERT_TRUE(Hint(directory_, "t").note(head, true));
  EXPECT_EQ(*Hint(directory_, "t").load(), head);
}

TEST_F(HintTest, OfAnotherTopicIsNotTaken) {
  ASSERT_TRUE(Hint(directory_, "t").note({77, {}}, true));
  EXPECT_EQ(*Hint(directory_, "u").load(), std::nullopt);
}

TEST_F(HintTest, IsWrittenAtMostOnceASecond) {
  Hint hint(directory_, "t");
  ASSERT_TRUE(hint.note({1, {}}, false));
  ASSERT_TRUE(hint.note({2, {}}, false));
  EXPECT_EQ((*Hint(directory_, "t").load())->position, 1U);
  ASSERT_TRUE(hint.note({2, {}}, true));
  EXPECT_EQ((*Hint(directory_, "t").load())->position, 2U);
}

TEST_F(HintTest, EveryDamagedByteIsNoticed) {
  ASSERT_TRUE(Hint(directory_, "t").note({77, {4, 5, 6}}, true));
  const std::string path = directory_ + "/kafka-hint";
  const auto size = std::filesystem::file_size(path);
  for (std::uintmax_t at = 0; at < size; ++at) {
    std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
    file.seekg(static_cast<std::streamoff>(at));
    const char old = static_cast<char>(file.get());
    file.seekp(static_cast<std::streamoff>(at));
    file.put(static_cast<char>(old ^ 1));
    file.flush();
    const auto loaded = Hint(directory_, "t").load();
    ASSERT_FALSE(loaded) << "byte " << at;
    EXPECT_EQ(loaded.error().code, Code::kCorruptRecord);
    file.seekp(static_cast<std::streamoff>(at));
    file.put(old);
  }
}

TEST_F(HintTest, ADirectoryThatIsMissingIsTold) {
  const auto noted = Hint(directory_ + "/none", "t").note({1, {}}, true);
  ASSERT_FALSE(noted);
  EXPECT_EQ(noted.error().code, Code::kStorageFailure);
}

}  // namespace
}  // namespace billing::publisher

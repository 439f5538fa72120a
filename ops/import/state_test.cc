#include "ops/import/state.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include "ops/import/files.h"

namespace billing::import {
namespace {

const ImportState kState = [] {
  ImportState state{"abc123", "http://127.0.0.1:8080", 1'000, 12, 9, 2, 2, 77, {}};
  state.kinds[4] = {{3, 1'250}, {2, -700}, {1, 5}};
  state.kinds[kKindCount - 1].refused.rows = 4;
  return state;
}();

TEST(ImportState, ComesBackAsItWasSaved) {
  const std::string file = testing::TempDir() + std::to_string(::getpid()) + "-round.import-state";
  ASSERT_TRUE(save_state(file, kState));
  EXPECT_EQ(load_state(file), kState);
  remove_file(file);
  EXPECT_EQ(load_state(file), std::nullopt);
}

TEST(ImportState, DamagedStateIsNoState) {
  const std::string text = state_text(kState);
  ASSERT_TRUE(parse_state(text));
  for (std::size_t n = 0; n < text.size(); ++n) EXPECT_FALSE(parse_state(text.substr(0, n))) << n;
  EXPECT_FALSE(parse_state(text + "x"));
  EXPECT_FALSE(parse_state("something else\n" + text));
}

TEST(ImportState, ReplacingLeavesNoSecondFile) {
  const std::string file = testing::TempDir() + std::to_string(::getpid()) + "-replace.import-state";
  ASSERT_TRUE(replace_text(file, "one"));
  ASSERT_TRUE(replace_text(file, "two"));
  EXPECT_EQ(*read_text(file, 10), "two");
  EXPECT_FALSE(file_exists(file + ".new"));
}

}  // namespace
}  // namespace billing::import

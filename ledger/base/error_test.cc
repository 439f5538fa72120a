#include "ledger/base/error.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>
#include <vector>

namespace billing {
namespace {

#define X(name, text, kind, title) Code::name,
const std::vector<Code> kAll = {BILLING_ERROR_CODES(X)};
#undef X

TEST(Error, EachCodeHasATextOfItsOwnInKebabCase) {
  std::set<std::string_view> seen;
  for (const Code code : kAll) {
    const std::string_view text = code_text(code);
    EXPECT_TRUE(seen.insert(text).second) << text;
    EXPECT_FALSE(text.empty());
    EXPECT_TRUE(std::ranges::all_of(text, [](char c) { return (c >= 'a' && c <= 'z') || c == '-'; })) << text;
    EXPECT_FALSE(code_title(code).empty()) << text;
    EXPECT_FALSE(code_title(code).ends_with('.')) << text;
  }
}

TEST(Error, RowsStandAtTheirCode) {
  EXPECT_EQ(code_text(Code::kMalformedBody), "malformed-body");
  EXPECT_EQ(code_kind(Code::kMalformedBody), ErrorKind::kSyntax);
  EXPECT_EQ(code_text(Code::kAccountClosed), "account-closed");
  EXPECT_EQ(code_kind(Code::kAccountClosed), ErrorKind::kConflict);
  EXPECT_EQ(code_title(Code::kAccountClosed), "The account is closed");
  EXPECT_EQ(code_text(Code::kInternal), "internal");
  EXPECT_EQ(code_kind(Code::kInternal), ErrorKind::kInternal);
}

Result<int> doubled(Result<int> number) {
  BILLING_TRY(value, number);
  BILLING_CHECK(value < 100 ? Result<void>() : refuse(Code::kOverflow, "too much", "/n"));
  return value * 2;
}

TEST(Error, TryAndCheckHandTheFirstErrorUpUnchanged) {
  EXPECT_EQ(doubled(21), 42);
  EXPECT_EQ(doubled(100).error(), (Error{Code::kOverflow, "too much", "/n"}));
  EXPECT_EQ(doubled(refuse(Code::kInvalidId, "d", "/p")).error(), (Error{Code::kInvalidId, "d", "/p"}));
}

}  // namespace
}  // namespace billing

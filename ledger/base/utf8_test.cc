#include "ledger/base/utf8.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <string>

namespace billing {
namespace {

constexpr char32_t kSurrogateMin = 0xD800;
constexpr char32_t kSurrogateMax = 0xDFFF;
constexpr char32_t kLast = 0x10FFFF;

// The bytes that the bit pattern of RFC 3629 gives for a number of up to 21 bits, legal or not.
std::string encoded(char32_t c) {
  const auto byte = [](char32_t value) { return static_cast<char>(static_cast<unsigned char>(value)); };
  if (c < 0x80) return {byte(c)};
  if (c < 0x800) return {byte(0xC0 | c >> 6), byte(0x80 | (c & 0x3F))};
  if (c < 0x10000) return {byte(0xE0 | c >> 12), byte(0x80 | (c >> 6 & 0x3F)), byte(0x80 | (c & 0x3F))};
  return {byte(0xF0 | c >> 18), byte(0x80 | (c >> 12 & 0x3F)), byte(0x80 | (c >> 6 & 0x3F)), byte(0x80 | (c & 0x3F))};
}

TEST(Utf8, ExactlyTheScalarValuesAreValid) {
  for (char32_t c = 0; c < 0x200000; ++c) {
    const bool scalar = c <= kLast && (c < kSurrogateMin || c > kSurrogateMax);
    ASSERT_EQ(valid_utf8(encoded(c)), scalar) << static_cast<unsigned>(c);
  }
}

TEST(Utf8, BrokenSequencesAreNotValid) {
  EXPECT_TRUE(valid_utf8(""));
  for (const char* text : {"\x80", "\xBF", "\xC0\x80", "\xC1\xBF", "\xC3", "\xC3(", "\xE0\x80\x80", "\xE0\x9F\xBF",
                           "\xE2\x82", "\xE2\x82(", "\xF0\x80\x80\x80", "\xF0\x8F\xBF\xBF", "\xF0\x9F\x98",
                           "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\xFE", "\xFF", "good\xC3", "\xC3good"})
    EXPECT_FALSE(valid_utf8(text)) << ::testing::PrintToString(text);
}

RC_GTEST_PROP(Utf8, CuttingACharacterIsSeen, ()) {
  const auto c = static_cast<char32_t>(*rc::gen::inRange<unsigned>(0x10000, 0x110000));
  const auto kept = *rc::gen::inRange<std::size_t>(1, 4);
  RC_ASSERT(!valid_utf8("before" + encoded(c).substr(0, kept)));
  RC_ASSERT(!valid_utf8(encoded(c).substr(0, kept) + "after"));
}

Error refusal(std::string_view text, std::size_t max_bytes) {
  const auto checked = check_text(text, max_bytes, "/name");
  EXPECT_FALSE(checked.has_value()) << text;
  return checked ? Error{} : checked.error();
}

TEST(CheckText, OrdinaryTextsOfAnyScriptPass) {
  for (const char* text : {"Acme", "M\xC3\xBCller & S\xC3\xB6hne", "\xE6\x9D\xB1\xE4\xBA\xAC", "\xF0\x9F\x98\x80",
                           " ", "~", "\xC2\xA0"})
    EXPECT_TRUE(check_text(text, 100, "/name").has_value()) << text;
}

TEST(CheckText, EachFlawIsNamedWithItsField) {
  EXPECT_EQ(refusal("", 10), (Error{Code::kInvalidText, "The text is empty.", "/name"}));
  EXPECT_EQ(refusal("12345678901", 10), (Error{Code::kInvalidText, "The text is longer than 10 bytes.", "/name"}));
  EXPECT_EQ(refusal("a\xFF", 10), (Error{Code::kInvalidText, "The text is not valid UTF-8.", "/name"}));
  EXPECT_EQ(refusal("a\n\xFF", 10), (Error{Code::kInvalidText, "The text is not valid UTF-8.", "/name"}));
  EXPECT_TRUE(check_text("1234567890", 10, "/name").has_value());
}

TEST(CheckText, ControlCharactersAreRefused) {
  for (char32_t c = 0; c < 0x100; ++c) {
    const bool control = c < 0x20 || (c >= 0x7F && c < 0xA0);
    const auto checked = check_text("a" + encoded(c) + "b", 100, "/name");
    ASSERT_EQ(checked.has_value(), !control) << static_cast<unsigned>(c);
    if (control) ASSERT_EQ(checked.error().detail, "The text has control characters.");
  }
}

TEST(CheckText, OptionalTextMayBeEmptyAndNothingElse) {
  EXPECT_TRUE(check_optional_text("", 10, "/note").has_value());
  EXPECT_TRUE(check_optional_text("note", 10, "/note").has_value());
  EXPECT_EQ(check_optional_text("a\tb", 10, "/note").error().pointer, "/note");
  EXPECT_FALSE(check_optional_text("12345678901", 10, "/note").has_value());
}

}  // namespace
}  // namespace billing

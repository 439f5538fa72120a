#include "gateway/api/json_input.h"

#include <gtest/gtest.h>

#include <string>

namespace billing::api {
namespace {

std::string nested(std::size_t levels) { return std::string(levels, '[') + std::string(levels, ']'); }

Error refusal(std::string_view text) {
  JsonParser parser;
  const auto value = parser.parse(text);
  EXPECT_FALSE(value.has_value()) << text.substr(0, 60);
  return value ? Error{} : value.error();
}

TEST(JsonInputTest, ValuesStandInOneArray) {
  JsonParser parser;
  const auto root = parser.parse(R"({"a":[1,true,null,{"b":"\u00e9\n"}],"c":-9223372036854775808,"d":1.5})");
  ASSERT_TRUE(root.has_value());
  EXPECT_EQ(root->size(), 3U);
  const JsonValue a = root->first();
  EXPECT_EQ(a.key(), "a");
  EXPECT_EQ(a.size(), 4U);
  EXPECT_EQ(a.first().integer(), 1);
  EXPECT_TRUE(a.first().next().is(JsonKind::kTrue));
  EXPECT_TRUE(a.first().next().next().is(JsonKind::kNull));
  EXPECT_EQ(a.first().next().next().next().first().text(), "\u00e9\n");
  const JsonValue c = a.next();
  EXPECT_EQ(c.key(), "c");
  EXPECT_EQ(c.integer(), INT64_MIN);
  EXPECT_TRUE(c.next().is(JsonKind::kNumber));
}

TEST(JsonInputTest, SixtyFourLevelsAreRead) {
  JsonParser parser;
  EXPECT_TRUE(parser.parse(nested(64)).has_value());
  EXPECT_EQ(refusal(nested(65)).code, Code::kTooDeep);
  EXPECT_TRUE(parser.parse(std::string(64, '[') + "1" + std::string(64, ']')).has_value());
  EXPECT_EQ(refusal(std::string(65, '[') + "1" + std::string(65, ']')).code, Code::kTooDeep);
}

TEST(JsonInputTest, AQuarterOfAMillionBracketsAreRefusedCleanly) {
  EXPECT_EQ(code_kind(refusal(nested(250'000)).code), ErrorKind::kSyntax);
  EXPECT_EQ(code_kind(refusal(std::string(250'000, '[')).code), ErrorKind::kSyntax);
  std::string objects;
  for (int i = 0; i < 250'000; ++i) objects += R"({"a":)";
  EXPECT_EQ(code_kind(refusal(objects).code), ErrorKind::kSyntax);
}

TEST(JsonInputTest, TheParserWorksOnAfterARefusal) {
  JsonParser parser;
  EXPECT_FALSE(parser.parse(nested(1'000)).has_value());
  EXPECT_FALSE(parser.parse("{\"a\":").has_value());
  EXPECT_TRUE(parser.parse(R"({"a":1})").has_value());
}

TEST(JsonInputTest, WhatIsNotOneJsonTextIsRefused) {
  for (const std::string& text :
       {std::string(), std::string("  "), std::string("{} {}"), std::string("{}x"), std::string("{'a':1}"),
        std::string("[1,]"), std::string("\"\xff\""), std::string("\"\xed\xa0\x80\""), std::string("\"a\0b\"", 5),
        std::string("01"), std::string("1e999"), std::string("\xef\xbb\xbf{}"), std::string("nul")})
    EXPECT_EQ(refusal(text).code, Code::kMalformedBody) << text;
}

TEST(JsonInputTest, AKeyGivenTwiceIsRefusedWithItsPointer) {
  EXPECT_EQ(refusal(R"({"a":1,"a":1})"), (Error{Code::kDuplicateKey, "Each key of an object may be given once.", "/a"}));
  EXPECT_EQ(refusal(R"({"x":[0,{"a/b":1,"\u0061/b":2}]})").pointer, "/x/1/a~1b");
  std::string many = "{";
  for (int i = 0; i < 100; ++i) many += "\"k" + std::to_string(i) + "\":0,";
  EXPECT_EQ(refusal(many + "\"k7\":0}").pointer, "/k7");
  JsonParser parser;
  EXPECT_TRUE(parser.parse(many + "\"k100\":0}").has_value());
  EXPECT_TRUE(parser.parse(R"({"a":{"a":1},"b":[{"a":1},{"a":1}]})").has_value());
}

TEST(JsonInputTest, BadJsonWithAKeyTwiceIsBadJson) {
  EXPECT_EQ(refusal(R"({"a":1,"a":1)").code, Code::kMalformedBody);
}

TEST(JsonInputTest, MembersCanBeAddedToAnObject) {
  JsonParser parser;
  ASSERT_TRUE(parser.parse(R"({"a":{"b":1}})").has_value());
  EXPECT_FALSE(parser.add_member("a", "x"));
  EXPECT_TRUE(parser.add_member("b", "x"));
  EXPECT_FALSE(parser.add_member("b", "y"));
  EXPECT_EQ(parser.root().size(), 2U);
  EXPECT_EQ(parser.root().first().next().text(), "x");
  ASSERT_TRUE(parser.parse("[]").has_value());
  EXPECT_FALSE(parser.add_member("a", "x"));
}

}  // namespace
}  // namespace billing::api

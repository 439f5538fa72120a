#include "ops/import/values.h"

#include <gtest/gtest.h>

namespace billing::import {
namespace {

std::string number(std::string_view text, const FieldSpec& spec = {}) {
  const auto value = normal_decimal(text, spec);
  return value ? *value : "refused";
}

TEST(Values, NumbersComeOutAsTheApiTakesThem) {
  EXPECT_EQ(number("12"), "12");
  EXPECT_EQ(number(" 12.50 "), "12.5");
  EXPECT_EQ(number("12.00"), "12");
  EXPECT_EQ(number("-0.05"), "-0.05");
  EXPECT_EQ(number("007.10"), "7.1");
  EXPECT_EQ(number("00.5"), "0.5");
  EXPECT_EQ(number("-0.00"), "0");
  EXPECT_EQ(number("+3"), "3");
  EXPECT_EQ(number("5-"), "-5");
  EXPECT_EQ(number("(1.5)"), "-1.5");
}

TEST(Values, NumbersOfOtherCountriesAreUnderstood) {
  FieldSpec german;
  german.decimal = ',';
  german.thousands = ".";
  EXPECT_EQ(number("1.234.567,89", german), "1234567.89");
  EXPECT_EQ(number("-12,30", german), "-12.3");
  EXPECT_EQ(number("1,5.0", german), "refused");
}

TEST(Values, SignsAreChangedOnDemand) {
  FieldSpec spec;
  spec.sign = Sign::kNegate;
  EXPECT_EQ(number("-3", spec), "3");
  EXPECT_EQ(number("3", spec), "-3");
  spec.sign = Sign::kAbsolute;
  EXPECT_EQ(number("-3", spec), "3");
}

TEST(Values, WhatIsNoNumberIsRefused) {
  for (const auto* text : {"", "-", "1e3", "1,5", "1.", ".5", "1 000", "0x1", "--1", "(1", "NaN", "1.2.3", "12-3", "-5-"})
    EXPECT_EQ(number(text), "refused") << text;
}

std::string date(std::string_view text, std::string_view pattern) {
  const auto value = parse_date(text, pattern);
  return value ? value->text() : "refused";
}

TEST(Values, DatesAreReadByPattern) {
  EXPECT_EQ(date("2010-12-01", "YYYY-MM-DD"), "2010-12-01");
  EXPECT_EQ(date("2010-12-01 08:26:00", "YYYY-MM-DD*"), "2010-12-01");
  EXPECT_EQ(date("1/5/2012", "M/D/YYYY"), "2012-01-05");
  EXPECT_EQ(date("11/24/2012", "M/D/YYYY"), "2012-11-24");
  EXPECT_EQ(date("24.11.2012", "DD.MM.YYYY"), "2012-11-24");
}

TEST(Values, DatesThatAreNotAreRefused) {
  EXPECT_EQ(date("2011-02-29", "YYYY-MM-DD"), "refused");
  EXPECT_EQ(date("2011-13-01", "YYYY-MM-DD"), "refused");
  EXPECT_EQ(date("2011-1-01", "YYYY-MM-DD"), "refused");
  EXPECT_EQ(date("2011-01-01x", "YYYY-MM-DD"), "refused");
  EXPECT_EQ(date("0000-01-01", "YYYY-MM-DD"), "refused");
}

TEST(Values, TextsLoseLineBreaksAndOuterBlanks) { EXPECT_EQ(clean_text("  a\r\nb\t "), "a  b"); }

TEST(Values, Latin1BecomesUtf8) { EXPECT_EQ(from_latin1("caf\xE9"), "caf\xC3\xA9"); }

}  // namespace
}  // namespace billing::import

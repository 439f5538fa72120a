#include "ops/import/values.h"

#include <gtest/gtest.h>

#include <algorithm>

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
  for (const auto* text : {"", "-", "1e3", "1,5", ".", "1 000", "0x1", "--1", "(1", "1)", "NaN", "1.2.3", "12-3", "-5-", "(-5)",
                           "-(5)", "()", "(5)-", "+-5", "5 5"})
    EXPECT_EQ(number(text), "refused") << text;
}

TEST(Values, ADecimalSignMayStandFirstOrLast) {
  EXPECT_EQ(number(".5"), "0.5");
  EXPECT_EQ(number("5."), "5");
  EXPECT_EQ(number("-.50"), "-0.5");
  EXPECT_EQ(number("5.-"), "-5");
}

// Each pair of signs with what is good and what is not.
TEST(Values, GroupsHaveExactlyThreeDigitsWhateverPartsThem) {
  struct Case {
    char decimal;
    std::string thousands;
  };
  for (const Case& one : {Case{',', "."}, Case{'.', ","}, Case{'.', "'"}, Case{',', " "}, Case{'.', "\u2019"}}) {
    FieldSpec spec;
    spec.decimal = one.decimal;
    spec.thousands = one.thousands;
    const auto read = [&](std::string text) {  // "_" for the thousands' sign, "!" for the decimal one
      for (std::size_t at = 0; (at = text.find('_', at)) != std::string::npos; at += one.thousands.size())
        text.replace(at, 1, one.thousands);
      std::ranges::replace(text, '!', one.decimal);
      return number(text, spec);
    };
    for (const auto& [text, good] : std::initializer_list<std::pair<const char*, const char*>>{
             {"1_234", "1234"}, {"1234", "1234"}, {"12_345!6", "12345.6"}, {"123_456_789!01", "123456789.01"}, {"-1_000", "-1000"},
             {"0_001", "1"}, {"999!_", "refused"}, {"1_2", "refused"}, {"12_50", "refused"}, {"110_7", "refused"},
             {"1_5!00", "refused"}, {"0_0_66962", "refused"}, {"1_2345", "refused"}, {"1234_567", "refused"}, {"1__234", "refused"},
             {"_123", "refused"}, {"1_234_", "refused"}, {"1_234_56", "refused"}, {"1!234_567", "refused"}, {"_", "refused"}})
      if (const std::string_view t = text; one.thousands == " " && (t.starts_with('_') || t.ends_with('_'))) {
        continue;  // blanks around a number are none of it
      } else {
        EXPECT_EQ(read(text), good) << text << " with thousands " << one.thousands;
      }
  }
}

TEST(Values, ABlankThatDoesNotBreakIsABlank) {
  FieldSpec french;
  french.decimal = ',';
  french.thousands = " ";
  EXPECT_EQ(number("1\u202F234,50", french), "1234.5");
  EXPECT_EQ(number("1\u00A0234,50\u00A0", french), "1234.5");
}

std::string money(std::string_view text, std::string_view code = "USD") {
  FieldSpec spec;
  spec.thousands = ",";
  const auto value = normal_decimal(text, spec, *Currency::parse(code));
  return value ? *value : std::string(code_text(value.error().code));
}

TEST(Values, ACurrencyStandsInFrontOrBehindOnce) {
  for (const auto& [text, good] : std::initializer_list<std::pair<const char*, const char*>>{
           {"$13.50 ", "13.5"}, {"$1,026.67 ", "1026.67"}, {"($400.00)", "-400"}, {"$(400.00)", "-400"}, {"(400.00) USD", "-400"},
           {"-$5", "-5"}, {"$-5", "-5"}, {"$5-", "-5"}, {"5- $", "-5"}, {"5 $", "5"}, {"USD 5", "5"}, {"USD5", "5"}, {"5USD", "5"},
           {"US$ 5", "5"}, {"\u2212$5", "-5"}, {"+$5", "5"}, {"$.5", "0.5"}, {"5", "5"}})
    EXPECT_EQ(money(text), good) << text;
  for (const auto* text : {"$", "$$5", "$5 USD", "USD", "$5$", "usd 5", "5 dollars", "$5x", "XXX 5", "5 %", "($5", "$ -", "-$-5", "1$5"})
    EXPECT_EQ(money(text), "invalid-amount") << text;
}

TEST(Values, AnotherCurrencysSignIsNeverTakenForOurs) {
  EXPECT_EQ(money("\u20AC5"), "currency-mismatch");
  EXPECT_EQ(money("5 EUR"), "currency-mismatch");
  EXPECT_EQ(money("$5", "EUR"), "currency-mismatch");
  EXPECT_EQ(money("C$5", "USD"), "currency-mismatch");
  EXPECT_EQ(money("\u20AC5", "EUR"), "5");
  EXPECT_EQ(money("$5", "CAD"), "5");
  EXPECT_EQ(money("\u00A55", "JPY"), "5");
  EXPECT_EQ(number("$5"), "refused");  // of a number that is no amount
}

TEST(Values, RatesAreFractionsOrPerCent) {
  const auto rate = [](std::string_view text, bool percent = false) {
    FieldSpec spec;
    spec.percent = percent;
    const auto value = normal_rate(text, spec);
    return value ? *value : "refused";
  };
  EXPECT_EQ(rate("0.19"), "0.19");
  EXPECT_EQ(rate("19%"), "0.19");
  EXPECT_EQ(rate("7.5 %"), "0.075");
  EXPECT_EQ(rate("19", true), "0.19");
  EXPECT_EQ(rate("19%", true), "0.19");
  EXPECT_EQ(rate("119", true), "1.19");
  EXPECT_EQ(rate("0.5", true), "0.005");
  EXPECT_EQ(rate("0", true), "0");
  EXPECT_EQ(rate("-8", true), "-0.08");
  EXPECT_EQ(rate("19%%"), "refused");
  EXPECT_EQ(rate("%"), "refused");
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

TEST(Values, MonthsHaveNamesAndYearsTwoDigits) {
  EXPECT_EQ(date("Jan 28 2021", "MMM D YYYY"), "2021-01-28");
  EXPECT_EQ(date("january 28, 2021", "MMM D, YYYY"), "2021-01-28");
  EXPECT_EQ(date("1-JUN-20", "D-MMM-YY"), "2020-06-01");
  EXPECT_EQ(date("1 June 20", "D MMM YY"), "2020-06-01");
  EXPECT_EQ(date("24.11.12", "DD.MM.YY"), "2012-11-24");
  EXPECT_EQ(date("24.11.68", "DD.MM.YY"), "2068-11-24");
  EXPECT_EQ(date("24.11.69", "DD.MM.YY"), "1969-11-24");
  EXPECT_EQ(date("24.11.2012", "DD.MM.YY"), "refused");
  EXPECT_EQ(date("24.11.12", "DD.MM.YYYY"), "refused");
  EXPECT_EQ(date("Foo 28 2021", "MMM D YYYY"), "refused");
  EXPECT_EQ(date("Feb 29 2021", "MMM D YYYY"), "refused");
  const std::vector<std::string> french{"janv.", "févr.", "mars", "avril", "mai", "juin", "juil.", "août", "sept.", "oct.", "nov.", "déc."};
  const auto value = parse_date("3 févr. 2021", "D MMM YYYY", french);
  ASSERT_TRUE(value);
  EXPECT_EQ(value->text(), "2021-02-03");
  EXPECT_FALSE(parse_date("3 February 2021", "D MMM YYYY", french));
}

}  // namespace
}  // namespace billing::import

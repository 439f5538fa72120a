#include "ledger/base/currency.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <string>
#include <vector>

namespace billing {
namespace {

TEST(Currency, KnownCodesHaveTheirMinorUnit) {
  const std::map<std::string, int> expected = {{"AED", 2}, {"USD", 2}, {"JPY", 0}, {"KWD", 3}, {"CLF", 4}, {"ZWG", 2}};
  for (const auto& [code, exponent] : expected) {
    const auto currency = Currency::parse(code);
    ASSERT_TRUE(currency.has_value()) << code;
    EXPECT_EQ(currency->code(), code);
    EXPECT_EQ(currency->exponent(), exponent) << code;
    EXPECT_TRUE(currency->valid());
  }
  EXPECT_EQ(Currency::parse("JPY")->scale(), 1);
  EXPECT_EQ(Currency::parse("EUR")->scale(), 100);
  EXPECT_EQ(Currency::parse("KWD")->scale(), 1'000);
  EXPECT_EQ(Currency::parse("UYW")->scale(), 10'000);
}

TEST(Currency, DefaultIsNoCurrency) {
  const Currency none;
  EXPECT_FALSE(none.valid());
  EXPECT_EQ(none.code(), "XXX");
  EXPECT_EQ(none.scale(), 1);
}

TEST(Currency, CodesWithoutMinorUnitAreRefusedAsSuch) {
  for (const char* code : {"XXX", "XAU", "XDR", "XTS", "XUA", "XSU"})
    EXPECT_EQ(Currency::parse(code).error().code, Code::kCurrencyWithoutMinorUnit) << code;
}

TEST(Currency, OtherTextsAreUnknown) {
  for (const std::string& code : std::vector<std::string>{"", "U", "US", "USDX", "usd", "Usd", "US ", " USD", "ZZZ",
                                                          "AAA", "DEM", "840", std::string("USD\0", 4), "\xFFSD"})
    EXPECT_EQ(Currency::parse(code).error().code, Code::kUnknownCurrency) << code;
}

// Splits one line of CSV; a field in quotation marks may hold commas and doubled quotation marks.
std::vector<std::string> fields_of(const std::string& line) {
  std::vector<std::string> fields(1);
  bool quoted = false;
  for (const char c : line) {
    if (c == '"') quoted = !quoted;
    else if (c == ',' && !quoted) fields.emplace_back();
    else if (c != '\r') fields.back() += c;
  }
  return fields;
}

std::filesystem::path data_file() {
  const char* root = std::getenv("BILLING_TEST_DATA");
  const std::filesystem::path data = root != nullptr ? root : BILLING_SOURCE_DIR "/../shared/data";
  return data / "iso4217" / "codes-all.csv";
}

TEST(Currency, TableIsThePublishedList) {
  std::ifstream file(data_file());
  if (!file) GTEST_SKIP() << "no " << data_file();
  std::map<std::string, std::string> active;
  std::string line;
  std::getline(file, line);
  ASSERT_EQ(line.substr(0, line.find('\r')), "Entity,Currency,AlphabeticCode,NumericCode,MinorUnit,WithdrawalDate");
  while (std::getline(file, line)) {
    const auto fields = fields_of(line);
    ASSERT_EQ(fields.size(), 6U) << line;
    if (!fields[2].empty() && fields[5].empty()) active[fields[2]] = fields[4];
  }
  ASSERT_GT(active.size(), 150U);
  // Every code that three letters can spell, so that neither side may have one more.
  for (char a = 'A'; a <= 'Z'; ++a)
    for (char b = 'A'; b <= 'Z'; ++b)
      for (char c = 'A'; c <= 'Z'; ++c) {
        const std::string code = {a, b, c};
        const auto currency = Currency::parse(code);
        const auto row = active.find(code);
        if (row == active.end()) {
          ASSERT_FALSE(currency.has_value()) << code;
          ASSERT_EQ(currency.error().code, Code::kUnknownCurrency) << code;
        } else if (row->second == "-") {
          ASSERT_FALSE(currency.has_value()) << code;
          ASSERT_EQ(currency.error().code, Code::kCurrencyWithoutMinorUnit) << code;
        } else {
          ASSERT_TRUE(currency.has_value()) << code;
          ASSERT_EQ(std::to_string(currency->exponent()), row->second) << code;
        }
      }
}

}  // namespace
}  // namespace billing

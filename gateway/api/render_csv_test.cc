#include "gateway/api/render_csv.h"

#include <gtest/gtest.h>

namespace billing::api {
namespace {

std::string cell(std::string_view text) {
  std::string out;
  Csv csv(out);
  csv.text(text);
  return out;
}

TEST(CsvTest, TextThatASpreadsheetWouldRunGetsAnApostrophe) {
  EXPECT_EQ(cell("=1+1"), "'=1+1");
  EXPECT_EQ(cell("+1"), "'+1");
  EXPECT_EQ(cell("-1"), "'-1");
  EXPECT_EQ(cell("@SUM(A1)"), "'@SUM(A1)");
  EXPECT_EQ(cell("\t=1"), "'\t=1");
  EXPECT_EQ(cell("\r=1"), "\"'\r=1\"");
  EXPECT_EQ(cell("=HYPERLINK(\"x\",\"y\")"), "\"'=HYPERLINK(\"\"x\"\",\"\"y\"\")\"");
  for (const char* text : {"\uFF1D1+1", "\uFF0B1", "\uFF0D1", "\uFF20SUM(A1)", "  =1", "\u00A0=1", "\u3000\uFF1D1", "\uFEFF@x", " \t-1"}) {
    EXPECT_EQ(cell(text), "'" + std::string(text));
  }
  EXPECT_EQ(cell("a=b"), "a=b");
  EXPECT_EQ(cell("  a"), "  a");
  EXPECT_EQ(cell(""), "");
}

TEST(CsvTest, QuotesAreDoubledAndSeparatorsQuoted) {
  EXPECT_EQ(cell("a,b"), "\"a,b\"");
  EXPECT_EQ(cell("a\"b"), "\"a\"\"b\"");
  EXPECT_EQ(cell("a\nb"), "\"a\nb\"");
}

TEST(CsvTest, AmountsKeepTheirSign) {
  std::string out;
  Csv csv(out);
  csv.amount(-5, *Currency::parse("USD"));
  csv.amount(1'000, *Currency::parse("JPY"));
  csv.number(7);
  csv.end_row();
  csv.plain("x");
  csv.end_row();
  EXPECT_EQ(out, "-0.05,1000,7\r\nx\r\n");
}

}  // namespace
}  // namespace billing::api

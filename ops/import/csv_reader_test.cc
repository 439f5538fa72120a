#include "ops/import/csv_reader.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>

namespace billing::import {
namespace {

// Gives `text` in pieces of `piece` bytes.
ReadBytes from(std::string text, std::size_t piece = 1'000'000) {
  return [text = std::move(text), piece, at = std::size_t{0}](char* into, std::size_t max) mutable -> Result<std::size_t> {
    const std::size_t n = std::min({max, piece, text.size() - at});
    text.copy(into, n, at);
    at += n;
    return n;
  };
}

using Table = std::vector<std::vector<std::string>>;

Table read_all(ReadBytes read, CsvOptions options = {}) {
  CsvReader reader(std::move(read), options);
  CsvRecord record;
  Table table;
  for (;;) {
    const auto any = reader.next(record);
    EXPECT_TRUE(any.has_value()) << any.error().detail;
    if (!any || !*any) return table;
    EXPECT_EQ(record.problem, "");
    table.push_back(record.fields);
  }
}

TEST(CsvReader, ReadsTheCasesOfRfc4180) {
  EXPECT_EQ(read_all(from("a,b\r\n1,2\r\n")), (Table{{"a", "b"}, {"1", "2"}}));
  EXPECT_EQ(read_all(from("a,b\n1,2")), (Table{{"a", "b"}, {"1", "2"}}));
  EXPECT_EQ(read_all(from("\"a,\"\"b\"\"\",\"c\r\nd\"\r\n")), (Table{{"a,\"b\"", "c\r\nd"}}));
  EXPECT_EQ(read_all(from("a,,\n,,\n")), (Table{{"a", "", ""}, {"", "", ""}}));
  EXPECT_EQ(read_all(from("\"\"\n")), (Table{{""}}));
  EXPECT_EQ(read_all(from("")), Table{});
}

TEST(CsvReader, LeavesOutBlankLines) {
  EXPECT_EQ(read_all(from("key,n\n\n\r\n1,2\n", 1)), (Table{{"key", "n"}, {"1", "2"}}));
  EXPECT_EQ(read_all(from("\"\"")), (Table{{""}}));  // an empty field in quotes is a field
}

TEST(CsvReader, LinesEndWithLfCrlfOrCr) {
  for (const std::string end : {"\n", "\r\n", "\r"}) {
    const std::string text = "a,b" + end + end + "1,\"x" + end + "y\"" + end + "\"2\",z" + end + "3,";
    for (const std::size_t piece : {1U, 2U, 3U, 1'000U}) {
      CsvReader reader(from(text, piece));
      CsvRecord record;
      std::vector<std::uint64_t> lines;
      Table table;
      while (*reader.next(record)) {
        table.push_back(record.fields);
        lines.push_back(record.line);
      }
      EXPECT_EQ(table, (Table{{"a", "b"}, {"1", "x" + end + "y"}, {"2", "z"}, {"3", ""}})) << piece;
      EXPECT_EQ(lines, (std::vector<std::uint64_t>{1, 3, 5, 6})) << piece;
    }
  }
}

TEST(CsvReader, SkipsLinesWhateverIsInThem) {
  for (const std::string end : {"\n", "\r\n", "\r"}) {
    const std::string text = "Report of \"May" + end + end + "a,b" + end + "1,2" + end;
    CsvReader reader(from(text, 1), {.skip_lines = 2});
    CsvRecord record;
    ASSERT_TRUE(*reader.next(record));
    EXPECT_EQ(record.fields, (std::vector<std::string>{"a", "b"}));
    EXPECT_EQ(record.line, 3U);
  }
  EXPECT_EQ(read_all(from("a\n"), {.skip_lines = 7}), Table{});
}

TEST(CsvReader, TakesAQuoteInsideAnUnquotedFieldAsItIs) {
  EXPECT_EQ(read_all(from("5\" disc,x\n")), (Table{{"5\" disc", "x"}}));
}

TEST(CsvReader, SpoilsOnlyTheRecordWithTextAfterAClosingQuote) {
  CsvReader reader(from("a\n\"x\"y,1\nz\n"));
  CsvRecord record;
  ASSERT_TRUE(*reader.next(record));
  ASSERT_TRUE(*reader.next(record));
  EXPECT_NE(record.problem, "");
  EXPECT_EQ(record.line, 2U);
  ASSERT_TRUE(*reader.next(record));
  EXPECT_EQ(record.problem, "");
  EXPECT_EQ(record.fields, std::vector<std::string>{"z"});
}

TEST(CsvReader, RefusesAFileThatEndsInsideQuotes) {
  CsvReader reader(from("a\n1\n\"never closed\n2\n"));
  CsvRecord record;
  ASSERT_TRUE(*reader.next(record));
  ASSERT_TRUE(*reader.next(record));
  const auto end = reader.next(record);
  ASSERT_FALSE(end);
  EXPECT_NE(end.error().detail.find("line 3"), std::string::npos);
}

TEST(CsvReader, HoldsNoMoreThanARecordMayBe) {
  CsvReader reader(from(std::string(5'000, 'x') + "\nok\n"), {.record_bytes_max = 1'000});
  CsvRecord record;
  ASSERT_TRUE(*reader.next(record));
  EXPECT_NE(record.problem, "");
  ASSERT_TRUE(*reader.next(record));
  EXPECT_EQ(record.fields, std::vector<std::string>{"ok"});
}

RC_GTEST_PROP(CsvReader, ReadsWhatAppendCsvFieldWrote, ()) {
  const auto width = *rc::gen::inRange<std::size_t>(2, 5);
  const std::string end = *rc::gen::element<std::string>("\n", "\r\n", "\r");
  const auto field = rc::gen::container<std::string>(rc::gen::elementOf(std::string("ab,\"\r\n; \xC3\xA9")));
  const auto table =
      *rc::gen::container<Table>(rc::gen::container<std::vector<std::string>>(width, field));
  std::string text;
  std::size_t lines = 1;
  for (const auto& row : table) {
    for (std::size_t i = 0; i < row.size(); ++i) {
      if (i > 0) text += ',';
      append_csv_field(text, row[i]);
    }
    text += end;
  }
  lines += static_cast<std::size_t>(std::ranges::count(text, '\n'));
  RC_LOG() << lines << " lines: " << text;
  RC_ASSERT(read_all(from(text, *rc::gen::inRange<std::size_t>(1, 20))) == table);
}

}  // namespace
}  // namespace billing::import

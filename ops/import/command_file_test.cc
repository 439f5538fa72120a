#include "ops/import/command_file.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <vector>

#include "ops/import/refused.h"

namespace billing::import {
namespace {

std::string file_with(std::string_view text) {
  const std::string path = testing::TempDir() + std::to_string(::getpid()) + "-commands.ndjson";
  EXPECT_TRUE(replace_text(path, text));
  return path;
}

std::vector<Item> read_all(CommandFile& file) {
  std::vector<Item> items;
  for (;;) {
    auto item = file.next();
    EXPECT_TRUE(item.has_value());
    if (!item || !*item) return items;
    items.push_back(std::move(**item));
  }
}

TEST(CommandFile, CountsBlankLinesButDoesNotGiveThem) {
  auto file = CommandFile::open(file_with("{\"id\":\"a\"}\n\n  \r\n{\"id\":\"b\"}\r\n{\"id\":\"c\"}"), FileForm::kNdjson);
  ASSERT_TRUE(file);
  const auto items = read_all(*file);
  ASSERT_EQ(items.size(), 3U);
  EXPECT_EQ(items[1].text, "{\"id\":\"b\"}");
  EXPECT_EQ(items[1].id, "b");
  EXPECT_EQ(items[1].line, 4U);
  EXPECT_EQ(items[2].line, 5U);
}

TEST(CommandFile, GoesOnFromAnyItem) {
  std::string text;
  for (int i = 0; i < 1'000; ++i) text += "{\"id\":\"" + std::to_string(i) + "\"}\n";
  auto file = CommandFile::open(file_with(text), FileForm::kNdjson);
  const auto items = read_all(*file);
  ASSERT_TRUE(file->seek(items[499].end_offset, items[499].file_line + 1));
  const auto rest = read_all(*file);
  ASSERT_EQ(rest.size(), 500U);
  EXPECT_EQ(rest[0].id, "500");
  EXPECT_EQ(rest[0].line, 501U);
}

TEST(CommandFile, LinesThatAreTooLongAreRefusedWithoutTheirText) {
  auto file = CommandFile::open(file_with(std::string(3U << 20U, 'x') + "\n{\"id\":\"b\"}\n"), FileForm::kNdjson);
  const auto items = read_all(*file);
  ASSERT_EQ(items.size(), 2U);
  ASSERT_TRUE(items[0].refusal);
  EXPECT_EQ(items[0].refusal->code, "line-too-long");
  EXPECT_EQ(items[0].text, "");
  EXPECT_EQ(items[1].id, "b");
}

TEST(CommandFile, ConvertedRowsKeepTheirLinesAndRefusals) {
  const Error error{Code::kInvalidDate, "a\tb", {}};
  auto file = CommandFile::open(
      file_with(converted_line(7, {Kind::kPayments, {1, -250}}, R"({"id":"x-1","command":"c","body":{}})") +
                converted_refusal(9, {Kind::kInvoices, {3, 12}}, "x-2", error)),
      FileForm::kConverted);
  const auto items = read_all(*file);
  ASSERT_EQ(items.size(), 2U);
  EXPECT_EQ(items[0].line, 7U);
  EXPECT_EQ(items[0].id, "x-1");
  EXPECT_EQ(items[0].file_line, 1U);
  EXPECT_EQ(items[0].portion, (Portion{Kind::kPayments, {1, -250}}));
  EXPECT_EQ(items[1].portion, (Portion{Kind::kInvoices, {3, 12}}));
  EXPECT_EQ(items[1].line, 9U);
  EXPECT_EQ(items[1].id, "x-2");
  EXPECT_EQ(items[1].refusal->code, "invalid-date");
  EXPECT_EQ(items[1].refusal->detail, "a b");
}

Item item(std::uint64_t line, std::string_view id) {
  Item out;
  out.line = line;
  out.id = id;
  return out;
}

TEST(RefusedFile, GoesBackToWhatTheStateKnows) {
  const std::string path = testing::TempDir() + std::to_string(::getpid()) + "-x.refused.csv";
  std::uint64_t known = 0;
  {
    auto refused = RefusedFile::open(path, FileForm::kConverted, 0);
    ASSERT_TRUE(refused->add(item(2, "id-1"), {"invalid-date", "no, \"date\""}));
    ASSERT_TRUE(refused->sync());
    known = refused->bytes();
    ASSERT_TRUE(refused->add(item(3, "id-2"), {"invalid-date", "x"}));
    ASSERT_TRUE(refused->sync());
  }
  auto refused = RefusedFile::open(path, FileForm::kConverted, known);
  ASSERT_TRUE(refused->add(item(3, "id-2"), {"invalid-date", "x"}));
  ASSERT_TRUE(refused->sync());
  EXPECT_EQ(*read_text(path, 1'000),
            "line,command_id,code,reason\n2,id-1,invalid-date,\"no, \"\"date\"\"\"\n3,id-2,invalid-date,x\n");
}

}  // namespace
}  // namespace billing::import

#include "ops/import/mapping.h"

#include <gtest/gtest.h>

namespace billing::import {
namespace {

std::string problem(std::string_view text) {
  const auto mapping = parse_mapping(text, "dir");
  return mapping ? "" : mapping.error().detail;
}

TEST(Mapping, ReadsEverythingThatItMayHold) {
  const auto mapping = parse_mapping(R"(
name = "m"
currency = "EUR"
[customer]
key = "c"
name = "C"
[[account]]
key = "root"
opened_on = "2020-01-01"
role = "owner"
[[step]]
kind = "credit_notes"
file = "x.csv"
delimiter = ";"
encoding = "latin-1"
where = [{ column = "No", starts_with = "C" }]
[step.fields]
key = "No"
account = { columns = ["A", "B"], strip = ".0", empty = "cash", join = "-" }
date = { column = "D", date = "DD.MM.YYYY" }
[step.line]
quantity = { column = "Q", sign = "negate", decimal = ",", thousands = "." }
)", "dir");
  ASSERT_TRUE(mapping) << mapping.error().detail;
  EXPECT_TRUE(mapping->make_customer);
  EXPECT_EQ(mapping->accounts[0].key + mapping->accounts[0].role, "rootowner");
  const Step& step = mapping->steps[0];
  EXPECT_EQ(step.kind, Kind::kCreditNotes);
  EXPECT_EQ(step.file, "dir/x.csv");
  EXPECT_EQ(step.encoding, Encoding::kWindows1252);
  EXPECT_EQ(step.where[0].test, Comparison::kStartsWith);
  EXPECT_EQ(step.fields.find("account")->second.columns.size(), 2U);
  EXPECT_EQ(step.line.find("quantity")->second.sign, Sign::kNegate);
  EXPECT_EQ(step.line.find("quantity")->second.decimal, ',');
}

TEST(Mapping, SaysHowTheFileIsWrittenAndWhatItMayIgnore) {
  const auto mapping = parse_mapping(R"(
[[step]]
kind = "payments"
skip_lines = 3
columns = ["Nr", "Day", "Sum"]
ignore = ["Notes", "Custom *"]
[step.fields]
key = "Nr"
received_on = { column = "Day", date = "D MMM YYYY", months = ["jan", "fév", "mar", "avr", "mai", "juin", "juil", "aoû", "sep", "oct", "nov", "déc"] }
account = { ignore = ["missing", "empty"] }
amount = { column = "Sum", thousands = "'" }
reference = { column = "Text", ignore = "differing" }
method = { constant = "cash" }
)", "dir");
  ASSERT_TRUE(mapping) << mapping.error().detail;
  const Step& step = mapping->steps[0];
  EXPECT_EQ(step.skip_lines, 3U);
  EXPECT_EQ(step.columns.size(), 3U);
  EXPECT_EQ(step.ignore[1], "Custom *");
  EXPECT_EQ(step.fields.find("received_on")->second.months[1], "fév");
  EXPECT_TRUE(step.fields.find("account")->second.ignore.missing && step.fields.find("account")->second.ignore.empty);
  EXPECT_TRUE(step.fields.find("reference")->second.ignore.differing);
  EXPECT_FALSE(step.fields.find("amount")->second.ignore.differing);
}

TEST(Mapping, NamedLayoutsOfDatesArePatterns) {
  for (const auto& [name, pattern] : {std::pair{"iso", "YYYY-MM-DD"}, std::pair{"us", "M/D/YYYY"},
                                      std::pair{"british", "D/M/YYYY"}, std::pair{"german", "D.M.YYYY"}}) {
    const auto mapping = parse_mapping(std::string("[[step]]\nkind = \"payments\"\nfields.received_on = { column = \"d\", date = \"") +
                                           name + "\" }\n", "dir");
    ASSERT_TRUE(mapping) << mapping.error().detail;
    EXPECT_EQ(mapping->steps[0].fields.find("received_on")->second.date, pattern);
  }
}

TEST(Mapping, WhatCouldBeReadInTwoWaysIsRefused) {
  const auto field = [](std::string_view text) {
    return problem("[[step]]\nkind = \"payments\"\nfields.amount = { column = \"a\", " + std::string(text) + " }\n");
  };
  for (const auto* text : {"decimal = \",\", thousands = \",\"", "thousands = \".\"", "thousands = \"3\"", "decimal = \"-\"",
                           "date = \"YYYY-MM\"", "date = \"DD.DD.YYYY\"", "date = \"french\"", "months = [\"a\"]",
                           "ignore = \"all\""})
    EXPECT_NE(field(text), "") << text;
  EXPECT_NE(problem("[[step]]\nkind = \"payments\"\nencoding = \"ebcdic\"\n").find("'encoding' is"), std::string::npos);
  EXPECT_NE(problem("[[step]]\nkind = \"payments\"\nskip_lines = -1\n"), "");
}

TEST(Mapping, SaysWhereAWordIsWrong) {
  EXPECT_NE(problem("name = \"m\"\ncurency = \"EUR\"\n").find("line 2: 'curency' is not known"), std::string::npos);
  EXPECT_NE(problem("[[step]]\nkind = \"bills\"\n").find("a kind is"), std::string::npos);
  EXPECT_NE(problem("[[step]]\nkind = \"accounts\"\n[step.fields]\nnmae = \"x\"\n").find("no field 'nmae'"), std::string::npos);
  EXPECT_NE(problem("[[step]]\nkind = \"accounts\"\n[step.line]\nquantity = \"x\"\n"), "");
  EXPECT_NE(problem("name = [").find("line 1"), std::string::npos);
  EXPECT_NE(problem("[[step]]\nkind=\"accounts\"\nfields.key = { column = \"a\", constant = \"b\" }\n"), "");
}

}  // namespace
}  // namespace billing::import

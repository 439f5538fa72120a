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
  EXPECT_TRUE(step.latin1);
  EXPECT_EQ(step.where[0].test, Comparison::kStartsWith);
  EXPECT_EQ(step.fields.find("account")->second.columns.size(), 2U);
  EXPECT_EQ(step.line.find("quantity")->second.sign, Sign::kNegate);
  EXPECT_EQ(step.line.find("quantity")->second.decimal, ',');
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

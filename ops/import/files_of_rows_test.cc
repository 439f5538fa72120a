// Files that are read or refused, never guessed: columns, dates, rows that disagree, what is written how.
#include "ops/import/convert_testing.h"

namespace billing::import {
namespace {

using test::mapping_of;
using test::of;
using test::read_text_as;

// Why no row of the file is sent; empty when it is read.
std::string refused(const Mapping& mapping, std::string_view csv) { return read_text_as(mapping, csv).error; }

// Why the only object of the file is refused; empty when it is read.
std::string row_refused(const Mapping& mapping, std::string_view csv) {
  const auto read = read_text_as(mapping, csv);
  EXPECT_EQ(read.error, "");
  return read.refusals.empty() ? "" : read.refusals.back();
}

bool says(std::string_view text, std::string_view part) { return text.find(part) != std::string_view::npos; }

TEST(FilesOfRows, AColumnThatNoFieldTakesRefusesTheFile) {
  struct Case {
    Kind kind;
    std::string_view csv;
    std::string_view column;
  };
  for (const Case& one : {
           Case{Kind::kInvoices, "number,account_key,date,amount,due_dat\n1,A,2024-01-02,5,2024-01-09\n", "'due_dat'"},
           Case{Kind::kInvoices, "number,account_key,date,amount,taxrate\n1,A,2024-01-02,5,0.19\n", "'taxrate'"},
           Case{Kind::kInvoices, "number,account_key,date,amount,Date\n1,A,2024-01-02,5,x\n", "'Date'"},
           Case{Kind::kPayments, "key,account_key,amount,received_on,invoce_key\np,A,5,2024-01-02,1\n", "'invoce_key'"},
           Case{Kind::kPayments, "key,account_key,amount,received_on,date\np,A,5,2024-01-02,2024-01-03\n", "'date'"},
           Case{Kind::kAccounts, "key,parent_key,Name\nA,,x\n", "'Name'"},
           Case{Kind::kRefunds, "key,payment_key,amount,date,fee\nr,p,5,2024-01-02,1\n", "'fee'"},
           Case{Kind::kUsers, "key,role,name,email,mobile\nu,payer,x,a@b.example,1\n", "'mobile'"},
       }) {
    const std::string problem = refused(of(one.kind), one.csv);
    EXPECT_TRUE(says(problem, "that no field takes") && says(problem, one.column)) << problem;
    Mapping mapping = of(one.kind);
    mapping.steps[0].ignore.emplace_back(one.column.substr(1, one.column.size() - 2));
    EXPECT_EQ(refused(mapping, one.csv), "") << one.csv;
  }
}

TEST(FilesOfRows, SeveralUnreadColumnsAreNamedTogether) {
  const std::string problem = refused(of(Kind::kAccounts), "key,a,b,c,d,e,f,g\nA,1,2,3,4,5,6,7\n");
  EXPECT_TRUE(says(problem, "'a', 'b', 'c', 'd', 'e' and 2 more")) << problem;
  Mapping mapping = of(Kind::kAccounts);
  mapping.steps[0].ignore = {"*"};
  EXPECT_EQ(refused(mapping, "key,a,b,c,d,e,f,g\nA,1,2,3,4,5,6,7\n"), "");
}

TEST(FilesOfRows, AColumnOfAnotherStepOfTheSameFileIsRead) {
  const Mapping mapping = mapping_of(R"(
[[step]]
kind = "accounts"
distinct = true
[step.fields]
key = "who"
[[step]]
kind = "payments"
[step.fields]
key = "nr"
account = "who"
received_on = "day"
)");
  EXPECT_EQ(refused(mapping, "nr,who,day,amount\n1,A,2024-01-02,5\n"), "");
  EXPECT_TRUE(says(refused(mapping, "nr,who,day,amount,x\n1,A,2024-01-02,5,\n"), "'x'"));
}

TEST(FilesOfRows, AColumnThatIsThereTwiceRefusesTheFile) {
  const std::string csv = "key,account_key,amount,received_on,amount\np,A,10.00,2024-01-02,99.00\n";
  EXPECT_TRUE(says(refused(of(Kind::kPayments), csv), "the column 'amount' is there twice"));
  Mapping mapping = of(Kind::kPayments);
  mapping.steps[0].ignore = {"amount"};  // it is taken all the same
  EXPECT_TRUE(says(refused(mapping, csv), "the column 'amount' is there twice"));
  const std::string notes = "key,account_key,amount,received_on,note,note\np,A,10.00,2024-01-02,x,y\n";
  EXPECT_TRUE(says(refused(of(Kind::kPayments), notes), "the column 'note' is there twice"));
  mapping.steps[0].ignore = {"note"};
  EXPECT_EQ(refused(mapping, notes), "");
}

TEST(FilesOfRows, AColumnWithoutANameMayOnlyBeEmpty) {
  EXPECT_EQ(row_refused(of(Kind::kAccounts), "key,name,,\nA,x,,\n"), "");
  EXPECT_TRUE(says(row_refused(of(Kind::kAccounts), "key,name,,\nA,x,,y\n"), "column 4 has no name and says 'y'"));
}

TEST(FilesOfRows, AWrongDelimiterIsAskedFor) {
  EXPECT_TRUE(says(refused(of(Kind::kPayments), "key;account_key;amount;received_on\np;A;5;2024-01-02\n"), "is the delimiter ';'?"));
}

TEST(FilesOfRows, AnEmptyDateIsNotTodays) {
  struct Case {
    Kind kind;
    std::string_view columns, good, empty, field;
  };
  for (const Case& one : {
           Case{Kind::kInvoices, "number,account_key,amount,date", "1,A,5,2024-01-02", "1,A,5,", "date"},
           Case{Kind::kCreditNotes, "number,account_key,amount,date", "1,A,5,2024-01-02", "1,A,5, ", "date"},
           Case{Kind::kPayments, "key,account_key,amount,received_on", "p,A,5,2024-01-02", "p,A,5,", "received_on"},
           Case{Kind::kDeposits, "key,account_key,amount,received_on", "p,A,5,2024-01-02", "p,A,5,", "received_on"},
           Case{Kind::kRefunds, "key,payment_key,amount,refunded_on", "r,p,5,2024-01-02", "r,p,5,", "refunded_on"},
           Case{Kind::kChargebacks, "key,payment_key,amount,code,opened_on", "r,p,5,4853,2024-01-02", "r,p,5,4853,", "opened_on"},
           Case{Kind::kDisputes, "key,invoice_key,opened_on", "d,1,2024-01-02", "d,1,", "opened_on"},
           Case{Kind::kAccounts, "key,opened_on", "A,2024-01-02", "A,", "opened_on"},
       }) {
    const std::string head = std::string(one.columns) + "\n";
    EXPECT_EQ(row_refused(of(one.kind), head + std::string(one.good) + "\n"), "");
    EXPECT_EQ(row_refused(of(one.kind), head + std::string(one.empty) + "\n"),
              "missing-field: " + std::string(one.field) + ": the row does not say it");
    const std::string without = head.substr(0, head.rfind(',')) + "\n";
    const std::string row(one.good.substr(0, one.good.rfind(',')));
    EXPECT_EQ(row_refused(of(one.kind), without + row + "\n"), "");  // a file without dates is of today
    Mapping mapping = of(one.kind);
    FieldSpec& spec = mapping.steps[0].fields[std::string(one.field)];
    spec.ignore.empty = true;
    spec.columns = {std::string(one.field)};
    EXPECT_EQ(row_refused(mapping, head + std::string(one.empty) + "\n"), "");
  }
}

TEST(FilesOfRows, RowsOfOneDocumentAgreeInAllButTheirLines) {
  struct Case {
    std::string_view column, first, second;
  };
  for (const Case& one : {Case{"account_key", "A", "B"}, Case{"date", "2024-01-02", "2024-01-03"}, Case{"due_date", "2024-02-01", "2024-02-02"},
                          Case{"due_date", "2024-02-01", ""}, Case{"due_date", "", "2024-02-01"}, Case{"purchase_order", "1", "2"},
                          Case{"memo", "x", "y"}, Case{"external_id", "x", "y"}, Case{"total", "3", "4"}}) {
    std::string head = "number,amount";
    std::string rows[2]{"1,1", "1,2"};
    for (const auto& [column, value] : {std::pair{"account_key", "A"}, std::pair{"date", "2024-01-02"}}) {
      if (one.column == column) continue;
      head.append(",").append(column);
      for (std::string& row : rows) row.append(",").append(value);
    }
    head.append(",").append(one.column);
    const std::string csv = head + "\n" + rows[0] + "," + std::string(one.first) + "\n" + rows[1] + "," + std::string(one.second) + "\n";
    const std::string problem = row_refused(of(Kind::kInvoices), csv);
    EXPECT_TRUE(says(problem, "line 3 says")) << csv << problem;
    Mapping mapping = of(Kind::kInvoices);
    FieldSpec& spec = mapping.steps[0].fields[one.column == "account_key" ? "account" : std::string(one.column)];
    spec.columns = {std::string(one.column)};
    spec.ignore.differing = true;
    if (one.column != "total") EXPECT_EQ(row_refused(mapping, csv), "") << csv;
  }
}

TEST(FilesOfRows, NotesThatNameDifferentInvoicesAndObjectsOfManyRowsAreNoExceptions) {
  EXPECT_TRUE(says(row_refused(of(Kind::kCreditNotes), "number,account_key,invoice_key,date,amount\n1,A,J1,2024-01-02,5\n1,A,J2,2024-01-02,7\n"),
                   "line 3 says 'J2' for invoice, line 2 says 'J1'"));
  EXPECT_TRUE(says(row_refused(of(Kind::kGroups), "key,grouping,name,account_key\ng,Regions,North,A\ng,Regions,South,B\n"), "for name"));
  Mapping accounts = of(Kind::kAccounts);
  accounts.steps[0].distinct = true;
  EXPECT_EQ(row_refused(accounts, "key,name\nA,x\nA,x\n"), "");
  EXPECT_TRUE(says(row_refused(accounts, "key,name\nA,x\nA,y\n"), "line 3 says 'y' for name"));
}

TEST(FilesOfRows, ADocumentMaySayItsHeadOnceWhereTheMappingLetsIt) {
  const Mapping mapping = mapping_of(R"(
[[step]]
kind = "invoices"
[step.fields]
account = { column = "account_key", ignore = "empty" }
date = { column = "date", ignore = "empty" }
)");
  const auto read = read_text_as(mapping, "number,account_key,date,amount\n1,,,5\n1,A,2024-01-02,6\n1,,,7\n");
  ASSERT_EQ(read.lines.size(), 1U);
  EXPECT_TRUE(says(read.lines[0], R"("document_date":"2024-01-02")")) << read.lines[0];
  EXPECT_TRUE(says(row_refused(mapping, "number,account_key,date,amount\n1,A,2024-01-02,6\n1,B,,7\n"), "for account"));
}

TEST(FilesOfRows, RowsWithOneKeyAreRefusedWhereEachIsAnObject) {
  const auto read = read_text_as(of(Kind::kPayments), "key,account_key,amount,received_on\np,A,5,2024-01-02\nq,A,5,2024-01-02\np,A,5,2024-01-02\n");
  ASSERT_EQ(read.lines.size(), 2U);
  EXPECT_TRUE(says(read.lines[0], "2\t!duplicate-key")) << read.lines[0];
  EXPECT_TRUE(says(read.lines[0], "line 4 has the key of line 2"));
  EXPECT_EQ(read.portions[0], (Portion{Kind::kPayments, {2, 1'000}}));
}

TEST(FilesOfRows, ARowWhoseDocumentCannotBeToldRefusesTheFile) {
  EXPECT_TRUE(says(refused(of(Kind::kInvoices), "number,account_key,date,amount\n1,A,2024-01-02,5\n,A,2024-01-02,6\n"), "line 3: the row has no key"));
  EXPECT_TRUE(says(refused(of(Kind::kInvoices), "number,account_key,date,amount\n\"1\"x,A,2024-01-02,5\n"), "line 2: there is text after"));
}

TEST(FilesOfRows, RowsThatAreBlankAreNone) {
  const auto read = read_text_as(of(Kind::kInvoices), "number,account_key,date,amount\n,,,\n1,A,2024-01-02,5\n , ,,\n\n");
  EXPECT_EQ(read.error, "");
  EXPECT_EQ(read.converted.rows, 1U);
}

TEST(FilesOfRows, AmountsThatContradictWhatStandsBesideThemAreRefused) {
  const std::string head = "number,account_key,date,quantity,unit_price,discount,amount,tax_authority,tax_code,tax_rate,tax_amount,total\n1,A,2024-01-02,";
  EXPECT_EQ(row_refused(of(Kind::kInvoices), head + "3,1.50,0.50,4.00,,,,,4.00\n"), "");
  EXPECT_TRUE(says(row_refused(of(Kind::kInvoices), head + "3,1.50,0.50,4.50,,,,,\n"), "less the discount is 4.00, the amount is 4.50"));
  EXPECT_TRUE(says(row_refused(of(Kind::kInvoices), head + "3,1.50,,,,,,,4.00\n"), "the lines come to 4.50, the file says 4.00"));
  EXPECT_EQ(row_refused(of(Kind::kInvoices), head + "3,1.50,,,X,Y,0.19,,5.36\n"), "");  // 4.50 and 0.855, rounded once
  EXPECT_EQ(row_refused(of(Kind::kInvoices), head + "3,1.50,,,X,Y,0.19,0.85,5.35\n"), "");
  EXPECT_TRUE(says(row_refused(of(Kind::kInvoices), head + "3,,,,,,,,\n"), "neither an amount nor"));
}

TEST(FilesOfRows, ADiscountsRateIsOfThePriceAndALineMaySayItsGross) {
  const std::string head = "number,account_key,date,quantity,unit_price,discount_rate,amount,gross,tax_code,tax_authority,tax_amount\n1,A,2024-01-02,";
  const auto read = read_text_as(of(Kind::kInvoices), head + "3,1.35,10%,3.64,4.37,V,X,0.73\n");
  ASSERT_EQ(read.lines.size(), 1U);
  EXPECT_TRUE(says(read.lines[0], R"("net":"3.64","discount":"0.41")")) << read.lines[0];  // 4.05 and 0.405
  EXPECT_EQ(row_refused(of(Kind::kInvoices), head + "3,1.35,0,4.05,,,,\n"), "");
  EXPECT_TRUE(says(row_refused(of(Kind::kInvoices), head + "3,1.35,10%,4.05,,,,\n"), "less the discount is 3.64"));
  EXPECT_TRUE(says(row_refused(of(Kind::kInvoices), head + "3,1.35,10%,3.64,4.36,V,X,0.73\n"), "comes to 4.37 with its taxes"));
  EXPECT_TRUE(says(row_refused(of(Kind::kInvoices), head + ",,10%,3.64,,,,\n"), "which the line has not got"));
}

TEST(FilesOfRows, AnAmountHasNoMoreDecimalsThanItsCurrency) {
  const std::string head = "key,account_key,received_on,amount\np,A,2024-01-02,";
  EXPECT_TRUE(says(row_refused(of(Kind::kPayments), head + "1.005\n"), "too-many-decimals"));
  EXPECT_EQ(row_refused(of(Kind::kPayments), head + "1.500\n"), "");
  EXPECT_EQ(row_refused(of(Kind::kPayments, "KWD"), head + "1.005\n"), "");
  EXPECT_TRUE(says(row_refused(of(Kind::kPayments, "JPY"), head + "1.5\n"), "too-many-decimals"));
}

TEST(FilesOfRows, ARowOfAnotherCurrencyIsRefused) {
  const std::string head = "key,account_key,received_on,amount,currency\np,A,2024-01-02,5,";
  EXPECT_EQ(row_refused(of(Kind::kPayments), head + "USD\n"), "");
  EXPECT_TRUE(says(row_refused(of(Kind::kPayments), head + "EUR\n"), "currency-mismatch"));
}

TEST(FilesOfRows, LinesBeforeTheHeaderAreSkippedAndAFileMayHaveNone) {
  Mapping mapping = of(Kind::kPayments);
  mapping.steps[0].skip_lines = 3;
  auto read = read_text_as(mapping, "Report \"May,,,\n,,,\nPayments,,,\nkey,account_key,amount,received_on\np,A,5,2024-01-02\n");
  ASSERT_EQ(read.lines.size(), 1U);
  EXPECT_TRUE(read.lines[0].starts_with("5\t{")) << read.lines[0];
  mapping.steps[0].skip_lines = 0;
  mapping.steps[0].columns = {"key", "account_key", "amount", "received_on"};
  read = read_text_as(mapping, "p,A,5,2024-01-02\nq,A,6,2024-01-02\n");
  ASSERT_EQ(read.lines.size(), 2U);
  EXPECT_TRUE(read.lines[0].starts_with("1\t{")) << read.lines[0];
}

TEST(FilesOfRows, AStarBeforeAColumnsNameIsAMarkOfTemplates) {
  EXPECT_EQ(row_refused(of(Kind::kPayments), "*key,*account_key,*amount,received_on\np,A,5,2024-01-02\n"), "");
  EXPECT_TRUE(says(refused(of(Kind::kPayments), "*key,account_key,*amount,amount,received_on\np,A,5,5,2024-01-02\n"), "twice"));
}

TEST(FilesOfRows, SumsAndRowsAreThoseOfTheFile) {
  const auto read = read_text_as(of(Kind::kInvoices),
                                 "number,account_key,date,amount\n1,A,2024-01-02,1.50\n2,A,2024-01-02,2.25\n1,A,2024-01-02,-0.25\n"
                                 "3,A,2024-01-02,7\n3,A,2024-01-02,x\n");
  const Outcome& invoices = read.converted.kinds[static_cast<std::size_t>(Kind::kInvoices)];
  EXPECT_EQ(invoices.booked, (Tally{3, 350}));
  EXPECT_EQ(invoices.refused, (Tally{2, 700}));
  EXPECT_EQ(read.portions[0], (Portion{Kind::kInvoices, {2, 125}}));
}

}  // namespace
}  // namespace billing::import

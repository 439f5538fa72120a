#include "gateway/documents/journal.h"

#include <gtest/gtest.h>

#include <array>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>

#include "gateway/documents/documents_testing.h"
#include "ledger/store/memory_tables.h"
#include "projections/verify.h"
#include "projections/views.h"

namespace billing::documents {
namespace {

// Account and currency to minor units; what is zero is left out, as the programs do.
using Balances = std::map<std::pair<std::string, std::string>, std::int64_t>;

Balances without_zeros(Balances balances) {
  std::erase_if(balances, [](const auto& entry) { return entry.second == 0; });
  return balances;
}

// The sums of the stored postings of the posting days that are asked for, straight from the records.
Balances stored_sums(const store::Log& log, const JournalOptions& options = {}) {
  Balances sums;
  const auto read = log.read(1, 100'000, [&](const store::Record& record) {
    const auto envelope = codec::decode(record, nullptr);
    for (const Posting& posting : envelope->postings) {
      if (options.from && *envelope->posting_date < *options.from) continue;
      if (options.to && *envelope->posting_date > *options.to) continue;
      sums[{journal_account(posting.ledger), std::string(envelope->currency.code())}] += posting.amount;
    }
    return true;
  });
  EXPECT_TRUE(read.has_value());
  return without_zeros(std::move(sums));
}

struct Ran {
  int status = -1;
  std::string output;
};
Ran run(const std::string& command) {
  Ran ran;
  FILE* pipe = ::popen((command + " 2>&1").c_str(), "r");
  if (pipe == nullptr) return ran;
  std::array<char, 4'096> piece{};
  for (std::size_t n = 0; (n = std::fread(piece.data(), 1, piece.size(), pipe)) > 0;) {
    ran.output.append(piece.data(), n);
  }
  ran.status = ::pclose(pipe);
  return ran;
}

// The programs as they are found on a plain server: no locale, nobody's own configuration.
const std::string kPlain = "env LC_ALL=C LEDGER_FILE= HOME=/nonexistent ";

class JournalTest : public ::testing::Test {
 protected:
  void SetUp() override {
    for (const char* program : {"hledger", "ledger", "bean-check"}) {
      ASSERT_EQ(run(std::string("command -v ") + program).status, 0)
          << program << " is missing; it is one of the test packages: ops/install test";
    }
    std::string pattern = std::filesystem::temp_directory_path() / "billing-journal-XXXXXX";
    directory_ = ::mkdtemp(pattern.data());
  }
  void TearDown() override { std::filesystem::remove_all(directory_); }

  JournalSummary write(const store::Log& log, const JournalOptions& options = {}) {
    text_.clear();
    const auto summary = export_journal(log, options, [&](std::string_view piece) {
      text_ += piece;
      return Result<void>{};
    });
    EXPECT_TRUE(summary.has_value()) << (summary ? "" : summary.error().detail);
    std::ofstream(file(), std::ios::trunc) << text_;
    return summary.value_or(JournalSummary{});
  }
  std::string file() const { return directory_ + "/books.journal"; }

  static void add(Balances& balances, const std::string& account, const std::string& amount,
                  const std::string& currency) {
    const auto parsed = parse_money(amount, *Currency::parse(currency));
    ASSERT_TRUE(parsed.has_value()) << account << " " << amount << " " << currency;
    balances[{account, currency}] += parsed->minor;
  }

  // Lines `"account","currency","amount"`.
  Balances of_hledger() const {
    const Ran ran = run(kPlain + "hledger -f " + file() + " balance --flat --no-total --layout=bare -O csv");
    EXPECT_EQ(ran.status, 0) << ran.output;
    Balances balances;
    std::istringstream lines(ran.output);
    std::string line;
    std::getline(lines, line);  // the names of the columns
    while (std::getline(lines, line)) {
      std::erase(line, '"');
      const auto first = line.find(',');
      const auto second = line.find(',', first + 1);
      if (second == std::string::npos) ADD_FAILURE() << line;
      else add(balances, line.substr(0, first), line.substr(second + 1), line.substr(first + 1, second - first - 1));
    }
    return without_zeros(std::move(balances));
  }
  // Lines `account|amount currency`; where an account has several currencies, each further one is a line of its own.
  static Balances of_lines(const std::string& text) {
    Balances balances;
    std::istringstream lines(text);
    std::string line;
    std::string account;
    while (std::getline(lines, line)) {
      if (const auto bar = line.find('|'); bar != std::string::npos) {
        account = line.substr(0, bar);
        line.erase(0, bar + 1);
      }
      const auto blank = line.find(' ');
      if (blank == std::string::npos) ADD_FAILURE() << line;
      else add(balances, account, line.substr(0, blank), line.substr(blank + 1));
    }
    return without_zeros(std::move(balances));
  }
  Balances of_ledger() const {
    const Ran ran = run(kPlain + "ledger --args-only -f " + file() +
                        " balance --flat --no-total --balance-format '%(account)|%(amount)\\n'");
    EXPECT_EQ(ran.status, 0) << ran.output;
    return of_lines(ran.output);
  }
  // beancount's own loader, because its reports round to the decimals that it saw most often.
  Balances of_beancount() const {
    std::ofstream(directory_ + "/sums.py") << "import sys\n"
                                              "from beancount import loader\n"
                                              "from beancount.core import data\n"
                                              "entries, errors, _ = loader.load_file(sys.argv[1])\n"
                                              "assert not errors, errors\n"
                                              "for entry in data.filter_txns(entries):\n"
                                              "    for posting in entry.postings:\n"
                                              "        print(f'{posting.account}|{posting.units.number:f} '\n"
                                              "              f'{posting.units.currency}')\n";
    const Ran ran = run(kPlain + "/usr/bin/python3 " + directory_ + "/sums.py " + file());
    EXPECT_EQ(ran.status, 0) << ran.output;
    return of_lines(ran.output);
  }
  void expect_accepted_by_all() const {
    for (const std::string& command : {"hledger check -f " + file(), "bean-check " + file(),
                                       "ledger --args-only -f " + file() + " source"}) {
      const Ran ran = run(kPlain + command);
      EXPECT_EQ(ran.status, 0) << command << ": " << ran.output;
      EXPECT_EQ(ran.output, "") << command;
    }
  }
  void expect_all_agree_with(const Balances& balances) const {
    expect_accepted_by_all();
    EXPECT_EQ(of_hledger(), balances);
    EXPECT_EQ(of_ledger(), balances);
    EXPECT_EQ(of_beancount(), balances);
  }

  std::string text_;

 private:
  std::string directory_;
};

TEST_F(JournalTest, ThreeProgramsAcceptItAndAgreeWithTheStoredPostings) {
  test::Books books;
  books.given_a_busy_year();
  const auto summary = write(books.log());

  const Balances sums = stored_sums(books.log());
  EXPECT_GE(sums.size(), 15U);
  expect_all_agree_with(sums);
  EXPECT_EQ(summary.position, books.log().head().position);
  // Eleven documents and payments with an amount, and what they made the service apply.
  EXPECT_GE(summary.transactions, 11U);
  EXPECT_NE(text_.find("receivables.CreditApplied"), std::string::npos);
}

TEST_F(JournalTest, ItsBalancesAreTheTrialBalance) {
  test::Books books;
  books.given_a_busy_year();
  const Date date = Date::clamped(2026, 3, 5);
  write(books.log(), {.from = {}, .to = date});

  const auto tables = store::make_memory_tables();
  ASSERT_TRUE(views::rebuild_views(books.log(), nullptr, *tables, books.log().head().position).has_value());
  const auto trial = views::Views(books.log(), nullptr, *tables).read()->trial_balance(date);
  ASSERT_TRUE(trial.has_value());
  Balances balances;
  for (const auto& currency : *trial) {
    for (const auto& ledger : currency.ledgers) {
      balances[{journal_account(ledger.ledger), std::string(currency.currency.code())}] = ledger.balance();
    }
  }
  balances = without_zeros(std::move(balances));
  EXPECT_GE(balances.size(), 8U);
  expect_all_agree_with(balances);
}

TEST_F(JournalTest, ARangeHasThePostingDatesInItOnly) {
  test::Books books;
  books.given_a_busy_year();
  const JournalOptions march{Date::clamped(2026, 3, 1), Date::clamped(2026, 3, 5)};
  const auto summary = write(books.log(), march);
  EXPECT_EQ(summary.transactions, 2U);  // the wire of the 1st, the credit note of the 5th
  EXPECT_NE(text_.find("\n2026-03-01 * "), std::string::npos);
  EXPECT_NE(text_.find("\n2026-03-05 * "), std::string::npos);
  expect_all_agree_with(stored_sums(books.log(), march));
}

TEST_F(JournalTest, AnEmptyLedgerIsAccepted) {
  test::Books books;
  EXPECT_EQ(write(books.log()).transactions, 0U);
  expect_all_agree_with({});
}

TEST_F(JournalTest, ATransactionNamesEventDocumentPositionAndItems) {
  test::Books books;
  books.given_customer(1, "USD");
  books.given_invoice(1, 1, {test::Books::line(1, 24'995)}, Date::clamped(2026, 1, 2));
  write(books.log());
  const std::string customer = CustomerId{test::Books::uuid(1, 1)}.text();
  const std::string invoice = test::Books::invoice(1).text();
  const std::string account = test::Books::account(1).text();
  EXPECT_TRUE(text_.ends_with("\n2026-01-02 * \"invoice.Issued INV-2026-000001\" ; position:4, customer:" + customer +
                              ", id:" + invoice + "\n  Assets:1100-Receivables  249.95 USD ; account:" + account +
                              ", item:" + invoice + "\n  Income:4000-Service-revenue  -249.95 USD\n"))
      << text_;
}

TEST_F(JournalTest, AnExchangeDifferenceIsATransactionWithItsReference) {
  test::Books books;
  books.given_customer(1, "USD");
  payment::Record record;
  record.id = {test::Books::uuid(1, 4)};
  record.account = test::Books::account(1);
  record.amount = 24'995;
  record.currency = *Currency::parse("USD");
  record.settled = Settlement{22'544, *Currency::parse("EUR"), {}, "bank"};
  books.given(record);
  books.given(payment::RecordExchangeDifference{record.id, payment::DifferenceKind::kLoss, 320, {}, "FX 2026-11", {}});
  write(books.log());
  const std::size_t at = text_.find("* \"payment.ExchangeDifferenceRecorded FX 2026-11\"");
  ASSERT_NE(at, std::string::npos) << text_;
  EXPECT_EQ(text_.substr(text_.find('\n', at)),
            "\n  Assets:1900-Currency-clearing  -3.20 USD\n  Expenses:7900-Exchange-gain-and-loss  3.20 USD\n");
}

TEST_F(JournalTest, TextThatAProgramCouldMisreadIsEscaped) {
  EXPECT_EQ(narration_text("INV-1 [x] (y) = @ :z:"), "INV-1 [x] (y) = @ :z:");
  EXPECT_EQ(narration_text("\"a\";b\\c|d%e"), "%22a%22%3Bb%5Cc%7Cd%25e");
  EXPECT_EQ(narration_text("caf\xC3\xA9\n"), "caf%C3%A9%0A");
}

// A record as it may stand in an old log: its postings are not those that this version would make.
codec::Envelope a_payment(test::Books& books, std::vector<Posting> postings) {
  books.given_customer(1, "USD");
  codec::Envelope envelope;
  envelope.position = books.log().head().position + 1;
  const PaymentId id{test::Books::uuid(1, 5)};
  envelope.stream = {StreamKind::kPayment, id.uuid};
  envelope.version = 1;
  envelope.customer = {test::Books::uuid(1, 1)};
  envelope.customer_sequence = 4;
  envelope.document_date = Date::clamped(2026, 1, 2);
  envelope.posting_date = envelope.document_date;
  envelope.actor = "test";
  envelope.command_id = "old";
  envelope.currency = *Currency::parse("USD");
  envelope.event = payment::Recorded{id, test::Books::account(1), 1'000, envelope.currency, payment::Method::kWire,
                                     {}, {}, *envelope.document_date, *envelope.posting_date, {}, 1'000, {}, {}};
  envelope.postings = std::move(postings);
  return envelope;
}
void append(test::Books& books, const codec::Envelope& envelope) {
  store::Record record;
  const auto encoded = codec::encode(envelope, books.keys(), record);
  ASSERT_TRUE(encoded.has_value()) << encoded.error().detail;
  record.previous_hash = books.log().head().hash;
  ASSERT_TRUE(books.writable_log().commit({&record, 1}, {}).has_value());
}

TEST_F(JournalTest, ThePostingsAreTheStoredOnes) {
  test::Books books;
  append(books, a_payment(books, {{Ledger::kCash, 1'000, {}, {}}, {Ledger::kUnidentifiedReceipts, -1'000, {}, {}}}));
  write(books.log());
  EXPECT_NE(text_.find("  Liabilities:2190-Unidentified-receipts  -10.00 USD\n"), std::string::npos) << text_;
  EXPECT_EQ(text_.find("Liabilities:2100-Unapplied-credit  "), std::string::npos);
  expect_all_agree_with(stored_sums(books.log()));
}

TEST_F(JournalTest, ARecordThatDoesNotBalanceEndsTheExport) {
  test::Books books;
  append(books, a_payment(books, {{Ledger::kCash, 1'000, {}, {}}, {Ledger::kUnappliedCredit, -999, {}, {}}}));
  const auto summary = export_journal(books.log(), {}, [](std::string_view) { return Result<void>{}; });
  ASSERT_FALSE(summary.has_value());
  EXPECT_EQ(summary.error().code, Code::kCorruptRecord);
  EXPECT_EQ(summary.error().detail, "position 4: debits and credits differ");
}

TEST_F(JournalTest, PostingsWithoutADateEndTheExport) {
  test::Books books;
  auto envelope = a_payment(books, {{Ledger::kCash, 1'000, {}, {}}, {Ledger::kUnappliedCredit, -1'000, {}, {}}});
  envelope.posting_date.reset();
  append(books, envelope);
  const auto summary = export_journal(books.log(), {}, [](std::string_view) { return Result<void>{}; });
  ASSERT_FALSE(summary.has_value());
  EXPECT_EQ(summary.error().detail, "position 4: postings without a posting date");
}

TEST_F(JournalTest, WhatTheSinkRefusesIsTheAnswer) {
  test::Books books;
  books.given_a_busy_year();
  const auto summary = export_journal(books.log(), {}, [](std::string_view) -> Result<void> {
    return refuse(Code::kStorageFailure, "no space");
  });
  ASSERT_FALSE(summary.has_value());
  EXPECT_EQ(summary.error().detail, "no space");
}

TEST_F(JournalTest, ALongJournalComesInPiecesThatEndAtALine) {
  test::Books books;
  books.given_customer(1, "USD");
  for (std::uint32_t n = 0; n < 400; ++n) {
    books.given_invoice(n, 1, {test::Books::line(1, 100)}, Date::clamped(2026, 1, 2));
  }
  std::size_t pieces = 0;
  const auto summary = export_journal(books.log(), {}, [&](std::string_view piece) {
    EXPECT_EQ(piece.back(), '\n');
    EXPECT_LT(piece.size(), 100'000U);
    ++pieces;
    return Result<void>{};
  });
  ASSERT_TRUE(summary.has_value());
  EXPECT_EQ(summary->transactions, 400U);
  EXPECT_GT(pieces, 1U);
}

}  // namespace
}  // namespace billing::documents

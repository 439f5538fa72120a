// A ledger in memory with a history that has money of every kind, decided by the real service.
#pragma once

#include <gtest/gtest.h>

#include <future>
#include <memory>

#include "ledger/codec/codec.h"
#include "ledger/service/ledger.h"
#include "ledger/store/memory_log.h"

namespace billing::documents::test {

class Books {
 public:
  Books() { ledger_ = *service::Ledger::open(*log_, *keys_, {}); }
  ~Books() { ledger_->stop(); }

  const store::Log& log() const { return *log_; }
  store::Log& writable_log() { return *log_; }
  codec::PersonKeys& keys() { return *keys_; }
  Date today = Date::clamped(2026, 6, 30);

  // Decides, commits and waits. A refusal fails the test.
  service::Receipt given(const Command& command) {
    service::Order order;
    order.command = command;
    order.context.today = today;
    order.context.now = {std::int64_t{today.days} * 86'400'000'000};
    order.context.actor = "test";
    order.context.fresh = uuid(++commands_, 9);
    order.id = "command-" + std::to_string(commands_);
    std::promise<Result<service::Receipt>> promise;
    auto future = promise.get_future();
    ledger_->execute(std::move(order), [&](Result<service::Receipt> answer) { promise.set_value(std::move(answer)); });
    auto receipt = future.get();
    EXPECT_TRUE(receipt.has_value()) << (receipt ? "" : receipt.error().detail + receipt.error().pointer);
    return receipt.value_or(service::Receipt{});
  }

  static Uuid uuid(std::uint32_t n, std::uint8_t kind) {
    Uuid id;
    id.bytes[0] = kind;
    for (std::size_t i = 0; i < 4; ++i) id.bytes[6 - i] = static_cast<std::uint8_t>(n >> (8U * i));
    return id;
  }
  static AccountId account(std::uint32_t n) { return {uuid(n, 2)}; }
  static InvoiceId invoice(std::uint32_t n) { return {uuid(n, 3)}; }

  // Customer n with account n and a child 100 + n.
  void given_customer(std::uint32_t n, std::string_view currency) {
    const CustomerId customer{uuid(n, 1)};
    given(customer::Create{customer, "Acme", *Currency::parse(currency), {}});
    given_account(n, customer, {});
    given_account(100 + n, customer, account(n));
  }
  void given_account(std::uint32_t n, CustomerId customer, std::optional<AccountId> parent) {
    account::Open open;
    open.id = account(n);
    open.customer = customer;
    open.number = "A" + std::to_string(n);
    open.name = "Site";
    open.parent = parent;
    open.opened_on = Date::clamped(2010, 1, 1);
    given(open);
  }
  static Line line(std::uint32_t service_account, std::int64_t net, std::int64_t tax = 0, std::uint16_t code = 4000) {
    Line line;
    line.service_account = account(service_account);
    line.description = "Plan";
    line.revenue_code = code;
    line.net = net;
    if (tax != 0) line.taxes.push_back({"US-NY", "sales", *Decimal::parse("0.1"), net, tax, {}});
    return line;
  }
  void given_invoice(std::uint32_t n, std::uint32_t payer, std::vector<Line> lines, Date date,
                     std::optional<std::string> number = {}) {
    invoice::Issue issue;
    issue.header.id = invoice(n);
    issue.header.account = account(payer);
    issue.lines = std::move(lines);
    issue.document_date = date;
    issue.imported_number = std::move(number);
    given(issue);
  }
  void given_payment(std::uint32_t payer, Money amount, payment::Method method, Date date, std::string reference = {}) {
    payment::Record record;
    record.account = account(payer);
    record.amount = amount.minor;
    record.currency = amount.currency;
    record.method = method;
    record.reference = std::move(reference);
    record.received_on = date;
    given(record);
  }
  void given_credit(std::uint32_t payer, std::vector<Line> lines, Date date, std::optional<InvoiceId> against = {}) {
    credit_note::Issue issue;
    issue.account = account(payer);
    issue.lines = std::move(lines);
    issue.invoice = against;
    issue.document_date = date;
    given(issue);
  }

  // Three currencies; tax, deferred revenue, credit notes, credit that is applied later, names that need escaping.
  void given_a_busy_year() {
    const auto day = [](int month, int of_month) { return Date::clamped(2026, month, of_month); };
    const Currency usd = *Currency::parse("USD");
    given_customer(1, "USD");
    given_customer(2, "JPY");
    given_customer(3, "KWD");
    Line deferred = line(101, 12'000, 1'200);
    deferred.service_period = Period{day(2, 1), Date::clamped(2027, 2, 1)};
    given_invoice(1, 1, {line(1, 24'995, 2'500), line(101, 2'995, 300, 4100)}, day(1, 31));
    given_invoice(2, 1, {deferred, line(1, 500, 0, 4200)}, day(2, 28));
    given_payment(1, {10'000, usd}, payment::Method::kCard, day(2, 1),
                  "auth; \"4711\" | 100% \\ caf\xC3\xA9 [2001-01-01]");
    given_payment(1, {1'000'000'000'000'07, usd}, payment::Method::kWire, day(3, 1), "=big :x: @ {1}  (y)");
    Line back = line(1, 1'000, 100);
    back.credited_line = 0;
    given_credit(1, {back}, day(3, 5), invoice(1));
    given_credit(101, {line(101, 700, 0, 4900)}, day(3, 6));
    given_invoice(3, 1, {line(1, 5'000), line(101, 900)}, day(4, 30), "IMP \"7\"; x");
    given_invoice(4, 2, {line(2, 1'000), line(102, 250, 25)}, day(1, 15));
    given_payment(2, {2'000, *Currency::parse("JPY")}, payment::Method::kCash, day(1, 10));
    given_invoice(5, 3, {line(3, 1'234)}, day(5, 1));
    given_payment(3, {5, *Currency::parse("KWD")}, payment::Method::kBankDebit, day(5, 2));
    given_invoice(6, 3, {line(3, 0)}, day(5, 3));
    given(account::Rename{account(1), "Headquarters", "moved"});
  }

 private:
  std::unique_ptr<store::Log> log_ = store::make_memory_log();
  std::unique_ptr<codec::PersonKeys> keys_ = *codec::PersonKeys::open("");
  std::unique_ptr<service::Ledger> ledger_;
  std::uint32_t commands_ = 0;
};

}  // namespace billing::documents::test

// Given / when / then for deciders: a small world of one customer that commands change and that tests ask.
#pragma once

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "ledger/domain/state.h"

namespace billing::testing {

// A state with what happened so far. Every accepted command is folded; a refused one changes nothing.
class Story {
 public:
  Story() { today = Date::clamped(2026, 1, 15); }

  Date today;
  State state;
  std::vector<StreamEvent> history;

  // Decides and folds. Returns the refusal's code text, or "" when it was accepted; the events are in `last`.
  std::string when(const Command& command) {
    auto events = decide(state, command, context());
    last.clear();
    if (!events) {
      refusal = events.error();
      return std::string(code_text(events.error().code));
    }
    refusal = {};
    for (StreamEvent& event : *events) {
      evolve(state, event);
      history.push_back(event);
      last.push_back(std::move(event));
    }
    return "";
  }
  void given(const Command& command) { ASSERT_EQ(when(command), "") << refusal.detail << " " << refusal.pointer; }

  std::vector<StreamEvent> last;
  Error refusal;

  template <class Fact>
  const Fact& fact(std::size_t n = 0) const {
    return std::get<Fact>(last.at(n).event);
  }

  Context context() {
    Context context;
    context.today = today;
    context.now = {static_cast<std::int64_t>(today.days) * 86'400'000'000};
    context.actor = "test";
    context.fresh = id(next_fresh_++, 0xF0);
    return context;
  }
  static Uuid id(std::uint32_t n, std::uint8_t kind) {
    Uuid uuid;
    uuid.bytes[0] = kind;
    for (std::size_t i = 0; i < 4; ++i) uuid.bytes[6 - i] = static_cast<std::uint8_t>(n >> (8U * i));
    return uuid;
  }

  static inline const CustomerId customer{id(1, 1)};
  static AccountId account(std::uint32_t n) { return {id(n, 2)}; }
  static InvoiceId invoice(std::uint32_t n) { return {id(n, 3)}; }

  void given_customer(std::string_view currency = "USD") {
    given(customer::Create{customer, "Acme", *Currency::parse(currency), {}});
  }
  void given_account(std::uint32_t n, std::optional<AccountId> parent = {}) {
    account::Open open;
    open.id = account(n);
    open.customer = customer;
    open.number = "A" + std::to_string(n);
    open.name = "Account " + std::to_string(n);
    open.parent = parent;
    open.opened_on = Date::clamped(2010, 1, 1);
    given(open);
  }
  static Line line(std::uint32_t account_number, std::int64_t net, std::int64_t tax = 0) {
    Line line;
    line.service_account = account(account_number);
    line.description = "Plan";
    line.net = net;
    if (tax != 0) line.taxes.push_back({"US-NY", "sales", *Decimal::parse("0.1"), net, tax, {}});
    return line;
  }
  invoice::Issue issue(std::uint32_t number, std::uint32_t payer, std::vector<Line> lines) const {
    invoice::Issue issue;
    issue.header.id = invoice(number);
    issue.header.account = account(payer);
    issue.lines = std::move(lines);
    issue.document_date = today;
    return issue;
  }
  credit_note::Issue credit(std::uint32_t payer, std::vector<Line> lines, std::optional<InvoiceId> against = {}) const {
    credit_note::Issue issue;
    issue.account = account(payer);
    issue.lines = std::move(lines);
    issue.invoice = against;
    return issue;
  }
  static Line credit_line(std::uint32_t of, std::int64_t net, std::int64_t tax = 0) {
    Line one = line(0, net, tax);
    one.credited_line = of;
    return one;
  }
  payment::Record pay(std::uint32_t payer, std::int64_t amount) const {
    payment::Record record;
    record.account = account(payer);
    record.amount = amount;
    record.currency = *Currency::parse("USD");
    return record;
  }

  std::int64_t open(std::uint32_t n) const { return state.accounts.at(account(n)).open; }
  std::int64_t unapplied(std::uint32_t n) const { return state.accounts.at(account(n)).unapplied; }
  std::int64_t balance(std::uint32_t n) const { return open(n) - unapplied(n); }
  std::int64_t due(std::uint32_t n) const { return state.invoices.at(invoice(n)).open; }

  // Sum of all postings on a ledger so far.
  std::int64_t posted(Ledger ledger) const {
    std::int64_t sum = 0;
    for (const StreamEvent& event : history) {
      for (const Posting& posting : postings_for(event.event)) sum += posting.ledger == ledger ? posting.amount : 0;
    }
    return sum;
  }

 private:
  std::uint32_t next_fresh_ = 1;
};

// What must hold in every state: control accounts, queues, shares, sums.
inline void expect_sound(const Story& story) {
  std::int64_t open = 0;
  std::int64_t unapplied = 0;
  std::map<AccountId, std::int64_t> shares;
  std::map<AccountId, std::size_t> items;
  for (const auto& [id, invoice] : story.state.invoices) {
    std::int64_t sum = 0;
    for (const auto& share : invoice.shares) {
      EXPECT_GE(share.open, 0);
      EXPECT_LE(share.open, share.billed);
      sum += share.open;
      shares[share.account] += share.open;
      items[share.account] += share.open > 0 ? 1U : 0U;
    }
    EXPECT_EQ(sum, invoice.open);
    EXPECT_LE(invoice.disputed, invoice.open);
    open += invoice.open;
  }
  for (const auto& [id, account] : story.state.accounts) {
    EXPECT_EQ(account.open, shares[id]);
    EXPECT_EQ(account.open_items, items[id]);
    std::int64_t credits = 0;
    if (const auto queues = story.state.queues.find(id); queues != story.state.queues.end()) {
      EXPECT_EQ(queues->second.own.size(), items[id]);
      for (const auto& [key, credit] : queues->second.credits) {
        EXPECT_GT(credit.remaining, 0);
        credits += credit.remaining;
      }
    }
    EXPECT_EQ(account.unapplied, credits);
    unapplied += credits;
  }
  EXPECT_EQ(story.posted(Ledger::kReceivables), open);
  EXPECT_EQ(story.posted(Ledger::kUnappliedCredit), -unapplied);
  for (const StreamEvent& event : story.history) {
    std::int64_t sum = 0;
    for (const Posting& posting : postings_for(event.event)) sum += posting.amount;
    EXPECT_EQ(sum, 0) << event_type(event.event);
  }
}

}  // namespace billing::testing

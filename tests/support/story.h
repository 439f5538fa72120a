// Given / when / then for deciders: a small world of one customer that commands change and that tests ask.
#pragma once

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "ledger/domain/checks.h"
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
    if (tax != 0) line.taxes.push_back({"US-NY", "sales", {}, net, tax, {}});
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
  // A line whose tax we compute at these rates, and one that credits without a word on tax.
  static Line taxed_line(std::uint32_t account_number, std::int64_t net, std::initializer_list<std::string_view> rates) {
    Line one = line(account_number, net);
    for (const std::string_view rate : rates) one.taxes.push_back({"EU", "VAT", *Decimal::parse(rate), 0, 0, {}, true});
    return one;
  }
  static Line period_line(std::uint32_t account_number, std::int64_t net, Date from, Date to) {
    Line one = line(account_number, net);
    one.service_period = Period{from, to};
    return one;
  }
  payment::Request request(std::uint32_t payer, std::int64_t amount, PaymentId id = {}) const {
    payment::Request request;
    request.id = id;
    request.account = account(payer);
    request.amount = amount;
    request.currency = *Currency::parse("USD");
    return request;
  }
  dispute::Open dispute(std::uint32_t number) const {
    dispute::Open open;
    open.invoice = invoice(number);
    open.reason = "not delivered";
    return open;
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

  // Sum of all postings on a ledger so far, in the customer's currency or another one.
  std::int64_t posted(Ledger ledger) const { return posted(ledger, state.customers.at(customer).currency); }
  std::int64_t posted(Ledger ledger, Currency currency) const {
    std::int64_t sum = 0;
    for (const StreamEvent& event : history) {
      for (const Posting& posting : postings_for(event.event)) {
        const Currency in = posting.currency.valid() ? posting.currency : event.currency;
        if (posting.ledger == ledger && in == currency) sum += posting.amount;
      }
    }
    return sum;
  }

 private:
  std::uint32_t next_fresh_ = 1;
};

// Lines, taxes and shares of an issued invoice, and what credit notes took back of them.
inline void expect_sound_lines(const invoice::State& invoice) {
  std::map<AccountId, std::int64_t> credited;
  for (const invoice::LineState& line : invoice.lines) {
    std::int64_t tax = 0;
    std::int64_t credited_tax = 0;
    for (std::size_t i = line.first_tax; i < std::size_t{line.first_tax} + line.tax_count; ++i) {
      tax += invoice.line_taxes[i].amount;
      credited_tax += invoice.line_taxes[i].credited;
    }
    EXPECT_EQ(tax, line.tax);
    EXPECT_EQ(credited_tax, line.credited_tax);
    EXPECT_LE(line.credited_net < 0 ? -line.credited_net : line.credited_net, line.net < 0 ? -line.net : line.net);
    credited[line.service_account] += line.credited_net + line.credited_tax;
  }
  for (std::size_t group = 0; group < invoice.taxes.size(); ++group) {
    std::int64_t tax = 0;
    std::int64_t credited_tax = 0;
    for (const invoice::LineTax& one : invoice.line_taxes) {
      if (one.group != group) continue;
      tax += one.amount;
      credited_tax += one.credited;
    }
    EXPECT_EQ(tax, invoice.taxes[group].tax);
    EXPECT_EQ(credited_tax, invoice.taxes[group].credited_tax);
  }
  for (const invoice::ShareState& share : invoice.shares) {
    EXPECT_EQ(share.credited, credited[share.account]);
    EXPECT_GE(share.written_off, 0);
    // Not their sum: what a note credits of a share that was paid becomes credit for other items, and all of the share is
    // owed again when that payment is taken back.
    EXPECT_LE(share.credited, share.billed);
    EXPECT_LE(share.written_off, share.billed);
  }
}

// 2300 is what the lines of all invoices have left there, and each of them waits for its month.
inline void expect_sound_revenue(const Story& story) {
  std::int64_t unreleased = 0;
  std::size_t waiting = 0;
  for (const auto& [id, invoice] : story.state.invoices) {
    for (std::uint32_t n = 0; n < invoice.lines.size(); ++n) {
      const invoice::LineState& line = invoice.lines[n];
      unreleased += line.unreleased;
      if (line.unreleased == 0) continue;
      ++waiting;
      const auto& due = story.state.books.due;
      EXPECT_TRUE(due.contains(line.release_month) && due.at(line.release_month).contains(invoice.customer) &&
                  due.at(line.release_month).at(invoice.customer).contains({id, n}));
    }
  }
  std::size_t due = 0;
  for (const auto& [month, customers] : story.state.books.due) {
    for (const auto& [customer, lines] : customers) due += lines.size();
  }
  EXPECT_EQ(due, waiting);
  EXPECT_EQ(story.posted(Ledger::kDeferredRevenue), -unreleased);
}

// What events took of a payment's own money, and gave back: the credit of notes that a refund pays out is not its own.
inline std::int64_t taken_of(const Story& story, PaymentId payment) {
  std::int64_t taken = 0;
  const auto take = [&](const Takeback& takeback) {
    EXPECT_GT(takeback.amount, 0);
    std::int64_t sum = 0;
    for (const CreditPart& part : takeback.credits) {
      sum += part.amount;
      if (part.source == CreditSource::kPayment) {
        EXPECT_EQ(part.source_id, payment.uuid);
        taken += part.amount;
      }
    }
    for (const Allocation& reopened : takeback.reopened) {
      sum += reopened.amount;
      taken += reopened.amount;
    }
    EXPECT_EQ(sum, takeback.amount);
  };
  for (const StreamEvent& event : story.history) {
    if (event.stream != StreamId{StreamKind::kPayment, payment.uuid}) continue;
    if (const auto* one = std::get_if<payment::Reversed>(&event.event)) take(one->takeback);
    if (const auto* one = std::get_if<refund::Succeeded>(&event.event)) take(one->takeback);
    if (const auto* one = std::get_if<chargeback::Opened>(&event.event)) take(one->takeback);
    if (const auto* one = std::get_if<chargeback::Returned>(&event.event)) take(one->takeback);
    if (const auto* one = std::get_if<chargeback::Won>(&event.event)) taken -= one->amount;
  }
  return taken;
}

// Payments: all of each is on invoices, unapplied or taken back, no more is claimed than was captured, and what waits on the
// clearing ledgers is what is known to wait.
inline void expect_sound_payments(const Story& story) {
  const Currency own = story.state.customers.at(Story::customer).currency;
  std::map<InvoiceId, std::int64_t> paid;
  std::map<InvoiceId, std::int64_t> reserved;
  std::map<Uuid, std::int64_t> unapplied;
  std::map<Currency, std::int64_t> clearing;
  std::map<Currency, std::int64_t> unidentified;
  std::int64_t in_transit = 0;
  std::int64_t differences = 0;
  for (const auto& [account, queues] : story.state.queues) {
    for (const auto& [key, left] : queues.credits) {
      if (key.kind == CreditSource::kPayment) unapplied[key.source] += left;
    }
  }
  for (const auto& [id, payment] : story.state.payments) {
    std::int64_t here = 0;
    for (const tranche::Tranche& one : payment.money) {
      EXPECT_GT(one.amount, 0);
      if (!one.now.place.is_credit()) paid[one.now.place.invoice] += one.amount;
      if (one.now.place.is_credit()) unapplied[id.uuid] -= one.amount;
      here += one.amount;
    }
    EXPECT_EQ(unapplied[id.uuid], 0) << id.text() << ": credit by account is not where the money is";
    for (const auto& instruction : payment.rare().reserved) reserved[instruction.invoice] += instruction.amount;
    EXPECT_TRUE(payment.rare().reserved.empty() || payment::unresolved(payment.phase));
    const bool captured = payment.phase == payment::Phase::kSucceeded;
    EXPECT_EQ(here, captured ? payment.amount - taken_of(story, id) : 0) << id.text();
    EXPECT_LE(payment.claimed(), captured && !payment.reversed ? payment.amount : 0);
    std::int64_t cleared = captured && !payment.reversed ? payment.amount : 0;
    std::int64_t settled = payment.settled() && cleared > 0 ? payment.settled()->amount : 0;
    for (const payment::Claim& claim : payment.claims()) {
      const bool refund = claim.kind == payment::ClaimKind::kRefund;
      if (refund && claim.took() && !claim.settled_at_bank) in_transit += claim.amount;
      if (refund ? !claim.settled_at_bank : !claim.took()) continue;
      cleared -= claim.amount;
      settled -= claim.settled ? claim.settled->amount : 0;
    }
    EXPECT_GE(settled, 0);
    EXPECT_TRUE(cleared > 0 || settled == 0) << "all is taken back, and so is all that was settled";
    const std::int64_t difference = payment.rare().exchange_difference;
    EXPECT_TRUE((payment.settled() && !payment.reversed) || difference == 0) << id.text();
    differences += difference;
    if (!payment.settled()) continue;
    clearing[own] += cleared + difference;
    clearing[payment.settled()->currency] -= settled;
  }
  for (const auto& [id, invoice] : story.state.invoices) {
    EXPECT_EQ(invoice.paid, paid[id]);
    EXPECT_EQ(invoice.reserved, reserved[id]);
    EXPECT_GE(invoice.credit, 0);
  }
  for (const auto& [id, entry] : story.state.unbooked) {
    if (entry.kind == unbooked::Kind::kReceipt && !entry.resolved) unidentified[entry.currency] += entry.amount;
  }
  EXPECT_EQ(story.posted(Ledger::kRefundsInTransit), -in_transit);
  EXPECT_EQ(story.posted(Ledger::kExchangeDifference), -differences);
  for (const auto& [currency, sum] : clearing) EXPECT_EQ(story.posted(Ledger::kCurrencyClearing, currency), sum);
  for (const auto& [currency, sum] : unidentified) {
    EXPECT_EQ(story.posted(Ledger::kUnidentifiedReceipts, currency), -sum);
  }
}
// What meets nothing by itself stands last: items that are disputed as a whole.
inline void expect_sound_places(const State& state, const AccountQueues& queues) {
  for (const auto* const items : {&queues.own, &queues.payer}) {
    for (const receivables::ItemKey& key : *items) {
      const invoice::State& invoice = state.invoices.at(key.invoice);
      EXPECT_GT(invoice.open, 0);
      EXPECT_EQ(key.disputed, invoice.disputed == invoice.open);
    }
  }
}
// Whether it is credit of a note against an invoice; whether the index of such credit has it.
inline bool noted(const State& state, const receivables::CreditKey& key) {
  return key.kind == CreditSource::kCreditNote && state.credit_notes.at(CreditNoteId{key.source}).invoice.has_value();
}
inline bool in_index(const State& state, receivables::CreditKey key, AccountId holder) {
  const auto found = state.note_credits.find(*state.credit_notes.at(CreditNoteId{key.source}).invoice);
  key.held = false;
  return found != state.note_credits.end() && found->second.contains({key, holder});
}

// What must hold in every state: control accounts, queues, shares, sums.
inline void expect_sound(const Story& story) {
  std::int64_t open = 0;
  std::int64_t unapplied = 0;
  std::map<AccountId, std::int64_t> shares;
  std::map<AccountId, std::size_t> items;
  std::map<AccountId, std::int64_t> owed;
  std::size_t of_notes = 0;
  for (const auto& [id, invoice] : story.state.invoices) {
    std::int64_t sum = 0;
    for (const auto& share : invoice.shares) {
      EXPECT_GE(share.open, 0);
      EXPECT_LE(share.open, share.billed);
      EXPECT_EQ(share.open_by_day.last(), share.open);
      sum += share.open;
      shares[share.account] += share.open;
      items[share.account] += share.open > 0 ? 1U : 0U;
    }
    EXPECT_EQ(sum, invoice.open);
    EXPECT_LE(invoice.disputed, invoice.open);
    EXPECT_TRUE(invoice.phase != invoice::Phase::kVoid || invoice.open == 0);
    expect_sound_lines(invoice);
    open += invoice.open;
    owed[invoice.payer] += invoice.open;
  }
  for (const auto& [id, account] : story.state.accounts) {
    EXPECT_EQ(account.open, shares[id]);
    EXPECT_EQ(account.open_items, items[id]);
    EXPECT_EQ(account.owed, owed[id]);
    std::int64_t credits = 0;
    std::int64_t held = 0;
    if (const auto queues = story.state.queues.find(id); queues != story.state.queues.end()) {
      EXPECT_EQ(queues->second.own.size(), items[id]);
      expect_sound_places(story.state, queues->second);
      for (const auto& [key, left] : queues->second.credits) {
        EXPECT_GT(left, 0);
        credits += left;
        held += key.held ? left : 0;
        of_notes += noted(story.state, key) ? 1U : 0U;
        EXPECT_TRUE(!noted(story.state, key) || in_index(story.state, key, id));
      }
    }
    EXPECT_EQ(account.unapplied, credits);
    EXPECT_EQ(account.held, held);
    unapplied += credits;
  }
  for (const auto& [invoice, credits] : story.state.note_credits) of_notes -= credits.size();
  EXPECT_EQ(of_notes, 0U);
  expect_sound_revenue(story);
  expect_sound_payments(story);
  EXPECT_EQ(story.posted(Ledger::kReceivables), open);
  EXPECT_EQ(story.posted(Ledger::kUnappliedCredit), -unapplied);
  for (const StreamEvent& event : story.history) {
    EXPECT_TRUE(checks::balanced(postings_for(event.event), event.currency)) << event_type(event.event);
  }
}

}  // namespace billing::testing

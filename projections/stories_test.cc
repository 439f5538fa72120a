// Views against the state that decisions look at, after random commands of every kind.
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <map>
#include <set>

#include "ledger/domain/overdue.h"
#include "projections/history_testing.h"
#include "tests/support/random_commands.h"

namespace billing::views {
namespace {

using billing::testing::Kind;
using billing::testing::RandomCommands;
using billing::testing::Story;

constexpr Date kLater{INT32_MAX / 2};
constexpr std::array kMoney{Kind::kInvoice, Kind::kPayment, Kind::kRefund, Kind::kChargeback, Kind::kCredit, Kind::kDeposit};

// A story whose events are in a log.
struct ToldStory {
  explicit ToldStory(std::uint64_t seed) : commands(story, seed) {
    commands.world();
    history.today = story.today;
    history.append(story.history);
  }
  void go_on(std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
      if (commands.one_in(6)) story.today = story.today.plus_days(static_cast<std::int32_t>(commands.below(20)));
      if (commands.one_in(60)) close_month();
      tell(commands.one_in(3) ? commands.any() : commands.next(kMoney[commands.below(kMoney.size())]));
    }
  }
  // The month before today's, with the release of its revenue.
  void close_month() {
    const auto& books = story.state.books;
    std::int32_t period = story.today.month_index() - 1;
    if (books.closed_through) period = std::min(period, *books.closed_through + 1);
    tell(books::BeginClose{books.closing.value_or(period)});
    if (!books.closing) return;
    while (tell(books::ReleaseRevenue{Story::customer, *books.closing})) {
    }
    tell(books::Close{*books.closing});
  }
  bool tell(const Command& command) {
    history.today = story.today;
    if (!story.when(command).empty()) return false;
    history.append(story.last);
    return true;
  }
  Story story;
  RandomCommands commands;
  History history;
};

void expect_invoice(const Reader& reader, const invoice::State& wanted) {
  const auto found = reader.invoice(wanted.id, kLater);
  RC_ASSERT(found.has_value());
  const Invoice& invoice = found->invoice;
  if (wanted.phase == invoice::Phase::kDraft) {
    std::int64_t total = 0;
    for (const Line& line : wanted.draft_lines) total += line.net + tax_of(line);
    RC_ASSERT(invoice.total == total);
    RC_ASSERT(found->lines == wanted.draft_lines);
    return;
  }
  if (wanted.phase == invoice::Phase::kDiscarded) return RC_ASSERT(invoice.status == InvoiceStatus::kDiscarded);
  RC_ASSERT((wanted.phase == invoice::Phase::kVoid) == (invoice.status == InvoiceStatus::kVoid));
  RC_ASSERT(invoice.payer == wanted.payer);
  RC_ASSERT(invoice.total == wanted.total);
  RC_ASSERT(invoice.open == wanted.open);
  RC_ASSERT(invoice.open == invoice.total - invoice.paid - invoice.credited - invoice.written_off);
  RC_ASSERT(found->lines.size() == wanted.lines.size());
  std::int64_t written_off = 0, applied = 0, tax = 0;
  for (const invoice::ShareState& share : wanted.shares) {
    written_off += share.written_off;
    const auto part = std::ranges::find(found->shares, share.account, &InvoiceShare::account);
    RC_ASSERT(part != found->shares.end());
    RC_ASSERT(part->open == share.open);
    RC_ASSERT(part->total == share.billed);
    RC_ASSERT(part->total == part->net + part->tax);
  }
  for (const AppliedCredit& credit : found->applied) applied += credit.amount;
  for (const Line& line : found->lines) tax += tax_of(line);
  RC_ASSERT(invoice.written_off == written_off);
  RC_ASSERT(applied == invoice.total - invoice.open);
  RC_ASSERT(tax == invoice.tax);
}

void expect_account(const Reader& reader, const State& state, const account::State& wanted) {
  const auto found = reader.account(wanted.id, kLater);
  RC_ASSERT(found.has_value());
  RC_ASSERT(found->own.open == wanted.open);
  RC_ASSERT(found->own.unapplied == wanted.unapplied);
  const auto queues = state.queues.find(wanted.id);
  const auto credits = reader.credits(wanted.id, {.limit = kPageMax});
  RC_ASSERT(credits.has_value());
  std::size_t n = 0;
  if (queues != state.queues.end()) {
    RC_ASSERT(credits->items.size() == queues->second.credits.size());
    using Wanted = std::tuple<Date, Uuid, std::int64_t, bool>;  // the view has them oldest first, held or not
    std::vector<Wanted> wanted_credits;
    for (const auto& [key, left] : queues->second.credits) {
      wanted_credits.emplace_back(key.date, key.source, left, key.held);
    }
    std::ranges::sort(wanted_credits);
    for (const Wanted& one : wanted_credits) {
      const HeldCredit& held = credits->items[n++];
      RC_ASSERT((Wanted{held.date, held.source_id, held.amount, held.held}) == one);
    }
  }
  RC_ASSERT(credits->items.size() == n);
  const auto deposits = reader.deposits({.scope = Scope::only(wanted.id), .today = kLater, .page = {.limit = kPageMax}});
  std::int64_t deposited = 0;
  for (const Deposit& deposit : deposits->items) deposited += deposit.left;
  RC_ASSERT(deposited == wanted.deposited);
  RC_ASSERT(reader.methods(wanted.id, kLater)->methods.size() == wanted.methods);
  RC_ASSERT(*reader.frozen(wanted.id) == wanted.frozen);
}

// The read says of a day what late fees are decided on.
void expect_overdue(const Reader& reader, const State& state, AccountId payer, Date date) {
  std::int64_t overdue = 0, suspended = 0, covered = 0;
  std::optional<Date> earliest;
  for (const overdue::Item& item : overdue::items_on(state, payer, date)) {
    overdue += item.overdue();
    suspended += item.suspended;
    covered += item.covered + item.covered_disputed;
    if (item.pressing() > 0 && !earliest) earliest = item.due;
  }
  const auto owed = reader.owed(Scope::only(payer), date);
  RC_ASSERT(owed->overdue == overdue);
  RC_ASSERT(owed->suspended == suspended);
  RC_ASSERT(owed->covered == covered);
  if (earliest) RC_ASSERT(owed->earliest_due == *earliest);
  if (!earliest) RC_ASSERT(owed->earliest_due.value_or(date) >= date);
}

void expect_owed(const Reader& reader, const State& state, AccountId payer, Date today) {
  std::int64_t open = 0;
  for (const auto& [id, invoice] : state.invoices) {
    if (invoice.payer == payer && invoice.phase != invoice::Phase::kDraft) open += invoice.open;
  }
  RC_ASSERT(reader.owed(Scope::only(payer), kLater)->open == open);
  for (const std::int32_t days : {-60, -20, -3, 0, 4, 25, 60}) expect_overdue(reader, state, payer, today.plus_days(days));
}

void expect_payment(const Reader& reader, const payment::State& wanted) {
  const auto found = reader.payment(wanted.id);
  RC_ASSERT(found.has_value());
  RC_ASSERT(found->payment.phase == wanted.phase);
  RC_ASSERT(found->payment.reversed == wanted.reversed);
  RC_ASSERT(found->payment.amount == wanted.amount);
  std::map<std::pair<InvoiceId, AccountId>, std::int64_t> on_invoices;
  for (const UsedCredit& used : found->used) on_invoices[{used.invoice, used.account}] += used.amount;
  for (const tranche::Tranche& one : wanted.money) {
    if (!one.now.place.is_credit()) on_invoices[{one.now.place.invoice, one.now.place.account}] -= one.amount;
  }
  for (const auto& [place, amount] : on_invoices) RC_ASSERT(amount == 0);
  RC_ASSERT(found->claims.size() == wanted.claims().size());
  for (std::size_t i = 0; i < found->claims.size(); ++i) {
    const payment::Claim& claim = wanted.claims()[i];
    RC_ASSERT(found->claims[i].id == claim.id);
    RC_ASSERT(found->claims[i].kind == claim.kind);
    RC_ASSERT(found->claims[i].amount == claim.amount);
    if (claim.kind != payment::ClaimKind::kReturn) RC_ASSERT(found->claims[i].phase == claim.phase);
  }
  std::int64_t held = 0;
  for (const CreditHolder& holder : found->holders) held += holder.amount;
  RC_ASSERT(held == found->payment.unapplied);
}

// A statement adds up, and ends with the balance of its last day.
void expect_statement(const Reader& reader, AccountId account, Date from, Date to) {
  const auto statement = reader.statement(Scope::only(account), from, to);
  RC_ASSERT(statement.has_value());
  RC_ASSERT(statement->opening == reader.account(account, from.plus_days(-1))->own.balance());
  RC_ASSERT(statement->closing == reader.account(account, to)->own.balance());
  RC_ASSERT(statement->opening + statement->debit - statement->credit == statement->closing);
  if (!statement->entries.empty()) RC_ASSERT(statement->entries.back().balance == statement->closing);
  RC_ASSERT(reader.statement_lines(statement->entries)->size() == statement->entries.size());
}

// The books of the customer and of all its accounts one by one say the same.
void expect_revenue(const Reader& reader, const ToldStory& told) {
  const std::int32_t last = told.story.today.month_index();
  const auto whole = reader.revenue(Scope::whole(Story::customer), last, last);
  DeferredSum parts;
  for (const auto& [id, account] : told.story.state.accounts) {
    const auto own = reader.revenue(Scope::only(id), last, last);
    RC_ASSERT(own.has_value());
    parts.opening += own->deferred.opening;
    parts.deferred += own->deferred.deferred;
    parts.released += own->deferred.released;
    parts.credited += own->deferred.credited;
  }
  RC_ASSERT(whole->deferred.closing() == -told.story.posted(Ledger::kDeferredRevenue));
  RC_ASSERT(parts.deferred == whole->deferred.deferred);
  RC_ASSERT(parts.released == whole->deferred.released);
}

RC_GTEST_PROP(Stories, ViewsSayWhatDecisionsSee, ()) {
  ToldStory told(*rc::gen::arbitrary<std::uint64_t>());
  told.go_on(*rc::gen::inRange<std::size_t>(1, 300));
  const auto tables = fold_in_memory(told.history);
  const Reader reader(tables->snapshot(), told.history.log(), told.history.keys());
  const State& state = told.story.state;
  for (const auto& [id, invoice] : state.invoices) expect_invoice(reader, invoice);
  for (const auto& [id, account] : state.accounts) {
    expect_account(reader, state, account);
    expect_owed(reader, state, id, told.story.today);
  }
  for (const auto& [id, payment] : state.payments) expect_payment(reader, payment);
  for (const auto& [id, account] : state.accounts) {
    const Date to = told.story.today.plus_days(-static_cast<std::int32_t>(told.commands.below(30)));
    expect_statement(reader, id, to.plus_days(-static_cast<std::int32_t>(told.commands.below(60))), to);
  }
  expect_revenue(reader, told);
  for (const Control& control : *reader.check_control()) RC_ASSERT(control.agrees());
  for (const TrialBalance& balance : *reader.trial_balance(kLater)) RC_ASSERT(balance.balanced());
  const auto activity = reader.activity(Scope::whole(Story::customer), kLater, {.limit = kPageMax});
  RC_ASSERT(activity.has_value());
}

RC_GTEST_PROP(Stories, BatchSizesMakeNoDifference, ()) {
  ToldStory told(*rc::gen::arbitrary<std::uint64_t>());
  told.go_on(*rc::gen::inRange<std::size_t>(1, 150));
  const auto whole = *digest(*fold_in_memory(told.history)->snapshot());
  RC_ASSERT(*digest(*fold_in_memory(told.history, 1)->snapshot()) == whole);
  RC_ASSERT(*digest(*fold_in_memory(told.history, 7)->snapshot()) == whole);
}

// What the properties above are worth: the commands reach what they speak of.
TEST(Stories, RandomCommandsReachEveryEventThatMovesMoney) {
  std::set<std::string, std::less<>> reached;
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    ToldStory told(seed);
    told.go_on(400);
    for (const codec::Envelope& event : told.history.events()) reached.emplace(event_type(event.event));
    for (const auto& [id, account] : told.story.state.accounts) {
      for (const std::int32_t days : {-20, 0, 60}) {
        for (const overdue::Item& item : overdue::items_on(told.story.state, id, told.story.today.plus_days(days))) {
          if (item.suspended > 0) reached.emplace("suspended");
          if (item.covered > 0) reached.emplace("covered");
          if (item.covered_disputed > 0) reached.emplace("covered though disputed");
        }
      }
    }
  }
  for (const std::string_view type :
       {"invoice.Issued", "invoice.LinesReplaced", "invoice.Voided", "invoice.WrittenOff", "invoice.Recovered",
        "credit_note.Issued", "payment.Recorded", "payment.Succeeded", "payment.Reversed", "payment.Reallocated",
        "payment.RefundSucceeded", "payment.ChargebackOpened", "payment.ChargebackWon", "payment.Returned",
        "receivables.CreditApplied", "receivables.CreditTransferred", "receivables.CreditHeld", "deposit.Used",
        "books.RevenueReleased", "dispute.Opened", "suspended", "covered", "covered though disputed"}) {
    EXPECT_TRUE(reached.contains(type)) << type;
  }
}

}  // namespace
}  // namespace billing::views

// What money does to invoices, credit and figures: events of every kind that puts it there or takes it back.
#include <gtest/gtest.h>

#include <algorithm>

#include "projections/history_testing.h"
#include "projections/owed_view.h"
#include "projections/plans_view.h"

namespace billing::views {
namespace {

class MoneyFlow : public testing::Test {
 protected:
  MoneyFlow() {
    customer = history.made<customer::Created>(
        customer::Create{.id = {}, .name = "Acme", .currency = usd, .external_id = {}}).id;
    root = open("R", std::nullopt);
    child = open("C", root);
  }
  AccountId open(const std::string& number, std::optional<AccountId> parent) {
    account::Open command;
    command.customer = customer;
    command.number = number;
    command.name = "Name " + number;
    command.parent = parent;
    command.opened_on = day.plus_days(-300);
    return history.made<account::Opened>(command).id;
  }
  InvoiceId issue(AccountId account, std::vector<Line> lines, std::optional<Date> due = {}) {
    invoice::Issue command;
    command.header.account = account;
    command.lines = std::move(lines);
    command.document_date = day;
    command.due_date = due;
    return history.made<invoice::Issued>(command).header.id;
  }
  // Events that no command made.
  void happened(StreamKind kind, const Uuid& stream, Event event) {
    history.append({money_fact({kind, stream}, customer, std::move(event), history.today, history.today, usd)});
  }
  void of_payment(Event event) { happened(StreamKind::kPayment, payment.uuid, std::move(event)); }
  void paid(std::int64_t amount, std::vector<Allocation> allocations) {
    std::int64_t rest = amount;
    for (const Allocation& allocation : allocations) rest -= allocation.amount;
    payment::Recorded event{.id = payment,
                            .account = root,
                            .amount = amount,
                            .currency = usd,
                            .reference = {},
                            .external_id = {},
                            .received_on = history.today,
                            .posting_date = history.today,
                            .allocations = std::move(allocations),
                            .unapplied = rest,
                            .settled = {},
                            .unbooked = {}};
    of_payment(event);
  }
  chargeback::Opened charged_back(Takeback takeback) const {
    return {.id = payment,
            .chargeback = chargeback,
            .account = root,
            .code = "4853",
            .reference = {},
            .on = history.today,
            .posting_date = history.today,
            .currency = usd,
            .takeback = std::move(takeback)};
  }
  CreditPart own_credit(AccountId account, std::int64_t amount) const {
    return {account, CreditSource::kPayment, payment.uuid, amount};
  }
  const Reader& read() {
    tables = fold_in_memory(history);
    reader = std::make_unique<Reader>(tables->snapshot(), history.log(), history.keys());
    for (const Control& control : *reader->check_control()) EXPECT_TRUE(control.agrees());
    for (const TrialBalance& balance : *reader->trial_balance(history.today)) EXPECT_TRUE(balance.balanced());
    return *reader;
  }
  std::int64_t paid_now(AccountId account) const { return reader->account(account, history.today)->own.paid; }

  History history;
  const Currency usd = *Currency::parse("USD");
  const Date day = history.today;
  const PaymentId payment{Uuid{{4, 1}}};
  const ChargebackId chargeback{Uuid{{5, 1}}};
  const RefundId refund{Uuid{{6, 1}}};
  CustomerId customer;
  AccountId root, child;
  std::unique_ptr<store::Tables> tables;
  std::unique_ptr<Reader> reader;
};

TEST_F(MoneyFlow, AChargebackReopensTheInvoiceAndAWinClosesItAgain) {
  const InvoiceId id = issue(root, {a_line(root, 24'995)});
  paid(1'000, {{id, root, 1'000}});
  of_payment(charged_back({.amount = 1'000, .credits = {}, .reopened = {{id, root, 1'000}}, .settled = {}}));
  EXPECT_EQ(read().invoice_head(id, day)->open, 24'995);
  EXPECT_EQ(reader->invoice_head(id, day)->paid, 0);
  EXPECT_EQ(paid_now(root), 0);
  EXPECT_EQ(reader->payment(payment)->payment.charged_back, 1'000);
  EXPECT_EQ(reader->payment(payment)->claims.front().phase, payment::ClaimPhase::kOpen);

  of_payment(chargeback::Won{.id = payment, .chargeback = chargeback, .account = root, .on = day, .posting_date = day,
                             .currency = usd, .amount = 1'000, .allocations = {{id, root, 1'000}}, .unapplied = 0,
                             .settled = {}});
  const auto detail = read().invoice(id, day);
  EXPECT_EQ(detail->invoice.open, 23'995);
  ASSERT_EQ(detail->applied.size(), 3U);
  EXPECT_EQ(detail->applied[1].amount, -1'000);
  EXPECT_EQ(detail->applied[1].event, "payment.ChargebackOpened");
  EXPECT_EQ(reader->payment(payment)->used.size(), 3U);
  EXPECT_EQ(reader->payment(payment)->payment.charged_back, 0);
  EXPECT_EQ(reader->months(Scope::only(root), day.month_index(), day.month_index(), day)->front().paid, 1'000);
  EXPECT_EQ(reader->months(Scope::only(root), day.month_index(), day.month_index(), day)->front().payments, 1U);
}

TEST_F(MoneyFlow, ARefundIsARequestUntilItSucceedsAndTakesCreditFirst) {
  const InvoiceId id = issue(root, {a_line(root, 2'000)});
  paid(3'000, {{id, root, 2'000}});
  of_payment(refund::Requested{.id = payment, .refund = refund, .account = root, .amount = 1'500, .currency = usd,
                               .reason = "asked for", .requested_on = day, .invoice = {}, .adjustment_lines = {}});
  EXPECT_EQ(read().payment(payment)->payment.refunded, 0);
  EXPECT_EQ(reader->payment(payment)->claims.front().reason, "asked for");
  of_payment(refund::Succeeded{.id = payment, .refund = refund, .account = root, .provider_reference = "re_1",
                               .on = day, .posting_date = day, .currency = usd,
                               .takeback = {.amount = 1'500, .credits = {own_credit(root, 1'000)},
                                            .reopened = {{id, root, 500}}, .settled = {}},
                               .credit_note = {}});
  const auto detail = read().payment(payment);
  EXPECT_EQ(detail->payment.unapplied, 0);
  EXPECT_EQ(detail->payment.refunded, 1'500);
  EXPECT_TRUE(detail->holders.empty());
  EXPECT_EQ(detail->claims.front().reference, "re_1");
  EXPECT_EQ(reader->invoice_head(id, day)->open, 500);
  EXPECT_EQ(reader->invoice_head(id, day)->paid, 1'500);
  EXPECT_EQ(paid_now(root), 1'500);
}

TEST_F(MoneyFlow, ATransferMovesTheHolderAndAHoldIsShown) {
  paid(5'000, {});
  happened(StreamKind::kReceivables, root.uuid,
           receivables::CreditTransferred{.from_account = root, .to_account = child, .currency = usd, .on = day,
                                          .posting_date = day, .amount = 2'000, .parts = {own_credit(root, 2'000)},
                                          .reason = "theirs"});
  history.append({fact({StreamKind::kReceivables, child.uuid}, customer,
                       receivables::CreditHeld{.account = child, .source = CreditSource::kPayment,
                                               .source_id = payment.uuid, .held = true, .reason = "asked"})});
  const auto credits = read().credits(child, {});
  ASSERT_EQ(credits->items.size(), 1U);
  EXPECT_EQ(credits->items[0].amount, 2'000);
  EXPECT_TRUE(credits->items[0].held);
  EXPECT_FALSE(reader->credits(root, {})->items.front().held);
  EXPECT_EQ(reader->payment(payment)->payment.unapplied, 5'000);
  EXPECT_EQ(reader->payment(payment)->holders.size(), 2U);
  EXPECT_EQ(reader->activity(Scope::only(child), day, {})->items.size(), 3U);
}

TEST_F(MoneyFlow, AReallocationMovesMoneyBetweenInvoices) {
  const InvoiceId first = issue(root, {a_line(root, 1'000)}), second = issue(root, {a_line(child, 700)});
  paid(1'000, {{first, root, 1'000}});
  of_payment(payment::Reallocated{.id = payment, .account = root, .on = day, .posting_date = day, .currency = usd,
                                  .released = {{first, root, 1'000}}, .allocations = {{second, child, 700}},
                                  .unapplied_change = 300});
  EXPECT_EQ(read().invoice_head(first, day)->status, InvoiceStatus::kOpen);
  EXPECT_EQ(reader->invoice_head(second, day)->status, InvoiceStatus::kPaid);
  EXPECT_EQ(reader->payment(payment)->payment.unapplied, 300);
  EXPECT_EQ(paid_now(root), 1'000);
}

TEST_F(MoneyFlow, AReversalTakesAllBackAndIsNotPaid) {
  const InvoiceId id = issue(root, {a_line(root, 1'000)});
  paid(1'500, {{id, root, 1'000}});
  of_payment(payment::Reversed{.id = payment, .account = root, .reason = "wrong payer", .on = day, .posting_date = day,
                               .currency = usd,
                               .takeback = {.amount = 1'500, .credits = {own_credit(root, 500)},
                                            .reopened = {{id, root, 1'000}}, .settled = {}},
                               .unbooked = {}});
  EXPECT_TRUE(read().payment(payment)->payment.reversed);
  EXPECT_EQ(reader->payment(payment)->reason, "wrong payer");
  EXPECT_EQ(reader->invoice_head(id, day)->open, 1'000);
  EXPECT_EQ(paid_now(root), 0);
}

TEST_F(MoneyFlow, APaymentIsSeenFromTheWishToPayOn) {
  const InvoiceId id = issue(root, {a_line(root, 1'000)});
  history.append({fact({StreamKind::kPayment, payment.uuid}, customer,
                       payment::Requested{.id = payment, .account = root, .amount = 1'000, .currency = usd,
                                          .method_on_file = {}, .reference = "web", .external_id = {},
                                          .requested_on = day,
                                          .reserved = {{.invoice = id, .amount = 1'000, .account = {}}}})});
  history.append({fact({StreamKind::kPayment, payment.uuid}, customer,
                       payment::Progressed{.id = payment, .new_phase = payment::Phase::kUnknown,
                                           .provider_reference = {}, .reason = {}})});
  EXPECT_EQ(read().payment(payment)->payment.phase, payment::Phase::kUnknown);
  EXPECT_EQ(reader->payment(payment)->payment.reserved, 1'000);
  EXPECT_EQ(reader->payment(payment)->reserved.size(), 1U);
  EXPECT_EQ(paid_now(root), 0);
  EXPECT_FALSE(reader->payment(payment)->payment.posting_date.has_value());

  history.today = day.plus_days(2);
  of_payment(payment::Succeeded{.id = payment, .account = root, .amount = 1'000, .currency = usd,
                                .provider_reference = "ch_1", .received_on = history.today,
                                .posting_date = history.today, .allocations = {{id, root, 1'000}}, .settled = {}});
  const auto detail = read().payment(payment);
  EXPECT_EQ(detail->payment.phase, payment::Phase::kSucceeded);
  EXPECT_EQ(detail->payment.reference, "web");
  EXPECT_EQ(detail->provider_reference, "ch_1");
  EXPECT_EQ(detail->payment.received_on, history.today);
  EXPECT_EQ(detail->used.size(), 1U);
  EXPECT_EQ(reader->payments({.scope = Scope::only(root), .today = day})->items.size(), 1U);
  EXPECT_EQ(reader->activity(Scope::only(root), day, {})->items.front().type, "payment.Succeeded");
}

TEST_F(MoneyFlow, ADepositStaysApartUntilItIsUsed) {
  const InvoiceId id = issue(root, {a_line(root, 1'500)});
  const DepositId deposit{Uuid{{7, 1}}};
  happened(StreamKind::kDeposit, deposit.uuid,
           deposit::Received{.id = deposit, .account = root, .amount = 2'000, .currency = usd, .reference = {},
                             .received_on = day, .posting_date = day});
  EXPECT_EQ(read().account(root, day)->own.unapplied, 0);
  happened(StreamKind::kDeposit, deposit.uuid,
           deposit::Used{.id = deposit, .account = root, .currency = usd, .on = day, .posting_date = day,
                         .amount = 1'500, .allocations = {{id, root, 1'500}}});
  EXPECT_EQ(read().invoice_head(id, day)->status, InvoiceStatus::kPaid);
  EXPECT_EQ(reader->invoice(id, day)->applied.front().source, AllocationSource::kDeposit);
  EXPECT_EQ(reader->deposit(deposit)->deposit.left, 500);
  EXPECT_EQ(reader->deposits({.scope = Scope::subtree(root), .today = day})->items.front().used, 1'500);
  EXPECT_EQ(paid_now(root), 0);
}

TEST_F(MoneyFlow, AWriteOffGivesUpAndARecoveryOpensAgain) {
  const InvoiceId id = issue(root, {a_line(root, 1'000)});
  paid(400, {{id, root, 400}});
  happened(StreamKind::kInvoice, id.uuid,
           invoice::WrittenOff{.id = id, .account = root, .reason = "gone", .on = day, .posting_date = day,
                               .currency = usd, .amount = 600, .allocations = {{id, root, 600}}});
  EXPECT_EQ(read().invoice_head(id, day)->status, InvoiceStatus::kWrittenOff);
  EXPECT_EQ(reader->invoice_head(id, day)->written_off, 600);
  EXPECT_EQ(reader->invoice_head(id, day)->version, 2U);
  happened(StreamKind::kInvoice, id.uuid,
           invoice::Recovered{.id = id, .account = root, .on = day, .posting_date = day, .currency = usd, .amount = 100,
                              .allocations = {{id, root, 100}}});
  EXPECT_EQ(read().invoice_head(id, day)->open, 100);
  EXPECT_EQ(reader->months(Scope::only(root), day.month_index(), day.month_index(), day)->front().written_off, 500);
}

TEST_F(MoneyFlow, AVoidShowsItsReasonAndItsCreditNote) {
  const InvoiceId id = issue(root, {a_line(root, 1'000)});
  ASSERT_TRUE(history.run(invoice::Void{.id = id, .reason = "twice"}).has_value());
  const auto detail = read().invoice(id, day);
  EXPECT_EQ(detail->invoice.status, InvoiceStatus::kVoid);
  EXPECT_EQ(detail->invoice.credited, 1'000);
  ASSERT_TRUE(detail->voided.has_value());
  EXPECT_EQ(detail->voided->reason, "twice");
  EXPECT_TRUE(detail->voided->credit_note.has_value());
  EXPECT_EQ(reader->invoices({.scope = Scope::only(root), .today = day, .statuses = {"void"}})->items.size(), 1U);
}

TEST_F(MoneyFlow, AccountsOweAsPayersByDueDay) {
  issue(root, {a_line(child, 300)}, day.plus_days(10));
  const InvoiceId late = issue(root, {a_line(root, 500)}, day.plus_days(5));
  EXPECT_EQ(read().owed(Scope::only(root), day)->open, 800);
  EXPECT_EQ(reader->owed(Scope::only(root), day)->earliest_due, day.plus_days(5));
  EXPECT_EQ(reader->owed(Scope::only(child), day)->open, 0);
  EXPECT_EQ(reader->account(child, day)->own.open, 300);
  dispute::Open dispute;
  dispute.invoice = late;
  dispute.reason = "not ordered";
  ASSERT_TRUE(history.run(dispute).has_value());
  EXPECT_EQ(read().owed(Scope::only(root), day)->earliest_due, day.plus_days(10));
  EXPECT_EQ(reader->owed(Scope::only(root), day)->disputed, 500);
  history.today = day.plus_days(20);
  paid(800, {{late, root, 500}});
  EXPECT_EQ(read().owed(Scope::only(root), day.plus_days(19))->open, 800);
  EXPECT_EQ(reader->owed(Scope::only(root), day.plus_days(20))->open, 300);
}

TEST_F(MoneyFlow, StagesBeginThirtyFortyAndFiftyDaysAfterTheEarliestDueDate) {
  const Date due = Date::clamped(2012, 5, 31);
  const auto stage = [&](int month, int date) { return overdue_stage(due, Date::clamped(2012, month, date)); };
  EXPECT_EQ(stage(5, 31), OverdueStage{});
  EXPECT_EQ(stage(6, 29).stage, 0);
  EXPECT_EQ(stage(6, 30).stage, 1);
  EXPECT_FALSE(stage(7, 9).billing_flag);
  EXPECT_EQ(stage(7, 10).stage, 2);
  EXPECT_TRUE(stage(7, 10).billing_flag);
  EXPECT_EQ(stage(7, 20).stage, 3);
  EXPECT_EQ(overdue_stage(std::nullopt, Date::clamped(2012, 7, 20)), OverdueStage{});
  EXPECT_EQ(overdue_stage(due, Date::clamped(2012, 6, 30), {{10, 20, 25, 60}, 4}), (OverdueStage{30, 3, false}));

  const InvoiceId id = issue(root, {a_line(root, 500)}, day);
  history.today = day.plus_days(41);
  EXPECT_EQ(read().owed(Scope::only(root), history.today)->stage->stage, 2);
  EXPECT_EQ(reader->owed(Scope::only(root), day.plus_days(29))->stage->stage, 0);
  paid(500, {{id, root, 500}});
  EXPECT_EQ(read().owed(Scope::only(root), history.today)->stage, OverdueStage{});
}

TEST_F(MoneyFlow, AutopayDraftsWhatIsDueNextAsFarAsItMay) {
  issue(root, {a_line(root, 500)}, day.plus_days(10));
  issue(root, {a_line(root, 900)}, day.plus_days(20));
  const MethodId method{Uuid{{8, 1}}};
  const auto of_method = [&](Event event) {
    history.append({fact({StreamKind::kMethod, method.uuid}, customer, std::move(event))});
  };
  of_method(method::Added{.id = method, .account = root, .token = "tok", .brand = "visa", .last_four = "4242",
                          .expires = 24'320});
  of_method(method::AutopaySet{.id = method, .account = root, .days_before_due = 3, .at_most = 400, .currency = usd});
  const auto methods = read().methods(root, day);
  ASSERT_EQ(methods->methods.size(), 1U);
  EXPECT_EQ(methods->methods[0].last_four, "4242");
  EXPECT_EQ(methods->autopay->next_draft, day.plus_days(7));
  EXPECT_EQ(methods->autopay->next_amount, 400);
  // What is past its day goes at once, all of it together.
  EXPECT_EQ(reader->methods(root, day.plus_days(30))->autopay->next_draft, day.plus_days(30));
  of_method(method::AutopayCleared{.id = method, .account = root});
  of_method(method::Removed{.id = method, .account = root});
  EXPECT_TRUE(read().methods(root, day)->methods.empty());
  EXPECT_FALSE(reader->methods(root, day)->autopay.has_value());
  EXPECT_TRUE(reader->method(method)->removed);
}

TEST_F(MoneyFlow, APlanIsKeptOrBrokenByWhatWasPaidSince) {
  const InvoiceId id = issue(root, {a_line(root, 1'500)});
  paid(100, {{id, root, 100}});
  const PlanId plan{Uuid{{9, 1}}};
  history.append({fact({StreamKind::kPlan, plan.uuid}, customer,
                       plan::Agreed{.id = plan, .account = root, .amount = 1'400, .currency = usd,
                                    .instalments = {{day.plus_days(10), 600}, {day.plus_days(20), 400},
                                                    {day.plus_days(30), 400}},
                                    .invoices = {id}, .note = "by phone", .agreed_on = day})});
  EXPECT_EQ(read().plan(plan, day.plus_days(10))->status, PlanStatus::kOnTrack);
  EXPECT_EQ(reader->plan(plan, day.plus_days(10))->paid, 0);
  EXPECT_EQ(reader->plan(plan, day.plus_days(11))->status, PlanStatus::kBroken);
  EXPECT_EQ(reader->plan(plan, day.plus_days(11))->behind, 600);
  history.today = day.plus_days(9);
  const PaymentId more{Uuid{{4, 2}}};
  happened(StreamKind::kPayment, more.uuid,
           payment::Recorded{.id = more, .account = root, .amount = 700, .currency = usd, .reference = {},
                             .external_id = {}, .received_on = history.today, .posting_date = history.today,
                             .allocations = {{id, root, 700}}, .unapplied = 0,
                             .settled = {}, .unbooked = {}});
  const auto found = read().plan(plan, day.plus_days(11));
  EXPECT_EQ(found->status, PlanStatus::kOnTrack);
  EXPECT_EQ(found->instalments[1].paid, 100);
  EXPECT_EQ(reader->plans(root, day.plus_days(21), {})->items.front().status, PlanStatus::kBroken);
}

TEST_F(MoneyFlow, WhatAPlanSuspendsIsNotOverdueAnywhereAndAgeingStays) {
  issue(root, {a_line(root, 500), a_line(child, 1'000)}, day.plus_days(1));
  issue(root, {a_line(root, 100)}, day);
  history.today = day.plus_days(10);
  const PlanId plan{Uuid{{9, 1}}};
  history.append({fact({StreamKind::kPlan, plan.uuid}, customer,
                       plan::Agreed{.id = plan, .account = root, .amount = 1'300, .currency = usd,
                                    .instalments = {{day.plus_days(30), 1'300}}, .invoices = {}, .note = {},
                                    .agreed_on = history.today})});
  const auto owed = read().owed(Scope::only(root), history.today);
  EXPECT_EQ(owed->overdue, 300);
  EXPECT_EQ(owed->suspended, 1'300);
  EXPECT_EQ(owed->earliest_due, day.plus_days(1)) << "the older one is in the plan as a whole";
  EXPECT_EQ(owed->stage->days, 9);
  for (const auto& [scope, suspended] : {std::pair(Scope::only(root), 100 + 400), {Scope::only(child), 800},
                                        {Scope::subtree(root), 1'300}, {Scope::whole(customer), 1'300}}) {
    const auto summary = reader->summary(scope, history.today);
    EXPECT_EQ(summary->suspended, suspended);
    EXPECT_EQ(summary->overdue, summary->ageing.overdue - suspended);
  }
  EXPECT_EQ(reader->summary(Scope::whole(customer), history.today)->ageing.overdue, 1'600);
  EXPECT_EQ(reader->owed(Scope::only(root), day.plus_days(9))->suspended, 0) << "not agreed yet";
  EXPECT_EQ(reader->owed(Scope::only(root), day.plus_days(31))->overdue, 1'600) << "broken";
}

TEST_F(MoneyFlow, PostingsOfAnotherCurrencyCountInTheirOwn) {
  const InvoiceId id = issue(root, {a_line(root, 24'995)});
  payment::Recorded event;
  event.id = payment;
  event.account = root;
  event.amount = 24'995;
  event.currency = usd;
  event.received_on = event.posting_date = day;
  event.allocations = {{id, root, 24'995}};
  event.settled = Settlement{.amount = 22'544, .currency = *Currency::parse("EUR"), .rate = {}, .source = "ecb"};
  of_payment(event);
  const auto balances = read().trial_balance(day);
  ASSERT_EQ(balances->size(), 2U);
  EXPECT_EQ(balances->front().currency.code(), "EUR");
  EXPECT_EQ(balances->front().debit, 22'544);
  EXPECT_EQ(reader->payment(payment)->payment.settled->amount, 22'544);
}

TEST_F(MoneyFlow, ExchangeDifferencesStandAtThePaymentAndInTheTrialBalance) {
  payment::Recorded event;
  event.id = payment;
  event.account = root;
  event.amount = event.unapplied = 24'995;
  event.currency = usd;
  event.received_on = event.posting_date = day;
  event.settled = Settlement{.amount = 22'544, .currency = *Currency::parse("EUR"), .rate = {}, .source = "ecb"};
  of_payment(event);
  for (const std::int64_t amount : {-320, 200}) {
    of_payment(payment::ExchangeDifferenceRecorded{payment, root, amount, day, day, usd, "FX"});
  }
  const auto balances = read().trial_balance(day);
  const auto& ledgers = balances->back().ledgers;
  const auto found = std::ranges::find(ledgers, Ledger::kExchangeDifference, &LedgerBalance::ledger);
  ASSERT_NE(found, ledgers.end());
  EXPECT_EQ(found->debit - found->credit, 120);
  const auto detail = reader->payment(payment);
  ASSERT_EQ(detail->exchange_differences.size(), 2U);
  EXPECT_EQ(detail->exchange_differences[0].amount, -320);
  EXPECT_EQ(detail->exchange_differences[1].on, day);
  EXPECT_EQ(detail->payment.unapplied, 24'995);
}

}  // namespace
}  // namespace billing::views

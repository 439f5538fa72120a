// Orders in, receipts out: ids, versions, queues, counts.
#include "ledger/service/ledger_testing.h"

namespace billing::service {
namespace {

using testing::LedgerTest;
using testing::Story;

TEST_F(LedgerTest, ACommandIsInTheLogWhenItsReceiptArrives) {
  const auto receipt = run(order("c", customer()));
  ASSERT_TRUE(receipt.has_value());
  EXPECT_EQ(receipt->first, 1U);
  EXPECT_EQ(receipt->version, 1U);
  EXPECT_EQ(log.head().position, receipt->last);
}
TEST_F(LedgerTest, TheSameIdAgainGivesTheSameEventsAndAddsNothing) {
  const auto first = run(order("c", customer()));
  const auto again = run(order("c", customer()));
  ASSERT_TRUE(again.has_value());
  EXPECT_TRUE(again->repeated);
  EXPECT_EQ(again->first, first->first);
  EXPECT_EQ(again->events.front().event, first->events.front().event);
  EXPECT_EQ(log.head().position, 1U);
}
TEST_F(LedgerTest, TheSameIdWithAnotherBodyIsRefused) {
  EXPECT_EQ(code(order("c", customer(), 1)), "");
  EXPECT_EQ(code(order("c", customer(), 2)), "idempotency-key-reused");
}
TEST_F(LedgerTest, EventsThatFailACheckAreRefusedAndTheAccountIsFrozenOnce) {
  given_account();
  ledger->stop();
  LedgerOptions faulty;
  // Pays without asking whether so much is open.
  faulty.decide = [](const State& state, const Command& command, const Context& context) -> Decision {
    auto decided = billing::decide(state, command, context);
    if (!std::holds_alternative<payment::Record>(command) || !decided) return decided;
    auto& recorded = std::get<payment::Recorded>(decided->front().event);
    recorded.allocations = {{Story::invoice(1), Story::account(1), recorded.amount}};
    recorded.unapplied = 0;
    return decided;
  };
  reopen(faulty);
  ASSERT_EQ(code(order("i", story.issue(1, 1, {Story::line(1, 50)}))), "");
  EXPECT_EQ(code(order("pay", story.pay(1, 100))), "check-failed");
  EXPECT_EQ(log.head().position, 4U);
  std::string frozen;
  ASSERT_TRUE(log.read(4, 1, [&](const store::Record& record) {
    frozen = event_type(codec::decode(record, nullptr)->event);
    return true;
  }).has_value());
  EXPECT_EQ(frozen, "account.Frozen");
  EXPECT_EQ(code(order("pay", story.pay(1, 100))), "account-frozen");
  EXPECT_EQ(ledger->stats().breaches, 1U);
  EXPECT_EQ(ledger->stats().accounts_frozen, 1U);
  EXPECT_EQ(log.head().position, 4U);
  reopen({});
  EXPECT_EQ(ledger->stats().accounts_frozen, 1U);
  account::Unfreeze unfreeze;
  unfreeze.id = Story::account(1);
  unfreeze.reason = "checked";
  unfreeze.approved_by = {"one", "two"};
  ASSERT_EQ(code(order("u", unfreeze)), "");
  EXPECT_EQ(ledger->stats().accounts_frozen, 0U);
}
TEST_F(LedgerTest, EventsOfTwoCustomersInOneCommandAreCountedApart) {
  given_account();
  unbooked::Report report;
  report.id = UnbookedId{Story::id(1, 9)};
  report.amount = 100;
  report.currency = *Currency::parse("USD");
  ASSERT_EQ(code(order("report", report)), "");
  EXPECT_EQ(code(order("assign", unbooked::Assign{report.id, Story::account(1)})), "");
  EXPECT_EQ(code(order("again", customer(), 2)), "already-exists");
}
TEST_F(LedgerTest, ARefusalIsForgottenAndItsIdMayBeUsedAgain) {
  EXPECT_EQ(code(order("a", account(1))), "unknown-customer");
  EXPECT_EQ(code(order("c", customer())), "");
  EXPECT_EQ(code(order("a", account(1))), "");
}
TEST_F(LedgerTest, TenantsHaveIdSpacesOfTheirOwn) {
  EXPECT_EQ(code(order("x", customer())), "");
  auto other = order("x", account(1));
  other.tenant = Story::customer;
  EXPECT_EQ(code(other), "");
}
TEST_F(LedgerTest, FiftyRepeatsInParallelMakeOneEventAndFiftyEqualAnswers) {
  given_account();
  const Order one = order("pay", story.pay(1, 100));
  std::vector<std::promise<Result<Receipt>>> answers(50);
  std::vector<std::thread> threads;
  for (auto& answer : answers) {
    threads.emplace_back([&] {
      ledger->execute(one, [&](Result<Receipt> result) { answer.set_value(std::move(result)); });
    });
  }
  for (auto& thread : threads) thread.join();
  for (auto& answer : answers) {
    const auto receipt = answer.get_future().get();
    ASSERT_TRUE(receipt.has_value());
    EXPECT_EQ(receipt->first, 3U);
    EXPECT_EQ(receipt->events.size(), 1U);
  }
  EXPECT_EQ(log.head().position, 3U);
}
TEST_F(LedgerTest, AnotherVersionThanExpectedIsRefused) {
  given_account();
  auto rename = order("r", account::Rename{Story::account(1), "New", ""});
  rename.expected_version = 2;
  EXPECT_EQ(code(rename), "version-mismatch");
  rename.expected_version = 1;
  EXPECT_EQ(code(rename), "");
}
TEST_F(LedgerTest, ACommandWhoseDeadlinePassedIsNotDecided) {
  auto late = order("c", customer());
  late.deadline = std::chrono::steady_clock::now() - std::chrono::seconds(1);
  EXPECT_EQ(code(late), "deadline-exceeded");
  EXPECT_EQ(log.head().position, 0U);
}
TEST_F(LedgerTest, AReopenedLedgerGoesOnWhereItWas) {
  given_account();
  EXPECT_EQ(code(order("i", story.issue(1, 1, {Story::line(1, 500)}))), "");
  reopen({});
  const auto paid = run(order("p", story.pay(1, 500)));
  ASSERT_TRUE(paid.has_value());
  EXPECT_EQ(std::get<payment::Recorded>(paid->events.front().event).allocations.size(), 1U);
  EXPECT_TRUE(run(order("i", story.issue(1, 1, {Story::line(1, 500)})))->repeated);
}
TEST_F(LedgerTest, WhatComesDuringACommitIsDecidedOnItsStateAndCommittedTogether) {
  ASSERT_EQ(code(order("c", customer())), "");
  const auto commits = ledger->stats().commits;
  auto answers = queue_during_a_commit({order("a", account(1)), order("p", story.pay(1, 100)),
                                        order("q", story.pay(1, 200)), order("r", story.pay(2, 1))});
  for (auto& answer : answers) EXPECT_TRUE(waits(answer));
  EXPECT_EQ(log.head().position, 1U);
  log.held = false;
  std::vector<std::string> codes;
  for (auto& answer : answers) codes.push_back(answer.get());
  EXPECT_EQ(codes, (std::vector<std::string>{"", "", "", "unknown-account"}));
  EXPECT_EQ(ledger->stats().commits, commits + 2);
  EXPECT_EQ(log.head().position, 4U);
}
TEST_F(LedgerTest, ARepeatDuringTheCommitOfItsFirstIsAnsweredAfterIt) {
  given_account();
  const Order pay = order("p", story.pay(1, 100));
  Order other = pay;
  other.body_hash[0] = 9;
  auto answers = queue_during_a_commit({pay, pay, other});
  for (auto& answer : answers) EXPECT_TRUE(waits(answer));
  log.held = false;
  EXPECT_EQ(answers[0].get(), "");
  EXPECT_EQ(answers[1].get(), "");
  EXPECT_EQ(answers[2].get(), "idempotency-key-reused");
  EXPECT_EQ(log.head().position, 3U);
  EXPECT_EQ(ledger->stats().repeated, 1U);
}
TEST_F(LedgerTest, ManyCommandsPassThroughAFewPlaces) {
  reopen({.batch_commands_max = 3, .batch_bytes_max = 700});
  given_account();
  std::vector<Order> bulk;
  for (int n = 0; n < 200; ++n) bulk.push_back(order("b" + std::to_string(n), story.pay(1, 1)));
  std::atomic<int> answered{0};
  const auto count = [&](const Result<Receipt>& result) { answered += result ? 1 : 0; };
  ASSERT_TRUE(ledger->execute_bulk(bulk, [&](std::size_t, const Result<Receipt>& result) { count(result); }));
  for (int n = 0; n < 200; ++n) ledger->execute(order("s" + std::to_string(n), story.pay(1, 1)), count);
  ledger->stop();
  EXPECT_EQ(answered, 400);
  EXPECT_EQ(log.head().position, 402U);
  EXPECT_GE(ledger->stats().commits, 402U / 3);
}
TEST_F(LedgerTest, ShedLoadRefusesSinglesAndHoldsBulkBack) {
  ledger->shed_load(true);
  EXPECT_EQ(code(order("c", customer())), "views-behind");
  std::vector<Order> bulk{order("c", customer())};
  EXPECT_FALSE(ledger->execute_bulk(bulk, [](std::size_t, Result<Receipt>) {}));
  EXPECT_EQ(bulk.size(), 1U);
  ledger->shed_load(false);
  EXPECT_EQ(code(order("c", customer())), "");
}
TEST_F(LedgerTest, AClosedLedgerRefusesSinglesAndBulkWithTheReasonItWasGiven) {
  ledger->close({Code::kViewsBehind, "The views have stopped.", {}});
  ledger->close({Code::kReadOnly, "another reason", {}});
  ledger->shed_load(false);  // a later report of the views' lag opens nothing
  const auto single = run(order("c", customer()));
  ASSERT_FALSE(single.has_value());
  EXPECT_EQ(single.error(), (Error{Code::kViewsBehind, "The views have stopped.", {}}));
  std::vector<Order> bulk{order("c", customer()), order("a", account(1))};
  std::vector<std::string> answers;
  ASSERT_TRUE(ledger->execute_bulk(bulk, [&](std::size_t, const Result<Receipt>& result) {
    answers.push_back(result ? "" : result.error().detail);
  }));
  EXPECT_EQ(answers, (std::vector<std::string>(2, "The views have stopped.")));
  EXPECT_EQ(log.head().position, 0U);
}
TEST_F(LedgerTest, ACommandThatDecidesNothingIsRefusedAndItsIdMayBeUsedAgain) {
  LedgerOptions idle;
  idle.decide = [](const State&, const Command&, const Context&) -> Decision { return std::vector<StreamEvent>{}; };
  reopen(idle);
  EXPECT_EQ(code(order("c", customer())), "nothing-changes");
  EXPECT_EQ(code(order("c", customer())), "nothing-changes");
  EXPECT_EQ(log.head().position, 0U);
  reopen({});
  EXPECT_EQ(code(order("c", customer())), "");
}
TEST_F(LedgerTest, EachCommandIsCountedOnceUnderWhatBecameOfIt) {
  LedgerOptions options;
  options.single_queue_max = 7;
  options.bulk_queue_max = 9;
  reopen(options);
  given_account();
  EXPECT_EQ(code(order("a", account(1))), "");                             // repeated
  EXPECT_EQ(code(order("x", account(1), 2)), "already-exists");            // refused
  EXPECT_EQ(code(order("y", story.pay(9, 1))), "unknown-account");         // refused
  ledger->shed_load(true);
  EXPECT_EQ(code(order("z", story.pay(1, 1))), "views-behind");            // shed
  const LedgerStats stats = ledger->stats();
  EXPECT_EQ(stats.accepted, 2U);
  EXPECT_EQ(stats.repeated, 1U);
  EXPECT_EQ(stats.refused, 2U);
  EXPECT_EQ(stats.shed, 1U);
  EXPECT_EQ(stats.single_queue_max, 7U);
  EXPECT_EQ(stats.bulk_queue_max, 9U);
  EXPECT_EQ(stats.refusals, (std::vector<std::pair<Code, std::uint64_t>>{
                                {Code::kUnknownAccount, 1}, {Code::kAlreadyExists, 1}, {Code::kViewsBehind, 1}}));
}
TEST_F(LedgerTest, ACommandIsRefusedAtOnceWhileThoseBeforeItWaitTooLong) {
  static std::promise<void> go;  // the decider is a plain function
  static std::shared_future<void> gone;
  go = {};
  gone = go.get_future().share();
  LedgerOptions options;
  options.single_queue_time_max = std::chrono::milliseconds(100);
  options.decide = [](const State& state, const Command& command, const Context& context) -> Decision {
    gone.wait();
    return decide(state, command, context);
  };
  reopen(options);
  const auto send = [this](const std::string& id) {
    auto answered = std::make_shared<std::promise<Result<Receipt>>>();
    ledger->execute(order(id, customer()), [answered](Result<Receipt> result) { answered->set_value(std::move(result)); });
    return answered->get_future();
  };
  auto first = send("a");  // being decided
  while (ledger->stats().single_queue > 0) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  auto second = send("b");
  std::this_thread::sleep_for(std::chrono::milliseconds(150));
  auto third = send("c");
  const auto answered = third.wait_for(std::chrono::seconds(0));
  go.set_value();
  EXPECT_EQ(answered, std::future_status::ready);
  EXPECT_EQ(third.get().error().code, Code::kQueueFull);
  EXPECT_TRUE(first.get().has_value());
  EXPECT_EQ(second.get().error().code, Code::kAlreadyExists);  // was decided
  EXPECT_EQ(send("d").get().error().code, Code::kAlreadyExists);
}
TEST_F(LedgerTest, CommitsAreReportedFromTheFirstOn) {
  std::atomic<std::size_t> events{0};
  LedgerOptions options;
  options.on_commit = [&](const CommitReport& report) { events += report.events; };
  reopen(options);
  given_account();
  ledger->stop();
  EXPECT_EQ(events, 2U);
}
TEST_F(LedgerTest, ABulkStreamIsDecidedInOrder) {
  given_account();
  std::vector<Order> bulk;
  for (std::uint32_t n = 1; n <= 500; ++n) {
    bulk.push_back(order("i" + std::to_string(n), story.issue(n, 1, {Story::line(1, n)})));
  }
  std::vector<std::size_t> seen;
  std::promise<void> all;
  ASSERT_TRUE(ledger->execute_bulk(bulk, [&](std::size_t i, Result<Receipt> result) {
    EXPECT_TRUE(result.has_value());
    seen.push_back(i);
    if (seen.size() == 500) all.set_value();
  }));
  all.get_future().get();
  EXPECT_TRUE(std::ranges::is_sorted(seen));
  EXPECT_LT(ledger->stats().commits, 100U);
}
TEST_F(LedgerTest, AStoppedLedgerHasAnsweredEverythingAndRefusesMore) {
  given_account();
  std::atomic<int> answered{0};
  for (std::uint32_t n = 0; n < 300; ++n) {
    ledger->execute(order("p" + std::to_string(n), story.pay(1, 1)), [&](Result<Receipt>) { answered++; });
  }
  ledger->stop();
  EXPECT_EQ(answered, 300);
  EXPECT_EQ(code(order("late", story.pay(1, 1))), "shutting-down");
}

}  // namespace
}  // namespace billing::service

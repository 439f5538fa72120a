// A default application that stopped at its limit goes on by itself, whatever happens in between.
#include "ledger/service/ledger_testing.h"

namespace billing::service {
namespace {

using testing::Story;

// A log whose disk is full once so many commits are done.
class FillingLog : public testing::LogOfTests {
 public:
  std::atomic<int> room{1'000'000};
  Result<void> commit(std::span<const store::Record> records, std::span<const store::CommandEntry> commands) override {
    ++begun;
    if (room == 0) return refuse(Code::kStorageFull, "full");
    --room;
    return write(records, commands);
  }
};

// How many follow-ups are still decided: then the process is as good as killed.
std::atomic<int> follow_ups_until_killed{0};

struct FollowUpsTest : ::testing::Test {
  static constexpr std::uint32_t kInvoices = 2'500;  // the payment takes 900, two follow-ups the rest
  Story story;  // makes commands and contexts
  FillingLog log;
  std::unique_ptr<codec::PersonKeys> keys = *codec::PersonKeys::open("");
  std::unique_ptr<Ledger> ledger;
  Position before = 0;  // the payment

  void SetUp() override { follow_ups_until_killed = 1'000'000; }
  void open() {
    ledger.reset();
    LedgerOptions options;
    options.decide = [](const State& state, const Command& command, const Context& context) -> Decision {
      if (std::holds_alternative<receivables::ApplyCredit>(command) && follow_ups_until_killed-- <= 0) {
        follow_ups_until_killed = 0;
        return refuse(Code::kShuttingDown);
      }
      return billing::decide(state, command, context);
    };
    auto opened = Ledger::open(log, *keys, options);
    ASSERT_TRUE(opened.has_value()) << opened.error().detail;
    ledger = std::move(*opened);
  }
  std::string run(const std::string& id, Command command) {
    Order one;
    one.id = id;
    one.command = std::move(command);
    one.context = story.context();
    std::promise<std::string> answer;
    ledger->execute(std::move(one), [&](const Result<Receipt>& result) {
      answer.set_value(result ? "" : std::string(code_text(result.error().code)));
    });
    return answer.get_future().get();
  }
  void given_open_invoices() {
    open();
    ASSERT_EQ(run("c", customer::Create{Story::customer, "Acme", *Currency::parse("USD"), {}, {}}), "");
    account::Open account;
    account.id = Story::account(1);
    account.customer = Story::customer;
    account.number = account.name = "A1";
    account.opened_on = story.today.plus_days(-100);
    ASSERT_EQ(run("a", account), "");
    for (std::uint32_t n = 1; n <= kInvoices; ++n) {
      auto issue = story.issue(n, 1, {Story::line(1, 10)});
      issue.document_date = story.today.plus_days(-1);
      ASSERT_EQ(run("i" + std::to_string(n), issue), "");
    }
    before = log.head().position;
  }
  // One unit more than all that is open, received the day before.
  std::string pay_all() {
    auto pay = story.pay(1, 10 * kInvoices + 1);
    pay.id.uuid = Story::id(1, 4);
    pay.received_on = story.today.plus_days(-1);
    return run("pay", pay);
  }
  // Payment and two follow-ups: two events each.
  bool done() const { return log.wait_past(before + 5, std::chrono::seconds(20)); }
  std::vector<codec::Envelope> events() const {
    std::vector<codec::Envelope> events;
    EXPECT_TRUE(log.read(before + 1, 100, [&](const store::Record& record) {
      events.push_back(*codec::decode(record, nullptr));
      return true;
    }).has_value());
    return events;
  }
  // Positions, types and command ids: a log that was never interrupted and one that was have the same.
  std::string trace() const {
    std::string text;
    for (const codec::Envelope& event : events()) {
      text += std::to_string(event.position - before) + " " + std::string(event_type(event.event)) + " " +
              event.command_id + "\n";
    }
    return text;
  }
  void expect_all_paid() const {
    Fold fold;
    ASSERT_TRUE(refold(log, fold, nullptr).has_value());
    const account::State& account = fold.state().accounts.at(Story::account(1));
    EXPECT_EQ(account.open, 0);
    EXPECT_EQ(account.unapplied, 1);
    EXPECT_FALSE(fold.follow_ups().waiting());
  }
};

TEST_F(FollowUpsTest, APaymentBeyondTheLimitIsAppliedUntilNothingIsOpen) {
  given_open_invoices();
  ASSERT_EQ(pay_all(), "");
  ASSERT_TRUE(done());
  expect_all_paid();
  const auto all = events();
  ASSERT_EQ(all.size(), 6U);
  EXPECT_EQ(std::get<payment::Recorded>(all[0].event).allocations.size(), kDefaultApplicationMax);
  EXPECT_EQ(std::get<receivables::CreditApplied>(all[2].event).allocations.size(), kDefaultApplicationMax);
  EXPECT_TRUE(std::get<receivables::FollowUpDue>(all[3].event).due);
  EXPECT_EQ(std::get<receivables::CreditApplied>(all[4].event).allocations.size(), 700U);
  EXPECT_FALSE(std::get<receivables::FollowUpDue>(all[5].event).due);
  for (const std::size_t n : {2U, 4U}) {
    EXPECT_EQ(all[n].posting_date, all[0].posting_date);
    EXPECT_EQ(all[n].actor, all[0].actor);
    EXPECT_TRUE(all[n].command_id.starts_with("applied-")) << all[n].command_id;
  }
  EXPECT_NE(all[2].command_id, all[4].command_id);
}
TEST_F(FollowUpsTest, AKillInBetweenIsMadeUpForAtTheNextOpeningInTheSameWay) {
  given_open_invoices();
  ASSERT_EQ(pay_all(), "");
  ASSERT_TRUE(done());
  const std::string uninterrupted = trace();
  for (const int decided : {0, 1}) {
    FollowUpsTest_AKillInBetweenIsMadeUpForAtTheNextOpeningInTheSameWay_Test other;
    other.given_open_invoices();
    follow_ups_until_killed = decided;
    ASSERT_EQ(other.pay_all(), "");
    ASSERT_TRUE(other.log.wait_past(other.before + static_cast<Position>(2 * decided), std::chrono::seconds(20)));
    other.ledger.reset();
    ASSERT_EQ(other.log.head().position, other.before + static_cast<Position>(2 * decided) + 2);
    follow_ups_until_killed = 1'000'000;
    other.open();
    ASSERT_TRUE(other.done());
    EXPECT_EQ(other.trace(), uninterrupted);
    other.expect_all_paid();
  }
}
TEST_F(FollowUpsTest, OnAFullDiskItWaitsForACommandThatFindsRoom) {
  given_open_invoices();
  log.room = 1;
  ASSERT_EQ(pay_all(), "");
  while (log.begun < static_cast<int>(before) + 2) std::this_thread::yield();  // each command was a commit
  std::this_thread::sleep_for(std::chrono::milliseconds(50));
  EXPECT_LE(log.begun, static_cast<int>(before) + 3);
  EXPECT_EQ(log.head().position, before + 2);
  EXPECT_EQ(run("r", account::Rename{Story::account(1), "New", ""}), "storage-full");
  log.room = 1'000'000;
  ASSERT_EQ(run("r", account::Rename{Story::account(1), "New", ""}), "");
  ASSERT_TRUE(log.wait_past(before + 6, std::chrono::seconds(20)));
  expect_all_paid();
}
TEST_F(FollowUpsTest, OfAFrozenAccountItWaitsUntilTheAccountIsUnfrozen) {
  given_open_invoices();
  follow_ups_until_killed = 0;
  ASSERT_EQ(pay_all(), "");
  ASSERT_EQ(run("f", account::Freeze{Story::account(1), "check", "detail"}), "");
  follow_ups_until_killed = 1'000'000;
  open();
  ASSERT_EQ(run("r", account::Rename{Story::account(1), "New", ""}), "");
  EXPECT_EQ(log.head().position, before + 4);
  account::Unfreeze unfreeze;
  unfreeze.id = Story::account(1);
  unfreeze.reason = "looked at";
  unfreeze.approved_by = {"one", "two"};
  ASSERT_EQ(run("u", unfreeze), "");
  ASSERT_TRUE(log.wait_past(before + 8, std::chrono::seconds(20)));
  expect_all_paid();
}

}  // namespace
}  // namespace billing::service

// What holds on every day, over random histories: nothing is below zero, no free credit stands beside debt that it could pay,
// and the order in which dated facts were entered does not show.
//
// BILLING_HISTORIES is how many of each (default 1,000); the seeds are BILLING_SEED (default 1) and the ones after it. A
// failure prints its seed: BILLING_SEED=that BILLING_HISTORIES=1 makes the same history again.
#include <algorithm>
#include <cstdlib>

#include "tests/support/random_commands.h"

namespace billing {
namespace {

using testing::RandomCommands;
using testing::Story;

constexpr int kCommands = 80;

std::uint64_t number_of(const char* variable, std::uint64_t otherwise) {
  const char* text = std::getenv(variable);
  return text == nullptr || *text == '\0' ? otherwise : std::strtoull(text, nullptr, 10);
}
// Calls `check(seed)` for each history; "" where all is well. The first complaint ends it.
template <class Check>
std::string over_histories(Check check) {
  const std::uint64_t first = number_of("BILLING_SEED", 1), count = number_of("BILLING_HISTORIES", 1'000);
  for (std::uint64_t seed = first; seed < first + count; ++seed) {
    if (const std::string found = check(seed); !found.empty()) {
      return found + "\nagain: BILLING_SEED=" + std::to_string(seed) + " BILLING_HISTORIES=1";
    }
  }
  return {};
}

// All that is posted on a ledger for an item of an account, by day.
using Key = std::tuple<Ledger, AccountId, Uuid>;
using Books = std::map<Key, Timeline>;
Books books_of(const std::vector<StreamEvent>& history) {
  Books books;
  for (const StreamEvent& event : history) {
    for (const Posting& posting : postings_for(event.event)) {
      books[{posting.ledger, posting.account.value_or(AccountId{}), posting.item.value_or(Uuid{})}].add(*event.posting_date,
                                                                                                   posting.amount);
    }
  }
  std::erase_if(books, [](const auto& entry) { return entry.second.steps().empty(); });
  return books;
}
std::string text_of(const Key& key, const Timeline& sum) {
  std::string text = std::to_string(static_cast<int>(std::get<0>(key))) + " " + std::get<1>(key).text() + " " +
                     base32(std::get<2>(key)) + ":";
  for (const Timeline::Step& step : sum.steps()) text += " " + step.on.text() + " " + std::to_string(step.change);
  return text;
}

// An open share, a credit or a deposit that is below zero on some day; "" when there is none.
std::string below_zero(const std::vector<StreamEvent>& history) {
  for (const auto& [key, sum] : books_of(history)) {
    const Ledger ledger = std::get<0>(key);
    const bool debit = ledger == Ledger::kReceivables;
    if (!debit && ledger != Ledger::kUnappliedCredit && ledger != Ledger::kCustomerDeposits) continue;
    std::int64_t left = 0;
    for (const Timeline::Step& step : sum.steps()) {
      left += debit ? step.change : -step.change;
      if (left < 0) return "below zero on " + step.on.text() + ": " + text_of(key, sum);
    }
  }
  return {};
}

// An account whose free credit could pay something that is open, neither disputed nor reserved; "" when there is none.
std::string credit_beside_debt(const State& state, const std::set<AccountId>& waiting) {
  for (const auto& [id, account] : state.accounts) {
    if (account.frozen || waiting.contains(id) || account.unapplied == account.held) continue;
    const AccountQueues& queues = state.queues.at(id);
    for (const auto* const items : {&queues.own, &queues.payer}) {
      for (const receivables::ItemKey& key : *items) {
        const invoice::State& invoice = state.invoices.at(key.invoice);
        if (invoice.open - invoice.disputed - invoice.reserved <= 0) continue;
        return "account " + account.number + " holds " + std::to_string(account.unapplied - account.held) + " beside " +
               invoice.number + " with " + std::to_string(invoice.open) + " open";
      }
    }
  }
  return {};
}

using Decide = Decision (*)(const State&, const Command&, const Context&);
// The deciders alone, without what follows by itself.
Decision decide_alone(const State& state, const Command& command, const Context& context) {
  return std::visit([&](const auto& one) { return decide(state, one, context); }, command);
}

// Random commands that move money; `after` looks at the story after each that was accepted.
template <class After>
std::string run(std::uint64_t seed, Decide decider, After after) {
  Story story;
  RandomCommands commands(story, seed);
  commands.world();
  for (int n = 0; n < kCommands; ++n) {
    if (commands.one_in(5)) story.today = story.today.plus_days(static_cast<std::int32_t>(commands.below(25)));
    const auto events = decider(story.state, commands.money(), story.context());
    if (!events) continue;
    std::vector<std::vector<Posting>> postings;
    for (const StreamEvent& event : *events) postings.push_back(postings_for(event.event));
    const auto breach = decider == Decide{billing::decide} ? checks::check(story.state, *events, postings) : std::nullopt;
    if (breach) return std::string(event_type(events->front().event)) + ": " + breach->check + ": " + breach->detail;
    for (const StreamEvent& event : *events) {
      evolve(story.state, event);
      story.history.push_back(event);
    }
    if (const std::string found = after(story); !found.empty()) {
      return std::string(event_type(events->front().event)) + " is command " + std::to_string(n) + ": " + found;
    }
  }
  testing::expect_sound(story);
  return ::testing::Test::HasFailure() ? "the sums do not hold" : "";
}
std::string no_credit_beside_debt(const Story& story) {
  std::set<AccountId> waiting;  // for a follow-up
  for (const StreamEvent& event : story.history) {
    const auto* due = std::get_if<receivables::FollowUpDue>(&event.event);
    if (due == nullptr) continue;
    due->due ? (void)waiting.insert(due->account) : (void)waiting.erase(due->account);
  }
  return credit_beside_debt(story.state, waiting);
}

TEST(Days, NothingIsBelowZeroOnAnyDay) {
  EXPECT_EQ(over_histories([](std::uint64_t seed) {
              return run(seed, decide, [](const Story& story) { return below_zero(story.history); });
            }),
            "");
}

// The old rule: a pairing was posted with the money, whenever the item was.
Decision decide_with_the_money(const State& state, const Command& command, const Context& context) {
  auto events = decide(state, command, context);
  if (!events) return events;
  for (StreamEvent& event : *events) {
    auto* applied = std::get_if<receivables::CreditApplied>(&event.event);
    if (applied == nullptr) continue;
    applied->posting_date = *events->front().posting_date;
    event.posting_date = applied->posting_date;
  }
  return events;
}

TEST(Days, ThePropertySeesAPairingThatIsDatedBeforeItsItem) {
  EXPECT_NE(over_histories([](std::uint64_t seed) {
              return run(seed, decide_with_the_money, [](const Story& story) { return below_zero(story.history); });
            }),
            "");
}

TEST(Days, NoFreeCreditStandsBesideDebtThatItCouldPay) {
  EXPECT_EQ(over_histories([](std::uint64_t seed) { return run(seed, decide, no_credit_beside_debt); }), "");
}

TEST(Days, ThePropertySeesCreditThatIsLeftBesideDebt) {
  EXPECT_NE(over_histories([](std::uint64_t seed) { return run(seed, decide_alone, no_credit_beside_debt); }), "");
}

// Accounts with an item each, money of several sources for it, at most as much as it asks for, and what is taken back of that
// money: with so little to choose from, the pairings are the same in whatever order the items and the money are entered.
class OrderOfEntry {
 public:
  explicit OrderOfEntry(std::uint64_t seed) : random_(seed) {
    today_ = Story().today;
    for (std::uint32_t n = 1; n <= 3; ++n) plan_account(n);
  }

  // The books of all commands in one order; nullopt when one was refused.
  std::optional<Books> enter(std::uint64_t order, Decide decider) {
    Story story;
    story.given_customer();
    for (std::uint32_t n = 1; n <= 3; ++n) story.given_account(n);
    std::mt19937_64 shuffle(order);
    for (std::vector<Command>* const some : {&facts_, &takings_}) {
      std::ranges::shuffle(*some, shuffle);
      for (const Command& command : *some) {
        const auto events = decider(story.state, command, story.context());
        if (!events) return std::nullopt;
        for (const StreamEvent& event : *events) {
          evolve(story.state, event);
          story.history.push_back(event);
        }
      }
    }
    expect_sound(story);
    return books_of(story.history);
  }

 private:
  std::int64_t below(std::int64_t bound) { return static_cast<std::int64_t>(random_() % static_cast<std::uint64_t>(bound)); }
  Date day() { return today_.plus_days(static_cast<std::int32_t>(-below(60))); }
  // From `first` to today.
  Date day_from(Date first) { return first.plus_days(static_cast<std::int32_t>(below(today_.days - first.days + 1))); }

  void plan_account(std::uint32_t n) {
    const Story story;
    std::int64_t left = 1'000 + below(1'000);
    invoice::Issue issue = story.issue(n, n, {Story::line(n, left)});
    issue.document_date = day();
    facts_.push_back(issue);
    for (std::uint32_t source = 1; source <= 3; ++source) {
      const std::int64_t amount = 1 + below(left / 2);
      left -= amount;
      if (below(4) == 0) {
        credit_note::Issue note = story.credit(n, {Story::line(n, amount)});
        note.id = {Story::id(n * 10 + source, 8)};
        note.document_date = day();
        facts_.push_back(note);
        continue;
      }
      payment::Record record = story.pay(n, amount);
      record.id = {Story::id(n * 10 + source, 4)};
      record.received_on = day();
      facts_.push_back(record);
      plan_taking(record, n * 10 + source);
    }
  }
  void plan_taking(const payment::Record& record, std::uint32_t serial) {
    const Date on = day_from(*record.received_on);
    switch (below(4)) {
      case 0: takings_.push_back(payment::Reverse{record.id, "keyed wrongly", on}); break;
      case 1: {
        chargeback::Open open;
        open.id = record.id;
        open.chargeback = {Story::id(serial, 7)};
        open.amount = 1 + below(record.amount);
        open.currency = record.currency;
        open.on = on;
        takings_.push_back(open);
        break;
      }
      case 2: {
        chargeback::Return back;
        back.id = record.id;
        back.return_id = {Story::id(serial, 7)};
        back.code = "R01";
        back.on = on;
        takings_.push_back(back);
        break;
      }
      default: break;
    }
  }

  std::mt19937_64 random_;
  Date today_;
  std::vector<Command> facts_;    // items and money, in any order
  std::vector<Command> takings_;  // after them, in any order
};

// What two orders of entry differ in; "" when in nothing.
std::string what_the_order_shows(std::uint64_t seed, Decide decider) {
  const auto one = OrderOfEntry(seed).enter(seed, decider), other = OrderOfEntry(seed).enter(seed + 1'000'000'000, decider);
  if (!one || !other) return "a command was refused";
  for (const auto& [key, sum] : *one) {
    const auto found = other->find(key);
    if (found != other->end() && found->second == sum) continue;
    return text_of(key, sum) + "\nand in another order" + (found == other->end() ? ": nothing" : "\n" + text_of(key, found->second));
  }
  return one->size() == other->size() ? "" : "something is posted in the other order only";
}

TEST(Days, TheOrderOfEntryDoesNotShowOnAnyDay) {
  EXPECT_EQ(over_histories([](std::uint64_t seed) { return what_the_order_shows(seed, decide); }), "");
}

TEST(Days, ThePropertySeesAPairingWhoseDayDependsOnTheOrderOfEntry) {
  const std::string seen =
      over_histories([](std::uint64_t seed) { return what_the_order_shows(seed, decide_with_the_money); });
  EXPECT_NE(seen.find("and in another order"), std::string::npos) << seen;
}

TEST(DaysOfFacts, ADraftAndTheStepsOfAPaymentAreOfTheOperatorsDay) {
  Story story;
  story.given_customer();
  story.given_account(1);
  const auto expect_today = [&] {
    EXPECT_EQ(story.last.front().document_date, story.today);
    EXPECT_FALSE(story.last.front().posting_date) << "it moves no money";
    story.today = story.today.plus_days(1);
  };
  invoice::Draft draft;
  draft.header.id = Story::invoice(1);
  draft.header.account = Story::account(1);
  draft.lines = {Story::line(1, 100)};
  story.given(draft);
  expect_today();
  story.given(invoice::Discard{Story::invoice(1)});
  expect_today();
  const PaymentId id{Story::id(1, 4)};
  story.given(story.request(1, 500, id));
  payment::Progress progress;
  progress.id = id;
  progress.phase = payment::Phase::kAuthorised;
  story.given(progress);
  expect_today();
  progress.phase = payment::Phase::kSucceeded;
  story.given(progress);
  refund::Request request;
  request.id = id;
  request.refund = {Story::id(1, 7)};
  request.amount = 200;
  story.given(request);
  refund::Progress moved;
  moved.id = id;
  moved.refund = request.refund;
  moved.phase = refund::Phase::kPending;
  story.given(moved);
  expect_today();
}

}  // namespace
}  // namespace billing

// Random histories: whatever is accepted keeps the sums, whatever is refused changes nothing, a replay is equal.
#include <rapidcheck/gtest.h>

#include "tests/support/story.h"

namespace billing {
namespace {

using testing::expect_sound;
using testing::Story;

std::uint32_t pick(std::uint32_t below) { return *rc::gen::inRange<std::uint32_t>(0, below); }
std::int64_t amount() { return *rc::gen::weightedOneOf<std::int64_t>({{8, rc::gen::inRange<std::int64_t>(-50, 5000)},
                                                                     {1, rc::gen::just<std::int64_t>(0)},
                                                                     {1, rc::gen::just(INT64_MAX)}}); }

Command random_command(const Story& story, std::uint32_t step) {
  const std::uint32_t account = 1 + pick(6);
  const std::uint32_t invoice = 1 + pick(step + 1);
  switch (pick(9)) {
    case 0:
    case 1: {
      std::vector<Line> lines;
      for (std::uint32_t n = pick(4); n > 0; --n) lines.push_back(Story::line(1 + pick(5), amount(), pick(30)));
      return story.issue(step, pick(4) == 0 ? account : 1, lines);  // the root owns the invoices of all
    }
    case 2: return story.credit(account, {Story::line(account, amount())});
    case 3: return story.credit(account, {Story::credit_line(pick(3), amount(), pick(20))}, Story::invoice(invoice));
    case 4: return story.pay(account, amount());
    case 5: {
      auto pay = story.pay(account, amount());
      pay.instructions = {{Story::invoice(invoice), amount()}};
      return pay;
    }
    case 6: {
      dispute::Open open;
      open.id = DisputeId{Story::id(step, 5)};
      open.invoice = Story::invoice(invoice);
      open.reason = "random";
      if (pick(2) == 0) open.amount = amount();
      return open;
    }
    case 7: return dispute::Close{DisputeId{Story::id(1 + pick(step), 5)}, dispute::Outcome::kRejected, {}};
    default: return hierarchy::Move{Story::account(account), Story::account(1 + pick(6))};
  }
}

RC_GTEST_PROP(HistoryTest, SumsHoldAndAReplayIsEqual, ()) {
  Story story;
  story.given_customer();
  for (std::uint32_t n = 1; n <= 5; ++n) story.given_account(n, n == 1 ? std::nullopt : std::optional(Story::account(1)));
  const std::uint32_t steps = 5 + pick(40);
  for (std::uint32_t step = 1; step <= steps; ++step) {
    story.today = story.today.plus_days(static_cast<std::int32_t>(pick(20)));
    (void)story.when(random_command(story, step));
  }
  expect_sound(story);
  RC_ASSERT(!::testing::Test::HasFailure());

  Story replay;
  for (const StreamEvent& event : story.history) {
    evolve(replay.state, event);
    replay.history.push_back(event);
  }
  expect_sound(replay);
  RC_ASSERT(!::testing::Test::HasFailure());
  RC_ASSERT(replay.state.versions == story.state.versions);
  RC_ASSERT(replay.state.turnover == story.state.turnover);
  for (const auto& [id, account] : story.state.accounts) {
    RC_ASSERT(replay.state.accounts.at(id).open == account.open);
    RC_ASSERT(replay.state.accounts.at(id).unapplied == account.unapplied);
  }
}

}  // namespace
}  // namespace billing

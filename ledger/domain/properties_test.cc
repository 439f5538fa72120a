// One suite for each kind of object: random commands, valid and invalid, mostly of that kind. Whatever is accepted passes
// every check and keeps the sums; a replay of the events is equal. That a refusal changes nothing, the compiler sees to.
#include "ledger/domain/checks.h"
#include "tests/support/describe_state.h"
#include "tests/support/random_commands.h"

namespace billing {
namespace {

using testing::describe;
using testing::Kind;
using testing::RandomCommands;
using testing::Story;

constexpr std::uint64_t kHistories = 400;
constexpr int kCommands = 100;
constexpr std::array<const char*, testing::kKinds> kNames{
    "Account", "Invoice", "CreditNote", "Payment", "Refund", "Chargeback", "Credit", "Dispute",
    "Deposit", "Plan",    "Method",     "Unbooked", "Books", "Grouping",   "User"};

class Properties : public ::testing::TestWithParam<Kind> {
 protected:
  // A history of random commands, half of them of this kind and half of any, so that there is something to work on.
  void run(std::uint64_t seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Story story;
    RandomCommands commands(story, seed);
    commands.world();
    for (int n = 0; n < kCommands; ++n) {
      if (commands.one_in(5)) story.today = story.today.plus_days(static_cast<std::int32_t>(commands.below(25)));
      step(story, commands.one_in(2) ? commands.next(GetParam()) : commands.any());
      if (HasFailure()) return;
    }
    testing::expect_sound(story);
    Story replay;
    for (const StreamEvent& event : story.history) evolve(replay.state, event);
    EXPECT_EQ(describe(replay.state), describe(story.state));
  }

  // Decides by itself, so that the checks see the state before the command.
  static void step(Story& story, const Command& command) {
    const Context context = story.context();
    const auto events = decide(story.state, command, context);
    if (!events) return;
    EXPECT_FALSE(events->empty());
    std::vector<std::vector<Posting>> postings;
    for (const StreamEvent& event : *events) postings.push_back(postings_for(event.event));
    const auto breach = checks::check(story.state, *events, postings);
    ASSERT_FALSE(breach.has_value()) << event_type(events->front().event) << ": " << breach->check << ": " << breach->detail;
    for (const StreamEvent& event : *events) {
      evolve(story.state, event);
      story.history.push_back(event);
    }
    ++accepted_;
  }
  static inline int accepted_ = 0;
};

TEST_P(Properties, RandomCommandsKeepTheSumsAndAReplayIsEqual) {
  accepted_ = 0;
  for (std::uint64_t seed = 1; seed <= kHistories && !HasFailure(); ++seed) {
    run(seed * 1'000 + static_cast<std::uint64_t>(GetParam()));
  }
  EXPECT_GT(accepted_, static_cast<int>(kHistories) * kCommands / 10) << "most commands were refused: nothing was tried";
}

INSTANTIATE_TEST_SUITE_P(Of, Properties,
                         ::testing::ValuesIn([] {
                           std::vector<Kind> kinds;
                           for (std::size_t n = 0; n < testing::kKinds; ++n) kinds.push_back(static_cast<Kind>(n));
                           return kinds;
                         }()),
                         [](const auto& info) { return kNames[static_cast<std::size_t>(info.param)]; });

}  // namespace
}  // namespace billing

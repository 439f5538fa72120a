// Every command sent twice under its id adds nothing the second time, whatever kind it is and whatever came between.
#include <gtest/gtest.h>

#include <future>

#include "ledger/service/ledger.h"
#include "ledger/store/memory_log.h"
#include "tests/support/describe_state.h"
#include "tests/support/random_commands.h"

namespace billing::service {
namespace {

using testing::RandomCommands;
using testing::Story;

class RepeatsTest : public ::testing::Test {
 protected:
  std::unique_ptr<store::Log> log = store::make_memory_log();
  std::unique_ptr<codec::PersonKeys> keys = *codec::PersonKeys::open("");
  std::unique_ptr<Ledger> ledger = *Ledger::open(*log, *keys, {});

  Result<Receipt> run(Order order) {
    std::promise<Result<Receipt>> promise;
    ledger->execute(std::move(order), [&](Result<Receipt> result) { promise.set_value(std::move(result)); });
    return promise.get_future().get();
  }
};

TEST_F(RepeatsTest, ACommandTwiceUnderItsIdAddsNothing) {
  Story story;  // decides beside the ledger, so that the commands find what is there
  RandomCommands commands(story, 11);
  std::size_t accepted = 0;
  const auto send = [&](Command command) {
    Order order;
    order.context = story.context();
    order.id = "command-" + std::to_string(accepted);
    order.command = std::move(command);
    const auto first = run(order);
    if (!first) return;
    ++accepted;
    const Position head = log->head().position;
    const auto again = run(order);
    ASSERT_TRUE(again.has_value()) << again.error().detail;
    EXPECT_TRUE(again->repeated);
    EXPECT_EQ(again->first, first->first);
    EXPECT_EQ(again->events.size(), first->events.size());
    EXPECT_EQ(log->head().position, head);
    for (const codec::Envelope& envelope : first->events) {
      evolve(story.state, StreamEvent{envelope.stream, envelope.customer, envelope.event, envelope.document_date,
                                      envelope.posting_date, envelope.currency});
    }
  };
  send(customer::Create{Story::customer, "Acme", *Currency::parse("USD"), {}, {}});
  for (std::uint32_t n = 1; n <= 5; ++n) {
    account::Open open;
    open.id = Story::account(n);
    open.customer = Story::customer;
    open.number = "A" + std::to_string(n);
    open.name = "Account";
    open.parent = n == 1 ? std::nullopt : std::optional(Story::account(1));
    open.opened_on = Date::clamped(2010, 1, 1);
    send(open);
  }
  for (int n = 0; n < 1'500 && !HasFailure(); ++n) {
    if (commands.one_in(10)) story.today = story.today.plus_days(static_cast<std::int32_t>(commands.below(20)));
    send(commands.any());
  }
  EXPECT_GT(accepted, 300U);
}

}  // namespace
}  // namespace billing::service

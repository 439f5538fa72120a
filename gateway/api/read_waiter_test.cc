#include "gateway/api/read_waiter.h"

#include <gtest/gtest.h>

#include <atomic>
#include <stdexcept>
#include <thread>

namespace billing::api {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

bool within(milliseconds limit, const auto& condition) {
  for (const auto until = steady_clock::now() + limit; steady_clock::now() < until;) {
    if (condition()) return true;
    std::this_thread::sleep_for(milliseconds(1));
  }
  return condition();
}

TEST(WaiterTest, AnAttemptIsMadeUntilItSucceeds) {
  Waiter waiter;
  std::atomic<bool> ready{false}, answered{false};
  ASSERT_TRUE(waiter.park(steady_clock::now() + std::chrono::seconds(30), [&](bool last) {
    EXPECT_FALSE(last);
    if (ready) answered = true;
    return ready.load();
  }));
  std::this_thread::sleep_for(milliseconds(20));
  EXPECT_FALSE(answered);
  ready = true;
  EXPECT_TRUE(within(milliseconds(5'000), [&] { return answered.load(); }));
  EXPECT_TRUE(within(milliseconds(5'000), [&] { return waiter.waiting() == 0; }));
}

TEST(WaiterTest, TheLastCallComesWhenTheTimeIsOver) {
  Waiter waiter;
  std::atomic<int> last_calls{0};
  ASSERT_TRUE(waiter.park(steady_clock::now() + milliseconds(10), [&](bool last) {
    if (last) ++last_calls;
    return false;  // wrong, and yet not asked again
  }));
  EXPECT_TRUE(within(milliseconds(5'000), [&] { return last_calls == 1; }));
  std::this_thread::sleep_for(milliseconds(20));
  EXPECT_EQ(last_calls, 1);
}

TEST(WaiterTest, OnlySoManyWait) {
  Waiter waiter(2);
  const auto until = steady_clock::now() + std::chrono::seconds(30);
  const auto never = [](bool last) { return last; };
  EXPECT_TRUE(waiter.park(until, never));
  EXPECT_TRUE(waiter.park(until, never));
  EXPECT_FALSE(waiter.park(until, never));
}

TEST(WaiterTest, StoppingGivesEveryoneItsLastCall) {
  std::atomic<int> last_calls{0};
  {
    Waiter waiter;
    for (int i = 0; i < 10; ++i)
      waiter.park(steady_clock::now() + std::chrono::seconds(30), [&](bool last) {
        if (last) ++last_calls;
        return last;
      });
  }
  EXPECT_EQ(last_calls, 10);
}

TEST(WaiterTest, OnceItIsClosedNobodyWaits) {
  Waiter waiter;
  std::atomic<int> last_calls{0};
  const auto until = steady_clock::now() + std::chrono::seconds(30);
  const auto attempt = [&](bool last) {
    if (last) ++last_calls;
    return last;
  };
  ASSERT_TRUE(waiter.park(until, attempt));
  waiter.close();
  EXPECT_TRUE(within(milliseconds(5'000), [&] { return last_calls == 1 && waiter.waiting() == 0; }));
  ASSERT_TRUE(waiter.park(until, attempt));
  EXPECT_EQ(last_calls, 2);
}

TEST(WaiterTest, AnAttemptThatThrowsHarmsNoOther) {
  Waiter waiter;
  std::atomic<bool> answered{false};
  const auto until = steady_clock::now() + std::chrono::seconds(30);
  waiter.park(until, [](bool) -> bool { throw std::runtime_error("x"); });
  waiter.park(until, [&](bool) { return answered = true; });
  EXPECT_TRUE(within(milliseconds(5'000), [&] { return answered.load() && waiter.waiting() == 0; }));
}

}  // namespace
}  // namespace billing::api

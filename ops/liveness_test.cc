#include "ops/liveness.h"

#include <gtest/gtest.h>

namespace billing::ops {
namespace {

using namespace std::chrono_literals;

class LivenessTest : public ::testing::Test {
 protected:
  std::string_view after(std::chrono::milliseconds passed, const Signs& signs) { return liveness_.hangs(signs, now_ += passed); }
  Liveness::Clock::time_point now_{1'000s};
  Liveness liveness_{10s};
};

TEST_F(LivenessTest, APartWithoutWorkDoesNotHang) {
  EXPECT_EQ(after(0s, {}), "");
  EXPECT_EQ(after(1h, {}), "");
}

TEST_F(LivenessTest, AWriterThatAnswersNothingHangsOnceThePatienceIsOver) {
  EXPECT_EQ(after(0s, {.commands_waiting = 1}), "");
  EXPECT_EQ(after(9s, {.commands_waiting = 2}), "");
  EXPECT_EQ(after(1s, {.commands_waiting = 3}), "writer");
  EXPECT_EQ(after(1s, {.commands_waiting = 3, .commands_done = 1}), "");
  EXPECT_EQ(after(9s, {.commands_waiting = 3, .commands_done = 1}), "");
  EXPECT_EQ(after(1s, {.commands_waiting = 0, .commands_done = 1}), "");
}

TEST_F(LivenessTest, ViewsThatFoldNothingHangButNotThoseThatHaveStopped) {
  EXPECT_EQ(after(0s, {.events_waiting = 5}), "");
  EXPECT_EQ(after(10s, {.events_waiting = 5}), "views");
  EXPECT_EQ(after(1s, {.events_waiting = 5, .views_batches = 1}), "");
  EXPECT_EQ(after(20s, {.events_waiting = 5, .views_batches = 1, .views_stopped = true}), "");
}

TEST_F(LivenessTest, AProcessThatWasStoppedAsAWholeHasNoPartThatHangs) {
  const Signs signs{.commands_waiting = 1, .events_waiting = 1};
  EXPECT_EQ(after(0s, signs), "");
  EXPECT_EQ(after(1h, {.commands_waiting = 1, .events_waiting = 1, .http_silence = 1h}), "");
  EXPECT_EQ(after(10s, signs), "writer");
}

TEST_F(LivenessTest, AServersThreadThatDoesNotGoRoundHangs) {
  EXPECT_EQ(after(0s, {.http_silence = 9'999ms}), "");
  EXPECT_EQ(after(0s, {.http_silence = 10s}), "http");
}

}  // namespace
}  // namespace billing::ops

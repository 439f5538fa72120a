// Slow, greedy and absent clients: every wait ends, every count has a cap.
#include <gtest/gtest.h>

#include <mutex>
#include <vector>

#include "gateway/http/server.h"
#include "gateway/http/test_support.h"

namespace billing::http::testing {
namespace {

class LimitsTest : public ::testing::Test {
 protected:
  void start(ServerOptions options) {
    router_.add("GET", "/hello", [](Request, Reply reply) { reply(text_response("hello")); });
    router_.add("GET", "/large", [](Request, Reply reply) { reply(text_response(std::string(20'000'000, 'z'))); });
    router_.add("POST", "/echo", [](Request request, Reply reply) { reply(text_response(request.body)); });
    router_.add("GET", "/never", [this](Request, Reply reply) {
      const std::lock_guard lock(mutex_);
      kept_.push_back(std::move(reply));
    });
    server_ = std::make_unique<Server>(std::move(options), std::move(router_));
    ASSERT_TRUE(server_->start());
  }
  RawSocket connect() const { return RawSocket(server_->port()); }
  ServerCounters counters() const { return server_->counters(); }

  std::mutex mutex_;
  std::vector<Reply> kept_;
  Router router_;
  std::unique_ptr<Server> server_;
};

TEST_F(LimitsTest, AHeadThatDripsIsClosedByItsDeadline) {
  start({.head_deadline = 500ms});
  auto socket = connect();
  const auto from = std::chrono::steady_clock::now();
  socket.send("GET /hello HTTP/1.1\r\nHost: a\r\nX: ");
  std::thread dripping([&socket] {
    for (int i = 0; i < 40 && socket.send("x"); ++i) std::this_thread::sleep_for(50ms);
  });
  const auto answer = socket.receive_to_end();
  EXPECT_LT(std::chrono::steady_clock::now() - from, 2s);
  dripping.join();
  EXPECT_TRUE(answer.starts_with("HTTP/1.1 408 ")) << answer;
  EXPECT_EQ(counters().timed_out_head, 1U);
}

TEST_F(LimitsTest, SilentConnectionsAreClosed) {
  start({.head_deadline = 300ms, .idle_timeout = 300ms});
  auto silent = connect();
  EXPECT_EQ(silent.receive_to_end(), "");
  EXPECT_TRUE(silent.ended());
  auto idle = connect();
  idle.send(get("/hello"));
  EXPECT_EQ(count_of(idle.receive_to_end(), "HTTP/1.1 "), 1U);
  EXPECT_TRUE(idle.ended());
  EXPECT_EQ(counters().timed_out_idle, 2U);
}

TEST_F(LimitsTest, ABodyThatDripsIsClosedByTheMinimumRate) {
  start({.body_grace = 300ms, .body_bytes_per_second_min = 1024});
  auto socket = connect();
  socket.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\n");
  std::thread dripping([&socket] {
    for (int i = 0; i < 40 && socket.send("x"); ++i) std::this_thread::sleep_for(50ms);
  });
  const auto from = std::chrono::steady_clock::now();
  const auto answer = socket.receive_to_end();
  EXPECT_LT(std::chrono::steady_clock::now() - from, 2500ms);
  dripping.join();
  EXPECT_TRUE(answer.starts_with("HTTP/1.1 408 ")) << answer;
  EXPECT_EQ(counters().timed_out_body, 1U);
}

TEST_F(LimitsTest, ABodyThatStopsIsClosedByTheReadTimeout) {
  start({.read_timeout = 300ms});
  auto socket = connect();
  socket.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nhalf");
  EXPECT_TRUE(socket.receive_to_end().starts_with("HTTP/1.1 408 "));
}

TEST_F(LimitsTest, AHandlerThatDoesNotReplyIs504AndTheConnectionGoesOn) {
  start({.request_deadline = 300ms});
  auto socket = connect();
  socket.send(get("/never") + get("/hello"));
  const auto answer = socket.receive_containing("hello");
  EXPECT_TRUE(answer.starts_with("HTTP/1.1 504 ")) << answer;
  EXPECT_EQ(counters().timed_out_handler, 1U);
  kept_.front()(text_response("late"));
  socket.send(get("/hello"));
  EXPECT_EQ(socket.receive_containing("hello").find("late"), std::string::npos);
}

TEST_F(LimitsTest, AClientThatDoesNotReadIsCut) {
  start({.write_timeout = 300ms, .write_bytes_per_second_min = 100'000'000});
  RawSocket socket(server_->port(), 4096);
  socket.send(get("/large"));
  EXPECT_TRUE(soon([this] { return counters().timed_out_write == 1 && counters().connections_open == 0; }));
  EXPECT_LT(socket.receive_to_end().size(), 20'000'000U);
  auto other = connect();
  other.send(get("/hello"));
  EXPECT_NE(other.receive_containing("hello"), "");
}

TEST_F(LimitsTest, ConnectionsBeyondTheCapAreToldSo) {
  start({.connections_max = 3});
  std::vector<RawSocket> held;
  for (int i = 0; i < 3; ++i) {
    held.push_back(connect());
    held.back().send(get("/hello"));
    EXPECT_NE(held.back().receive_containing("hello"), "");
  }
  auto refused = connect();
  const auto answer = refused.receive_to_end();
  EXPECT_TRUE(answer.starts_with("HTTP/1.1 503 ")) << answer;
  EXPECT_NE(answer.find("too-many-connections"), std::string::npos);
  EXPECT_EQ(counters().refused_server_full, 1U);
  EXPECT_EQ(counters().connections_open, 3U);
  held.clear();
  ASSERT_TRUE(soon([this] { return counters().connections_open == 0; }));
  auto after = connect();
  after.send(get("/hello"));
  EXPECT_TRUE(after.receive_containing("hello").starts_with("HTTP/1.1 200 "));
}

TEST_F(LimitsTest, ConnectionsOfOneAddressHaveACap) {
  start({.connections_per_address_max = 2});
  auto first = connect();
  auto second = connect();
  ASSERT_TRUE(soon([this] { return counters().connections_open == 2; }));
  auto third = connect();
  EXPECT_TRUE(third.receive_to_end().starts_with("HTTP/1.1 503 "));
  EXPECT_EQ(counters().refused_address_full, 1U);
  first.close();
  ASSERT_TRUE(soon([this] { return counters().connections_open == 1; }));
  auto fourth = connect();
  fourth.send(get("/hello"));
  EXPECT_TRUE(fourth.receive_containing("hello").starts_with("HTTP/1.1 200 "));
}

TEST_F(LimitsTest, ClientsThatLeaveInTheMiddleLeaveNothing) {
  start({});
  for (int i = 0; i < 30; ++i) {
    auto socket = connect();
    const std::string wire = post("/echo", std::string(5000, 'x'));
    socket.send(std::string_view(wire).substr(0, static_cast<std::size_t>(i * 100)));
    if (i % 2 == 0) socket.end_sending();
  }
  EXPECT_TRUE(soon([this] { return counters().connections_open == 0; }));
}

}  // namespace
}  // namespace billing::http::testing

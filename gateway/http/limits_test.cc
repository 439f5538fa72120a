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
    router_.add("GET", "/shared", [this](Request, Reply reply) {
      Response response = text_response({});
      response.shared_body = shared_;
      reply(std::move(response));
    });
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

  const std::shared_ptr<const std::string> shared_ = std::make_shared<const std::string>(20'000'000, 's');
  std::mutex mutex_;
  std::vector<Reply> kept_;
  std::vector<std::shared_ptr<Exchange>> exchanges_;
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

TEST_F(LimitsTest, ASharedBodyIsSentFromItsOneCopy) {
  start({});
  const auto before = shared_.use_count();
  std::vector<std::unique_ptr<RawSocket>> slow;
  for (int i = 0; i < 3; ++i) {
    slow.push_back(std::make_unique<RawSocket>(server_->port(), 4096));
    slow.back()->send(get("/shared"));
  }
  EXPECT_TRUE(soon([&] { return shared_.use_count() == before + 3; }));
  const auto answer = slow.front()->receive_until([](const std::string& got) { return got.size() > 20'000'000; }, 20s);
  EXPECT_NE(answer.find("Content-Length: 20000000\r\n"), std::string::npos);
  EXPECT_EQ(std::string_view(answer).substr(answer.find("\r\n\r\n") + 4), *shared_);
  EXPECT_TRUE(soon([&] { return shared_.use_count() == before + 2; }));  // let go once it is sent
  slow.clear();
  EXPECT_TRUE(soon([&] { return shared_.use_count() == before; }));
}

TEST_F(LimitsTest, ConnectionsBeyondTheCapAreToldSo) {
  start({.connections_max = 3});
  std::vector<RawSocket> held;
  for (int i = 0; i < 3; ++i) {
    held.push_back(connect());
    held.back().send(get("/never"));
  }
  ASSERT_TRUE(soon([this] { return counters().requests == 3; }));
  auto refused = connect();
  const auto answer = refused.receive_to_end();
  EXPECT_TRUE(answer.starts_with("HTTP/1.1 503 ")) << answer;
  EXPECT_NE(answer.find("too-many-connections"), std::string::npos);
  EXPECT_EQ(counters().refused_server_full, 1U);
  EXPECT_EQ(counters().connections_open, 3U);
  for (const auto& reply : kept_) reply(text_response("late"));
  held.clear();
  ASSERT_TRUE(soon([this] { return counters().connections_open == 0; }));
  auto after = connect();
  after.send(get("/hello"));
  EXPECT_TRUE(after.receive_containing("hello").starts_with("HTTP/1.1 200 "));
}

TEST_F(LimitsTest, AFullServerClosesTheConnectionThatIsIdleForLongest) {
  start({.threads = 1, .connections_max = 3});
  auto busy = connect();
  busy.send(get("/never"));
  ASSERT_TRUE(soon([this] { return counters().requests == 1; }));
  auto oldest = connect();
  oldest.send(get("/hello"));
  EXPECT_NE(oldest.receive_containing("hello"), "");
  auto newer = connect();
  newer.send(get("/hello"));
  EXPECT_NE(newer.receive_containing("hello"), "");
  auto next = connect();
  next.send(get("/hello"));
  EXPECT_TRUE(next.receive_containing("hello").starts_with("HTTP/1.1 200 "));
  EXPECT_EQ(oldest.receive_to_end(), "");
  EXPECT_TRUE(oldest.ended());
  newer.send(get("/hello"));
  EXPECT_TRUE(newer.receive_containing("hello").starts_with("HTTP/1.1 200 "));
  EXPECT_EQ(counters().closed_for_room, 1U);
  EXPECT_EQ(counters().refused_server_full, 0U);
}

TEST_F(LimitsTest, TrustedProxiesHaveNoLimitOfOneAddress) {
  start({.connections_per_address_max = 1, .memory_bytes_per_address_max = 1, .trusted_proxies = "10.0.0.0/8,127.0.0.1"});
  auto first = connect();
  auto second = connect();
  for (auto* const socket : {&first, &second}) {
    socket->send(get("/large"));
    EXPECT_TRUE(socket->receive_containing("zzz").starts_with("HTTP/1.1 200 "));
  }
  EXPECT_EQ(counters().refused_address_full, 0U);
}

TEST_F(LimitsTest, AListOfProxiesThatIsNoneIsRefused) {
  Server server({.trusted_proxies = "10.0.0.0/33"}, Router());
  const auto started = server.start();
  ASSERT_FALSE(started);
  EXPECT_EQ(started.error().code, Code::kConfiguration);
}

TEST_F(LimitsTest, AnswersBeyondTheMemoryOfOneAddressAreRefusedUntilThereIsRoom) {
  start({.memory_bytes_max = 100'000'000, .memory_bytes_per_address_max = 45'000'000});
  std::vector<std::unique_ptr<RawSocket>> slow;
  for (int i = 0; i < 2; ++i) {
    slow.push_back(std::make_unique<RawSocket>(server_->port(), 4096));
    slow.back()->send(get("/large"));
    ASSERT_TRUE(soon([&] { return counters().memory_bytes == 20'000'000U * slow.size(); }));
  }
  auto third = connect();
  third.send(get("/large"));
  const auto refused = third.receive_to_end();
  EXPECT_TRUE(refused.starts_with("HTTP/1.1 503 ")) << refused.substr(0, 200);
  EXPECT_NE(refused.find("server-busy"), std::string::npos);
  EXPECT_EQ(counters().refused_memory_address_full, 1U);
  // What is small or shared is answered all the same.
  auto other = connect();
  other.send(get("/hello"));
  EXPECT_TRUE(other.receive_containing("hello").starts_with("HTTP/1.1 200 "));
  other.send(get("/shared"));
  EXPECT_TRUE(other.receive_containing("sss").starts_with("HTTP/1.1 200 "));
  slow.pop_back();
  ASSERT_TRUE(soon([this] { return counters().memory_bytes == 20'000'000U; }));
  auto fourth = connect();
  fourth.send(get("/large"));
  EXPECT_TRUE(fourth.receive_containing("zzz").starts_with("HTTP/1.1 200 "));
  fourth.close();
  slow.clear();
  EXPECT_TRUE(soon([this] { return counters().memory_bytes == 0; }));
}

TEST_F(LimitsTest, AnswersBeyondTheMemoryOfAllAreRefused) {
  start({.memory_bytes_max = 19'000'000});
  auto socket = connect();
  socket.send(get("/large"));
  EXPECT_TRUE(socket.receive_to_end().starts_with("HTTP/1.1 503 "));
  EXPECT_EQ(counters().refused_memory_full, 1U);
  EXPECT_EQ(counters().memory_bytes, 0U);
}

TEST_F(LimitsTest, AnswersThatNobodyTakesLeaveRoomForRequests) {
  start({.memory_bytes_max = 44'000'000, .memory_bytes_per_address_max = 44'000'000});
  RawSocket slow(server_->port(), 4096);
  slow.send(get("/large"));
  ASSERT_TRUE(soon([this] { return counters().memory_bytes == 20'000'000U; }));
  auto second = connect();
  second.send(get("/large"));
  EXPECT_TRUE(second.receive_to_end().starts_with("HTTP/1.1 503 "));  // 40 MB would be more than three quarters
  auto third = connect();
  third.send(post("/echo", std::string(500'000, 'e')));
  EXPECT_TRUE(third.receive_containing("eee").starts_with("HTTP/1.1 200 "));
}

TEST_F(LimitsTest, TheAnswerToACommandIsNeverRefusedForMemory) {
  router_.add("POST", "/large", [](Request, Reply reply) { reply(text_response(std::string(20'000'000, 'p'))); });
  start({.memory_bytes_max = 1'000'000});
  RawSocket socket(server_->port(), 4096);
  socket.send(post("/large", ""));
  EXPECT_TRUE(soon([this] { return counters().memory_bytes == 20'000'000U; }));
  EXPECT_TRUE(socket.receive_containing("ppp").starts_with("HTTP/1.1 200 "));
}

TEST_F(LimitsTest, BodiesBeyondTheMemoryAreRefusedWhileTheyCome) {
  start({.memory_bytes_max = 300'000});
  auto first = connect();
  first.send(std::string_view(post("/echo", std::string(500'000, 'x'))).substr(0, 150'000));
  ASSERT_TRUE(soon([this] { return counters().memory_bytes >= 100'000; }));
  const auto held = counters().memory_bytes;
  for (const bool chunked : {false, true}) {
    auto second = connect();
    second.send(chunked ? "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n493e0\r\n" + std::string(300'000, 'x')
                        : std::string_view(post("/echo", std::string(500'000, 'x'))).substr(0, 350'000));
    EXPECT_TRUE(second.receive_to_end().starts_with("HTTP/1.1 503 ")) << chunked;
  }
  EXPECT_EQ(counters().refused_memory_full, 2U);
  EXPECT_EQ(counters().memory_bytes, held);
  first.close();
  EXPECT_TRUE(soon([this] { return counters().memory_bytes == 0; }));
}

TEST_F(LimitsTest, AStreamThatKeepsMemoryCountsFromItsHeadOn) {
  router_.add_stream("POST", "/stream", [this](const Request&, std::shared_ptr<Exchange> exchange) {
    const std::lock_guard lock(mutex_);
    exchanges_.push_back(std::move(exchange));
  }, {.memory_bytes = 1'000'000});
  start({.memory_bytes_max = 1'500'000});
  auto first = connect();
  first.send("POST /stream HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n");
  ASSERT_TRUE(soon([this] { return counters().memory_bytes == 1'000'000; }));
  auto second = connect();
  second.send("POST /stream HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n");
  EXPECT_TRUE(second.receive_to_end().starts_with("HTTP/1.1 503 "));
  first.close();
  {
    const std::lock_guard lock(mutex_);
    exchanges_.clear();
  }
  EXPECT_TRUE(soon([this] { return counters().memory_bytes == 0; }));
}

TEST_F(LimitsTest, InputThatWaitsBehindASlowAnswerCountsToo) {
  start({});
  RawSocket socket(server_->port(), 4096);
  std::string pipelined = get("/shared");
  while (pipelined.size() < 60'000) pipelined += get("/hello");
  socket.send(pipelined);
  EXPECT_TRUE(soon([this] { return counters().memory_bytes > 20'000; }));
}

TEST_F(LimitsTest, AClientThatTakesAByteNowAndThenIsCut) {
  start({.write_timeout = 500ms, .write_bytes_per_second_min = 1'000'000});
  RawSocket socket(server_->port(), 4096);
  socket.send(get("/large"));
  std::size_t reads = 0;
  EXPECT_TRUE(soon([&] {
    reads += socket.receive_until([](const std::string& got) { return !got.empty(); }, 20ms).empty() ? 0U : 1U;
    return counters().timed_out_write == 1 && counters().connections_open == 0;
  }));
  EXPECT_GT(reads, 3U);
}

TEST_F(LimitsTest, AClientThatTakesItsPartInEachTimeIsServedToTheEnd) {
  start({.write_timeout = 500ms, .write_bytes_per_second_min = 4'000'000});
  auto socket = connect();
  socket.send(get("/large"));
  std::size_t got = 0;
  while (got < 20'000'000 && !socket.ended()) {  // some 12 MB a second: more than three times as long as one such time
    got += socket.receive_until([](const std::string& part) { return part.size() > 120'000; }, 200ms).size();
    std::this_thread::sleep_for(10ms);
  }
  EXPECT_GT(got, 20'000'000U);
  EXPECT_EQ(counters().timed_out_write, 0U);
}

TEST_F(LimitsTest, ConnectionsOfOneAddressHaveACap) {
  start({.connections_per_address_max = 2});
  auto first = connect();
  auto second = connect();
  for (auto* const socket : {&first, &second}) {
    socket->send(get("/hello"));
    EXPECT_TRUE(socket->receive_containing("hello").starts_with("HTTP/1.1 200 "));
  }
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

// Streams: both directions at once, pauses that reach the client, ends that can be told from cuts.
#include <gtest/gtest.h>

#include <atomic>
#include <mutex>

#include "gateway/http/client.h"
#include "gateway/http/test_support.h"

namespace billing::http::testing {
namespace {

// Sends back what it reads, part for part.
class Echo : public std::enable_shared_from_this<Echo> {
 public:
  explicit Echo(std::shared_ptr<Exchange> exchange) : exchange_(std::move(exchange)) {}
  void run() {
    exchange_->read_some([self = shared_from_this()](ReadResult part) {
      if (part.status == ReadStatus::kEnd) return self->exchange_->finish();
      if (part.status != ReadStatus::kBytes) return;  // lets go: the connection is cut
      self->exchange_->write(std::move(part.bytes), [self](bool ok) {
        if (ok) self->run();
      });
    });
  }

 private:
  std::shared_ptr<Exchange> exchange_;
};

class StreamTest : public ::testing::Test {
 protected:
  void start(ServerOptions options = {}) {
    router_.add("GET", "/hello", [](Request, Reply reply) { reply(text_response("hello")); });
    router_.add_stream("POST", "/echo", [](Request, std::shared_ptr<Exchange> exchange) {
      exchange->start_response(text_response(""));
      std::make_shared<Echo>(std::move(exchange))->run();
    });
    router_.add_stream("POST", "/dropped", [](Request, std::shared_ptr<Exchange>) {});
    router_.add_stream("POST", "/half", [](Request, std::shared_ptr<Exchange> exchange) {
      exchange->start_response(text_response("half"));
    });
    router_.add_stream("POST", "/refuses", [](Request, std::shared_ptr<Exchange> exchange) {
      exchange->reply(text_response("no", 403));
    });
    router_.add_stream("GET", "/endless", [this](Request, std::shared_ptr<Exchange> exchange) {
      exchange->start_response(text_response(""));
      pour(exchange);
    });
    router_.add_stream("POST", "/reads", [this](Request, std::shared_ptr<Exchange> exchange) {
      exchange->read_some([this, exchange](ReadResult part) {
        last_status_ = static_cast<int>(part.status);
        exchange->reply(text_response("read", 400));
      });
    });
    router_.add_stream("POST", "/paused", [this](Request, std::shared_ptr<Exchange> exchange) {
      const std::lock_guard lock(mutex_);
      paused_ = std::move(exchange);
    });
    server_ = std::make_unique<Server>(std::move(options), std::move(router_));
    ASSERT_TRUE(server_->start());
  }
  void pour(const std::shared_ptr<Exchange>& exchange) {
    exchange->write(std::string(10'000, 'x'), [this, exchange](bool ok) {
      if (!ok) return void(ended_ = true);
      poured_ += 10'000;
      pour(exchange);
    });
  }
  RawSocket connect() const { return RawSocket(server_->port()); }
  Client client() const { return Client({.port = server_->port()}); }
  static std::string chunked(std::string_view target) {
    return "POST " + std::string(target) + " HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
  }

  std::mutex mutex_;
  std::shared_ptr<Exchange> paused_;
  std::atomic<std::uint64_t> poured_{0};
  std::atomic<bool> ended_{false};
  std::atomic<int> last_status_{-1};
  Router router_;
  std::unique_ptr<Server> server_;
};

TEST_F(StreamTest, AnswersFlowWhileTheBodyIsStillSent) {
  start();
  auto socket = connect();
  socket.send(chunked("/echo") + "5\r\nfirst\r\n");
  EXPECT_NE(socket.receive_containing("5\r\nfirst\r\n"), "");
  socket.send("6\r\nsecond\r\n");
  EXPECT_EQ(socket.receive_containing("second\r\n"), "6\r\nsecond\r\n");
  socket.send("0\r\n\r\n" + get("/hello"));
  EXPECT_TRUE(socket.receive_containing("hello").starts_with("0\r\n\r\nHTTP/1.1 200 OK\r\n"));
}

TEST_F(StreamTest, LinesOfAnySizeComeBackInOrder) {
  start();
  auto one = client();
  int sent = 0;
  int received = 0;
  std::uint64_t bytes = 0;
  const auto line = [](int i) { return std::to_string(i) + std::string(static_cast<std::size_t>(i * 7 % 3000), '.'); };
  const auto response = one.post_stream(
      "/echo", {{"Content-Type", "application/x-ndjson"}},
      [&]() -> std::optional<std::string> {
        if (sent == 20'000) return std::nullopt;
        return line(sent++) + "\n";
      },
      [&](std::string_view got) {
        EXPECT_EQ(got, line(received));
        ++received;
        bytes += got.size();
        return true;
      });
  ASSERT_TRUE(response.has_value()) << response.error().detail;
  EXPECT_EQ(response->status, 200);
  EXPECT_EQ(received, 20'000);
  EXPECT_GT(bytes, 20'000'000U);
  EXPECT_TRUE(one.request("GET", "/hello").has_value());
  EXPECT_EQ(server_->counters().connections_accepted, 1U);
}

TEST_F(StreamTest, BodiesWithALengthStreamToo) {
  start();
  const auto response = client().request("POST", "/echo", {}, std::string(300'000, 'q'));
  ASSERT_TRUE(response.has_value());
  EXPECT_EQ(response->body, std::string(300'000, 'q'));
}

TEST_F(StreamTest, AClientThatDoesNotReadStopsTheWriterAndIsCut) {
  start({.write_timeout = 1s, .write_bytes_per_second_min = 1'000'000});
  RawSocket socket(server_->port(), 4096);
  socket.send(get("/endless"));
  ASSERT_TRUE(soon([this] { return poured_ > 0; }));
  std::this_thread::sleep_for(300ms);
  const auto filled = poured_.load();
  std::this_thread::sleep_for(200ms);
  EXPECT_EQ(poured_, filled);  // the sockets' buffers are full and nothing else holds bytes
  EXPECT_LT(filled, 16'000'000U);
  EXPECT_TRUE(soon([this] { return ended_.load(); }));
  EXPECT_EQ(server_->counters().timed_out_write, 1U);
}

TEST_F(StreamTest, AHandlerThatDoesNotReadPausesTheClient) {
  start({.body_grace = 200ms, .read_timeout = 300ms});
  auto socket = connect();
  socket.send(chunked("/paused") + "5\r\nhello\r\n");
  ASSERT_TRUE(soon([this] {
    const std::lock_guard lock(mutex_);
    return paused_ != nullptr;
  }));
  std::this_thread::sleep_for(700ms);  // longer than any read may take
  paused_->start_response(text_response(""));
  std::make_shared<Echo>(std::exchange(paused_, nullptr))->run();
  EXPECT_NE(socket.receive_containing("hello"), "");
  socket.send("0\r\n\r\n");
  EXPECT_NE(socket.receive_containing("0\r\n\r\n").find("0\r\n\r\n"), std::string::npos);
}

TEST_F(StreamTest, CutBrokenAndSlowBodiesAreToldToTheHandler) {
  start({.read_timeout = 300ms});
  const auto status_after = [this](std::string_view wire, bool end) {
    last_status_ = -1;
    auto socket = connect();
    socket.send(wire);
    if (end) socket.end_sending();
    EXPECT_TRUE(socket.receive_to_end().starts_with("HTTP/1.1 400 "));
    EXPECT_TRUE(socket.ended());
    return static_cast<ReadStatus>(last_status_.load());
  };
  EXPECT_EQ(status_after(chunked("/reads"), true), ReadStatus::kCutShort);
  EXPECT_EQ(status_after(chunked("/reads") + "zz\r\n", false), ReadStatus::kCutShort);
  EXPECT_EQ(status_after(chunked("/reads"), false), ReadStatus::kTimeout);
  EXPECT_EQ(server_->counters().timed_out_body, 1U);
}

TEST_F(StreamTest, ADroppedExchangeIs500OrACut) {
  start();
  auto one = client();
  EXPECT_EQ(one.request("POST", "/dropped")->status, 500);
  auto socket = connect();
  socket.send(chunked("/half"));
  const auto answer = socket.receive_to_end();
  EXPECT_NE(answer.find("4\r\nhalf\r\n"), std::string::npos);
  EXPECT_EQ(answer.find("0\r\n\r\n"), std::string::npos);
  EXPECT_EQ(one.request("POST", "/half").error().code, Code::kOutcomeUnknown);
}

TEST_F(StreamTest, ARefusalEndsTheConnectionWithItsBodyUnread) {
  start();
  auto socket = connect();
  socket.send(chunked("/refuses") + "5\r\nhello\r\n");
  const auto answer = socket.receive_to_end();
  EXPECT_TRUE(answer.starts_with("HTTP/1.1 403 ")) << answer;
  EXPECT_NE(answer.find("Connection: close\r\n"), std::string::npos);
}

TEST_F(StreamTest, AStreamNobodyWorksOnIsCut) {
  start({.stream_idle = 300ms});
  auto socket = connect();
  socket.send(chunked("/paused"));
  EXPECT_EQ(socket.receive_to_end(), "");
  EXPECT_TRUE(socket.ended());
  EXPECT_EQ(server_->counters().timed_out_handler, 1U);
  paused_.reset();
}

TEST_F(StreamTest, HeadOfAStreamEndsItsWriter) {
  start();
  auto socket = connect();
  socket.send("HEAD /endless HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_TRUE(soon([this] { return ended_.load(); }));
  EXPECT_EQ(poured_, 0U);
}

TEST_F(StreamTest, StoppingTheServerTellsWhoWaits) {
  start();
  auto socket = connect();
  socket.send(chunked("/reads"));
  ASSERT_TRUE(soon([this] { return server_->counters().requests == 1; }));
  std::this_thread::sleep_for(50ms);
  server_->stop(50ms);
  EXPECT_EQ(static_cast<ReadStatus>(last_status_.load()), ReadStatus::kCutShort);
}

TEST_F(StreamTest, AStoppedConsumerClosesTheClient) {
  start();
  auto one = client();
  int lines = 0;
  const auto response = one.post_stream(
      "/echo", {}, [] { return std::optional<std::string>("line\n"); },
      [&lines](std::string_view) { return ++lines < 3; });
  ASSERT_TRUE(response.has_value());
  EXPECT_EQ(lines, 3);
}

TEST(ClientTest, FailuresAreErrorsAndStaleConnectionsAreReplaced) {
  Router router;
  router.add("GET", "/hello", [](Request, Reply reply) { reply(text_response("hello")); });
  router.add("GET", "/never", [](Request, Reply reply) {
    static std::vector<Reply> kept;
    kept.push_back(std::move(reply));
  });
  Server server({.idle_timeout = 200ms}, std::move(router));
  ASSERT_TRUE(server.start());
  Client client({.port = server.port(), .io_timeout = 300ms});
  EXPECT_EQ(client.request("GET", "/hello")->body, "hello");
  ASSERT_TRUE(soon([&server] { return server.counters().connections_open == 0; }));
  EXPECT_EQ(client.request("GET", "/hello")->body, "hello");
  EXPECT_EQ(client.request("GET", "/a b").error().code, Code::kMalformedRequest);
  EXPECT_EQ(client.request("GET", "/hello", {{"A", "b\r\nC: d"}}).error().code, Code::kMalformedRequest);
  EXPECT_EQ(client.request("GET", "/never").error().code, Code::kDeadlineExceeded);
  server.stop(0ms);
  EXPECT_EQ(client.request("GET", "/hello").error().code, Code::kShuttingDown);
}

}  // namespace
}  // namespace billing::http::testing

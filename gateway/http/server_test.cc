// Requests and responses over real sockets: order, methods, bodies, replies from elsewhere, the end of a server.
#include "gateway/http/server.h"

#include <gtest/gtest.h>

#include <atomic>
#include <mutex>
#include <thread>

#include "gateway/http/client.h"
#include "gateway/http/test_support.h"

namespace billing::http::testing {
namespace {

class ServerTest : public ::testing::Test {
 protected:
  void start(ServerOptions options = {}) {
    router_.add("GET", "/hello", [](Request, Reply reply) { reply(text_response("hello")); });
    router_.add("GET", "/canary", [this](Request, Reply reply) {
      ++canaries_;
      reply(text_response("canary"));
    });
    router_.add("POST", "/echo", [](Request request, Reply reply) { reply(text_response(request.body)); });
    router_.add("GET", "/items/{id}", [](Request request, Reply reply) {
      reply(text_response(std::string(request.param("id")) + "|" + std::string(request.query_value("q")) + "|" +
                          request.route + "|" + request.remote_address));
    });
    router_.add("GET", "/later", [this](Request, Reply reply) {
      const std::lock_guard lock(mutex_);
      threads_.emplace_back([reply = std::move(reply)] {
        std::this_thread::sleep_for(100ms);
        reply(text_response("later"));
        reply(text_response("twice"));
      });
    });
    router_.add("GET", "/made", [this](Request, Reply reply) {
      const std::lock_guard lock(mutex_);
      threads_.emplace_back([reply = std::move(reply), handler = std::this_thread::get_id()] {
        reply([handler] { return text_response(std::this_thread::get_id() == handler ? "made here" : "elsewhere"); });
      });
    });
    router_.add("GET", "/unmade", [](Request, Reply reply) {
      reply([]() -> Response { throw std::runtime_error("defect"); });
    });
    router_.add("GET", "/dropped", [](Request, Reply) {});
    router_.add("GET", "/throws", [](Request, Reply) { throw std::runtime_error("defect"); });
    router_.add("GET", "/never", [this](Request, Reply reply) {
      const std::lock_guard lock(mutex_);
      kept_.push_back(std::move(reply));
    });
    router_.add("GET", "/splits", [](Request, Reply reply) {
      auto response = text_response("x");
      response.headers.emplace_back("X-Name", "a\r\nSet-Cookie: b");
      reply(response);
    });
    router_.add("DELETE", "/nothing", [](Request, Reply reply) { reply(Response{204, {}, {}, {}}); });
    options.on_request = [this](const RequestLog& log) {
      const std::lock_guard lock(mutex_);
      logged_.push_back(std::string(log.method) + " " + std::string(log.route) + " " + std::to_string(log.status));
    };
    server_ = std::make_unique<Server>(std::move(options), std::move(router_));
    ASSERT_TRUE(server_->start());
  }
  ~ServerTest() override {
    for (auto& thread : threads_) thread.join();
  }
  RawSocket connect() const { return RawSocket(server_->port()); }
  std::string ask(std::string_view bytes) const {
    auto socket = connect();
    socket.send(bytes);
    socket.end_sending();
    return socket.receive_to_end();
  }

  std::mutex mutex_;
  std::vector<std::thread> threads_;
  std::vector<Reply> kept_;
  std::vector<std::string> logged_;
  std::atomic<int> canaries_{0};
  Router router_;
  std::unique_ptr<Server> server_;
};

TEST_F(ServerTest, AConnectionIsKeptForTheNextRequest) {
  start();
  auto socket = connect();
  for (int i = 0; i < 3; ++i) {
    socket.send(get("/hello"));
    const auto answer = socket.receive_containing("\r\n\r\nhello");
    EXPECT_TRUE(answer.starts_with("HTTP/1.1 200 OK\r\n")) << answer;
    EXPECT_EQ(count_of(answer, "Content-Length: 5\r\n"), 1U);
    EXPECT_EQ(count_of(answer, "Date: "), 1U);
  }
  EXPECT_EQ(server_->counters().connections_accepted, 1U);
  EXPECT_EQ(server_->counters().requests, 3U);
}

TEST_F(ServerTest, PipelinedRequestsAreAnsweredInOrder) {
  start();
  std::string wire;
  std::string wanted;
  for (int i = 0; i < 200; ++i) {
    wire += i % 50 == 7 ? get("/later") : get("/items/" + std::to_string(i));
    wanted += i % 50 == 7 ? "later " : std::to_string(i) + " ";
  }
  auto socket = connect();
  socket.send(wire + "GET /hello HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
  const auto answer = socket.receive_to_end(20s);
  std::string got;
  for (auto at = answer.find("\r\n\r\n"); at != std::string::npos; at = answer.find("\r\n\r\n", at + 4)) {
    auto end = answer.find("HTTP/1.1 ", at);
    const auto body = answer.substr(at + 4, end == std::string::npos ? end : end - at - 4);
    got += body.substr(0, body.find('|')) + " ";
  }
  EXPECT_EQ(got, wanted + "hello ");
  EXPECT_TRUE(socket.ended());
}

TEST_F(ServerTest, RequestsArriveByteByByte) {
  start();
  auto socket = connect();
  for (const char c : post("/echo", "body") + get("/items/7?q=a%20b")) socket.send(std::string_view(&c, 1));
  const auto answer = socket.receive_containing("127.0.0.1");
  EXPECT_NE(answer.find("\r\n\r\nbodyHTTP/1.1 200"), std::string::npos);
  EXPECT_NE(answer.find("7|a b|/items/{id}|127.0.0.1"), std::string::npos);
}

TEST_F(ServerTest, ChunkedBodiesAreTaken) {
  start();
  const auto answer = ask("POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
                          "3;x=y\r\nabc\r\n2\r\nde\r\n0\r\n\r\n" + get("/canary"));
  EXPECT_NE(answer.find("\r\n\r\nabcdeHTTP/1.1 200"), std::string::npos) << answer;
  EXPECT_EQ(canaries_, 1);
}

TEST_F(ServerTest, NothingAfterABrokenBodyIsAnswered) {
  start();
  const std::string head = "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
  for (const auto* body : {"x\r\n", "3\r\nabcX", "0\r\nAuthorization: Bearer x\r\n\r\n", "3\nabc\n0\n\n"}) {
    const auto answer = ask(head + body + get("/canary"));
    EXPECT_TRUE(answer.starts_with("HTTP/1.1 400 ")) << body << answer;
    EXPECT_EQ(count_of(answer, "HTTP/1.1 "), 1U);
  }
  EXPECT_EQ(canaries_, 0);
  EXPECT_EQ(server_->counters().refused_framing, 4U);
}

TEST_F(ServerTest, TooLargeBodiesAreRefused) {
  start({.body_bytes_max = 100});
  EXPECT_TRUE(ask(post("/echo", std::string(100, 'x'))).starts_with("HTTP/1.1 200 "));
  EXPECT_TRUE(ask(post("/echo", std::string(101, 'x')) + get("/canary")).starts_with("HTTP/1.1 413 "));
  EXPECT_TRUE(ask("POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n65\r\n" + std::string(101, 'x') +
                  "\r\n0\r\n\r\n" + get("/canary"))
                  .starts_with("HTTP/1.1 413 "));
  EXPECT_EQ(canaries_, 0);
  EXPECT_EQ(server_->counters().refused_body_too_large, 2U);
}

TEST_F(ServerTest, TooLargeHeadsAreRefused) {
  start();
  const auto head = [](std::size_t size) {
    const std::string fixed = "GET /hello HTTP/1.1\r\nHost: a\r\nX: \r\n\r\n";
    return "GET /hello HTTP/1.1\r\nHost: a\r\nX: " + std::string(size - fixed.size(), 'x') + "\r\n\r\n";
  };
  EXPECT_TRUE(ask(head(16 * 1024)).starts_with("HTTP/1.1 200 "));
  EXPECT_TRUE(ask(head(16 * 1024 + 1)).starts_with("HTTP/1.1 431 "));
  EXPECT_TRUE(ask("GET /" + std::string(20'000, 'x')).starts_with("HTTP/1.1 431 "));
}

TEST_F(ServerTest, MethodsAndPathsThatAreNotThere) {
  start();
  EXPECT_TRUE(ask(get("/nope")).starts_with("HTTP/1.1 404 "));
  EXPECT_TRUE(ask(get("/items/..")).starts_with("HTTP/1.1 404 "));
  EXPECT_TRUE(ask(get("/hello?a=%ff")).starts_with("HTTP/1.1 400 "));
  EXPECT_TRUE(ask(post("/nope", "body") + get("/canary")).find("canary") != std::string::npos);
  const auto other = ask("DELETE /hello HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_TRUE(other.starts_with("HTTP/1.1 405 ")) << other;
  EXPECT_NE(other.find("\r\nAllow: GET, HEAD, OPTIONS\r\n"), std::string::npos);
  EXPECT_NE(other.find("\"code\":\"method-not-allowed\""), std::string::npos);
  const auto trace = ask("TRACE /hello HTTP/1.1\r\nHost: a\r\n\r\n" + get("/canary"));
  EXPECT_TRUE(trace.starts_with("HTTP/1.1 405 ")) << trace;
  EXPECT_EQ(count_of(trace, "HTTP/1.1 "), 1U);
  const auto options = ask("OPTIONS /hello HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_TRUE(options.starts_with("HTTP/1.1 204 ")) << options;
  EXPECT_NE(options.find("\r\nAllow: GET, HEAD, OPTIONS\r\n"), std::string::npos);
  EXPECT_TRUE(ask("OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n").starts_with("HTTP/1.1 204 "));
}

TEST_F(ServerTest, OneEmptyLineBeforeARequestIsIgnoredAndNoMore) {
  start();
  auto socket = connect();
  for (int i = 0; i < 3; ++i) {
    socket.send(post("/echo", "body") + "\r\n");
    socket.send(get("/hello"));
    EXPECT_NE(socket.receive_containing("hello").find("HTTP/1.1 200"), std::string::npos) << i;
  }
  for (const std::string before : {"\r\n\r\n", "\n", "\r\n\n", "\r\r\n", "\r\n "}) {
    const auto answer = ask(before + get("/canary"));
    EXPECT_TRUE(answer.starts_with("HTTP/1.1 400 ")) << before << answer;
    EXPECT_EQ(count_of(answer, "HTTP/1.1 "), 1U);
  }
  EXPECT_EQ(canaries_, 0);
}

TEST_F(ServerTest, AbsoluteTargetsAndHigherVersionsAreAnsweredAsOneDotOne) {
  start();
  const auto absolute = ask(get("http://elsewhere.example/items/7?q=x") + get("/hello"));
  EXPECT_NE(absolute.find("7|x|/items/{id}|"), std::string::npos) << absolute;
  EXPECT_EQ(count_of(absolute, "HTTP/1.1 200"), 2U);
  const auto higher = ask("GET /hello HTTP/1.7\r\nHost: a\r\n\r\n" + get("/hello"));
  EXPECT_EQ(count_of(higher, "HTTP/1.1 200"), 2U) << higher;
  EXPECT_TRUE(ask("OPTIONS http://a HTTP/1.1\r\nHost: a\r\n\r\n").starts_with("HTTP/1.1 204 "));
}

TEST_F(ServerTest, HeadHasTheLengthButNoBody) {
  start();
  const auto answer = ask("HEAD /hello HTTP/1.1\r\nHost: a\r\n\r\n" + get("/hello"));
  EXPECT_EQ(count_of(answer, "Content-Length: 5\r\n"), 2U);
  EXPECT_EQ(count_of(answer, "hello"), 1U);
  const auto nothing = ask("DELETE /nothing HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_EQ(nothing.find("Content-Length"), std::string::npos) << nothing;
}

TEST_F(ServerTest, OldClientsAreClosedUnlessTheyAskToStay) {
  start();
  auto socket = connect();
  socket.send("GET /hello HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  EXPECT_NE(socket.receive_containing("hello").find("Connection: keep-alive\r\n"), std::string::npos);
  socket.send("GET /hello HTTP/1.0\r\n\r\n");
  EXPECT_NE(socket.receive_to_end().find("Connection: close\r\n"), std::string::npos);
  EXPECT_TRUE(socket.ended());
}

TEST_F(ServerTest, AClientThatWaitsForContinueGetsIt) {
  start();
  auto socket = connect();
  socket.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n");
  EXPECT_EQ(socket.receive_containing("\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
  socket.send("body");
  EXPECT_TRUE(socket.receive_containing("\r\n\r\nbody").starts_with("HTTP/1.1 200 "));
}

TEST_F(ServerTest, AReplyMayComeFromAnotherThreadAndOnlyOnce) {
  start();
  auto socket = connect();
  socket.send(get("/later") + get("/hello"));
  const auto answer = socket.receive_containing("hello");
  EXPECT_NE(answer.find("\r\n\r\nlaterHTTP/1.1 200"), std::string::npos) << answer;
  EXPECT_EQ(answer.find("twice"), std::string::npos);
}

TEST_F(ServerTest, ADroppedReplyAndAThrowingHandlerAre500) {
  start();
  const auto answer = ask(get("/dropped") + get("/throws") + get("/splits") + get("/hello"));
  EXPECT_EQ(count_of(answer, "HTTP/1.1 500 "), 3U) << answer;
  EXPECT_EQ(count_of(answer, "HTTP/1.1 200 "), 1U);
  EXPECT_EQ(answer.find("Set-Cookie"), std::string::npos);
  EXPECT_EQ(server_->counters().replies_dropped, 2U);
}

TEST_F(ServerTest, AResponseIsMadeOnTheConnectionsThread) {
  start();
  EXPECT_NE(ask(get("/made")).find("made here"), std::string::npos);
}

TEST_F(ServerTest, AResponseThatCannotBeMadeIs500AndTheConnectionGoesOn) {
  start();
  const auto answer = ask(get("/unmade") + get("/hello"));
  EXPECT_NE(answer.find("HTTP/1.1 500"), std::string::npos);
  EXPECT_NE(answer.find("hello"), std::string::npos);
}

TEST_F(ServerTest, LargeResponsesArriveWhole) {
  router_.add("GET", "/large", [](Request, Reply reply) { reply(text_response(std::string(8'000'000, 'z'))); });
  start();
  Client client({.port = server_->port()});
  for (int i = 0; i < 3; ++i) {
    const auto response = client.request("GET", "/large");
    ASSERT_TRUE(response.has_value());
    EXPECT_EQ(response->body.size(), 8'000'000U);
  }
}

TEST_F(ServerTest, EveryRequestIsReported) {
  start();
  ask(get("/items/1") + post("/echo", "x") + get("/nope") + "junk\r\n\r\n");
  const std::vector<std::string> wanted = {"GET /items/{id} 200", "POST /echo 200", "GET  404", "  400"};
  EXPECT_TRUE(soon([&] {
    const std::lock_guard lock(mutex_);
    return logged_.size() == wanted.size();
  }));
  EXPECT_EQ(logged_, wanted);
}

TEST_F(ServerTest, StopLetsRequestsInFlightFinish) {
  start();
  auto busy = connect();
  busy.send(get("/later"));
  auto idle = connect();
  idle.send(get("/hello"));
  idle.receive_containing("hello");
  ASSERT_TRUE(soon([this] { return server_->counters().requests == 2; }));
  const auto from = std::chrono::steady_clock::now();
  server_->stop(5s);
  EXPECT_LT(std::chrono::steady_clock::now() - from, 3s);
  const auto answer = busy.receive_to_end();
  EXPECT_NE(answer.find("later"), std::string::npos);
  EXPECT_NE(answer.find("Connection: close\r\n"), std::string::npos);
  EXPECT_EQ(idle.receive_to_end(), "");
  EXPECT_FALSE(RawSocket(server_->port()).connected());
}

TEST_F(ServerTest, AHurriedStopWaitsForNothing) {
  start();
  auto socket = connect();
  socket.send(get("/never"));
  ASSERT_TRUE(soon([this] { return server_->counters().requests == 1; }));
  std::atomic<bool> stopped{false};
  std::thread stopping([&] {
    server_->stop(60s);
    stopped = true;
  });
  std::this_thread::sleep_for(50ms);
  EXPECT_FALSE(stopped);
  server_->hurry();
  EXPECT_TRUE(soon([&] { return stopped.load(); }));
  stopping.join();
  EXPECT_EQ(socket.receive_to_end(), "");
}

TEST_F(ServerTest, AnotherRouterServesFromTheNextRequestOn) {
  start();
  auto socket = connect();
  socket.send(get("/later"));
  ASSERT_TRUE(soon([this] { return server_->counters().requests == 1; }));
  Router other;
  other.add("GET", "/hello", [](Request, Reply reply) { reply(text_response("other")); });
  server_->route_by(std::move(other));
  socket.send(get("/hello") + get("/canary"));
  const auto answer = socket.receive_containing("404 Not Found");
  EXPECT_NE(answer.find("\r\n\r\nlaterHTTP/1.1 200"), std::string::npos) << answer;
  EXPECT_NE(answer.find("\r\n\r\notherHTTP/1.1 404"), std::string::npos) << answer;
}

TEST_F(ServerTest, AThreadThatDoesNotGoRoundIsSilent) {
  std::atomic<bool> go_on{false};
  router_.add("GET", "/blocks", [&](Request, Reply reply) {
    while (!go_on) std::this_thread::sleep_for(1ms);
    reply(text_response("x"));
  });
  start();
  EXPECT_TRUE(soon([this] { return server_->silence() < 1s; }));
  auto socket = connect();
  socket.send(get("/blocks"));
  EXPECT_TRUE(soon([this] { return server_->silence() > 500ms; }));
  go_on = true;
  socket.receive_containing("\r\n\r\nx");
  EXPECT_TRUE(soon([this] { return server_->silence() < 500ms; }));
}

TEST_F(ServerTest, StopCutsWhatDoesNotFinishAndLateRepliesDoNothing) {
  start();
  auto socket = connect();
  socket.send(get("/never"));
  ASSERT_TRUE(soon([this] { return server_->counters().requests == 1; }));
  server_->stop(100ms);
  EXPECT_EQ(socket.receive_to_end(), "");
  kept_.front()(text_response("late"));
  server_.reset();
  kept_.front()(text_response("later still"));
  kept_.clear();
}

TEST_F(ServerTest, AnAddressInUseIsAnError) {
  start();
  Server second({.port = server_->port()}, Router{});
  const auto started = second.start();
  ASSERT_FALSE(started.has_value());
  EXPECT_EQ(started.error().code, Code::kConfiguration);
  EXPECT_FALSE(Server({.address = "not an address"}, Router{}).start().has_value());
}

}  // namespace
}  // namespace billing::http::testing

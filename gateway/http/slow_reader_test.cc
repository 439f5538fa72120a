// Clients that take their answers slowly or not at all: they are told their end at once, and what the kernel holds is not theirs.
#include <gtest/gtest.h>
#include <malloc.h>

#include <atomic>
#include <mutex>
#include <vector>

#include "gateway/http/server.h"
#include "gateway/http/test_support.h"

namespace billing::http::testing {
namespace {

constexpr std::size_t kMedium = 60'000;  // the kernel takes all of it from the server, and a small receive buffer does not

class SlowReaderTest : public ::testing::Test {
 protected:
  void start(ServerOptions options) {
    router_.add("GET", "/large", [](Request, Reply reply) { reply(text_response(std::string(20'000'000, 'z'))); });
    router_.add("GET", "/medium", [](Request, Reply reply) { reply(text_response(std::string(kMedium, 'm'))); });
    router_.add("GET", "/busy", [](Request, Reply reply) {
      auto response = text_response("busy", 503);
      response.close = true;
      reply(std::move(response));
    });
    router_.add("POST", "/never", [this](Request, Reply reply) {
      const std::lock_guard lock(mutex_);
      kept_.push_back(std::move(reply));
    });
    router_.add_stream("GET", "/endless", [](Request, std::shared_ptr<Exchange> exchange) {
      exchange->start_response(text_response(""));
      pour(exchange);
    });
    router_.add_stream("GET", "/paced", [this](Request, std::shared_ptr<Exchange> exchange) {
      exchange->start_response(text_response(""));
      paced_ = std::thread([exchange] {
        for (int i = 0; i < 20; ++i) {
          exchange->write("piece", {});
          std::this_thread::sleep_for(60ms);
        }
        exchange->finish();
      });
    });
    server_ = std::make_unique<Server>(std::move(options), std::move(router_));
    ASSERT_TRUE(server_->start());
  }
  void TearDown() override {
    if (paced_.joinable()) paced_.join();
  }
  static void pour(const std::shared_ptr<Exchange>& exchange) {
    exchange->write(std::string(10'000, 'x'), [exchange](bool ok) {
      if (ok) pour(exchange);
    });
  }
  // A client that has a small receive buffer and has asked for `target`.
  RawSocket ask(std::string_view request) const {
    RawSocket socket(server_->port(), 4096);
    socket.send(request);
    return socket;
  }
  // Whether the client is cut while it takes so many bytes in each 20 ms.
  bool cut_while_taking(const RawSocket& socket, std::size_t bytes) const {
    return soon([&] {
      socket.take(bytes);
      std::this_thread::sleep_for(15ms);
      return counters().timed_out_write == 1 && counters().connections_open == 0;
    });
  }
  ServerCounters counters() const { return server_->counters(); }

  std::mutex mutex_;
  std::vector<Reply> kept_;
  std::thread paced_;
  Router router_;
  std::unique_ptr<Server> server_;
};

std::string last(std::string_view target) {
  return "GET " + std::string(target) + " HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n";
}

TEST_F(SlowReaderTest, AClientThatIsCutIsToldAtOnce) {
  start({.write_timeout = 300ms, .write_bytes_per_second_min = 100'000'000});
  const auto socket = ask(get("/large"));
  ASSERT_TRUE(soon([this] { return counters().timed_out_write == 1; }));
  EXPECT_TRUE(soon([&] { return socket.reset(); }));
}

TEST_F(SlowReaderTest, WhatTheKernelHoldsIsNotTaken) {
  start({.write_timeout = 500ms, .write_bytes_per_second_min = 1'000'000});
  const auto socket = ask(get("/medium"));
  EXPECT_TRUE(cut_while_taking(socket, 50));
}

TEST_F(SlowReaderTest, TheLastAnswerOfAConnectionHasToBeTakenToo) {
  start({.write_timeout = 500ms, .write_bytes_per_second_min = 1'000'000});
  const auto socket = ask(last("/medium"));
  EXPECT_TRUE(cut_while_taking(socket, 50));
  EXPECT_TRUE(socket.reset());
}

TEST_F(SlowReaderTest, AClientThatHasEndedItsSideHasToTakeItsAnswerToo) {
  start({.write_timeout = 500ms, .write_bytes_per_second_min = 1'000'000});
  const auto socket = ask(get("/medium"));
  socket.end_sending();
  EXPECT_TRUE(cut_while_taking(socket, 50));
  EXPECT_TRUE(socket.reset());
}

TEST_F(SlowReaderTest, AnAnswerThatIsTakenLateIsWhole) {
  start({.write_timeout = 2s});
  for (const bool ends : {false, true}) {
    auto socket = ask(last("/medium"));
    if (ends) socket.end_sending();
    std::this_thread::sleep_for(600ms);
    const auto answer = socket.receive_to_end();
    EXPECT_EQ(std::string_view(answer).substr(answer.find("\r\n\r\n") + 4), std::string(kMedium, 'm'));
    EXPECT_TRUE(socket.ended());
    EXPECT_FALSE(socket.reset());
    EXPECT_TRUE(soon([this] { return counters().connections_open == 0; }));
  }
  EXPECT_EQ(counters().timed_out_write, 0U);
}

TEST_F(SlowReaderTest, AClientThatGoesWithoutItsAnswerLeavesNothing) {
  start({});
  for (const auto& request : {get("/medium"), last("/medium"), get("/large")}) {
    auto socket = ask(request);
    std::this_thread::sleep_for(100ms);
    socket.close();
    EXPECT_TRUE(soon([this] { return counters().connections_open == 0; })) << request;
  }
}

TEST_F(SlowReaderTest, AStreamGivesNoNewTimeWithEachPiece) {
  start({.write_timeout = 1s, .write_bytes_per_second_min = 2'000'000});
  const auto socket = ask(get("/endless"));
  EXPECT_TRUE(cut_while_taking(socket, 6'000));
}

TEST_F(SlowReaderTest, AStreamThatKeepsItsClientWaitingDoesNotCutIt) {
  start({.write_timeout = 200ms, .write_bytes_per_second_min = 1'000'000});
  auto socket = ask(get("/paced"));
  const auto answer = socket.receive_containing("0\r\n\r\n");
  EXPECT_EQ(count_of(answer, "piece"), 20U);
  EXPECT_EQ(counters().timed_out_write, 0U);
}

TEST_F(SlowReaderTest, AnAnswerMayEndItsConnection) {
  start({});
  RawSocket socket(server_->port());
  socket.send(get("/busy"));
  const auto answer = socket.receive_to_end();
  EXPECT_TRUE(answer.starts_with("HTTP/1.1 503 ")) << answer;
  EXPECT_NE(answer.find("Connection: close\r\n"), std::string::npos);
  EXPECT_TRUE(socket.ended());
}

TEST_F(SlowReaderTest, WhatWasReadTakesNoMemoryWhileAHandlerWorks) {
  constexpr std::size_t kClients = 100;
  start({.threads = 1});
  const auto used = [] {
    const auto now = mallinfo2();
    return now.uordblks + now.hblkhd;
  };
  const auto before = used();
  std::vector<std::unique_ptr<RawSocket>> clients;
  for (std::size_t i = 0; i < kClients; ++i) {
    clients.push_back(std::make_unique<RawSocket>(server_->port()));
    clients.back()->send(post("/never", std::string(60'000, 'b')));
  }
  ASSERT_TRUE(soon([&] {
    const std::lock_guard lock(mutex_);
    return kept_.size() == kClients;
  }));
  EXPECT_LT(used(), before + kClients * 24 * 1024);
}

}  // namespace
}  // namespace billing::http::testing

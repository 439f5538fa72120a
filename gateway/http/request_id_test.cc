// Each answer has the id of its request, also where no request could be read.
#include <gtest/gtest.h>

#include <map>
#include <mutex>
#include <set>

#include "gateway/http/server.h"
#include "gateway/http/request_id.h"
#include "gateway/http/test_support.h"

namespace billing::http::testing {
namespace {

class RequestIdTest : public ::testing::Test {
 protected:
  void start(ServerOptions options = {}) {
    router_.add("GET", "/id", [](Request request, Reply reply) {
      Response response = text_response("<" + request.id + ">");
      response.caller = "key";
      reply(std::move(response));
    });
    router_.add("POST", "/body", [](Request, Reply reply) { reply(text_response("x")); });
    router_.add("GET", "/never", [this](Request, Reply reply) { kept_ = std::move(reply); });
    router_.add_stream("GET", "/stream", [](Request, std::shared_ptr<Exchange> exchange) {
      exchange->start_response(text_response("part"));
      exchange->finish();
    });
    options.on_request = [this](const RequestLog& log) {
      const std::lock_guard lock(mutex_);
      logged_[std::string(log.id)] = std::string(log.address) + " " + std::string(log.caller) + " " + std::string(log.code) +
                                     (log.stream ? " stream" : "");
    };
    options.on_response = [](Response& response, std::string_view id) {
      if (response.status >= 400) response.body += "id=" + std::string(id);
    };
    server_ = std::make_unique<Server>(std::move(options), std::move(router_));
    ASSERT_TRUE(server_->start());
  }
  std::string ask(std::string_view bytes) const {
    RawSocket socket(server_->port());
    socket.send(bytes);
    socket.end_sending();
    return socket.receive_to_end();
  }
  static std::string get_with(std::string_view headers) { return "GET /id HTTP/1.1\r\nHost: a\r\n" + std::string(headers) + "\r\n"; }
  static std::string id_of(const std::string& answer) {
    const auto at = answer.find("\r\nRequest-Id: ");
    return at == std::string::npos ? "" : answer.substr(at + 14, answer.find("\r\n", at + 2) - at - 14);
  }
  std::string logged(const std::string& id) {
    std::string found = "nothing";
    soon([&] {
      const std::lock_guard lock(mutex_);
      if (!logged_.contains(id)) return false;
      found = logged_[id];
      return true;
    });
    return found;
  }

  std::mutex mutex_;
  std::map<std::string, std::string> logged_;
  Reply kept_;
  Router router_;
  std::unique_ptr<Server> server_;
};

TEST_F(RequestIdTest, AProperIdOfTheClientIsTaken) {
  start();
  const auto answer = ask(get_with("request-id: Ab9._-\r\n"));
  EXPECT_EQ(id_of(answer), "Ab9._-");
  EXPECT_NE(answer.find("<Ab9._->"), std::string::npos);
  EXPECT_EQ(logged("Ab9._-"), "127.0.0.1 key ");
}

TEST_F(RequestIdTest, AnythingElseIsReplacedByAnIdOfTheServers) {
  start();
  std::set<std::string> seen;
  for (const std::string& headers :
       {std::string(), std::string("Request-Id: \r\n"), std::string("Request-Id: a b\r\n"), std::string("Request-Id: ann@example.org\r\n"),
        "Request-Id: " + std::string(65, 'x') + "\r\n", std::string("Request-Id: a\r\nRequest-Id: a\r\n")}) {
    const std::string id = id_of(ask(get_with(headers)));
    EXPECT_EQ(id.size(), 16U) << headers;
    EXPECT_EQ(id.find_first_not_of("0123456789abcdef"), std::string::npos) << id;
    EXPECT_TRUE(seen.insert(id).second);
  }
  EXPECT_EQ(id_of(ask(get_with("Request-Id: " + std::string(64, 'x') + "\r\n"))), std::string(64, 'x'));
}

TEST_F(RequestIdTest, WhatTheServerItselfAnswersHasAnId) {
  start({.head_bytes_max = 1024, .body_bytes_max = 10, .request_deadline = 200ms});
  const std::map<std::string, std::string> wanted{
      {"junk\r\n\r\n", "400 malformed-request"},
      {"TRACE / HTTP/1.1\r\nHost: a\r\n\r\n", "405 method-not-allowed"},
      {get("/" + std::string(2000, 'x')), "431 head-too-large"},
      {get("/nope"), "404 no-such-route"},
      {get("/id?a=%ff"), "400 malformed-request"},
      {post("/body", "more than ten bytes"), "413 body-too-large"},
      {get("/never"), "504 not-answered"}};
  for (const auto& [request, status_and_code] : wanted) {
    const auto answer = ask(request);
    const std::string id = id_of(answer);
    EXPECT_TRUE(answer.starts_with("HTTP/1.1 " + status_and_code.substr(0, 4))) << answer;
    EXPECT_EQ(id.size(), 16U) << answer;
    EXPECT_TRUE(answer.ends_with("id=" + id)) << answer;
    EXPECT_EQ(logged(id), "127.0.0.1  " + status_and_code.substr(4)) << answer;
  }
}

TEST_F(RequestIdTest, AServerThatIsFullAndAHeadThatIsLateHaveAnId) {
  start({.connections_max = 1, .head_deadline = 200ms});
  RawSocket first(server_->port());
  first.send("GET ");
  ASSERT_TRUE(soon([this] { return server_->counters().connections_open == 1; }));
  const auto full = ask(get("/id"));
  EXPECT_TRUE(full.starts_with("HTTP/1.1 503 ")) << full;
  EXPECT_EQ(id_of(full).size(), 16U);
  const auto late = first.receive_to_end();
  EXPECT_TRUE(late.starts_with("HTTP/1.1 408 ")) << late;
  EXPECT_EQ(id_of(late).size(), 16U);
}

TEST_F(RequestIdTest, TheNextRequestOfAConnectionHasAnotherId) {
  start();
  const auto answers = ask(get_with("Request-Id: one\r\n") + get("/nope") + "junk\r\n\r\n");
  EXPECT_EQ(count_of(answers, "Request-Id: one\r\n"), 1U);
  EXPECT_EQ(count_of(answers, "Request-Id: "), 3U) << answers;
  EXPECT_EQ(logged("one"), "127.0.0.1 key ");
}

TEST_F(RequestIdTest, StreamsHaveOneAndAreToldApart) {
  start();
  const std::string id = id_of(ask(get("/stream")));
  EXPECT_EQ(logged(id), "127.0.0.1   stream");
}

}  // namespace
}  // namespace billing::http::testing

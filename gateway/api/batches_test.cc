// Batches over a real server, a real client and a real ledger.
#include "gateway/api/batches.h"

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <string>
#include <thread>
#include <vector>

#include "gateway/api/api_testing.h"

namespace billing::api {
namespace {

using test::open_account;
using test::Service;
using test::test_id;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

std::string line(const std::string& id, const std::string& amount = "1.00") {
  return R"({"id":")" + id + R"(","command":"payment.record","body":{"account":")" + test_id("acc", 1) +
         R"(","amount":{"amount":")" + amount + R"(","currency":"USD"},"method":"card"}})" + "\n";
}

TEST(BatchesTest, EachLineIsAnsweredInOrderAndABadOneHarmsNoOther) {
  Service service;
  open_account(service);
  const auto lines = service.batch(
      line("a") + "{\"id\":\n" + line("b", "0") + "\n" + R"({"id":"c","command":"payment.undo","body":{}})" + "\n" +
      R"({"id":"d","command":"payment.record","body":{"amount":5}})" + "\n" + line("e") + line("a") +
      R"({"command":"payment.record","body":{}})" + "\n" + R"({"id":"f","id":"f"})" + "\n" + line("g"));
  ASSERT_EQ(lines.size(), 10U);
  EXPECT_THAT(lines[0], StartsWith(R"({"id":"a","status":201,"position":)"));
  EXPECT_THAT(lines[0], HasSubstr(R"("object_id":"pay_)"));
  EXPECT_THAT(lines[1], AllOf(StartsWith(R"({"line":2,"status":400,"problem":{)"), HasSubstr("malformed-body")));
  EXPECT_THAT(lines[2], AllOf(StartsWith(R"({"id":"b","line":3,"status":422,)"), HasSubstr("amount-not-positive"),
                              HasSubstr(R"("pointer":"/body/amount)")));
  EXPECT_THAT(lines[3], AllOf(StartsWith(R"({"id":"c","line":5)"), HasSubstr(R"("pointer":"/command")")));
  EXPECT_THAT(lines[4], AllOf(StartsWith(R"({"id":"d",)"), HasSubstr("/body")));
  EXPECT_THAT(lines[5], StartsWith(R"({"id":"e","status":201)"));
  EXPECT_THAT(lines[6], HasSubstr(R"("repeated":true)"));
  EXPECT_THAT(lines[7], AllOf(HasSubstr("missing-field"), HasSubstr(R"("pointer":"/id")")));
  EXPECT_THAT(lines[8], AllOf(HasSubstr("duplicate-key"), HasSubstr(R"("status":422)")));
  EXPECT_THAT(lines[9], StartsWith(R"({"id":"g","status":201)"));
}

TEST(BatchesTest, AnEmptyBodyHasNoAnswers) {
  Service service;
  EXPECT_TRUE(service.batch("").empty());
  EXPECT_TRUE(service.batch("\n\r\n\n").empty());
}

TEST(BatchesTest, ManyLinesAreAllDecidedInOrder) {
  Service service;
  open_account(service);
  constexpr std::size_t kLines = 20'000;
  std::string body;
  for (std::size_t i = 0; i < kLines; ++i) body += i % 100 == 99 ? "bad\n" : line("p" + std::to_string(i));
  const auto lines = service.batch(body);
  ASSERT_EQ(lines.size(), kLines);
  for (std::size_t i = 0; i < kLines; ++i) {
    const std::string begin = i % 100 == 99 ? "{\"line\":" + std::to_string(i + 1) + ",\"status\":400"
                                            : "{\"id\":\"p" + std::to_string(i) + "\",\"status\":201";
    ASSERT_THAT(lines[i], StartsWith(begin));
  }
}

TEST(BatchesTest, ALineThatIsTooLongIsLeftOut) {
  BatchLimits limits;
  limits.line_bytes_max = 1'000;
  Service service(limits);
  open_account(service);
  const auto lines = service.batch(line("a") + std::string(200'000, ' ') + "\n" + line("b"));
  ASSERT_EQ(lines.size(), 3U);
  EXPECT_THAT(lines[1], AllOf(StartsWith(R"({"line":2,"status":413)"), HasSubstr("line-too-long")));
  EXPECT_THAT(lines[2], HasSubstr(R"("status":201)"));
}

TEST(BatchesTest, LinesGoOnOneByOneWhenOnlyOneMayWait) {
  BatchLimits limits;
  limits.lines_waiting_max = 1;
  limits.unsent_bytes_max = 1;
  Service service(limits);
  open_account(service);
  std::string body;
  for (int i = 0; i < 300; ++i) body += i % 3 == 0 ? "x\n" : line("p" + std::to_string(i));
  EXPECT_EQ(service.batch(body).size(), 300U);
}

TEST(BatchesTest, AVersionThatIsExpectedIsChecked) {
  Service service;
  open_account(service);
  const auto rename = [](const std::string& id, const std::string& name, int version) {
    return R"({"id":")" + id + R"(","command":"account.rename","expected_version":)" + std::to_string(version) +
           R"(,"body":{"account":")" + test_id("acc", 1) + R"(","name":")" + name + "\"}}\n";
  };
  const auto lines = service.batch(rename("a", "One", 1) + rename("b", "Two", 1) + rename("c", "Two", 2));
  ASSERT_EQ(lines.size(), 3U);
  EXPECT_THAT(lines[0], AllOf(HasSubstr(R"("status":200)"), HasSubstr(R"("version":2)"), Not(HasSubstr("object_id"))));
  EXPECT_THAT(lines[1], HasSubstr(R"("status":412)"));
  EXPECT_THAT(lines[2], HasSubstr(R"("status":200)"));
}

TEST(BatchesTest, ShedLoadSlowsTheBatchAndRefusesNoLine) {
  Service service;
  open_account(service);
  service.ledger().shed_load(true);
  std::thread later([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(300));
    service.ledger().shed_load(false);
  });
  std::string body;
  for (int i = 0; i < 3'000; ++i) body += line("p" + std::to_string(i));
  const auto begin = std::chrono::steady_clock::now();
  const auto lines = service.batch(body);
  EXPECT_GE(std::chrono::steady_clock::now() - begin, std::chrono::milliseconds(290));
  later.join();
  ASSERT_EQ(lines.size(), 3'000U);
  for (const std::string& answer : lines) ASSERT_THAT(answer, HasSubstr(R"("status":201)"));
}

TEST(BatchesTest, ALedgerThatStaysFullRefusesTheLinesInTheEnd) {
  BatchLimits limits;
  limits.blocked_max = std::chrono::milliseconds(100);
  Service service(limits);
  open_account(service);
  service.ledger().shed_load(true);
  const auto lines = service.batch(line("a") + "bad\n" + line("b"));
  ASSERT_EQ(lines.size(), 3U);
  EXPECT_THAT(lines[0], AllOf(HasSubstr(R"("status":503)"), HasSubstr("queue-full")));
  EXPECT_THAT(lines[1], HasSubstr(R"("status":400)"));
  EXPECT_THAT(lines[2], HasSubstr(R"("status":503)"));
}

TEST(BatchesTest, ALedgerThatHasStoppedRefusesEachLine) {
  Service service;
  open_account(service);
  service.ledger().stop();
  const auto lines = service.batch(line("a") + line("b"));
  ASSERT_EQ(lines.size(), 2U);
  EXPECT_THAT(lines[1], HasSubstr("shutting-down"));
}

// Sends `bytes` as they are, ends our side and reads all that comes.
std::string raw(std::uint16_t port, const std::string& bytes) {
  const int fd = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  EXPECT_EQ(::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  EXPECT_EQ(::send(fd, bytes.data(), bytes.size(), 0), static_cast<ssize_t>(bytes.size()));
  ::shutdown(fd, SHUT_WR);
  std::string all;
  char buffer[4096];
  for (ssize_t n = 0; (n = ::recv(fd, buffer, sizeof buffer, 0)) > 0;) all.append(buffer, static_cast<std::size_t>(n));
  ::close(fd);
  return all;
}

TEST(BatchesTest, ABodyCutShortIsAnsweredForItsCompleteLinesAndSaysSo) {
  Service service;
  open_account(service);
  const Position head = service.log().head().position;
  const std::string lines = line("a") + line("b") + line("c").substr(0, 40);
  const std::string answer =
      raw(service.port(), "POST /v1/batches HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " + service.key() +
                              "\r\nContent-Length: " + std::to_string(lines.size() + 100) + "\r\n\r\n" + lines);
  EXPECT_THAT(answer, HasSubstr(R"({"id":"a","status":201)"));
  EXPECT_THAT(answer, HasSubstr(R"({"id":"b","status":201)"));
  EXPECT_THAT(answer, HasSubstr(R"({"line":3,"status":400,"problem":{"type":"/problems/body-cut-short")"));
  EXPECT_EQ(service.log().head().position, head + 2);
}

TEST(BatchesTest, AClientThatDoesNotReadStopsBeingRead) {
  BatchLimits limits;
  limits.unsent_bytes_max = 4'096;
  Service service(limits);
  open_account(service);
  const int fd = ::socket(AF_INET, SOCK_STREAM, 0);
  const int small = 4'096;
  ::setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(service.port());
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  ASSERT_EQ(::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  const std::string head = "POST /v1/batches HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " + service.key() +
                           "\r\nContent-Length: 1000000000\r\n\r\n";
  ASSERT_EQ(::send(fd, head.data(), head.size(), 0), static_cast<ssize_t>(head.size()));
  std::string block;
  for (int i = 0; i < 1'000; ++i) block += "x\n";  // two bytes in, some 200 out
  timeval wait{0, 300'000};
  ::setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &wait, sizeof wait);
  std::size_t sent = 0;
  for (int i = 0; i < 20'000; ++i) {
    const ssize_t n = ::send(fd, block.data(), block.size(), MSG_NOSIGNAL);
    if (n <= 0) break;
    sent += static_cast<std::size_t>(n);
  }
  EXPECT_LT(sent, 20'000U * 1'000);  // the kernel's buffers, not the whole
  ::close(fd);
  EXPECT_EQ(service.batch(line("z")).size(), 1U);
}

}  // namespace
}  // namespace billing::api

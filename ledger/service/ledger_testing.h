// For the tests of the ledger: a log that fails when it is told to, and a ledger on it.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <future>
#include <thread>

#include "ledger/codec/codec.h"
#include "ledger/service/fold.h"
#include "ledger/service/ledger.h"
#include "ledger/store/memory_log.h"
#include "tests/support/story.h"

namespace billing::service::testing {

using billing::testing::Story;

// A log in memory whose commits a test may refuse.
class LogOfTests : public store::Log {
 public:
  std::atomic<int> begun{0};
  store::Head head() const override { return log_->head(); }
  Result<std::size_t> read(Position from, std::size_t limit,
                           const std::function<bool(const store::Record&)>& visit) const override {
    return log_->read(from, limit, visit);
  }
  Result<std::optional<store::CommandEntry>> find_command(std::string_view key) const override {
    return log_->find_command(key);
  }
  bool wait_past(Position position, std::chrono::milliseconds at_most) const override {
    return log_->wait_past(position, at_most);
  }
  bool read_only() const override { return false; }
  Result<void> reopen() override { return log_->reopen(); }

 protected:
  Result<void> write(std::span<const store::Record> records, std::span<const store::CommandEntry> commands) {
    return log_->commit(records, commands);
  }

 private:
  std::unique_ptr<store::Log> log_ = store::make_memory_log();
};

// One that fails when it is told to, as a full or broken disk does.
class FailingLog : public LogOfTests {
 public:
  std::atomic<bool> broken{false};  // the disk
  std::atomic<bool> failed{false};  // the store, since a commit met that
  std::atomic<bool> lost{false};    // what was acknowledged is not there when it is opened anew
  std::atomic<bool> full{false};
  std::atomic<bool> held{false};  // a commit that has begun waits
  Result<void> commit(std::span<const store::Record> records, std::span<const store::CommandEntry> commands) override {
    ++begun;
    while (held) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    if (full) return refuse(Code::kStorageFull, "full");
    if (broken) {
      failed = true;
      return refuse(Code::kStorageFailure, "broken");
    }
    return write(records, commands);
  }
  bool read_only() const override { return failed; }
  Result<void> reopen() override {
    if (lost) return refuse(Code::kCorruptRecord, "lost");
    if (broken) return refuse(Code::kStorageFailure, "broken");
    failed = false;
    return {};
  }
};

struct LedgerTest : ::testing::Test {
  Story story;  // makes commands and contexts
  FailingLog log;
  std::unique_ptr<codec::PersonKeys> keys = *codec::PersonKeys::open("");
  std::unique_ptr<Ledger> ledger;

  void SetUp() override { reopen({}); }
  void reopen(LedgerOptions options) {
    ledger.reset();
    auto opened = Ledger::open(log, *keys, options);
    ASSERT_TRUE(opened.has_value()) << opened.error().detail;
    ledger = std::move(*opened);
  }
  Order order(const std::string& id, Command command, std::uint8_t body = 1) {
    Order one;
    one.id = id;
    one.command = std::move(command);
    one.context = story.context();
    one.body_hash[0] = body;
    return one;
  }
  Result<Receipt> run(Order one) {
    std::promise<Result<Receipt>> promise;
    ledger->execute(std::move(one), [&](Result<Receipt> result) { promise.set_value(std::move(result)); });
    return promise.get_future().get();
  }
  std::string code(Order one) {
    auto result = run(std::move(one));
    return result ? "" : std::string(code_text(result.error().code));
  }
  Command customer() { return customer::Create{Story::customer, "Acme", *Currency::parse("USD"), {}, {}}; }
  Command account(std::uint32_t n) {
    account::Open open;
    open.id = Story::account(n);
    open.customer = Story::customer;
    open.number = "A" + std::to_string(n);
    open.name = "Account";
    open.opened_on = Date::clamped(2020, 1, 1);
    return open;
  }
  // Queues a command; its outcome is the code that it was answered with, "" for none.
  std::future<std::string> queue(Order one) {
    auto promise = std::make_shared<std::promise<std::string>>();
    ledger->execute(std::move(one), [promise](Result<Receipt> result) {
      promise->set_value(result ? "" : std::string(code_text(result.error().code)));
    });
    return promise->get_future();
  }
  // Queues the first, and the others while its commit runs and has not ended.
  std::vector<std::future<std::string>> queue_during_a_commit(std::vector<Order> orders) {
    log.held = true;
    const int before = log.begun;
    std::vector<std::future<std::string>> answers;
    for (Order& one : orders) {
      answers.push_back(queue(std::move(one)));
      while (log.begun == before) std::this_thread::yield();
    }
    while (ledger->stats().single_queue > 0) std::this_thread::yield();
    return answers;
  }
  static bool waits(std::future<std::string>& answer) {
    return answer.wait_for(std::chrono::milliseconds(20)) == std::future_status::timeout;
  }
  void given_account() {
    ASSERT_EQ(code(order("c", customer())), "");
    ASSERT_EQ(code(order("a", account(1))), "");
  }
};

}  // namespace billing::service::testing

// A log in memory with real, encoded events, for the tests of this folder.
#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "events/publisher/publisher.h"
#include "ledger/codec/codec.h"
#include "ledger/domain/event.h"
#include "ledger/store/memory_log.h"

namespace billing::publisher {

inline CustomerId test_customer(std::uint8_t n) {
  CustomerId id;
  id.uuid.bytes.fill(0x11);
  id.uuid.bytes[15] = n;
  return id;
}

class TestLog {
 public:
  TestLog() : keys_(std::move(*codec::PersonKeys::open(""))) {}

  // Appends `count` events in commits of 500, spread over seven customers. `salt` makes another history of them.
  void append(std::size_t count, const std::string& salt = "") {
    std::vector<store::Record> batch;
    for (std::size_t i = 0; i < count; ++i) {
      batch.push_back(next(salt));
      if (batch.size() == 500 || i + 1 == count) {
        ASSERT_TRUE(log_->commit(batch, {}));
        batch.clear();
      }
    }
  }

  // Keeps the first `count` events only, as an older backup would.
  TestLog older(std::size_t count) const {
    TestLog copy;
    std::vector<store::Record> records;
    EXPECT_TRUE(log_->read(1, count, [&](const store::Record& record) {
      records.push_back(record);
      return true;
    }));
    EXPECT_TRUE(copy.log_->commit(records, {}));
    copy.head_ = copy.log_->head();
    for (Position p = 1; p <= count; ++p) ++copy.sequences_[static_cast<std::uint8_t>(p % 7)];
    return copy;
  }

  store::Log& log() const { return *log_; }
  store::Head head() const { return log_->head(); }

 private:
  store::Record next(const std::string& salt) {
    const Position position = head_.position + 1;
    const auto customer = static_cast<std::uint8_t>(position % 7);
    codec::Envelope envelope;
    envelope.position = position;
    envelope.customer = test_customer(customer);
    envelope.stream = {StreamKind::kCustomer, envelope.customer.uuid};
    envelope.customer_sequence = ++sequences_[customer];
    envelope.version = envelope.customer_sequence;
    envelope.recorded = Instant{1'790'000'000'000'000 + static_cast<std::int64_t>(position)};
    envelope.actor = "test";
    envelope.command_id = "command-" + std::to_string(position);
    const Currency eur = *Currency::parse("EUR");
    envelope.event = customer::Created{envelope.customer, "Customer " + salt + std::string(170, 'x'), eur, "", ""};
    store::Record record;
    EXPECT_TRUE(codec::encode(envelope, *keys_, record));
    record.previous_hash = head_.hash;
    head_ = {position, store::record_hash(record)};
    return record;
  }

  std::unique_ptr<codec::PersonKeys> keys_;
  std::unique_ptr<store::Log> log_ = store::make_memory_log();
  store::Head head_;
  std::map<std::uint8_t, std::uint64_t> sequences_;
};

// Polls until `done` or the time is over.
inline bool eventually(const std::function<bool()>& done, std::chrono::seconds at_most = std::chrono::seconds(40)) {
  const auto until = std::chrono::steady_clock::now() + at_most;
  while (std::chrono::steady_clock::now() < until) {
    if (done()) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  return done();
}

inline bool publishes_all(const Publisher& publisher, std::chrono::seconds at_most = std::chrono::seconds(40)) {
  return eventually([&] { return publisher.stats().lag_events == 0 && publisher.stats().state == State::kPublishing; },
                    at_most);
}

inline bool halts(const Publisher& publisher) {
  return eventually([&] { return publisher.stats().state == State::kHalted; });
}

}  // namespace billing::publisher

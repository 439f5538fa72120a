#include "events/publisher/follower.h"

#include <chrono>

#include "ledger/base/thread_name.h"

namespace billing::publisher {
namespace {

constexpr std::chrono::milliseconds kStep{100};
constexpr std::chrono::milliseconds kAgain{500};
constexpr std::chrono::milliseconds kAsk{10'000};
constexpr std::chrono::seconds kUnreadMax{10};

std::string at(const TopicRecord& record) { return " at offset " + std::to_string(record.offset); }

}  // namespace

Follower::Follower(const Connection& connection, Start start)
    : connection_(connection), start_(std::move(start)), position_(start_.head.position), next_offset_(start_.offset),
      head_(start_.head) {
  read_last_ = std::chrono::steady_clock::now();
  thread_ = std::thread([this] {
    name_thread("kafka-follow");
    run();
  });
}

Follower::~Follower() {
  stopping_ = true;
  thread_.join();
}

std::optional<std::string> Follower::fork() const {
  const std::lock_guard lock(mutex_);
  return fork_;
}

void Follower::found(std::string what) {
  const std::lock_guard lock(mutex_);
  if (!fork_) fork_ = std::move(what);
}

std::optional<std::string> Follower::replaced() const {
  const std::lock_guard lock(mutex_);
  return replaced_;
}

std::optional<std::string> Follower::unread() const {
  const std::lock_guard lock(mutex_);
  return std::chrono::steady_clock::now() - read_last_ < kUnreadMax ? std::nullopt : unread_;
}

void Follower::note(const Outcome<void>& read) {
  const std::lock_guard lock(mutex_);
  if (read) {
    read_last_ = std::chrono::steady_clock::now();
    unread_.reset();
  } else {
    unread_ = read.error().text;
  }
}

void Follower::run() {
  while (!stopping_) {
    // A session whose connection is lost ends, and its follower with it; what is tried again here is only the reading.
    if (const auto ended = follow(); !ended) note(ended);
    for (auto waited = kStep; !stopping_ && waited < kAgain; waited += kStep) std::this_thread::sleep_for(kStep);
  }
}

Outcome<void> Follower::follow() {
  auto reader = Reader::open(connection_);
  if (!reader) return std::unexpected(std::move(reader.error()));
  const auto offsets = reader->offsets(kAsk);
  if (!offsets) return std::unexpected(offsets.error());
  if (next_offset_ < offsets->low || next_offset_ > offsets->end) {
    const std::lock_guard lock(mutex_);
    replaced_ = "the topic has offsets " + std::to_string(offsets->low) + " to " + std::to_string(offsets->end) + ", but " +
                std::to_string(next_offset_) + " comes next: it was emptied or replaced";
    return {};
  }
  BILLING_PASS(reader->seek(next_offset_));
  while (!stopping_) {
    const auto step = reader->next(kStep, [this](const TopicRecord& record) {
      next_offset_ = record.offset + 1;
      take(record);
    });
    if (!step) return std::unexpected(step.error());
    note({});
  }
  return {};
}

void Follower::take(const TopicRecord& record) {
  switch (record.kind) {
    case TopicRecord::Kind::kForeign: ++strangers_; return;
    case TopicRecord::Kind::kClaim:
      if (record.epoch == start_.epoch && record.node == start_.node && !claimed_) {
        claimed_ = true;
        return;
      }
      return found("another writer (" + record.node + ", epoch " + std::to_string(record.epoch) +
                   ") has claimed the topic after us" + at(record) + ": only one may run");
    case TopicRecord::Kind::kEvent: break;
  }
  if (record.epoch != start_.epoch) {
    return found("an event of another writer (epoch " + std::to_string(record.epoch) + ", ours is " +
                 std::to_string(start_.epoch) + ") is in the topic" + at(record));
  }
  if (record.head.position != head_.position + 1 || record.previous_hash != head_.hash) {
    return found("position " + std::to_string(record.head.position) + at(record) + " does not follow position " +
                 std::to_string(head_.position));
  }
  head_ = record.head;
  position_ = head_.position;
}

}  // namespace billing::publisher

// Reads back what the topic gets while we publish: step 8 of the protocol in README.md. Internal to the folder.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "events/publisher/reader.h"

namespace billing::publisher {

// Follows the committed records from an offset on, where our CLAIM is the first one, on a thread of its own. Each event must be
// of our epoch and follow the one before: else, and with another writer's CLAIM, the topic is forked. Records that are of no
// ledger are only counted. A topic that cannot be read is tried again until it can; one that does not reach as far as it was read
// was emptied or replaced.
class Follower {
 public:
  struct Start {
    std::int64_t offset = 0;
    std::uint64_t epoch = 0;
    std::string node;
    store::Head head;  // the event before the first one
  };
  Follower(const Connection& connection, Start start);
  ~Follower();  // ends the thread
  Follower(const Follower&) = delete;
  Follower& operator=(const Follower&) = delete;

  // What is wrong with the topic; the first finding stays. Any thread.
  std::optional<std::string> fork() const;
  // That the topic was emptied or replaced: what was published has to be compared again. Any thread.
  std::optional<std::string> replaced() const;
  // Why nothing could be read for ten seconds and more; nothing while it can. Any thread.
  std::optional<std::string> unread() const;
  // The last event that was read back. Any thread.
  Position position() const { return position_; }
  // Records that are of no ledger; readers skip them. Any thread.
  std::uint64_t strangers() const { return strangers_; }

 private:
  void run();
  Outcome<void> follow();
  void take(const TopicRecord& record);
  void found(std::string what);
  void note(const Outcome<void>& read);

  const Connection connection_;
  const Start start_;
  std::atomic<bool> stopping_{false};
  std::atomic<Position> position_{0};
  std::atomic<std::uint64_t> strangers_{0};
  mutable std::mutex mutex_;
  std::optional<std::string> fork_;
  std::optional<std::string> replaced_;
  std::optional<std::string> unread_;
  std::chrono::steady_clock::time_point read_last_;
  // The thread's.
  std::int64_t next_offset_;
  store::Head head_;
  bool claimed_ = false;
  std::thread thread_;
};

}  // namespace billing::publisher

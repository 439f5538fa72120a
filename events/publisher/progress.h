// What the publishing thread tells the others, and what outlives one producer. Internal to the folder.
#pragma once

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <string>

#include "events/publisher/hint.h"
#include "events/publisher/kafka.h"
#include "events/publisher/publisher.h"
#include "events/publisher/wire.h"

namespace billing::publisher {

class Progress {
 public:
  void set_state(State state);
  State state() const;
  void set_error(std::string text);
  // Runs `change` on the figures under the lock.
  template <class Change>
  void update(const Change& change) {
    std::lock_guard lock(mutex_);
    change(stats_);
  }
  PublisherStats snapshot() const {
    std::lock_guard lock(mutex_);
    return stats_;
  }

 private:
  mutable std::mutex mutex_;
  PublisherStats stats_;
};

// stop() as the publishing thread sees it.
class StopSign {
 public:
  void raise();
  bool raised() const { return raised_; }
  // False when the sign was raised meanwhile.
  bool wait(std::chrono::milliseconds at_most);

 private:
  std::atomic<bool> raised_{false};
  std::mutex mutex_;
  std::condition_variable changed_;
};

// Everything that one attempt (session) shares with the one before and after it.
struct Shared {
  const store::Log& log;
  const PublisherOptions& options;
  const Observer& observer;
  Progress& progress;
  StopSign& stop;
  Reaper& reaper;
  Hint& hint;
  std::string node;
  // The last event that this process knows to be committed: from the hint, then from what it saw itself.
  store::Head known;
  std::uint64_t own_epoch = 0;  // of the newest CLAIM that this process tried to write

  void notify(Notice::Severity severity, std::string text) const {
    if (observer) observer(Notice{severity, std::move(text)});
  }
  void fault(std::string_view point) const {
    if (options.fault_point) options.fault_point(point);
  }
};

// Appends up to the limits of one transaction from the log, beginning behind `next`, and moves `next` on. `produce` is
// given each record, its hash and its description. Shared by the transactional and the embedded way.
struct Batch {
  std::uint32_t events = 0;
  std::size_t bytes = 0;
  bool full = false;
};
using Produce = std::function<Outcome<void>(const store::Record&, const store::Hash&, const Description&)>;
Outcome<void> append_from_log(const Shared& shared, store::Head& next, Batch& batch, const Produce& produce);

// Hands one message to librdkafka, copied. RD_KAFKA_RESP_ERR_NO_ERROR or why not.
rd_kafka_resp_err_t produce(const Client& client, const std::string& topic, std::string_view key,
                            std::string_view value, const std::vector<Header>& headers);

}  // namespace billing::publisher

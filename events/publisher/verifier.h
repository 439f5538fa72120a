// Reads the topic as any committed reader does and checks that it holds every event once, in order and unchanged:
// positions, the hash chain recomputed from the bytes, each customer's sequence, epochs, keys and headers.
#pragma once

#include <chrono>
#include <memory>

#include "events/publisher/publisher.h"
#include "events/publisher/topic_check.h"

namespace billing::publisher {

struct VerifyOptions {
  Connection connection;
  // Only the newest so many offsets; 0: the whole topic, whose first event must be position 1.
  std::uint64_t newest = 0;
  // The embedded broker keeps 5 MiB: take its first event as the beginning.
  bool may_begin_late = false;
  // Give up when nothing arrives for so long though the end is not reached (verify_topic only).
  std::chrono::milliseconds patience{30'000};
};

// Reads up to the end that the topic has now. A topic with problems is a success whose report tells them.
// Errors: kConfiguration; kUnavailable brokers, a missing topic or a read that does not go on: kNotAnswered.
Result<TopicReport> verify_topic(const VerifyOptions& options);

// The same all the time, on a thread of its own.
class Verifier {
 public:
  struct Progress {
    TopicReport report;
    bool at_end = false;     // everything committed has been seen
    std::string last_error;  // why it waits; empty while it reads
  };

  // `observer` (may be empty) is told of each new problem, on the verifier's thread. Error: kConfiguration.
  static Result<std::unique_ptr<Verifier>> start(VerifyOptions options, Observer observer);
  ~Verifier();
  // Ends the thread, in a second or so. One thread at a time.
  void stop();
  // Any thread.
  Progress progress() const;

 private:
  class Impl;
  explicit Verifier(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace billing::publisher

// The way from the log to Kafka: every event once and in order for readers with isolation.level=read_committed.
//
// The topic itself is the cursor: at each start the publisher fences whoever published before, reads the topic's tail
// back, compares its last record with the log and goes on behind it. The record format: README.md of this folder.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "ledger/base/error.h"
#include "ledger/store/log.h"

namespace billing::publisher {

// How to reach the brokers; shared by the publisher and the verifier.
struct Connection {
  std::string brokers;  // "host:port,host:port"
  std::string topic = "billing.events";
  // TLS, SASL and socket settings under librdkafka's names (security.protocol, ssl.ca.location, sasl.password, …).
  // Anything that could weaken the protocol (acks, isolation, idempotence, …) is refused with kConfiguration.
  std::map<std::string, std::string> security;
};

// `security` with the values of secrets (passwords, keys, tokens) replaced by "***": fit for logs and status pages.
std::map<std::string, std::string> masked(const std::map<std::string, std::string>& security);

struct PublisherOptions {
  Connection connection;
  // Starts a broker inside this process instead (loopback, memory only, 5 MiB kept): for development. No transactions,
  // no fencing, no hint; at each start the log is published again, from its beginning if it is no larger than what is kept
  // (a notice says from where). `connection.brokers` is ignored.
  bool embedded = false;
  std::uint16_t embedded_port = 0;  // where clients find it, on 127.0.0.1; 0 or a port that is taken: any free one
  int replication_factor = 3;                         // used only when the topic is created
  int min_insync = 2;                                 // likewise
  std::string hint_directory;       // where "kafka-hint" is kept; empty: no hint (loses one check, see README.md)
  std::string source = "/billing";  // ce_source
  std::string node;                 // who writes, in CLAIM records; empty: host name, process and a random part
  std::uint32_t events_per_transaction_max = 2'000;
  std::size_t bytes_per_transaction_max = std::size_t{1} << 20;
  std::chrono::milliseconds linger{10};                   // the longest a transaction waits for more events
  std::chrono::milliseconds transaction_timeout{10'000};  // also bounds how long stop() may take, about twice
  std::chrono::milliseconds backoff_max{5'000};           // between two attempts; the first waits 100 ms
  // Called once, on the publishing thread, with the reason: the topic is ahead of the store, disagrees with it, or is another
  // writer's. What the store would take from now on would be a second history: whoever writes it must stop. May be empty.
  std::function<void(const std::string&)> on_fork = {};
  // For tests: called on the publishing thread as each named point of the protocol is passed: "before-begin",
  // "before-commit" (all produced and acknowledged, EndTxn not sent), "after-commit" (hint not written).
  std::function<void(std::string_view)> fault_point;
};

// The transactional id of whoever publishes to a topic, so that Kafka knows any two of them as one: only the newer one writes.
std::string transactional_id(const std::string& topic);

// Whether a publisher could be started with these, without reaching a broker. Error: kConfiguration.
Result<void> check(const PublisherOptions& options);

enum class State : std::uint8_t {
  kConnecting,   // reaching the brokers, checking or creating the topic
  kFencing,      // init_transactions: no older instance can write after it
  kReadingTail,  // finding the last committed event in the topic
  kClaiming,     // writing the CLAIM record
  kPublishing,
  kWaiting,  // will try again; last_error says why
  kHalted,   // needs an operator; last_error says why. Nothing is written any more
  kStopped
};
// "connecting", "fencing", "reading_tail", "claiming", "publishing", "waiting", "halted", "stopped".
std::string_view state_name(State state);

struct PublisherStats {
  State state = State::kConnecting;
  std::string state_text;          // for people, e.g. "halted: the topic is ahead …", "publishing (development only)"
  Position published = 0;          // last event known to be committed in the topic
  std::uint64_t lag_events = 0;    // events in the log behind it
  double lag_seconds = 0;          // age of the oldest of them by its recorded time; 0 without lag
  std::uint64_t events = 0;        // published by this instance
  std::uint64_t transactions = 0;  // committed by this instance, without CLAIMs
  std::uint64_t aborts = 0;        // transactions aborted and sent again
  std::uint64_t rebuilds = 0;      // times the producer was thrown away and the tail read again
  std::uint64_t epoch = 0;         // of the newest CLAIM of this instance
  Position read_back = 0;          // the last event of this instance that was read back from the topic and is right
  bool compared = false;           // the topic's end was compared with the store, and they agree
  bool forked = false;             // see PublisherOptions::on_fork
  std::string last_error;
  bool development_only = false;  // embedded broker
};

// Something worth a log line. Holds no secrets and no personal data.
struct Notice {
  enum class Severity : std::uint8_t { kInfo, kWarning, kError } severity = Severity::kInfo;
  std::string text;
};
using Observer = std::function<void(const Notice&)>;

class Publisher {
 public:
  // Starts the publishing thread and returns at once; brokers that are away are waited for. `log` must outlive the
  // publisher. `observer` (may be empty) is called on the publishing thread only. Error: kConfiguration.
  static Result<std::unique_ptr<Publisher>> start(const store::Log& log, PublisherOptions options, Observer observer);
  // stop().
  ~Publisher();

  // Ends the thread; a transaction under way is finished first. Returns within about twice transaction_timeout even
  // when the brokers are away. Calling it again does nothing. One thread at a time.
  void stop();

  // Waits until the topic was compared with the store for the first time, publishing is halted, or the time is over: false
  // then, as while no broker answers. Any thread.
  bool await_compared(std::chrono::milliseconds at_most) const;

  // A consistent picture of now; reads at most one record of the log. Any thread.
  PublisherStats stats() const;

  // "127.0.0.1:port" of the broker in this process, "" unless `embedded`.
  std::string embedded_bootstrap() const;

 private:
  class Impl;
  explicit Publisher(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace billing::publisher

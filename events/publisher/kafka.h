// librdkafka with owners and outcomes: the only way that the files of this folder use it. Internal to the folder.
#pragma once

#include <librdkafka/rdkafka.h>

#include <atomic>
#include <condition_variable>
#include <deque>
#include <expected>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "events/publisher/publisher.h"

namespace billing::publisher {

// What has to follow from a failure.
enum class Verdict : std::uint8_t {
  kRetry,   // throw the clients away and begin again with fencing
  kFenced,  // another producer has our transactional id
  kHalt,    // an operator has to look
  kStopped  // stop() was called
};
struct Trouble {
  Verdict verdict = Verdict::kRetry;
  std::string text;
  bool at_once = false;  // try again without waiting
  bool fork = false;     // of kHalt: the topic has, or is about to have, another history than the store
};
template <class T>
using Outcome = std::expected<T, Trouble>;

inline std::unexpected<Trouble> trouble(Verdict verdict, std::string text) {
  return std::unexpected(Trouble{verdict, std::move(text)});
}
// Halts, and whoever writes the store must stop: see PublisherOptions::on_fork.
inline std::unexpected<Trouble> forked(std::string text) {
  return std::unexpected(Trouble{Verdict::kHalt, std::move(text), false, true});
}
#define BILLING_PASS(expr) \
  do {                     \
    if (auto billing_passed = (expr); !billing_passed) return std::unexpected(std::move(billing_passed.error())); \
  } while (false)

// "text (librdkafka's name of the code)".
std::string error_text(rd_kafka_resp_err_t code);

using Setting = std::pair<std::string, std::string>;

// Connection settings that every client shares, security included.
std::vector<Setting> connection_settings(const Connection& connection);
// Error: kConfiguration, for a security setting that is not one, or a value that librdkafka refuses (not repeated).
Result<void> check_connection(const Connection& connection);

// One librdkafka client. Movable; the destructor waits for librdkafka's threads: see Reaper.
class Client {
 public:
  // What librdkafka's callbacks left; its address stays the same.
  struct Signals {
    std::atomic<bool> disturbed{false};  // a connection was lost or a request timed out
    std::atomic<std::uint64_t> undelivered{0};
    std::mutex mutex;
    std::string last_error;
  };

  static Outcome<Client> make(rd_kafka_type_t type, const std::vector<Setting>& settings);
  Client(Client&&) = default;
  Client& operator=(Client&&) = delete;

  rd_kafka_t* get() const { return handle_.get(); }
  Signals& signals() const { return *signals_; }
  std::string last_error() const;
  // Serves callbacks without waiting.
  void poll() const;
  // The fatal error of this client, RD_KAFKA_RESP_ERR_NO_ERROR without one.
  rd_kafka_resp_err_t fatal() const;

 private:
  struct Destroy {
    void operator()(rd_kafka_t* handle) const;
  };
  Client() = default;
  std::unique_ptr<Signals> signals_;  // outlives the handle
  std::unique_ptr<rd_kafka_t, Destroy> handle_;
};

// Destroys clients on a thread of its own, so that one that does not end cannot hold up its successor.
class Reaper {
 public:
  Reaper();
  // Waits up to 10 s for what is left, then leaves the thread to the process's end.
  ~Reaper();
  // False when `kLeftMax` clients have not ended yet (the client is still taken).
  bool bury(Client client);
  static constexpr std::size_t kLeftMax = 4;

 private:
  struct Shared {
    std::mutex mutex;
    std::condition_variable changed;
    std::deque<Client> left;
    bool ending = false;
    bool ended = false;
  };
  static void work(const std::shared_ptr<Shared>& shared);
  std::shared_ptr<Shared> shared_;
  std::thread thread_;
};

}  // namespace billing::publisher

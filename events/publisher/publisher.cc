#include "events/publisher/publisher.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <thread>

#include "events/publisher/embedded.h"
#include "events/publisher/relay.h"
#include "events/publisher/session.h"
#include "ledger/base/thread_name.h"
#include "ledger/crypto/encode.h"
#include "ledger/crypto/random.h"

namespace billing::publisher {
namespace {

constexpr std::chrono::milliseconds kBackoffFirst{100};

std::string default_node() {
  std::array<char, 256> host{};
  if (::gethostname(host.data(), host.size() - 1) != 0) host[0] = '\0';
  const auto random = crypto::random_bytes<4>();
  return std::string(host.data()) + "/" + std::to_string(::getpid()) + "/" +
         crypto::hex(std::span<const std::uint8_t>(random));
}

}  // namespace

std::string transactional_id(const std::string& topic) { return "billing-ledger/" + topic; }

Result<void> check(const PublisherOptions& options) {
  BILLING_CHECK(check_connection(options.connection));
  if (!options.embedded && options.connection.brokers.empty())
    return refuse(Code::kConfiguration, "no Kafka brokers are named");
  if (options.replication_factor < 1 || options.replication_factor > 32767)
    return refuse(Code::kConfiguration, "the replication factor must be 1 or more");
  if (options.min_insync < 1 || options.min_insync > options.replication_factor)
    return refuse(Code::kConfiguration, "min_insync must be from 1 to the replication factor");
  // librdkafka queues at most 100,000 messages and 64 MiB.
  if (options.events_per_transaction_max < 1 || options.events_per_transaction_max > 20'000)
    return refuse(Code::kConfiguration, "events_per_transaction_max must be from 1 to 20,000");
  if (options.bytes_per_transaction_max < 1 || options.bytes_per_transaction_max > (std::size_t{16} << 20))
    return refuse(Code::kConfiguration, "bytes_per_transaction_max must be from 1 to 16 MiB");
  if (options.linger.count() < 0 || options.linger > options.transaction_timeout / 2)
    return refuse(Code::kConfiguration, "linger must be less than half of transaction_timeout");
  if (options.transaction_timeout < std::chrono::seconds(1) || options.transaction_timeout > std::chrono::minutes(5))
    return refuse(Code::kConfiguration, "transaction_timeout must be from 1 s to 5 min");
  if (options.backoff_max < kBackoffFirst) return refuse(Code::kConfiguration, "backoff_max must be 100 ms or more");
  return {};
}

std::string_view state_name(State state) {
  switch (state) {
    case State::kConnecting: return "connecting";
    case State::kFencing: return "fencing";
    case State::kReadingTail: return "reading_tail";
    case State::kClaiming: return "claiming";
    case State::kPublishing: return "publishing";
    case State::kWaiting: return "waiting";
    case State::kHalted: return "halted";
    case State::kStopped: return "stopped";
  }
  return "";
}

class Publisher::Impl {
 public:
  Impl(const store::Log& log, PublisherOptions options, Observer observer)
      : log_(log),
        options_(std::move(options)),
        observer_(std::move(observer)),
        hint_(options_.embedded ? "" : options_.hint_directory, options_.connection.topic),
        shared_{log_, options_, observer_, progress_, stop_, reaper_, hint_, options_.node, {}, 0} {
    if (shared_.node.empty()) shared_.node = default_node();
  }

  ~Impl() { stop(); }

  Result<void> start() {
    if (options_.embedded) {
      BILLING_TRY(broker, EmbeddedBroker::start(options_.connection.topic));
      broker_ = std::move(broker);
      BILLING_CHECK(open_door());
      options_.connection.brokers = broker_->bootstrap();
      options_.connection.security.clear();
      progress_.update([](PublisherStats& stats) { stats.development_only = true; });
    }
    thread_ = std::thread([this] {
      name_thread("publisher");
      run();
    });
    return {};
  }

  void stop() {
    stop_.raise();
    if (thread_.joinable()) thread_.join();
  }

  PublisherStats figures() const { return progress_.snapshot(); }
  PublisherStats stats() const {
    PublisherStats stats = progress_.snapshot();
    const Position head = log_.head().position;
    if (head > stats.published) {
      stats.lag_events = head - stats.published;
      stats.lag_seconds = age_of(stats.published + 1);
    }
    stats.state_text = state_name(stats.state);
    if (stats.state == State::kHalted || stats.state == State::kWaiting) stats.state_text += ": " + stats.last_error;
    if (stats.development_only) stats.state_text += " (development only)";
    return stats;
  }

  std::string embedded_bootstrap() const {
    return relay_ ? "127.0.0.1:" + std::to_string(relay_->port()) : std::string();
  }

 private:
  // The embedded broker's own port is another one at each start.
  Result<void> open_door() {
    const std::string own = broker_->bootstrap();
    const auto target = static_cast<std::uint16_t>(std::stoul(own.substr(own.rfind(':') + 1)));
    auto relay = Relay::start(options_.embedded_port, target);
    if (!relay && options_.embedded_port != 0) {
      shared_.notify(Notice::Severity::kWarning, "the embedded Kafka broker takes another port: " + relay.error().detail);
      relay = Relay::start(0, target);
    }
    if (!relay) return std::unexpected(std::move(relay.error()));
    relay_ = std::move(*relay);
    return {};
  }

  double age_of(Position position) const {
    std::int64_t recorded = 0;
    const auto read = log_.read(position, 1, [&](const store::Record& record) {
      if (const auto description = describe(record)) recorded = description->recorded.micros;
      return false;
    });
    if (!read || recorded == 0) return 0;
    const auto now = std::chrono::duration_cast<std::chrono::microseconds>(
        std::chrono::system_clock::now().time_since_epoch());
    return std::max(0.0, static_cast<double>(now.count() - recorded) / 1e6);
  }

  void load_hint() {
    const auto hint = hint_.load();
    if (!hint) {
      shared_.notify(Notice::Severity::kWarning, hint.error().detail + "; going on without it");
    } else if (*hint) {
      shared_.known = **hint;
      progress_.update([&](PublisherStats& stats) { stats.published = (*hint)->position; });
    }
  }

  void run() {
    if (options_.embedded)
      shared_.notify(Notice::Severity::kWarning, "Kafka is embedded in this process: development only, at " +
                                                     embedded_bootstrap() + ", nothing is kept");
    load_hint();
    std::chrono::milliseconds backoff = kBackoffFirst;
    while (!stop_.raised()) {
      const Trouble ended = attempt(backoff);
      if (ended.verdict == Verdict::kStopped) break;
      if (ended.verdict == Verdict::kHalt) {
        halt(ended);
        break;
      }
      progress_.set_error(ended.text);
      progress_.update([](PublisherStats& stats) { ++stats.rebuilds; });
      warn(ended.text);
      // Even "at once" waits a little, so that a connection that breaks each time does not spin.
      progress_.set_state(State::kWaiting);
      stop_.wait(ended.at_once ? std::min(backoff, kBackoffFirst) : backoff);
      backoff = std::min(backoff * 2, options_.backoff_max);
    }
    if (const auto noted = hint_.note(shared_.known, true); !noted)
      shared_.notify(Notice::Severity::kWarning, noted.error().detail);
    if (progress_.state() != State::kHalted) progress_.set_state(State::kStopped);
  }

  Trouble attempt(std::chrono::milliseconds& backoff) {
    if (options_.embedded) return publish_embedded(shared_);
    Session session(shared_);
    Trouble ended = session.run();
    if (session.made_progress()) backoff = kBackoffFirst;
    if (ended.verdict == Verdict::kFenced) ended = after_fencing(shared_);
    return ended;
  }

  // A broker that is away for hours says the same every few seconds: one line a minute is enough.
  void warn(const std::string& text) {
    const auto now = std::chrono::steady_clock::now();
    if (text == warned_ && now - warned_at_ < std::chrono::minutes(1)) return;
    warned_ = text;
    warned_at_ = now;
    shared_.notify(Notice::Severity::kWarning, text);
  }

  void halt(const Trouble& why) {
    if (why.fork && options_.on_fork) options_.on_fork(why.text);
    progress_.update([&](PublisherStats& stats) {
      stats.last_error = why.text;
      stats.state = State::kHalted;
      stats.forked = why.fork;
    });
    shared_.notify(Notice::Severity::kError, "publishing is halted: " + why.text);
  }

  const store::Log& log_;
  PublisherOptions options_;
  Observer observer_;
  Progress progress_;
  StopSign stop_;
  std::unique_ptr<Relay> relay_;
  std::unique_ptr<EmbeddedBroker> broker_;  // outlives the clients in the reaper
  Reaper reaper_;
  Hint hint_;
  Shared shared_;
  std::string warned_;                                // the thread's
  std::chrono::steady_clock::time_point warned_at_{};  // the thread's
  std::thread thread_;
};

Publisher::Publisher(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Publisher::~Publisher() = default;

Result<std::unique_ptr<Publisher>> Publisher::start(const store::Log& log, PublisherOptions options,
                                                    Observer observer) {
  BILLING_CHECK(check(options));
  auto impl = std::make_unique<Impl>(log, std::move(options), std::move(observer));
  BILLING_CHECK(impl->start());
  return std::unique_ptr<Publisher>(new Publisher(std::move(impl)));
}

bool Publisher::await_compared(std::chrono::milliseconds at_most) const {
  const auto until = std::chrono::steady_clock::now() + at_most;
  for (;;) {
    const PublisherStats now = impl_->figures();
    if (now.compared || now.state == State::kHalted) return true;
    if (std::chrono::steady_clock::now() >= until) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
}
void Publisher::stop() { impl_->stop(); }
PublisherStats Publisher::stats() const { return impl_->stats(); }
std::string Publisher::embedded_bootstrap() const { return impl_->embedded_bootstrap(); }

}  // namespace billing::publisher

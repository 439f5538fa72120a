#include "ops/log/logger.h"

#include <spdlog/async.h>
#include <spdlog/async_logger.h>
#include <spdlog/sinks/base_sink.h>

#include <thread>
#include <utility>
#include <vector>

#include "ledger/base/thread_name.h"

namespace billing::ops::log {
namespace {

constexpr const char* kEvents = "events";
constexpr const char* kAccess = "access";
constexpr std::chrono::milliseconds kBetweenLooks{5};

// What the threads that write lines have done; it outlives a logger that gives them up.
struct Done {
  std::atomic<std::uint64_t> events{0};
  std::atomic<std::uint64_t> access{0};
  std::atomic<std::uint64_t> unwritten{0};
};

class Sink final : public spdlog::sinks::base_sink<std::mutex> {
 public:
  Sink(std::function<bool(std::string_view)> write, std::shared_ptr<Done> done) : write_(std::move(write)), done_(std::move(done)) {}

 protected:
  void sink_it_(const spdlog::details::log_msg& line) override {
    if (!write_({line.payload.data(), line.payload.size()})) ++done_->unwritten;
    ++(line.logger_name == kAccess ? done_->access : done_->events);
  }
  void flush_() override {}

 private:
  std::function<bool(std::string_view)> write_;
  std::shared_ptr<Done> done_;
};

// Lines that wait for their turn, and the thread that writes them. With no room the oldest one goes.
struct Queue {
  Queue(const char* name, std::size_t lines_max, const spdlog::sink_ptr& sink)
      : pool(std::make_shared<spdlog::details::thread_pool>(lines_max, 1, [] { name_thread("log"); })),
        lines(std::make_shared<spdlog::async_logger>(name, sink, pool, spdlog::async_overflow_policy::overrun_oldest)) {}
  void post(std::string_view text) {
    ++posted;
    lines->info(text);
  }
  // Whether every line is written or lost.
  bool is_empty(std::uint64_t written) const { return written + pool->overrun_counter() >= posted; }
  std::shared_ptr<spdlog::details::thread_pool> pool;
  std::shared_ptr<spdlog::async_logger> lines;
  std::atomic<std::uint64_t> posted{0};
};

}  // namespace

// One queue for events and one for the access log, so that the latter cannot crowd out the former.
struct Logger::Queues {
  explicit Queues(const LoggerOptions& options)
      : sink(std::make_shared<Sink>(options.write, done)),
        events(kEvents, options.queue_max, sink),
        access(kAccess, options.access_queue_max, sink) {}
  bool are_empty() const { return events.is_empty(done->events) && access.is_empty(done->access); }
  std::shared_ptr<Done> done = std::make_shared<Done>();
  spdlog::sink_ptr sink;
  Queue events;
  Queue access;
};

Logger::Logger(LoggerOptions options) : options_(std::move(options)), queues_(std::make_unique<Queues>(options_)) {}

Logger::~Logger() { close(); }

std::string Logger::text(const Line& line) const { return (options_.json ? json_line(line) : plain_line(line)) + "\n"; }

void Logger::post(const Line& line) {
  if (queues_) queues_->events.post(text(line));
}

void Logger::write(Level level, std::string_view event, std::string_view message, Fields fields) {
  if (level < level_) return;
  const auto now = options_.now();
  if (admit(event, now)) post({now, level, event, message, fields});
}

void Logger::access(Fields fields) {
  if (queues_) queues_->access.post(text({options_.now(), Level::kInfo, "request", {}, fields}));
}

bool Logger::admit(std::string_view event, std::chrono::system_clock::time_point now) {
  const std::lock_guard lock(mutex_);
  auto found = windows_.find(event);
  if (found == windows_.end()) found = windows_.emplace(event, Window{now}).first;
  Window& window = found->second;
  // A clock that went back begins a window as well.
  if (now < window.begun || now - window.begun >= options_.window) tell_left_out(event, window, now);
  if (window.lines < options_.lines_per_window_max) return ++window.lines > 0;
  ++window.left_out;
  return false;
}

void Logger::tell_left_out(std::string_view event, Window& window, std::chrono::system_clock::time_point now) {
  if (window.left_out > 0) {
    post({now, Level::kWarning, "lines_left_out", "lines of this event were too many and are not in the log",
          {{"of", event}, {"lines", window.left_out}}});
  }
  window = Window{now};
}

void Logger::settle() {
  const auto now = options_.now();
  const std::lock_guard lock(mutex_);
  for (auto& [event, window] : windows_) {
    if (window.left_out > 0 && now - window.begun >= options_.window) tell_left_out(event, window, now);
  }
  const std::uint64_t lost = dropped();
  if (lost == told_dropped_) return;
  post({now, Level::kWarning, "lines_dropped", "lines could not be written, or came faster than they could be, and are lost",
        {{"lines", lost - told_dropped_}}});
  told_dropped_ = lost;
}

std::uint64_t Logger::dropped() const {
  if (!queues_) return dropped_at_close_;
  return queues_->done->unwritten + queues_->events.pool->overrun_counter() + queues_->access.pool->overrun_counter();
}

void Logger::close() {
  if (!queues_) return;
  {
    const std::lock_guard lock(mutex_);
    for (auto& [event, window] : windows_) tell_left_out(event, window, options_.now());
  }
  const auto until = std::chrono::steady_clock::now() + options_.close_at_most;
  while (!queues_->are_empty() && std::chrono::steady_clock::now() < until) std::this_thread::sleep_for(kBetweenLooks);
  dropped_at_close_ = dropped();
  if (queues_->are_empty()) {
    dropped_at_close_ = dropped();
    queues_.reset();
  } else {
    // A write that never returns holds its thread, and joining that would never end: both are left as they are. The list keeps
    // what the threads use.
    static auto* const given_up = new std::vector<std::unique_ptr<Queues>>();
    given_up->push_back(std::move(queues_));
  }
}

}  // namespace billing::ops::log

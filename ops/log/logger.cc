#include "ops/log/logger.h"

#include <spdlog/async.h>
#include <spdlog/async_logger.h>
#include <spdlog/sinks/base_sink.h>

#include <utility>

#include "ledger/base/thread_name.h"

namespace billing::ops::log {
namespace {

class Sink final : public spdlog::sinks::base_sink<std::mutex> {
 public:
  Sink(std::function<bool(std::string_view)> write, std::atomic<std::uint64_t>& unwritten)
      : write_(std::move(write)), unwritten_(unwritten) {}

 protected:
  void sink_it_(const spdlog::details::log_msg& line) override {
    if (!write_({line.payload.data(), line.payload.size()})) ++unwritten_;
  }
  void flush_() override {}

 private:
  std::function<bool(std::string_view)> write_;
  std::atomic<std::uint64_t>& unwritten_;
};

// Lines that wait for their turn, and the thread that writes them. With no room the oldest one goes.
struct Queue {
  Queue(std::size_t lines_max, const spdlog::sink_ptr& sink)
      : pool(std::make_shared<spdlog::details::thread_pool>(lines_max, 1, [] { name_thread("log"); })),
        lines(std::make_shared<spdlog::async_logger>("billing", sink, pool, spdlog::async_overflow_policy::overrun_oldest)) {}
  std::shared_ptr<spdlog::details::thread_pool> pool;
  std::shared_ptr<spdlog::async_logger> lines;
};

}  // namespace

// One queue for events and one for the access log, so that the latter cannot crowd out the former.
struct Logger::Queues {
  Queues(const LoggerOptions& options, const spdlog::sink_ptr& sink)
      : events(options.queue_max, sink), access(options.access_queue_max, sink) {}
  Queue events;
  Queue access;
};

Logger::Logger(LoggerOptions options) : options_(std::move(options)) {
  queues_ = std::make_unique<Queues>(options_, std::make_shared<Sink>(options_.write, unwritten_));
}

Logger::~Logger() { close(); }

std::string Logger::text(const Line& line) const { return (options_.json ? json_line(line) : plain_line(line)) + "\n"; }

void Logger::post(const Line& line) {
  if (queues_) queues_->events.lines->info(std::string_view(text(line)));
}

void Logger::write(Level level, std::string_view event, std::string_view message, Fields fields) {
  if (level < level_) return;
  const auto now = options_.now();
  if (admit(event, now)) post({now, level, event, message, fields});
}

void Logger::access(Fields fields) {
  if (queues_) queues_->access.lines->info(std::string_view(text({options_.now(), Level::kInfo, "request", {}, fields})));
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
}

std::uint64_t Logger::dropped() const {
  std::uint64_t lost = unwritten_;
  if (queues_) lost += queues_->events.pool->overrun_counter() + queues_->access.pool->overrun_counter();
  return lost;
}

void Logger::close() {
  {
    const std::lock_guard lock(mutex_);
    for (auto& [event, window] : windows_) tell_left_out(event, window, options_.now());
  }
  queues_.reset();
}

}  // namespace billing::ops::log

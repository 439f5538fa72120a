// Takes lines from any thread and writes them from threads of its own, within limits. Internal to this folder.
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "ops/log/line.h"

namespace billing::ops::log {

struct LoggerOptions {
  bool json = true;
  // Writes a line, its end included; on one of the logger's threads, one call at a time. False: it is lost.
  std::function<bool(std::string_view line)> write;
  std::function<std::chrono::system_clock::time_point()> now = std::chrono::system_clock::now;
  std::size_t queue_max = 1'024;           // lines that wait; the oldest makes room for one more
  std::size_t access_queue_max = 4'096;    // likewise, of the access log
  std::size_t lines_per_window_max = 20;   // of one event; those beyond are counted and not written
  std::chrono::seconds window{10};
  std::chrono::milliseconds close_at_most{5'000};  // close() then gives up a write that does not return
};

class Logger {
 public:
  explicit Logger(LoggerOptions options);
  ~Logger();  // close()
  Logger(const Logger&) = delete;
  Logger& operator=(const Logger&) = delete;

  // Any thread; never waits for the writing. Lines below the level are nothing.
  void write(Level level, std::string_view event, std::string_view message, Fields fields);
  // A line of the access log: level info, no message, whatever the level, and not counted against a window.
  void access(Fields fields);
  void set_level(Level level) { level_ = level; }
  // For each event whose window is over and that had lines left out: a line that says how many. One for the lines that were lost
  // since the last such line. Call it about every second; write() does the first for its own event.
  void settle();
  // Lines that were lost: for want of room in a queue, or because they could not be written.
  std::uint64_t dropped() const;
  // Writes what waits and ends the threads; later lines are nothing. Waits for so long at most: a write that does not return (a
  // full pipe that nobody reads) is given up with its thread. Not while another thread writes lines.
  void close();

 private:
  struct Window {
    std::chrono::system_clock::time_point begun;
    std::size_t lines = 0;
    std::uint64_t left_out = 0;
  };
  struct Queues;
  bool admit(std::string_view event, std::chrono::system_clock::time_point now);
  void tell_left_out(std::string_view event, Window& window, std::chrono::system_clock::time_point now);
  void post(const Line& line);
  std::string text(const Line& line) const;

  const LoggerOptions options_;
  std::atomic<Level> level_{Level::kInfo};
  std::mutex mutex_;  // guards windows_ and told_dropped_
  std::map<std::string, Window, std::less<>> windows_;  // by event: as many as there are names in the program
  std::uint64_t told_dropped_ = 0;
  std::uint64_t dropped_at_close_ = 0;
  std::unique_ptr<Queues> queues_;
};

}  // namespace billing::ops::log

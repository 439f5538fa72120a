#include "ops/progress.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>

namespace billing::ops {

Progress::Progress(std::string what, std::string unit)
    : what_(std::move(what)),
      unit_(std::move(unit)),
      terminal_(::isatty(STDERR_FILENO) == 1),
      begin_(std::chrono::steady_clock::now()),
      next_(begin_ + (terminal_ ? std::chrono::milliseconds(0) : std::chrono::milliseconds(5'000))) {}

Progress::~Progress() {
  if (terminal_ && shown_) fmt::print(stderr, "\n");
}

void Progress::show(std::uint64_t done, std::uint64_t total) {
  const auto now = std::chrono::steady_clock::now();
  if (now < next_ && (done < total || !shown_)) return;
  next_ = now + (terminal_ ? std::chrono::milliseconds(100) : std::chrono::milliseconds(5'000));
  const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(now - begin_).count();
  const std::uint64_t rate = ms > 0 ? done * 1'000 / static_cast<std::uint64_t>(ms) : 0;
  const std::uint64_t left = rate > 0 && total > done ? (total - done) / rate : 0;
  // A file may grow while it is read: there is no more than all.
  const std::uint64_t percent = total > 0 ? std::min<std::uint64_t>(done * 100 / total, 100) : 100;
  if (terminal_) {
    const auto filled = static_cast<std::size_t>(percent * 30 / 100);
    fmt::print(stderr, "\r{} [{}{}] {:3}%  {} of {} {}  {}/s  {} s left   ", what_, std::string(filled, '#'),
               std::string(30 - filled, '.'), percent, done, total, unit_, rate, left);
    std::fflush(stderr);
  } else {
    fmt::print(stderr, "{}: {} % ({} of {} {}, {}/s, {} s left)\n", what_, percent, done, total, unit_, rate, left);
  }
  shown_ = true;
}

}  // namespace billing::ops

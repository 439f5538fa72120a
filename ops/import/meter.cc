#include "ops/import/meter.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <utility>

namespace billing::import {
namespace {

using std::chrono::milliseconds;
constexpr milliseconds kRedraw{200};
constexpr milliseconds kLine{5'000};
constexpr std::size_t kBarWidth = 24;

}  // namespace

std::string duration_text(std::uint64_t seconds) {
  if (seconds >= 3'600) return fmt::format("{} h {:02} min", seconds / 3'600, seconds / 60 % 60);
  if (seconds >= 60) return fmt::format("{} min {:02} s", seconds / 60, seconds % 60);
  return fmt::format("{} s", seconds);
}

Meter::Meter(std::string what)
    : what_(std::move(what)), terminal_(::isatty(STDERR_FILENO) == 1), begin_(std::chrono::steady_clock::now()),
      next_(begin_ + (terminal_ ? kRedraw : kLine)) {}

Meter::~Meter() {
  if (drawn_) std::fputs("\r\x1b[K", stderr);
}

void Meter::say(std::string_view text) {
  if (std::exchange(drawn_, false)) std::fputs("\r\x1b[K", stderr);
  fmt::print(stderr, "{}\n", text);
}

void Meter::show(std::uint64_t done, std::uint64_t total, std::uint64_t count, std::string_view unit,
                 std::uint64_t refused) {
  const auto now = std::chrono::steady_clock::now();
  if (!std::exchange(begun_, true)) {
    first_done_ = done;
    first_count_ = count;
  }
  if (now < next_) return;
  next_ = now + (terminal_ ? kRedraw : kLine);
  const auto ms = static_cast<std::uint64_t>(
      std::max<std::int64_t>(1, std::chrono::duration_cast<milliseconds>(now - begin_).count()));
  const std::uint64_t rate = (count - first_count_) * 1'000 / ms;
  const std::uint64_t fresh = done - first_done_;
  const std::string left =
      fresh == 0 ? "?" : duration_text(total > done ? ms / 1'000 * (total - done) / fresh : 0);
  const std::uint64_t percent = total == 0 ? 100 : std::min<std::uint64_t>(100, done * 100 / total);
  const std::string numbers =
      fmt::format("{:3} %  {} {}, {}/s, {} refused, {} left", percent, count, unit, rate, refused, left);
  if (!terminal_) return fmt::print(stderr, "{}: {}\n", what_, numbers);
  const auto filled = static_cast<std::size_t>(percent * kBarWidth / 100);
  fmt::print(stderr, "\r\x1b[K{} [{}{}] {}", what_, std::string(filled, '#'), std::string(kBarWidth - filled, '.'),
             numbers);
  std::fflush(stderr);
  drawn_ = true;
}

}  // namespace billing::import

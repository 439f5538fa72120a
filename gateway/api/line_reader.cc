#include "gateway/api/line_reader.h"

#include <algorithm>

#include "gateway/api/json_input.h"

namespace billing::api {

void LineReader::append(std::string_view bytes) {
  buffer_.erase(0, begin_);
  scanned_ -= begin_;
  begin_ = 0;
  buffer_.reserve(buffer_.size() + bytes.size() + kJsonPadding);
  buffer_ += bytes;
}

void LineReader::end(bool cut_short) {
  ended_ = true;
  const std::size_t last_feed = buffer_.rfind('\n');
  if (cut_short) buffer_.resize(std::max(begin_, last_feed == std::string::npos ? 0 : last_feed + 1));
  scanned_ = std::min(scanned_, buffer_.size());
}

std::optional<LineReader::Line> LineReader::finish_line(std::size_t end, std::size_t next_begin) {
  std::string_view text(buffer_.data() + begin_, end - begin_);
  if (text.ends_with('\r')) text.remove_suffix(1);
  begin_ = scanned_ = next_begin;
  ++number_;
  const bool too_long = skipping_ || text.size() > line_bytes_max_;
  skipping_ = false;
  if (too_long) return Line{{}, true};
  if (text.empty()) return std::nullopt;
  return Line{text, false};
}

std::optional<LineReader::Line> LineReader::next() {
  for (;;) {
    const std::size_t feed = buffer_.find('\n', scanned_);
    if (feed != std::string::npos) {
      if (auto line = finish_line(feed, feed + 1)) return line;
      continue;
    }
    scanned_ = buffer_.size();
    if (ended_) return begin_ < buffer_.size() ? finish_line(buffer_.size(), buffer_.size()) : std::nullopt;
    if (buffer_.size() - begin_ > line_bytes_max_ + 1) {
      skipping_ = true;
      begin_ = buffer_.size();
    }
    return std::nullopt;
  }
}

}  // namespace billing::api

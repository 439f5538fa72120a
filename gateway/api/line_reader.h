// Cuts a stream of bytes into lines, in one buffer that is used again and again.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace billing::api {

// Not thread-safe.
class LineReader {
 public:
  explicit LineReader(std::size_t line_bytes_max) : line_bytes_max_(line_bytes_max) {}

  // Adds bytes. Lines given before are no longer valid.
  void append(std::string_view bytes);
  // Says that no more bytes come: what is left is a line too, unless the body was cut short.
  void end(bool cut_short);

  struct Line {
    std::string_view text;  // without its line feed (and a carriage return before it); kJsonPadding bytes follow
    bool too_long = false;  // its text is not kept
  };
  // The next line; blank ones are left out. Nothing: more bytes are needed, or it is the end.
  std::optional<Line> next();

  // The number of the line that next() gave last; the first is 1, blank ones count.
  std::uint64_t number() const { return number_; }
  // True when the beginning of a line waits for its end.
  bool partial() const { return begin_ < buffer_.size() || skipping_; }

 private:
  std::optional<Line> finish_line(std::size_t end, std::size_t next_begin);

  std::size_t line_bytes_max_;
  std::string buffer_;
  std::size_t begin_ = 0;    // of the line that is being read
  std::size_t scanned_ = 0;  // up to here there is no line feed
  std::uint64_t number_ = 0;
  bool skipping_ = false;    // in a line that is too long, up to its line feed
  bool ended_ = false;
};

}  // namespace billing::api

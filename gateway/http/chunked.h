// Decodes a chunked body as it arrives. Internal to this folder.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace billing::http {

// Strict: a size of plain hexadecimal digits, extensions in the grammar of RFC 9112 7.1.1 (ignored; without the blanks that
// a sender must not send) within a budget, CRLF at every line's end, no trailers. The budget for extensions is 16 KiB and as much again as the data so far, so that a body
// of almost nothing but extensions ends soon.
class ChunkDecoder {
 public:
  enum class State { kNeedMore, kOutputFull, kDone, kBroken };
  struct Step {
    State state;
    std::size_t consumed;  // of `in`
  };
  // Appends at most `out_max` bytes of data to `out`. After kDone or kBroken nothing more is consumed.
  Step decode(std::string_view in, std::string& out, std::size_t out_max);

 private:
  enum class Place {
    kSizeFirst, kSize, kNameFirst, kName, kValueFirst, kValue, kQuoted, kEscaped, kQuotedEnd, kSizeLf,
    kData, kDataCr, kDataLf, kEndCr, kEndLf, kDone, kBroken
  };
  Place take(char c);
  Place take_size(char c);
  Place take_extension(char c);

  Place place_ = Place::kSizeFirst;
  std::uint64_t left_ = 0;
  unsigned digits_ = 0;
  std::uint64_t data_total_ = 0;
  std::uint64_t extension_total_ = 0;
};

}  // namespace billing::http

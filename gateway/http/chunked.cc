#include "gateway/http/chunked.h"

#include <algorithm>

#include "gateway/http/framing.h"

namespace billing::http {
namespace {
constexpr unsigned kSizeDigitsMax = 8;
constexpr std::uint64_t kExtensionBudget = 16 * 1024;

// A character of a quoted string, but for the quote and the backslash: no control character but the tab.
bool text_char(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return (byte >= 0x20 && byte != 0x7F) || c == '\t';
}
}  // namespace

ChunkDecoder::Step ChunkDecoder::decode(std::string_view in, std::string& out, std::size_t out_max) {
  std::size_t at = 0;
  while (true) {
    if (place_ == Place::kDone) return {State::kDone, at};
    if (place_ == Place::kBroken) return {State::kBroken, at};
    if (at == in.size()) return {State::kNeedMore, at};
    if (place_ != Place::kData) {
      place_ = take(in[at++]);
      continue;
    }
    if (out_max == 0) return {State::kOutputFull, at};
    const auto part = static_cast<std::size_t>(std::min<std::uint64_t>({left_, in.size() - at, out_max}));
    out.append(in.substr(at, part));
    at += part;
    out_max -= part;
    left_ -= part;
    data_total_ += part;
    if (left_ == 0) place_ = Place::kDataCr;
  }
}

ChunkDecoder::Place ChunkDecoder::take_size(char c) {
  unsigned value = 0;
  if (c >= '0' && c <= '9') {
    value = static_cast<unsigned>(c - '0');
  } else if (c >= 'a' && c <= 'f') {
    value = static_cast<unsigned>(c - 'a') + 10;
  } else if (c >= 'A' && c <= 'F') {
    value = static_cast<unsigned>(c - 'A') + 10;
  } else if (place_ == Place::kSizeFirst) {
    return Place::kBroken;
  } else {
    return c == '\r' ? Place::kSizeLf : c == ';' ? Place::kNameFirst : Place::kBroken;
  }
  if (place_ == Place::kSizeFirst) {
    left_ = 0;
    digits_ = 0;
  }
  if (++digits_ > kSizeDigitsMax) return Place::kBroken;
  left_ = left_ * 16 + value;
  return Place::kSize;
}

// *( ";" token [ "=" ( token / quoted-string ) ] ) behind the size.
ChunkDecoder::Place ChunkDecoder::take_extension(char c) {
  const bool may_end = place_ == Place::kName || place_ == Place::kValue || place_ == Place::kQuotedEnd;
  if (may_end && c == '\r') return Place::kSizeLf;
  if (++extension_total_ > kExtensionBudget + data_total_) return Place::kBroken;
  if (may_end && c == ';') return Place::kNameFirst;
  switch (place_) {
    case Place::kNameFirst: return token_char(c) ? Place::kName : Place::kBroken;
    case Place::kName: return c == '=' ? Place::kValueFirst : token_char(c) ? Place::kName : Place::kBroken;
    case Place::kValueFirst: return c == '"' ? Place::kQuoted : token_char(c) ? Place::kValue : Place::kBroken;
    case Place::kValue: return token_char(c) ? Place::kValue : Place::kBroken;
    case Place::kQuoted:
      if (c == '"') return Place::kQuotedEnd;
      return c == '\\' ? Place::kEscaped : text_char(c) ? Place::kQuoted : Place::kBroken;
    case Place::kEscaped: return text_char(c) ? Place::kQuoted : Place::kBroken;
    default: return Place::kBroken;
  }
}

ChunkDecoder::Place ChunkDecoder::take(char c) {
  switch (place_) {
    case Place::kSizeFirst:
    case Place::kSize: return take_size(c);
    case Place::kNameFirst:
    case Place::kName:
    case Place::kValueFirst:
    case Place::kValue:
    case Place::kQuoted:
    case Place::kEscaped:
    case Place::kQuotedEnd: return take_extension(c);
    case Place::kSizeLf:
      if (c != '\n') return Place::kBroken;
      return left_ == 0 ? Place::kEndCr : Place::kData;
    case Place::kDataCr: return c == '\r' ? Place::kDataLf : Place::kBroken;
    case Place::kDataLf: return c == '\n' ? Place::kSizeFirst : Place::kBroken;
    case Place::kEndCr: return c == '\r' ? Place::kEndLf : Place::kBroken;
    case Place::kEndLf: return c == '\n' ? Place::kDone : Place::kBroken;
    case Place::kData:
    case Place::kDone:
    case Place::kBroken: break;
  }
  return place_;
}

}  // namespace billing::http

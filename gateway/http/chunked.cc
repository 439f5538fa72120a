#include "gateway/http/chunked.h"

#include <algorithm>

namespace billing::http {
namespace {
constexpr unsigned kSizeDigitsMax = 8;
constexpr std::uint64_t kExtensionBudget = 16 * 1024;
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
    return c == '\r' ? Place::kSizeLf : c == ';' ? Place::kExtension : Place::kBroken;
  }
  if (place_ == Place::kSizeFirst) {
    left_ = 0;
    digits_ = 0;
  }
  if (++digits_ > kSizeDigitsMax) return Place::kBroken;
  left_ = left_ * 16 + value;
  return Place::kSize;
}

ChunkDecoder::Place ChunkDecoder::take(char c) {
  switch (place_) {
    case Place::kSizeFirst:
    case Place::kSize: return take_size(c);
    case Place::kExtension:
      if (c == '\r') return Place::kSizeLf;
      if ((static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7F) return Place::kBroken;
      return ++extension_total_ > kExtensionBudget + data_total_ ? Place::kBroken : Place::kExtension;
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

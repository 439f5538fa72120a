#include "ops/import/encoding.h"

#include <algorithm>
#include <array>
#include <memory>
#include <string>
#include <utility>

namespace billing::import {
namespace {

constexpr std::size_t kBufferBytes = std::size_t{64} << 10U;
constexpr std::string_view kUtf8Mark = "\xEF\xBB\xBF";
constexpr std::string_view kLittleEndianMark = "\xFF\xFE";
constexpr std::string_view kBigEndianMark = "\xFE\xFF";

constexpr std::array<std::pair<std::string_view, Encoding>, 6> kNames{{{"utf-8", Encoding::kUtf8},
                                                                     {"utf-16", Encoding::kUtf16},
                                                                     {"utf-16le", Encoding::kUtf16LittleEndian},
                                                                     {"utf-16be", Encoding::kUtf16BigEndian},
                                                                     {"windows-1252", Encoding::kWindows1252},
                                                                     {"latin-1", Encoding::kWindows1252}}};

// Windows-1252 from 0x80 to 0x9F; the rest is the character of the same number. 0: there is none.
constexpr std::array<char16_t, 32> kHigh{0x20AC, 0,      0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021,
                                         0x02C6, 0x2030, 0x0160, 0x2039, 0x0152, 0,      0x017D, 0,
                                         0,      0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014,
                                         0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0,      0x017E, 0x0178};

void append_utf8(std::string& out, char32_t c) {
  const auto put = [&](char32_t byte) { out += static_cast<char>(byte); };
  if (c < 0x80) {
    put(c);
  } else if (c < 0x800) {
    put(0xC0U | c >> 6U);
    put(0x80U | (c & 0x3FU));
  } else if (c < 0x10000) {
    put(0xE0U | c >> 12U);
    put(0x80U | (c >> 6U & 0x3FU));
    put(0x80U | (c & 0x3FU));
  } else {
    put(0xF0U | c >> 18U);
    put(0x80U | (c >> 12U & 0x3FU));
    put(0x80U | (c >> 6U & 0x3FU));
    put(0x80U | (c & 0x3FU));
  }
}

class Decoder {
 public:
  Decoder(ReadBytes read, Encoding encoding) : read_(std::move(read)), encoding_(encoding) {}

  Result<std::size_t> give(char* into, std::size_t bytes_max) {
    while (at_ == text_.size()) {
      if (ended_) return 0;
      text_.clear();
      at_ = 0;
      BILLING_CHECK(fill());
    }
    const std::size_t n = std::min(bytes_max, text_.size() - at_);
    text_.copy(into, n, at_);
    at_ += n;
    return n;
  }

 private:
  // Reads more bytes and decodes those that are whole characters.
  Result<void> fill() {
    const std::size_t old = bytes_.size();
    bytes_.resize(old + kBufferBytes);
    auto got = read_(bytes_.data() + old, kBufferBytes);
    if (!got) return std::unexpected(std::move(got.error()));
    bytes_.resize(old + *got);
    ended_ = *got == 0;
    if (!begun_) {
      if (bytes_.size() < kUtf8Mark.size() && !ended_) return {};
      begun_ = true;
      BILLING_CHECK(take_mark());
    }
    switch (encoding_) {
      case Encoding::kUtf16LittleEndian: return utf16(0, 1);
      case Encoding::kUtf16BigEndian: return utf16(1, 0);
      case Encoding::kWindows1252: return windows1252();
      default: break;
    }
    text_ = std::exchange(bytes_, {});
    return {};
  }

  Result<void> take_mark() {
    const auto other = [](std::string_view mark) {
      return refuse(Code::kMalformedBody, "the file begins with the mark of " + std::string(mark) +
                                              ", the mapping says another encoding");
    };
    if (bytes_.starts_with(kUtf8Mark)) {
      if (encoding_ != Encoding::kByMark && encoding_ != Encoding::kUtf8) return other("UTF-8");
      return drop(kUtf8Mark, Encoding::kUtf8);
    }
    for (const auto& [mark, found] : {std::pair{kLittleEndianMark, Encoding::kUtf16LittleEndian},
                                      std::pair{kBigEndianMark, Encoding::kUtf16BigEndian}}) {
      if (!bytes_.starts_with(mark)) continue;
      if (encoding_ != Encoding::kByMark && encoding_ != Encoding::kUtf16 && encoding_ != found) return other("UTF-16");
      return drop(mark, found);
    }
    if (encoding_ == Encoding::kUtf16)
      return refuse(Code::kMalformedBody, "the file has no mark of UTF-16: say utf-16le or utf-16be");
    return {};
  }
  Result<void> drop(std::string_view mark, Encoding encoding) {
    bytes_.erase(0, mark.size());
    consumed_ += mark.size();
    encoding_ = encoding;
    return {};
  }

  Result<void> windows1252() {
    for (const char c : bytes_) {
      const auto byte = static_cast<unsigned char>(c);
      const char32_t character = byte >= 0x80 && byte < 0xA0 ? kHigh[byte - 0x80] : byte;
      if (character == 0 && byte != 0) return broken("Windows-1252");
      append_utf8(text_, character);
      ++consumed_;
    }
    bytes_.clear();
    return {};
  }

  // `low` and `high` say where a unit's bytes are.
  Result<void> utf16(std::size_t low, std::size_t high) {
    std::size_t at = 0;
    const auto unit = [&](std::size_t from) {
      return static_cast<char32_t>(static_cast<unsigned char>(bytes_[from + low]) |
                                   static_cast<unsigned>(static_cast<unsigned char>(bytes_[from + high])) << 8U);
    };
    while (bytes_.size() - at >= 2) {
      char32_t character = unit(at);
      std::size_t width = 2;
      if (character >= 0xD800 && character < 0xE000) {
        if (bytes_.size() - at < 4 && !ended_) break;
        if (character >= 0xDC00 || bytes_.size() - at < 4) return broken("UTF-16");
        const char32_t second = unit(at + 2);
        if (second < 0xDC00 || second >= 0xE000) return broken("UTF-16");
        character = 0x10000 + ((character - 0xD800) << 10U) + (second - 0xDC00);
        width = 4;
      }
      append_utf8(text_, character);
      at += width;
      consumed_ += width;
    }
    bytes_.erase(0, at);
    if (ended_ && !bytes_.empty()) return broken("UTF-16");
    return {};
  }

  std::unexpected<Error> broken(std::string_view name) const {
    return refuse(Code::kMalformedBody,
                  "byte " + std::to_string(consumed_ + 1) + " is no character of " + std::string(name));
  }

  ReadBytes read_;
  Encoding encoding_;
  std::string bytes_;  // read, not yet decoded
  std::string text_;   // decoded, not yet given
  std::size_t at_ = 0;
  std::uint64_t consumed_ = 0;
  bool begun_ = false;
  bool ended_ = false;
};

}  // namespace

Result<Encoding> parse_encoding(std::string_view text) {
  const auto found = std::ranges::find(kNames, text, &std::pair<std::string_view, Encoding>::first);
  if (found == kNames.end())
    return refuse(Code::kConfiguration,
                  "'encoding' is utf-8, utf-16, utf-16le, utf-16be or windows-1252 (latin-1 is another name of it)");
  return found->second;
}

ReadBytes as_utf8(ReadBytes read, Encoding encoding) {
  return [decoder = std::make_shared<Decoder>(std::move(read), encoding)](char* into, std::size_t bytes_max) {
    return decoder->give(into, bytes_max);
  };
}

}  // namespace billing::import

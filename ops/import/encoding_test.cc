#include "ops/import/encoding.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

namespace billing::import {
namespace {

// All of `bytes` as UTF-8, read in pieces; "refused: …" when that cannot be.
std::string decoded(std::string bytes, Encoding encoding, std::size_t piece = 1'000) {
  const auto read = as_utf8(
      [bytes = std::move(bytes), piece, at = std::size_t{0}](char* into, std::size_t max) mutable -> Result<std::size_t> {
        const std::size_t n = std::min({max, piece, bytes.size() - at});
        bytes.copy(into, n, at);
        at += n;
        return n;
      },
      encoding);
  std::string out;
  char buffer[7];
  for (;;) {
    const auto n = read(buffer, sizeof buffer);
    if (!n) return "refused: " + n.error().detail;
    if (*n == 0) return out;
    out.append(buffer, *n);
  }
}

using namespace std::string_literals;

TEST(Encoding, AMarkSaysWhatTheFileIs) {
  for (const std::size_t piece : {1U, 2U, 3U, 1'000U}) {
    EXPECT_EQ(decoded("\xEF\xBB\xBF" "a\xC3\xA9", Encoding::kByMark, piece), "a\xC3\xA9");
    EXPECT_EQ(decoded("\xFF\xFE" "a\0\xE9\0"s, Encoding::kByMark, piece), "a\xC3\xA9");
    EXPECT_EQ(decoded("\xFE\xFF\0" "a\0\xE9"s, Encoding::kByMark, piece), "a\xC3\xA9");
    EXPECT_EQ(decoded("a\xC3\xA9", Encoding::kByMark, piece), "a\xC3\xA9");
    EXPECT_EQ(decoded("a", Encoding::kByMark, piece), "a");
    EXPECT_EQ(decoded("", Encoding::kByMark, piece), "");
  }
}

TEST(Encoding, Utf16WithoutAMarkIsReadWhereTheMappingSaysItsOrder) {
  EXPECT_EQ(decoded("a\0\x3D\xD8\0\xDE"s, Encoding::kUtf16LittleEndian, 1), "a\xF0\x9F\x98\x80");
  EXPECT_EQ(decoded("\0" "a\xD8\x3D\xDE\0"s, Encoding::kUtf16BigEndian, 3), "a\xF0\x9F\x98\x80");
  EXPECT_EQ(decoded("a\0"s, Encoding::kUtf16), "refused: the file has no mark of UTF-16: say utf-16le or utf-16be");
}

TEST(Encoding, Windows1252HasItsOwnSignsWhereLatin1HasControls) {
  EXPECT_EQ(decoded("O\x92Neil \x96 50 \x80 caf\xE9", Encoding::kWindows1252, 2), "O\u2019Neil \u2013 50 \u20AC caf\u00E9");
  EXPECT_EQ(*parse_encoding("latin-1"), Encoding::kWindows1252);
}

TEST(Encoding, BytesThatAreNoCharacterRefuseTheFile) {
  for (const char byte : {'\x81', '\x8D', '\x8F', '\x90', '\x9D'})
    EXPECT_EQ(decoded(std::string("ab") + byte, Encoding::kWindows1252), "refused: byte 3 is no character of Windows-1252");
  for (const auto& bytes : {"a\0b"s, "\0\xD8"s, "\0\xDC" "a\0"s, "\0\xD8" "a\0"s})
    EXPECT_NE(decoded(bytes, Encoding::kUtf16LittleEndian).find("no character of UTF-16"), std::string::npos);
}

TEST(Encoding, AMarkThatContradictsTheMappingRefusesTheFile) {
  EXPECT_NE(decoded("\xEF\xBB\xBFx", Encoding::kWindows1252).find("mark of UTF-8"), std::string::npos);
  EXPECT_NE(decoded("\xFF\xFE" "a\0"s, Encoding::kUtf8).find("mark of UTF-16"), std::string::npos);
  EXPECT_NE(decoded("\xFF\xFE" "a\0"s, Encoding::kUtf16BigEndian).find("mark of UTF-16"), std::string::npos);
}

}  // namespace
}  // namespace billing::import

#include "gateway/api/line_reader.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace billing::api {
namespace {

// Feeds `text` in pieces of `piece` bytes; each line as "number:text", or "number!" when too long.
std::vector<std::string> lines_of(const std::string& text, std::size_t piece, bool cut_short, std::size_t max = 8) {
  LineReader reader(max);
  std::vector<std::string> lines;
  const auto drain = [&] {
    while (const auto line = reader.next())
      lines.push_back(std::to_string(reader.number()) + (line->too_long ? "!" : ":" + std::string(line->text)));
  };
  for (std::size_t at = 0; at < text.size(); at += piece) {
    reader.append(text.substr(at, piece));
    drain();
  }
  reader.end(cut_short);
  drain();
  return lines;
}

using Lines = std::vector<std::string>;

TEST(LineReaderTest, LinesAreTheSameHoweverTheBytesArrive) {
  const std::string text = "one\ntwo\r\n\n\r\n12345678\n123456789\n1234567890123456789012345\nlast";
  const Lines whole = {"1:one", "2:two", "5:12345678", "6!", "7!", "8:last"};
  for (std::size_t piece = 1; piece <= text.size(); ++piece) EXPECT_EQ(lines_of(text, piece, false), whole) << piece;
}

TEST(LineReaderTest, AnIncompleteLineCountsOnlyWhenTheBodyIsComplete) {
  EXPECT_EQ(lines_of("one\ntw", 3, false), (Lines{"1:one", "2:tw"}));
  EXPECT_EQ(lines_of("one\ntw", 3, true), (Lines{"1:one"}));
  EXPECT_EQ(lines_of("one\ntw", 100, true), (Lines{"1:one"}));
  EXPECT_EQ(lines_of("123456789012345", 4, true), Lines{});
  EXPECT_EQ(lines_of("", 1, false), Lines{});
}

TEST(LineReaderTest, CompleteLinesThatWereNotYetGivenSurviveACut) {
  LineReader reader(100);
  reader.append("a\nb\nc");
  reader.end(true);
  EXPECT_EQ(reader.next()->text, "a");
  EXPECT_EQ(reader.next()->text, "b");
  EXPECT_FALSE(reader.next().has_value());
}

}  // namespace
}  // namespace billing::api

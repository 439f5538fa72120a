#include "gateway/http/chunked.h"

#include <gtest/gtest.h>

#include <vector>

namespace billing::http {
namespace {

using State = ChunkDecoder::State;

State decode_all(std::string_view wire, std::string& out, std::size_t step, std::size_t out_max = 1 << 20) {
  ChunkDecoder decoder;
  State state = State::kNeedMore;
  while (!wire.empty()) {
    auto part = wire.substr(0, step);
    const auto did = decoder.decode(part, out, out_max - out.size());
    state = did.state;
    wire.remove_prefix(did.consumed);
    if (state != State::kNeedMore) break;
  }
  return state;
}

TEST(ChunkDecoder, EveryCutOfTheWireGivesTheSameBody) {
  const std::string wire =
      "5\r\nhello\r\n1;name=\"a \\\"b\";x;y=z\r\n,\r\n00A\r\n0123456789\r\n0;last=\"\"\r\n\r\n";
  for (std::size_t step = 1; step <= wire.size(); ++step) {
    std::string body;
    EXPECT_EQ(decode_all(wire, body, step), State::kDone);
    EXPECT_EQ(body, "hello,0123456789");
  }
}

TEST(ChunkDecoder, WhatFollowsIsLeftAlone) {
  ChunkDecoder decoder;
  std::string body;
  const std::string wire = "1\r\na\r\n0\r\n\r\nGET /";
  EXPECT_EQ(decoder.decode(wire, body, 100).consumed, wire.size() - 5);
}

TEST(ChunkDecoder, BrokenFramingIsRefused) {
  const std::vector<std::string> table = {
      "\r\n", "g\r\n", " 5\r\nhello\r\n", "5 \r\nhello\r\n", "+5\r\n", "-1\r\n", "0x5\r\n", "5\nhello", "5\rhello",
      "5\r\nhelloX", "5\r\nhello\n", "5\r\nhello\r\r", "123456789\r\n", "5;a\nb\r\n", std::string("5;\0", 3),
      "0\r\nAuthorization: x\r\n\r\n", "0\r\nX", "0\r\n\rX", "5\t;a\r\n", "\xEF\xBC\x95\r\n"};
  for (const auto& wire : table) {
    std::string body;
    EXPECT_EQ(decode_all(wire, body, 1), State::kBroken) << wire;
    body.clear();
    EXPECT_EQ(decode_all(wire, body, wire.size()), State::kBroken) << wire;
  }
}

TEST(ChunkDecoder, AnExtensionThatIsNotInTheGrammarIsRefused) {
  for (const std::string extension : {";", ";;a", ";=1", ";a=", ";a b", ";a=b c", ";a =b", ";a= b", "; a", ";a=b;", ";a=\"b",
                                      ";a=\"b\"c", ";a=\"b\\\x01\"", ";\"a\"=b", ";a=b=c", ";a(b)", ";caf\xC3\xA9"}) {
    const std::string wire = "1" + extension + "\r\na\r\n0\r\n\r\n";
    for (const std::size_t step : {std::size_t{1}, wire.size()}) {
      std::string body;
      EXPECT_EQ(decode_all(wire, body, step), State::kBroken) << extension;
    }
  }
}

TEST(ChunkDecoder, ExtensionsHaveABudget) {
  std::string body;
  EXPECT_EQ(decode_all("1;" + std::string(16 * 1024, 'x') + "\r\na\r\n0\r\n\r\n", body, 4096), State::kDone);
  EXPECT_EQ(decode_all("1;" + std::string(16 * 1024 + 1, 'x') + "\r\na\r\n0\r\n\r\n", body, 4096), State::kBroken);
  std::string small;
  for (int i = 0; i < 1000; ++i) small += "1;" + std::string(32, 'x') + "\r\na\r\n";
  EXPECT_EQ(decode_all(small, body, 4096), State::kBroken);
}

TEST(ChunkDecoder, TheOutputIsBounded) {
  std::string body;
  EXPECT_EQ(decode_all("5\r\nhello\r\n0\r\n\r\n", body, 100, 4), State::kOutputFull);
  EXPECT_EQ(body, "hell");
  body.clear();
  EXPECT_EQ(decode_all("5\r\nhello\r\n0\r\n\r\n", body, 100, 5), State::kDone);
}

}  // namespace
}  // namespace billing::http

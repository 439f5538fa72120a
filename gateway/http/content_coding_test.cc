#include "gateway/http/content_coding.h"

#include <gtest/gtest.h>
#include <zlib.h>

#include <array>
#include <optional>

namespace billing::http {
namespace {

Request asking(std::optional<std::string> accept) {
  Request request;
  if (accept) request.headers.emplace_back("accept-encoding", *accept);
  return request;
}

std::string unpack(std::string packed) {
  z_stream stream{};
  EXPECT_EQ(inflateInit2(&stream, 16 + MAX_WBITS), Z_OK);
  std::string out(100'000, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(packed.data());
  stream.avail_in = static_cast<uInt>(packed.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  EXPECT_EQ(inflate(&stream, Z_FINISH), Z_STREAM_END);
  out.resize(stream.total_out);
  inflateEnd(&stream);
  return out;
}

TEST(ContentCoding, GzipIsTakenWhereItIsNamedWithAWeightAboveZero) {
  for (const std::string yes : {"gzip", "GZIP", "x-gzip", "br, gzip", "gzip;q=0.1", "deflate , gzip ; q=1.0", "*", "br;q=1,*;q=0.5"}) {
    EXPECT_TRUE(accepts_gzip(asking(yes))) << yes;
  }
  for (const std::string no : {"", "br", "gzip;q=0", "gzip; q=0.000", "*;q=0", "gzip;q=0, *", "gzipped", "identity"}) {
    EXPECT_FALSE(accepts_gzip(asking(no))) << no;
  }
  EXPECT_FALSE(accepts_gzip(asking(std::nullopt)));
}

TEST(ContentCoding, AStoredTextIsSentInTheFormThatIsTakenAndReadsTheSame) {
  const std::string text = std::string(50'000, 'a') + "end";
  const StoredText stored(text);
  Response plain;
  stored.put_into(plain, asking(std::nullopt));
  EXPECT_EQ(plain.content(), text);
  EXPECT_EQ(plain.header("Content-Encoding"), "");
  EXPECT_EQ(plain.header("Vary"), "Accept-Encoding");
  Response packed;
  stored.put_into(packed, asking("gzip, br"));
  EXPECT_EQ(packed.header("Content-Encoding"), "gzip");
  EXPECT_LT(packed.content().size(), 1'000U);
  EXPECT_EQ(unpack(std::string(packed.content())), text);
  Response again;
  stored.put_into(again, asking("gzip"));
  EXPECT_EQ(again.shared_body, packed.shared_body);  // one copy for all
}

}  // namespace
}  // namespace billing::http

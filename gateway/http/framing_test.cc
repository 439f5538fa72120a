#include "gateway/http/framing.h"

#include <gtest/gtest.h>

#include "ledger/base/utf8.h"

namespace billing::http {
namespace {

using P = FramingProblem;
using namespace std::string_literals;

struct Refused {
  const char* name;
  std::string block;
  P problem;
};

std::string line_and_host(std::string_view line) { return std::string(line) + "\r\nHost: a.example\r\n\r\n"; }
std::string post_with(std::string_view headers) {
  return "POST /x HTTP/1.1\r\nHost: a.example\r\n" + std::string(headers) + "\r\n\r\n";
}

TEST(Framing, HeadsOfDoubtAreRefused) {
  std::string many = "GET / HTTP/1.1\r\nHost: a\r\n";
  for (int i = 0; i < 100; ++i) many += "X-H: 1\r\n";
  const std::vector<Refused> table = {
      {"empty block", "", P::kNotTerminated},
      {"no blank line", "GET / HTTP/1.1\r\nHost: a\r\n", P::kNotTerminated},
      {"text after the blank line", "GET / HTTP/1.1\r\nHost: a\r\n\r\nGET / HTTP/1.1\r\n\r\n", P::kNotTerminated},
      {"blank line first", "\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", P::kRequestLine},
      {"bare LF ends the request line", "GET / HTTP/1.1\nHost: a\r\n\r\n", P::kStrayLineEnd},
      {"bare LF in a header", post_with("A: b\nC: d"), P::kStrayLineEnd},
      {"bare CR in a header", post_with("A: b\rC: d"), P::kStrayLineEnd},
      {"CR CR LF", post_with("A: b\r"), P::kStrayLineEnd},
      {"NUL in a value", post_with("A: b\0c"s), P::kControlCharacter},
      {"NUL in a name", post_with("A\0: c"s), P::kControlCharacter},
      {"DEL in a value", post_with("A: b\x7F"), P::kControlCharacter},
      {"vertical tab before the colon", post_with("Content-Length\v: 3"), P::kControlCharacter},
      {"form feed in the value", post_with("Transfer-Encoding: \fchunked"), P::kControlCharacter},
      {"backspace in the target", line_and_host("GET /\b HTTP/1.1"), P::kControlCharacter},
      {"no version", line_and_host("GET /"), P::kRequestLine},
      {"only a method", line_and_host("GET"), P::kRequestLine},
      {"two spaces before the target", line_and_host("GET  / HTTP/1.1"), P::kRequestLine},
      {"two spaces before the version", line_and_host("GET /  HTTP/1.1"), P::kRequestLine},
      {"space first", line_and_host(" GET / HTTP/1.1"), P::kRequestLine},
      {"space last", line_and_host("GET / HTTP/1.1 "), P::kRequestLine},
      {"tab for a space", line_and_host("GET\t/\tHTTP/1.1"), P::kRequestLine},
      {"tab in the target", line_and_host("GET /a\tb HTTP/1.1"), P::kRequestLine},
      {"space in the target", line_and_host("GET /a b HTTP/1.1"), P::kRequestLine},
      {"bracket in the method", line_and_host("G[T / HTTP/1.1"), P::kRequestLine},
      {"TRACE", line_and_host("TRACE / HTTP/1.1"), P::kMethod},
      {"CONNECT", line_and_host("CONNECT / HTTP/1.1"), P::kMethod},
      {"lower case method", line_and_host("get / HTTP/1.1"), P::kMethod},
      {"unknown method", line_and_host("SMUGGLE / HTTP/1.1"), P::kMethod},
      {"authority form", line_and_host("CONNECT a.example:443 HTTP/1.1"), P::kTarget},
      {"authority form of a GET", line_and_host("GET a.example:80 HTTP/1.1"), P::kTarget},
      {"absolute form of another scheme", line_and_host("GET ftp://a.example/ HTTP/1.1"), P::kTarget},
      {"absolute form without a scheme", line_and_host("GET ://a.example/ HTTP/1.1"), P::kTarget},
      {"absolute form without a host", line_and_host("GET http:///x HTTP/1.1"), P::kTarget},
      {"absolute form with a user", line_and_host("GET http://u@a.example/ HTTP/1.1"), P::kTarget},
      {"absolute form with a bad port", line_and_host("GET http://a.example:8x/ HTTP/1.1"), P::kTarget},
      {"absolute form with a fragment", line_and_host("GET http://a.example#x HTTP/1.1"), P::kTarget},
      {"absolute form with a backslash", line_and_host("GET http://a.example\\x HTTP/1.1"), P::kTarget},
      {"absolute form and no Host", "GET http://a.example/ HTTP/1.1\r\nA: b\r\n\r\n", P::kHost},
      {"absolute form and two Hosts", "GET http://a/ HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", P::kHost},
      {"absolute form and a bad Host", "GET http://a/ HTTP/1.1\r\nHost: a/b\r\n\r\n", P::kHost},
      {"no slash", line_and_host("GET x HTTP/1.1"), P::kTarget},
      {"asterisk of GET", line_and_host("GET * HTTP/1.1"), P::kTarget},
      {"fragment", line_and_host("GET /#a HTTP/1.1"), P::kTarget},
      {"backslash", line_and_host("GET /..\\x HTTP/1.1"), P::kTarget},
      {"bytes over 7F in the target", line_and_host("GET /\xC3\xA9 HTTP/1.1"), P::kTarget},
      {"percent without digits", line_and_host("GET /%zz HTTP/1.1"), P::kTarget},
      {"percent at the end", line_and_host("GET /a?b=%4 HTTP/1.1"), P::kTarget},
      {"HTTP/0.9", line_and_host("GET / HTTP/0.9"), P::kVersion},
      {"HTTP/2.0", line_and_host("GET / HTTP/2.0"), P::kVersion},
      {"HTTP/1.x", line_and_host("GET / HTTP/1.x"), P::kVersion},
      {"HTTP/1.", line_and_host("GET / HTTP/1."), P::kVersion},
      {"chunked in HTTP/1.0 beside HTTP/1.2", "POST / HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n",
       P::kTransferEncoding},
      {"lower case version", line_and_host("GET / http/1.1"), P::kVersion},
      {"version with zeros", line_and_host("GET / HTTP/1.01"), P::kVersion},
      {"space before the colon", post_with("Content-Length : 3"), P::kHeaderName},
      {"tab before the colon", post_with("Transfer-Encoding\t: chunked"), P::kHeaderName},
      {"no colon", post_with("Content-Length 3"), P::kHeaderName},
      {"no name", post_with(": 3"), P::kHeaderName},
      {"space in the name", post_with("Content Length: 3"), P::kHeaderName},
      {"byte over 7F in the name", post_with("Content\xADLength: 3"), P::kHeaderName},
      {"underscore for the dash", post_with("Content_Length: 3"), P::kHeaderName},
      {"dot for the dash", post_with("Transfer.Encoding: chunked"), P::kHeaderName},
      {"folded line", post_with("A: b\r\n c"), P::kFoldedLine},
      {"folded by a tab", post_with("A:\r\n\tchunked"), P::kFoldedLine},
      {"folded before the first header", "GET / HTTP/1.1\r\n Host: a\r\n\r\n", P::kFoldedLine},
      {"too many headers", many + "\r\n", P::kTooManyHeaders},
      {"no Host", "GET / HTTP/1.1\r\nA: b\r\n\r\n", P::kHost},
      {"two Hosts", post_with("Host: a.example"), P::kHost},
      {"two Hosts in HTTP/1.0", "GET / HTTP/1.0\r\nHost: a\r\nHost: b\r\n\r\n", P::kHost},
      {"empty Host", "GET / HTTP/1.1\r\nHost:\r\n\r\n", P::kHost},
      {"Host with a path", "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", P::kHost},
      {"Host with a user", "GET / HTTP/1.1\r\nHost: u@a\r\n\r\n", P::kHost},
      {"Host list", "GET / HTTP/1.1\r\nHost: a, b\r\n\r\n", P::kHost},
      {"Host with a bad port", "GET / HTTP/1.1\r\nHost: a:8x\r\n\r\n", P::kHost},
      {"Host with half a bracket", "GET / HTTP/1.1\r\nHost: [::1\r\n\r\n", P::kHost},
      {"two lengths", post_with("Content-Length: 3\r\nContent-Length: 4"), P::kContentLength},
      {"the same length twice", post_with("Content-Length: 3\r\ncontent-length: 3"), P::kContentLength},
      {"a list of lengths", post_with("Content-Length: 3, 3"), P::kContentLength},
      {"a signed length", post_with("Content-Length: +3"), P::kContentLength},
      {"a negative length", post_with("Content-Length: -1"), P::kContentLength},
      {"a hexadecimal length", post_with("Content-Length: 0x3"), P::kContentLength},
      {"an octal look", post_with("Content-Length: 010"), P::kContentLength},
      {"a fraction", post_with("Content-Length: 3.0"), P::kContentLength},
      {"a quoted length", post_with("Content-Length: \"3\""), P::kContentLength},
      {"an empty length", post_with("Content-Length:"), P::kContentLength},
      {"a length beyond 64 bits", post_with("Content-Length: 18446744073709551616"), P::kContentLength},
      {"gzip", post_with("Transfer-Encoding: gzip"), P::kTransferEncoding},
      {"gzip and length", post_with("Transfer-Encoding: gzip\r\nContent-Length: 3"), P::kTransferEncoding},
      {"gzip then chunked", post_with("Transfer-Encoding: gzip, chunked"), P::kTransferEncoding},
      {"chunked then gzip", post_with("Transfer-Encoding: chunked, gzip"), P::kTransferEncoding},
      {"xchunked", post_with("Transfer-Encoding: xchunked"), P::kTransferEncoding},
      {"identity", post_with("Transfer-Encoding: identity"), P::kTransferEncoding},
      {"empty coding", post_with("Transfer-Encoding:"), P::kTransferEncoding},
      {"quoted chunked", post_with("Transfer-Encoding: \"chunked\""), P::kTransferEncoding},
      {"chunked with a comma", post_with("Transfer-Encoding: chunked,"), P::kTransferEncoding},
      {"chunked with a parameter", post_with("Transfer-Encoding: chunked;q=1"), P::kTransferEncoding},
      {"chunked twice", post_with("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked"), P::kTransferEncoding},
      {"chunked in HTTP/1.0", "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", P::kTransferEncoding},
      {"both", post_with("Transfer-Encoding: chunked\r\nContent-Length: 3"), P::kBothLengths},
      {"both, the other way", post_with("Content-Length: 0\r\nTransfer-Encoding: chunked"), P::kBothLengths},
      {"GET with a body", "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\n", P::kBodyNotAllowed},
      {"HEAD with chunks", "HEAD / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n", P::kBodyNotAllowed},
      {"announced trailer", post_with("Trailer: Authorization"), P::kTrailer},
      {"another expectation", post_with("Expect: 200-ok"), P::kExpectation},
  };
  EXPECT_GE(table.size(), 60U);
  for (const auto& refused : table) {
    const auto head = check_head(refused.block);
    ASSERT_FALSE(head.has_value()) << refused.name;
    EXPECT_EQ(problem_text(head.error()), problem_text(refused.problem)) << refused.name;
    EXPECT_GE(problem_status(head.error()), 400) << refused.name;
  }
}

TEST(Framing, PlainHeadsPass) {
  const std::vector<std::string> table = {
      line_and_host("GET / HTTP/1.1"),
      line_and_host("GET /v1/accounts/a-b_c.d~e?x=1&y=%20+z HTTP/1.1"),
      line_and_host("OPTIONS * HTTP/1.1"),
      line_and_host("DELETE /a HTTP/1.1"),
      "GET / HTTP/1.0\r\n\r\n",
      "GET / HTTP/1.1\r\nhost:a.example:8080\r\n\r\n",
      "GET / HTTP/1.1\r\nHOST: [::1]:8080\r\n\r\n",
      "GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 0\r\n\r\n",
      post_with("Content-Length: 0"),
      post_with("Content-Length:  42 \t"),
      post_with("transfer-encoding: CHUNKED"),
      post_with("Expect: 100-continue\r\nContent-Length: 3"),
      post_with("X-Empty:"),
      post_with("X-Latin: caf\xE9"),
      post_with("X!#$%&'*+-.^_`|~09: tab\there"),
      post_with("TE: trailers"),
  };
  for (const auto& block : table) {
    const auto head = check_head(block);
    EXPECT_TRUE(head.has_value()) << block << (head ? "" : problem_text(head.error()));
  }
}

TEST(Framing, TheHeadIsReadAsItStands) {
  const auto head =
      check_head("POST /a/%41?q=1 HTTP/1.1\r\nHost: a\r\nContent-Length: 12\r\nConnection: x, Close\r\n\r\n");
  ASSERT_TRUE(head.has_value());
  EXPECT_EQ(head->method, "POST");
  EXPECT_EQ(head->path, "/a/%41");
  EXPECT_EQ(head->query, "q=1");
  EXPECT_EQ(head->content_length, 12U);
  EXPECT_FALSE(head->keep_alive);
  EXPECT_TRUE(head->has_body());
  EXPECT_EQ(head->headers.size(), 3U);
  EXPECT_FALSE(check_head("GET / HTTP/1.0\r\n\r\n")->keep_alive);
  EXPECT_TRUE(check_head("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")->keep_alive);
}

TEST(Framing, ATargetInAbsoluteFormIsReadLikeItsPathAndItsHostGoesBeforeTheHeader) {
  struct Case {
    std::string target, path, query, host;
  };
  for (const auto& [target, path, query, host] : std::vector<Case>{
           {"http://b.example:8080/a?x=1", "/a", "x=1", "b.example:8080"},
           {"HTTPS://b.example/", "/", "", "b.example"},
           {"http://b.example", "/", "", "b.example"},
           {"http://b.example?x=1", "/", "x=1", "b.example"},
           {"http://[::1]:80/a", "/a", "", "[::1]:80"},
       }) {
    const std::string block = line_and_host("GET " + target + " HTTP/1.1");
    const auto head = check_head(block);
    ASSERT_TRUE(head.has_value()) << target << problem_text(head.error());
    EXPECT_EQ(head->path, path) << target;
    EXPECT_EQ(head->query, query) << target;
    ASSERT_EQ(head->headers.size(), 1U);
    EXPECT_EQ(head->headers[0].second, host) << target;
  }
  const std::string old = "GET http://b.example/a HTTP/1.0\r\n\r\n";
  const auto head = check_head(old);
  ASSERT_TRUE(head.has_value());
  ASSERT_EQ(head->headers.size(), 1U);
  EXPECT_EQ(head->headers[0].second, "b.example");
  const std::string all = line_and_host("OPTIONS http://b.example HTTP/1.1");
  EXPECT_EQ(check_head(all)->path, "*");
}

TEST(Framing, AHigherMinorVersionIsReadAsOne) {
  for (const auto* version : {"HTTP/1.2", "HTTP/1.9"}) {
    const std::string block = line_and_host(std::string("GET / ") + version);
    const auto head = check_head(block);
    ASSERT_TRUE(head.has_value()) << version;
    EXPECT_EQ(head->version_minor, 1);
    EXPECT_TRUE(head->keep_alive);
  }
  EXPECT_FALSE(check_head("GET / HTTP/1.2\r\n\r\n").has_value());  // a Host is as required
}

TEST(Decode, PercentEncodingIsStrict) {
  EXPECT_EQ(percent_decode("a%20b+c", true), "a b c");
  EXPECT_EQ(percent_decode("a+b", false), "a+b");
  EXPECT_EQ(percent_decode("%C3%A9", false), "\xC3\xA9");
  for (const auto* bad : {"%", "%4", "%4g", "%00", "%0a", "%7f", "%C3", "%ED%A0%80", "%C0%AF", "%F4%90%80%80"}) {
    EXPECT_EQ(percent_decode(bad, false), std::nullopt) << bad;
  }
}

TEST(Decode, QueryKeepsOrderAndRepeats) {
  const auto pairs = parse_query("b=2&a=1&b=%263&flag");
  ASSERT_TRUE(pairs.has_value());
  const std::vector<std::pair<std::string, std::string>> wanted = {{"b", "2"}, {"a", "1"}, {"b", "&3"}, {"flag", ""}};
  EXPECT_EQ(*pairs, wanted);
  EXPECT_TRUE(parse_query("")->empty());
  EXPECT_FALSE(parse_query("=1").has_value());
  EXPECT_FALSE(parse_query("a=1&&b=2").has_value());
  EXPECT_FALSE(parse_query("a=%ff").has_value());
}

TEST(Decode, Utf8IsWellFormedOrNot) {
  for (const auto* good : {"", "abc", "\xC2\x80", "\xE0\xA0\x80", "\xED\x9F\xBF", "\xF0\x90\x80\x80",
                           "\xF4\x8F\xBF\xBF"}) {
    EXPECT_TRUE(valid_utf8(good));
  }
  for (const auto* bad : {"\x80", "\xC1\xBF", "\xE0\x9F\xBF", "\xED\xA0\x80", "\xF0\x8F\xBF\xBF", "\xF5\x80\x80\x80",
                          "\xE2\x82", "\xFF"}) {
    EXPECT_FALSE(valid_utf8(bad));
  }
}

}  // namespace
}  // namespace billing::http

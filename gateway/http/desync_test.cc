// The public table of request-smuggling shapes of AWS (http-desync-guardian), read from the test data.
#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "gateway/http/framing.h"
#include "gateway/http/test_support.h"

namespace billing::http::testing {
namespace {

struct Case {
  std::string name, uri, method, version, tier;
  std::vector<Pair> headers;
};

std::string unquote(std::string_view text) {
  if (text.size() < 2 || (text.front() != '"' && text.front() != '\'')) return std::string(text);
  const bool escapes = text.front() == '"';
  text = text.substr(1, text.size() - 2);
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (!escapes || text[i] != '\\') {
      out.push_back(text[i]);
      if (!escapes && text[i] == '\'') ++i;  // '' is one quote
      continue;
    }
    const char kind = text[++i];
    if (kind == 'x') {
      out.push_back(static_cast<char>(std::stoi(std::string(text.substr(i + 1, 2)), nullptr, 16)));
      i += 2;
    } else {
      out.push_back(kind == 'r' ? '\r' : kind == 'n' ? '\n' : kind == 't' ? '\t' : kind == '0' ? '\0' : kind);
    }
  }
  return out;
}

// Just the YAML that these files are written in: two levels of lists, one scalar a line.
std::vector<Case> read_cases(const std::filesystem::path& file) {
  std::vector<Case> cases;
  std::ifstream in(file);
  for (std::string line; std::getline(in, line);) {
    const auto value_of = [&line](std::string_view key) -> std::optional<std::string> {
      if (!line.starts_with(key)) return std::nullopt;
      auto value = line.substr(key.size());
      value.erase(0, value.find_first_not_of(' '));
      const auto end = value.find_last_not_of(' ');
      value.resize(end == std::string::npos ? 0 : end + 1);
      return unquote(value);
    };
    if (auto name = value_of("- name:")) cases.push_back({*name, {}, {}, {}, {}, {}});
    if (cases.empty()) continue;
    auto& last = cases.back();
    if (auto uri = value_of("  uri:")) last.uri = *uri;
    if (auto method = value_of("  method:")) last.method = *method;
    if (auto version = value_of("  version:")) last.version = *version;
    if (auto tier = value_of("    tier:")) last.tier = *tier;
    if (auto header = value_of("    - name:")) last.headers.emplace_back(*header, "");
    if (auto value = value_of("      value:"); value && !last.headers.empty()) last.headers.back().second = *value;
  }
  return cases;
}

std::string raw(const Case& test) {
  std::string out = test.method + " " + test.uri + " " + test.version + "\r\n";
  bool host = false;
  for (const auto& [name, value] : test.headers) host = host || same_name(name, "host");
  if (!host) out += "Host: localhost\r\n";
  for (const auto& [name, value] : test.headers) out += name + ": " + value + "\r\n";
  return out + "\r\n";
}

std::filesystem::path data_folder() {
  const char* set = std::getenv("BILLING_TEST_DATA");
  const std::filesystem::path base = set != nullptr ? set : std::string(BILLING_SOURCE_DIR) + "/../shared/data";
  return base / "http-desync";
}

std::vector<Case> all_cases() {
  std::vector<Case> cases;
  if (!std::filesystem::exists(data_folder())) return cases;
  for (const auto& file : std::filesystem::directory_iterator(data_folder())) {
    if (file.path().extension() != ".yaml") continue;
    for (auto& test : read_cases(file.path())) cases.push_back(std::move(test));
  }
  return cases;
}

TEST(Desync, DangerousHeadsAreRefusedAndCompliantOnesAccepted) {
  const auto cases = all_cases();
  if (cases.empty()) GTEST_SKIP() << "no test data";
  // Compliant with the RFC, but not served here on purpose: other codings than chunked, and targets that have
  // characters which a URI must encode.
  const std::set<std::string> stricter = {
      "Different Transfer-Encoding headers", "Different Transfer-Encoding headers combined",
      "Transfer-Encoding with a param: chunked;custom_param", "Correct TE OK",
      "Transfer-Encoding: identity and chunked OK", "Multiple transfer encoding headers in a single request OK",
      "TE with custom parameters OK", "Compliant URL", "International in URI", "Empty URI"};
  std::map<std::string, int> seen;
  for (const auto& test : cases) {
    ++seen[test.tier];
    const auto head = check_head(raw(test));
    const std::string why = head ? "accepted" : std::string(problem_text(head.error()));
    if (test.tier == "Severe" || test.tier == "Ambiguous") {
      EXPECT_FALSE(head.has_value()) << test.tier << ": " << test.name;
    } else if (test.tier == "Compliant") {
      EXPECT_EQ(head.has_value(), !stricter.contains(test.name)) << test.name << ": " << why;
    }
  }
  EXPECT_GE(seen["Severe"], 50);
  EXPECT_GE(seen["Ambiguous"], 50);
  EXPECT_GE(seen["Compliant"], 20);
}

TEST(Desync, TheConnectionEndsAndTheCanaryIsNeverAnswered) {
  const auto cases = all_cases();
  if (cases.empty()) GTEST_SKIP() << "no test data";
  std::atomic<int> canaries{0};
  Router router;
  router.add("GET", "/canary", [&canaries](Request, Reply reply) {
    ++canaries;
    reply(text_response("canary"));
  });
  Server server({}, std::move(router));
  ASSERT_TRUE(server.start());
  for (const auto& test : cases) {
    if (test.tier != "Severe" && test.tier != "Ambiguous") continue;
    RawSocket socket(server.port());
    socket.send(raw(test) + "0\r\n\r\n" + get("/canary"));
    const auto answer = socket.receive_to_end();
    EXPECT_TRUE(answer.starts_with("HTTP/1.1 4")) << test.name;
    EXPECT_EQ(count_of(answer, "HTTP/1.1 "), 1U) << test.name;
    EXPECT_TRUE(socket.ended()) << test.name;
  }
  EXPECT_EQ(canaries, 0);
}

}  // namespace
}  // namespace billing::http::testing

#include "gateway/http/request_id.h"

#include <fmt/format.h>

#include <algorithm>
#include <random>

namespace billing::http {
namespace {

constexpr std::size_t kLengthMax = 64;
constexpr std::string_view kHeader = "Request-Id";

bool id_char(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '-' || c == '_';
}

}  // namespace

bool is_request_id(std::string_view text) {
  return !text.empty() && text.size() <= kLengthMax && std::ranges::all_of(text, id_char);
}

std::string make_request_id() {
  thread_local std::mt19937_64 numbers = [] {
    std::random_device device;
    std::seed_seq seed{device(), device(), device(), device()};
    return std::mt19937_64(seed);
  }();
  return fmt::format("{:016x}", numbers());
}

std::string request_id(const Request& request) {
  const std::string_view given = request.header(kHeader);
  if (is_request_id(given) && request.header_count(kHeader) == 1) return std::string(given);
  return make_request_id();
}

}  // namespace billing::http

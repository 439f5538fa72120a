#include "ops/import/state.h"

#include <array>
#include <charconv>
#include <tuple>
#include <utility>

#include "ops/import/files.h"

namespace billing::import {
namespace {

constexpr std::string_view kFirstLine = "billing import state 2";
constexpr std::size_t kBytesMax = std::size_t{64} << 10U;

constexpr std::array<std::pair<std::string_view, std::uint64_t ImportState::*>, 6> kNumbers{{
    {"offset", &ImportState::offset},
    {"line", &ImportState::line},
    {"accepted", &ImportState::accepted},
    {"repeated", &ImportState::repeated},
    {"refused", &ImportState::refused},
    {"refused_bytes", &ImportState::refused_bytes},
}};

// "key value" lines in a fixed order; the value, or nothing when the next line has another key.
std::optional<std::string_view> take(std::string_view& text, std::string_view key) {
  const std::size_t end = text.find('\n');
  if (end == std::string_view::npos || !text.starts_with(key) || text.substr(key.size(), 1) != " ") return std::nullopt;
  const std::string_view value = text.substr(key.size() + 1, end - key.size() - 1);
  text.remove_prefix(end + 1);
  return value;
}

// The numbers of a kind, in their order.
template <class Tallies>
auto numbers_of(Tallies& outcome) {
  return std::tie(outcome.booked.rows, outcome.booked.amount, outcome.repeated.rows, outcome.repeated.amount,
                  outcome.refused.rows, outcome.refused.amount);
}

// A number and the blank or end after it.
template <class Number>
bool take_number(std::string_view& text, Number& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{}) return false;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  if (text.empty()) return true;
  if (!text.starts_with(' ')) return false;
  text.remove_prefix(1);
  return true;
}

}  // namespace

std::string state_text(const ImportState& state) {
  std::string out(kFirstLine);
  out += "\nfingerprint " + state.fingerprint + "\nurl " + state.url + '\n';
  for (const auto& [key, member] : kNumbers) {
    out += key;
    out += ' ' + std::to_string(state.*member) + '\n';
  }
  for (std::size_t i = 0; i < kKindCount; ++i) {
    out += kind_text(static_cast<Kind>(i));
    std::apply([&](const auto&... number) { ((out += ' ' + std::to_string(number)), ...); }, numbers_of(state.kinds[i]));
    out += '\n';
  }
  return out + "end .\n";
}

std::optional<ImportState> parse_state(std::string_view text) {
  ImportState state;
  if (!text.starts_with(kFirstLine) || text.substr(kFirstLine.size(), 1) != "\n") return std::nullopt;
  text.remove_prefix(kFirstLine.size() + 1);
  const auto fingerprint = take(text, "fingerprint");
  if (!fingerprint) return std::nullopt;
  const auto url = take(text, "url");
  if (!url) return std::nullopt;
  state.fingerprint = *fingerprint;
  state.url = *url;
  for (const auto& [key, member] : kNumbers) {
    const auto value = take(text, key);
    if (!value) return std::nullopt;
    const auto [end, error] = std::from_chars(value->data(), value->data() + value->size(), state.*member);
    if (error != std::errc{} || end != value->data() + value->size()) return std::nullopt;
  }
  for (std::size_t i = 0; i < kKindCount; ++i) {
    auto value = take(text, kind_text(static_cast<Kind>(i)));
    if (!value) return std::nullopt;
    const bool whole = std::apply([&](auto&... number) { return (take_number(*value, number) && ...); },
                                  numbers_of(state.kinds[i]));
    if (!whole || !value->empty()) return std::nullopt;
  }
  if (take(text, "end") != "." || !text.empty() || state.line == 0) return std::nullopt;
  return state;
}

Result<void> save_state(const std::string& file, const ImportState& state) {
  return replace_text(file, state_text(state));
}

std::optional<ImportState> load_state(const std::string& file) {
  if (!file_exists(file)) return std::nullopt;
  const auto text = read_text(file, kBytesMax);
  return text ? parse_state(*text) : std::nullopt;
}

}  // namespace billing::import

#include "ops/import/state.h"

#include <array>
#include <charconv>
#include <utility>

#include "ops/import/files.h"

namespace billing::import {
namespace {

constexpr std::string_view kFirstLine = "billing import state 1";
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

}  // namespace

std::string state_text(const ImportState& state) {
  std::string out(kFirstLine);
  out += "\nfingerprint " + state.fingerprint + "\nurl " + state.url + '\n';
  for (const auto& [key, member] : kNumbers) {
    out += key;
    out += ' ' + std::to_string(state.*member) + '\n';
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

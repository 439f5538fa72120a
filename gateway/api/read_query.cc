#include "gateway/api/read_query.h"

#include <algorithm>
#include <charconv>
#include <utility>

namespace billing::api {

void Query::refuse_with(Code code, std::string detail) {
  if (!error_) error_ = Error{code, std::move(detail), {}};
}

std::optional<std::string_view> Query::text(std::string_view name) {
  asked_.push_back(name);
  const http::Pair* found = nullptr;
  for (const auto& pair : request_.query) {
    if (pair.first != name) continue;
    if (found != nullptr) {
      refuse_with(Code::kInvalidParameter, std::string(name) + " is given twice.");
      return std::nullopt;
    }
    found = &pair;
  }
  if (found == nullptr) return std::nullopt;
  if (found->second.empty()) {
    refuse_with(Code::kInvalidParameter, std::string(name) + " is empty; leave it out instead.");
    return std::nullopt;
  }
  return found->second;
}

std::optional<Date> Query::date(std::string_view name) {
  const auto given = text(name);
  return given ? take<Date>(Date::parse(*given), name) : std::nullopt;
}

std::optional<std::int32_t> Query::month(std::string_view name) {
  const auto given = text(name);
  return given ? take<std::int32_t>(parse_month(*given), name) : std::nullopt;
}

std::optional<std::uint64_t> Query::number(std::string_view name, std::uint64_t min, std::uint64_t max) {
  const auto given = text(name);
  if (!given) return std::nullopt;
  std::uint64_t value = 0;
  const auto [end, failed] = std::from_chars(given->data(), given->data() + given->size(), value);
  if (failed == std::errc{} && end == given->data() + given->size() && value >= min && value <= max) return value;
  refuse_with(Code::kInvalidParameter, std::string(name) + " must be a whole number from " + std::to_string(min) +
                                           " to " + std::to_string(max) + ".");
  return std::nullopt;
}

std::optional<std::size_t> Query::word(std::string_view name, std::initializer_list<std::string_view> words) {
  const auto given = text(name);
  if (!given) return std::nullopt;
  const auto found = std::ranges::find(words, *given);
  if (found != words.end()) return static_cast<std::size_t>(found - words.begin());
  std::string detail = std::string(name) + " must be one of:";
  for (const auto word : words) detail.append(1, ' ').append(word);
  refuse_with(Code::kInvalidParameter, detail + ".");
  return std::nullopt;
}

std::vector<std::string> Query::words(std::string_view name, std::span<const std::string_view> words) {
  std::vector<std::string> found;
  const auto given = text(name);
  for (std::size_t at = 0; given && at <= given->size();) {
    const std::size_t end = std::min(given->find(',', at), given->size());
    const std::string_view word = given->substr(at, end - at);
    at = end + 1;
    if (std::ranges::find(words, word) != words.end() && std::ranges::find(found, word) == found.end()) {
      found.emplace_back(word);
      continue;
    }
    std::string detail = std::string(name) + " takes some of these, each once, with commas between them:";
    for (const auto one : words) detail.append(1, ' ').append(one);
    refuse_with(Code::kInvalidParameter, detail + ".");
    return {};
  }
  return found;
}

bool Query::flag(std::string_view name) { return word(name, {"false", "true"}).value_or(0) == 1; }

views::PageRequest Query::page() {
  views::PageRequest page;
  page.limit = static_cast<std::size_t>(number("limit", 1, views::kPageMax).value_or(views::kPageDefault));
  page.cursor = text("cursor").value_or(std::string_view());
  return page;
}

views::Scope Query::scope() {
  const auto customer = id<CustomerId>("customer");
  const auto account = id<AccountId>("account");
  const auto grouping = id<GroupingId>("grouping");
  const auto group = id<GroupId>("group");
  const bool subtree = flag("subtree");
  if (!good()) return {};
  const int kinds = (customer ? 1 : 0) + (account ? 1 : 0) + (grouping || group ? 1 : 0);
  if (kinds != 1 || grouping.has_value() != group.has_value()) {
    refuse_with(Code::kInvalidParameter,
                "Say which accounts: customer, or account (with subtree=true all below it too), or grouping and group.");
    return {};
  }
  if (subtree && !account) {
    refuse_with(Code::kInvalidParameter, "subtree=true goes with account only.");
    return {};
  }
  if (customer) return views::Scope::whole(*customer);
  if (account) return subtree ? views::Scope::subtree(*account) : views::Scope::only(*account);
  return views::Scope::of_group(*grouping, *group);
}

bool Query::csv() {
  if (const auto format = word("format", {"json", "csv"})) return *format == 1;
  return request_.header("Accept").find("text/csv") != std::string_view::npos;
}

Result<void> Query::end() {
  for (const auto& [name, value] : request_.query) {
    if (std::ranges::find(asked_, name) != asked_.end()) continue;
    // A misspelt name explains a parameter that seems to be missing.
    if (!error_ || error_->code == Code::kInvalidParameter)
      error_ = Error{Code::kInvalidParameter, "There is no query parameter " + name + " here.", {}};
    break;
  }
  if (error_) return std::unexpected(std::move(*error_));
  return {};
}

}  // namespace billing::api

// Reading the parameters of a GET: each is asked for by name, what nobody asked for is refused, so that a misspelt filter
// does not answer with everything.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/http/message.h"
#include "ledger/base/date.h"
#include "ledger/base/ids.h"
#include "projections/model.h"

namespace billing::api {

// The first refusal sticks and end() returns it; after it every call returns an empty value of its type. Not
// thread-safe; `request` must outlive this.
class Query {
 public:
  explicit Query(const http::Request& request) : request_(request) {}

  // A parameter of the path. Error: kInvalidId.
  template <class AnyId>
  AnyId path_id(std::string_view name) {
    return take<AnyId>(AnyId::parse(request_.param(name)), name).value_or(AnyId{});
  }

  // Parameters of the query; absent ones are nullopt. A parameter that is given twice or empty is refused.
  // Errors: kInvalidParameter, kInvalidId, kInvalidDate.
  std::optional<std::string_view> text(std::string_view name);
  std::optional<Date> date(std::string_view name);
  std::optional<std::int32_t> month(std::string_view name);  // YYYY-MM as Date::month_index()
  std::optional<std::uint64_t> number(std::string_view name, std::uint64_t min, std::uint64_t max);
  bool flag(std::string_view name);  // "true" or "false"; false when absent
  // One of `words`, by its place; nullopt when absent.
  std::optional<std::size_t> word(std::string_view name, std::initializer_list<std::string_view> words);
  // Any of `words`, separated by commas, each once; empty when absent.
  std::vector<std::string> words(std::string_view name, std::span<const std::string_view> words);
  template <class AnyId>
  std::optional<AnyId> id(std::string_view name) {
    const auto given = text(name);
    return given ? take<AnyId>(AnyId::parse(*given), name) : std::nullopt;
  }

  // `limit` and `cursor`.
  views::PageRequest page();
  // Which accounts: `customer`, or `account` (with `subtree=true` all below it too), or `grouping` and `group`.
  views::Scope scope();
  // Whether CSV is wanted: `format=csv`, or an Accept header that names text/csv while there is no `format`.
  bool csv();

  // What is asked for may walk a whole list: it is read among the reports.
  void note_walk() { walks_ = true; }
  bool walks() const { return walks_; }

  bool good() const { return !error_.has_value(); }
  void refuse_with(Code code, std::string detail);
  // Refuses what no call asked for. Last, once.
  Result<void> end();

 private:
  template <class Value>
  std::optional<Value> take(Result<Value> value, std::string_view name) {
    if (value) return *std::move(value);
    refuse_with(value.error().code, std::string(name) + ": " + value.error().detail);
    return std::nullopt;
  }

  const http::Request& request_;
  std::vector<std::string_view> asked_;
  std::optional<Error> error_;
  bool walks_ = false;
};

}  // namespace billing::api

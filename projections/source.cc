#include "projections/source.h"

#include "ledger/codec/codec.h"

namespace billing::views {

Result<codec::Envelope> event_at(const Source& source, Position position) {
  std::optional<Result<codec::Envelope>> event;
  BILLING_TRY(seen, source.log.read(position, 1, [&](const store::Record& record) {
    event = codec::decode(record, source.keys);
    return false;
  }));
  if (seen == 0 || !event) {
    return refuse(Code::kCorruptRecord, "the views speak of position " + std::to_string(position) +
                                            ", which the log does not have");
  }
  return std::move(*event);
}

Error unreadable_row(std::string_view key) {
  return {Code::kStorageFailure, "a row of the views cannot be read; rebuild the views: " + hex(key), {}};
}

Result<std::size_t> page_limit(const PageRequest& page) {
  if (page.limit == 0 || page.limit > kPageMax) {
    return refuse(Code::kInvalidParameter, "the limit must be 1 to " + std::to_string(kPageMax), "/limit");
  }
  return page.limit;
}

Result<VisitedPage> visit_page(const Source& source, std::string_view prefix, const PageRequest& page, bool newest_first,
                               std::string_view day, const VisitRow& visit) {
  BILLING_TRY(limit, page_limit(page));
  const std::string list = std::string(prefix).append(day);
  BILLING_TRY(from, page_from(list, page.cursor));
  const bool reverse = newest_first != from.back;
  std::string begin(prefix), end = prefix_end(prefix);
  if (!from.place.empty()) {
    std::string& bound = reverse ? end : begin;
    bound = std::string(prefix) + from.place;
    if (!reverse) bound.push_back('\0');
  }
  VisitedPage visited{.back = from.back};
  std::size_t taken = 0;
  std::string first, last;  // as they were read
  std::optional<Error> error;
  BILLING_CHECK(source.rows.scan(
      begin, end,
      [&](std::string_view key, std::string_view value) {
        const std::string_view tail = key.substr(prefix.size());
        auto took = visit(tail, value);
        if (!took) {
          error = std::move(took.error());
          return false;
        }
        if (!*took) return true;
        visited.more = taken == limit;
        if (visited.more) return false;
        if (taken++ == 0) first = tail;
        last = tail;
        return true;
      },
      reverse));
  if (error) return std::unexpected(std::move(*error));
  if (from.back) std::swap(first, last);
  visited.ends = page_ends(list, from, visited.more, first, last);
  return visited;
}

}  // namespace billing::views

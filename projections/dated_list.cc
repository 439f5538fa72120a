// Lists by date over any scope (declared in source.h).
#include <algorithm>
#include <map>

#include "projections/rows.h"
#include "projections/scopes.h"
#include "projections/source.h"

namespace billing::views {
namespace {

constexpr std::size_t kPlaceSize = 12;
// More accounts than few (scopes.h) are picked out of the customer's list, which is given up for their own lists after so
// many entries.
constexpr std::size_t kStepsOfSearch = 20'000;

Place place_of(std::string_view bytes) {
  KeyReader reader(bytes, 0);
  const Date date = reader.date();
  return {date, reader.u64()};
}

// Whether an entry of a customer's list is about one of `members`; nullptr: all are wanted.
Result<bool> concerns(std::string_view value, Members* members) {
  if (members == nullptr) return true;
  for (std::size_t i = 16; i + 16 <= value.size(); i += 16) {
    BILLING_TRY(has, members->has(AccountId{Uuid::from_bytes(value.substr(i, 16))}));
    if (has) return true;
  }
  return false;
}

struct Order {
  bool ascending = false;
  bool operator()(const Place& a, const Place& b) const { return ascending ? a < b : b < a; }
};

// Keeps the first entries of several lists, one more than asked for.
class Merge {
 public:
  Merge(const Source& source, const DatedPart& part, const AcceptEntry& accept)
      : source_(source), part_(part), accept_(accept), kept_(Order{part.ascending}) {}

  // Reads on in one list as long as its next entry may be kept; false when it stopped after `steps` entries instead.
  Result<bool> take(const Key& prefix, Members* members, std::size_t steps) {
    const auto [begin, end] = range(prefix);
    if (begin >= end) return true;
    std::optional<Error> error;
    bool stopped = false;
    BILLING_CHECK(source_.rows.scan(
        begin, end,
        [&](std::string_view key, std::string_view value) {
          if (steps-- == 0) {
            stopped = true;
            return false;
          }
          if (value.size() < 16) {
            error = unreadable_row(key);
            return false;
          }
          const Place place = place_of(key.substr(prefix.size()));
          if (full() && !kept_.key_comp()(place, kept_.rbegin()->first)) return false;
          if (kept_.contains(place)) return true;
          const Uuid object = Uuid::from_bytes(value.substr(0, 16));
          auto took = concerns(value, members);
          if (took && *took) took = accept_(place, object);
          if (!took) {
            error = std::move(took.error());
            return false;
          }
          if (!*took) return true;
          if (full()) kept_.erase(std::prev(kept_.end()));
          kept_.emplace(place, object);
          return true;
        },
        !part_.ascending));
    if (error) return std::unexpected(std::move(*error));
    return !stopped;
  }

  DatedEntries entries() const {
    DatedEntries found{.items = {kept_.begin(), kept_.end()}, .more = kept_.size() > part_.limit};
    if (found.more) found.items.pop_back();
    return found;
  }

 private:
  bool full() const { return kept_.size() > part_.limit; }

  std::pair<std::string, std::string> range(const Key& prefix) const {
    std::string begin = prefix.bytes(), end = prefix_end(prefix);
    if (part_.dates.from) begin = Key(prefix).add(*part_.dates.from).bytes();
    if (part_.dates.to && part_.dates.to->days != INT32_MAX) end = Key(prefix).add(part_.dates.to->plus_days(1)).bytes();
    if (part_.not_before) begin = std::max(begin, prefix.bytes() + place_bytes(*part_.not_before));
    if (part_.before) end = std::min(end, prefix.bytes() + place_bytes(*part_.before));
    if (part_.after) {
      const std::string last = prefix.bytes() + place_bytes(*part_.after);
      if (part_.ascending) begin = std::max(begin, last + '\0');
      else end = std::min(end, last);
    }
    return {std::move(begin), std::move(end)};
  }

  const Source& source_;
  const DatedPart& part_;
  const AcceptEntry& accept_;
  std::map<Place, Uuid, Order> kept_;
};

std::string customer_value(const Uuid& object, const std::vector<AccountId>& accounts) {
  std::string value(object.view());
  value.reserve(16 + accounts.size() * 16);
  for (const AccountId& account : accounts) value.append(account.uuid.view());
  return value;
}

}  // namespace

std::string place_bytes(Place place) {
  return Key(Table::kCheckpoint).add(place.date).add(place.position).bytes().substr(1);
}

Result<Place> parse_place(std::string_view bytes) {
  if (bytes.size() != kPlaceSize) return refuse(Code::kInvalidCursor, "use a cursor as it was given", "/cursor");
  return place_of(bytes);
}

void append_dated(Rows& rows, const DatedList& list, CustomerId customer, const std::vector<AccountId>& accounts,
                  Place place, const Uuid& object) {
  for (const AccountId& account : accounts) {
    rows.append(Key(list.of_account).add(account).add(place.date).add(place.position), object.view());
  }
  rows.append(Key(list.of_customer).add(customer).add(place.date).add(place.position),
              customer_value(object, accounts));
}

void drop_dated(Rows& rows, const DatedList& list, CustomerId customer, const std::vector<AccountId>& accounts,
                Place place) {
  for (const AccountId& account : accounts) {
    rows.drop(Key(list.of_account).add(account).add(place.date).add(place.position));
  }
  rows.drop(Key(list.of_customer).add(customer).add(place.date).add(place.position));
}

Result<DatedEntries> dated_part(const Source& source, const DatedList& list, const Scope& scope, Date date,
                                const DatedPart& part, const AcceptEntry& accept) {
  BILLING_TRY(customer, customer_of(source, scope));
  Merge merge(source, part, accept);
  if (scope.kind == ScopeKind::kCustomer) {
    BILLING_CHECK(merge.take(Key(list.of_customer).add(customer), nullptr, SIZE_MAX));
    return merge.entries();
  }
  BILLING_TRY(members, Members::of(source, scope, date));
  if (!members.few()) {
    BILLING_TRY(done, merge.take(Key(list.of_customer).add(customer), &members, kStepsOfSearch));
    if (done) return merge.entries();
  }
  BILLING_TRY(accounts, members.few() ? Result<std::vector<AccountId>>(*members.few()) : accounts_of(source, scope, date));
  for (const AccountId& account : accounts) {
    BILLING_CHECK(merge.take(Key(list.of_account).add(account), nullptr, SIZE_MAX));
  }
  return merge.entries();
}

Result<Page<std::pair<Place, Uuid>>> dated_page(const Source& source, const DatedList& list, const Scope& scope,
                                                Date date, const PageRequest& request, const AcceptEntry& accept) {
  DatedPart part;
  BILLING_TRY(limit, page_limit(request));
  part.limit = limit;
  BILLING_TRY(last, cursor_place(Key(list.of_customer), request.cursor));
  if (!last.empty()) {
    BILLING_TRY(place, parse_place(last));
    part.after = place;
  }
  BILLING_TRY(entries, dated_part(source, list, scope, date, part, accept));
  Page<std::pair<Place, Uuid>> page{.items = std::move(entries.items), .next = {}};
  if (entries.more) page.next = cursor_text(Key(list.of_customer), place_bytes(page.items.back().first));
  return page;
}

}  // namespace billing::views

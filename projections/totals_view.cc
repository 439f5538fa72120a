#include "projections/totals_view.h"

#include <bit>
#include <cstring>

namespace billing::views {
namespace {

static_assert(std::endian::native == std::endian::little, "rows of totals are stored as little-endian words");
static_assert(sizeof(Totals) == 5 * sizeof(std::int64_t));
constexpr std::size_t kOwnAt = 24, kSubtreeAt = kOwnAt + sizeof(Totals), kSize = kSubtreeAt + sizeof(Totals);

Key row_key(AccountId id) { return Key(Table::kTotals).add(id); }

Totals totals_at(std::string_view bytes, std::size_t offset) {
  Totals totals;
  std::memcpy(&totals, bytes.data() + offset, sizeof totals);
  return totals;
}

void add_at(std::string& bytes, std::size_t offset, const Totals& difference) {
  Totals totals = totals_at(bytes, offset);
  add_to(totals, difference);
  std::memcpy(bytes.data() + offset, &totals, sizeof totals);
}

// The row to change in place, or nullptr (and the rows are damaged).
std::string* edit_row(Rows& rows, AccountId id) {
  const Key key = row_key(id);
  std::string& bytes = rows.edit(key);
  if (bytes.size() == kSize) return &bytes;
  rows.damaged(key);
  return nullptr;
}

AccountId parent_of(std::string_view bytes) { return {Uuid::from_bytes(bytes.substr(0, 16))}; }

// Adds the difference to the subtree sums of `id` and everything above it.
void add_up_chain(Rows& rows, AccountId id, const Totals& difference) {
  for (int depth = 0; !id.nil() && depth <= 2 * kHierarchyDepthMax; ++depth) {
    std::string* bytes = edit_row(rows, id);
    if (bytes == nullptr) return;
    add_at(*bytes, kSubtreeAt, difference);
    id = parent_of(*bytes);
  }
}

void count_child(Rows& rows, AccountId parent, std::int64_t by) {
  std::string* bytes = parent.nil() ? nullptr : edit_row(rows, parent);
  if (bytes == nullptr) return;
  std::int64_t children = 0;
  std::memcpy(&children, bytes->data() + 16, sizeof children);
  children += by;
  std::memcpy(bytes->data() + 16, &children, sizeof children);
}

Totals negated(const Totals& totals) {
  return {-totals.billed, -totals.credited, -totals.paid, -totals.open, -totals.unapplied};
}

void move(const hierarchy::Moved& moved, Rows& rows) {
  std::string* bytes = edit_row(rows, moved.account);
  if (bytes == nullptr) return;
  const Totals subtree = totals_at(*bytes, kSubtreeAt);
  const AccountId from = parent_of(*bytes), to = moved.new_parent.value_or(AccountId{});
  std::memcpy(bytes->data(), to.uuid.bytes.data(), 16);
  add_up_chain(rows, from, negated(subtree));
  count_child(rows, from, -1);
  add_up_chain(rows, to, subtree);
  count_child(rows, to, 1);
}

// The differences of one event by account; few accounts, so a list.
class Differences {
 public:
  Totals& of(AccountId account) {
    for (auto& [id, totals] : list_) {
      if (id == account) return totals;
    }
    return list_.emplace_back(account, Totals{}).second;
  }
  void apply_to(Rows& rows) const {
    for (const auto& [account, difference] : list_) {
      std::string* bytes = edit_row(rows, account);
      if (bytes == nullptr) return;
      add_at(*bytes, kOwnAt, difference);
      add_up_chain(rows, account, difference);
    }
  }

 private:
  std::vector<std::pair<AccountId, Totals>> list_;
};

}  // namespace

void add_to(Totals& sum, const Totals& difference) {
  sum.billed += difference.billed;
  sum.credited += difference.credited;
  sum.paid += difference.paid;
  sum.open += difference.open;
  sum.unapplied += difference.unapplied;
}

std::string totals_bytes(const TotalsRow& row) {
  std::string bytes(kSize, '\0');
  std::memcpy(bytes.data(), row.parent.uuid.bytes.data(), 16);
  std::memcpy(bytes.data() + 16, &row.children, 8);
  std::memcpy(bytes.data() + kOwnAt, &row.own, sizeof row.own);
  std::memcpy(bytes.data() + kSubtreeAt, &row.subtree, sizeof row.subtree);
  return bytes;
}

bool parse_totals(std::string_view bytes, TotalsRow& row) {
  if (bytes.size() != kSize) return false;
  row.parent = parent_of(bytes);
  std::memcpy(&row.children, bytes.data() + 16, 8);
  row.own = totals_at(bytes, kOwnAt);
  row.subtree = totals_at(bytes, kSubtreeAt);
  return true;
}

void totals::apply(const codec::Envelope& event, Rows& rows) {
  if (const auto* opened = std::get_if<account::Opened>(&event.event)) {
    const AccountId parent = opened->parent.value_or(AccountId{});
    rows.create(row_key(opened->id)) = totals_bytes({.parent = parent});
    return count_child(rows, parent, 1);
  }
  if (const auto* moved = std::get_if<hierarchy::Moved>(&event.event)) return move(*moved, rows);
  Differences differences;
  for (const Posting& posting : event.postings) {
    if (!posting.account) continue;
    if (posting.ledger == Ledger::kReceivables) differences.of(*posting.account).open += posting.amount;
    if (posting.ledger == Ledger::kUnappliedCredit) differences.of(*posting.account).unapplied -= posting.amount;
  }
  if (const auto* issued = std::get_if<invoice::Issued>(&event.event)) {
    for (const Share& share : issued->shares) differences.of(share.account).billed += share.amount;
  }
  if (const auto* note = std::get_if<credit_note::Issued>(&event.event)) {
    for (const Line& line : note->lines) differences.of(line.service_account).credited += line.net + tax_of(line);
  }
  if (const auto* paid = std::get_if<payment::Recorded>(&event.event)) {
    differences.of(paid->account).paid += paid->amount;
  }
  differences.apply_to(rows);
}

Result<TotalsRow> account_totals(const Source& source, AccountId id) {
  const Key key = row_key(id);
  BILLING_TRY(bytes, source.rows.get(key));
  if (!bytes) return refuse(Code::kUnknownAccount, "there is no account " + id.text());
  TotalsRow row;
  if (!parse_totals(*bytes, row)) return std::unexpected(unreadable_row(key));
  return row;
}

Result<std::vector<AccountId>> read_ancestors(const Source& source, AccountId id) {
  std::vector<AccountId> ancestors;
  BILLING_TRY(row, account_totals(source, id));
  while (!row.parent.nil() && ancestors.size() <= 2 * kHierarchyDepthMax) {
    ancestors.push_back(row.parent);
    BILLING_TRY(above, account_totals(source, row.parent));
    row = above;
  }
  return ancestors;
}

}  // namespace billing::views

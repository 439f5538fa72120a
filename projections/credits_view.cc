#include "projections/credits_view.h"

#include <algorithm>

#include "projections/accounts_view.h"
#include "projections/customers_view.h"
#include "projections/money_flow.h"
#include "projections/payments_view.h"

namespace billing::views {
namespace {

constexpr DatedList kNotes{Table::kCreditNoteOfAccount, Table::kCreditNoteOfCustomer};

Key holder_key(const Uuid& source, AccountId account) { return Key(Table::kCreditHolder).add(source).add(account); }
Key queue_key(AccountId account, Date date, const Uuid& source) {
  return Key(Table::kCreditOfAccount).add(account).add(date).add(source);
}

void add_note(const codec::Envelope& event, const credit_note::Issued& note, Rows& rows) {
  rows.save_new(credit_note_key(note.id.uuid), CreditNoteRow{.customer = event.customer,
                                                             .document_date = note.document_date,
                                                             .unapplied = 0,
                                                             .position = event.position});
  std::vector<AccountId> accounts{note.account};
  for (const Line& line : note.lines) {
    if (std::ranges::find(accounts, line.service_account) == accounts.end()) accounts.push_back(line.service_account);
  }
  append_dated(rows, kNotes, event.customer, accounts, {note.document_date, event.position}, note.id.uuid);
}

// Changes what is left of the source by `amount`; returns the source's date.
template <class Row>
std::optional<Date> change_source(Rows& rows, const Key& key, std::int64_t amount, Date Row::* date) {
  auto row = rows.load<Row>(key);
  if (!row) {
    rows.damaged(key);
    return std::nullopt;
  }
  row->unapplied += amount;
  rows.save(key, *row);
  return (*row).*date;
}

// The event that brings a source into being is known from the source's row.
bool makes(const Event& event, const Uuid& source) {
  if (const auto* paid = std::get_if<payment::Recorded>(&event)) return paid->id.uuid == source;
  if (const auto* note = std::get_if<credit_note::Issued>(&event)) return note->id.uuid == source;
  return false;
}

void change_holder(const codec::Envelope& event, const CreditChange& change, Date date, Rows& rows) {
  const Key key = holder_key(change.source_id, change.account);
  const Key place = queue_key(change.account, date, change.source_id);
  if (makes(event.event, change.source_id)) rows.not_stored(key);
  auto row = rows.load<CreditHolderRow>(key);
  if (!row) {
    row = CreditHolderRow{.customer = event.customer};
    rows.append(place, std::string(1, static_cast<char>(change.source)));
  }
  row->amount += change.amount;
  if (row->amount != 0) return rows.save(key, *row);
  rows.erase(key);
  rows.drop(place);
}

void change_credit(const codec::Envelope& event, const CreditChange& change, Rows& rows) {
  if (change.amount == 0) return;
  const auto date = change.source == CreditSource::kPayment
                        ? change_source(rows, payment_key(change.source_id), change.amount, &PaymentRow::date)
                        : change_source(rows, credit_note_key(change.source_id), change.amount,
                                        &CreditNoteRow::document_date);
  if (date) change_holder(event, change, *date, rows);
}

void hold(const receivables::CreditHeld& held, Rows& rows) {
  const Key key = holder_key(held.source_id, held.account);
  auto row = rows.load<CreditHolderRow>(key);
  if (!row) return rows.damaged(key);
  row->held = held.held;
  rows.save(key, *row);
}

CreditNote present(const CreditNoteRow& row, const credit_note::Issued& note) {
  return {.id = note.id,
          .customer = row.customer,
          .account = note.account,
          .invoice = note.invoice,
          .series = note.series,
          .number = note.number,
          .reason = note.reason,
          .external_id = note.external_id,
          .document_date = note.document_date,
          .posting_date = note.posting_date,
          .currency = note.currency,
          .net = note.net,
          .tax = note.tax,
          .total = note.total,
          .unapplied = row.unapplied,
          .version = 1,  // an issued note never changes
          .position = row.position};
}

struct Loaded {
  CreditNoteRow row;
  codec::Envelope event;
  const credit_note::Issued& note() const { return std::get<credit_note::Issued>(event.event); }
};
Result<Loaded> load_note(const Source& source, CreditNoteId id) {
  const Key key = credit_note_key(id.uuid);
  BILLING_TRY(row, row_at<CreditNoteRow>(source, key));
  if (!row) return refuse(Code::kUnknownCreditNote, "there is no credit note " + id.text());
  BILLING_TRY(event, event_at(source, row->position));
  if (!std::holds_alternative<credit_note::Issued>(event.event)) return std::unexpected(unreadable_row(key));
  return Loaded{*row, std::move(event)};
}

}  // namespace

void credits::apply(const codec::Envelope& event, Rows& rows) {
  if (const auto* note = std::get_if<credit_note::Issued>(&event.event)) add_note(event, *note, rows);
  if (const auto* held = std::get_if<receivables::CreditHeld>(&event.event)) return hold(*held, rows);
  for (const CreditChange& change : credit_changes(event.event)) change_credit(event, change, rows);
  for (const AllocationChange& change : allocation_changes(event.event)) {
    if (change.source == AllocationSource::kWriteOff || change.allocations->empty()) continue;
    if (makes(event.event, change.source_id)) continue;
    rows.append(Key(Table::kUsed).add(change.source_id).add(event.position), {});
  }
}

void add_used(const codec::Envelope& event, const Uuid& id, std::vector<UsedCredit>& used) {
  for (const AllocationChange& change : allocation_changes(event.event)) {
    if (change.source_id != id) continue;
    for (const Allocation& allocation : *change.allocations) {
      used.push_back({.invoice = allocation.invoice,
                      .account = allocation.account,
                      .amount = -change.open_change(allocation),
                      .event = std::string(event_type(event.event)),
                      .posting_date = event.posting_date.value_or(event.recorded.date()),
                      .position = event.position});
    }
  }
}

Result<std::vector<UsedCredit>> read_used(const Source& source, const codec::Envelope& made, const Uuid& id) {
  std::vector<UsedCredit> used;
  add_used(made, id, used);
  std::vector<Position> positions;
  const Key prefix = Key(Table::kUsed).add(id);
  BILLING_CHECK(source.rows.scan(prefix, prefix_end(prefix), [&](std::string_view key, std::string_view) {
    positions.push_back(KeyReader(key, prefix.size()).u64());
    return true;
  }));
  for (const Position position : positions) {
    BILLING_TRY(event, event_at(source, position));
    add_used(event, id, used);
  }
  return used;
}

Result<std::vector<CreditHolder>> read_holders(const Source& source, const Uuid& source_id) {
  std::vector<CreditHolder> holders;
  std::optional<Error> error;
  const Key prefix = Key(Table::kCreditHolder).add(source_id);
  BILLING_CHECK(source.rows.scan(prefix, prefix_end(prefix), [&](std::string_view key, std::string_view value) {
    const auto row = parse_row<CreditHolderRow>(value);
    if (!row) {
      error = unreadable_row(key);
      return false;
    }
    holders.push_back({KeyReader(key, prefix.size()).id<AccountId>(), row->amount, row->held});
    return true;
  }));
  if (error) return std::unexpected(std::move(*error));
  return holders;
}

Result<Page<HeldCredit>> list_credits(const Source& source, AccountId account, const PageRequest& request) {
  BILLING_TRY(known, find_account(source, account));
  BILLING_TRY(currency, currency_of(source, known.customer));
  Page<HeldCredit> page;
  BILLING_TRY(next, page_of(source, Key(Table::kCreditOfAccount).add(account), request, false,
                            [&](std::string_view tail, std::string_view value) -> Result<bool> {
    KeyReader reader(tail, 0);
    const Date date = reader.date();
    const Uuid id = Uuid::from_bytes(reader.take(16));
    BILLING_TRY(row, row_at<CreditHolderRow>(source, holder_key(id, account)));
    if (!row || value.size() != 1) return std::unexpected(unreadable_row(tail));
    page.items.push_back({.account = account,
                          .source = static_cast<CreditSource>(value.front()),
                          .source_id = id,
                          .date = date,
                          .amount = row->amount,
                          .held = row->held,
                          .currency = currency});
    return true;
  }));
  page.next = std::move(next);
  return page;
}

Result<Page<CreditNote>> list_credit_notes(const Source& source, const Scope& scope, Date today,
                                           const PageRequest& request) {
  const auto accept = [](Place, const Uuid&) -> Result<bool> { return true; };
  BILLING_TRY(entries, dated_page(source, kNotes, scope, today, request, accept));
  Page<CreditNote> page{.items = {}, .next = std::move(entries.next)};
  for (const auto& [place, object] : entries.items) {
    BILLING_TRY(found, load_note(source, CreditNoteId{object}));
    page.items.push_back(present(found.row, found.note()));
  }
  return page;
}

Result<CreditNoteDetail> read_credit_note(const Source& source, CreditNoteId id) {
  BILLING_TRY(found, load_note(source, id));
  CreditNoteDetail detail{
      .credit_note = present(found.row, found.note()), .lines = found.note().lines, .used = {}, .holders = {}};
  BILLING_TRY(used, read_used(source, found.event, id.uuid));
  detail.used = std::move(used);
  BILLING_TRY(holders, read_holders(source, id.uuid));
  detail.holders = std::move(holders);
  return detail;
}

}  // namespace billing::views

#include "projections/credits_view.h"

#include <algorithm>

#include "projections/accounts_view.h"
#include "projections/customers_view.h"
#include "projections/invoices_view.h"
#include "projections/listing.h"
#include "projections/money_flow.h"
#include "projections/payers_view.h"
#include "projections/payments_view.h"
#include "projections/scopes.h"

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
                                                             .credit = {},
                                                             .position = event.position});
  std::vector<AccountId> accounts{note.account};
  for (const Line& line : note.lines) {
    if (std::ranges::find(accounts, line.service_account) == accounts.end()) accounts.push_back(line.service_account);
  }
  append_dated(rows, kNotes, event.customer, accounts, {note.document_date, event.position}, note.id.uuid);
}

// Changes what is left of the source by `amount` on a day; returns the source's date.
template <class Row>
std::optional<Date> change_source(Rows& rows, const Key& key, Date day, std::int64_t amount, Date Row::* date) {
  auto row = rows.load<Row>(key);
  if (!row) {
    rows.damaged(key);
    return std::nullopt;
  }
  row->unapplied += amount;
  add_change(row->credit, day, amount);
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
  if (!row) row = CreditHolderRow{.customer = event.customer};
  if (row->amount == 0) rows.append(place, std::string(1, static_cast<char>(change.source)));
  row->amount += change.amount;
  add_change(row->by_day, day_of(event), change.amount);
  payers::hold(rows, event.customer, change.account, change.amount, row->held ? change.amount : 0);
  if (row->amount == 0) {
    row->held = false;
    rows.drop(place);
  }
  rows.save(key, *row);
}

void change_credit(const codec::Envelope& event, const CreditChange& change, Rows& rows) {
  if (change.amount == 0) return;
  const auto date = change.source == CreditSource::kPayment
                        ? change_source(rows, payment_key(change.source_id), day_of(event), change.amount, &PaymentRow::date)
                        : change_source(rows, credit_note_key(change.source_id), day_of(event), change.amount,
                                        &CreditNoteRow::document_date);
  if (date) change_holder(event, change, *date, rows);
}

void hold(const receivables::CreditHeld& held, Rows& rows) {
  const Key key = holder_key(held.source_id, held.account);
  auto row = rows.load<CreditHolderRow>(key);
  if (!row) return rows.damaged(key);
  if (row->held != held.held) {
    payers::hold(rows, row->customer, held.account, 0, held.held ? row->amount : -row->amount);
  }
  row->held = held.held;
  rows.save(key, *row);
}

CreditNote present(const CreditNoteRow& row, const credit_note::Issued& note) {
  return {.id = note.id,
          .customer = row.customer,
          .account = note.account,
          .names = {},
          .invoice = note.invoice,
          .invoice_number = {},
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

Result<void> add_names(const Source& source, CreditNote& note) {
  BILLING_TRY(names, names_of(source, note.account, note.position));
  note.names = std::move(names);
  if (!note.invoice) return {};
  BILLING_TRY(invoice, find_invoice(source, *note.invoice));
  note.invoice_number = std::move(invoice.number);
  return {};
}

Listed<CreditNote> listed_notes(const Source& source, const ListQuery& query) {
  return {.list = kNotes,
          .find = [&source, &query](const Uuid& object) -> Result<std::optional<CreditNote>> {
            BILLING_TRY(found, load_note(source, CreditNoteId{object}));
            if (query.as_of && found.note().posting_date > *query.as_of) return std::nullopt;
            if (query.as_of) found.row.unapplied = amount_at(found.row.credit, *query.as_of);
            return present(found.row, found.note());
          },
          .wanted = [&source, &query](const CreditNote& one) -> Result<bool> {
            if (!query.posting.has(one.posting_date)) return false;
            if (query.text.empty() || any_begins_with({one.number}, query.text)) return true;
            BILLING_TRY(names, names_of(source, one.account, one.position));
            return any_begins_with({names.number, names.name}, query.text);
          },
          .key = [&source, &query](const CreditNote& one) -> Result<std::string> {
            if (query.sort == SortBy::kNumber) return natural_key(one.number);
            if (query.sort == SortBy::kAmount) return amount_key(one.total);
            if (query.sort == SortBy::kOpen) return amount_key(one.unapplied);
            if (query.sort != SortBy::kAccountName) return std::string();
            BILLING_TRY(names, names_of(source, one.account, one.position));
            return natural_key(names.name);
          },
          .complete = [&source](CreditNote& one) { return add_names(source, one); },
          .amounts = [](const CreditNote& one) { return std::pair(one.total, one.unapplied); }};
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
                      .posting_date = day_of(event),
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
  for (UsedCredit& one : used) {
    BILLING_TRY(invoice, find_invoice(source, one.invoice));
    one.invoice_number = std::move(invoice.number);
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
    if (row->amount != 0) holders.push_back({KeyReader(key, prefix.size()).id<AccountId>(), row->amount, row->held});
    return true;
  }));
  if (error) return std::unexpected(std::move(*error));
  return holders;
}

Result<std::int64_t> held_at(const Source& source, AccountId account, Date date) {
  std::int64_t held = 0;
  std::optional<Error> error;
  const Key prefix = Key(Table::kCreditOfAccount).add(account);
  BILLING_CHECK(source.rows.scan(prefix, prefix_end(prefix), [&](std::string_view key, std::string_view) {
    KeyReader reader(key, prefix.size());
    (void)reader.date();
    const Key holder = holder_key(Uuid::from_bytes(reader.take(16)), account);
    const auto row = row_at<CreditHolderRow>(source, holder);
    if (!row || !*row) {
      error = row ? unreadable_row(holder) : row.error();
      return false;
    }
    if ((*row)->held) held += amount_at((*row)->by_day, date);
    return true;
  }));
  if (error) return std::unexpected(std::move(*error));
  return held;
}

Result<Page<HeldCredit>> list_credits(const Source& source, AccountId account, const PageRequest& request) {
  BILLING_TRY(known, find_account(source, account));
  BILLING_TRY(currency, currency_of(source, known.customer));
  Page<HeldCredit> page;
  BILLING_CHECK(page_of(source, Key(Table::kCreditOfAccount).add(account), request, false, page,
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
  return page;
}

Result<Page<CreditNote>> list_credit_notes(const Source& source, const ListQuery& query) {
  return list_page(source, query, listed_notes(source, query));
}

Result<ListSums> sum_credit_notes(const Source& source, const ListQuery& query) {
  BILLING_TRY(customer, customer_of(source, query.scope));
  BILLING_TRY(currency, currency_of(source, customer));
  return list_sums(source, query, currency, listed_notes(source, query));
}

Result<CreditNoteDetail> read_credit_note(const Source& source, CreditNoteId id) {
  BILLING_TRY(found, load_note(source, id));
  CreditNoteDetail detail{
      .credit_note = present(found.row, found.note()), .lines = found.note().lines, .used = {}, .holders = {}};
  BILLING_CHECK(add_names(source, detail.credit_note));
  BILLING_TRY(used, read_used(source, found.event, id.uuid));
  detail.used = std::move(used);
  BILLING_TRY(holders, read_holders(source, id.uuid));
  detail.holders = std::move(holders);
  return detail;
}

}  // namespace billing::views

#include "projections/credits_view.h"

#include <algorithm>

#include "projections/invoices_view.h"

namespace billing::views {
namespace {

constexpr DatedList kNotes{Table::kCreditNoteOfAccount, Table::kCreditNoteOfCustomer};
constexpr DatedList kPayments{Table::kPaymentOfAccount, Table::kPaymentOfCustomer};

Key note_key(const Uuid& id) { return Key(Table::kCreditNote).add(id); }
Key payment_key(const Uuid& id) { return Key(Table::kPayment).add(id); }

void add_note(const codec::Envelope& event, const credit_note::Issued& note, Rows& rows) {
  CreditRow row{.customer = event.customer, .account = note.account, .position = event.position,
                .version = event.version};
  for (const Share& share : note.unapplied) row.unapplied += share.amount;
  rows.save_new(note_key(note.id.uuid), row);
  std::vector<AccountId> accounts{note.account};
  for (const Line& line : note.lines) {
    if (std::find(accounts.begin(), accounts.end(), line.service_account) == accounts.end()) {
      accounts.push_back(line.service_account);
    }
  }
  append_dated(rows, kNotes, event.customer, accounts, {note.document_date, event.position}, note.id.uuid);
}

void add_payment(const codec::Envelope& event, const payment::Recorded& paid, Rows& rows) {
  rows.save_new(payment_key(paid.id.uuid), CreditRow{.customer = event.customer,
                                                     .account = paid.account,
                                                     .unapplied = paid.unapplied,
                                                     .position = event.position,
                                                     .version = event.version});
  append_dated(rows, kPayments, event.customer, {paid.account}, {paid.received_on, event.position}, paid.id.uuid);
}

void use_credit(const codec::Envelope& event, const receivables::CreditApplied& applied, Rows& rows) {
  const Key key = applied.source == CreditSource::kPayment ? payment_key(applied.source_id)
                                                           : note_key(applied.source_id);
  auto row = rows.load<CreditRow>(key);
  if (!row) return rows.damaged(key);
  for (const Allocation& allocation : applied.allocations) row->unapplied -= allocation.amount;
  rows.save(key, *row);
  rows.append(Key(Table::kUsed).add(applied.source_id).add(event.position), {});
}

void add_used(const codec::Envelope& event, std::vector<UsedCredit>& used) {
  const auto use = credit_use(event.event);
  if (!use) return;
  for (const Allocation& allocation : *use->allocations) {
    used.push_back({.invoice = allocation.invoice,
                    .account = allocation.account,
                    .amount = allocation.amount,
                    .posting_date = event.posting_date.value_or(event.recorded.date()),
                    .position = event.position});
  }
}

Result<void> read_used(const Source& source, const codec::Envelope& made, const Uuid& id,
                       std::vector<UsedCredit>& used) {
  add_used(made, used);
  std::vector<Position> positions;
  const Key prefix = Key(Table::kUsed).add(id);
  BILLING_CHECK(source.rows.scan(prefix, prefix_end(prefix), [&](std::string_view key, std::string_view) {
    positions.push_back(KeyReader(key, prefix.size()).u64());
    return true;
  }));
  for (const Position position : positions) {
    BILLING_TRY(event, event_at(source, position));
    add_used(event, used);
  }
  return {};
}

CreditNote present(const CreditRow& row, const credit_note::Issued& note) {
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
          .version = row.version,
          .position = row.position};
}

Payment present(const CreditRow& row, const payment::Recorded& paid) {
  return {.id = paid.id,
          .customer = row.customer,
          .account = paid.account,
          .amount = paid.amount,
          .unapplied = row.unapplied,
          .currency = paid.currency,
          .method = paid.method,
          .reference = paid.reference,
          .external_id = paid.external_id,
          .received_on = paid.received_on,
          .posting_date = paid.posting_date,
          .version = row.version,
          .position = row.position};
}

// A credit's row and the event that made it.
template <class Made>
struct Loaded {
  CreditRow row;
  codec::Envelope event;
  const Made& made() const { return std::get<Made>(event.event); }
};
template <class Made>
Result<Loaded<Made>> load(const Source& source, const Key& key, Error unknown) {
  BILLING_TRY(row, row_at<CreditRow>(source, key));
  if (!row) return std::unexpected(std::move(unknown));
  BILLING_TRY(event, event_at(source, row->position));
  if (!std::holds_alternative<Made>(event.event)) return std::unexpected(unreadable_row(key));
  return Loaded<Made>{*row, std::move(event)};
}
Result<Loaded<credit_note::Issued>> load_note(const Source& source, CreditNoteId id) {
  return load<credit_note::Issued>(source, note_key(id.uuid),
                                   {Code::kUnknownCreditNote, "there is no credit note " + id.text(), {}});
}
Result<Loaded<payment::Recorded>> load_payment(const Source& source, PaymentId id) {
  return load<payment::Recorded>(source, payment_key(id.uuid),
                                 {Code::kUnknownPayment, "there is no payment " + id.text(), {}});
}

Result<bool> accept_all(Place, const Uuid&) { return true; }

}  // namespace

void credits::apply(const codec::Envelope& event, Rows& rows) {
  if (const auto* note = std::get_if<credit_note::Issued>(&event.event)) return add_note(event, *note, rows);
  if (const auto* paid = std::get_if<payment::Recorded>(&event.event)) return add_payment(event, *paid, rows);
  if (const auto* used = std::get_if<receivables::CreditApplied>(&event.event)) use_credit(event, *used, rows);
}

Result<Page<CreditNote>> list_credit_notes(const Source& source, const Scope& scope, Date today,
                                           const PageRequest& request) {
  BILLING_TRY(entries, dated_page(source, kNotes, scope, today, request, accept_all));
  Page<CreditNote> page{.items = {}, .next = std::move(entries.next)};
  for (const auto& [place, object] : entries.items) {
    BILLING_TRY(found, load_note(source, CreditNoteId{object}));
    page.items.push_back(present(found.row, found.made()));
  }
  return page;
}

Result<CreditNoteDetail> read_credit_note(const Source& source, CreditNoteId id) {
  BILLING_TRY(found, load_note(source, id));
  CreditNoteDetail detail{.credit_note = present(found.row, found.made()), .lines = found.made().lines, .used = {}};
  BILLING_CHECK(read_used(source, found.event, id.uuid, detail.used));
  return detail;
}

Result<Page<Payment>> list_payments(const Source& source, const Scope& scope, Date today, const PageRequest& request) {
  BILLING_TRY(entries, dated_page(source, kPayments, scope, today, request, accept_all));
  Page<Payment> page{.items = {}, .next = std::move(entries.next)};
  for (const auto& [place, object] : entries.items) {
    BILLING_TRY(found, load_payment(source, PaymentId{object}));
    page.items.push_back(present(found.row, found.made()));
  }
  return page;
}

Result<PaymentDetail> read_payment(const Source& source, PaymentId id) {
  BILLING_TRY(found, load_payment(source, id));
  PaymentDetail detail{.payment = present(found.row, found.made()), .used = {}};
  BILLING_CHECK(read_used(source, found.event, id.uuid, detail.used));
  return detail;
}

}  // namespace billing::views

// Invoices: a row each, lists by account and customer, numbers, the credit applied to them, and their disputes.
#pragma once

#include "projections/days.h"
#include "projections/figures_view.h"
#include "projections/model.h"
#include "projections/rows.h"
#include "projections/source.h"

namespace billing::views {

struct ShareRow {
  AccountId account{};
  std::int64_t net = 0;
  std::int64_t tax = 0;
  std::int64_t total = 0;
  std::int64_t open = 0;
  static void fields(auto& row, auto& archive) { archive(row.account, row.net, row.tax, row.total, row.open); }
};

// What was taken off what is open on a day, and by what; put on again when negative. One entry for each day and source.
struct Reduction {
  Date day{};
  AllocationSource source = AllocationSource::kPayment;
  std::int64_t amount = 0;
  static void fields(auto& row, auto& archive) { archive(row.day, row.source, row.amount); }
};
struct DisputedDays {
  DisputeId id{};
  Days days{};
  std::int64_t amount = 0;
  static void fields(auto& row, auto& archive) { archive(row.id, row.days, row.amount); }
};

struct InvoiceRow {
  CustomerId customer{};
  AccountId account{};  // the owner
  AccountId payer{};
  std::string account_name{};  // set at issue
  invoice::Phase phase = invoice::Phase::kDraft;
  invoice::Kind kind = invoice::Kind::kAdHoc;
  std::optional<InvoiceId> about{};
  std::string cycle{};
  std::string series{};
  std::string number{};
  Date document_date{};
  Date posting_date{};
  Date due_date{};
  std::int64_t net = 0;
  std::int64_t tax = 0;
  std::int64_t total = 0;
  std::int64_t open = 0;
  std::int64_t paid = 0;
  std::int64_t credited = 0;
  std::int64_t written_off = 0;
  std::int64_t disputed = 0;
  std::optional<DisputeId> dispute{};  // the open one
  bool was_disputed = false;           // now or once
  std::uint32_t line_count = 0;
  std::string purchase_order{};
  std::string memo{};
  std::string external_id{};
  std::uint64_t address_version = 0;
  std::uint64_t version = 0;
  Position position = 0;
  Position voided = 0;  // of the event that made it void
  Date ended_on{};      // the day on which it was made void or discarded
  std::vector<Reduction> reductions{};
  std::vector<DisputedDays> disputes{};
  Date listed_date{};   // its place in the lists
  Position listed_position = 0;
  std::vector<Position> line_positions{};  // of the events that carry its lines
  std::vector<ShareRow> shares{};          // of a draft as far as its lines go
  static void fields(auto& row, auto& archive) {
    archive(row.customer, row.account, row.payer, row.account_name, row.phase, row.kind, row.about, row.cycle,
            row.series, row.number, row.document_date, row.posting_date, row.due_date, row.net, row.tax, row.total,
            row.open, row.paid, row.credited, row.written_off, row.disputed, row.dispute, row.was_disputed, row.line_count,
            row.purchase_order, row.memo, row.external_id, row.address_version, row.version, row.position, row.voided,
            row.ended_on, row.reductions, row.disputes, row.listed_date, row.listed_position, row.line_positions, row.shares);
  }
};
// The account's share; a new one, with nothing on it, when it has none yet.
ShareRow& share_of(InvoiceRow& row, AccountId account);
// The sum of what the source reduced it by.
std::int64_t& reduced_by(InvoiceRow& row, AllocationSource source);

struct DisputeRow {
  InvoiceId invoice{};
  AccountId account{};
  CustomerId customer{};
  std::int64_t amount = 0;
  Position position = 0;  // of the event that opened it; its texts are there
  std::optional<Date> closed_on{};
  std::optional<dispute::Outcome> outcome{};
  std::uint64_t version = 0;
  static void fields(auto& row, auto& archive) {
    archive(row.invoice, row.account, row.customer, row.amount, row.position, row.closed_on, row.outcome, row.version);
  }
};

namespace invoices {
// What payers owe goes to `figures`.
void apply(const codec::Envelope& event, Rows& rows, FigureChanges& figures);
}
inline Key invoice_key(InvoiceId id) { return Key(Table::kInvoice).add(id); }

// Of every invoice that an account of the scope owns, pays or has a share of.
Result<Page<Invoice>> list_invoices(const Source& source, const ListQuery& query);
Result<ListSums> sum_invoices(const Source& source, const ListQuery& query);
// Its lines as they stand on it: what a draft was given, with the taxes that its issue computed.
Result<std::vector<Line>> read_invoice_lines(const Source& source, const InvoiceRow& row);
// Error: kUnknownInvoice.
Result<InvoiceRow> find_invoice(const Source& source, InvoiceId id);
// The positions in the keys under a prefix, with the rows' values.
Result<std::vector<std::pair<Position, std::string>>> positions_under(const Source& source, const Key& prefix);
Result<Invoice> read_invoice_head(const Source& source, InvoiceId id, Date today);
Result<InvoiceDetail> read_invoice(const Source& source, InvoiceId id, Date today);
Result<std::vector<Invoice>> read_invoices_by_number(const Source& source, CustomerId customer,
                                                     std::string_view number, Date today,
                                                     const std::optional<Date>& as_of);
Result<Dispute> read_dispute(const Source& source, DisputeId id);
Result<Page<Dispute>> list_disputes(const Source& source, CustomerId customer, const std::optional<Date>& as_of,
                                    const PageRequest& page);

}  // namespace billing::views

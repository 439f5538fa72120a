// Invoices: a row each, lists by account and customer, numbers, the credit applied to them, and their disputes.
#pragma once

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

struct InvoiceRow {
  CustomerId customer{};
  AccountId account{};
  std::string account_name{};  // set at issue
  invoice::Phase phase = invoice::Phase::kDraft;
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
  std::int64_t disputed = 0;
  std::optional<DisputeId> dispute{};  // the open one
  std::uint32_t line_count = 0;
  std::string purchase_order{};
  std::string memo{};
  std::string external_id{};
  std::uint64_t version = 0;
  Position position = 0;
  Date listed_date{};  // its place in the lists
  Position listed_position = 0;
  std::vector<Position> line_positions{};  // of the events that carry its lines
  std::vector<ShareRow> shares{};          // of a draft as far as its lines go
  static void fields(auto& row, auto& archive) {
    archive(row.customer, row.account, row.account_name, row.phase, row.series, row.number, row.document_date,
            row.posting_date, row.due_date, row.net, row.tax, row.total, row.open, row.paid, row.credited,
            row.disputed, row.dispute, row.line_count, row.purchase_order, row.memo, row.external_id, row.version,
            row.position, row.listed_date, row.listed_position, row.line_positions, row.shares);
  }
};

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

// What an event used of a credit: nullopt for events that use none.
struct CreditUse {
  CreditSource source = CreditSource::kPayment;
  Uuid source_id{};
  const std::vector<Allocation>* allocations = nullptr;
};
std::optional<CreditUse> credit_use(const Event& event);

namespace invoices {
void apply(const codec::Envelope& event, Rows& rows);
}
inline Key invoice_key(InvoiceId id) { return Key(Table::kInvoice).add(id); }

Result<Page<Invoice>> list_invoices(const Source& source, const Scope& scope, std::optional<InvoiceStatus> status,
                                    Date today, const PageRequest& page);
Result<Invoice> read_invoice_head(const Source& source, InvoiceId id, Date today);
Result<InvoiceDetail> read_invoice(const Source& source, InvoiceId id, Date today);
Result<std::vector<Invoice>> read_invoices_by_number(const Source& source, CustomerId customer,
                                                     std::string_view number, Date today);
Result<Dispute> read_dispute(const Source& source, DisputeId id);
Result<Page<Dispute>> list_disputes(const Source& source, CustomerId customer, const PageRequest& page);

}  // namespace billing::views

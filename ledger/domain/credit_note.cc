#include "ledger/domain/credit_note.h"

#include <algorithm>
#include <map>

#include "ledger/base/utf8.h"
#include "ledger/domain/document.h"
#include "ledger/domain/state.h"

namespace billing::credit_note {
namespace {

constexpr std::string_view kSeries = "CN";

// Lines against an invoice take service account, revenue code and deferral from the invoice's line; together they may
// not give back more than is left of it.
Result<std::vector<RevenueShare>> adopt_invoice_lines(const invoice::State& invoice, std::vector<Line>& lines) {
  std::map<std::uint32_t, std::pair<std::int64_t, std::int64_t>> used;  // line -> net, tax of this note
  std::map<Ledger, std::int64_t> revenue;
  for (std::size_t n = 0; n < lines.size(); ++n) {
    Line& line = lines[n];
    const std::string pointer = "/lines/" + std::to_string(n);
    if (!line.credited_line || *line.credited_line >= invoice.lines.size()) {
      return refuse(Code::kUnknownLine, "invoice " + invoice.number, pointer + "/credited_line");
    }
    const invoice::LineState& left = invoice.lines[*line.credited_line];
    line.service_account = left.service_account;
    line.revenue_code = left.revenue_code;
    auto& [net, tax] = used[*line.credited_line];
    const std::int64_t net_left = left.net - left.credited_net - net;
    const std::int64_t tax_left = left.tax - left.credited_tax - tax;
    if (line.net < 0 || tax_of(line) < 0) return refuse(Code::kAmountNotPositive, {}, pointer + "/net");
    if (line.net > net_left || tax_of(line) > tax_left) {
      return refuse(Code::kCreditExceedsLine, "line " + std::to_string(*line.credited_line) + " of " + invoice.number,
                    pointer + "/net");
    }
    net += line.net;
    tax += tax_of(line);
    revenue[left.deferred ? Ledger::kDeferredRevenue : static_cast<Ledger>(left.revenue_code)] += line.net;
  }
  std::vector<RevenueShare> shares;
  for (const auto& [ledger, amount] : revenue) shares.push_back({ledger, amount});
  return shares;
}

// Uses the credit of each service account: on the noted invoice first, then oldest due first; the rest is unapplied.
void use(const billing::State& state, const invoice::State* invoice, Issued& issued, const std::vector<Share>& shares) {
  for (const Share& share : shares) {
    std::int64_t rest = share.amount;
    if (invoice != nullptr) {
      const auto open = std::ranges::find(invoice->shares, share.account, &invoice::ShareState::account);
      if (open != invoice->shares.end() && std::min(open->open, rest) > 0) {
        const std::int64_t amount = std::min(open->open, rest);
        issued.allocations.push_back({invoice->id, share.account, amount});
        rest -= amount;
      }
    }
    auto application = receivables::apply_oldest_first(state, share.account, rest, receivables::Priority::kOwnShares,
                                                       issued.allocations);
    for (const Allocation& allocation : application.allocations) issued.allocations.push_back(allocation);
    if (application.rest > 0) issued.unapplied.push_back({share.account, application.rest});
  }
}

}  // namespace

Decision decide(const billing::State& state, const Issue& command, const Context& context) {
  const CreditNoteId id = command.id.nil() ? context.fresh_id<CreditNoteId>() : command.id;
  if (state.credit_notes.contains(id)) return refuse(Code::kAlreadyExists, id.text(), "/id");
  BILLING_TRY(account, find_open_account(state, command.account));
  if (command.lines.empty()) return refuse(Code::kNoLines, {}, "/lines");
  BILLING_CHECK(check_optional_text(command.reason, kReasonMax, "/reason"));
  BILLING_CHECK(check_optional_text(command.external_id, kReferenceMax, "/external_id"));
  BILLING_TRY(currency, document::check_currency(state, account->customer, command.currency));
  BILLING_TRY(date, document::check_document_date(*account, command.document_date, context, "/document_date"));
  std::vector<Line> lines = command.lines;
  const invoice::State* invoice = nullptr;
  std::vector<RevenueShare> revenue;
  if (command.invoice) {
    BILLING_TRY(found, find_invoice(state, *command.invoice));
    invoice = found;
    if (invoice->customer != account->customer) return refuse(Code::kInvoiceOfOtherPayer, invoice->number, "/invoice");
    if (invoice->phase != invoice::Phase::kIssued) return refuse(Code::kNotIssued, {}, "/invoice");
    BILLING_TRY(adopted, adopt_invoice_lines(*invoice, lines));
    revenue = std::move(adopted);
  }
  BILLING_CHECK(document::check_lines(state, account->customer, currency, lines, date));
  BILLING_TRY(totals, document::sum_lines(lines, date));
  if (invoice == nullptr) revenue = totals.revenue;
  if (totals.total < 0) return refuse(Code::kNegativeTotal, "a credit note gives back; its total is not negative", "/lines");
  if (std::ranges::any_of(totals.shares, [](const Share& share) { return share.amount < 0; })) {
    return refuse(Code::kNegativeTotal, "the share of one service account is negative", "/lines");
  }
  BILLING_CHECK(check_turnover(state, currency, totals.total));
  BILLING_TRY(number, document::number_for(state, account->customer, kSeries, date, command.imported_number));

  Issued issued{id,       command.account, command.invoice, number.series, number.number, command.reason,
                command.external_id, date, date, currency, totals.net, totals.tax, totals.total, std::move(lines),
                std::move(revenue), {}, {}};
  use(state, invoice, issued, totals.shares);
  std::vector<StreamEvent> events;
  const auto allocations = issued.allocations;
  events.push_back({.stream = {StreamKind::kCreditNote, id.uuid},
                    .customer = account->customer,
                    .event = std::move(issued),
                    .document_date = date,
                    .posting_date = date,
                    .currency = currency});
  receivables::close_paid_disputes(state, allocations, events, context.today);
  return events;
}

void evolve(billing::State& state, const Issued& event) {
  const CustomerId customer = state.accounts.at(event.account).customer;
  state.credit_notes[event.id] = {event.id, customer, event.account, event.number, event.total};
  document::claim_number(state, customer, kSeries, event.series, event.number);
  state.turnover[event.currency] += event.total;
  if (event.invoice) {
    invoice::State& invoice = state.invoices.at(*event.invoice);
    for (const Line& line : event.lines) {
      invoice.lines[*line.credited_line].credited_net += line.net;
      invoice.lines[*line.credited_line].credited_tax += tax_of(line);
    }
  }
  receivables::reduce_items(state, event.allocations);
  for (const Share& share : event.unapplied) {
    receivables::add_credit(state, share.account, {event.document_date, event.id.uuid},
                            {CreditSource::kCreditNote, share.amount});
  }
}

}  // namespace billing::credit_note

#include "ledger/domain/invoice.h"

#include <algorithm>

#include "ledger/base/utf8.h"
#include "ledger/domain/document.h"
#include "ledger/domain/state.h"

namespace billing::invoice {
namespace {

// A draft may take this many lines in all, in as many commands as it likes.
constexpr std::size_t kDraftLinesMax = 100'000;
constexpr std::string_view kSeries = "INV";

StreamEvent fact(CustomerId customer, InvoiceId id, Event event) {
  return {.stream = {StreamKind::kInvoice, id.uuid},
          .customer = customer,
          .event = std::move(event),
          .document_date = {},
          .posting_date = {},
          .currency = {}};
}

Result<void> check_header(const Header& header) {
  BILLING_CHECK(check_optional_text(header.purchase_order, kReferenceMax, "/purchase_order"));
  BILLING_CHECK(check_optional_text(header.memo, kDescriptionMax, "/memo"));
  return check_optional_text(header.external_id, kReferenceMax, "/external_id");
}

Result<const State*> find_draft(const billing::State& state, InvoiceId id) {
  BILLING_TRY(invoice, find_invoice(state, id, "/id"));
  if (invoice->phase == Phase::kIssued) return refuse(Code::kNotADraft, invoice->number, "/id");
  if (invoice->phase == Phase::kDiscarded) return refuse(Code::kUnknownInvoice, id.text(), "/id");
  return invoice;
}

// Unapplied credit meets a new invoice: each service account's credit pays its own share, oldest credit first; then
// the payer's pays the rest, pro rata. `shares` is what is open and shrinks.
std::vector<StreamEvent> apply_credit(const billing::State& state, const Issued& issued, CustomerId customer) {
  std::vector<StreamEvent> events;
  std::vector<std::int64_t> open;
  std::int64_t left = 0;
  for (const Share& share : issued.shares) {
    open.push_back(share.amount);
    left += share.amount;
  }
  std::size_t used = 0;
  const auto use_credits_of = [&](AccountId holder, bool own_share_only) {
    const auto queues = state.queues.find(holder);
    if (queues == state.queues.end()) return;
    for (const auto& [key, credit] : queues->second.credits) {
      std::int64_t remaining = credit.remaining;
      for (const StreamEvent& earlier : events) {
        const auto& applied = std::get<receivables::CreditApplied>(earlier.event);
        if (applied.account != holder || applied.source_id != key.source) continue;
        for (const Allocation& allocation : applied.allocations) remaining -= allocation.amount;
      }
      std::vector<std::int64_t> weights = open;
      std::int64_t target = 0;
      for (std::size_t i = 0; i < weights.size(); ++i) {
        if (own_share_only && issued.shares[i].account != holder) weights[i] = 0;
        target += weights[i];
      }
      const std::int64_t amount = std::min(remaining, target);
      if (amount <= 0 || used >= kDefaultApplicationMax) continue;
      receivables::CreditApplied applied{holder,          credit.kind, key.source, issued.currency,
                                         issued.posting_date, {}};
      const auto parts = allocate(amount, weights);
      for (std::size_t i = 0; i < parts.size(); ++i) {
        if (parts[i] == 0) continue;
        applied.allocations.push_back({issued.header.id, issued.shares[i].account, parts[i]});
        open[i] -= parts[i];
        ++used;
      }
      left -= amount;
      events.push_back({.stream = {StreamKind::kReceivables, holder.uuid},
                        .customer = customer,
                        .event = std::move(applied),
                        .document_date = issued.document_date,
                        .posting_date = issued.posting_date,
                        .currency = issued.currency});
    }
  };
  for (const Share& share : issued.shares) use_credits_of(share.account, true);
  if (left > 0) use_credits_of(issued.header.account, false);
  return events;
}

}  // namespace

Decision decide(const billing::State& state, const Draft& command, const Context& context) {
  Header header = command.header;
  if (header.id.nil()) header.id = context.fresh_id<InvoiceId>();
  if (state.invoices.contains(header.id)) return refuse(Code::kAlreadyExists, header.id.text(), "/id");
  BILLING_TRY(account, find_open_account(state, header.account));
  BILLING_CHECK(check_header(header));
  BILLING_TRY(currency, document::check_currency(state, account->customer, command.currency));
  BILLING_CHECK(document::check_lines(state, account->customer, currency, command.lines, {}));

  std::vector events{fact(account->customer, header.id, Drafted{header, currency, command.lines})};
  events.front().currency = currency;
  return events;
}

Decision decide(const billing::State& state, const AddLines& command, const Context&) {
  BILLING_TRY(draft, find_draft(state, command.id));
  if (command.lines.empty()) return refuse(Code::kNoLines, {}, "/lines");
  if (draft->draft_lines.size() + command.lines.size() > kDraftLinesMax) {
    return refuse(Code::kTooManyLines, "a draft takes at most 100,000 lines", "/lines");
  }
  BILLING_TRY(currency, document::check_currency(state, draft->customer, command.currency));
  BILLING_CHECK(document::check_lines(state, draft->customer, currency, command.lines, {}));

  std::vector events{fact(draft->customer, command.id, LinesAdded{command.id, command.lines})};
  events.front().currency = currency;
  return events;
}

Decision decide(const billing::State& state, const Discard& command, const Context&) {
  BILLING_TRY(draft, find_draft(state, command.id));

  return std::vector{fact(draft->customer, command.id, Discarded{command.id})};
}

Decision decide(const billing::State& state, const Issue& command, const Context& context) {
  Header header = command.header;
  const std::vector<Line>* lines = &command.lines;
  if (command.draft) {
    BILLING_TRY(draft, find_draft(state, header.id));
    header = draft->draft_header;
    lines = &draft->draft_lines;
  } else {
    if (header.id.nil()) header.id = context.fresh_id<InvoiceId>();
    if (state.invoices.contains(header.id)) return refuse(Code::kAlreadyExists, header.id.text(), "/id");
  }
  if (lines->empty()) return refuse(Code::kNoLines, {}, "/lines");
  BILLING_TRY(account, find_open_account(state, header.account));
  BILLING_CHECK(check_header(header));
  BILLING_TRY(currency, document::check_currency(state, account->customer, command.currency));
  BILLING_TRY(document_date, document::check_document_date(*account, command.document_date, context, "/document_date"));
  if (!command.draft) {
    BILLING_CHECK(document::check_lines(state, account->customer, currency, *lines, document_date));
  }
  const Date due_date = command.due_date.value_or(document_date.plus_days(account->payment_terms_days));
  if (due_date < document_date) return refuse(Code::kInvalidDueDate, due_date.text(), "/due_date");
  BILLING_TRY(totals, document::sum_lines(*lines, document_date));
  if (totals.total < 0) return refuse(Code::kNegativeTotal, amount_text(totals.total, currency), "/lines");
  if (std::ranges::any_of(totals.shares, [](const Share& share) { return share.amount < 0; })) {
    return refuse(Code::kNegativeTotal, "the share of one service account is negative", "/lines");
  }
  BILLING_CHECK(check_turnover(state, currency, totals.total));
  BILLING_TRY(number,
              document::number_for(state, account->customer, kSeries, document_date, command.imported_number));

  Issued issued{header,      number.series, number.number, document_date, document_date,
                due_date,    currency,      totals.net,    totals.tax,    totals.total,
                static_cast<std::uint32_t>(lines->size()), {}, totals.shares, totals.revenue};
  if (!command.draft) issued.lines = *lines;
  auto events = apply_credit(state, issued, account->customer);
  StreamEvent first = fact(account->customer, header.id, std::move(issued));
  first.document_date = document_date;
  first.posting_date = document_date;
  first.currency = currency;
  events.insert(events.begin(), std::move(first));
  return events;
}

void evolve(billing::State& state, const Drafted& event) {
  State& invoice = state.invoices[event.header.id];
  invoice.id = event.header.id;
  invoice.account = event.header.account;
  invoice.customer = state.accounts.at(event.header.account).customer;
  invoice.draft_header = event.header;
  invoice.draft_lines = event.lines;
}
void evolve(billing::State& state, const LinesAdded& event) {
  auto& lines = state.invoices.at(event.id).draft_lines;
  lines.insert(lines.end(), event.lines.begin(), event.lines.end());
}
void evolve(billing::State& state, const Discarded& event) {
  State& invoice = state.invoices.at(event.id);
  invoice.phase = Phase::kDiscarded;
  invoice.draft_header = {};
  invoice.draft_lines = {};
}
void evolve(billing::State& state, const Issued& event) {
  State& invoice = state.invoices[event.header.id];
  invoice.id = event.header.id;
  invoice.account = event.header.account;
  invoice.customer = state.accounts.at(event.header.account).customer;
  invoice.phase = Phase::kIssued;
  invoice.number = event.number;
  invoice.document_date = event.document_date;
  invoice.due_date = event.due_date;
  invoice.total = event.total;
  invoice.open = event.total;
  const std::vector<Line>& lines = event.lines.empty() ? invoice.draft_lines : event.lines;
  invoice.lines.reserve(lines.size());
  for (const Line& line : lines) {
    invoice.lines.push_back({line.service_account, line.revenue_code, document::is_deferred(line, event.posting_date),
                             line.net, tax_of(line), 0, 0});
  }
  invoice.draft_header = {};
  invoice.draft_lines = {};
  for (const Share& share : event.shares) {
    invoice.shares.push_back({share.account, share.amount, share.amount});
    state.accounts.at(share.account).open += share.amount;
  }
  document::claim_number(state, invoice.customer, kSeries, event.series, event.number);
  state.turnover[event.currency] += event.total;
  receivables::open_item(state, event.header.id);
}

}  // namespace billing::invoice

#include "ledger/domain/invoice.h"

#include <algorithm>
#include <array>

#include "ledger/domain/document.h"
#include "ledger/domain/external_id.h"
#include "ledger/domain/invoice_issue.h"
#include "ledger/domain/state.h"

namespace billing::invoice {
namespace {

// A draft may take this many lines in all, in as many commands as it likes.
constexpr std::size_t kDraftLinesMax = 100'000;
constexpr std::array<std::string_view, 3> kKinds{"ad_hoc", "debit", "late_fee"};

// A draft moves no money, but its event has a currency and a day.
Decision draft_fact(CustomerId customer, InvoiceId id, Event event, Currency currency, Date day) {
  std::vector events{dated_fact({StreamKind::kInvoice, id.uuid}, customer, std::move(event), day)};
  events.front().currency = currency;
  return events;
}

Result<void> check_size(std::size_t lines) {
  if (lines <= kDraftLinesMax) return {};
  return refuse(Code::kTooManyLines, "a draft takes at most 100,000 lines", "/lines");
}

}  // namespace

std::string_view kind_text(Kind kind) { return kKinds[static_cast<std::size_t>(kind) - 1]; }

Result<Kind> parse_kind(std::string_view text) {
  const auto found = std::ranges::find(kKinds, text);
  if (found == kKinds.end()) {
    return refuse(Code::kInvalidParameter, "an invoice is ad_hoc, debit or late_fee", "/kind");
  }
  return static_cast<Kind>(found - kKinds.begin() + 1);
}

Decision decide(const billing::State& state, const Draft& command, const Context& context) {
  Header header = command.header;
  if (header.id.nil()) header.id = context.fresh_id<InvoiceId>();
  if (state.invoices.contains(header.id)) return refuse(Code::kAlreadyExists, header.id.text(), "/id");
  BILLING_TRY(account, find_open_account(state, header.account));
  BILLING_CHECK(check_header(state, account->customer, header));
  BILLING_TRY(currency, document::check_currency(state, account->customer, command.currency));
  auto lines = document::blank_computed_taxes(command.lines);
  BILLING_CHECK(document::check_lines(state, account->customer, currency, lines, {}));
  BILLING_CHECK(document::check_fit({}, lines));

  return draft_fact(account->customer, header.id, Drafted{header, currency, std::move(lines)}, currency, context.today);
}

Decision decide(const billing::State& state, const AddLines& command, const Context& context) {
  BILLING_TRY(draft, find_draft(state, command.id));
  if (command.lines.empty()) return refuse(Code::kNoLines, {}, "/lines");
  BILLING_CHECK(check_size(draft->draft_lines.size() + command.lines.size()));
  BILLING_TRY(currency, document::check_currency(state, draft->customer, command.currency));
  auto lines = document::blank_computed_taxes(command.lines);
  BILLING_CHECK(document::check_lines(state, draft->customer, currency, lines, {}));
  BILLING_CHECK(document::check_fit(draft->draft_lines, lines));

  return draft_fact(draft->customer, command.id, LinesAdded{command.id, std::move(lines)}, currency, context.today);
}

Decision decide(const billing::State& state, const ReplaceLines& command, const Context& context) {
  BILLING_TRY(draft, find_draft(state, command.id));
  const std::size_t size = draft->draft_lines.size();
  if (command.first > size) {
    return refuse(Code::kUnknownLine, "the draft has " + std::to_string(size) + " lines", "/first");
  }
  if (command.count > size - command.first) {
    return refuse(Code::kUnknownLine, "the draft has " + std::to_string(size) + " lines", "/count");
  }
  if (command.count == 0 && command.lines.empty()) return refuse(Code::kNothingChanges, {}, "/lines");
  BILLING_CHECK(check_size(size - command.count + command.lines.size()));
  BILLING_TRY(currency, document::check_currency(state, draft->customer, command.currency));
  auto lines = document::blank_computed_taxes(command.lines);
  BILLING_CHECK(document::check_lines(state, draft->customer, currency, lines, {}));
  BILLING_CHECK(document::check_fit(draft->draft_lines, lines));

  return draft_fact(draft->customer, command.id,
                    LinesReplaced{command.id, command.first, command.count, std::move(lines)}, currency, context.today);
}

Decision decide(const billing::State& state, const Discard& command, const Context& context) {
  BILLING_TRY(draft, find_draft(state, command.id));

  return std::vector{
      dated_fact({StreamKind::kInvoice, command.id.uuid}, draft->customer, Discarded{command.id}, context.today)};
}

void evolve(billing::State& state, const Drafted& event) {
  State& invoice = state.invoices[event.header.id];
  invoice.id = event.header.id;
  invoice.account = event.header.account;
  invoice.customer = state.accounts.at(event.header.account).customer;
  invoice.kind = event.header.kind;
  invoice.draft_header = event.header;
  claim_external_id(state, StreamKind::kInvoice, invoice.customer, event.header.external_id, event.header.id.uuid);
  invoice.draft_lines = event.lines;
}
void evolve(billing::State& state, const LinesAdded& event) {
  auto& lines = state.invoices.at(event.id).draft_lines;
  lines.insert(lines.end(), event.lines.begin(), event.lines.end());
}
void evolve(billing::State& state, const LinesReplaced& event) {
  auto& lines = state.invoices.at(event.id).draft_lines;
  const auto first = lines.erase(lines.begin() + event.first, lines.begin() + event.first + event.count);
  lines.insert(first, event.lines.begin(), event.lines.end());
}
void evolve(billing::State& state, const Discarded& event) {
  State& invoice = state.invoices.at(event.id);
  invoice.phase = Phase::kDiscarded;
  release_external_id(state, StreamKind::kInvoice, invoice.customer, invoice.draft_header.external_id, event.id.uuid);
  invoice.draft_header = {};
  invoice.draft_lines = {};
}

}  // namespace billing::invoice

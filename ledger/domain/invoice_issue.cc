#include "ledger/domain/invoice_issue.h"

#include <algorithm>
#include <map>
#include <set>

#include "ledger/base/utf8.h"
#include "ledger/domain/external_id.h"
#include "ledger/domain/pairing.h"
#include "ledger/domain/tax.h"

namespace billing::invoice {
namespace {

// What is open on a document that is being issued, and the credit that is used on it.
class NewOpen {
 public:
  NewOpen(const billing::State& state, const Issued& issued, CustomerId customer)
      : state_(state), issued_(issued), customer_(customer), days_(state) {
    for (const Share& share : issued.shares) {
      open_.push_back(share.amount);
      days_.change(issued.header.id, share.account, issued.posting_date, share.amount);
    }
  }

  // Credit that `holder` has, oldest first: on its own share, or on all of them pro rata.
  void use_credits_of(AccountId holder, bool own_share_only) {
    for (const auto& [key, all] : receivables::credits_of(state_, holder)) {
      std::vector<std::int64_t> weights = open_;
      std::int64_t target = 0;
      for (std::size_t i = 0; i < weights.size(); ++i) {
        if (own_share_only && issued_.shares[i].account != holder) weights[i] = 0;
        target += weights[i];
      }
      if (key.held || target == 0) return;
      if (used_ >= kDefaultApplicationMax) {
        stopped.insert(holder);
        return;
      }
      const std::int64_t amount = std::min(rest_of(holder, key).last(), target);
      if (amount > 0) use(holder, key, amount, weights);
    }
  }

  std::vector<StreamEvent> events;
  std::set<AccountId> stopped;  // holders whose credit is to be applied by a follow-up

 private:
  // What the decision has left of a credit.
  Timeline& rest_of(AccountId holder, const receivables::CreditKey& key) {
    const auto [entry, fresh] = credits_.try_emplace({holder, key});
    if (fresh) entry->second = tranche::timeline(receivables::tranches_of(state_, key.kind, key.source), {holder});
    return entry->second;
  }

  void use(AccountId holder, const receivables::CreditKey& key, std::int64_t amount,
           const std::vector<std::int64_t>& weights) {
    std::vector<Allocation> allocations;
    const auto parts = allocate(amount, weights);
    for (std::size_t i = 0; i < parts.size(); ++i) {
      if (parts[i] == 0) continue;
      allocations.push_back({issued_.header.id, issued_.shares[i].account, parts[i]});
      open_[i] -= parts[i];
      ++used_;
    }
    receivables::apply_by_day(events, customer_, {holder, key.kind, key.source, issued_.currency, {}, {}},
                 days_.match(rest_of(holder, key), allocations, issued_.posting_date));
  }

  const billing::State& state_;
  const Issued& issued_;
  const CustomerId customer_;
  std::vector<std::int64_t> open_;  // by share
  receivables::PairingDays days_;
  std::map<std::pair<AccountId, receivables::CreditKey>, Timeline> credits_;
  std::size_t used_ = 0;
};

// Each service account's credit pays its own share, then the payer's pays what is left.
std::vector<StreamEvent> apply_credit(const billing::State& state, const Issued& issued, CustomerId customer, Date today) {
  NewOpen open(state, issued, customer);
  for (const Share& share : issued.shares) open.use_credits_of(share.account, true);
  open.use_credits_of(issued.payer, false);
  for (const AccountId holder : open.stopped) {
    open.events.push_back(receivables::follow_up(state, holder, today, issued.posting_date));
  }
  return std::move(open.events);
}

// The month for which a deferred line is to be released first.
std::int32_t first_release(const Line& line, Date posting_date) {
  return std::max(posting_date.month_index(), line.service_period->from.month_index());
}

void remember_lines(billing::State& state, State& invoice, const Issued& event) {
  const std::vector<Line>& lines = event.lines.empty() ? invoice.draft_lines : event.lines;
  invoice.lines.reserve(lines.size());
  for (const Line& line : lines) {
    LineState& left = invoice.lines.emplace_back();
    left.service_account = line.service_account;
    left.revenue_code = line.revenue_code;
    left.net = line.net;
    left.deferred = document::is_deferred(line, event.posting_date);
    if (left.deferred) {
      left.service_period = *line.service_period;
      left.unreleased = line.net;
      left.release_month = first_release(line, event.posting_date);
      books::schedule(state, {invoice.id, static_cast<std::uint32_t>(invoice.lines.size() - 1)});
    }
    if (!line.late_fee_for) continue;
    const auto overdue = state.invoices.find(*line.late_fee_for);
    if (overdue != state.invoices.end()) overdue->second.late_fee_cycles.push_back(event.cycle);
  }
  tax::remember(invoice, lines, event.computed_taxes);
}

}  // namespace

std::string_view series_of(Kind kind) { return kind == Kind::kDebit ? "DN" : "INV"; }

Result<void> check_header(const billing::State& state, CustomerId customer, const Header& header) {
  BILLING_CHECK(check_optional_text(header.purchase_order, kReferenceMax, "/purchase_order"));
  BILLING_CHECK(check_optional_text(header.memo, kDescriptionMax, "/memo"));
  BILLING_CHECK(check_optional_text(header.external_id, kReferenceMax, "/external_id"));
  BILLING_CHECK(check_external_id(state, StreamKind::kInvoice, customer, header.external_id, header.id.uuid));
  if (header.kind == Kind::kLateFee) {
    return refuse(Code::kInvalidParameter, "late fees are charged by a command of their own", "/kind");
  }
  if (header.kind != Kind::kDebit) {
    if (header.about) return refuse(Code::kInvalidParameter, "only a debit note is about an invoice", "/about");
    return {};
  }
  if (!header.about) return refuse(Code::kMissingField, "the invoice that asked for too little", "/about");
  BILLING_TRY(about, find_issued_invoice(state, *header.about, "/about"));
  if (about->customer != customer) return refuse(Code::kInvoiceOfOtherPayer, about->number, "/about");
  return {};
}

Result<const State*> find_draft(const billing::State& state, InvoiceId id) {
  BILLING_TRY(invoice, find_invoice(state, id, "/id"));
  if (invoice->phase == Phase::kDiscarded) return refuse(Code::kUnknownInvoice, id.text(), "/id");
  if (invoice->phase != Phase::kDraft) return refuse(Code::kNotADraft, invoice->number, "/id");
  return invoice;
}

Result<void> check_owner(const billing::State& state, const account::State& account, Date document_date) {
  const AccountId owner = account::invoice_owner(state, account.id, document_date);
  if (owner == account.id) return {};
  return refuse(Code::kNotInvoiceOwner,
                account.number + " is invoiced by account " + state.accounts.at(owner).number, "/account");
}

Decision issue(const billing::State& state, const NewDocument& document, const std::vector<Line>& lines) {
  const CustomerId customer = document.account->customer;
  BILLING_TRY(amounts, tax::compute(lines));
  BILLING_TRY(totals, document::sum_lines(lines, document.dates.posting, amounts));
  BILLING_CHECK(document::check_totals(state, totals, document.currency));
  BILLING_TRY(number, document::number_for(state, customer, series_of(document.header.kind), document.dates.document,
                                           document.imported_number));

  Issued issued;
  issued.header = document.header;
  issued.series = number.series;
  issued.number = number.number;
  issued.document_date = document.dates.document;
  issued.posting_date = document.dates.posting;
  issued.due_date = document.due_date;
  issued.currency = document.currency;
  issued.net = totals.net;
  issued.tax = totals.tax;
  issued.total = totals.total;
  issued.line_count = static_cast<std::uint32_t>(lines.size());
  issued.shares = std::move(totals.shares);
  issued.revenue = std::move(totals.revenue);
  issued.payer = account::invoice_payer(state, document.account->id, document.dates.document);
  issued.account_name = document.account->name;
  issued.address_version = document.account->address_version;
  issued.cycle = document.cycle;
  if (document.draft) {
    issued.computed_taxes = std::move(amounts);
  } else {
    issued.lines = lines;
    tax::fill_in(issued.lines, amounts);
  }
  auto events = apply_credit(state, issued, customer, document.today);
  events.insert(events.begin(),
                money_fact({StreamKind::kInvoice, document.header.id.uuid}, customer, std::move(issued),
                           document.dates.document, document.dates.posting, document.currency));
  return events;
}

Decision decide(const billing::State& state, const Issue& command, const Context& context) {
  Header header = command.header;
  std::vector<Line> given;
  const std::vector<Line>* lines = &given;
  if (command.draft) {
    BILLING_TRY(draft, find_draft(state, header.id));
    header = draft->draft_header;
    lines = &draft->draft_lines;
  } else {
    if (header.id.nil()) header.id = context.fresh_id<InvoiceId>();
    if (state.invoices.contains(header.id)) return refuse(Code::kAlreadyExists, header.id.text(), "/id");
    given = document::blank_computed_taxes(command.lines);
  }
  if (lines->empty()) return refuse(Code::kNoLines, {}, "/lines");
  BILLING_TRY(account, find_money_account(state, header.account));
  BILLING_CHECK(check_header(state, account->customer, header));
  BILLING_TRY(currency, document::check_currency(state, account->customer, command.currency));
  BILLING_TRY(dates, document::check_document_date(state, *account, command.document_date, context, "/document_date"));
  BILLING_CHECK(check_owner(state, *account, dates.document));
  if (!command.draft) {
    BILLING_CHECK(document::check_lines(state, account->customer, currency, *lines, dates.document));
  }
  BILLING_CHECK(document::check_service_accounts(state, *lines, dates.document, account->id));
  const Date due_date = command.due_date.value_or(dates.document.plus_days(account->payment_terms_days));
  if (due_date < dates.document) return refuse(Code::kInvalidDueDate, due_date.text(), "/due_date");

  return issue(state, {header, account, dates, due_date, currency, command.imported_number, {}, command.draft,
                       context.today},
               *lines);
}

void evolve(billing::State& state, const Issued& event) {
  State& invoice = state.invoices[event.header.id];
  invoice.id = event.header.id;
  invoice.account = event.header.account;
  invoice.payer = event.payer.nil() ? event.header.account : event.payer;
  invoice.customer = state.accounts.at(event.header.account).customer;
  invoice.phase = Phase::kIssued;
  invoice.kind = event.header.kind;
  invoice.number = event.number;
  invoice.document_date = event.document_date;
  invoice.due_date = event.due_date;
  invoice.total = event.total;
  invoice.open = event.total;
  remember_lines(state, invoice, event);
  invoice.draft_header = {};
  invoice.draft_lines = {};
  for (const Share& share : event.shares) {
    invoice.shares.push_back({.account = share.account,
                              .billed = share.amount,
                              .open = share.amount,
                              .open_by_day = Timeline(event.posting_date, share.amount)});
    state.accounts.at(share.account).open += share.amount;
  }
  claim_external_id(state, StreamKind::kInvoice, invoice.customer, event.header.external_id, event.header.id.uuid);
  document::claim_number(state, invoice.customer, series_of(invoice.kind), event.series, event.number);
  state.turnover[event.currency] += document::moved_by(event.total, event.revenue, event.tax);
  receivables::open_item(state, event.header.id);
}

}  // namespace billing::invoice

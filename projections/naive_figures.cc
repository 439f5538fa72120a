// The naive model: figures of scopes, what is open and disputed, what is owed.
#include <algorithm>

#include "ledger/base/money.h"
#include "projections/naive_model.h"

namespace billing::views::naive {

std::optional<Paid> paid_by(const Event& event) {
  if (const auto* e = std::get_if<payment::Recorded>(&event)) return Paid{e->account, e->amount};
  if (const auto* e = std::get_if<payment::Succeeded>(&event)) return Paid{e->account, e->amount};
  if (const auto* e = std::get_if<chargeback::Won>(&event)) return Paid{e->account, e->amount};
  if (const auto* e = std::get_if<payment::Reversed>(&event)) return Paid{e->account, -e->takeback.amount};
  if (const auto* e = std::get_if<refund::Succeeded>(&event)) return Paid{e->account, -e->takeback.amount};
  if (const auto* e = std::get_if<chargeback::Opened>(&event)) return Paid{e->account, -e->takeback.amount};
  if (const auto* e = std::get_if<chargeback::Returned>(&event)) return Paid{e->account, -e->takeback.amount};
  return std::nullopt;
}

Totals Model::totals(const Accounts& accounts, Date date) const {
  Totals sum;
  for (const codec::Envelope& event : events_) {
    if (day_of(event) > date) continue;
    for (const Posting& posting : event.postings) {
      if (!posting.account || !accounts.contains(*posting.account)) continue;
      if (posting.ledger == Ledger::kReceivables) sum.open += posting.amount;
      if (posting.ledger == Ledger::kUnappliedCredit) sum.unapplied -= posting.amount;
    }
    if (const auto* issued = std::get_if<invoice::Issued>(&event.event)) {
      for (const Share& share : issued->shares) sum.billed += accounts.contains(share.account) ? share.amount : 0;
    }
    if (const auto* note = std::get_if<credit_note::Issued>(&event.event)) {
      for (const Line& line : note->lines) {
        if (!accounts.contains(line.service_account)) continue;
        sum.credited += line.net;
        for (const Tax& tax : line.taxes) sum.credited += tax.amount;
      }
    }
    if (const auto paid = paid_by(event.event); paid && accounts.contains(paid->account)) sum.paid += paid->amount;
  }
  return sum;
}

Result<Sums> Model::sums(const Scope& scope, Date date) const {
  BILLING_TRY(accounts, accounts_of(scope, date));
  BILLING_TRY(customer, customer_of(scope));
  Sums sums{.totals = totals(Accounts(accounts.begin(), accounts.end()), date),
            .accounts = static_cast<std::uint32_t>(accounts.size())};
  // A customer has those too that are opened later; they do not count yet.
  if (scope.kind == ScopeKind::kCustomer) sums.accounts = static_cast<std::uint32_t>(parents_at(customer, date).size());
  return sums;
}

// A dispute is over the shares as they are open when it is recorded, and lasts from its day to the day of its end. At a
// date no more is disputed than is open then.
std::map<InvoiceId, Model::OpenInvoice> Model::open_at(Date date) const {
  struct OverShares {
    const dispute::Opened* opened;
    std::vector<std::int64_t> parts;
    std::optional<Date> closed_on{};
  };
  std::map<InvoiceId, OpenInvoice> invoices;
  std::map<InvoiceId, std::map<AccountId, std::int64_t>> recorded;  // open, whatever the day
  std::map<DisputeId, OverShares> disputes;
  for (const codec::Envelope& event : events_) {
    if (const auto* issued = std::get_if<invoice::Issued>(&event.event)) {
      OpenInvoice& invoice = invoices[issued->header.id];
      invoice = {.event = &event, .fact = issued};
      for (const Share& share : issued->shares) invoice.shares.push_back({share.account, share.amount});
    }
    for (const Posting& posting : event.postings) {
      if (posting.ledger != Ledger::kReceivables) continue;
      OpenInvoice& invoice = invoices.at(InvoiceId{*posting.item});
      recorded[InvoiceId{*posting.item}][*posting.account] += posting.amount;
      if (day_of(event) > date) continue;
      invoice.open += posting.amount;
      std::ranges::find(invoice.shares, *posting.account, &OpenShare::account)->open += posting.amount;
    }
    if (const auto* opened = std::get_if<dispute::Opened>(&event.event)) {
      std::vector<std::int64_t> weights;
      for (const OpenShare& share : invoices.at(opened->invoice).shares) {
        weights.push_back(recorded[opened->invoice][share.account]);
      }
      disputes[opened->id] = {opened, allocate(opened->amount, weights)};
    }
    const auto* closed = std::get_if<dispute::Closed>(&event.event);
    if (closed != nullptr) disputes[closed->id].closed_on = closed->closed_on;
  }
  for (const auto& [id, one] : disputes) {
    if (one.opened->opened_on > date || (one.closed_on && *one.closed_on <= date)) continue;
    OpenInvoice& invoice = invoices.at(one.opened->invoice);
    invoice.disputed += one.opened->amount;
    for (std::size_t i = 0; i < one.parts.size(); ++i) invoice.shares[i].disputed += one.parts[i];
  }
  const auto at_most_open = [](std::int64_t disputed, std::int64_t open) {
    return std::min(disputed, std::max<std::int64_t>(open, 0));
  };
  for (auto& [id, invoice] : invoices) {
    invoice.disputed = at_most_open(invoice.disputed, invoice.open);
    for (OpenShare& share : invoice.shares) share.disputed = at_most_open(share.disputed, share.open);
  }
  return invoices;
}

Result<std::vector<OpenItem>> Model::open_items(const Scope& scope, Date date) const {
  BILLING_TRY(accounts, accounts_of(scope, date));
  const auto invoices = open_at(date);
  std::vector<OpenItem> items;
  for (const AccountId& account : accounts) {
    for (const auto& [id, invoice] : invoices) {
      for (const OpenShare& share : invoice.shares) {
        if (share.account != account || share.open == 0) continue;
        items.push_back({.invoice = id,
                         .account = account,
                         .document_date = invoice.fact->document_date,
                         .posting_date = invoice.fact->posting_date,
                         .due_date = invoice.fact->due_date,
                         .billed = share.billed,
                         .open = share.open,
                         .disputed = share.disputed});
      }
    }
  }
  return items;
}

Result<Ageing> Model::ageing(const Scope& scope, Date date) const {
  BILLING_TRY(items, open_items(scope, date));
  BILLING_TRY(customer, customer_of(scope));
  Ageing ageing{.date = date, .currency = currency_of(customer)};
  std::set<InvoiceId> counted;
  for (const OpenItem& item : items) {
    const std::int64_t late = std::int64_t{date.days} - item.due_date.days;
    Bucket& bucket = late <= 0    ? ageing.current
                     : late <= 30 ? ageing.days_1_30
                     : late <= 60 ? ageing.days_31_60
                     : late <= 90 ? ageing.days_61_90
                                  : ageing.days_over_90;
    bucket.amount += item.open;
    ageing.total += item.open;
    ageing.disputed += item.disputed;
    if (late > 0) ageing.overdue += item.open;
    if (item.open > 0 && counted.insert(item.invoice).second) {
      ++bucket.count;
      ++ageing.invoices;
    }
  }
  return ageing;
}

Result<PaymentMethod> Model::method(MethodId id) const {
  const auto* event = first<method::Added>([&](const auto& fact) { return fact.id == id; });
  if (event == nullptr) return refuse(Code::kUnknownPaymentMethod, {});
  const auto& added = std::get<method::Added>(event->event);
  return PaymentMethod{.id = id,
                       .customer = event->customer,
                       .account = added.account,
                       .kind = added.kind,
                       .token = added.token,
                       .brand = added.brand,
                       .last_four = added.last_four,
                       .expires = added.expires,
                       .removed = last<method::Removed>([&](const auto& fact) { return fact.id == id; }) != nullptr,
                       .version = version_of(StreamKind::kMethod, id.uuid)};
}

Result<PaymentMethods> Model::methods(AccountId id, Date date) const {
  BILLING_TRY(known, account(id, date));
  PaymentMethods found;
  std::optional<Autopay> autopay;
  for (const codec::Envelope& event : events_) {
    if (const auto* added = std::get_if<method::Added>(&event.event); added && added->account == id) {
      const auto one = method(added->id);
      if (!one->removed) found.methods.push_back(*one);
    }
    if (const auto* set = std::get_if<method::AutopaySet>(&event.event); set && set->account == id) {
      autopay = Autopay{.method = set->id, .days_before_due = set->days_before_due, .at_most = set->at_most};
    }
    if (const auto* cleared = std::get_if<method::AutopayCleared>(&event.event)) {
      if (autopay && cleared->account == id && cleared->id == autopay->method) autopay.reset();
    }
  }
  std::ranges::sort(found.methods, {}, &PaymentMethod::id);
  if (!autopay) return found;
  autopay->currency = known.currency;
  // What is owed and not disputed is drafted so many days before it is due, or at once when that day is past.
  std::map<Date, std::int64_t> to_pay;
  for (const auto& [invoice_id, invoice] : open_at(date)) {
    if (invoice.payer() == id) to_pay[invoice.fact->due_date] += invoice.open - invoice.disputed;
  }
  for (const auto& [due, amount] : to_pay) {
    if (amount <= 0) continue;
    const Date draft = std::max(due.plus_days(-autopay->days_before_due), date);
    if (!autopay->next_draft) {
      autopay->next_draft = draft;
      autopay->next_due = due;
    }
    if (draft == *autopay->next_draft) autopay->next_amount += amount;
  }
  if (autopay->at_most) autopay->next_amount = std::min(autopay->next_amount, *autopay->at_most);
  found.autopay = autopay;
  return found;
}

}  // namespace billing::views::naive

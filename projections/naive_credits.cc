// The naive model: unapplied credit, credit notes, deposits, plans.
#include <algorithm>

#include "projections/naive_lists.h"
#include "projections/naive_model.h"

namespace billing::views::naive {

Source source_of(const Event& event) {
  if (const auto* e = std::get_if<credit_note::Issued>(&event)) return {AllocationSource::kCreditNote, e->id.uuid};
  if (const auto* e = std::get_if<deposit::Used>(&event)) return {AllocationSource::kDeposit, e->id.uuid};
  if (const auto* e = std::get_if<invoice::WrittenOff>(&event)) return {AllocationSource::kWriteOff, e->id.uuid};
  if (const auto* e = std::get_if<invoice::Recovered>(&event)) return {AllocationSource::kWriteOff, e->id.uuid};
  if (const auto* e = std::get_if<receivables::CreditApplied>(&event)) {
    const bool payment = e->source == CreditSource::kPayment;
    return {payment ? AllocationSource::kPayment : AllocationSource::kCreditNote, e->source_id};
  }
  // All else that moves receivables is a payment's own: the event names it.
  return std::visit(
      [](const auto& e) -> Source {
        if constexpr (requires { { e.id } -> std::convertible_to<PaymentId>; }) {
          return {AllocationSource::kPayment, e.id.uuid};
        }
        return {};
      },
      event);
}

// Credit that is used up is gone, and with it that it was held.
std::map<std::pair<AccountId, Uuid>, Model::Holding> Model::holdings() const {
  std::map<std::pair<AccountId, Uuid>, Holding> all;
  for (const codec::Envelope& event : events_) {
    for (const Posting& posting : event.postings) {
      if (posting.ledger != Ledger::kUnappliedCredit) continue;
      Holding& holding = all[{*posting.account, *posting.item}];
      holding.amount -= posting.amount;
      if (holding.amount == 0) all.erase({*posting.account, *posting.item});
    }
    if (const auto* held = std::get_if<receivables::CreditHeld>(&event.event)) {
      all[{held->account, held->source_id}].held = held->held;
    }
  }
  return all;
}

std::vector<CreditHolder> Model::holders(const Uuid& source) const {
  std::vector<CreditHolder> list;
  for (const auto& [place, holding] : holdings()) {
    if (place.second == source) list.push_back({place.first, holding.amount, holding.held});
  }
  return list;
}

Date Model::date_of_source(const Uuid& source) const {
  for (const codec::Envelope& event : events_) {
    const auto* note = std::get_if<credit_note::Issued>(&event.event);
    const auto* recorded = std::get_if<payment::Recorded>(&event.event);
    const auto* succeeded = std::get_if<payment::Succeeded>(&event.event);
    if (note && note->id.uuid == source) return note->document_date;
    if (recorded && recorded->id.uuid == source) return recorded->received_on;
    if (succeeded && succeeded->id.uuid == source) return succeeded->received_on;
  }
  return {};
}

Result<std::vector<HeldCredit>> Model::credits(AccountId id) const {
  BILLING_TRY(known, account(id, kNow));
  std::vector<HeldCredit> list;
  for (const auto& [place, holding] : holdings()) {
    if (place.first != id) continue;
    const auto* note = first<credit_note::Issued>([&](const auto& fact) { return fact.id.uuid == place.second; });
    list.push_back({.account = id,
                    .source = note != nullptr ? CreditSource::kCreditNote : CreditSource::kPayment,
                    .source_id = place.second,
                    .date = date_of_source(place.second),
                    .amount = holding.amount,
                    .held = holding.held,
                    .currency = known.currency});
  }
  std::ranges::sort(list, {}, [](const HeldCredit& credit) { return std::pair(credit.date, credit.source_id); });
  return list;
}

Result<std::vector<HeldCredit>> Model::credit_balances(const Scope& scope, Date date) const {
  BILLING_TRY(accounts, accounts_of(scope, date));
  std::vector<HeldCredit> list;
  for (const AccountId& id : accounts) {
    BILLING_TRY(of_account, credits(id));
    list.insert(list.end(), of_account.begin(), of_account.end());
  }
  return list;
}

std::vector<UsedCredit> Model::used(const Uuid& source) const {
  std::vector<UsedCredit> list;
  for (const codec::Envelope& event : events_) {
    if (std::holds_alternative<invoice::Issued>(event.event) || source_of(event.event).id != source) continue;
    for (const Posting& posting : event.postings) {
      if (posting.ledger != Ledger::kReceivables) continue;
      list.push_back({.invoice = InvoiceId{*posting.item},
                      .invoice_number = number_of(InvoiceId{*posting.item}),
                      .account = *posting.account,
                      .amount = -posting.amount,
                      .event = std::string(event_type(event.event)),
                      .posting_date = day_of(event),
                      .position = event.position});
    }
  }
  return list;
}

Result<CreditNoteDetail> Model::credit_note(CreditNoteId id) const {
  const auto* event = first<credit_note::Issued>([&](const auto& fact) { return fact.id == id; });
  if (event == nullptr) return refuse(Code::kUnknownCreditNote, {});
  const auto& note = std::get<credit_note::Issued>(event->event);
  CreditNoteDetail detail{.credit_note = {.id = id,
                                          .customer = event->customer,
                                          .account = note.account,
                                          .names = names(note.account, event->position),
                                          .invoice = note.invoice,
                                          .invoice_number = note.invoice ? number_of(*note.invoice) : "",
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
                                          .version = version_of(StreamKind::kCreditNote, id.uuid),
                                          .position = event->position},
                          .lines = note.lines,
                          .used = used(id.uuid),
                          .holders = holders(id.uuid)};
  for (const CreditHolder& holder : detail.holders) detail.credit_note.unapplied += holder.amount;
  return detail;
}

std::int64_t Model::credit_left(const Uuid& source, Date day) const {
  std::int64_t left = 0;
  for (const codec::Envelope& event : events_) {
    for (const Posting& posting : event.postings) {
      if (posting.ledger == Ledger::kUnappliedCredit && posting.item == source && day_of(event) <= day) left -= posting.amount;
    }
  }
  return left;
}

Result<std::vector<CreditNote>> Model::credit_notes(const ListQuery& query) const {
  BILLING_TRY(list, accounts_of(query.scope, query.day()));
  const Accounts accounts(list.begin(), list.end());
  std::vector<CreditNote> notes;
  each<credit_note::Issued>([&](const codec::Envelope&, const credit_note::Issued& note) {
    bool wanted = accounts.contains(note.account);
    for (const Line& line : note.lines) wanted = wanted || accounts.contains(line.service_account);
    if (!wanted || (query.as_of && note.posting_date > *query.as_of)) return;
    notes.push_back(credit_note(note.id)->credit_note);
    if (query.as_of) notes.back().unapplied = credit_left(note.id.uuid, *query.as_of);
  });
  return arranged(query, notes, [](const CreditNote& one) {
    return Facts{.date = one.document_date,
                 .position = one.position,
                 .posting = one.posting_date,
                 .texts = {one.number, one.names.number, one.names.name},
                 .number = one.number,
                 .account_name = one.names.name,
                 .amount = one.total,
                 .left = one.unapplied};
  });
}

Result<DepositDetail> Model::deposit(DepositId id, Date day) const {
  const auto* event = first<deposit::Received>([&](const auto& fact) { return fact.id == id; });
  if (event == nullptr) return refuse(Code::kUnknownDeposit, {});
  const auto& received = std::get<deposit::Received>(event->event);
  Deposit deposit{.id = id,
                  .customer = event->customer,
                  .account = received.account,
                  .names = names(received.account, event->position),
                  .amount = received.amount,
                  .currency = received.currency,
                  .method = received.method,
                  .reference = received.reference,
                  .received_on = received.received_on,
                  .posting_date = received.posting_date,
                  .version = version_of(StreamKind::kDeposit, id.uuid),
                  .position = event->position};
  for (const codec::Envelope& one : events_) {
    if (one.stream != StreamId{StreamKind::kDeposit, id.uuid}) continue;
    for (const Posting& posting : one.postings) {
      if (posting.ledger != Ledger::kCustomerDeposits || day_of(one) > day) continue;
      deposit.left -= posting.amount;
      if (std::holds_alternative<deposit::Used>(one.event)) deposit.used += posting.amount;
      if (std::holds_alternative<deposit::Returned>(one.event)) deposit.returned += posting.amount;
    }
  }
  return DepositDetail{deposit, used(id.uuid)};
}

Result<std::vector<Deposit>> Model::deposits(const ListQuery& query) const {
  BILLING_TRY(list, accounts_of(query.scope, query.day()));
  std::vector<Deposit> all;
  each<deposit::Received>([&](const codec::Envelope&, const deposit::Received& received) {
    if (std::ranges::find(list, received.account) == list.end()) return;
    if (!query.as_of || received.posting_date <= *query.as_of) {
      all.push_back(deposit(received.id, query.as_of.value_or(kNow))->deposit);
    }
  });
  return arranged(query, all, [](const Deposit& one) {
    return Facts{.date = one.received_on,
                 .position = one.position,
                 .posting = one.posting_date,
                 .method = std::string(payment::method_text(one.method)),
                 .texts = {one.reference, one.names.number, one.names.name},
                 .account_name = one.names.name,
                 .amount = one.amount,
                 .left = one.left};
  });
}

Result<Plan> Model::plan(PlanId id, Date date) const {
  const auto* event = first<plan::Agreed>([&](const auto& fact) { return fact.id == id; });
  if (event == nullptr) return refuse(Code::kUnknownPlan, {});
  const auto& agreed = std::get<plan::Agreed>(event->event);
  Plan plan{.id = id,
            .customer = event->customer,
            .account = agreed.account,
            .kind = agreed.kind,
            .amount = agreed.amount,
            .currency = agreed.currency,
            .invoices = agreed.invoices,
            .note = agreed.note,
            .agreed_on = agreed.agreed_on,
            .version = version_of(StreamKind::kPlan, id.uuid)};
  if (const auto* ended = last<plan::Cancelled>([&](const auto& fact) { return fact.id == id && fact.on <= date; })) {
    plan.cancelled_on = std::get<plan::Cancelled>(ended->event).on;
    plan.reason = std::get<plan::Cancelled>(ended->event).reason;
  }
  // What payments and deposits paid since on the invoices that it is for.
  std::set<InvoiceId> of_plan(agreed.invoices.begin(), agreed.invoices.end());
  each<invoice::Issued>([&](const codec::Envelope& earlier, const invoice::Issued& issued) {
    if (agreed.invoices.empty() && earlier.position < event->position && (issued.payer.nil() ? issued.header.account : issued.payer) == agreed.account)
      of_plan.insert(issued.header.id);
  });
  std::int64_t came_in = 0;
  for (const codec::Envelope& later : events_) {
    if (later.position <= event->position || day_of(later) > date) continue;
    const Source source = source_of(later.event);
    if (source.kind != AllocationSource::kPayment && source.kind != AllocationSource::kDeposit) continue;
    for (const Posting& posting : later.postings) {
      if (posting.ledger != Ledger::kReceivables || std::holds_alternative<invoice::Issued>(later.event)) continue;
      if (of_plan.contains(InvoiceId{*posting.item})) came_in -= posting.amount;
    }
  }
  plan.paid = std::clamp<std::int64_t>(came_in, 0, plan.amount);
  std::int64_t left = plan.paid, due = 0;
  for (const plan::Instalment& one : agreed.instalments) {
    const std::int64_t paid = std::min(left, one.amount);
    plan.instalments.push_back({one.due, one.amount, paid});
    left -= paid;
    if (one.due < date) due += one.amount;
  }
  plan.behind = std::max<std::int64_t>(due - plan.paid, 0);
  plan.status = plan.behind > 0 ? PlanStatus::kBroken : PlanStatus::kOnTrack;
  if (plan.paid == plan.amount) plan.status = PlanStatus::kKept;
  if (plan.cancelled_on && *plan.cancelled_on <= date) plan.status = PlanStatus::kCancelled;
  return plan;
}

Result<std::vector<Plan>> Model::plans(AccountId id, Date date) const {
  BILLING_CHECK(account(id, date));
  std::vector<Plan> all;
  each<plan::Agreed>([&](const codec::Envelope&, const plan::Agreed& agreed) {
    if (agreed.account == id && agreed.agreed_on <= date) all.insert(all.begin(), *plan(agreed.id, date));
  });
  return all;
}

}  // namespace billing::views::naive

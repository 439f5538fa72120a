// The naive model: invoices, drafts and disputes.
#include <algorithm>

#include "projections/naive_lists.h"
#include "projections/naive_model.h"

namespace billing::views::naive {

std::vector<Line> Model::lines_of(InvoiceId id) const {
  std::vector<Line> lines;
  for (const codec::Envelope& event : events_) {
    if (event.stream != StreamId{StreamKind::kInvoice, id.uuid}) continue;
    if (const auto* drafted = std::get_if<invoice::Drafted>(&event.event)) lines = drafted->lines;
    if (const auto* added = std::get_if<invoice::LinesAdded>(&event.event)) {
      lines.insert(lines.end(), added->lines.begin(), added->lines.end());
    }
    if (const auto* replaced = std::get_if<invoice::LinesReplaced>(&event.event)) {
      const auto begin = lines.begin() + replaced->first;
      lines.insert(lines.erase(begin, begin + replaced->count), replaced->lines.begin(), replaced->lines.end());
    }
    if (const auto* issued = std::get_if<invoice::Issued>(&event.event)) {
      lines.insert(lines.end(), issued->lines.begin(), issued->lines.end());
      std::size_t next = 0;
      for (Line& line : lines) {
        for (Tax& tax : line.taxes) {
          if (tax.computed && next < issued->computed_taxes.size()) tax.amount = issued->computed_taxes[next++];
        }
      }
    }
  }
  return lines;
}

namespace {

std::int64_t tax_sum(const Line& line) {
  std::int64_t sum = 0;
  for (const Tax& tax : line.taxes) sum += tax.amount;
  return sum;
}

void take_header(Invoice& invoice, const invoice::Header& header) {
  invoice.id = header.id;
  invoice.account = header.account;
  invoice.payer = header.account;
  invoice.kind = header.kind;
  invoice.about = header.about;
  invoice.purchase_order = header.purchase_order;
  invoice.memo = header.memo;
  invoice.external_id = header.external_id;
}

void take_issue(Invoice& invoice, const invoice::Issued& issued) {
  if (!issued.payer.nil()) invoice.payer = issued.payer;
  invoice.cycle = issued.cycle;
  invoice.series = issued.series;
  invoice.number = issued.number;
  invoice.document_date = issued.document_date;
  invoice.posting_date = issued.posting_date;
  invoice.due_date = issued.due_date;
  invoice.net = issued.net;
  invoice.tax = issued.tax;
  invoice.total = issued.total;
  invoice.line_count = issued.line_count;
}

}  // namespace

std::string Model::number_of(InvoiceId id) const {
  const auto* event = first<invoice::Issued>([&](const auto& fact) { return fact.header.id == id; });
  return event == nullptr ? std::string() : std::get<invoice::Issued>(event->event).number;
}

Result<Invoice> Model::invoice_head(InvoiceId id, Date today, std::optional<Date> as_of) const {
  Invoice invoice;
  const Date until = as_of.value_or(kNow);
  bool there = false;
  std::vector<Dispute> disputes;
  bool issued = false, discarded = false, voided = false;
  for (const codec::Envelope& event : events_) {
    if (event.stream == StreamId{StreamKind::kInvoice, id.uuid}) {
      invoice.version = event.version;
      if (const auto* fact = std::get_if<invoice::Drafted>(&event.event)) {
        take_header(invoice, fact->header);
        invoice.document_date = day_of(event);
        there = invoice.document_date <= until;
        invoice.position = event.position;
      }
      if (const auto* fact = std::get_if<invoice::Issued>(&event.event)) {
        issued = true;
        take_header(invoice, fact->header);
        take_issue(invoice, *fact);
        there = fact->posting_date <= until;
        invoice.position = event.position;
      }
      discarded = discarded || (std::holds_alternative<invoice::Discarded>(event.event) && day_of(event) <= until);
      const auto* made_void = std::get_if<invoice::Voided>(&event.event);
      voided = voided || (made_void != nullptr && made_void->on <= until);
      invoice.customer = event.customer;
    }
    for (const Posting& posting : event.postings) {
      if (posting.ledger != Ledger::kReceivables || posting.item != id.uuid || day_of(event) > until) continue;
      invoice.open += posting.amount;
      if (std::holds_alternative<invoice::Issued>(event.event)) continue;
      const AllocationSource kind = source_of(event.event).kind;
      (kind == AllocationSource::kCreditNote ? invoice.credited
       : kind == AllocationSource::kWriteOff ? invoice.written_off
                                             : invoice.paid) -= posting.amount;
    }
    if (const auto* fact = std::get_if<dispute::Opened>(&event.event); fact && fact->invoice == id) {
      disputes.push_back({.id = fact->id, .amount = fact->amount, .opened_on = fact->opened_on});
    }
    if (const auto* fact = std::get_if<dispute::Closed>(&event.event); fact && fact->invoice == id) {
      std::ranges::find(disputes, fact->id, &Dispute::id)->closed_on = fact->closed_on;
    }
  }
  if (!there) return refuse(Code::kUnknownInvoice, {});
  for (const Dispute& one : disputes) {
    if (as_of ? one.opened_on > until || (one.closed_on && *one.closed_on <= until) : one.closed_on.has_value()) continue;
    invoice.dispute = one.id;
    invoice.disputed = one.amount;
  }
  invoice.names = names(invoice.account, issued ? invoice.position : events_.size());
  invoice.payer_names = names(invoice.payer, issued ? invoice.position : events_.size());
  invoice.currency = currency_of(invoice.customer);
  if (!issued) {
    for (const Line& line : lines_of(id)) {
      invoice.net += line.net;
      invoice.tax += tax_sum(line);
      ++invoice.line_count;
    }
    invoice.total = invoice.net + invoice.tax;
    invoice.status = discarded ? InvoiceStatus::kDiscarded : InvoiceStatus::kDraft;
    return invoice;
  }
  if (voided) {
    invoice.status = InvoiceStatus::kVoid;
  } else if (invoice.open != 0) {
    invoice.status = invoice.due_date < today          ? InvoiceStatus::kOverdue
                     : invoice.open < invoice.total    ? InvoiceStatus::kPartlyPaid
                                                       : InvoiceStatus::kOpen;
  } else if (invoice.written_off > 0) {
    invoice.status = InvoiceStatus::kWrittenOff;
  } else {
    const bool credited = invoice.total != 0 && invoice.credited == invoice.total;
    invoice.status = credited ? InvoiceStatus::kCredited : InvoiceStatus::kPaid;
  }
  return invoice;
}

Result<InvoiceDetail> Model::invoice(InvoiceId id, Date today) const {
  BILLING_TRY(head, invoice_head(id, today));
  const auto open = open_at(kNow);
  const auto issued = open.find(id);
  InvoiceDetail detail{.invoice = head, .lines = lines_of(id)};
  // Parts in the order in which the lines name their accounts.
  for (const Line& line : detail.lines) {
    auto share = std::ranges::find(detail.shares, line.service_account, &InvoiceShare::account);
    if (share == detail.shares.end()) {
      const auto account_now = account(line.service_account, kNow);
      const Position named = issued == open.end() ? events_.size() : head.position;
      share = detail.shares.insert(share, {.account = line.service_account,
                                           .account_number = account_now->number,
                                           .account_name = name_at(line.service_account, named)});
    }
    share->net += line.net;
    share->tax += tax_sum(line);
    share->total = share->net + share->tax;
  }
  if (issued != open.end()) {
    for (const OpenShare& part : issued->second.shares) {
      const auto share = std::ranges::find(detail.shares, part.account, &InvoiceShare::account);
      if (share != detail.shares.end()) share->open = part.open;
    }
    // The address that the owner had when it was issued, for ever.
    each<account::AddressChanged>([&](const codec::Envelope& event, const account::AddressChanged& changed) {
      if (changed.id == head.account && event.position < head.position) detail.address = changed.personal;
    });
  }
  for (const codec::Envelope& event : events_) {
    for (const Posting& posting : event.postings) {
      if (posting.ledger != Ledger::kReceivables || posting.item != id.uuid) continue;
      if (std::holds_alternative<invoice::Issued>(event.event)) continue;
      const Source source = source_of(event.event);
      detail.applied.push_back({.source = source.kind,
                                .source_id = source.id,
                                .account = *posting.account,
                                .amount = -posting.amount,
                                .event = std::string(event_type(event.event)),
                                .posting_date = day_of(event),
                                .position = event.position});
    }
    if (const auto* fact = std::get_if<invoice::Issued>(&event.event)) {
      const bool late_fee = std::ranges::any_of(fact->lines, [&](const Line& line) { return line.late_fee_for == id; });
      if (fact->header.about == id || late_fee) {
        detail.linked.push_back({fact->header.id, fact->number, fact->header.kind});
      }
    }
    if (const auto* fact = std::get_if<invoice::Voided>(&event.event); fact && fact->id == id) {
      detail.voided = Voiding{.on = fact->on, .reason = fact->reason};
      if (!fact->credit_note.nil()) detail.voided->credit_note = fact->credit_note;
    }
    if (const auto* fact = std::get_if<dispute::Opened>(&event.event); fact && fact->invoice == id) {
      detail.disputes.push_back(*dispute(fact->id));
    }
  }
  return detail;
}

Result<std::vector<Invoice>> Model::invoices(const ListQuery& query) const {
  BILLING_TRY(list, accounts_of(query.scope, query.day()));
  const Accounts accounts(list.begin(), list.end());
  std::set<InvoiceId> ids;
  for (const codec::Envelope& event : events_) {
    if (const auto* drafted = std::get_if<invoice::Drafted>(&event.event)) ids.insert(drafted->header.id);
    if (const auto* issued = std::get_if<invoice::Issued>(&event.event)) ids.insert(issued->header.id);
  }
  std::vector<Invoice> found;
  for (const InvoiceId& id : ids) {
    const auto head = invoice_head(id, query.day(), query.as_of);
    if (!head) continue;
    bool wanted = accounts.contains(head->account) || accounts.contains(head->payer);
    for (const Line& line : lines_of(id)) wanted = wanted || accounts.contains(line.service_account);
    if (wanted) found.push_back(*head);
  }
  return arranged(query, found, [](const Invoice& one) {
    const bool draft = one.status == InvoiceStatus::kDraft || one.status == InvoiceStatus::kDiscarded;
    Facts facts{.date = one.document_date,
                .position = one.position,
                .statuses = {std::string(status_text(one.status))},
                .texts = {one.number, one.purchase_order, one.names.number, one.names.name},
                .number = one.number,
                .account_name = one.names.name,
                .amount = one.total,
                .left = one.open};
    if (!draft) facts.posting = one.posting_date;
    if (!draft) facts.due = one.due_date;
    if (!draft && one.status != InvoiceStatus::kVoid && one.open != 0) facts.statuses.emplace_back("open");
    if (one.dispute) facts.statuses.emplace_back("disputed");
    return facts;
  });
}

std::vector<Invoice> Model::invoices_by_number(CustomerId customer, const std::string& number, Date today,
                                               std::optional<Date> as_of) const {
  std::map<InvoiceId, Invoice> found;
  each<invoice::Issued>([&](const codec::Envelope& event, const invoice::Issued& issued) {
    if (event.customer != customer || issued.number != number) return;
    const auto head = invoice_head(issued.header.id, as_of.value_or(today), as_of);
    if (head) found.emplace(issued.header.id, *head);
  });
  std::vector<Invoice> list;
  for (const auto& [id, one] : found) list.push_back(one);
  return list;
}

Result<Dispute> Model::dispute(DisputeId id) const {
  const auto* event = first<dispute::Opened>([&](const auto& fact) { return fact.id == id; });
  if (event == nullptr) return refuse(Code::kUnknownDispute, {});
  const auto& opened = std::get<dispute::Opened>(event->event);
  Dispute found{.id = id,
                .invoice = opened.invoice,
                .invoice_number = number_of(opened.invoice),
                .account = opened.account,
                .names = names(opened.account, event->position),
                .customer = event->customer,
                .amount = opened.amount,
                .currency = opened.currency,
                .reason = opened.reason,
                .opened_on = opened.opened_on,
                .version = version_of(StreamKind::kDispute, id.uuid)};
  if (const auto* ended = last<dispute::Closed>([&](const auto& fact) { return fact.id == id; })) {
    found.closed_on = std::get<dispute::Closed>(ended->event).closed_on;
    found.outcome = std::get<dispute::Closed>(ended->event).outcome;
  }
  return found;
}

Result<std::vector<Dispute>> Model::disputes(CustomerId id, std::optional<Date> as_of) const {
  BILLING_CHECK(customer(id));
  std::vector<Dispute> all;
  each<dispute::Opened>([&](const codec::Envelope& event, const dispute::Opened& opened) {
    if (event.customer != id || (as_of && opened.opened_on > *as_of)) return;
    all.insert(all.begin(), *dispute(opened.id));
    if (as_of && all.front().closed_on > as_of) {
      all.front().closed_on.reset();
      all.front().outcome.reset();
    }
  });
  return all;
}

}  // namespace billing::views::naive

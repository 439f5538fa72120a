// The naive model: invoices, drafts and disputes.
#include <algorithm>

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
  invoice.account_name = issued.account_name;
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

Result<Invoice> Model::invoice_head(InvoiceId id, Date today) const {
  Invoice invoice;
  bool drafted = false, issued = false, discarded = false, voided = false;
  for (const codec::Envelope& event : events_) {
    if (event.stream == StreamId{StreamKind::kInvoice, id.uuid}) {
      invoice.version = event.version;
      if (const auto* fact = std::get_if<invoice::Drafted>(&event.event)) {
        drafted = true;
        take_header(invoice, fact->header);
        invoice.document_date = event.recorded.date();
        invoice.position = event.position;
      }
      if (const auto* fact = std::get_if<invoice::Issued>(&event.event)) {
        issued = true;
        take_header(invoice, fact->header);
        take_issue(invoice, *fact);
        invoice.position = event.position;
      }
      discarded = discarded || std::holds_alternative<invoice::Discarded>(event.event);
      voided = voided || std::holds_alternative<invoice::Voided>(event.event);
      invoice.customer = event.customer;
    }
    for (const Posting& posting : event.postings) {
      if (posting.ledger != Ledger::kReceivables || posting.item != id.uuid) continue;
      invoice.open += posting.amount;
      if (std::holds_alternative<invoice::Issued>(event.event)) continue;
      const AllocationSource kind = source_of(event.event).kind;
      (kind == AllocationSource::kCreditNote ? invoice.credited
       : kind == AllocationSource::kWriteOff ? invoice.written_off
                                             : invoice.paid) -= posting.amount;
    }
    if (const auto* fact = std::get_if<dispute::Opened>(&event.event); fact && fact->invoice == id) {
      invoice.dispute = fact->id;
      invoice.disputed = fact->amount;
    }
    if (const auto* fact = std::get_if<dispute::Closed>(&event.event); fact && fact->invoice == id) {
      invoice.dispute.reset();
      invoice.disputed = 0;
    }
  }
  if (!drafted && !issued) return refuse(Code::kUnknownInvoice, {});
  invoice.currency = currency_of(invoice.customer);
  if (!issued) {
    invoice.account_name = name_at(invoice.account, events_.size());
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

Result<std::vector<Invoice>> Model::invoices(const Scope& scope, std::optional<InvoiceStatus> status,
                                             Date today) const {
  BILLING_TRY(list, accounts_of(scope, today));
  const Accounts accounts(list.begin(), list.end());
  std::set<InvoiceId> ids;
  for (const codec::Envelope& event : events_) {
    if (const auto* drafted = std::get_if<invoice::Drafted>(&event.event)) ids.insert(drafted->header.id);
    if (const auto* issued = std::get_if<invoice::Issued>(&event.event)) ids.insert(issued->header.id);
  }
  std::vector<Invoice> found;
  for (const InvoiceId& id : ids) {
    const Invoice one = *invoice_head(id, today);
    bool wanted = accounts.contains(one.account) || accounts.contains(one.payer);
    for (const Line& line : lines_of(id)) wanted = wanted || accounts.contains(line.service_account);
    const bool draft = one.status == InvoiceStatus::kDraft || one.status == InvoiceStatus::kDiscarded;
    if (status == InvoiceStatus::kOpen) {
      wanted = wanted && !draft && one.status != InvoiceStatus::kVoid && one.open != 0;
    } else if (status) {
      wanted = wanted && one.status == *status;
    }
    if (wanted) found.push_back(one);
  }
  std::ranges::sort(found, std::greater(),
                    [](const Invoice& one) { return std::pair(one.document_date, one.position); });
  return found;
}

std::vector<Invoice> Model::invoices_by_number(CustomerId customer, const std::string& number, Date today) const {
  std::map<InvoiceId, Invoice> found;
  each<invoice::Issued>([&](const codec::Envelope& event, const invoice::Issued& issued) {
    if (event.customer != customer || issued.number != number) return;
    found.emplace(issued.header.id, *invoice_head(issued.header.id, today));
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
                .account = opened.account,
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

Result<std::vector<Dispute>> Model::disputes(CustomerId id) const {
  BILLING_CHECK(customer(id));
  std::vector<Dispute> all;
  each<dispute::Opened>([&](const codec::Envelope& event, const dispute::Opened& opened) {
    if (event.customer == id) all.insert(all.begin(), *dispute(opened.id));
  });
  return all;
}

}  // namespace billing::views::naive

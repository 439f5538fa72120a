#include "gateway/documents/journal.h"

#include <array>

#include "gateway/documents/log_walk.h"
#include "ledger/domain/checks.h"

namespace billing::documents {
namespace {

constexpr std::array kChart{Ledger::kCash,
                            Ledger::kPaymentsInTransit,
                            Ledger::kReceivables,
                            Ledger::kUnbilledUsage,
                            Ledger::kCurrencyClearing,
                            Ledger::kUnappliedCredit,
                            Ledger::kRefundsInTransit,
                            Ledger::kCustomerDeposits,
                            Ledger::kUnidentifiedReceipts,
                            Ledger::kTaxPayable,
                            Ledger::kDeferredRevenue,
                            Ledger::kServiceRevenue,
                            Ledger::kUsageRevenue,
                            Ledger::kLateFees,
                            Ledger::kAdjustments,
                            Ledger::kBadDebt,
                            Ledger::kRecoveries,
                            Ledger::kPaymentFees,
                            Ledger::kExchangeDifference};

// beancount wants every account opened before its first posting, and the earliest posting is not known when the text
// begins: this is the earliest day that a date of ours may have.
constexpr std::string_view kOpeningDay = "1900-01-01";

// The first digit decides, as in most charts; what makes good an expense (5910, 7900) stands against it.
std::string_view root_of(Ledger ledger) {
  switch (static_cast<std::uint16_t>(ledger) / 1'000) {
    case 1: return "Assets";
    case 2: return "Liabilities";
    case 3: return "Equity";
    case 4: return "Income";
    default: return "Expenses";
  }
}

// What a reader knows an event by: the document's number or the payment's reference.
struct DocumentOf {
  std::string operator()(const invoice::Issued& event) const { return event.number; }
  std::string operator()(const credit_note::Issued& event) const { return event.number; }
  std::string operator()(const payment::Recorded& event) const { return event.reference; }
  std::string operator()(const payment::Succeeded& event) const { return event.provider_reference; }
  std::string operator()(const payment::PaidOut& event) const { return event.reference; }
  std::string operator()(const payment::ExchangeDifferenceRecorded& event) const { return event.reference; }
  std::string operator()(const chargeback::Opened& event) const { return event.reference; }
  std::string operator()(const chargeback::Returned& event) const { return event.reference; }
  std::string operator()(const refund::Succeeded& event) const { return event.provider_reference; }
  std::string operator()(const deposit::Received& event) const { return event.reference; }
  std::string operator()(const deposit::Returned& event) const { return event.reference; }
  std::string operator()(const unbooked::Queued& event) const { return event.reference; }
  template <class Other>
  std::string operator()(const Other& /*event*/) const {
    return {};
  }
};

// Parts of credit that an event names, each with the kind of its source.
struct CreditsOf {
  std::vector<CreditPart> operator()(const receivables::CreditApplied& event) const {
    return {{event.account, event.source, event.source_id, 0}};
  }
  std::vector<CreditPart> operator()(const receivables::CreditTransferred& event) const { return event.parts; }
  std::vector<CreditPart> operator()(const payment::Reversed& event) const { return event.takeback.credits; }
  std::vector<CreditPart> operator()(const refund::Succeeded& event) const { return event.takeback.credits; }
  std::vector<CreditPart> operator()(const chargeback::Opened& event) const { return event.takeback.credits; }
  std::vector<CreditPart> operator()(const chargeback::Returned& event) const { return event.takeback.credits; }
  template <class Other>
  std::vector<CreditPart> operator()(const Other& /*event*/) const {
    return {};
  }
};

// The id of a posting's item: receivables are items of invoices, deposits of deposits, unapplied credit of the payment or
// credit note that it came from.
std::string item_text(const codec::Envelope& envelope, const Posting& posting) {
  if (posting.ledger == Ledger::kReceivables) return InvoiceId{*posting.item}.text();
  if (posting.ledger == Ledger::kCustomerDeposits) return DepositId{*posting.item}.text();
  if (std::holds_alternative<credit_note::Issued>(envelope.event)) return CreditNoteId{*posting.item}.text();
  for (const CreditPart& part : std::visit(CreditsOf{}, envelope.event)) {
    if (part.source_id == *posting.item && part.source == CreditSource::kCreditNote) {
      return CreditNoteId{*posting.item}.text();
    }
  }
  return PaymentId{*posting.item}.text();
}

// The object that an event is about, where it is a document or a payment.
std::string object_text(const StreamId& stream) {
  switch (stream.kind) {
    case StreamKind::kInvoice: return InvoiceId{stream.id}.text();
    case StreamKind::kCreditNote: return CreditNoteId{stream.id}.text();
    case StreamKind::kPayment: return PaymentId{stream.id}.text();
    case StreamKind::kDeposit: return DepositId{stream.id}.text();
    case StreamKind::kUnbooked: return UnbookedId{stream.id}.text();
    default: return {};
  }
}

void append_posting(const codec::Envelope& envelope, const Posting& posting, std::string& out) {
  const Currency currency = posting.currency.valid() ? posting.currency : envelope.currency;
  out.append("  ").append(journal_account(posting.ledger)).append("  ");
  out.append(amount_text(posting.amount, currency)).append(" ").append(currency.code());
  if (posting.account) out.append(" ; account:").append(posting.account->text());
  if (posting.item) out.append(posting.account ? ", item:" : " ; item:").append(item_text(envelope, posting));
  out.append("\n");
}

Result<void> check(const codec::Envelope& envelope) {
  const std::string at = "position " + std::to_string(envelope.position) + ": ";
  if (!envelope.posting_date) return refuse(Code::kCorruptRecord, at + "postings without a posting date");
  if (!envelope.currency.valid()) return refuse(Code::kCorruptRecord, at + "postings without a currency");
  if (!checks::balanced(envelope.postings, envelope.currency)) return refuse(Code::kCorruptRecord, at + "debits and credits differ");
  for (const Posting& posting : envelope.postings) {
    if (ledger_name(posting.ledger).empty()) {
      return refuse(Code::kCorruptRecord, at + "a ledger that is not in the chart");
    }
  }
  return {};
}

void append_transaction(const codec::Envelope& envelope, std::string& out) {
  const std::string document = std::visit(DocumentOf{}, envelope.event);
  out.append("\n").append(envelope.posting_date->text()).append(" * \"").append(event_type(envelope.event));
  if (!document.empty()) out.append(" ").append(narration_text(document));
  out.append("\" ; position:").append(std::to_string(envelope.position));
  out.append(", customer:").append(envelope.customer.text());
  if (const std::string object = object_text(envelope.stream); !object.empty()) out.append(", id:").append(object);
  out.append("\n");
  for (const Posting& posting : envelope.postings) append_posting(envelope, posting, out);
}

void append_head(Position head, const JournalOptions& options, std::string& out) {
  out.append("; Billing Ledger, positions 1 to ").append(std::to_string(head)).append("\n");
  if (options.from) out.append("; posted on or after ").append(options.from->text()).append("\n");
  if (options.to) out.append("; posted on or before ").append(options.to->text()).append("\n");
  for (const Ledger ledger : kChart) {
    out.append(kOpeningDay).append(" open ").append(journal_account(ledger)).append("\n");
  }
}

}  // namespace

std::string journal_account(Ledger ledger) {
  std::string account(root_of(ledger));
  account.append(":").append(std::to_string(static_cast<std::uint16_t>(ledger))).append("-");
  for (const char c : ledger_name(ledger)) account += c == ' ' ? '-' : c;
  return account;
}

std::string narration_text(std::string_view text) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  constexpr std::string_view kSpecial = "\"\\;|%";
  std::string out;
  out.reserve(text.size());
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x20 && byte < 0x7F && kSpecial.find(c) == std::string_view::npos) {
      out += c;
    } else {
      out += '%';
      out += kHex[byte >> 4U];
      out += kHex[byte & 0xFU];
    }
  }
  return out;
}

Result<JournalSummary> export_journal(const store::Log& log, const JournalOptions& options, const Sink& sink,
                                      const OnProgress& progress) {
  JournalSummary summary{0, log.head().position};
  Pieces pieces(sink);
  append_head(summary.position, options, pieces.text());
  const auto transaction = [&](const codec::Envelope& envelope) -> Result<void> {
    if (envelope.postings.empty()) return {};
    BILLING_CHECK(check(envelope));
    if (options.from && *envelope.posting_date < *options.from) return {};
    if (options.to && *envelope.posting_date > *options.to) return {};
    append_transaction(envelope, pieces.text());
    ++summary.transactions;
    return pieces.pass();
  };
  BILLING_CHECK(walk(log, summary.position, transaction, progress));
  BILLING_CHECK(pieces.flush());
  return summary;
}

}  // namespace billing::documents

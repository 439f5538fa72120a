#include "gateway/documents/journal.h"

#include <array>

#include "gateway/documents/log_walk.h"
#include "ledger/service/fold.h"

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

// What a reader knows an event by: the document's number or the payment's reference, and the id of the document (of
// the credit's source where credit was applied).
struct Title {
  std::string document;
  std::string id;
};

Title title_of(const invoice::Issued& event) { return {event.number, event.header.id.text()}; }
Title title_of(const credit_note::Issued& event) { return {event.number, event.id.text()}; }
Title title_of(const payment::Recorded& event) { return {event.reference, event.id.text()}; }
Title title_of(const receivables::CreditApplied& event) {
  if (event.source == CreditSource::kPayment) return {{}, PaymentId{event.source_id}.text()};
  return {{}, CreditNoteId{event.source_id}.text()};
}
template <class Other>
Title title_of(const Other&) {
  return {};
}

void append_posting(const Posting& posting, Currency currency, const std::string& credit_id, std::string& out) {
  out.append("  ").append(journal_account(posting.ledger)).append("  ");
  out.append(amount_text(posting.amount, currency)).append(" ").append(currency.code());
  if (posting.account) out.append(" ; account:").append(posting.account->text());
  if (posting.item) {
    // Receivables are items of invoices; credit is an item of the payment or credit note that the event speaks of.
    const bool invoice = posting.ledger == Ledger::kReceivables;
    out.append(posting.account ? ", item:" : " ; item:");
    out.append(invoice ? InvoiceId{*posting.item}.text() : credit_id);
  }
  out.append("\n");
}

Result<void> check(const codec::Envelope& envelope) {
  const std::string at = "position " + std::to_string(envelope.position) + ": ";
  if (!envelope.posting_date) return refuse(Code::kCorruptRecord, at + "postings without a posting date");
  if (!envelope.currency.valid()) return refuse(Code::kCorruptRecord, at + "postings without a currency");
  if (!service::balanced(envelope.postings)) return refuse(Code::kCorruptRecord, at + "debits and credits differ");
  for (const Posting& posting : envelope.postings) {
    if (ledger_name(posting.ledger).empty()) {
      return refuse(Code::kCorruptRecord, at + "a ledger that is not in the chart");
    }
  }
  return {};
}

void append_transaction(const codec::Envelope& envelope, std::string& out) {
  const Title title = std::visit([](const auto& event) { return title_of(event); }, envelope.event);
  out.append("\n").append(envelope.posting_date->text()).append(" * \"").append(event_type(envelope.event));
  if (!title.document.empty()) out.append(" ").append(narration_text(title.document));
  out.append("\" ; position:").append(std::to_string(envelope.position));
  out.append(", customer:").append(envelope.customer.text());
  if (!title.id.empty()) out.append(", id:").append(title.id);
  out.append("\n");
  for (const Posting& posting : envelope.postings) append_posting(posting, envelope.currency, title.id, out);
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

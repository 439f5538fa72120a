#include "ledger/domain/types.h"

namespace billing {

std::string_view stream_kind_text(StreamKind kind) {
  switch (kind) {
    case StreamKind::kCustomer: return "customer";
    case StreamKind::kHierarchy: return "hierarchy";
    case StreamKind::kAccount: return "account";
    case StreamKind::kInvoice: return "invoice";
    case StreamKind::kCreditNote: return "credit_note";
    case StreamKind::kPayment: return "payment";
    case StreamKind::kReceivables: return "receivables";
    case StreamKind::kDispute: return "dispute";
    case StreamKind::kGrouping: return "grouping";
    case StreamKind::kUser: return "user";
    case StreamKind::kBooks: return "books";
    case StreamKind::kDeposit: return "deposit";
    case StreamKind::kPlan: return "plan";
    case StreamKind::kMethod: return "method";
    case StreamKind::kUnbooked: return "unbooked";
  }
  return {};
}

Uuid Context::fresh_uuid(std::uint32_t n) const {
  Uuid uuid = fresh;
  for (std::size_t i = 0; i < 4; ++i) {
    uuid.bytes[15 - i] = static_cast<std::uint8_t>(uuid.bytes[15 - i] ^ ((n >> (8U * i)) & 0xFFU));
  }
  return uuid;
}

std::string_view ledger_name(Ledger ledger) {
  switch (ledger) {
    case Ledger::kCash: return "Cash";
    case Ledger::kPaymentsInTransit: return "Payments in transit";
    case Ledger::kReceivables: return "Receivables";
    case Ledger::kUnbilledUsage: return "Unbilled usage";
    case Ledger::kCurrencyClearing: return "Currency clearing";
    case Ledger::kUnappliedCredit: return "Unapplied credit";
    case Ledger::kRefundsInTransit: return "Refunds in transit";
    case Ledger::kCustomerDeposits: return "Customer deposits";
    case Ledger::kUnidentifiedReceipts: return "Unidentified receipts";
    case Ledger::kTaxPayable: return "Tax payable";
    case Ledger::kDeferredRevenue: return "Deferred revenue";
    case Ledger::kServiceRevenue: return "Service revenue";
    case Ledger::kUsageRevenue: return "Usage revenue";
    case Ledger::kLateFees: return "Late fees and surcharges";
    case Ledger::kAdjustments: return "Adjustments";
    case Ledger::kBadDebt: return "Bad debt";
    case Ledger::kRecoveries: return "Recoveries";
    case Ledger::kPaymentFees: return "Payment fees";
    case Ledger::kExchangeDifference: return "Exchange gain and loss";
  }
  return {};
}

bool known_ledger(std::uint16_t number) { return !ledger_name(static_cast<Ledger>(number)).empty(); }

bool is_revenue(std::uint16_t number) { return number == 4000 || number == 4100 || number == 4200 || number == 4900; }

std::int64_t tax_of(const Line& line) {
  std::int64_t sum = 0;
  for (const Tax& tax : line.taxes) sum += tax.amount;
  return sum;
}

}  // namespace billing

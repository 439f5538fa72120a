// Payments from the wish to pay to the end: what became of them, and the refunds, chargebacks and returns under them.
#pragma once

#include "projections/days.h"
#include "projections/model.h"
#include "projections/rows.h"
#include "projections/source.h"

namespace billing::views {

struct ClaimRow {
  Uuid id{};
  payment::ClaimKind kind = payment::ClaimKind::kRefund;
  payment::ClaimPhase phase = payment::ClaimPhase::kRequested;
  std::int64_t amount = 0;
  Date opened_on{};
  std::optional<Date> decided_on{};
  std::optional<Date> settled_on{};
  Position opened = 0;   // of the event that asked for it or reported it
  Position decided = 0;  // of the one that took the money; 0 before
  Position last = 0;     // of the one that says how it stands
  static void fields(auto& row, auto& archive) {
    archive(row.id, row.kind, row.phase, row.amount, row.opened_on, row.decided_on, row.settled_on, row.opened,
            row.decided, row.last);
  }
};
struct PayOutRow {
  std::int64_t amount = 0;
  std::int64_t fee = 0;
  Currency currency{};
  Date on{};
  static void fields(auto& row, auto& archive) { archive(row.amount, row.fee, row.currency, row.on); }
};
struct ExchangeDifferenceRow {
  std::int64_t amount = 0;
  Date on{};
  static void fields(auto& row, auto& archive) { archive(row.amount, row.on); }
};
// How the payment stood from a day on, until a later step that counts by then.
struct PaymentStep {
  Date day{};  // when it was asked for, went on, or was posted
  payment::Phase phase = payment::Phase::kSucceeded;
  std::int64_t amount = 0;
  std::int64_t reserved = 0;
  Date date{};  // as in the row
  static void fields(auto& row, auto& archive) { archive(row.day, row.phase, row.amount, row.reserved, row.date); }
};
struct PaymentRow {
  CustomerId customer{};
  AccountId account{};
  payment::Phase phase = payment::Phase::kSucceeded;
  bool reversed = false;
  std::int64_t amount = 0;
  std::int64_t unapplied = 0;
  std::int64_t reserved = 0;
  Date date{};          // received_on; before that the day that it was asked for
  Position made = 0;    // of the event that asked for it or recorded it
  Position posted = 0;  // of the one that posted it; 0 before
  Position last = 0;    // of the one that says how it stands
  Date listed_date{};
  std::optional<Date> reversed_on{};
  std::uint64_t version = 0;
  std::vector<PaymentStep> steps{};  // in the order in which they were recorded
  Changes credit{};                  // of what is left of it
  std::vector<ClaimRow> claims{};
  std::vector<PayOutRow> paid_out{};
  std::vector<ExchangeDifferenceRow> exchange_differences{};
  static void fields(auto& row, auto& archive) {
    archive(row.customer, row.account, row.phase, row.reversed, row.amount, row.unapplied, row.reserved, row.date,
            row.made, row.posted, row.last, row.listed_date, row.reversed_on, row.version, row.steps, row.credit, row.claims, row.paid_out,
            row.exchange_differences);
  }
};
inline Key payment_key(const Uuid& id) { return Key(Table::kPayment).add(id); }

namespace payments {
void apply(const codec::Envelope& event, Rows& rows);
}

Result<Page<Payment>> list_payments(const Source& source, const ListQuery& query);
Result<ListSums> sum_payments(const Source& source, const ListQuery& query);
Result<PaymentDetail> read_payment(const Source& source, PaymentId id);

}  // namespace billing::views

// Payment methods on file, and autopay.
#pragma once

#include "projections/model_accounts.h"
#include "projections/rows.h"
#include "projections/source.h"

namespace billing::views {

struct MethodRow {
  CustomerId customer{};
  bool removed = false;
  Position added = 0;  // of the event that added it
  std::uint64_t version = 0;
  static void fields(auto& row, auto& archive) { archive(row.customer, row.removed, row.added, row.version); }
};
struct AutopayRow {
  MethodId method{};
  int days_before_due = 0;
  std::optional<std::int64_t> at_most{};
  static void fields(auto& row, auto& archive) { archive(row.method, row.days_before_due, row.at_most); }
};

namespace methods {
void apply(const codec::Envelope& event, Rows& rows);
}

// Those on file, and the next draft of autopay as of `date`. Error: kUnknownAccount.
Result<PaymentMethods> read_methods(const Source& source, AccountId account, Date date);
// A removed one too. Error: kUnknownPaymentMethod.
Result<PaymentMethod> read_method(const Source& source, MethodId id);

}  // namespace billing::views

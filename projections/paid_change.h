// What counts as paid: money that came in, less what was taken back of it.
#pragma once

#include <optional>

#include "ledger/domain/event.h"

namespace billing {

struct PaidChange {
  AccountId account{};  // who paid
  std::int64_t amount = 0;
};
// By how much an event changes what an account has paid: payments that were recorded or succeeded and chargebacks that were
// won, less refunds that succeeded, chargebacks, returns and reversals. It counts on the event's posting date.
std::optional<PaidChange> paid_change(const Event& event);

}  // namespace billing

#include "ledger/service/follow_ups.h"

#include "ledger/base/assert.h"
#include "ledger/crypto/encode.h"
#include "ledger/crypto/sha256.h"

namespace billing::service {

void FollowUps::note(const codec::Envelope& envelope) {
  if (const auto* event = std::get_if<receivables::FollowUpDue>(&envelope.event)) {
    if (event->due) {
      due_[event->account] = {*event, envelope.position, envelope.command_id, envelope.actor, envelope.recorded};
      waiting_.insert(event->account);
    } else {
      due_.erase(event->account);
      waiting_.erase(event->account);
    }
  } else if (const auto* unfrozen = std::get_if<account::Unfrozen>(&envelope.event)) {
    if (due_.contains(unfrozen->id)) waiting_.insert(unfrozen->id);
  }
}

Order FollowUps::next() {
  BILLING_ASSERT(waiting());
  const Due& due = due_.at(*waiting_.begin());
  waiting_.erase(waiting_.begin());
  Order order;
  order.id = "applied-" + crypto::hex(crypto::sha256(due.command_id + "@" + std::to_string(due.position)));
  order.command = receivables::ApplyCredit{due.event.account, due.event};
  order.context.now = due.recorded;
  order.context.today = due.event.on;
  order.context.actor = due.actor;
  return order;
}

}  // namespace billing::service

// The fold of the log: state from events, with the checks that every stored event must pass again.
#pragma once

#include <functional>

#include "ledger/codec/envelope.h"
#include "ledger/codec/person_keys.h"
#include "ledger/domain/state.h"
#include "ledger/service/follow_ups.h"
#include "ledger/store/log.h"

namespace billing::service {

// State at a position. One thread.
class Fold {
 public:
  // Applies the next envelope. Errors: kCorruptRecord when position, stream version or customer sequence is not the
  // next one, or the postings do not balance.
  Result<void> apply(const codec::Envelope& envelope);

  const State& state() const { return state_; }
  Position position() const { return position_; }
  Instant recorded() const { return recorded_; }  // of the last event
  std::uint64_t accounts_frozen() const { return accounts_frozen_; }
  FollowUps& follow_ups() { return follow_ups_; }

 private:
  State state_;
  Position position_ = 0;
  Instant recorded_;
  std::uint64_t accounts_frozen_ = 0;
  FollowUps follow_ups_;
};

// Reads the log from fold.position() + 1 to its head and applies every record; `progress(done, head)` is called every
// 65,536 events. Personal data is not decrypted. With `keys` every person whose data the log holds must have the key that it is
// encrypted under, or have been erased. Errors: kCorruptRecord, kStorageFailure.
Result<void> refold(const store::Log& log, Fold& fold, const codec::PersonKeys* keys,
                    const std::function<void(Position, Position)>& progress = {});

}  // namespace billing::service

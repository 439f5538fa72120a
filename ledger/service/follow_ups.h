// What default applications that stopped at their limit left to be done, as the log says: commands that the writer gives
// itself.
#pragma once

#include <set>
#include <string>
#include <unordered_map>

#include "ledger/codec/envelope.h"
#include "ledger/service/ledger.h"

namespace billing::service {

// A part of the fold, so that opening finds what a crash left undone. One thread. At most one entry an account.
class FollowUps {
 public:
  // Every event, in order.
  void note(const codec::Envelope& envelope);
  // True while next() has one.
  bool waiting() const { return !waiting_.empty(); }
  // The next one. Its id follows from that of the command that stopped and from the place of its event in the log, its time
  // and actor are that command's: it is the same before and after a crash. One that is refused (the account is frozen) is not
  // given again before the account is unfrozen, or the log is opened again.
  Order next();

 private:
  struct Due {
    receivables::FollowUpDue event;
    Position position = 0;
    std::string command_id;
    std::string actor;
    Instant recorded;
  };
  std::unordered_map<AccountId, Due> due_;
  std::set<AccountId> waiting_;  // those of due_ that were not given yet
};

}  // namespace billing::service

// The newest records in memory, so that readers that follow the head need no iterator. Internal to this folder.
#pragma once

#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "ledger/store/log.h"

namespace billing::store {

// The records of one commit, as stored.
struct CommittedBatch {
  Position first = 0;
  std::string bytes;               // stored values, one after the other
  std::vector<std::size_t> ends;   // where each ends in `bytes`
  Position last() const { return first + ends.size() - 1; }
  // The stored value of a position between first and last().
  std::string_view value(Position position) const;
};

// The newest batches, as many as have room in `bytes_max` (a batch that is larger alone is not kept). Any thread.
class Recent {
 public:
  explicit Recent(std::size_t bytes_max) : bytes_max_(bytes_max) {}
  // Adds the batch that follows all before it.
  void append(CommittedBatch batch);
  void clear();
  // The batch that has this position, or null.
  std::shared_ptr<const CommittedBatch> find(Position position) const;

 private:
  const std::size_t bytes_max_;
  mutable std::mutex mutex_;
  std::deque<std::shared_ptr<const CommittedBatch>> batches_;
  std::size_t bytes_ = 0;
};

}  // namespace billing::store

// Tables: ordered rows with atomic batches, for views and the writer's state. Not the truth: may be deleted and
// rebuilt from the log at any time; writes are not synced.
#pragma once

#include <cstring>
#include <functional>
#include <memory>
#include <memory_resource>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "ledger/base/error.h"

namespace billing::store {

// Rows to write together, in any order; a row without value is deleted. The last of two writes of a key wins. One
// thread; used again after clear().
class Batch {
 public:
  struct Row {
    std::string_view key;
    std::optional<std::string_view> value;
  };
  // Copies key and value to memory of the batch's own: no allocation a row.
  void put(std::string_view key, std::string_view value) { rows.push_back({kept(key), kept(value)}); }
  void erase(std::string_view key) { rows.push_back({kept(key), std::nullopt}); }
  void clear() {
    rows.clear();
    memory_.release();
  }

  std::vector<Row> rows;  // one that is added here must keep its bytes until the batch was written

 private:
  std::string_view kept(std::string_view bytes) {
    if (bytes.empty()) return {};
    auto* const copy = static_cast<char*>(memory_.allocate(bytes.size(), 1));
    std::memcpy(copy, bytes.data(), bytes.size());
    return {copy, bytes.size()};
  }
  std::pmr::monotonic_buffer_resource memory_{64U << 10U};
};

using VisitRows = std::function<bool(std::string_view key, std::string_view value)>;

// Scans of many ranges, one after the other. Ranges that ascend and lie close cost a step each instead of a search. One
// thread; must not outlive its snapshot.
class Walk {
 public:
  virtual ~Walk() = default;
  // As Snapshot::scan, forwards.
  virtual Result<void> scan(std::string_view begin, std::string_view end, const VisitRows& visit) = 0;
};

// A read-only state of all rows at one moment. Any thread; several threads at once.
class Snapshot {
 public:
  virtual ~Snapshot() = default;
  virtual Result<std::optional<std::string>> get(std::string_view key) const = 0;
  // Looks many keys up at once, cheaper than one by one, and cheapest when they ascend. Calls `visit(index in keys, value)`
  // for each that has a row, in the order of `keys`.
  using VisitValue = std::function<void(std::size_t index, std::string_view value)>;
  virtual Result<void> get_many(std::span<const std::string> keys, const VisitValue& visit) const;
  // Calls `visit(key, value)` for the rows with begin <= key < end in order (in reverse order for `reverse`), until it
  // returns false. The views live for the call only. An empty `end` means no upper bound.
  virtual Result<void> scan(std::string_view begin, std::string_view end, const VisitRows& visit,
                            bool reverse = false) const = 0;
  // For ranges with begin <= their keys < end.
  virtual std::unique_ptr<Walk> walk(std::string_view begin, std::string_view end) const;
};

class Tables {
 public:
  virtual ~Tables() = default;
  // Writes the batch atomically (unsynced). One thread at a time.
  virtual Result<void> write(const Batch& batch) = 0;
  virtual std::unique_ptr<const Snapshot> snapshot() const = 0;
  // Point look-up of the newest value.
  virtual Result<std::optional<std::string>> get(std::string_view key) const = 0;
  // Deletes every row.
  virtual Result<void> clear() = 0;
  // After a failed write: makes the tables writable again, or says why not yet. The rows may be those of an earlier batch
  // afterwards, and already when it fails. Nothing to do where nothing failed. The writing thread.
  virtual Result<void> reopen() { return {}; }
};

}  // namespace billing::store

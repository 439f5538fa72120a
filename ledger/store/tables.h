// Tables: ordered rows with atomic batches, for views and the writer's state. Not the truth: may be deleted and
// rebuilt from the log at any time; writes are not synced.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ledger/base/error.h"

namespace billing::store {

// Rows to write together, in any order; a row without value is deleted. The last of two writes of a key wins.
struct Batch {
  struct Row {
    std::string key;
    std::optional<std::string> value;
  };
  std::vector<Row> rows;
  void put(std::string key, std::string value) { rows.push_back({std::move(key), std::move(value)}); }
  void erase(std::string key) { rows.push_back({std::move(key), std::nullopt}); }
};

// A read-only state of all rows at one moment. Any thread; several threads at once.
class Snapshot {
 public:
  virtual ~Snapshot() = default;
  virtual Result<std::optional<std::string>> get(std::string_view key) const = 0;
  // Calls `visit(key, value)` for the rows with begin <= key < end in order (in reverse order for `reverse`), until it
  // returns false. The views live for the call only. An empty `end` means no upper bound.
  virtual Result<void> scan(std::string_view begin, std::string_view end,
                            const std::function<bool(std::string_view, std::string_view)>& visit,
                            bool reverse = false) const = 0;
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
};

}  // namespace billing::store

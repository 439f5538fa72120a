// Tables whose writes stay in memory, over rows that never change: a look at what would be, which leaves nothing behind.
#pragma once

#include <cstddef>
#include <memory>

#include "ledger/store/tables.h"

namespace billing::store {

// Begins with the rows of `base` and keeps what differs from them; rows of the base that are deleted are hidden. What is
// written costs memory until the object and its snapshots are gone: the owner watches bytes(). Taking a snapshot is
// cheap; the first write after it, while it lives, copies what differs.
class OverlayTables final : public Tables {
 public:
  // Null: over no rows at all.
  explicit OverlayTables(std::shared_ptr<const Snapshot> base);
  ~OverlayTables() override;
  OverlayTables(const OverlayTables&) = delete;
  OverlayTables& operator=(const OverlayTables&) = delete;

  Result<void> write(const Batch& batch) override;
  std::unique_ptr<const Snapshot> snapshot() const override;
  Result<std::optional<std::string>> get(std::string_view key) const override;
  Result<void> clear() override;

  // What the rows in memory take, keys and the tree's own nodes included, within a fifth. Any thread.
  std::size_t bytes() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace billing::store

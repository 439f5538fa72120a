#include "ledger/store/memory_tables.h"

#include <atomic>
#include <map>
#include <mutex>

namespace billing::store {
namespace {

using Rows = std::map<std::string, std::string, std::less<>>;

// The rows, and how many snapshots look at them.
struct Version {
  Rows rows;
  std::atomic<int> readers = 0;
};

std::optional<std::string> find(const Rows& rows, std::string_view key) {
  const auto found = rows.find(key);
  if (found == rows.end()) return std::nullopt;
  return found->second;
}

class MemorySnapshot final : public Snapshot {
 public:
  explicit MemorySnapshot(std::shared_ptr<Version> version) : version_(std::move(version)) { ++version_->readers; }
  ~MemorySnapshot() override { version_->readers.fetch_sub(1, std::memory_order_release); }
  MemorySnapshot(const MemorySnapshot&) = delete;
  MemorySnapshot& operator=(const MemorySnapshot&) = delete;

  Result<std::optional<std::string>> get(std::string_view key) const override { return find(version_->rows, key); }

  Result<void> scan(std::string_view begin, std::string_view end,
                    const std::function<bool(std::string_view, std::string_view)>& visit,
                    bool reverse) const override {
    if (!end.empty() && begin >= end) return {};
    const Rows& rows = version_->rows;
    const auto first = rows.lower_bound(begin);
    auto last = end.empty() ? rows.end() : rows.lower_bound(end);
    if (reverse) {
      while (last != first) {
        --last;
        if (!visit(last->first, last->second)) break;
      }
      return {};
    }
    for (auto row = first; row != last; ++row) {
      if (!visit(row->first, row->second)) break;
    }
    return {};
  }

 private:
  std::shared_ptr<Version> version_;
};

class MemoryTables final : public Tables {
 public:
  Result<void> write(const Batch& batch) override {
    std::lock_guard lock(mutex_);
    if (version_->readers.load(std::memory_order_acquire) > 0) {  // snapshots keep the old rows
      auto copy = std::make_shared<Version>();
      copy->rows = version_->rows;
      version_ = std::move(copy);
    }
    for (const Batch::Row& row : batch.rows) {
      if (row.value) {
        version_->rows.insert_or_assign(std::string(row.key), std::string(*row.value));
      } else {
        version_->rows.erase(std::string(row.key));
      }
    }
    return {};
  }

  std::unique_ptr<const Snapshot> snapshot() const override {
    std::lock_guard lock(mutex_);
    return std::make_unique<MemorySnapshot>(version_);
  }

  Result<std::optional<std::string>> get(std::string_view key) const override {
    std::lock_guard lock(mutex_);
    return find(version_->rows, key);
  }

  Result<void> clear() override {
    std::lock_guard lock(mutex_);
    version_ = std::make_shared<Version>();
    return {};
  }

 private:
  mutable std::mutex mutex_;
  std::shared_ptr<Version> version_ = std::make_shared<Version>();
};

}  // namespace

std::unique_ptr<Tables> make_memory_tables() { return std::make_unique<MemoryTables>(); }

}  // namespace billing::store

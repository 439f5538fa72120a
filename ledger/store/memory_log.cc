#include "ledger/store/memory_log.h"

#include <condition_variable>
#include <deque>
#include <mutex>
#include <unordered_map>

#include "ledger/store/record.h"

namespace billing::store {
namespace {

class MemoryLog final : public Log {
 public:
  Result<void> commit(std::span<const Record> records, std::span<const CommandEntry> commands) override {
    std::lock_guard lock(mutex_);
    BILLING_TRY(next, chain_after(head_, records));
    for (const Record& record : records) records_.push_back(std::make_shared<const Record>(record));
    for (const CommandEntry& entry : commands) commands_.insert_or_assign(entry.key, entry);
    head_ = next;
    grown_.notify_all();
    return {};
  }

  Head head() const override {
    std::lock_guard lock(mutex_);
    return head_;
  }

  Result<std::size_t> read(Position from, std::size_t limit,
                           const std::function<bool(const Record&)>& visit) const override {
    std::size_t visited = 0;
    for (Position position = from == 0 ? 1 : from; visited < limit; ++position) {
      const auto record = at(position);
      if (!record) break;
      ++visited;
      if (!visit(*record)) break;
    }
    return visited;
  }

  Result<std::optional<CommandEntry>> find_command(std::string_view key) const override {
    std::lock_guard lock(mutex_);
    const auto found = commands_.find(std::string(key));
    if (found == commands_.end()) return std::nullopt;
    return found->second;
  }

  bool wait_past(Position position, std::chrono::milliseconds at_most) const override {
    std::unique_lock lock(mutex_);
    return grown_.wait_for(lock, at_most, [&] { return head_.position > position; });
  }

  bool read_only() const override { return false; }

  Result<void> reopen() override { return {}; }

 private:
  // Held by shared_ptr so that `visit` runs without the lock and may call this log again.
  std::shared_ptr<const Record> at(Position position) const {
    std::lock_guard lock(mutex_);
    return position <= records_.size() ? records_[position - 1] : nullptr;
  }

  mutable std::mutex mutex_;
  mutable std::condition_variable grown_;
  Head head_;
  std::deque<std::shared_ptr<const Record>> records_;
  std::unordered_map<std::string, CommandEntry> commands_;
};

}  // namespace

std::unique_ptr<Log> make_memory_log() { return std::make_unique<MemoryLog>(); }

}  // namespace billing::store

#include <map>
#include <mutex>

#include "ledger/store/table_checkpoints.h"

namespace billing::store {
namespace {

class MemoryCheckpoints final : public TableCheckpoints {
 public:
  explicit MemoryCheckpoints(const Tables& tables) : tables_(tables) {}

  std::vector<std::uint64_t> list() const override {
    const std::lock_guard lock(mutex_);
    std::vector<std::uint64_t> numbers;
    for (const auto& [number, rows] : kept_) numbers.push_back(number);
    return numbers;
  }
  Result<void> make(std::uint64_t number) override {
    const std::lock_guard lock(mutex_);
    kept_[number] = tables_.snapshot();
    return {};
  }
  Result<std::shared_ptr<const Snapshot>> open(std::uint64_t number) const override {
    const std::lock_guard lock(mutex_);
    const auto found = kept_.find(number);
    if (found == kept_.end()) {
      return refuse(Code::kStorageFailure, "there is no checkpoint " + std::to_string(number));
    }
    return found->second;
  }
  Result<void> drop(std::uint64_t number) override {
    const std::lock_guard lock(mutex_);
    kept_.erase(number);
    return {};
  }

 private:
  const Tables& tables_;
  mutable std::mutex mutex_;
  std::map<std::uint64_t, std::shared_ptr<const Snapshot>> kept_;
};

}  // namespace

std::unique_ptr<TableCheckpoints> make_memory_checkpoints(const Tables& tables) {
  return std::make_unique<MemoryCheckpoints>(tables);
}

}  // namespace billing::store

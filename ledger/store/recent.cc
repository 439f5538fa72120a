#include "ledger/store/recent.h"

#include <algorithm>

namespace billing::store {
namespace {
std::size_t cost(const CommittedBatch& batch) {
  return batch.bytes.capacity() + batch.ends.capacity() * sizeof(std::size_t) + sizeof(CommittedBatch);
}
}  // namespace

std::string_view CommittedBatch::value(Position position) const {
  const auto index = static_cast<std::size_t>(position - first);
  const std::size_t begin = index == 0 ? 0 : ends[index - 1];
  return std::string_view(bytes).substr(begin, ends[index] - begin);
}

void Recent::append(CommittedBatch batch) {
  if (batch.ends.empty()) return;
  auto added = std::make_shared<const CommittedBatch>(std::move(batch));
  std::lock_guard lock(mutex_);
  bytes_ += cost(*added);
  batches_.push_back(std::move(added));
  while (bytes_ > bytes_max_) {
    bytes_ -= cost(*batches_.front());
    batches_.pop_front();
  }
}

void Recent::clear() {
  std::lock_guard lock(mutex_);
  batches_.clear();
  bytes_ = 0;
}

std::shared_ptr<const CommittedBatch> Recent::find(Position position) const {
  std::lock_guard lock(mutex_);
  const auto found = std::partition_point(batches_.begin(), batches_.end(),
                                          [&](const auto& batch) { return batch->last() < position; });
  if (found == batches_.end() || (*found)->first > position) return nullptr;
  return *found;
}

}  // namespace billing::store

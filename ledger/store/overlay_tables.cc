#include "ledger/store/overlay_tables.h"

#include <atomic>
#include <map>
#include <mutex>
#include <optional>

namespace billing::store {
namespace {

// A row without value hides the base's.
using Changes = std::map<std::string, std::optional<std::string>, std::less<>>;
constexpr std::size_t kNodeBytes = 128;  // of a row: the tree's node, and what the allocator adds to its two texts
using Visit = std::function<bool(std::string_view, std::string_view)>;

// The rows at one moment, and how many snapshots look at them.
struct Version {
  std::shared_ptr<const Snapshot> base;  // null once all of its rows are deleted
  Changes changes;
  std::size_t bytes = 0;
  std::atomic<int> readers = 0;

  Result<std::optional<std::string>> get(std::string_view key) const {
    if (const auto found = changes.find(key); found != changes.end()) return found->second;
    if (base == nullptr) return std::nullopt;
    return base->get(key);
  }
  void set(const Batch::Row& row) {
    const auto [at, fresh] = changes.try_emplace(std::string(row.key));
    if (fresh) bytes += row.key.size() + kNodeBytes;
    bytes -= at->second ? at->second->size() : 0;
    if (row.value) {
      at->second.emplace(*row.value);
      bytes += row.value->size();
    } else if (base != nullptr) {
      at->second.reset();
    } else {
      bytes -= row.key.size() + kNodeBytes;
      changes.erase(at);
    }
  }
};

// Visits changes from `at` on, up to `end`, and the base's rows between them, in the direction of the iterators.
template <class Iterator, class Before>
class Merge {
 public:
  Merge(Iterator at, Iterator end, Before before, const Visit& visit)
      : at_(at), end_(end), before_(before), visit_(visit) {}

  // A row of the base; false when the visitor wants no more.
  bool base_row(std::string_view key, std::string_view value) {
    for (; at_ != end_ && before_(std::string_view(at_->first), key); ++at_) {
      if (!change()) return false;
    }
    if (at_ == end_ || at_->first != key) return going_ = visit_(key, value);
    const bool more = change();
    ++at_;
    return more;
  }
  void rest() {
    for (; going_ && at_ != end_; ++at_) change();
  }

 private:
  bool change() {
    if (at_->second) going_ = visit_(at_->first, *at_->second);
    return going_;
  }
  Iterator at_;
  const Iterator end_;
  const Before before_;
  const Visit& visit_;
  bool going_ = true;
};

Result<void> merged(const Version& version, std::string_view begin, std::string_view end, bool reverse, auto merge) {
  if (version.base != nullptr) {
    BILLING_CHECK(version.base->scan(
        begin, end, [&](std::string_view key, std::string_view value) { return merge.base_row(key, value); }, reverse));
  }
  merge.rest();
  return {};
}

class OverlaySnapshot final : public Snapshot {
 public:
  explicit OverlaySnapshot(std::shared_ptr<Version> version) : version_(std::move(version)) { ++version_->readers; }
  ~OverlaySnapshot() override { version_->readers.fetch_sub(1, std::memory_order_release); }
  OverlaySnapshot(const OverlaySnapshot&) = delete;
  OverlaySnapshot& operator=(const OverlaySnapshot&) = delete;

  Result<std::optional<std::string>> get(std::string_view key) const override { return version_->get(key); }

  Result<void> scan(std::string_view begin, std::string_view end, const Visit& visit, bool reverse) const override {
    if (!end.empty() && begin >= end) return {};
    const Changes& changes = version_->changes;
    const auto first = changes.lower_bound(begin);
    const auto last = end.empty() ? changes.end() : changes.lower_bound(end);
    if (!reverse) return merged(*version_, begin, end, false, Merge(first, last, std::less<>(), visit));
    return merged(*version_, begin, end, true,
                  Merge(std::make_reverse_iterator(last), std::make_reverse_iterator(first), std::greater<>(), visit));
  }

 private:
  std::shared_ptr<Version> version_;
};

}  // namespace

struct OverlayTables::Impl {
  mutable std::mutex mutex;
  std::shared_ptr<Version> version = std::make_shared<Version>();
};

OverlayTables::OverlayTables(std::shared_ptr<const Snapshot> base) : impl_(new Impl) {
  impl_->version->base = std::move(base);
}
OverlayTables::~OverlayTables() = default;

Result<void> OverlayTables::write(const Batch& batch) {
  const std::lock_guard lock(impl_->mutex);
  auto& version = impl_->version;
  if (version->readers.load(std::memory_order_acquire) > 0) {  // snapshots keep the old rows
    auto copy = std::make_shared<Version>();
    copy->base = version->base;
    copy->changes = version->changes;
    copy->bytes = version->bytes;
    version = std::move(copy);
  }
  for (const Batch::Row& row : batch.rows) version->set(row);
  return {};
}

std::unique_ptr<const Snapshot> OverlayTables::snapshot() const {
  const std::lock_guard lock(impl_->mutex);
  return std::make_unique<OverlaySnapshot>(impl_->version);
}

Result<std::optional<std::string>> OverlayTables::get(std::string_view key) const {
  const std::lock_guard lock(impl_->mutex);
  return impl_->version->get(key);
}

Result<void> OverlayTables::clear() {
  const std::lock_guard lock(impl_->mutex);
  impl_->version = std::make_shared<Version>();
  return {};
}

std::size_t OverlayTables::bytes() const {
  const std::lock_guard lock(impl_->mutex);
  return impl_->version->bytes;
}

}  // namespace billing::store

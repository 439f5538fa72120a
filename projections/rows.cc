#include "projections/rows.h"

#include <algorithm>
#include <cstring>
#include <map>

namespace billing::views {
namespace {

// Eight bytes from `offset` on; zeros stand for those beyond the end.
std::uint64_t word_at(std::string_view bytes, std::size_t offset) {
  std::uint64_t word = 0;
  if (offset < bytes.size()) std::memcpy(&word, bytes.data() + offset, std::min<std::size_t>(8, bytes.size() - offset));
  return word;
}

// Sorts by key; of one key the later write stays the later one. The first sixteen bytes decide nearly all comparisons
// without following the key's pointer.
void sort_rows(std::vector<store::Batch::Row>& rows) {
  struct Slot {
    std::uint64_t first, second;
    std::uint32_t index;
  };
  std::vector<Slot> order;
  order.reserve(rows.size());
  for (std::uint32_t i = 0; i < rows.size(); ++i) {
    const std::string_view key = rows[i].key;
    order.push_back({__builtin_bswap64(word_at(key, 0)), __builtin_bswap64(word_at(key, 8)), i});
  }
  std::sort(order.begin(), order.end(), [&](const Slot& a, const Slot& b) {
    if (a.first != b.first) return a.first < b.first;
    if (a.second != b.second) return a.second < b.second;
    if (const int by_key = rows[a.index].key.compare(rows[b.index].key); by_key != 0) return by_key < 0;
    return a.index < b.index;
  });
  std::vector<store::Batch::Row> sorted;
  sorted.reserve(rows.size());
  for (const Slot& slot : order) sorted.push_back(rows[slot.index]);
  rows = std::move(sorted);
}

}  // namespace

std::size_t Rows::Hash::operator()(std::string_view key) const {
  std::uint64_t hash = key.size();
  for (std::size_t i = 0; i < key.size(); i += 8) {
    hash = (hash ^ word_at(key, i)) * 0x9E3779B97F4A7C15ULL;
    hash ^= hash >> 32U;
  }
  return static_cast<std::size_t>(hash);
}

Rows::Rows(const store::Tables& tables, std::size_t cached_max) : tables_(tables), cached_max_(cached_max) {}

// The row where one of the caches has it, or nullptr.
Rows::Cache::value_type* Rows::cached(std::string_view key) {
  if (const auto found = hot_.find(key); found != hot_.end()) return &*found;
  if (const auto found = made_.find(key); found != made_.end()) return &*found;
  if (const auto found = cold_.find(key); found != cold_.end()) return &*hot_.insert(cold_.extract(found)).position;
  return nullptr;
}

Rows::Cache::value_type& Rows::slot_of(std::string_view key) {
  if (auto* const found = cached(key)) return *found;
  Entry asked;
  auto stored = tables_.get(key);
  if (!stored) {
    if (!failure_) failure_ = stored.error();
  } else if (*stored) {
    asked.value = std::move(**stored);
    asked.present = true;
    asked.stored = true;
  }
  return *hot_.emplace(std::string(key), std::move(asked)).first;
}

void Rows::mark(Cache::value_type& slot) {
  if (slot.second.dirty) return;
  slot.second.dirty = true;
  dirty_.push_back(&slot);
  if (dirty_keys_) dirty_keys_->insert(slot.first);
}

const std::string* Rows::find(std::string_view key) {
  const Entry& found = slot_of(key).second;
  return found.present ? &found.value : nullptr;
}

std::string& Rows::edit(std::string_view key) {
  Cache::value_type& slot = slot_of(key);
  slot.second.present = true;
  mark(slot);
  return slot.second.value;
}

// The place of a row that is new, or that was there, went, and comes again.
Rows::Cache::value_type& Rows::made(std::string_view key) {
  auto* const found = cached(key);
  return found != nullptr ? *found : *made_.emplace(std::string(key), Entry()).first;
}

std::string& Rows::create(std::string_view key) {
  Cache::value_type& slot = made(key);
  slot.second.present = true;
  mark(slot);
  return slot.second.value;
}

void Rows::erase(std::string_view key) {
  Cache::value_type& slot = slot_of(key);
  slot.second.present = false;
  slot.second.value.clear();
  mark(slot);
}

std::vector<std::pair<std::string, std::string>> Rows::under(std::string_view prefix) {
  std::map<std::string, std::string> found;
  const auto scanned = tables_.snapshot()->scan(prefix, prefix_end(prefix),
                                                [&](std::string_view key, std::string_view value) {
    found.emplace_hint(found.end(), key, value);
    return true;
  });
  if (!scanned && !failure_) failure_ = scanned.error();
  if (!dirty_keys_) {
    dirty_keys_.emplace();
    for (const Cache::value_type* slot : dirty_) dirty_keys_->insert(slot->first);
  }
  for (auto key = dirty_keys_->lower_bound(prefix); key != dirty_keys_->end() && key->starts_with(prefix); ++key) {
    const Entry& entry = cached(*key)->second;
    if (entry.present) {
      found[std::string(*key)] = entry.value;
    } else {
      found.erase(std::string(*key));
    }
  }
  return {found.begin(), found.end()};
}

void Rows::damaged(std::string_view key) {
  if (failure_) return;
  failure_ = Error{Code::kStorageFailure,
                   "a row of the view '" + std::string(view_name(static_cast<std::uint8_t>(key.front()))) +
                       "' is missing or damaged; rebuild the views: " + hex(key),
                   {}};
}

const store::Batch& Rows::changes() {
  batch_.rows.reserve(batch_.rows.size() + dirty_.size());
  for (Cache::value_type* slot : dirty_) {
    Entry& changed = slot->second;
    changed.dirty = false;
    if (changed.present) {
      batch_.rows.push_back({slot->first, changed.value});
    } else if (changed.stored) {  // a row that came and went between two batches is not written at all
      batch_.rows.push_back({slot->first, std::nullopt});
    }
    changed.stored = changed.present;
  }
  dirty_.clear();
  dirty_keys_.reset();
  sort_rows(batch_.rows);
  return batch_;
}

void Rows::written() {
  batch_.clear();
  made_.clear();
  if (hot_.size() <= cached_max_) return;
  cold_ = std::move(hot_);
  hot_ = Cache(cached_max_ + cached_max_ / 4);
}

}  // namespace billing::views

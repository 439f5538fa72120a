// The rows as a fold sees them: a write-back cache over the tables, emptied into one sorted batch now and then.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "ledger/base/error.h"
#include "ledger/store/tables.h"
#include "projections/keys.h"
#include "projections/row_codec.h"

namespace billing::views {

// One thread. Failures of the tables stick: rows then read as missing, and changes() must not be written.
class Rows {
 public:
  // Keeps up to about 2 x `cached_max` rows that were used lately; one that is only made is not kept.
  Rows(const store::Tables& tables, std::size_t cached_max);

  // The row's bytes, or nullptr. Good until the next call.
  const std::string* find(std::string_view key);
  // The row's bytes to be changed in place; empty for a row that is not there.
  std::string& edit(std::string_view key);
  void erase(std::string_view key);
  // The key is known to have no row in the tables: until the next written() they are not asked for it.
  void not_stored(std::string_view key) { made(key); }
  // The bytes of a row that is known not to be in the tables.
  std::string& create(std::string_view key);
  // All rows whose keys begin with `prefix`, in order. Not for tables whose rows are appended. The first call after
  // written() sorts the keys of all changed rows.
  std::vector<std::pair<std::string, std::string>> under(std::string_view prefix);
  // A row that no fold ever reads back: kept out of the cache. The last of two writes wins.
  void append(const Key& key, std::string_view value) { batch_.put(key, value); }
  void drop(const Key& key) { batch_.erase(key); }

  template <class Row>
  std::optional<Row> load(std::string_view key) {
    const std::string* bytes = find(key);
    if (bytes == nullptr) return std::nullopt;
    auto row = parse_row<Row>(*bytes);
    if (!row) damaged(key);
    return row;
  }
  template <class Row>
  void save(std::string_view key, const Row& row) {
    write_row(row, edit(key));
  }
  template <class Row>
  void save_new(std::string_view key, const Row& row) {
    write_row(row, create(key));
  }

  // What changed since the last written(), sorted by key. Good until the next call of any function.
  const store::Batch& changes();
  // The changes are in the tables.
  void written();
  const std::optional<Error>& failure() const { return failure_; }
  // A row was not what the events before require: the tables are damaged.
  void damaged(std::string_view key);

 private:
  struct Entry {
    std::string value;
    bool present = false;
    bool dirty = false;
    bool stored = false;  // the tables may hold a row with this key
  };
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view key) const;
  };
  using Cache = std::unordered_map<std::string, Entry, Hash, std::equal_to<>>;

  Cache::value_type& slot_of(std::string_view key);
  Cache::value_type* cached(std::string_view key);
  Cache::value_type& made(std::string_view key);
  void mark(Cache::value_type& slot);

  const store::Tables& tables_;
  const std::size_t cached_max_;
  Cache hot_;
  Cache cold_;  // what was hot before; moved back when used, thrown away at the next turn
  Cache made_;  // made since the last written(); few are used again soon, and they would drive out those that are
  std::vector<Cache::value_type*> dirty_;
  std::optional<std::set<std::string_view>> dirty_keys_;  // of dirty_, once somebody looks for a prefix
  store::Batch batch_;
  std::optional<Error> failure_;
};

}  // namespace billing::views

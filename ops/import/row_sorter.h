// Sorts more rows than memory holds: sorted runs in files, merged when read.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "ledger/base/error.h"

namespace billing::import {

// A sortable number: its eight bytes, the highest first.
std::string big_endian(std::uint64_t number);

// Rows by key, those of one key in the order they were added. Not thread-safe.
class RowSorter {
 public:
  // Keeps up to `memory_bytes_max` of rows, then writes runs to files in `folder`, which nobody else can see: they
  // have no name and are gone with this object.
  RowSorter(std::string folder, std::size_t memory_bytes_max);
  ~RowSorter();
  RowSorter(const RowSorter&) = delete;
  RowSorter& operator=(const RowSorter&) = delete;

  // Keys and rows have less than 4 GiB. Errors: kStorageFailure.
  Result<void> add(std::string_view key, std::string_view row);

  // Ends adding; once, before the first next().
  Result<void> sort();
  // The next row; the views are valid until the next call. False at the end. Errors: kStorageFailure.
  Result<bool> next(std::string_view& key, std::string_view& row);

  std::size_t runs() const;  // files written

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace billing::import

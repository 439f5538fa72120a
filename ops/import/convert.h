// Rows of CSV files into a file of commands: accounts, documents with all their lines, payments, disputes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>

#include "ops/import/bodies.h"
#include "ops/import/files.h"
#include "ops/import/mapping.h"

namespace billing::import {

inline constexpr std::uint64_t kRowsPerReport = 4'096;

struct ConvertOptions {
  std::string folder;  // for rows that memory does not hold
  std::size_t memory_bytes_max = std::size_t{256} << 20U;
  bool ndjson = false;  // plain commands, for reading; rows that are none are left out
  // Called every kRowsPerReport rows with bytes read so far and bytes in all; false stops (kShuttingDown).
  std::function<bool(std::uint64_t, std::uint64_t)> progress;
};

struct Converted {
  std::uint64_t rows = 0;
  std::uint64_t commands = 0;
  std::uint64_t refused = 0;  // rows and documents that are no command
};

// The ids and constants that the mapping's commands share. Errors: kConfiguration.
Result<Target> target_of(const Mapping& mapping);

// Writes the commands of all steps to `out`, in the order of the steps and, within one, of each object's first row.
// A document is refused whole when one of its rows is. Steps without a file read `file`. Errors: kConfiguration,
// kMalformedBody, kStorageFailure.
Result<Converted> convert(const Mapping& mapping, const std::string& file, const ConvertOptions& options, File& out);

}  // namespace billing::import

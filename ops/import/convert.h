// Rows of CSV files into commands: objects of one row, documents with all their lines.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "ops/import/bodies.h"
#include "ops/import/mapping.h"
#include "ops/import/tally.h"

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
  Outcomes kinds;             // booked: those that are commands
};

// Takes the commands: whole lines of a CommandFile (kConverted), or of NDJSON.
using TakeLines = std::function<Result<void>(std::string_view lines)>;

// The ids and constants that the mapping's commands share. Errors: kConfiguration.
Result<Target> target_of(const Mapping& mapping);

// Gives the commands of all steps to `take`, in the order of the steps and, within one, of each object's first row. All
// files' columns are checked first. A document is refused whole when one of its rows is, or when its rows disagree in
// anything but their lines; rows with the same key are refused where each row is an object. Steps without a file read
// `file`. Errors of the whole: kConfiguration (also columns that no field takes, columns that are there twice),
// kMalformedBody (also a row whose document cannot be told), kTooManyItems, kStorageFailure, those of `take`.
Result<Converted> convert(const Mapping& mapping, const std::string& file, const ConvertOptions& options,
                          const TakeLines& take);

}  // namespace billing::import

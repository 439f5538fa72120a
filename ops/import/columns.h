// Whether every column of every file is read by something.
#pragma once

#include <string>

#include "ledger/base/currency.h"
#include "ops/import/files.h"
#include "ops/import/mapping.h"
#include "ops/import/row_reader.h"

namespace billing::import {

// A step's file, read from its beginning. `read_bytes` counts what was read. Errors: kStorageFailure, those of RowReader.
struct StepFile {
  File file;
  std::uint64_t bytes = 0;  // of the file
  std::uint64_t read_bytes = 0;
};
Result<StepFile> open_step(const Step& step, const std::string& given);
Result<RowReader> read_step(const Step& step, Currency currency, StepFile& file);

// The file that a step reads: its own, or the `given` one. Error: kConfiguration when there is neither.
Result<std::string> file_of(const Step& step, const std::string& given);

// Opens all files and binds all steps. A column that no step of its file takes, and that none of them ignores, is refused;
// so is one that is there twice. Errors: kConfiguration, those of RowReader::open, with the file's name.
Result<void> check_columns(const Mapping& mapping, const std::string& given, Currency currency);

}  // namespace billing::import

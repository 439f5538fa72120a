// CSV as of RFC 4180, read as a stream of UTF-8: quotes, line breaks inside them; lines end with LF, CRLF or CR.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "ledger/base/error.h"
#include "ops/import/encoding.h"

namespace billing::import {

struct CsvOptions {
  char delimiter = ',';
  std::uint64_t skip_lines = 0;  // before the first record, whatever is in them
  std::size_t record_bytes_max = std::size_t{1} << 20U;
  std::size_t columns_max = 1'024;
};

struct CsvRecord {
  std::vector<std::string> fields;
  std::uint64_t line = 0;  // where it begins; the first line is 1
  std::string problem;     // not empty: the record is not CSV, and why; the fields are not complete
};

// A quote inside an unquoted field stands for itself, as programs that never quote write it; text after a closing
// quote is a problem of its record, and the next one begins after the line's end. Empty lines are no records.
// Not thread-safe.
class CsvReader {
 public:
  explicit CsvReader(ReadBytes read, CsvOptions options = {});

  // Reads the next record into `record`; false at the end. Errors: those of `read`; kMalformedBody when the input ends
  // inside quotes, which is never the record's fault alone.
  Result<bool> next(CsvRecord& record);

 private:
  enum class Place { kFieldBegin, kPlain, kQuoted, kQuoteSeen, kSkip };
  // The next byte without taking it; -1 at the end.
  Result<int> peek();
  // Counts lines; true for the second byte of CRLF, which ends nothing.
  bool second_of_line_end(char c);
  Result<void> skip();
  bool end_field(CsvRecord& record);
  void spoil(CsvRecord& record, std::string_view problem);
  // Takes one character; true when the record is complete.
  bool take(char c, CsvRecord& record);

  ReadBytes read_;
  CsvOptions options_;
  std::string buffer_;
  std::size_t at_ = 0;
  std::size_t end_ = 0;
  std::uint64_t line_ = 1;
  bool after_cr_ = false;
  bool skipped_ = false;
  Place place_ = Place::kFieldBegin;
  std::string field_;
  std::size_t record_bytes_ = 0;
};

// The field as CSV: quoted where it has to be.
void append_csv_field(std::string& out, std::string_view field);

}  // namespace billing::import

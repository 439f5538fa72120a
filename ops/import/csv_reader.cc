#include "ops/import/csv_reader.h"

#include <utility>

namespace billing::import {
namespace {

constexpr std::size_t kBufferBytes = std::size_t{64} << 10U;

}  // namespace

CsvReader::CsvReader(ReadBytes read, CsvOptions options) : read_(std::move(read)), options_(options) {
  buffer_.resize(kBufferBytes);
}

Result<int> CsvReader::peek() {
  if (at_ == end_) {
    BILLING_TRY(got, read_(buffer_.data(), buffer_.size()));
    at_ = 0;
    end_ = got;
    if (end_ == 0) return -1;
  }
  return static_cast<unsigned char>(buffer_[at_]);
}

bool CsvReader::second_of_line_end(char c) {
  const bool second = c == '\n' && after_cr_;
  after_cr_ = c == '\r';
  if ((c == '\n' || c == '\r') && !second) ++line_;
  return second;
}

Result<void> CsvReader::skip() {
  skipped_ = true;
  while (line_ <= options_.skip_lines) {
    BILLING_TRY(byte, peek());
    if (byte < 0) return {};
    ++at_;
    second_of_line_end(static_cast<char>(byte));
  }
  return {};
}

void CsvReader::spoil(CsvRecord& record, std::string_view problem) {
  if (record.problem.empty()) record.problem = problem;
  field_.clear();
  place_ = Place::kSkip;
}

bool CsvReader::end_field(CsvRecord& record) {
  if (record.fields.size() >= options_.columns_max) {
    spoil(record, "the record has too many columns");
    return false;
  }
  record.fields.push_back(std::exchange(field_, {}));
  place_ = Place::kFieldBegin;
  return true;
}

bool CsvReader::take(char c, CsvRecord& record) {
  if (place_ == Place::kQuoted) {
    if (c == '"') {
      place_ = Place::kQuoteSeen;
    } else {
      field_ += c;
    }
    return false;
  }
  if (c == '\n' || c == '\r') {
    if (place_ != Place::kSkip) end_field(record);
    return true;
  }
  switch (place_) {
    case Place::kSkip: return false;
    case Place::kQuoteSeen:
      if (c == '"') {
        field_ += c;
        place_ = Place::kQuoted;
      } else if (c == options_.delimiter) {
        end_field(record);
      } else {
        spoil(record, "there is text after a closing quote");
      }
      return false;
    case Place::kFieldBegin:
      if (c == '"') {
        place_ = Place::kQuoted;
        return false;
      }
      [[fallthrough]];
    default:
      if (c == options_.delimiter) {
        end_field(record);
      } else {
        field_ += c;
        place_ = Place::kPlain;
      }
      return false;
  }
}

Result<bool> CsvReader::next(CsvRecord& record) {
  if (!skipped_) BILLING_CHECK(skip());
  for (;;) {
    record.fields.clear();
    record.problem.clear();
    record.line = line_;
    record_bytes_ = 0;
    place_ = Place::kFieldBegin;
    field_.clear();
    for (bool complete = false; !complete;) {
      BILLING_TRY(byte, peek());
      if (byte < 0) {
        if (place_ == Place::kQuoted)
          return refuse(Code::kMalformedBody,
                        "the quote of the record in line " + std::to_string(record.line) + " is never closed");
        if (record_bytes_ == 0) return false;
        take('\n', record);
        break;
      }
      ++at_;
      const char c = static_cast<char>(byte);
      if (second_of_line_end(c) && place_ != Place::kQuoted) continue;
      if (++record_bytes_ > options_.record_bytes_max && place_ != Place::kSkip) {
        if (place_ == Place::kQuoted)
          return refuse(Code::kMalformedBody,
                        "the quoted field in line " + std::to_string(record.line) + " is longer than a record may be");
        spoil(record, "the record is too long");
      }
      complete = take(c, record);
    }
    const bool blank = record_bytes_ <= 1 && record.fields.size() == 1 && record.fields[0].empty();  // a line's end alone
    if (!blank) return true;
  }
}

void append_csv_field(std::string& out, std::string_view field) {
  if (field.find_first_of(",\"\r\n") == std::string_view::npos) {
    out += field;
    return;
  }
  out += '"';
  for (const char c : field) {
    if (c == '"') out += '"';
    out += c;
  }
  out += '"';
}

}  // namespace billing::import

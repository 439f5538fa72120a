#include "ops/import/csv_reader.h"

#include <utility>

namespace billing::import {
namespace {

constexpr std::size_t kBufferBytes = std::size_t{64} << 10U;
constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

}  // namespace

CsvReader::CsvReader(ReadBytes read, CsvOptions options) : read_(std::move(read)), options_(options) {
  buffer_.resize(kBufferBytes);
}

// The next byte without taking it; -1 at the end.
Result<int> CsvReader::peek() {
  if (at_ == end_) {
    BILLING_TRY(got, read_(buffer_.data(), buffer_.size()));
    at_ = 0;
    end_ = got;
    // A mark is three bytes; a first read may give fewer.
    while (!begun_ && end_ > 0 && end_ < kByteOrderMark.size()) {
      BILLING_TRY(more, read_(buffer_.data() + end_, buffer_.size() - end_));
      if (more == 0) break;
      end_ += more;
    }
    if (!begun_ && std::string_view(buffer_.data(), end_).starts_with(kByteOrderMark)) at_ = kByteOrderMark.size();
    begun_ = true;
    if (at_ == end_) {
      if (end_ == 0) return -1;
      return peek();
    }
  }
  return static_cast<unsigned char>(buffer_[at_]);
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
  if (c == '\n') {
    if (place_ != Place::kSkip) {
      if (place_ == Place::kPlain && field_.ends_with('\r')) field_.pop_back();
      end_field(record);
    }
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
      } else if (c != '\r') {  // before the line feed
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
      if (c == '\n') ++line_;
      if (++record_bytes_ > options_.record_bytes_max && place_ != Place::kSkip) {
        if (place_ == Place::kQuoted)
          return refuse(Code::kMalformedBody,
                        "the quoted field in line " + std::to_string(record.line) + " is longer than a record may be");
        spoil(record, "the record is too long");
      }
      complete = take(c, record);
    }
    const bool blank = record.fields.size() == 1 && record.fields[0].empty() && record.problem.empty();
    if (!blank || record_bytes_ > 2) return true;
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

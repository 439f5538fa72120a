// A row of a report, written once and rendered twice: as a JSON object, and as a row of CSV.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "gateway/api/render_csv.h"
#include "gateway/api/render_views.h"

namespace billing::api {

// Takes the cells of a row from left to right; the names are the columns.
class Cells {
 public:
  virtual ~Cells() = default;
  // A text of somebody's; empty is null in JSON.
  virtual void text(std::string_view name, std::string_view value) = 0;
  // An id, a day, a code of ours: never empty but for null.
  virtual void plain(std::string_view name, std::string_view value) = 0;
  virtual void number(std::string_view name, std::uint64_t value) = 0;
  virtual void amount(std::string_view name, std::int64_t minor, Currency currency) = 0;
  void date(std::string_view name, Date value) { plain(name, value.text()); }
  void date(std::string_view name, const std::optional<Date>& value) { plain(name, value ? value->text() : std::string()); }
};

class JsonCells : public Cells {
 public:
  explicit JsonCells(JsonWriter& json) : json_(json) {}
  void text(std::string_view name, std::string_view value) override { write_or_null(json_, name, value); }
  void plain(std::string_view name, std::string_view value) override { write_or_null(json_, name, value); }
  void number(std::string_view name, std::uint64_t value) override { json_.member(name, value); }
  void amount(std::string_view name, std::int64_t minor, Currency currency) override {
    write_amount(json_, name, minor, currency);
  }

 private:
  JsonWriter& json_;
};

class CsvCells : public Cells {
 public:
  explicit CsvCells(Csv& csv) : csv_(csv) {}
  void text(std::string_view, std::string_view value) override { csv_.text(value); }
  void plain(std::string_view, std::string_view value) override { csv_.plain(value); }
  void number(std::string_view, std::uint64_t value) override { csv_.number(value); }
  void amount(std::string_view, std::int64_t minor, Currency currency) override { csv_.amount(minor, currency); }

 private:
  Csv& csv_;
};

// The names alone: the header of a CSV.
class NameCells : public Cells {
 public:
  explicit NameCells(Csv& csv) : csv_(csv) {}
  void text(std::string_view name, std::string_view) override { csv_.plain(name); }
  void plain(std::string_view name, std::string_view) override { csv_.plain(name); }
  void number(std::string_view name, std::uint64_t) override { csv_.plain(name); }
  void amount(std::string_view name, std::int64_t, Currency) override { csv_.plain(name); }

 private:
  Csv& csv_;
};

}  // namespace billing::api

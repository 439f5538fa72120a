// Reports that are tables: rows page by page as JSON, or all of them as CSV while they are read.
#pragma once

#include <memory>
#include <utility>

#include "gateway/api/read_routes.h"
#include "gateway/api/report_cells.h"

namespace billing::api {

// What a table is made of. `Row` must be default-constructible: an empty one gives the names of the columns.
template <class Row>
struct Table {
  std::string file;  // of the CSV
  std::function<Result<views::Page<Row>>(const views::PageRequest& page)> rows;
  std::function<void(Cells& cells, const Row& row)> cells;
  std::function<void(JsonWriter& json)> head = {};  // members of the JSON before `items`
};

template <class Row>
std::string table_json(const Table<Row>& table, const views::Page<Row>& page) {
  std::string out;
  JsonWriter json(out);
  json.begin_object();
  if (table.head) table.head(json);
  json.key("items");
  json.begin_array();
  for (const Row& row : page.items) {
    json.begin_object();
    JsonCells cells(json);
    table.cells(cells, row);
    json.end_object();
  }
  json.end_array();
  write_or_null(json, "next_cursor", page.next);
  json.end_object();
  return out;
}

// `look` keeps what the table reads from alive.
template <class Row>
Flow table_flow(const Look& look, Table<Row> table) {
  struct State {
    views::PageRequest page{.limit = 500, .cursor = {}};
    bool begun = false;
    bool ended = false;
  };
  Flow flow;
  flow.head = csv_response({}, table.file);
  flow.next = [views = look.views, table = std::move(table),
               state = State{}]() mutable -> Result<std::optional<std::string>> {
    if (state.ended) return std::nullopt;
    std::string out;
    Csv csv(out);
    if (!std::exchange(state.begun, true)) {
      NameCells names(csv);
      table.cells(names, Row{});
      csv.end_row();
    }
    do {
      BILLING_TRY(page, table.rows(state.page));
      for (const Row& row : page.items) {
        CsvCells cells(csv);
        table.cells(cells, row);
        csv.end_row();
      }
      state.page.cursor = page.next;
      state.ended = page.next.empty();
    } while (out.empty() && !state.ended);
    if (out.empty()) return std::nullopt;
    return out;
  };
  return flow;
}

// The query of every table: its scope, `format`, `limit` and `cursor`.
struct TableQuery {
  views::Scope scope;
  bool csv = false;
  views::PageRequest page;
};
TableQuery table_query(Query& query);
// `from` and `to`, both included; from the first of the month that ends with `to`, which is today's day, when absent.
struct DayRange {
  std::optional<Date> from;
  std::optional<Date> to;
  Date last(const Look& look) const { return to.value_or(look.today); }
  Date first(const Look& look) const;
};
DayRange day_range(Query& query);

template <class Row>
Result<Answer> table_answer(const Look& look, const TableQuery& query, Table<Row> table) {
  if (query.csv) return table_flow(look, std::move(table));
  BILLING_TRY(page, table.rows(query.page));
  return json_response(table_json(table, page));
}

}  // namespace billing::api

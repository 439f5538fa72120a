// Reports that are worked out from what happened: statement of account, taxes, revenue.
#include <algorithm>
#include <charconv>

#include "gateway/api/read_tables.h"

namespace billing::api {
namespace {

constexpr int kMonthsMax = 240;

// A line of a statement; the first and the last of a CSV carry the balances.
struct StatementRow {
  views::StatementLine line{};
  Currency currency{};
  std::string type{};
};

void statement_cells(Cells& cells, const StatementRow& row) {
  const auto& [entry, event] = row.line;
  const bool booked = entry.position != 0;
  cells.date("posting_date", entry.posting_date);
  cells.date("document_date", booked ? event.date : std::nullopt);
  cells.plain("type", row.type);
  cells.text("number", event.number);
  cells.plain("object", booked ? object_text(event.object) : std::string());
  cells.text("note", event.note);
  cells.plain("currency", row.currency.code());
  cells.amount("debit", entry.debit, row.currency);
  cells.amount("credit", entry.credit, row.currency);
  cells.amount("balance", entry.balance, row.currency);
  cells.number("position", entry.position);
}

StatementRow balance_row(const views::Statement& statement, Date date, std::int64_t balance, std::string_view type) {
  StatementRow row{.currency = statement.currency, .type = std::string(type)};
  row.line.entry.posting_date = date;
  row.line.entry.balance = balance;
  return row;
}

// The cursor is the day and position of the last line that was given.
Result<std::size_t> place_after(const views::Statement& statement, std::string_view cursor) {
  if (cursor.empty()) return std::size_t{0};
  const auto dot = cursor.find('.');
  std::int32_t days = 0;
  std::uint64_t position = 0;
  const char* end = cursor.data() + cursor.size();
  if (dot == std::string_view::npos ||
      std::from_chars(cursor.data(), cursor.data() + dot, days).ptr != cursor.data() + dot ||
      std::from_chars(cursor.data() + dot + 1, end, position).ptr != end)
    return refuse(Code::kInvalidCursor);
  const auto place = std::ranges::find_if(statement.entries, [&](const views::StatementEntry& entry) {
    return std::pair(entry.posting_date.days, entry.position) > std::pair(days, position);
  });
  return static_cast<std::size_t>(place - statement.entries.begin());
}

Result<views::Page<StatementRow>> statement_page(const views::Reader& views, const views::Statement& statement,
                                                 const views::PageRequest& page, bool csv) {
  BILLING_TRY(first, place_after(statement, page.cursor));
  const std::size_t count = std::min(page.limit, statement.entries.size() - first);
  BILLING_TRY(lines, views.statement_lines(std::span(statement.entries).subspan(first, count)));
  views::Page<StatementRow> rows;
  if (csv && first == 0) rows.items.push_back(balance_row(statement, statement.from, statement.opening, "opening"));
  for (auto& line : lines) {
    StatementRow row{.line = std::move(line), .currency = statement.currency};
    row.type = row.line.event.type;
    rows.items.push_back(std::move(row));
  }
  if (first + count < statement.entries.size()) {
    const auto& last = statement.entries[first + count - 1];
    rows.next = std::to_string(last.posting_date.days) + "." + std::to_string(last.position);
  } else if (csv) {
    rows.items.push_back(balance_row(statement, statement.to, statement.closing, "closing"));
  }
  return rows;
}

void statement_head(JsonWriter& json, const views::Statement& statement) {
  json.member("from", statement.from.text());
  json.member("to", statement.to.text());
  json.member("currency", statement.currency.code());
  write_amount(json, "opening", statement.opening, statement.currency);
  write_amount(json, "debit", statement.debit, statement.currency);
  write_amount(json, "credit", statement.credit, statement.currency);
  write_amount(json, "closing", statement.closing, statement.currency);
}

Report read_statement(Query& query) {
  const TableQuery asked = table_query(query);
  const DayRange range = day_range(query);
  return [=](const Look& look) -> Result<Answer> {
    BILLING_CHECK(look.customer_of(asked.scope));
    BILLING_TRY(found, look.views->statement(asked.scope, range.first(look), range.last(look)));
    const auto statement = std::make_shared<const views::Statement>(std::move(found));
    return table_answer(look, asked, Table<StatementRow>{
        .file = "statement-" + statement->from.text() + "-" + statement->to.text() + ".csv",
        .rows = [views = look.views, statement, csv = asked.csv](const views::PageRequest& page) {
          return statement_page(*views, *statement, page, csv);
        },
        .cells = statement_cells,
        .head = [statement](JsonWriter& json) { statement_head(json, *statement); }});
  };
}

struct TaxRow {
  views::TaxSum sum{};
  Currency currency{};
};
void tax_cells(Cells& cells, const TaxRow& row) {
  cells.text("authority", row.sum.authority);
  cells.text("code", row.sum.code);
  const bool rated = row.sum.rate != Decimal{} || (row.sum.invoiced_tax == 0 && row.sum.credited_tax == 0);
  cells.plain("rate", rated ? row.sum.rate.text() : std::string());  // or the amounts were given without one
  cells.plain("currency", row.currency.code());
  cells.amount("invoiced_base", row.sum.invoiced_base, row.currency);
  cells.amount("invoiced_tax", row.sum.invoiced_tax, row.currency);
  cells.amount("credited_base", row.sum.credited_base, row.currency);
  cells.amount("credited_tax", row.sum.credited_tax, row.currency);
  cells.amount("base", row.sum.base(), row.currency);
  cells.amount("tax", row.sum.tax(), row.currency);
}

// All rows at once: there are few.
template <class Row>
auto rows_of(std::vector<Row> rows) {
  return [rows = std::move(rows)](const views::PageRequest&) -> Result<views::Page<Row>> {
    return views::Page<Row>{.items = rows, .next = {}};
  };
}

Report read_taxes(Query& query) {
  const auto scope = query.scope();
  const bool csv = query.csv();
  const DayRange range = day_range(query);
  return [=](const Look& look) -> Result<Answer> {
    BILLING_CHECK(look.customer_of(scope));
    const Date first = range.first(look), last = range.last(look);
    BILLING_TRY(summary, look.views->tax_summary(scope, first, last));
    std::vector<TaxRow> rows;
    for (auto& sum : summary.taxes) rows.push_back({std::move(sum), summary.currency});
    return table_answer(look, {.scope = scope, .csv = csv, .page = {}}, Table<TaxRow>{
        .file = "taxes-" + first.text() + "-" + last.text() + ".csv",
        .rows = rows_of(std::move(rows)),
        .cells = tax_cells,
        .head = [first, last, relief = summary.relief, currency = summary.currency](JsonWriter& json) {
          json.member("from", first.text());
          json.member("to", last.text());
          write_amount(json, "relief", relief, currency);
        }});
  };
}

// Revenue of a ledger, or the line of deferred revenue.
struct RevenueLine {
  Ledger ledger = Ledger::kServiceRevenue;
  Currency currency{};
  std::int64_t opening = 0;
  std::int64_t invoiced = 0;
  std::int64_t released = 0;
  std::int64_t credited = 0;
  std::int64_t closing = 0;
};
void revenue_cells(Cells& cells, const RevenueLine& row) {
  cells.number("ledger", static_cast<std::uint16_t>(row.ledger));
  cells.plain("name", ledger_name(row.ledger));
  cells.plain("currency", row.currency.code());
  cells.amount("opening", row.opening, row.currency);
  cells.amount("invoiced", row.invoiced, row.currency);
  cells.amount("released", row.released, row.currency);
  cells.amount("credited", row.credited, row.currency);
  cells.amount("closing", row.closing, row.currency);
}

std::vector<RevenueLine> revenue_lines(const views::RevenueReport& report) {
  const auto& deferred = report.deferred;
  std::vector<RevenueLine> lines{{Ledger::kDeferredRevenue, report.currency, deferred.opening, deferred.deferred,
                                  deferred.released, deferred.credited, deferred.closing()}};
  for (const auto& sum : report.revenue) {
    lines.push_back({sum.ledger, report.currency, 0, sum.invoiced, sum.released, sum.credited, sum.earned()});
  }
  return lines;
}

Report read_revenue(Query& query) {
  const auto scope = query.scope();
  const bool csv = query.csv();
  const auto from = query.month("from"), to = query.month("to");
  return [=](const Look& look) -> Result<Answer> {
    BILLING_CHECK(look.customer_of(scope));
    const std::int32_t last = to.value_or(look.today.month_index()), first = from.value_or(last);
    if (first > last || last - first >= kMonthsMax)
      return refuse(Code::kInvalidParameter, "from must not be after to, and the range has at most 240 months.");
    BILLING_TRY(report, look.views->revenue(scope, first, last));
    return table_answer(look, {.scope = scope, .csv = csv, .page = {}}, Table<RevenueLine>{
        .file = "revenue-" + month_text(first) + "-" + month_text(last) + ".csv",
        .rows = rows_of(revenue_lines(report)),
        .cells = revenue_cells,
        .head = [first, last](JsonWriter& json) {
          json.member("from", month_text(first));
          json.member("to", month_text(last));
        }});
  };
}

}  // namespace

void add_statement_reads(ReadRoutes& routes) {
  routes.add_report("/v1/reports/statement", read_statement);
  routes.add_report("/v1/reports/taxes", read_taxes);
  routes.add_report("/v1/reports/revenue", read_revenue);
}

}  // namespace billing::api

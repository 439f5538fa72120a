// What the lists of documents and payments take beside their scope: filters, order, the day, a page, and their sums.
#pragma once

#include <span>
#include <string_view>
#include <utility>

#include "gateway/api/read_routes.h"
#include "gateway/api/render_views.h"
#include "projections/list_query.h"

namespace billing::api {

// What a table can be asked for. openapi_lists.py says the same to callers.
struct ListTable {
  std::span<const std::string_view> statuses = {};
  std::span<const std::string_view> methods = {};
  std::span<const std::pair<std::string_view, views::SortBy>> sorts = {};
  bool due = false;       // it has due dates
  std::string_view left;  // the name of what is left: open, unapplied, left
};
extern const ListTable kInvoiceTable;
extern const ListTable kPaymentTable;
extern const ListTable kCreditNoteTable;
extern const ListTable kDepositTable;

struct ListParams {
  views::ListQuery query{};  // without `today`
  bool totals = false;
  views::ListQuery at(const Look& look) const {
    views::ListQuery asked = query;
    asked.today = look.today;
    return asked;
  }
};
// Parses `customer`, `account` …, `as_of`, `date_from`, `date_to`, `posting_from` …, `status`, `method`, `q`, `sort`,
// `totals`, `limit`, `cursor`, as far as the table has them. The first refusal is the query's.
ListParams list_params(Query& query, const ListTable& table);
// `<name>_from` and `<name>_to`, both included.
views::DateRange date_range(Query& query, std::string_view from, std::string_view to);

// "totals":{"count":…,"exact":…,"amount":…,"<left>":…}.
void write_sums(JsonWriter& json, const views::ListSums& sums, std::string_view left);

// A page of a list, with `totals` when they are asked for.
template <class Item>
Result<http::Response> list_response(const ListParams& params, const ListTable& table, const views::ListQuery& query,
                                     auto&& list, auto&& sum) {
  BILLING_TRY(page, list(query));
  if (!params.totals) return json_response(page_text(page));
  BILLING_TRY(sums, sum(query));
  return json_response(page_text(
      page, [](JsonWriter& json, const Item& item) { write(json, item); },
      [&](JsonWriter& json) { write_sums(json, sums, table.left); }));
}

}  // namespace billing::api

#include "gateway/api/list_params.h"

#include <algorithm>
#include <array>

namespace billing::api {
namespace {

using views::SortBy;
using Sort = std::pair<std::string_view, SortBy>;

constexpr std::array<std::string_view, 10> kInvoiceStatuses{"draft",    "open",      "partly_paid", "overdue",     "paid",
                                                            "credited", "discarded", "void",        "written_off", "disputed"};
constexpr std::array<std::string_view, 9> kPaymentStatuses{"requested",    "authorised", "pending", "unknown",  "needs_review",
                                                           "succeeded", "failed",     "cancelled", "reversed"};
constexpr std::array<std::string_view, 5> kMethods{"card", "bank_debit", "cheque", "wire", "cash"};
constexpr std::array<Sort, 6> kInvoiceSorts{{{"date", SortBy::kDate},
                                             {"number", SortBy::kNumber},
                                             {"due_date", SortBy::kDueDate},
                                             {"amount", SortBy::kAmount},
                                             {"open", SortBy::kOpen},
                                             {"account_name", SortBy::kAccountName}}};
constexpr std::array<Sort, 5> kCreditNoteSorts{{{"date", SortBy::kDate},
                                                {"number", SortBy::kNumber},
                                                {"amount", SortBy::kAmount},
                                                {"unapplied", SortBy::kOpen},
                                                {"account_name", SortBy::kAccountName}}};
constexpr std::array<Sort, 4> kPaymentSorts{{{"date", SortBy::kDate},
                                             {"amount", SortBy::kAmount},
                                             {"unapplied", SortBy::kOpen},
                                             {"account_name", SortBy::kAccountName}}};
constexpr std::array<Sort, 4> kDepositSorts{{{"date", SortBy::kDate},
                                             {"amount", SortBy::kAmount},
                                             {"left", SortBy::kOpen},
                                             {"account_name", SortBy::kAccountName}}};

constexpr std::size_t kTextMax = 200;

void take_sort(Query& query, const ListTable& table, views::ListQuery& asked) {
  auto name = query.text("sort");
  if (!name) return;
  asked.ascending = !name->starts_with('-');
  if (!asked.ascending) name->remove_prefix(1);
  const auto found = std::ranges::find(table.sorts, *name, &Sort::first);
  if (found != table.sorts.end()) {
    asked.sort = found->second;
    return;
  }
  std::string detail = "sort must be one of these, with - in front for the other direction:";
  for (const auto& [word, sort] : table.sorts) detail.append(1, ' ').append(word);
  query.refuse_with(Code::kInvalidParameter, detail + ".");
}

}  // namespace

const ListTable kInvoiceTable{
    .statuses = kInvoiceStatuses, .methods = {}, .sorts = kInvoiceSorts, .due = true, .left = "open"};
const ListTable kPaymentTable{
    .statuses = kPaymentStatuses, .methods = kMethods, .sorts = kPaymentSorts, .due = false, .left = "unapplied"};
const ListTable kCreditNoteTable{
    .statuses = {}, .methods = {}, .sorts = kCreditNoteSorts, .due = false, .left = "unapplied"};
const ListTable kDepositTable{.statuses = {}, .methods = kMethods, .sorts = kDepositSorts, .due = false, .left = "left"};

views::DateRange date_range(Query& query, std::string_view from, std::string_view to) {
  views::DateRange range{.from = query.date(from), .to = query.date(to)};
  if (range.from && range.to && *range.to < *range.from)
    query.refuse_with(Code::kInvalidParameter, std::string(from) + " must not be after " + std::string(to) + ".");
  return range;
}

ListParams list_params(Query& query, const ListTable& table) {
  ListParams params;
  views::ListQuery& asked = params.query;
  asked.scope = query.scope();
  asked.as_of = query.date("as_of");
  asked.date = date_range(query, "date_from", "date_to");
  asked.posting = date_range(query, "posting_from", "posting_to");
  if (table.due) asked.due = date_range(query, "due_from", "due_to");
  if (!table.statuses.empty()) asked.statuses = query.words("status", table.statuses);
  if (!table.methods.empty()) asked.methods = query.words("method", table.methods);
  asked.text = query.text("q").value_or(std::string_view());
  if (asked.text.size() > kTextMax)
    query.refuse_with(Code::kInvalidParameter, "q has at most " + std::to_string(kTextMax) + " bytes.");
  take_sort(query, table, asked);
  params.totals = query.flag("totals");
  asked.page = query.page();
  if (params.totals || asked.sort != SortBy::kDate || !asked.text.empty()) query.note_walk();
  return params;
}

void write_sums(JsonWriter& json, const views::ListSums& sums, std::string_view left) {
  json.key("totals");
  json.begin_object();
  json.member("count", sums.count);
  json.member("exact", sums.exact);
  write_amount(json, "amount", sums.amount, sums.currency);
  write_amount(json, left, sums.left, sums.currency);
  json.end_object();
}

}  // namespace billing::api

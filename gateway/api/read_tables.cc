// Reports that list what there is: payments, deposits, invoices, credit balances, the audit trail.
#include "gateway/api/read_tables.h"

#include <algorithm>

namespace billing::api {
namespace {

// Keeps of a page, newest first, what is within the range; there is nothing more once one is older.
template <class Item, class Day>
void keep_range(views::Page<Item>& page, Date first, Date last, Day day) {
  const bool past = std::ranges::any_of(page.items, [&](const Item& item) { return day(item) < first; });
  std::erase_if(page.items, [&](const Item& item) { return day(item) < first || day(item) > last; });
  if (past) page.next.clear();
}

// What people call an account.
struct Name {
  std::string number;
  std::string name;
};
Result<Name> name_of(const views::Reader& views, AccountId id) {
  BILLING_TRY(account, views.account(id));
  return Name{std::move(account.number), std::move(account.name)};
}
template <class Value>
struct Named {
  Value value{};
  Name account{};
};
template <class Value>
Result<views::Page<Named<Value>>> name_all(const views::Reader& views, views::Page<Value> page) {
  views::Page<Named<Value>> named{.items = {}, .next = std::move(page.next)};
  for (Value& value : page.items) {
    BILLING_TRY(name, name_of(views, value.account));
    named.items.push_back({std::move(value), std::move(name)});
  }
  return named;
}

template <class Value>
void account_cells(Cells& cells, const Named<Value>& row) {
  cells.text("account_number", row.account.number);
  cells.text("account_name", row.account.name);
  cells.plain("account", row.value.account.text());
}

void payment_cells(Cells& cells, const Named<views::Payment>& row) {
  const auto& payment = row.value;
  cells.date("received_on", payment.received_on);
  cells.date("posting_date", payment.posting_date);
  account_cells(cells, row);
  cells.plain("status", payment_status_text(payment));
  cells.plain("method", payment::method_text(payment.method));
  cells.text("reference", payment.reference);
  cells.plain("currency", payment.currency.code());
  cells.amount("amount", payment.amount, payment.currency);
  cells.amount("refunded", payment.refunded, payment.currency);
  cells.amount("charged_back", payment.charged_back, payment.currency);
  cells.amount("returned", payment.returned, payment.currency);
  cells.amount("unapplied", payment.unapplied, payment.currency);
  cells.plain("payment", payment.id.text());
}

void deposit_cells(Cells& cells, const Named<views::Deposit>& row) {
  const auto& deposit = row.value;
  cells.date("received_on", deposit.received_on);
  cells.date("posting_date", deposit.posting_date);
  account_cells(cells, row);
  cells.plain("method", payment::method_text(deposit.method));
  cells.text("reference", deposit.reference);
  cells.plain("currency", deposit.currency.code());
  cells.amount("amount", deposit.amount, deposit.currency);
  cells.amount("used", deposit.used, deposit.currency);
  cells.amount("returned", deposit.returned, deposit.currency);
  cells.amount("left", deposit.left, deposit.currency);
  cells.plain("deposit", deposit.id.text());
}

void invoice_cells(Cells& cells, const Named<views::Invoice>& row) {
  const auto& invoice = row.value;
  cells.text("number", invoice.number);
  cells.plain("kind", invoice::kind_text(invoice.kind));
  cells.plain("status", views::status_text(invoice.status));
  cells.date("document_date", invoice.document_date);
  cells.date("posting_date", invoice.posting_date);
  cells.date("due_date", invoice.due_date);
  account_cells(cells, row);
  cells.plain("payer", invoice.payer.text());
  cells.plain("currency", invoice.currency.code());
  cells.amount("net", invoice.net, invoice.currency);
  cells.amount("tax", invoice.tax, invoice.currency);
  cells.amount("total", invoice.total, invoice.currency);
  cells.amount("paid", invoice.paid, invoice.currency);
  cells.amount("credited", invoice.credited, invoice.currency);
  cells.amount("written_off", invoice.written_off, invoice.currency);
  cells.amount("open", invoice.open, invoice.currency);
  cells.plain("invoice", invoice.id.text());
}

void credit_cells(Cells& cells, const Named<views::HeldCredit>& row) {
  const auto& credit = row.value;
  account_cells(cells, row);
  cells.date("date", credit.date);
  cells.plain("source", credit_source_text(credit));
  cells.plain("source_id", credit_source_id_text(credit));
  cells.plain("held", credit.held ? "true" : "false");
  cells.plain("currency", credit.currency.code());
  cells.amount("amount", credit.amount, credit.currency);
}

void audit_cells(Cells& cells, const views::Activity& activity) {
  cells.plain("recorded", activity.recorded.text());
  cells.number("position", activity.position);
  cells.text("actor", activity.actor);
  cells.text("command_id", activity.command_id);
  cells.plain("type", activity.type);
  cells.plain("object", object_text(activity.object));
  cells.number("version", activity.version);
  cells.plain("account", activity.account ? activity.account->text() : std::string());
  cells.date("date", activity.date);
  cells.text("number", activity.number);
  cells.plain("currency", activity.amount ? activity.currency.code() : std::string_view());
  cells.plain("amount", activity.amount ? amount_text(*activity.amount, activity.currency) : std::string());
  cells.text("old", activity.old_text);
  cells.text("new", activity.new_text);
  cells.text("note", activity.note);
}

// A table of values that have a day and an account; `list` reads a page of them, newest first.
template <class Value>
using ListValues = Result<views::Page<Value>> (*)(const views::Reader&, const views::Scope&, Date, const views::PageRequest&);
template <class Value, class Day, class Write>
std::function<Report(Query&)> dated_table(std::string file, ListValues<Value> list, Day day, Write write) {
  return [=](Query& query) -> Report {
    const TableQuery asked = table_query(query);
    const DayRange range = day_range(query);
    return [=](const Look& look) -> Result<Answer> {
      BILLING_CHECK(look.customer_of(asked.scope));
      const Date first = range.first(look), last = range.last(look), today = look.today;
      const auto views = look.views;
      return table_answer(look, asked, Table<Named<Value>>{
          .file = file,
          .rows = [=](const views::PageRequest& page) -> Result<views::Page<Named<Value>>> {
            BILLING_TRY(found, list(*views, asked.scope, today, page));
            keep_range(found, first, last, day);
            return name_all(*views, std::move(found));
          },
          .cells = write});
    };
  };
}

Result<views::Page<views::Payment>> list_payments(const views::Reader& views, const views::Scope& scope, Date today,
                                                  const views::PageRequest& page) {
  return views.payments(scope, today, page);
}
Result<views::Page<views::Deposit>> list_deposits(const views::Reader& views, const views::Scope& scope, Date today,
                                                  const views::PageRequest& page) {
  return views.deposits(scope, today, page);
}
Result<views::Page<views::Invoice>> list_issued(const views::Reader& views, const views::Scope& scope, Date today,
                                                const views::PageRequest& page) {
  BILLING_TRY(found, views.invoices(scope, std::nullopt, today, page));
  std::erase_if(found.items, [](const views::Invoice& invoice) {
    return invoice.status == views::InvoiceStatus::kDraft || invoice.status == views::InvoiceStatus::kDiscarded;
  });
  return found;
}

Report read_credit_balances(Query& query) {
  const TableQuery asked = table_query(query);
  return [=](const Look& look) -> Result<Answer> {
    BILLING_CHECK(look.customer_of(asked.scope));
    return table_answer(look, asked, Table<Named<views::HeldCredit>>{
        .file = "credit-balances.csv",
        .rows = [views = look.views, asked, today = look.today](
                    const views::PageRequest& page) -> Result<views::Page<Named<views::HeldCredit>>> {
          BILLING_TRY(credits, views->credit_balances(asked.scope, today, page));
          return name_all(*views, std::move(credits));
        },
        .cells = credit_cells});
  };
}

Report read_audit(Query& query) {
  const TableQuery asked = table_query(query);
  const auto from = query.date("from"), to = query.date("to");
  return [=](const Look& look) -> Result<Answer> {
    BILLING_CHECK(look.customer_of(asked.scope));
    return table_answer(look, asked, Table<views::Activity>{
        .file = "audit.csv",
        .rows = [views = look.views, asked, from, to, today = look.today](
                    const views::PageRequest& page) -> Result<views::Page<views::Activity>> {
          BILLING_TRY(activity, views->activity(asked.scope, today, page));
          keep_range(activity, from.value_or(Date{INT32_MIN}), to.value_or(Date{INT32_MAX}),
                     [](const views::Activity& one) { return one.recorded.date(); });
          return activity;
        },
        .cells = audit_cells});
  };
}

}  // namespace

TableQuery table_query(Query& query) {
  TableQuery asked{.scope = query.scope(), .csv = query.csv(), .page = query.page()};
  if (asked.csv && !asked.page.cursor.empty())
    query.refuse_with(Code::kInvalidParameter, "CSV has all rows; leave out cursor.");
  return asked;
}

DayRange day_range(Query& query) {
  DayRange range{.from = query.date("from"), .to = query.date("to")};
  if (range.from && range.to && *range.to < *range.from)
    query.refuse_with(Code::kInvalidParameter, "from must not be after to.");
  return range;
}

Date DayRange::first(const Look& look) const {
  if (from) return *from;
  const std::int32_t month = last(look).month_index();
  return Date::clamped(month / 12, month % 12 + 1, 1);
}

void add_table_reads(ReadRoutes& routes) {
  routes.add_report("/v1/reports/payments",
                    dated_table<views::Payment>("payments.csv", list_payments,
                                                [](const views::Payment& p) { return p.received_on; }, payment_cells));
  routes.add_report("/v1/reports/deposits",
                    dated_table<views::Deposit>("deposits.csv", list_deposits,
                                                [](const views::Deposit& d) { return d.received_on; }, deposit_cells));
  routes.add_report("/v1/reports/invoices",
                    dated_table<views::Invoice>("invoices.csv", list_issued,
                                                [](const views::Invoice& i) { return i.document_date; }, invoice_cells));
  routes.add_report("/v1/reports/credit-balances", read_credit_balances);
  routes.add_report("/v1/reports/audit", read_audit);
}

}  // namespace billing::api

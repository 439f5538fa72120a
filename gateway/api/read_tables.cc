// Reports that list what there is: payments, deposits, invoices, credit balances, the audit trail.
#include "gateway/api/read_tables.h"

#include "gateway/api/list_params.h"

namespace billing::api {
namespace {

void account_cells(Cells& cells, const views::AccountNames& names, AccountId account) {
  cells.text("account_number", names.number);
  cells.text("account_name", names.name);
  cells.text("account_name_now", names.name_now);
  cells.plain("account", account.text());
}

void payment_cells(Cells& cells, const views::Payment& payment) {
  cells.date("received_on", payment.received_on);
  cells.date("posting_date", payment.posting_date);
  account_cells(cells, payment.names, payment.account);
  cells.plain("status", payment.status());
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

void deposit_cells(Cells& cells, const views::Deposit& deposit) {
  cells.date("received_on", deposit.received_on);
  cells.date("posting_date", deposit.posting_date);
  account_cells(cells, deposit.names, deposit.account);
  cells.plain("method", payment::method_text(deposit.method));
  cells.text("reference", deposit.reference);
  cells.plain("currency", deposit.currency.code());
  cells.amount("amount", deposit.amount, deposit.currency);
  cells.amount("used", deposit.used, deposit.currency);
  cells.amount("returned", deposit.returned, deposit.currency);
  cells.amount("left", deposit.left, deposit.currency);
  cells.plain("deposit", deposit.id.text());
}

void invoice_cells(Cells& cells, const views::Invoice& invoice) {
  cells.text("number", invoice.number);
  cells.plain("kind", invoice::kind_text(invoice.kind));
  cells.plain("status", views::status_text(invoice.status));
  cells.date("document_date", invoice.document_date);
  cells.date("posting_date", invoice.posting_date);
  cells.date("due_date", invoice.due_date);
  account_cells(cells, invoice.names, invoice.account);
  cells.plain("payer", invoice.payer.text());
  cells.text("payer_number", invoice.payer_names.number);
  cells.text("payer_name", invoice.payer_names.name);
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

// Of now, and so is the account's name.
struct NamedCredit {
  views::HeldCredit credit;
  views::AccountNames names;
};
void credit_cells(Cells& cells, const NamedCredit& row) {
  const auto& credit = row.credit;
  cells.text("account_number", row.names.number);
  cells.text("account_name_now", row.names.name_now);
  cells.plain("account", credit.account.text());
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

// A table of what was dated within a range, newest first, as it stood at `as_of`.
template <class Value>
using ListValues = Result<views::Page<Value>> (views::Reader::*)(const views::ListQuery&) const;
template <class Value, class Write>
std::function<Report(Query&)> dated_table(std::string file, ListValues<Value> list, std::vector<std::string> statuses,
                                          Write write) {
  return [=](Query& query) -> Report {
    const TableQuery asked = table_query(query);
    const DayRange range = day_range(query);
    const auto as_of = query.date("as_of");
    return [=](const Look& look) -> Result<Answer> {
      BILLING_CHECK(look.customer_of(asked.scope));
      const views::ListQuery all{.scope = asked.scope,
                                 .today = look.today,
                                 .as_of = as_of,
                                 .date = {.from = range.first(look), .to = range.last(look)},
                                 .statuses = statuses};
      return table_answer(look, asked, Table<Value>{
          .file = file,
          .rows = [=, views = look.views](const views::PageRequest& page) {
            views::ListQuery part = all;
            part.page = page;
            return ((*views).*list)(part);
          },
          .cells = write});
    };
  };
}

Report read_credit_balances(Query& query) {
  const TableQuery asked = table_query(query);
  return [=](const Look& look) -> Result<Answer> {
    BILLING_CHECK(look.customer_of(asked.scope));
    return table_answer(look, asked, Table<NamedCredit>{
        .file = "credit-balances.csv",
        .rows = [views = look.views, asked, today = look.today](
                    const views::PageRequest& page) -> Result<views::Page<NamedCredit>> {
          BILLING_TRY(credits, views->credit_balances(asked.scope, today, page));
          views::Page<NamedCredit> named{.items = {}, .next = std::move(credits.next)};
          for (views::HeldCredit& credit : credits.items) {
            BILLING_TRY(names, views->names(credit.account));
            named.items.push_back({std::move(credit), std::move(names)});
          }
          return named;
        },
        .cells = credit_cells});
  };
}

Report read_audit(Query& query) {
  const TableQuery asked = table_query(query);
  const views::DateRange days = date_range(query, "from", "to");
  return [=](const Look& look) -> Result<Answer> {
    BILLING_CHECK(look.customer_of(asked.scope));
    views::RecordedWithin recorded;
    if (days.from) recorded.from = look.clock->start_of(*days.from);
    if (days.to) recorded.until = look.clock->start_of(days.to->plus_days(1));
    return table_answer(look, asked, Table<views::Activity>{
        .file = "audit.csv",
        .rows = [views = look.views, asked, recorded, today = look.today](const views::PageRequest& page) {
          return views->activity(asked.scope, today, page, recorded);
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
                    dated_table<views::Payment>("payments.csv", &views::Reader::payments, {}, payment_cells));
  routes.add_report("/v1/reports/deposits",
                    dated_table<views::Deposit>("deposits.csv", &views::Reader::deposits, {}, deposit_cells));
  // No drafts.
  routes.add_report("/v1/reports/invoices",
                    dated_table<views::Invoice>("invoices.csv", &views::Reader::invoices,
                                                {"open", "partly_paid", "overdue", "paid", "credited", "void", "written_off"},
                                                invoice_cells));
  routes.add_report("/v1/reports/credit-balances", read_credit_balances);
  routes.add_report("/v1/reports/audit", read_audit);
}

}  // namespace billing::api

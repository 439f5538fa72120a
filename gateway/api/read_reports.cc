// Reports of a date: ageing, the open items behind it, and the trial balance. JSON or CSV.
#include "gateway/api/read_routes.h"
#include "gateway/api/render_csv.h"
#include "gateway/api/render_views.h"

namespace billing::api {
namespace {

std::string ageing_csv(const views::Ageing& ageing) {
  std::string out;
  Csv csv(out);
  csv.header({"as_of", "currency", "days_late", "open", "invoices"});
  const auto row = [&](std::string_view name, const views::Bucket& bucket) {
    csv.plain(ageing.date.text());
    csv.plain(ageing.currency.code());
    csv.text(name);
    csv.amount(bucket.amount, ageing.currency);
    csv.number(bucket.count);
    csv.end_row();
  };
  row("current", ageing.current);
  row("1-30", ageing.days_1_30);
  row("31-60", ageing.days_31_60);
  row("61-90", ageing.days_61_90);
  row("over-90", ageing.days_over_90);
  row("total", {ageing.total, ageing.invoices});
  return out;
}

Report read_ageing(Query& query) {
  const auto scope = query.scope();
  const auto as_of = query.date("as_of");
  const bool csv = query.csv();
  return [=](const Look& look) -> Result<Answer> {
    BILLING_CHECK(look.customer_of(scope));
    BILLING_TRY(ageing, look.views->ageing(scope, as_of.value_or(look.today)));
    if (csv) return csv_response(ageing_csv(ageing), "ageing-" + ageing.date.text() + ".csv");
    return json_response(object_json(ageing));
  };
}

// An open item with what people call its account and invoice.
struct NamedItem {
  views::OpenItem item;
  views::AccountNames names;  // the name on the day of the invoice
  std::string invoice_number;
};
Result<NamedItem> name_item(const views::Reader& views, views::OpenItem item, Date date) {
  BILLING_TRY(invoice, views.invoice_head(item.invoice, date));
  BILLING_TRY(names, views.names(item.account, invoice.position));
  return NamedItem{std::move(item), std::move(names), std::move(invoice.number)};
}

void write_item(JsonWriter& json, const NamedItem& named, Date date, Currency currency) {
  const auto& item = named.item;
  json.begin_object();
  json.member("invoice", item.invoice.text());
  json.member("invoice_number", named.invoice_number);
  json.member("account", item.account.text());
  write_names(json, named.names);
  json.member("document_date", item.document_date.text());
  json.member("posting_date", item.posting_date.text());
  json.member("due_date", item.due_date.text());
  json.member("days_late", std::max(0, date.days - item.due_date.days));
  write_amount(json, "billed", item.billed, currency);
  write_amount(json, "open", item.open, currency);
  write_amount(json, "disputed", item.disputed, currency);
  json.end_object();
}

void write_item(Csv& csv, const NamedItem& named, Date date, Currency currency) {
  const auto& item = named.item;
  csv.plain(date.text());
  csv.text(named.names.number);
  csv.text(named.names.name);
  csv.text(named.names.name_now);
  csv.text(named.invoice_number);
  csv.plain(item.document_date.text());
  csv.plain(item.posting_date.text());
  csv.plain(item.due_date.text());
  csv.number(static_cast<std::uint64_t>(std::max(0, date.days - item.due_date.days)));
  csv.plain(currency.code());
  csv.amount(item.billed, currency);
  csv.amount(item.open, currency);
  csv.amount(item.disputed, currency);
  csv.plain(item.account.text());
  csv.plain(item.invoice.text());
  csv.end_row();
}

// All items, a page of the list for each piece.
Flow items_flow(std::shared_ptr<const views::Reader> views, const views::Scope& scope, Date date, Currency currency) {
  struct State {
    views::PageRequest page{.limit = 500, .cursor = {}};
    bool begun = false;
    bool ended = false;
  };
  Flow flow;
  flow.head = csv_response({}, "open-items-" + date.text() + ".csv");
  flow.next = [views = std::move(views), scope, date, currency,
               state = State{}]() mutable -> Result<std::optional<std::string>> {
    if (state.ended) return std::nullopt;
    std::string out;
    Csv csv(out);
    if (!std::exchange(state.begun, true))
      csv.header({"as_of", "account_number", "account_name", "account_name_now", "invoice_number", "document_date",
                  "posting_date", "due_date", "days_late", "currency", "billed", "open", "disputed", "account", "invoice"});
    BILLING_TRY(page, views->open_items(scope, date, state.page));
    for (auto& item : page.items) {
      BILLING_TRY(named, name_item(*views, std::move(item), date));
      write_item(csv, named, date, currency);
    }
    state.page.cursor = page.next;
    state.ended = page.next.empty();
    if (out.empty()) return std::nullopt;
    return out;
  };
  return flow;
}

Report read_open_items(Query& query) {
  const auto scope = query.scope();
  const auto as_of = query.date("as_of");
  const bool csv = query.csv();
  const auto page = query.page();
  if (csv && !page.cursor.empty()) query.refuse_with(Code::kInvalidParameter, "CSV has all items; leave out cursor.");
  return [=](const Look& look) -> Result<Answer> {
    const Date date = as_of.value_or(look.today);
    BILLING_TRY(customer_id, look.customer_of(scope));
    BILLING_TRY(customer, look.views->customer(customer_id));
    if (csv) return items_flow(look.views, scope, date, customer.currency);
    BILLING_TRY(items, look.views->open_items(scope, date, page));
    views::Page<NamedItem> named{.items = {}, .next = items.next};
    for (auto& item : items.items) {
      BILLING_TRY(one, name_item(*look.views, std::move(item), date));
      named.items.push_back(std::move(one));
    }
    return json_response(page_text(named, [&](JsonWriter& json, const NamedItem& item) {
      write_item(json, item, date, customer.currency);
    }));
  };
}

std::string trial_csv(const std::vector<views::TrialBalance>& balances, bool by_month) {
  std::string out;
  Csv csv(out);
  csv.header({"currency", "month", "ledger", "name", "debit", "credit", "balance"});
  for (const auto& balance : balances) {
    for (const auto& ledger : balance.ledgers) {
      csv.plain(balance.currency.code());
      csv.plain(by_month && balance.month ? month_text(*balance.month) : std::string());
      csv.number(static_cast<std::uint16_t>(ledger.ledger));
      csv.text(ledger_name(ledger.ledger));
      csv.amount(ledger.debit, balance.currency);
      csv.amount(ledger.credit, balance.currency);
      csv.amount(ledger.balance(), balance.currency);
      csv.end_row();
    }
  }
  return out;
}

Report read_trial_balance(Query& query) {
  const auto as_of = query.date("as_of");
  const bool by_month = query.word("by", {"total", "month"}).value_or(0) == 1;
  const bool csv = query.csv();
  std::optional<Currency> currency;
  if (const auto code = query.text("currency")) {
    const auto parsed = Currency::parse(*code);
    if (parsed) currency = *parsed;
    else query.refuse_with(parsed.error().code, parsed.error().detail);
  }
  if (as_of && by_month) query.refuse_with(Code::kInvalidParameter, "as_of and by=month do not go together.");
  return [=](const Look& look) -> Result<Answer> {
    BILLING_CHECK(look.is_operator());
    const Date date = as_of.value_or(look.today);
    BILLING_TRY(balances, by_month ? look.views->trial_balance_by_month() : look.views->trial_balance(date));
    if (currency) std::erase_if(balances, [&](const auto& balance) { return balance.currency != *currency; });
    if (csv) return csv_response(trial_csv(balances, by_month), "trial-balance.csv");
    std::string out;
    JsonWriter json(out);
    json.begin_object();
    if (!by_month) json.member("as_of", date.text());
    json.key("items");
    json.begin_array();
    for (const auto& balance : balances) write(json, balance);
    json.end_array();
    json.end_object();
    return json_response(std::move(out));
  };
}

}  // namespace

void add_report_reads(ReadRoutes& routes) {
  routes.add_report("/v1/reports/ageing", read_ageing);
  routes.add_report("/v1/reports/open-items", read_open_items);
  routes.add_report("/v1/reports/trial-balance", read_trial_balance);
}

}  // namespace billing::api

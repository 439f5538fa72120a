// Months of a scope: as one series, or one for each of its accounts or of a grouping's groups. JSON or CSV.
#include <algorithm>

#include "gateway/api/read_routes.h"
#include "gateway/api/render_csv.h"
#include "gateway/api/render_views.h"

namespace billing::api {
namespace {

constexpr std::int32_t kMonthsMax = 240;
constexpr std::size_t kPieceBytes = 64 * 1024;

// One series of the report: whose months, and what people call it.
struct Subject {
  views::Scope scope;
  std::string id;
  std::string number;  // of an account
  std::string name;
};

struct Question {
  views::Scope scope;
  std::optional<GroupingId> grouping;  // by=group
  bool by_account = false;
  std::optional<std::int32_t> from;
  std::optional<std::int32_t> to;
  bool csv = false;
  views::PageRequest page;  // of subjects; the cursor is the id of the last one
};

// What stays the same for all series.
struct Setting {
  std::shared_ptr<const views::Reader> views;
  std::int32_t from = 0;
  std::int32_t to = 0;
  Date today;
  Currency currency;
};

Question read_question(Query& query) {
  Question question;
  const auto by = query.word("by", {"month", "account", "group"}).value_or(0);
  question.by_account = by == 1;
  if (by == 2) {
    question.grouping = query.id<GroupingId>("grouping");
    if (!question.grouping) query.refuse_with(Code::kInvalidParameter, "by=group needs a grouping.");
  } else {
    question.scope = query.scope();
  }
  question.from = query.month("from");
  question.to = query.month("to");
  question.csv = query.csv();
  question.page = query.page();
  if (question.csv && !question.page.cursor.empty())
    query.refuse_with(Code::kInvalidParameter, "CSV has all rows; leave out cursor.");
  return question;
}

// Without a range: the twelve months up to today's.
Result<Setting> setting_of(const Question& question, const Look& look, CustomerId customer_id) {
  BILLING_TRY(customer, look.views->customer(customer_id));
  Setting setting{look.views, 0, 0, look.today, customer.currency};
  setting.to = question.to.value_or(question.from ? std::max(*question.from, look.today.month_index())
                                                  : look.today.month_index());
  setting.from = question.from.value_or(setting.to - 11);
  if (setting.from > setting.to || setting.to - setting.from >= kMonthsMax)
    return refuse(Code::kInvalidParameter, "from must not be after to, and the range has at most 240 months.");
  return setting;
}

Result<Subject> subject_of(const views::Reader& views, AccountId id) {
  BILLING_TRY(account, views.account(id));
  return Subject{views::Scope::only(id), id.text(), std::move(account.number), std::move(account.name)};
}

// A number of subjects that come one after the other; accounts are looked up when it is their turn.
struct Subjects {
  std::vector<AccountId> accounts;
  std::vector<Subject> given;
  std::size_t size() const { return accounts.empty() ? given.size() : accounts.size(); }
  Result<Subject> at(const views::Reader& views, std::size_t i) const {
    if (accounts.empty()) return given[i];
    return subject_of(views, accounts[i]);
  }
};

Result<Subjects> subjects_of(const Question& question, const Look& look) {
  Subjects subjects;
  if (question.grouping) {
    BILLING_TRY(detail, look.views->grouping(*question.grouping));
    for (auto& group : detail.groups)
      subjects.given.push_back({views::Scope::of_group(*question.grouping, group.id), group.id.text(), {}, group.name});
    std::ranges::sort(subjects.given, {}, &Subject::id);
  } else if (question.by_account) {
    BILLING_TRY(accounts, look.views->accounts_of(question.scope, look.today));
    subjects.accounts = std::move(accounts);
  } else {
    subjects.given.push_back({question.scope, {}, {}, {}});
  }
  return subjects;
}

// The place after the cursor.
Result<std::size_t> place_after(const Subjects& subjects, const std::string& cursor) {
  if (cursor.empty()) return 0U;
  if (!subjects.accounts.empty()) {
    const auto id = AccountId::parse(cursor);
    if (!id) return refuse(Code::kInvalidCursor);
    return static_cast<std::size_t>(std::ranges::upper_bound(subjects.accounts, *id) - subjects.accounts.begin());
  }
  const auto& given = subjects.given;
  return static_cast<std::size_t>(std::ranges::upper_bound(given, cursor, {}, &Subject::id) - given.begin());
}

Result<std::string> monthly_json(const Question& question, const Setting& setting, const Subjects& subjects) {
  BILLING_TRY(first, place_after(subjects, question.page.cursor));
  const std::size_t end = std::min(subjects.size(), first + question.page.limit);
  std::string out, last;
  JsonWriter json(out);
  json.begin_object();
  json.member("from", month_text(setting.from));
  json.member("to", month_text(setting.to));
  json.member("currency", setting.currency.code());
  json.key("items");
  json.begin_array();
  for (std::size_t i = first; i < end; ++i) {
    BILLING_TRY(subject, subjects.at(*setting.views, i));
    BILLING_TRY(months, setting.views->months(subject.scope, setting.from, setting.to, setting.today));
    json.begin_object();
    if (question.by_account) json.member("account", subject.id);
    if (question.grouping) json.member("group", subject.id);
    if (question.by_account) json.member("number", subject.number);
    if (!subject.id.empty()) json.member("name", subject.name);
    json.key("months");
    json.begin_array();
    for (const auto& month : months) {
      json.begin_object();
      write_members(json, month, setting.currency);
      json.end_object();
    }
    json.end_array();
    json.end_object();
    last = subject.id;
  }
  json.end_array();
  write_or_null(json, "next_cursor", end < subjects.size() ? last : std::string());
  json.end_object();
  return out;
}

void write_rows(Csv& csv, const Subject& subject, const std::vector<views::Month>& months, Currency currency) {
  for (const auto& month : months) {
    csv.plain(month_text(month.month));
    csv.plain(subject.id);
    csv.text(subject.number);
    csv.text(subject.name);
    csv.plain(currency.code());
    for (const auto amount : {month.invoiced, month.invoiced_net, month.invoiced_tax, month.credited,
                              month.credited_net, month.credited_tax, month.net(), month.tax(), month.paid,
                              month.written_off})
      csv.amount(amount, currency);
    csv.number(month.invoices);
    csv.number(month.credit_notes);
    csv.number(month.payments);
    csv.end_row();
  }
}

Flow monthly_flow(Setting setting, Subjects subjects) {
  Flow flow;
  flow.head = csv_response({}, "monthly-" + month_text(setting.from) + "-" + month_text(setting.to) + ".csv");
  flow.next = [setting = std::move(setting), subjects = std::move(subjects), begun = false,
               at = std::size_t{0}]() mutable -> Result<std::optional<std::string>> {
    std::string out;
    Csv csv(out);
    if (!std::exchange(begun, true))
      csv.header({"month", "id", "number", "name", "currency", "invoiced", "invoiced_net", "invoiced_tax", "credited",
                  "credited_net", "credited_tax", "net", "tax", "paid", "written_off", "invoices", "credit_notes",
                  "payments"});
    for (; at < subjects.size() && out.size() < kPieceBytes; ++at) {
      BILLING_TRY(subject, subjects.at(*setting.views, at));
      BILLING_TRY(months, setting.views->months(subject.scope, setting.from, setting.to, setting.today));
      write_rows(csv, subject, months, setting.currency);
    }
    if (out.empty()) return std::nullopt;
    return out;
  };
  return flow;
}

Report read_monthly(Query& query) {
  return [question = read_question(query)](const Look& look) -> Result<Answer> {
    CustomerId customer;
    if (question.grouping) {
      BILLING_TRY(detail, look.views->grouping(*question.grouping));
      customer = detail.grouping.customer;
      BILLING_CHECK(look.may_see(customer, Code::kUnknownGrouping));
    } else {
      BILLING_TRY(of_scope, look.customer_of(question.scope));
      customer = of_scope;
    }
    BILLING_TRY(setting, setting_of(question, look, customer));
    BILLING_TRY(subjects, subjects_of(question, look));
    if (question.csv) return monthly_flow(std::move(setting), std::move(subjects));
    BILLING_TRY(text, monthly_json(question, setting, subjects));
    return json_response(std::move(text));
  };
}

}  // namespace

void add_monthly_read(ReadRoutes& routes) { routes.add_report("/v1/reports/monthly", read_monthly); }

}  // namespace billing::api

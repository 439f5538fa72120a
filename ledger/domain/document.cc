#include "ledger/domain/document.h"

#include <algorithm>
#include <cstdlib>

#include "ledger/base/utf8.h"
#include "ledger/domain/tax.h"

namespace billing::document {
namespace {

Result<void> check_taxes(const Line& line, Currency currency, const std::string& pointer) {
  if (line.taxes.size() > kTaxesPerLineMax) return refuse(Code::kTooManyItems, "at most 16 taxes a line", pointer);
  std::int64_t sum = 0;
  for (std::size_t n = 0; n < line.taxes.size(); ++n) {
    const Tax& tax = line.taxes[n];
    const std::string here = pointer + "/" + std::to_string(n);
    BILLING_CHECK(check_text(tax.authority, kNumberMax, here + "/authority"));
    BILLING_CHECK(check_text(tax.code, kNumberMax, here + "/code"));
    BILLING_CHECK(check_optional_text(tax.exempt_reason, kReasonMax, here + "/exempt_reason"));
    for (std::size_t earlier = 0; tax.computed && earlier < n; ++earlier) {
      const Tax& other = line.taxes[earlier];
      if (other.computed && other.authority == tax.authority && other.code == tax.code && other.rate == tax.rate) {
        return refuse(Code::kInvalidParameter, "the tax is named twice on the line", here);
      }
    }
    // What a note credits of a line is checked against what is left of that line's taxes.
    if (!line.credited_line) BILLING_CHECK(tax::check_given(tax, line.net, currency, here));
    BILLING_TRY(next, checked_add(sum, tax.amount));
    sum = next;
  }
  return {};
}

// From nothing to the whole line, whose sign it has: of a piece that is returned, its discount is taken back.
Result<void> check_discount(const Line& line, Currency currency, const std::string& pointer) {
  if (line.discount == 0) return {};
  BILLING_TRY(gross, checked_add(line.net, line.discount));
  const bool within = gross < 0 ? gross <= line.discount && line.discount < 0 : 0 < line.discount && line.discount <= gross;
  if (within) return {};
  return refuse(Code::kInvalidAmount,
                "a discount is not more than its line, " + amount_text(gross, currency) + ", and of the same sign",
                pointer + "/discount");
}

Result<void> check_line(const State& state, CustomerId customer, Currency currency, const Line& line,
                        std::optional<Date> document_date, const std::string& pointer) {
  BILLING_TRY(account, find_open_account(state, line.service_account, pointer + "/service_account"));
  if (account->customer != customer) {
    return refuse(Code::kOtherCustomer, account->number, pointer + "/service_account");
  }
  if (document_date && *document_date < account->opened_on) {
    return refuse(Code::kBeforeOpening, account->opened_on.text(), pointer + "/service_account");
  }
  BILLING_CHECK(check_optional_text(line.description, kDescriptionMax, pointer + "/description"));
  BILLING_CHECK(check_optional_text(line.product_code, kNumberMax, pointer + "/product_code"));
  if (!is_revenue(line.revenue_code)) {
    return refuse(Code::kInvalidParameter, "a revenue code is 4000, 4100, 4200 or 4900", pointer + "/revenue_code");
  }
  if (line.service_period && line.service_period->to < line.service_period->from) {
    return refuse(Code::kInvalidPeriod, {}, pointer + "/service_period");
  }
  BILLING_CHECK(check_discount(line, currency, pointer));
  if (line.quantity != Decimal{} || line.unit_price != Decimal{}) {
    BILLING_TRY(gross, line_amount(line.quantity, line.unit_price, currency));
    BILLING_TRY(net, checked_sub(gross, line.discount));
    if (net != line.net) {
      return refuse(Code::kSumMismatch,
                    "quantity times unit price less the discount is " + amount_text(net, currency), pointer + "/net");
    }
  }
  return check_taxes(line, currency, pointer + "/taxes");
}

std::string imported_key(CustomerId customer, std::string_view prefix, std::string_view number) {
  return std::string(customer.uuid.view()).append(prefix).append("/").append(number);
}

}  // namespace

bool is_deferred(const Line& line, Date posting_date) {
  return line.service_period && line.service_period->to > posting_date;
}

Result<void> check_lines(const State& state, CustomerId customer, Currency currency, const std::vector<Line>& lines,
                         std::optional<Date> document_date) {
  if (lines.size() > kLinesMax) return refuse(Code::kTooManyLines, "at most 1,000 lines a command", "/lines");
  std::size_t n = 0;
  for (const Line& line : lines) {
    BILLING_CHECK(check_line(state, customer, currency, line, document_date, "/lines/" + std::to_string(n)));
    ++n;
  }
  return {};
}

std::vector<Line> blank_computed_taxes(std::vector<Line> lines) {
  for (Line& line : lines) {
    for (Tax& tax : line.taxes) {
      if (!tax.computed) continue;
      tax.basis = line.net;
      tax.amount = 0;
    }
  }
  return lines;
}

Result<void> check_service_accounts(const State& state, const std::vector<Line>& lines, Date document_date,
                                    std::optional<AccountId> owner) {
  std::unordered_set<AccountId> seen;
  for (std::size_t n = 0; n < lines.size(); ++n) {
    const AccountId id = lines[n].service_account;
    if (!seen.insert(id).second) continue;
    const std::string pointer = "/lines/" + std::to_string(n) + "/service_account";
    BILLING_TRY(account, find_money_account(state, id, pointer));
    if (document_date < account->opened_on) return refuse(Code::kBeforeOpening, account->opened_on.text(), pointer);
    if (!owner) continue;
    const AccountId own = account::invoice_owner(state, id, document_date);
    if (own != *owner) {
      return refuse(Code::kOtherInvoiceOwner,
                    account->number + " is invoiced by account " + state.accounts.at(own).number, pointer);
    }
  }
  return {};
}

Result<void> check_fit(const std::vector<Line>& there, const std::vector<Line>& more) {
  std::int64_t magnitude = 0;
  for (const std::vector<Line>* const lines : {&there, &more}) {
    for (const Line& line : *lines) {
      for (const std::int64_t part : {line.net, tax_of(line)}) {
        if (part == INT64_MIN) return refuse(Code::kOverflow, {}, "/lines");
        BILLING_TRY(next, checked_add(magnitude, part < 0 ? -part : part));
        magnitude = next;
      }
    }
  }
  return {};
}

Result<Totals> sum_lines(const std::vector<Line>& lines, std::optional<Date> posting_date,
                         const std::vector<std::int64_t>& computed_taxes) {
  Totals totals;
  std::int64_t magnitude = 0;
  std::unordered_map<AccountId, std::size_t> place;
  std::size_t next_tax = 0;
  for (const Line& line : lines) {
    std::int64_t tax = tax_of(line);
    for (const Tax& one : line.taxes) {
      if (!one.computed || next_tax == computed_taxes.size()) continue;
      BILLING_TRY(sum, checked_add(tax, computed_taxes[next_tax++]));
      tax = sum;
    }
    BILLING_TRY(gross, checked_add(line.net, tax));
    BILLING_TRY(net_sum, checked_add(totals.net, line.net));
    BILLING_TRY(tax_sum, checked_add(totals.tax, tax));
    // While the sum of the absolute amounts fits, so does every partial sum by account or ledger.
    for (const std::int64_t part : {gross, line.net, tax}) {
      if (part == INT64_MIN) return refuse(Code::kOverflow, {}, "/lines");
      BILLING_TRY(next, checked_add(magnitude, part < 0 ? -part : part));
      magnitude = next;
    }
    totals.net = net_sum;
    totals.tax = tax_sum;
    const auto [share, added] = place.try_emplace(line.service_account, totals.shares.size());
    if (added) totals.shares.push_back({line.service_account, 0});
    totals.shares[share->second].amount += gross;
    const bool deferred = posting_date && is_deferred(line, *posting_date);
    const Ledger ledger = deferred ? Ledger::kDeferredRevenue : static_cast<Ledger>(line.revenue_code);
    auto revenue = std::ranges::find(totals.revenue, ledger, &RevenueShare::ledger);
    if (revenue == totals.revenue.end()) revenue = totals.revenue.insert(revenue, RevenueShare{ledger, 0});
    revenue->amount += line.net;
  }
  totals.magnitude = magnitude;
  std::ranges::sort(totals.revenue, {}, &RevenueShare::ledger);
  BILLING_TRY(total, checked_add(totals.net, totals.tax));
  totals.total = total;
  return totals;
}

Result<void> check_totals(const State& state, const Totals& totals, Currency currency) {
  if (totals.total < 0) return refuse(Code::kNegativeTotal, amount_text(totals.total, currency), "/lines");
  if (std::ranges::any_of(totals.shares, [](const Share& share) { return share.amount < 0; })) {
    return refuse(Code::kNegativeTotal, "the share of one service account is negative", "/lines");
  }
  return check_turnover(state, currency, totals.magnitude);
}

std::int64_t moved_by(std::int64_t total, const std::vector<RevenueShare>& revenue, std::int64_t tax) {
  std::int64_t sum = total + std::abs(tax);
  for (const RevenueShare& share : revenue) sum += std::abs(share.amount);
  return sum;
}

Result<Number> number_for(const State& state, CustomerId customer, std::string_view prefix, Date document_date,
                          const std::optional<std::string>& imported) {
  if (imported) {
    BILLING_CHECK(check_text(*imported, kNumberMax, "/number"));
    if (state.document_numbers.contains(imported_key(customer, prefix, *imported))) {
      return refuse(Code::kNumberTaken, *imported, "/number");
    }
    return Number{"imported", *imported};
  }
  const std::string& entity = state.customers.at(customer).legal_entity;
  const std::string start = entity.empty() ? std::string() : entity + "-";
  std::string series = start + std::string(prefix) + "-" + std::to_string(document_date.year());
  const auto found = state.series.find(series);
  std::string digits = std::to_string((found == state.series.end() ? 0 : found->second) + 1);
  if (digits.size() < 6) digits.insert(0, 6 - digits.size(), '0');
  std::string number = series + "-" + digits;
  return Number{std::move(series), std::move(number)};
}

void claim_number(State& state, CustomerId customer, std::string_view prefix, const std::string& series,
                  const std::string& number) {
  if (series == "imported") {
    state.document_numbers.insert(imported_key(customer, prefix, number));
  } else {
    state.series[series]++;
  }
}

Result<Date> check_document_date(const account::State& account, std::optional<Date> given, const Context& context,
                                 std::string_view pointer) {
  const Date date = given.value_or(context.today);
  if (date > context.today) return refuse(Code::kPostingInFuture, date.text(), std::string(pointer));
  if (date < account.opened_on) {
    return refuse(Code::kBeforeOpening, "the account was opened on " + account.opened_on.text(), std::string(pointer));
  }
  return date;
}

Result<Dates> check_document_date(const State& state, const account::State& account, std::optional<Date> given,
                                  const Context& context, std::string_view pointer) {
  BILLING_TRY(date, check_document_date(account, given, context, pointer));
  const Date posting = books::posting_date_of(state, date);
  if (posting > context.today) {
    return refuse(Code::kPeriodClosed, "it would be posted on " + posting.text(), std::string(pointer));
  }
  return Dates{date, posting};
}

Result<Currency> check_currency(const State& state, CustomerId customer, std::optional<Currency> given,
                                std::string_view pointer) {
  const Currency own = state.customers.at(customer).currency;
  if (given && *given != own) {
    return refuse(Code::kCurrencyMismatch, "the customer is billed in " + std::string(own.code()),
                  std::string(pointer));
  }
  return own;
}

}  // namespace billing::document

#include "ledger/domain/payment_guards.h"

#include <algorithm>

#include "ledger/base/utf8.h"

namespace billing::payment {

Result<Dates> check_dates(const billing::State& state, const State& payment, std::optional<Date> given,
                          const Context& context) {
  if (given && *given < payment.received_on) {
    return refuse(Code::kInvalidDate, "the payment was received on " + payment.received_on.text(), "/on");
  }
  return document::check_document_date(state, state.accounts.at(payment.account), given, context, "/on");
}

Dates report_dates(const billing::State& state, Date earliest, std::optional<Date> given, const Context& context) {
  const Date date = std::min(std::max(given.value_or(context.today), earliest), context.today);
  return {date, books::posting_date_of(state, date)};
}

Result<const State*> find_captured(const billing::State& state, PaymentId id) {
  BILLING_TRY(payment, find_payment(state, id, "/id"));
  if (payment->phase != Phase::kSucceeded) {
    return refuse(Code::kPaymentNotSucceeded, "it is " + std::string(phase_text(payment->phase)), "/id");
  }
  if (payment->reversed) return refuse(Code::kPaymentReversed, {}, "/id");
  BILLING_CHECK(find_unfrozen_account(state, payment->account));
  return payment;
}

unbooked::Queued late_news(const billing::State& state, PaymentId id, unbooked::Kind kind, Code why, Dates dates) {
  unbooked::Queued news;
  news.customer = kOperator;
  news.kind = kind;
  news.reason = code_text(why);
  news.reported_object = id.text();
  news.method = Method::kCard;
  news.on = dates.document;
  news.posting_date = dates.posting;
  const auto payment = state.payments.find(id);
  if (payment == state.payments.end()) return news;
  news.customer = payment->second.customer;
  news.amount = payment->second.amount;
  news.currency = state.customers.at(news.customer).currency;
  news.method = payment->second.method;
  return news;
}

Result<void> check_settlement(const billing::State& state, const std::optional<Settlement>& settled, std::int64_t amount,
                              Currency own) {
  if (!settled) return {};
  if (!settled->currency.valid()) return refuse(Code::kUnknownCurrency, {}, "/settled/amount/currency");
  if (settled->currency == own) {
    return refuse(Code::kSettlementMismatch, "a settlement is in another currency than the payment's",
                  "/settled/amount/currency");
  }
  if (settled->amount <= 0) return refuse(Code::kAmountNotPositive, {}, "/settled/amount");
  BILLING_CHECK(check_optional_text(settled->source, kReferenceMax, "/settled/source"));
  if (settled->rate.nanos < 0) return refuse(Code::kSettlementMismatch, "a rate is positive", "/settled/rate");
  if (settled->rate.nanos > 0) {
    // Minor units to minor units: 10^9 is divisible by the scale of every currency.
    const int128 denominator = int128{Decimal::kOne} * own.scale() / settled->currency.scale();
    const int128 expected = divide_half_up(int128{amount} * settled->rate.nanos, denominator);
    const int128 difference = expected - settled->amount;
    if (difference < -1 || difference > 1) {
      return refuse(Code::kSettlementMismatch,
                    amount_text(amount, own) + " at " + settled->rate.text() + " is not " +
                        amount_text(settled->amount, settled->currency),
                    "/settled/amount");
    }
  }
  return check_turnover(state, settled->currency, settled->amount);
}

StreamEvent payment_fact(const State& payment, Event event, Dates dates, Currency currency) {
  return money_fact({StreamKind::kPayment, payment.id.uuid}, payment.customer, std::move(event), dates.document,
                    dates.posting, currency);
}
StreamEvent payment_fact(const State& payment, Event event) {
  return fact({StreamKind::kPayment, payment.id.uuid}, payment.customer, std::move(event));
}
StreamEvent payment_fact(const State& payment, Event event, Date day) {
  return dated_fact({StreamKind::kPayment, payment.id.uuid}, payment.customer, std::move(event), day);
}

}  // namespace billing::payment

// Answers as text, field by field, so that what the views say and what the naive model says are compared whole and a
// difference can be read. A struct lists its fields once; one that gets another does not compile until it is listed.
#pragma once

#include <optional>
#include <string>
#include <type_traits>
#include <vector>

#include "projections/model_reports.h"

namespace billing::views::naive {

template <class T>
struct Fields;

inline void put(std::string& out, const std::string& value) { out.append("\"").append(value).append("\""); }
inline void put(std::string& out, Date value) {
  // Far dates have no calendar.
  out.append(value.days > -3'000'000 && value.days < 3'000'000 ? value.text() : std::to_string(value.days));
}
inline void put(std::string& out, Instant value) { out.append(std::to_string(value.micros)); }
inline void put(std::string& out, Currency value) { out.append(value.valid() ? value.code() : std::string_view("-")); }
inline void put(std::string& out, const Uuid& value) { out.append(base32(value)); }
inline void put(std::string& out, Decimal value) { out.append(value.text()); }
inline void put(std::string& out, const StreamId& value) {
  out.append(stream_kind_text(value.kind)).append(" ").append(base32(value.id));
}
template <class Tag>
void put(std::string& out, const Id<Tag>& value) {
  out.append(value.text());
}
template <class T>
void put(std::string& out, const T& value) {
  if constexpr (std::is_enum_v<T>) {
    out.append(std::to_string(static_cast<std::int64_t>(value)));
  } else if constexpr (std::is_arithmetic_v<T>) {
    out.append(std::to_string(value));
  } else {
    Fields<T>::put(out, value);
  }
}
template <class T>
void put(std::string& out, const std::optional<T>& value) {
  if (!value) {
    out.append("none");
    return;
  }
  put(out, *value);
}
template <class T>
void put(std::string& out, const std::vector<T>& values) {
  out.append("[");
  for (const T& value : values) {
    out.append("\n  ");
    put(out, value);
  }
  out.append("]");
}
// Of an error its code alone: what it says besides is for people.
template <class T>
void put(std::string& out, const Result<T>& answer) {
  if (answer) return put(out, *answer);
  out.append("refused: ").append(code_text(answer.error().code));
}

template <class... Values>
void put_fields(std::string& out, std::string_view names, const Values&... values) {
  const auto put_one = [&](const auto& value) {
    const std::size_t comma = names.find(',');
    out.append(" ").append(names.substr(0, comma)).append("=");
    put(out, value);
    names.remove_prefix(comma == names.npos ? names.size() : comma + 2);
  };
  out.append("{");
  (put_one(values), ...);
  out.append(" }");
}

#define BILLING_FIELDS(type, ...)                        \
  template <>                                            \
  struct Fields<type> {                                  \
    static void put(std::string& out_, const type& it_) { \
      const auto& [__VA_ARGS__] = it_;                   \
      put_fields(out_, #__VA_ARGS__, __VA_ARGS__);       \
    }                                                    \
  }

BILLING_FIELDS(Scope, kind, customer, account, grouping, group);
BILLING_FIELDS(Period, from, to);
BILLING_FIELDS(Tax, authority, code, rate, basis, amount, exempt_reason, computed);
BILLING_FIELDS(Line, service_account, description, product_code, revenue_code, quantity, unit_price, net,
               service_period, taxes, credited_line, discount, late_fee_for);
BILLING_FIELDS(Settlement, amount, currency, rate, source);
BILLING_FIELDS(payment::Instruction, invoice, amount, account, at_most);
BILLING_FIELDS(account::Personal, name, email, phone, postal_address, postcode, city, region, country);
BILLING_FIELDS(Customer, id, name, currency, external_id, created, version, hierarchy_version);
BILLING_FIELDS(Totals, billed, credited, paid, open, unapplied);
BILLING_FIELDS(Account, id, customer, number, name, parent, opened_on, closed_on, payment_terms_days, bill_cycle_day,
               external_id, currency, version, children, own, subtree);
BILLING_FIELDS(Contact, person, role, personal);
BILLING_FIELDS(User, id, customer, person, role, suspended, personal, invited, version);
BILLING_FIELDS(Bucket, amount, count);
BILLING_FIELDS(Ageing, date, currency, current, days_1_30, days_31_60, days_61_90, days_over_90, total, invoices,
               disputed, overdue);
BILLING_FIELDS(Sums, totals, accounts);
BILLING_FIELDS(Summary, currency, totals, accounts, ageing, overdue, suspended, covered, next_due_date);
BILLING_FIELDS(OpenItem, invoice, account, document_date, posting_date, due_date, billed, open, disputed);
BILLING_FIELDS(AccountNames, number, name, name_now);
BILLING_FIELDS(ListSums, count, amount, left, exact, currency);
BILLING_FIELDS(Invoice, id, customer, account, payer, names, payer_names, kind, about, cycle, status, series, number,
               document_date, posting_date, due_date, currency, net, tax, total, open, paid, credited, written_off,
               disputed, dispute, line_count, purchase_order, memo, external_id, version, position);
BILLING_FIELDS(InvoiceShare, account, account_number, account_name, net, tax, total, open);
BILLING_FIELDS(AppliedCredit, source, source_id, account, amount, event, posting_date, position);
BILLING_FIELDS(Dispute, id, invoice, invoice_number, account, names, customer, amount, currency, reason, opened_on, closed_on, outcome,
               version);
BILLING_FIELDS(LinkedInvoice, id, number, kind);
BILLING_FIELDS(Voiding, on, reason, credit_note);
BILLING_FIELDS(InvoiceDetail, invoice, address, voided, linked, lines, shares, applied, disputes);
BILLING_FIELDS(UsedCredit, invoice, invoice_number, account, amount, event, posting_date, position);
BILLING_FIELDS(CreditHolder, account, amount, held);
BILLING_FIELDS(CreditNote, id, customer, account, names, invoice, invoice_number, series, number, reason, external_id, document_date,
               posting_date, currency, net, tax, total, unapplied, version, position);
BILLING_FIELDS(CreditNoteDetail, credit_note, lines, used, holders);
BILLING_FIELDS(Claim, id, kind, phase, amount, opened_on, decided_on, settled_on, with_adjustment, credit_note, code,
               reference, reason, settled);
BILLING_FIELDS(Payment, id, customer, account, names, phase, reversed, amount, unapplied, reserved, refunded, charged_back,
               returned, currency, method, reference, external_id, received_on, posting_date, settled, version,
               position);
BILLING_FIELDS(PaymentPayOut, amount, fee, currency, on);
BILLING_FIELDS(ExchangeDifference, amount, on);
BILLING_FIELDS(PaymentDetail, payment, used, reserved, claims, holders, paid_out, exchange_differences,
               provider_reference, reason);
BILLING_FIELDS(Activity, position, recorded, actor, type, object, account, date, amount, currency, number, command_id,
               version, old_text, new_text, note);
BILLING_FIELDS(Grouping, id, customer, name, version);
BILLING_FIELDS(GroupMember, account, with_subtree, from, until);
BILLING_FIELDS(Group, id, name, parent, members);
BILLING_FIELDS(GroupingDetail, grouping, groups);
BILLING_FIELDS(Month, month, invoiced, invoiced_net, invoiced_tax, credited, credited_net, credited_tax, paid,
               written_off, invoices, credit_notes, payments);
BILLING_FIELDS(LedgerBalance, ledger, debit, credit);
BILLING_FIELDS(TrialBalance, currency, month, ledgers, debit, credit);
BILLING_FIELDS(Control, currency, receivables, open_items, accounts_open, unapplied_credit, credits_left, credits_held,
               accounts_unapplied, deposits, deposits_left);
BILLING_FIELDS(OverdueStage, days, stage, billing_flag);
BILLING_FIELDS(OverdueSteps, days, flag_from);
BILLING_FIELDS(PayerStage, account, stage);
BILLING_FIELDS(Owed, date, currency, open, disputed, overdue, suspended, covered, earliest_due, stage, payer, steps);
BILLING_FIELDS(RolePeriod, from, role);
BILLING_FIELDS(Address, person, personal, version);
BILLING_FIELDS(Freeze, check, detail, since);
BILLING_FIELDS(Standing, roles, role, next_role, invoiced_by, paid_by, frozen, address);
BILLING_FIELDS(HeldCredit, account, source, source_id, date, amount, held, currency);
BILLING_FIELDS(Deposit, id, customer, account, names, amount, left, used, returned, currency, method, reference, received_on,
               posting_date, version, position);
BILLING_FIELDS(DepositDetail, deposit, used);
BILLING_FIELDS(PlanInstalment, due, amount, paid);
BILLING_FIELDS(Plan, id, customer, account, kind, status, amount, paid, behind, currency, instalments, invoices, note,
               agreed_on, cancelled_on, reason, version);
BILLING_FIELDS(PaymentMethod, id, customer, account, kind, token, brand, last_four, expires, removed, version);
BILLING_FIELDS(Autopay, method, days_before_due, at_most, currency, next_draft, next_due, next_amount);
BILLING_FIELDS(PaymentMethods, methods, autopay);
BILLING_FIELDS(Unbooked, id, customer, kind, reason, detail, reported_object, amount, currency, method, reference, settled, on,
               queued, resolved, how, version);
BILLING_FIELDS(UnbookedBacklog, open, oldest);
BILLING_FIELDS(AccountingPeriod, month, closed, closing_since, closed_at, released_lines);
BILLING_FIELDS(StatementEntry, posting_date, position, debit, credit, balance);
BILLING_FIELDS(Statement, from, to, currency, opening, closing, debit, credit, entries);
BILLING_FIELDS(StatementLine, entry, event);
BILLING_FIELDS(TaxSum, authority, code, rate, invoiced_base, invoiced_tax, credited_base, credited_tax);
BILLING_FIELDS(TaxSummary, currency, taxes, relief);
BILLING_FIELDS(RevenueSum, ledger, invoiced, released, credited);
BILLING_FIELDS(DeferredSum, opening, deferred, released, credited);
BILLING_FIELDS(RevenueReport, currency, revenue, deferred);

#undef BILLING_FIELDS

template <class T>
std::string text_of(const T& answer) {
  std::string out;
  put(out, answer);
  return out;
}

}  // namespace billing::views::naive

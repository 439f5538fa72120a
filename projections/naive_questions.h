// Every question that a Reader answers, drawn at random over random objects, scopes and dates, put to the views and to
// the naive model. All fields of the answers are compared but these:
// - of an activity its date, amount, number and texts: they are copied from the event by a table with a line per kind
//   of event, and the model would be the same table;
// - rows of zeros in reports of revenue and taxes: the views write one where something was booked, the model where a
//   document has a line.
#pragma once

#include <array>
#include <random>
#include <string>

#include "projections/naive_history.h"
#include "projections/naive_model.h"
#include "projections/naive_text.h"
#include "projections/views.h"

namespace billing::views::naive {

class Questions {
 public:
  // Draws what there is to ask about from the whole of `history`: at an earlier position some of it is unknown.
  Questions(BusyHistory& history, std::uint64_t seed);

  // Puts `count` random questions at the reader's position, or, with none, one of every kind. The first question that
  // the two answer differently, with both answers; empty when they agree.
  std::string ask(const Reader& reader, std::size_t count);

 private:
  using Ask = void (Questions::*)();

  // naive_questions.cc: what is asked about, and how answers are compared.
  std::uint64_t below(std::uint64_t bound) { return random_() % bound; }
  bool one_in(std::uint64_t n) { return below(n) == 0; }
  template <class AnyId>
  AnyId any(const std::vector<AnyId>& ids) {
    return ids.empty() || one_in(40) ? AnyId{Uuid{{0xEE}}} : ids[below(ids.size())];
  }
  Date day();
  Date finite_day();
  Scope scope();
  PageRequest page();
  // A query of a list with some filters, of those that the table has; `statuses` to choose from.
  ListQuery list_query(std::initializer_list<std::string_view> statuses, bool due, bool methods);
  template <class... Parts>
  void question(std::string_view name, const Parts&... parts) {
    question_ = name;
    ((question_ += " ", put(question_, parts)), ...);
  }
  template <class Found, class Wanted>
  void same(const Found& found, const Wanted& wanted) {
    compare(text_of(found), text_of(wanted));
  }
  void compare(const std::string& found, const std::string& wanted);
  // The list by pages, and its sums; every page but the last is full.
  template <class Item>
  void ask_list(std::string_view name, const ListQuery& query, auto&& read, auto&& sum, const Result<std::vector<Item>>& wanted,
                auto&& amounts);
  // All items of a list, by pages of random sizes, now and then read back from its end.
  template <class Item>
  Result<std::vector<Item>> all(auto&& read);
  template <class Item>
  Result<std::vector<Item>> back_from(Page<Item> part, auto&& read);

  // naive_ask_accounts.cc
  void ask_customer();
  void ask_customers();
  void ask_account();
  void ask_accounts();
  void ask_standing();
  void ask_accounts_of();
  void ask_sums();
  void ask_summary();
  void ask_ageing();
  void ask_open_items();
  void ask_owed();
  void ask_methods();
  void ask_credits();
  void ask_credit_balances();
  void ask_deposits();
  void ask_plans();
  void ask_groupings();
  void ask_users();
  // naive_ask_documents.cc
  void ask_invoices();
  void ask_invoice();
  void ask_invoices_by_number();
  void ask_disputes();
  void ask_credit_notes();
  void ask_credit_note();
  void ask_payments();
  void ask_payment();
  void ask_activity();
  void ask_months();
  void ask_statement();
  void ask_tax_summary();
  void ask_revenue();
  void ask_trial_balance();
  void ask_control();
  void ask_unbooked();
  void ask_periods();
  static const std::array<Ask, 35> kAll;

  BusyHistory& history_;
  std::mt19937_64 random_;
  const Reader* reader_ = nullptr;
  std::optional<Model> model_;
  std::string question_;
  std::string difference_;

  std::vector<CustomerId> customers_;
  std::vector<AccountId> accounts_;
  std::vector<InvoiceId> invoices_;
  std::vector<std::string> numbers_{"none"};
  std::vector<CreditNoteId> notes_;
  std::vector<PaymentId> payments_;
  std::vector<DisputeId> disputes_;
  std::vector<GroupingId> groupings_;
  std::vector<std::pair<GroupingId, GroupId>> groups_;
  std::vector<UserId> users_;
  std::vector<DepositId> deposits_;
  std::vector<PlanId> plans_;
  std::vector<MethodId> methods_;
  std::vector<UnbookedId> unbooked_;
};

// The list again, from its last page back to its first.
template <class Item>
Result<std::vector<Item>> Questions::back_from(Page<Item> part, auto&& read) {
  std::vector<Item> items = std::move(part.items);
  while (!part.previous.empty()) {
    PageRequest request = page();
    request.cursor = part.previous;
    BILLING_TRY(before, read(request));
    part = std::move(before);
    items.insert(items.begin(), part.items.begin(), part.items.end());
  }
  return items;
}

template <class Item>
Result<std::vector<Item>> Questions::all(auto&& read) {
  std::vector<Item> items;
  PageRequest request = page();
  for (std::size_t pages = 0; pages < 10'000; ++pages) {
    Result<Page<Item>> part = read(request);
    if (!part) return std::unexpected(part.error());
    if (part->items.size() > request.limit) return refuse(Code::kInternal, "a page is longer than its limit");
    if (!part->next.empty() && part->items.size() != request.limit) {
      return refuse(Code::kInternal, "a page before the end is shorter than its limit");
    }
    items.insert(items.end(), part->items.begin(), part->items.end());
    if (part->next.empty() && !part->previous.empty() && below(2) == 0) return back_from<Item>(*std::move(part), read);
    if (part->next.empty()) return items;
    request = page();
    request.cursor = part->next;
  }
  return refuse(Code::kInternal, "the list does not end");
}

template <class Item>
void Questions::ask_list(std::string_view name, const ListQuery& query, auto&& read, auto&& sum,
                         const Result<std::vector<Item>>& wanted, auto&& amounts) {
  question(name, query.scope, query.today, query.as_of, query.sort, query.ascending, query.date.from, query.date.to,
           query.posting.from, query.posting.to, query.due.from, query.due.to, query.statuses, query.methods, query.text);
  same(all<Item>([&](const PageRequest& request) {
         ListQuery part = query;
         part.page = request;
         return read(part);
       }),
       wanted);
  const Result<ListSums> found = sum(query);
  if (!wanted) return same(found, wanted);
  ListSums sums{.count = wanted->size(), .currency = found ? found->currency : Currency()};
  for (const Item& item : *wanted) {
    const auto [amount, left] = amounts(item);
    if (__builtin_add_overflow(sums.amount, amount, &sums.amount) || __builtin_add_overflow(sums.left, left, &sums.left)) {
      return same(found, Result<ListSums>(refuse(Code::kOverflow)));
    }
  }
  same(found, Result<ListSums>(sums));
}

}  // namespace billing::views::naive

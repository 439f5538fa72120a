// Questions about customers, accounts and what accounts have.
#include "projections/naive_questions.h"

namespace billing::views::naive {

void Questions::ask_customer() {
  const CustomerId id = any(customers_);
  question("customer", id);
  same(reader_->customer(id), model_->customer(id));
}

void Questions::ask_customers() {
  question("customers");
  same(all<Customer>([&](const PageRequest& request) { return reader_->customers(request); }), model_->customers());
  const std::string external_id = one_in(2) ? "crm-2" : "none";
  question("customers_by_external_id", external_id);
  const auto by_external_id = [&](const PageRequest& request) {
    return reader_->customers_by_external_id(external_id, request);
  };
  same(all<Customer>(by_external_id), model_->customers(external_id));
}

void Questions::ask_account() {
  const AccountId id = any(accounts_);
  const Date date = day();
  question("account", id, date);
  const auto found = model_->account(id, date);
  same(reader_->account(id, date), found);
  if (found) {
    question("account_by_number", found->customer, found->number, date);
    same(reader_->account_by_number(found->customer, found->number, date), found);
  }
  question("ancestors", id, date);
  same(reader_->ancestors(id, date), model_->ancestors(id, date));
  question("contacts", id);
  same(reader_->contacts(id), model_->contacts(id));
}

void Questions::ask_accounts() {
  const CustomerId customer = any(customers_);
  const AccountId parent = any(accounts_);
  const Date date = day();
  question("accounts", customer, date);
  same(all<Account>([&](const PageRequest& request) { return reader_->accounts(customer, request, date); }),
       model_->accounts(customer, date));
  question("children", parent, date);
  same(all<Account>([&](const PageRequest& request) { return reader_->children(parent, request, date); }),
       model_->children(parent, date));
  question("roots", customer, date);
  same(all<Account>([&](const PageRequest& request) { return reader_->roots(customer, request, date); }),
       model_->roots(customer, date));
}

void Questions::ask_standing() {
  const AccountId id = any(accounts_);
  const Date date = day();
  question("standing", id, date);
  same(reader_->standing(id, date), model_->standing(id, date));
  question("frozen", id);
  same(*reader_->frozen(id), model_->frozen(id));
}

void Questions::ask_accounts_of() {
  const Scope of = scope();
  const Date date = day();
  question("accounts_of", of, date);
  same(reader_->accounts_of(of, date), model_->accounts_of(of, date));
  question("customer_of", of);
  same(reader_->customer_of(of), model_->customer_of(of));
}

void Questions::ask_sums() {
  const Scope of = scope();
  const Date date = day();
  question("sums", of, date);
  const auto sums = model_->sums(of, date);
  same(reader_->sums(of, date), sums);
  question("totals", of, date);
  if (sums) same(reader_->totals(of, date), sums->totals);
}

void Questions::ask_summary() {
  const Scope of = scope();
  const Date date = day();
  question("summary", of, date);
  same(reader_->summary(of, date), model_->summary(of, date));
}

void Questions::ask_ageing() {
  const Scope of = scope();
  const Date date = day();
  question("ageing", of, date);
  same(reader_->ageing(of, date), model_->ageing(of, date));
}

void Questions::ask_open_items() {
  const Scope of = scope();
  const Date date = day();
  question("open_items", of, date);
  same(all<OpenItem>([&](const PageRequest& request) { return reader_->open_items(of, date, request); }),
       model_->open_items(of, date));
}

void Questions::ask_owed() {
  const Scope of = scope();
  const Date date = day();
  question("owed", of, date);
  same(reader_->owed(of, date), model_->owed(of, date));
}

void Questions::ask_methods() {
  const AccountId id = any(accounts_);
  const Date date = day();
  question("methods", id, date);
  same(reader_->methods(id, date), model_->methods(id, date));
  const MethodId method = any(methods_);
  question("method", method);
  same(reader_->method(method), model_->method(method));
}

void Questions::ask_credits() {
  const AccountId id = any(accounts_);
  question("credits", id);
  same(all<HeldCredit>([&](const PageRequest& request) { return reader_->credits(id, request); }), model_->credits(id));
}

void Questions::ask_credit_balances() {
  const Scope of = scope();
  const Date date = day();
  question("credit_balances", of, date);
  same(all<HeldCredit>([&](const PageRequest& request) { return reader_->credit_balances(of, date, request); }),
       model_->credit_balances(of, date));
}

void Questions::ask_deposits() {
  const ListQuery query = list_query({}, false, true);
  ask_list<Deposit>("deposits", query, [&](const ListQuery& part) { return reader_->deposits(part); },
                    [&](const ListQuery& whole) { return reader_->deposit_sums(whole); }, model_->deposits(query),
                    [](const Deposit& one) { return std::pair(one.amount, one.left); });
  const DepositId id = any(deposits_);
  question("deposit", id);
  same(reader_->deposit(id), model_->deposit(id));
}

void Questions::ask_plans() {
  const AccountId account = any(accounts_);
  const Date date = day();
  question("plans", account, date);
  same(all<Plan>([&](const PageRequest& request) { return reader_->plans(account, date, request); }),
       model_->plans(account, date));
  const PlanId id = any(plans_);
  question("plan", id, date);
  same(reader_->plan(id, date), model_->plan(id, date));
}

void Questions::ask_groupings() {
  const CustomerId customer = any(customers_);
  question("groupings", customer);
  same(all<Grouping>([&](const PageRequest& request) { return reader_->groupings(customer, request); }),
       model_->groupings(customer));
  const GroupingId id = any(groupings_);
  question("grouping", id);
  same(reader_->grouping(id), model_->grouping(id));
}

void Questions::ask_users() {
  const CustomerId customer = any(customers_);
  question("users", customer);
  same(all<User>([&](const PageRequest& request) { return reader_->users(customer, request); }),
       model_->users(customer));
  const UserId id = any(users_);
  question("user", id);
  same(reader_->user(id), model_->user(id));
}

}  // namespace billing::views::naive

// What accounts have beside documents: standing, what they owe, credit, deposits, plans, payment methods. And what is the
// operator's own: the queue of what could not be booked, accounting periods.
#include "gateway/api/list_params.h"
#include "gateway/api/read_routes.h"
#include "gateway/api/render_views.h"

namespace billing::api {
namespace {

Result<void> may_see_account(const Look& look, AccountId id) {
  BILLING_CHECK(look.customer_of(views::Scope::only(id)));
  return {};
}

Read read_standing(Query& query) {
  const auto id = query.path_id<AccountId>("account_id");
  const auto as_of = query.date("as_of");
  return [=](const Look& look) -> Result<http::Response> {
    BILLING_CHECK(may_see_account(look, id));
    BILLING_TRY(standing, look.views->standing(id, as_of.value_or(look.today)));
    return json_response(object_json(standing));
  };
}

Read read_owed(Query& query) {
  const auto id = query.path_id<AccountId>("account_id");
  const bool subtree = query.flag("subtree");
  const auto as_of = query.date("as_of");
  return [=](const Look& look) -> Result<http::Response> {
    BILLING_CHECK(may_see_account(look, id));
    const auto scope = subtree ? views::Scope::subtree(id) : views::Scope::only(id);
    BILLING_TRY(owed, look.views->owed(scope, as_of.value_or(look.today)));
    return json_response(object_json(owed));
  };
}

Read read_credits(Query& query) {
  const auto id = query.path_id<AccountId>("account_id");
  const auto page = query.page();
  return [=](const Look& look) -> Result<http::Response> {
    BILLING_CHECK(may_see_account(look, id));
    BILLING_TRY(credits, look.views->credits(id, page));
    return json_response(page_text(credits));
  };
}

Read read_methods(Query& query) {
  const auto id = query.path_id<AccountId>("account_id");
  const auto as_of = query.date("as_of");
  return [=](const Look& look) -> Result<http::Response> {
    BILLING_CHECK(may_see_account(look, id));
    BILLING_TRY(methods, look.views->methods(id, as_of.value_or(look.today)));
    return json_response(object_json(methods));
  };
}

Read read_method(Query& query) {
  const auto id = query.path_id<MethodId>("method_id");
  return [=](const Look& look) -> Result<http::Response> {
    BILLING_TRY(method, look.views->method(id));
    BILLING_CHECK(look.may_see(method.customer, Code::kUnknownPaymentMethod));
    return json_response(object_json(method), method.version);
  };
}

Read read_plans(Query& query) {
  const auto id = query.path_id<AccountId>("account_id");
  const auto as_of = query.date("as_of");
  const auto page = query.page();
  return [=](const Look& look) -> Result<http::Response> {
    BILLING_CHECK(may_see_account(look, id));
    BILLING_TRY(plans, look.views->plans(id, as_of.value_or(look.today), page));
    return json_response(page_text(plans));
  };
}

Read read_plan(Query& query) {
  const auto id = query.path_id<PlanId>("plan_id");
  const auto as_of = query.date("as_of");
  return [=](const Look& look) -> Result<http::Response> {
    BILLING_TRY(plan, look.views->plan(id, as_of.value_or(look.today)));
    BILLING_CHECK(look.may_see(plan.customer, Code::kUnknownPlan));
    return json_response(object_json(plan), plan.version);
  };
}

Read read_deposits(Query& query) {
  const ListParams params = list_params(query, kDepositTable);
  return [=](const Look& look) -> Result<http::Response> {
    BILLING_CHECK(look.customer_of(params.query.scope));
    return list_response<views::Deposit>(
        params, kDepositTable, params.at(look), [&](const auto& one) { return look.views->deposits(one); },
        [&](const auto& one) { return look.views->deposit_sums(one); });
  };
}

Read read_deposit(Query& query) {
  const auto id = query.path_id<DepositId>("deposit_id");
  return [=](const Look& look) -> Result<http::Response> {
    BILLING_TRY(detail, look.views->deposit(id));
    BILLING_CHECK(look.may_see(detail.deposit.customer, Code::kUnknownDeposit));
    return json_response(object_json(detail), detail.deposit.version);
  };
}

Read read_unbooked_queue(Query& query) {
  const bool all = query.flag("all");
  const auto customer = query.id<CustomerId>("customer");
  const auto page = query.page();
  return [=](const Look& look) -> Result<http::Response> {
    BILLING_CHECK(look.is_operator());
    if (customer) BILLING_CHECK(look.customer_of(views::Scope::whole(*customer)));
    BILLING_TRY(queue, look.views->unbooked(all, page, customer));
    return json_response(page_text(queue));
  };
}

Read read_unbooked(Query& query) {
  const auto id = query.path_id<UnbookedId>("unbooked_id");
  return [=](const Look& look) -> Result<http::Response> {
    BILLING_CHECK(look.is_operator());
    BILLING_TRY(unbooked, look.views->unbooked(id));
    return json_response(object_json(unbooked), unbooked.version);
  };
}

Read read_periods(Query&) {
  return [](const Look& look) -> Result<http::Response> {
    BILLING_CHECK(look.is_operator());
    BILLING_TRY(periods, look.views->periods());
    return json_response(page_text(views::Page<views::AccountingPeriod>{.items = std::move(periods), .next = {}}));
  };
}

}  // namespace

void add_arrangement_reads(ReadRoutes& routes) {
  routes.add("/v1/accounts/{account_id}/standing", read_standing);
  routes.add("/v1/accounts/{account_id}/owed", read_owed);
  routes.add("/v1/accounts/{account_id}/credits", read_credits);
  routes.add("/v1/accounts/{account_id}/payment-methods", read_methods);
  routes.add("/v1/accounts/{account_id}/plans", read_plans);
  routes.add("/v1/payment-methods/{method_id}", read_method);
  routes.add("/v1/plans/{plan_id}", read_plan);
  routes.add("/v1/deposits", read_deposits);
  routes.add("/v1/deposits/{deposit_id}", read_deposit);
  routes.add("/v1/unbooked", read_unbooked_queue);
  routes.add("/v1/unbooked/{unbooked_id}", read_unbooked);
  routes.add("/v1/periods", read_periods);
}

}  // namespace billing::api

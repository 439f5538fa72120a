// Customers and users.
#include "gateway/api/read_routes.h"
#include "gateway/api/render_views.h"

namespace billing::api {
namespace {

Read read_customers(Query& query) {
  const auto page = query.page();
  const auto external_id = query.text("external_id").transform([](auto text) { return std::string(text); });
  return [page, external_id](const Look& look) -> Result<http::Response> {
    if (!look.principal.tenant.nil()) {  // a customer's key sees that customer
      BILLING_TRY(customer, look.views->customer(look.principal.tenant));
      views::Page<views::Customer> own;
      if (page.cursor.empty() && (!external_id || customer.external_id == *external_id))
        own.items.push_back(std::move(customer));
      return json_response(page_text(own));
    }
    BILLING_TRY(found, external_id ? look.views->customers_by_external_id(*external_id, page)
                                   : look.views->customers(page));
    return json_response(page_text(found));
  };
}

Read read_customer(Query& query) {
  const auto id = query.path_id<CustomerId>("customer_id");
  return [id](const Look& look) -> Result<http::Response> {
    BILLING_CHECK(look.may_see(id, Code::kUnknownCustomer));
    BILLING_TRY(customer, look.views->customer(id));
    return json_response(object_json(customer), customer.version);
  };
}

Read read_customer_summary(Query& query) {
  const auto id = query.path_id<CustomerId>("customer_id");
  const auto as_of = query.date("as_of");
  return [id, as_of](const Look& look) -> Result<http::Response> {
    BILLING_CHECK(look.may_see(id, Code::kUnknownCustomer));
    BILLING_TRY(summary, look.views->summary(views::Scope::whole(id), as_of.value_or(look.today)));
    return json_response(object_json(summary));
  };
}

Read read_users(Query& query) {
  const auto customer = query.id<CustomerId>("customer");
  const auto page = query.page();
  if (!customer) query.refuse_with(Code::kInvalidParameter, "customer is required.");
  return [customer, page](const Look& look) -> Result<http::Response> {
    BILLING_CHECK(look.customer_of(views::Scope::whole(*customer)));
    BILLING_TRY(users, look.views->users(*customer, page));
    return json_response(page_text(users));
  };
}

Read read_user(Query& query) {
  const auto id = query.path_id<UserId>("user_id");
  return [id](const Look& look) -> Result<http::Response> {
    BILLING_TRY(user, look.views->user(id));
    BILLING_CHECK(look.may_see(user.customer, Code::kUnknownUser));
    return json_response(object_json(user), user.version);
  };
}

}  // namespace

void add_customer_reads(ReadRoutes& routes) {
  routes.add("/v1/customers", read_customers);
  routes.add("/v1/customers/{customer_id}", read_customer);
  routes.add("/v1/customers/{customer_id}/summary", read_customer_summary);
  routes.add("/v1/users", read_users);
  routes.add("/v1/users/{user_id}", read_user);
}

}  // namespace billing::api

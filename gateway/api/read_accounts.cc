// Accounts: by customer, by number, one by one, and what hangs below.
#include "gateway/api/read_routes.h"
#include "gateway/api/render_views.h"

namespace billing::api {
namespace {

// The account, if the caller may see it.
Result<views::Account> account_of(const Look& look, AccountId id, Date date = views::kNow) {
  BILLING_TRY(account, look.views->account(id, date));
  BILLING_CHECK(look.may_see(account.customer, Code::kUnknownAccount));
  return account;
}

// All of a customer by number, the one with a number, or the roots only.
Read read_accounts(Query& query) {
  const auto customer = query.path_id<CustomerId>("customer_id");
  const auto number = query.text("number").transform([](auto text) { return std::string(text); });
  const bool roots = query.flag("roots");
  const auto as_of = query.date("as_of");
  const auto page = query.page();
  if (number && roots) query.refuse_with(Code::kInvalidParameter, "number and roots=true do not go together.");
  return [=](const Look& look) -> Result<http::Response> {
    BILLING_CHECK(look.customer_of(views::Scope::whole(customer)));
    const Date date = as_of.value_or(look.today);
    if (!number) {
      BILLING_TRY(found, roots ? look.views->roots(customer, page, date) : look.views->accounts(customer, page, date));
      return json_response(page_text(found));
    }
    views::Page<views::Account> found;
    auto account = look.views->account_by_number(customer, *number, date);
    if (!account && account.error().code != Code::kUnknownAccount) return std::unexpected(std::move(account.error()));
    if (account && page.cursor.empty()) found.items.push_back(*std::move(account));
    return json_response(page_text(found));
  };
}

Read read_account(Query& query) {
  const auto id = query.path_id<AccountId>("account_id");
  const auto as_of = query.date("as_of");
  return [id, as_of](const Look& look) -> Result<http::Response> {
    const Date date = as_of.value_or(look.today);
    BILLING_TRY(account, account_of(look, id, date));
    BILLING_TRY(summary, look.views->summary(views::Scope::only(id), date));
    BILLING_TRY(owed, look.views->owed(views::Scope::only(id), date));
    BILLING_TRY(standing, look.views->standing(id, date));
    std::string out;
    JsonWriter json(out);
    json.begin_object();
    write_members(json, account);
    json.key("summary");
    write(json, summary);
    json.key("owed");
    write(json, owed);
    json.key("standing");
    write(json, standing);
    json.end_object();
    return json_response(std::move(out), account.version);
  };
}

Read read_account_summary(Query& query) {
  const auto id = query.path_id<AccountId>("account_id");
  const auto as_of = query.date("as_of");
  const bool subtree = query.flag("subtree");
  return [=](const Look& look) -> Result<http::Response> {
    const auto scope = subtree ? views::Scope::subtree(id) : views::Scope::only(id);
    BILLING_CHECK(look.customer_of(scope));
    const Date date = as_of.value_or(look.today);
    BILLING_TRY(summary, look.views->summary(scope, date));
    BILLING_TRY(owed, look.views->owed(scope, date));
    std::string out;
    JsonWriter json(out);
    json.begin_object();
    write_members(json, summary);
    json.key("owed");
    write(json, owed);
    json.end_object();
    return json_response(std::move(out));
  };
}

Read read_children(Query& query) {
  const auto id = query.path_id<AccountId>("account_id");
  const auto as_of = query.date("as_of");
  const auto page = query.page();
  return [=](const Look& look) -> Result<http::Response> {
    BILLING_CHECK(account_of(look, id));
    BILLING_TRY(children, look.views->children(id, page, as_of.value_or(look.today)));
    return json_response(page_text(children));
  };
}

Read read_ancestors(Query& query) {
  const auto id = query.path_id<AccountId>("account_id");
  const auto as_of = query.date("as_of");
  return [id, as_of](const Look& look) -> Result<http::Response> {
    const Date date = as_of.value_or(look.today);
    BILLING_CHECK(account_of(look, id));
    BILLING_TRY(ancestors, look.views->ancestors(id, date));
    views::Page<views::Account> found;
    for (const AccountId each : ancestors) {
      BILLING_TRY(account, look.views->account(each, date));
      found.items.push_back(std::move(account));
    }
    return json_response(page_text(found));
  };
}

Read read_contacts(Query& query) {
  const auto id = query.path_id<AccountId>("account_id");
  return [id](const Look& look) -> Result<http::Response> {
    BILLING_TRY(account, account_of(look, id));
    views::Page<views::Contact> found;
    BILLING_TRY(contacts, look.views->contacts(id));
    found.items = std::move(contacts);
    return json_response(page_text(found), account.version);
  };
}

}  // namespace

void add_account_reads(ReadRoutes& routes) {
  routes.add("/v1/customers/{customer_id}/accounts", read_accounts);
  routes.add("/v1/accounts/{account_id}", read_account);
  routes.add("/v1/accounts/{account_id}/summary", read_account_summary);
  routes.add("/v1/accounts/{account_id}/children", read_children);
  routes.add("/v1/accounts/{account_id}/ancestors", read_ancestors);
  routes.add("/v1/accounts/{account_id}/contacts", read_contacts);
}

}  // namespace billing::api

// Groupings: a customer's own nested groups. A total is over the set of accounts, so subgroup totals need not add up.
#include <algorithm>

#include "gateway/api/read_routes.h"
#include "gateway/api/render_views.h"

namespace billing::api {
namespace {

Result<views::GroupingDetail> grouping_of(const Look& look, GroupingId id) {
  BILLING_TRY(detail, look.views->grouping(id));
  BILLING_CHECK(look.may_see(detail.grouping.customer, Code::kUnknownGrouping));
  return detail;
}

void write_sums(JsonWriter& json, const views::Sums& sums, Currency currency) {
  json.member("accounts", sums.accounts);
  json.key("totals");
  write(json, sums.totals, currency);
}

Result<std::string> grouping_text(const Look& look, const views::GroupingDetail& detail, bool totals, Date date) {
  std::string out;
  JsonWriter json(out);
  json.begin_object();
  json.member("id", detail.grouping.id.text());
  json.member("customer", detail.grouping.customer.text());
  json.member("name", detail.grouping.name);
  json.member("version", detail.grouping.version);
  BILLING_TRY(customer, look.views->customer(detail.grouping.customer));
  if (totals) {
    json.member("as_of", date.text());
    BILLING_TRY(sums, look.views->sums(views::Scope::of_grouping(detail.grouping.id), date));
    write_sums(json, sums, customer.currency);
  }
  json.key("groups");
  json.begin_array();
  for (const auto& group : detail.groups) {
    json.begin_object();
    write_members(json, group);
    if (totals) {
      BILLING_TRY(sums, look.views->sums(views::Scope::of_group(detail.grouping.id, group.id), date));
      write_sums(json, sums, customer.currency);
    }
    json.end_object();
  }
  json.end_array();
  json.end_object();
  return out;
}

Read read_groupings(Query& query) {
  const auto customer = query.path_id<CustomerId>("customer_id");
  const auto page = query.page();
  return [customer, page](const Look& look) -> Result<http::Response> {
    BILLING_CHECK(look.customer_of(views::Scope::whole(customer)));
    BILLING_TRY(groupings, look.views->groupings(customer, page));
    return json_response(page_text(groupings));
  };
}

Read read_grouping(Query& query) {
  const auto id = query.path_id<GroupingId>("grouping_id");
  const bool totals = query.flag("totals");
  const auto as_of = query.date("as_of");
  return [=](const Look& look) -> Result<http::Response> {
    BILLING_TRY(detail, grouping_of(look, id));
    BILLING_TRY(text, grouping_text(look, detail, totals, as_of.value_or(look.today)));
    return json_response(std::move(text), detail.grouping.version);
  };
}

Read read_group(Query& query) {
  const auto id = query.path_id<GroupingId>("grouping_id");
  const auto group_id = query.path_id<GroupId>("group_id");
  const auto as_of = query.date("as_of");
  return [=](const Look& look) -> Result<http::Response> {
    BILLING_TRY(detail, grouping_of(look, id));
    const auto group = std::ranges::find(detail.groups, group_id, &views::Group::id);
    if (group == detail.groups.end()) return refuse(Code::kUnknownGroup);
    BILLING_TRY(summary, look.views->summary(views::Scope::of_group(id, group_id), as_of.value_or(look.today)));
    std::string out;
    JsonWriter json(out);
    json.begin_object();
    write_members(json, *group);
    json.key("summary");
    write(json, summary);
    json.end_object();
    return json_response(std::move(out), detail.grouping.version);
  };
}

}  // namespace

void add_grouping_reads(ReadRoutes& routes) {
  routes.add("/v1/customers/{customer_id}/groupings", read_groupings);
  routes.add("/v1/groupings/{grouping_id}", read_grouping, ReadLane::kReport);
  routes.add("/v1/groupings/{grouping_id}/groups/{group_id}", read_group, ReadLane::kReport);
}

}  // namespace billing::api

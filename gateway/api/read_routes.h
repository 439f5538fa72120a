// What the read routes share: parse the parameters, wait for the position, read, answer. Internal to this folder.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "gateway/api/read_api.h"
#include "gateway/api/read_query.h"
#include "gateway/api/read_waiter.h"
#include "gateway/identity/principal.h"

namespace billing::api {

// One look at the views, on behalf of one caller. Every answer of `views` speaks of the same position.
struct Look {
  std::shared_ptr<const views::Reader> views;
  identity::Principal principal;
  Date today;
  const Clock* clock;

  // Refuses what belongs to another customer than the principal's as if it were not there.
  Result<void> may_see(CustomerId customer, Code unknown) const;
  // The customer of a scope that the principal may see.
  Result<CustomerId> customer_of(const views::Scope& scope) const;
  // For what spans all customers. Error: kForbidden.
  Result<void> is_operator() const;
};

// A body that is made piece by piece while it is sent.
struct Flow {
  http::Response head;
  // The next piece, not empty; nullopt at the end. An error cuts the connection: the head is sent already.
  std::function<Result<std::optional<std::string>>()> next;
};
using Answer = std::variant<http::Response, Flow>;

using Read = std::function<Result<http::Response>(const Look&)>;
using Report = std::function<Result<Answer>(const Look&)>;

http::Response json_response(std::string body);
http::Response json_response(std::string body, std::uint64_t version);  // with its ETag
// `name` is the file that a browser would save.
http::Response csv_response(std::string body, std::string_view name);

// Adds routes; `parse` takes the parameters and gives what reads, which runs on a thread of the pool.
class ReadRoutes {
 public:
  ReadRoutes(http::Router& router, const ReadEnvironment& environment);

  void add(std::string_view pattern, std::function<Read(Query&)> parse, ReadLane lane = ReadLane::kQuick);
  // An answer that may flow; in the lane of reports.
  void add_report(std::string_view pattern, std::function<Report(Query&)> parse);

  http::Router& router() { return router_; }
  const ReadEnvironment& environment() const { return shared_->environment; }
  // Handlers hold this, so that the waiter lives as long as they do.
  struct Shared {
    explicit Shared(const ReadEnvironment& given) : environment(given), waiter(given.limits.waiting_max) {}
    ReadEnvironment environment;
    Waiter waiter;
  };
  const std::shared_ptr<Shared>& shared() const { return shared_; }

 private:
  http::Router& router_;
  std::shared_ptr<Shared> shared_;
};

// The routes, by subject (read_*.cc).
void add_customer_reads(ReadRoutes& routes);
void add_account_reads(ReadRoutes& routes);
void add_hierarchy_read(ReadRoutes& routes);
void add_grouping_reads(ReadRoutes& routes);
void add_document_reads(ReadRoutes& routes);
void add_activity_read(ReadRoutes& routes);
void add_report_reads(ReadRoutes& routes);
void add_monthly_read(ReadRoutes& routes);
void add_arrangement_reads(ReadRoutes& routes);
void add_table_reads(ReadRoutes& routes);
void add_statement_reads(ReadRoutes& routes);
void add_event_feed(ReadRoutes& routes);

}  // namespace billing::api

#include "gateway/api/read_routes.h"

#include <algorithm>
#include <utility>

#include "gateway/api/headers.h"
#include "gateway/api/problem.h"

namespace billing::api {
namespace {

constexpr std::string_view kPositionHeader = "Ledger-Position";
constexpr Position kMax = ~Position{0} >> 1U;

// The position that an answer is to have.
struct Wanted {
  Position at_least = 0;
  std::optional<Position> exactly{};
};

// At least: of the query or the header, whichever is later.
Position min_position(Query& query, const http::Request& request) {
  Position wanted = query.number("min_position", 0, kMax).value_or(0);
  if (!request.has_header(kPositionHeader)) return wanted;
  http::Request header;
  header.query.emplace_back(kPositionHeader, request.header(kPositionHeader));
  Query of_header(header);
  const auto given = of_header.number(kPositionHeader, 0, kMax);
  if (auto bad = of_header.end(); !bad) query.refuse_with(bad.error().code, std::move(bad.error().detail));
  if (request.header_count(kPositionHeader) > 1)
    query.refuse_with(Code::kInvalidParameter, "There is more than one Ledger-Position header.");
  return std::max(wanted, given.value_or(0));
}

Wanted wanted_position(Query& query, const http::Request& request) {
  const Wanted wanted{.at_least = min_position(query, request), .exactly = query.number("position", 1, kMax)};
  if (wanted.exactly && wanted.at_least > 0) {
    query.refuse_with(Code::kInvalidParameter,
                      "position asks for exactly one position: leave out min_position and the Ledger-Position header.");
  }
  return wanted;
}

// Reads and gives the answer or the problem, with the position that the views showed.
template <class Outcome, class Reading>
Result<Outcome> read_from(std::shared_ptr<const views::Reader> views, const ReadEnvironment& environment,
                          const identity::Principal& principal, const Reading& read) {
  const Look look{std::move(views), principal, environment.clock.today()};
  auto outcome = read(look);
  if (!outcome) return std::unexpected(std::move(outcome.error()));
  const auto mark = [&](http::Response& response) {
    response.headers.emplace_back(kPositionHeader, std::to_string(look.views->position()));
  };
  if constexpr (std::is_same_v<Outcome, http::Response>) {
    mark(*outcome);
  } else {
    std::visit([&](auto& answer) {
      if constexpr (std::is_same_v<std::decay_t<decltype(answer)>, Flow>) mark(answer.head);
      else mark(answer);
    }, *outcome);
  }
  return outcome;
}

template <class Outcome, class Reading>
Result<Outcome> read_now(const ReadEnvironment& environment, const identity::Principal& principal,
                         const Reading& read) {
  return read_from<Outcome>(environment.views.read(), environment, principal, read);
}

// Gives `send` the outcome as of exactly `position`: now, or from the waiter's thread once its rows are made.
template <class Outcome, class Reading, class Send>
void read_past(ReadRoutes::Shared& shared, Position position, const identity::Principal& principal, Reading read,
               Send send) {
  auto job = shared.environment.past.at(position);
  if (!job) return send(std::unexpected(std::move(job.error())));
  const auto until = std::chrono::steady_clock::now() + shared.environment.limits.position_wait;
  const auto attempt = [&shared, job = std::move(*job), position, principal, read, send](bool last) {
    const auto answer = job->answer();
    if (!answer && !last) return false;
    if (!answer) {
      send(refuse(Code::kPastNotReady,
                  "The rows as of position " + std::to_string(position) + " are being made; ask again."));
    } else if (!*answer) {
      send(std::unexpected(answer->error()));
    } else {
      send(read_from<Outcome>(**answer, shared.environment, principal, read));
    }
    return true;
  };
  if (attempt(false)) return;
  if (!shared.waiter.park(until, attempt))
    send(refuse(Code::kTooManyRequests, "Too many requests wait for a position already."));
}

// Gives `send` the outcome: now, or from the waiter's thread when the views are not there yet.
template <class Outcome, class Reading, class Send>
void read_at(ReadRoutes::Shared& shared, const Wanted& position, const identity::Principal& principal, Reading read,
             Send send) {
  if (position.exactly) return read_past<Outcome>(shared, *position.exactly, principal, std::move(read), std::move(send));
  const Position wanted = position.at_least;
  if (shared.environment.views.position() >= wanted)
    return send(read_now<Outcome>(shared.environment, principal, read));
  const auto until = std::chrono::steady_clock::now() + shared.environment.limits.position_wait;
  // The waiter is part of `shared` and joins its thread when that goes, so the reference holds.
  const bool parked = shared.waiter.park(until, [&shared, wanted, principal, read, send](bool last) {
    const Position at = shared.environment.views.position();
    if (at < wanted && !last) return false;
    if (at >= wanted) {
      send(read_now<Outcome>(shared.environment, principal, read));
    } else {
      send(refuse(Code::kPositionNotReached, "The view is at position " + std::to_string(at) + "; ask again."));
    }
    return true;
  });
  if (!parked) send(refuse(Code::kTooManyRequests, "Too many requests wait for a position already."));
}

// Sends piece after piece, each when the one before is on its way.
void flow_on(const std::shared_ptr<http::Exchange>& exchange, const std::shared_ptr<Flow>& flow) {
  auto piece = flow->next();
  if (!piece) return;  // letting go of the exchange cuts the connection: the client sees that it is not complete
  if (!*piece) return exchange->finish();
  exchange->write(std::move(**piece), [exchange, flow](bool ok) {
    if (ok) flow_on(exchange, flow);
  });
}

void send_answer(const std::shared_ptr<http::Exchange>& exchange, Result<Answer> answer) {
  if (!answer) return exchange->reply(problem(answer.error()));
  if (auto* whole = std::get_if<http::Response>(&*answer)) {
    add_security_headers(*whole);
    return exchange->reply(std::move(*whole));
  }
  const auto flow = std::make_shared<Flow>(std::get<Flow>(std::move(*answer)));
  add_security_headers(flow->head);
  exchange->start_response(std::move(flow->head));
  flow_on(exchange, flow);
}

}  // namespace

Result<void> Look::may_see(CustomerId customer, Code unknown) const {
  if (principal.tenant.nil() || principal.tenant == customer) return {};
  return refuse(unknown);
}

Result<CustomerId> Look::customer_of(const views::Scope& scope) const {
  BILLING_TRY(customer, views->customer_of(scope));
  const Code unknown = scope.kind == views::ScopeKind::kCustomer ? Code::kUnknownCustomer
                       : scope.kind == views::ScopeKind::kGroup  ? Code::kUnknownGrouping
                                                                 : Code::kUnknownAccount;
  BILLING_CHECK(may_see(customer, unknown));
  return customer;
}

Result<void> Look::is_operator() const {
  if (principal.tenant.nil()) return {};
  return refuse(Code::kForbidden, "This spans all customers.");
}

http::Response json_response(std::string body) {
  http::Response response;
  response.content_type = "application/json";
  response.body = std::move(body);
  return response;
}

http::Response json_response(std::string body, std::uint64_t version) {
  auto response = json_response(std::move(body));
  response.headers.emplace_back("ETag", etag(version));
  return response;
}

http::Response csv_response(std::string body, std::string_view name) {
  http::Response response;
  response.content_type = "text/csv; charset=utf-8; header=present";
  response.headers.emplace_back("Content-Disposition", "attachment; filename=\"" + std::string(name) + "\"");
  response.body = std::move(body);
  return response;
}

ReadRoutes::ReadRoutes(http::Router& router, const ReadEnvironment& environment)
    : router_(router), shared_(std::make_shared<Shared>(environment)) {}

void ReadRoutes::add(std::string_view pattern, std::function<Read(Query&)> parse) {
  router_.add("GET", pattern,
              shared_->environment.guard.wrap([shared = shared_, parse = std::move(parse)](
                                                  const identity::Principal& principal, http::Request request,
                                                  http::Reply reply) {
                Query query(request);
                const Wanted wanted = wanted_position(query, request);
                Read read = parse(query);
                if (const auto good = query.end(); !good) return reply(problem(good.error()));
                read_at<http::Response>(*shared, wanted, principal, std::move(read),
                                        [reply](Result<http::Response> outcome) {
                                          reply(outcome ? std::move(*outcome) : problem(outcome.error()));
                                        });
              }));
}

void ReadRoutes::add_report(std::string_view pattern, std::function<Report(Query&)> parse) {
  router_.add_stream("GET", pattern,
                     shared_->environment.guard.wrap_stream([shared = shared_, parse = std::move(parse)](
                                                                const identity::Principal& principal,
                                                                http::Request request,
                                                                std::shared_ptr<http::Exchange> exchange) {
                       Query query(request);
                       const Wanted wanted = wanted_position(query, request);
                       Report read = parse(query);
                       if (const auto good = query.end(); !good) return exchange->reply(problem(good.error()));
                       read_at<Answer>(*shared, wanted, principal, std::move(read),
                                       [exchange](Result<Answer> answer) { send_answer(exchange, std::move(answer)); });
                     }));
}

void add_read_routes(http::Router& router, const ReadEnvironment& environment) {
  ReadRoutes routes(router, environment);
  add_customer_reads(routes);
  add_account_reads(routes);
  add_hierarchy_read(routes);
  add_grouping_reads(routes);
  add_document_reads(routes);
  add_activity_read(routes);
  add_report_reads(routes);
  add_monthly_read(routes);
  add_arrangement_reads(routes);
  add_table_reads(routes);
  add_statement_reads(routes);
  add_event_feed(routes);
}

}  // namespace billing::api

#include "gateway/api/read_routes.h"

#include <algorithm>
#include <utility>

#include "gateway/api/headers.h"
#include "gateway/api/problem.h"
#include "projections/limited_rows.h"

namespace billing::api {
namespace {

constexpr std::string_view kPositionHeader = "Ledger-Position";
constexpr Position kMax = ~Position{0} >> 1U;

// A position further ahead of the log is not one that this ledger gave: it is refused at once.
constexpr Position kAwaitedMax = 1'000'000;

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
Result<Outcome> read_from(std::shared_ptr<const views::Reader> views, const Clock& clock,
                          const identity::Principal& principal, const Reading& read) {
  const Look look{std::move(views), principal, clock.today(), &clock};
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

// A read on its way: what it asks, for whom, and `send(outcome, time, waited)`, which takes the outcome to the client; `time`
// is null where nothing was read, `waited` is true when it was parked for a position. Copies are made for the threads that
// it passes.
template <class Outcome, class Reading, class Send>
struct Errand {
  ReadLane lane;
  identity::Principal principal;
  Reading read;
  Send send;
  bool waited = false;

  void refuse_with(Error error) const { send(std::unexpected(std::move(error)), nullptr, waited); }

  // Reads on a thread of the pool, which outlives the router and so every errand. Without `views` those of that moment.
  void run(const ReadEnvironment& environment, std::shared_ptr<const views::Reader> views = nullptr) const {
    environment.pool.submit(
        lane, {.run = [errand = *this, &live = environment.views, &log = environment.log, &keys = environment.keys,
                       &clock = environment.clock, views = std::move(views)](const std::shared_ptr<ReadTime>& time) {
                 std::shared_ptr<const views::Reader> limited = views::limit_reader(
                     views ? views : live.read(), log, &keys, [time] { return time->over(); });
                 errand.send(read_from<Outcome>(std::move(limited), clock, errand.principal, errand.read), time,
                             errand.waited);
               },
               .refuse = [errand = *this](Error error) { errand.refuse_with(std::move(error)); }});
  }
};

// Takes the errand to the pool as of exactly `position`: now, or from the waiter's thread once its rows are made.
template <class AnyErrand>
void run_past(ReadRoutes::Shared& shared, Position position, AnyErrand errand) {
  auto job = shared.environment.past.at(position);
  if (!job) return errand.refuse_with(std::move(job.error()));
  const auto until = std::chrono::steady_clock::now() + shared.environment.limits.position_wait;
  auto attempt = [&shared, job = std::move(*job), position, errand](bool last) mutable {
    auto answer = job->answer();
    if (!answer && !last) {
      errand.waited = true;
      return false;
    }
    if (!answer) {
      errand.refuse_with(Error{Code::kPastNotReady,
                               "The rows as of position " + std::to_string(position) + " are being made; ask again.", {}});
    } else if (!*answer) {
      errand.refuse_with(std::move(answer->error()));
    } else {
      errand.run(shared.environment, std::move(**answer));
    }
    return true;
  };
  if (attempt(false)) return;
  if (!shared.waiter.park(until, std::move(attempt)))
    errand.refuse_with(Error{Code::kTooManyRequests, "Too many requests wait for a position already.", {}});
}

// Takes the errand to the pool: now, or from the waiter's thread when the views are not there yet.
template <class AnyErrand>
void run_at(ReadRoutes::Shared& shared, const Wanted& position, AnyErrand errand) {
  if (position.exactly) return run_past(shared, *position.exactly, std::move(errand));
  const Position wanted = position.at_least;
  if (shared.environment.views.position() >= wanted) return errand.run(shared.environment);
  if (const Position head = shared.environment.log.head().position; wanted > head + kAwaitedMax) {
    return errand.refuse_with(Error{Code::kInvalidParameter,
                                    "The log is at position " + std::to_string(head) + "; position " + std::to_string(wanted) +
                                        " will not come while a request waits. Take positions from answers of this ledger.",
                                    {}});
  }
  errand.waited = true;
  const auto until = std::chrono::steady_clock::now() + shared.environment.limits.position_wait;
  // The waiter is part of `shared` and joins its thread when that goes, so the reference holds.
  const bool parked = shared.waiter.park(until, [&shared, wanted, errand](bool last) {
    const Position at = shared.environment.views.position();
    if (at < wanted && !last) return false;
    if (at >= wanted) {
      errand.run(shared.environment);
    } else {
      errand.refuse_with(
          Error{Code::kPositionNotReached, "The view is at position " + std::to_string(at) + "; ask again.", {}});
    }
    return true;
  });
  if (!parked)
    errand.refuse_with(Error{Code::kTooManyRequests, "Too many requests wait for a position already.", {}});
}

// An answer that is being sent piece by piece; it goes with its exchange.
struct Flowing {
  Flow flow;
  std::shared_ptr<http::Exchange> exchange;
  ReadPool& pool;
  std::shared_ptr<void> place;
  std::shared_ptr<ReadTime> time;
};

// Makes and sends a piece, on the pool's thread; the next one once it is on its way. Between two pieces others have
// their turn.
void flow_on(const std::shared_ptr<Flowing>& flowing) {
  auto piece = flowing->flow.next();
  if (!piece) return;  // letting go of the exchange cuts the connection: the client sees that it is not complete
  if (!*piece) return flowing->exchange->finish();
  flowing->exchange->write(std::move(**piece), [flowing](bool ok) {
    if (!ok) return;
    flowing->pool.go_on(ReadLane::kReport, flowing->time,
                        {.run = [flowing](const std::shared_ptr<ReadTime>&) { flow_on(flowing); },
                         .refuse = [flowing](const Error&) {}});
  });
}

void send_answer(ReadPool& pool, const std::shared_ptr<http::Exchange>& exchange, const std::string& address,
                 Result<Answer> answer, const std::shared_ptr<ReadTime>& time, bool waited) {
  const auto reply = [&](http::Response response) {
    response.long_poll = waited;
    exchange->reply(std::move(response));
  };
  if (!answer) return reply(problem(answer.error()));
  if (auto* whole = std::get_if<http::Response>(&*answer)) {
    add_security_headers(*whole);
    return reply(std::move(*whole));
  }
  auto place = pool.enter_flow(ReadLane::kReport, address);
  if (!place) return reply(problem(Error{Code::kTooManyReads, "Too many reports are being sent.", {}}));
  const auto flowing = std::make_shared<Flowing>(std::get<Flow>(std::move(*answer)), exchange, pool, std::move(place), time);
  add_security_headers(flowing->flow.head);
  flowing->flow.head.long_poll = waited;
  exchange->start_response(std::move(flowing->flow.head));
  flow_on(flowing);
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

void ReadRoutes::add(std::string_view pattern, std::function<Read(Query&)> parse, ReadLane lane) {
  router_.add("GET", pattern,
              shared_->environment.guard.wrap([shared = shared_, parse = std::move(parse), lane](
                                                  const identity::Principal& principal, http::Request request,
                                                  http::Reply reply) {
                Query query(request);
                const Wanted wanted = wanted_position(query, request);
                Read read = parse(query);
                if (const auto good = query.end(); !good) return reply(problem(good.error()));
                const auto send = [reply](Result<http::Response> outcome, const std::shared_ptr<ReadTime>&, bool waited) {
                  http::Response response = outcome ? std::move(*outcome) : problem(outcome.error());
                  response.long_poll = waited;
                  reply(std::move(response));
                };
                run_at(*shared, wanted, Errand<http::Response, Read, decltype(send)>{
                                            query.walks() ? ReadLane::kReport : lane, principal, std::move(read), send});
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
                       const auto send = [&pool = shared->environment.pool, exchange, address = request.address_share](
                                             Result<Answer> answer, const std::shared_ptr<ReadTime>& time, bool waited) {
                         send_answer(pool, exchange, address, std::move(answer), time, waited);
                       };
                       run_at(*shared, wanted, Errand<Answer, Report, decltype(send)>{ReadLane::kReport, principal,
                                                                                      std::move(read), send});
                     }));
}

std::function<void()> add_read_routes(http::Router& router, const ReadEnvironment& environment) {
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
  return [weak = std::weak_ptr(routes.shared())] {
    if (const auto shared = weak.lock()) shared->waiter.close();
  };
}

}  // namespace billing::api

// The feed of events, straight from the log: pull with a position, wait for more without holding a server's thread.
#include <utility>

#include "gateway/api/problem.h"
#include "gateway/api/read_routes.h"
#include "gateway/api/render_views.h"
#include "ledger/codec/codec.h"
#include "ledger/codec/json.h"

namespace billing::api {
namespace {

constexpr std::uint64_t kWaitSecondsMax = 20;            // below the server's deadline for a request
constexpr std::size_t kAnswerBytes = 256 * 1024;         // an answer ends with the event that passes it
constexpr Position kPositionMax = ~Position{0} >> 1U;

struct Wanted {
  Position after = 0;
  std::size_t limit = 0;
  std::chrono::seconds wait{0};
};

Wanted read_wanted(Query& query) {
  Wanted wanted;
  wanted.after = query.number("after", 0, kPositionMax).value_or(0);
  wanted.limit = static_cast<std::size_t>(query.number("limit", 1, views::kPageMax).value_or(views::kPageDefault));
  wanted.wait = std::chrono::seconds(query.number("wait", 0, kWaitSecondsMax).value_or(0));
  return wanted;
}

Result<http::Response> read_events(const store::Log& log, const codec::PersonKeys& keys, const Wanted& wanted) {
  std::string out;
  JsonWriter json(out);
  json.begin_object();
  json.key("items");
  json.begin_array();
  Position last = wanted.after;
  std::optional<Error> failure;
  BILLING_TRY(count, log.read(wanted.after + 1, wanted.limit, [&](const store::Record& record) {
    auto envelope = codec::decode(record, &keys);
    if (!envelope) {
      failure = std::move(envelope.error());
      return false;
    }
    json.raw(codec::to_json(*envelope));
    last = record.position;
    return out.size() < kAnswerBytes;
  }));
  static_cast<void>(count);
  if (failure) return std::unexpected(std::move(*failure));
  json.end_array();
  json.member("next_after", last);
  json.end_object();
  auto response = json_response(std::move(out));
  response.headers.emplace_back("Ledger-Position", std::to_string(log.head().position));
  return response;
}

http::Response respond(const store::Log& log, const codec::PersonKeys& keys, const Wanted& wanted) {
  auto response = read_events(log, keys, wanted);
  return response ? *std::move(response) : problem(response.error());
}

// Reads on a thread of the pool, which outlives the router; so does what the environment names, but not itself.
// `waited`: the request was parked until there was something to tell.
void respond_from_pool(const ReadEnvironment& environment, const Wanted& wanted, const http::Reply& reply, bool waited) {
  const auto send = [reply, waited](http::Response response) {
    response.long_poll = waited;
    reply(std::move(response));
  };
  environment.pool.submit(
      ReadLane::kFeed,
      {.run = [&log = environment.log, &keys = environment.keys, wanted, send](
                  const std::shared_ptr<ReadTime>&) { send(respond(log, keys, wanted)); },
       .refuse = [send](const Error& error) { send(problem(error)); }});
}

void serve(ReadRoutes::Shared& shared, const Wanted& wanted, const http::Reply& reply) {
  const auto& environment = shared.environment;
  if (wanted.wait.count() == 0 || environment.log.head().position > wanted.after)
    return respond_from_pool(environment, wanted, reply, false);
  const bool parked =
      shared.waiter.park(std::chrono::steady_clock::now() + wanted.wait, [&environment, wanted, reply](bool last) {
        // One event may wake more than the lane has room for: those beyond wait on, as long as they wanted to.
        if (!last && (environment.log.head().position <= wanted.after || environment.pool.full(ReadLane::kFeed))) return false;
        respond_from_pool(environment, wanted, reply, true);
        return true;
      });
  if (!parked) reply(problem(Error{Code::kTooManyRequests, "Too many requests wait for an event already.", {}}));
}

}  // namespace

void add_event_feed(ReadRoutes& routes) {
  routes.router().add("GET", "/v1/events",
                      routes.environment().guard.wrap([shared = routes.shared()](const identity::Principal& principal,
                                                                                 http::Request request,
                                                                                 http::Reply reply) {
                        Query query(request);
                        const Wanted wanted = read_wanted(query);
                        if (const auto good = query.end(); !good) return reply(problem(good.error()));
                        if (!principal.tenant.nil())
                          return reply(problem(Error{Code::kForbidden, "The feed spans all customers.", {}}));
                        serve(*shared, wanted, reply);
                      }));
}

}  // namespace billing::api

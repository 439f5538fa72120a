// The GET routes of /v1: what customers, staff and reports ask, answered from the views; and the feed of events.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>

#include "gateway/api/clock.h"
#include "gateway/api/guard.h"
#include "gateway/api/read_pool.h"
#include "gateway/http/router.h"
#include "ledger/codec/person_keys.h"
#include "ledger/store/log.h"
#include "projections/past_views.h"
#include "projections/views.h"

namespace billing::api {

struct ReadLimits {
  std::chrono::milliseconds position_wait{5'000};  // for a view to reach min_position, or for a past one to be made
  std::size_t waiting_max = 512;                   // requests that wait for a position or an event at one time
};

// What the read routes stand on; all of it must outlive the router that they are added to.
struct ReadEnvironment {
  const views::Views& views;
  views::PastViews& past;
  const store::Log& log;
  const codec::PersonKeys& keys;
  const Clock& clock;
  ReadPool& pool;
  Guard guard;
  ReadLimits limits{};
};

// Adds them all, each behind the guard. The router then owns one thread, for requests that wait. Reading is the pool's: no
// thread of the server does it, and a full queue is kTooManyReads (503), a read past its deadline kReadTooLong (504).
//
// Every answer of a view has the header Ledger-Position: all events up to it are in the answer. A request that names
// a position (query parameter `min_position` or header Ledger-Position) waits until the views have reached it, up to
// `position_wait`, without holding a thread of the server; then kPositionNotReached. With the query parameter `position`
// the answer speaks of exactly that one: the request waits as long for its rows to be made, then kPastNotReady, while the
// job goes on. The two exclude each other.
//
// Returns what ends all waiting before a stop: those that wait are answered with what there is, now and from then on. Any
// thread; does nothing once the router is gone.
std::function<void()> add_read_routes(http::Router& router, const ReadEnvironment& environment);

}  // namespace billing::api

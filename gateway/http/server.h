// The HTTP/1.1 server: connections, framing, limits and deadlines; requests go to a Router's handlers.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "gateway/http/router.h"
#include "ledger/base/error.h"

namespace billing::http {

// Renders an error that the server itself makes (no route, broken framing, a limit, a deadline). `request` is null
// where no request could be read or its handler has it. Called on the server's threads, several at a time.
using ErrorRenderer = std::function<Response(const Error&, int status, const Request*)>;

// A small application/problem+json body: type, title, status, code, detail.
Response default_error_response(const Error& error, int status, const Request* request);

// One request that was answered, or whose connection broke before (status 0). The views live for the call only.
struct RequestLog {
  std::string_view method;
  std::string_view route;       // the pattern; empty where none matched
  std::string_view id;          // as in the answer's Request-Id
  std::string_view address;     // the client's
  std::string_view caller;      // the name of its key, where the handler told it
  std::string_view code;        // of a problem
  int status = 0;
  bool stream = false;          // its duration says how much the client had to send, or to take
  bool long_poll = false;       // its duration says how long the client chose to wait
  std::int64_t duration_us = 0; // from the head's last byte to the response's last byte
  std::uint64_t bytes_in = 0;   // on the wire, head and body
  std::uint64_t bytes_out = 0;  // on the wire, head and body
};

struct ServerOptions {
  std::string address = "127.0.0.1";
  std::uint16_t port = 0;                        // 0: any free one, port() tells
  unsigned threads = 2;

  std::size_t head_bytes_max = 16 * 1024;        // request line and headers: 431 beyond
  std::size_t body_bytes_max = 1024 * 1024;      // of a plain request: 413 beyond
  std::size_t connections_max = 4096;            // 503 beyond
  std::size_t connections_per_address_max = 4096;  // 503 beyond; of IPv6 by /64
  // Bytes of bodies in memory: received and not answered yet, or answered and not sent yet. 503 beyond. A body of up to
  // 16 KiB is not counted, nor is one that is shared; the answer to a command is counted, but never refused.
  std::size_t memory_bytes_max = 256U << 20U;
  std::size_t memory_bytes_per_address_max = 32U << 20U;
  // Addresses and prefixes of reverse proxies, "127.0.0.0/8,::1": the limits of one address are not theirs.
  std::string trusted_proxies = {};

  std::chrono::milliseconds head_deadline{10'000};     // from the first byte (or the accept) to the blank line: 408
  std::chrono::milliseconds idle_timeout{60'000};      // between requests of a connection: closed silently
  std::chrono::milliseconds body_grace{5'000};         // reading time before the minimum rate is demanded
  std::size_t body_bytes_per_second_min = 1024;        // beyond the grace: 408
  std::chrono::milliseconds read_timeout{30'000};      // no byte of an awaited body for so long: 408
  std::chrono::milliseconds request_deadline{30'000};  // no Reply after so long: 504, a later Reply does nothing
  std::chrono::milliseconds stream_idle{120'000};      // a stream's handler neither reads nor writes: cut
  std::chrono::milliseconds write_timeout{10'000};     // in each such time a client that is sent to has to take
  std::size_t write_bytes_per_second_min = 16 * 1024;  // as much as this rate gives, or all that is left; else it is cut

  ErrorRenderer error_renderer = default_error_response;
  // Completes a response, by what its request's id says; on the server's threads, several at a time; may be empty.
  std::function<void(Response&, std::string_view request_id)> on_response = {};
  std::function<void(const RequestLog&)> on_request = {};  // on the server's threads, several at a time; may be empty
};

// A snapshot; each value is exact, the set is not taken at one instant.
struct ServerCounters {
  std::uint64_t connections_open = 0;
  std::uint64_t connections_accepted = 0;
  std::uint64_t refused_server_full = 0;       // connections_max
  std::uint64_t refused_address_full = 0;      // connections_per_address_max
  std::uint64_t refused_memory_full = 0;          // memory_bytes_max
  std::uint64_t refused_memory_address_full = 0;  // memory_bytes_per_address_max
  std::uint64_t memory_bytes = 0;                 // counted now
  std::uint64_t closed_for_room = 0;              // idle connections closed for new ones, when the server was full
  std::uint64_t accept_failures = 0;           // out of descriptors and the like; each is followed by a pause
  std::uint64_t requests = 0;
  std::uint64_t refused_framing = 0;           // 400, 405 of an unknown method, 417, 431
  std::uint64_t refused_body_too_large = 0;    // 413
  std::uint64_t timed_out_head = 0;
  std::uint64_t timed_out_body = 0;
  std::uint64_t timed_out_idle = 0;
  std::uint64_t timed_out_handler = 0;         // 504, and streams cut for idleness
  std::uint64_t timed_out_write = 0;
  std::uint64_t replies_dropped = 0;           // a handler that let go of its Reply or Exchange, or threw
};

// Whether the text is a list for ServerOptions::trusted_proxies. Errors: kConfiguration.
Result<void> check_trusted_proxies(std::string_view list);

// Each connection lives on one thread; requests of a connection are handled one after the other, in order.
class Server {
 public:
  Server(ServerOptions options, Router router);
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;
  ~Server();  // stop() with no time for requests in flight

  // Binds, listens and starts the threads. Errors: kConfiguration for an address that cannot be bound, or a list of
  // proxies that is none. Once only.
  Result<void> start();
  // Stops accepting, closes idle connections, lets requests in flight finish for at most `deadline`, then cuts the
  // rest and joins the threads. A Reply called later does nothing. Not from a handler. Calling it again is harmless.
  void stop(std::chrono::milliseconds deadline = std::chrono::seconds(10));

  // Serves by another router from the next request on; those in hand keep theirs. Any thread, one at a time, and few times:
  // every router lives as long as the server.
  void route_by(Router router);
  // A stop() that waits, or is yet to come, waits no longer. Any thread.
  void hurry();
  // How long the slowest of the threads has not gone round, some 100 ms when all is well. Any thread, after start().
  std::chrono::milliseconds silence() const;

  std::uint16_t port() const;  // after start()
  ServerCounters counters() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace billing::http

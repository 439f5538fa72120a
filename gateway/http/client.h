// A small blocking HTTP/1.1 client for our own tools and tests: one connection, kept alive, every wait bounded.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/http/message.h"
#include "ledger/base/error.h"

namespace billing::http {

struct ClientOptions {
  std::string host = "127.0.0.1";                     // a name or an IP address
  std::uint16_t port = 0;
  std::chrono::milliseconds connect_timeout{5'000};
  std::chrono::milliseconds io_timeout{60'000};       // of one wait for the server to send or take bytes
  std::size_t response_bytes_max = 64 * 1024 * 1024;  // of a body that is held whole
  std::size_t line_bytes_max = 1024 * 1024;           // of one line of a streamed response
};

// Gives the next part of a body: nullopt at its end; an empty string when there is nothing to send before more of the
// response was seen (it is asked again then, or after 20 ms). Must not wait for the response itself.
using BodyProducer = std::function<std::optional<std::string>()>;
// Takes one line of a 2xx response without its line feed. False stops the exchange and closes the connection.
using LineConsumer = std::function<bool(std::string_view line)>;

// Not thread-safe. Errors of every call: kUnavailable kind (kOutcomeUnknown: the connection broke after the request
// was at least partly sent; kShuttingDown: no connection could be made), kDeadlineExceeded, kMalformedBody (the
// response is not HTTP), kBodyTooLarge. Statuses of 4xx and 5xx are responses, not errors.
class Client {
 public:
  explicit Client(ClientOptions options);
  Client(Client&&) noexcept;
  Client& operator=(Client&&) noexcept;
  ~Client();

  // One request and its whole response. Host and Content-Length are added. A kept connection that the server has
  // closed meanwhile is replaced before sending.
  Result<Response> request(std::string_view method, std::string_view target, const std::vector<Pair>& headers = {},
                           std::string_view body = {});

  // Sends the parts of `body` as chunks while it reads the response, both at the same time on the caller's thread.
  // The result has the status and headers; for a status other than 2xx its body, and `line` is not called.
  Result<Response> post_stream(std::string_view target, const std::vector<Pair>& headers, const BodyProducer& body,
                               const LineConsumer& line);

  void close();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace billing::http

// The plain request and response that handlers see. No socket, no parser, no third-party type.
#pragma once

#include <concepts>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

namespace billing::http {

using Pair = std::pair<std::string, std::string>;

// Compares two header names without regard to ASCII case.
bool same_name(std::string_view a, std::string_view b);

// One request whose framing was checked. Header names have the case that the client sent.
struct Request {
  std::string method;              // upper case, one of the methods of framing.h
  std::string path;                // the target's path as received, still percent-encoded
  std::vector<Pair> query;         // names and values in the order sent, percent-decoded, valid UTF-8, no controls
  std::vector<Pair> headers;       // without surrounding blanks
  std::string body;                // empty for streams, which read it through the Exchange
  std::string remote_address;      // the peer's IP address in text, without port
  std::string address_share{};     // of a stream: what counts as one address; empty for a trusted proxy, which has no such limit
  std::string id;                  // the client's Request-Id where it is a proper one, else one of the server's
  std::string route;               // the pattern matched, e.g. "/v1/accounts/{account_id}"; empty if none
  std::vector<Pair> parameters;    // the pattern's parameters, percent-decoded, valid UTF-8, no controls

  // The first header of that name, or an empty view. `has_header` tells absent from empty.
  std::string_view header(std::string_view name) const;
  bool has_header(std::string_view name) const;
  // The number of headers of that name; a handler that reads a security header refuses more than one.
  std::size_t header_count(std::string_view name) const;
  // The path parameter of that name, or an empty view: a matched parameter is never empty.
  std::string_view param(std::string_view name) const;
  // The first query parameter of that name, or an empty view.
  std::string_view query_value(std::string_view name) const;
};

// One response. The server adds Date, Request-Id, Content-Length (or Transfer-Encoding) and Connection, and nothing else. A header
// with a character that would break the framing makes the whole response a 500.
struct Response {
  int status = 200;
  std::string content_type;        // empty: no Content-Type header
  std::vector<Pair> headers;
  std::string body;
  std::shared_ptr<const std::string> shared_body{};  // sent in place of `body`: one copy for all connections
  bool close = false;              // the connection ends with it
  // For RequestLog alone:
  bool long_poll = false;          // the client asked to wait, for news or a position, and it did
  std::string_view code{};         // of a problem; static text
  std::string caller{};            // the name of the key that asked, where one did

  std::string_view header(std::string_view name) const;
  // What is sent: the shared body if there is one, else `body`.
  std::string_view content() const { return shared_body ? std::string_view(*shared_body) : std::string_view(body); }
};

// What answers a request: a response, or how to make one. The latter is called on the connection's thread, if the
// client still waits, so that whoever answers is spared the work. Converts from and to a Response.
class Answer {
 public:
  using Make = std::move_only_function<Response()>;
  Answer(Response response) : from_(std::move(response)) {}  // NOLINT: a response is an answer
  template <std::invocable F>
    requires std::convertible_to<std::invoke_result_t<F>, Response>
  Answer(F make) : from_(Make(std::move(make))) {}  // NOLINT: so is what makes one

  // The response; makes it, where it is to be made. Once.
  operator Response() && {  // NOLINT: see above
    if (auto* const make = std::get_if<Make>(&from_)) return (*make)();
    return std::get<Response>(std::move(from_));
  }

 private:
  std::variant<Response, Make> from_;
};

// The reason phrase of a status ("Not Found"), "Status" for one that is not known.
std::string_view reason_phrase(int status);

}  // namespace billing::http

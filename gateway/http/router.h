// The table of routes: method and path pattern to handler.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "gateway/http/exchange.h"
#include "gateway/http/message.h"

namespace billing::http {

// Answers one request. Callable from any thread, at most once (later calls do nothing), and cheap: the answer is
// handed to the connection's thread. If every copy is dropped without a call, or making the response throws, the client
// gets 500.
using Reply = std::function<void(Answer)>;
// Handlers run on the server's threads and must not block; they may call Reply later from another thread. An exception
// that leaves a handler is answered with 500.
using Handler = std::function<void(Request, Reply)>;
using StreamHandler = std::function<void(Request, std::shared_ptr<Exchange>)>;

struct RouteLimits {
  std::size_t body_bytes_max = 0;  // 0: the server's default; streams have no limit on the whole body
  std::size_t memory_bytes = 0;    // of a stream: what its handler keeps, counted against the server's limit from its head on
};

struct Route {
  std::string method;
  std::string pattern;
  std::vector<std::string> parameter_names;
  std::variant<Handler, StreamHandler> handler;
  RouteLimits limits;
};

// What a method and path lead to.
struct Match {
  const Route* route = nullptr;     // null: no such path, or the path has other methods only
  std::vector<Pair> parameters;     // percent-decoded
  std::string allow;                // where route is null: the path's methods ("GET, HEAD, OPTIONS"), or empty
};

// Patterns are "/literal/{parameter}/…"; the last segment may be "{name*}", which takes one segment or more. A literal
// goes before a parameter. Paths are not normalised: an empty, "." or ".." segment matches nothing. HEAD is found
// where GET is. Build it first, then share it: find() is const and safe from any thread.
class Router {
 public:
  Router();
  ~Router();
  Router(Router&&) noexcept;
  Router& operator=(Router&&) noexcept;

  // Defects of the table (a pattern that does not start with "/", the same route twice) are programmer errors.
  void add(std::string_view method, std::string_view pattern, Handler handler, RouteLimits limits = {});
  void add_stream(std::string_view method, std::string_view pattern, StreamHandler handler, RouteLimits limits = {});

  // `path` is percent-encoded, without query. A path whose parameters do not decode matches nothing.
  Match find(std::string_view method, std::string_view path) const;

  // Every route in the order added, for tests that compare the table with the API description.
  std::vector<const Route*> routes() const;

 private:
  struct Node;
  void insert(std::string_view pattern, Route route);
  std::unique_ptr<Node> root_;
  std::vector<std::unique_ptr<Route>> routes_;
};

}  // namespace billing::http

#include "gateway/http/router.h"

#include <algorithm>
#include <array>
#include <map>
#include <optional>

#include "gateway/http/framing.h"
#include "ledger/base/assert.h"

namespace billing::http {
namespace {

constexpr std::size_t kDepthMax = 16;

// Segments of a path that starts with "/"; nothing if it is deeper than any route.
struct Segments {
  std::array<std::string_view, kDepthMax> items;
  std::size_t count = 0;
};

std::optional<Segments> split(std::string_view path) {
  if (path.empty() || path.front() != '/') return std::nullopt;
  Segments out;
  if (path == "/") return out;
  std::size_t from = 1;
  while (true) {
    const auto end = path.find('/', from);
    if (out.count == kDepthMax) return std::nullopt;
    out.items[out.count++] = path.substr(from, end == std::string_view::npos ? end : end - from);
    if (end == std::string_view::npos) return out;
    from = end + 1;
  }
}

// A parameter's value: never empty, and no dot segment, in whatever way it was encoded.
std::optional<std::string> parameter_value(std::string_view raw) {
  if (raw.empty()) return std::nullopt;
  auto value = percent_decode(raw, false);
  if (!value || value->empty() || *value == "." || *value == "..") return std::nullopt;
  return value;
}

bool is_parameter(std::string_view segment) {
  return segment.size() > 2 && segment.starts_with('{') && segment.ends_with('}');
}

}  // namespace

struct Router::Node {
  std::map<std::string, std::unique_ptr<Node>, std::less<>> literals;
  std::unique_ptr<Node> parameter;
  std::vector<const Route*> routes;  // by method, of the path that ends here
  std::vector<const Route*> tails;   // by method, of "{name*}" that starts here

  static const Node* walk(const Node* node, const Segments& path, std::size_t at, std::vector<std::string_view>& raw,
                          bool& tail);
};

// Literal first, then parameter, then tail; steps back where a choice leads nowhere.
const Router::Node* Router::Node::walk(const Node* node, const Segments& path, std::size_t at,
                                       std::vector<std::string_view>& raw, bool& tail) {
  if (at == path.count) {
    tail = false;
    return node->routes.empty() ? nullptr : node;
  }
  const auto segment = path.items[at];
  if (segment.empty() || segment == "." || segment == "..") return nullptr;
  if (const auto found = node->literals.find(segment); found != node->literals.end()) {
    if (const Node* end = walk(found->second.get(), path, at + 1, raw, tail)) return end;
  }
  if (node->parameter) {
    raw.push_back(segment);
    if (const Node* end = walk(node->parameter.get(), path, at + 1, raw, tail)) return end;
    raw.pop_back();
  }
  if (node->tails.empty()) return nullptr;
  for (std::size_t i = at; i < path.count; ++i) {
    if (!parameter_value(path.items[i])) return nullptr;
  }
  const auto& last = path.items[path.count - 1];
  raw.emplace_back(segment.data(), static_cast<std::size_t>(last.data() + last.size() - segment.data()));
  tail = true;
  return node;
}

Router::Router() : root_(std::make_unique<Node>()) {}
Router::~Router() = default;
Router::Router(Router&&) noexcept = default;
Router& Router::operator=(Router&&) noexcept = default;

void Router::add(std::string_view method, std::string_view pattern, Handler handler, RouteLimits limits) {
  BILLING_ASSERT(handler != nullptr);
  insert(pattern, Route{std::string(method), std::string(pattern), {}, std::move(handler), limits});
}

void Router::add_stream(std::string_view method, std::string_view pattern, StreamHandler handler, RouteLimits limits) {
  BILLING_ASSERT(handler != nullptr);
  insert(pattern, Route{std::string(method), std::string(pattern), {}, std::move(handler), limits});
}

void Router::insert(std::string_view pattern, Route route) {
  BILLING_ASSERT(method_allowed(route.method));
  const auto segments = split(pattern);
  BILLING_ASSERT(segments.has_value());
  Node* node = root_.get();
  bool tail = false;
  for (std::size_t i = 0; i < segments->count; ++i) {
    auto segment = segments->items[i];
    BILLING_ASSERT(!segment.empty() && !tail);
    if (!is_parameter(segment)) {
      auto& next = node->literals[std::string(segment)];
      if (!next) next = std::make_unique<Node>();
      node = next.get();
      continue;
    }
    segment = segment.substr(1, segment.size() - 2);
    tail = segment.ends_with('*');
    route.parameter_names.emplace_back(tail ? segment.substr(0, segment.size() - 1) : segment);
    if (tail) continue;
    if (!node->parameter) node->parameter = std::make_unique<Node>();
    node = node->parameter.get();
  }
  auto& slots = tail ? node->tails : node->routes;
  BILLING_ASSERT(std::ranges::none_of(slots, [&](const Route* other) { return other->method == route.method; }));
  routes_.push_back(std::make_unique<Route>(std::move(route)));
  slots.push_back(routes_.back().get());
}

Match Router::find(std::string_view method, std::string_view path) const {
  Match match;
  const auto segments = split(path);
  if (!segments) return match;
  std::vector<std::string_view> raw;
  bool tail = false;
  const Node* node = Node::walk(root_.get(), *segments, 0, raw, tail);
  if (node == nullptr) return match;
  for (const auto& part : raw) {
    auto value = tail && &part == &raw.back() ? percent_decode(part, false) : parameter_value(part);
    if (!value) return {};
    match.parameters.emplace_back(std::string{}, std::move(*value));
  }
  const auto& slots = tail ? node->tails : node->routes;
  const auto with = [&slots](std::string_view wanted) -> const Route* {
    const auto found = std::ranges::find_if(slots, [wanted](const Route* route) { return route->method == wanted; });
    return found == slots.end() ? nullptr : *found;
  };
  match.route = with(method);
  if (match.route == nullptr && method == "HEAD") match.route = with("GET");
  if (match.route == nullptr) {
    for (const Route* route : slots) {
      match.allow += route->method + ", ";
      if (route->method == "GET" && with("HEAD") == nullptr) match.allow += "HEAD, ";
    }
    match.allow += "OPTIONS";
    return match;
  }
  for (std::size_t i = 0; i < raw.size(); ++i) match.parameters[i].first = match.route->parameter_names[i];
  return match;
}

std::vector<const Route*> Router::routes() const {
  std::vector<const Route*> out;
  out.reserve(routes_.size());
  for (const auto& route : routes_) out.push_back(route.get());
  return out;
}

}  // namespace billing::http

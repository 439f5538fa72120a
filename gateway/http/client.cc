#include "gateway/http/client.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <utility>

#include "gateway/http/client_wire.h"

namespace billing::http {
namespace {

constexpr std::chrono::milliseconds kProducerPause{20};
constexpr std::size_t kUnsentMax = 256 * 1024;

Error broke() { return {Code::kOutcomeUnknown, "The connection broke before the response was complete.", {}}; }

bool has_control(std::string_view text) {
  return std::ranges::any_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; });
}

}  // namespace

struct Client::Impl {
  explicit Impl(ClientOptions o) : options(std::move(o)) {}

  Result<void> prepare();
  Result<std::string> head(std::string_view method, std::string_view target, const std::vector<Pair>& headers) const;
  Result<Response> exchange(std::string_view out, ResponseParser parser);
  // Sends and receives what can be now. Errors end the connection.
  Result<ResponseParser::Progress> step(std::string& out, std::size_t& out_at, ResponseParser& parser,
                                        std::chrono::milliseconds timeout, bool& timed_out);
  Result<bool> deliver_lines(ResponseParser& parser, std::string& line, const LineConsumer& consumer, bool last) const;
  Result<Response> end(ResponseParser& parser);

  ClientOptions options;
  ClientSocket socket;
  std::string in;
};

Result<void> Client::Impl::prepare() {
  if (socket.open() && !socket.stale()) return {};
  in.clear();
  return socket.connect(options);
}

Result<std::string> Client::Impl::head(std::string_view method, std::string_view target,
                                       const std::vector<Pair>& headers) const {
  bool bad = has_control(method) || has_control(target) || target.find(' ') != std::string_view::npos;
  const bool v6 = options.host.find(':') != std::string::npos;
  std::string out = fmt::format("{} {} HTTP/1.1\r\nHost: {}{}{}:{}\r\n", method, target, v6 ? "[" : "", options.host,
                                v6 ? "]" : "", options.port);
  for (const auto& [name, value] : headers) {
    bad = bad || has_control(name) || has_control(value);
    out.append(name).append(": ").append(value).append("\r\n");
  }
  if (bad) return refuse(Code::kMalformedRequest, "The method, target or a header has a control character or space.");
  return out;
}

Result<ResponseParser::Progress> Client::Impl::step(std::string& out, std::size_t& out_at, ResponseParser& parser,
                                                    std::chrono::milliseconds timeout, bool& timed_out) {
  const auto ready = socket.wait(true, out_at < out.size(), timeout);
  timed_out = !ready.readable && !ready.writable;
  if (ready.writable && out_at < out.size()) {
    const auto sent = socket.send_some(std::string_view(out).substr(out_at));
    // The server may have answered and closed before it read all: its answer is still to be read.
    out_at = sent ? out_at + *sent : out.size();
  }
  if (!ready.readable) return ResponseParser::Progress::kNeedMore;
  switch (socket.receive_some(in)) {
    case ClientSocket::Received::kNothing: return ResponseParser::Progress::kNeedMore;
    case ClientSocket::Received::kBroken: return std::unexpected(broke());
    case ClientSocket::Received::kEnd: {
      const auto progress = parser.feed_end();
      if (progress == ResponseParser::Progress::kBroken) return std::unexpected(broke());
      return progress;
    }
    case ClientSocket::Received::kBytes: break;
  }
  const auto progress = parser.feed(in);
  if (progress == ResponseParser::Progress::kBroken) {
    return refuse(Code::kMalformedBody, "The server's response is not well-formed HTTP.");
  }
  return progress;
}

Result<Response> Client::Impl::end(ResponseParser& parser) {
  if (!parser.keep_alive()) socket.close();
  return std::move(parser.response);
}

Result<Response> Client::Impl::exchange(std::string_view bytes, ResponseParser parser) {
  std::string out(bytes);
  std::size_t out_at = 0;
  while (true) {
    bool timed_out = false;
    BILLING_TRY(progress, step(out, out_at, parser, options.io_timeout, timed_out));
    if (timed_out) return refuse(Code::kDeadlineExceeded, "The server did not answer in time.");
    if (parser.response.body.size() > options.response_bytes_max) {
      return refuse(Code::kBodyTooLarge, "The response is larger than the limit.");
    }
    if (progress != ResponseParser::Progress::kDone) continue;
    if (out_at < out.size()) socket.close();  // answered before all was sent
    return end(parser);
  }
}

// Hands on the complete lines of what was received. False: the consumer wants no more.
Result<bool> Client::Impl::deliver_lines(ResponseParser& parser, std::string& line, const LineConsumer& consumer,
                                         bool last) const {
  line.append(std::exchange(parser.response.body, {}));
  std::size_t from = 0;
  for (auto end = line.find('\n'); end != std::string::npos; end = line.find('\n', from)) {
    if (!consumer(std::string_view(line).substr(from, end - from))) return false;
    from = end + 1;
  }
  line.erase(0, from);
  if (last && !line.empty() && !consumer(std::exchange(line, {}))) return false;
  if (line.size() > options.line_bytes_max) return refuse(Code::kLineTooLong, "A line of the response is too long.");
  return true;
}

Client::Client(ClientOptions options) : impl_(std::make_unique<Impl>(std::move(options))) {}
Client::Client(Client&&) noexcept = default;
Client& Client::operator=(Client&&) noexcept = default;
Client::~Client() = default;

void Client::close() { impl_->socket.close(); }

Result<Response> Client::request(std::string_view method, std::string_view target, const std::vector<Pair>& headers,
                                 std::string_view body) {
  BILLING_TRY(out, impl_->head(method, target, headers));
  const bool has_length = !body.empty() || method == "POST" || method == "PUT" || method == "PATCH";
  if (has_length) fmt::format_to(std::back_inserter(out), "Content-Length: {}\r\n", body.size());
  out.append("\r\n").append(body);
  BILLING_CHECK(impl_->prepare());
  ResponseParser parser;
  parser.is_head_request = method == "HEAD";
  auto result = impl_->exchange(out, std::move(parser));
  if (!result) close();
  return result;
}

Result<Response> Client::post_stream(std::string_view target, const std::vector<Pair>& headers,
                                     const BodyProducer& body, const LineConsumer& line) {
  BILLING_TRY(out, impl_->head("POST", target, headers));
  out.append("Transfer-Encoding: chunked\r\n\r\n");
  BILLING_CHECK(impl_->prepare());
  struct CloseOnError {
    Client* client;
    ~CloseOnError() {
      if (client != nullptr) client->close();
    }
  } on_error{this};
  ResponseParser parser;
  std::size_t out_at = 0;
  std::string partial;
  bool producing = true;
  auto silent_since = std::chrono::steady_clock::now();
  while (true) {
    bool waiting = false;  // the producer has nothing for now
    if (out_at == out.size()) {
      out.clear();
      out_at = 0;
    }
    while (producing && !waiting && out.size() < kUnsentMax && out_at == 0) {
      const auto part = body();
      if (!part) {
        out.append("0\r\n\r\n");
        producing = false;
      } else if (part->empty()) {
        waiting = true;
      } else {
        fmt::format_to(std::back_inserter(out), "{:x}\r\n{}\r\n", part->size(), *part);
      }
    }
    bool timed_out = false;
    const auto pause = waiting ? kProducerPause : impl_->options.io_timeout;
    BILLING_TRY(progress, impl_->step(out, out_at, parser, pause, timed_out));
    const auto now = std::chrono::steady_clock::now();
    if (!timed_out) silent_since = now;
    if (now - silent_since > impl_->options.io_timeout) {
      return refuse(Code::kDeadlineExceeded, "The server did not answer in time.");
    }
    const bool done = progress == ResponseParser::Progress::kDone;
    if (parser.head_complete() && parser.response.status < 300) {
      BILLING_TRY(more, impl_->deliver_lines(parser, partial, line, done));
      if (!more) return std::move(parser.response);
    } else if (parser.response.body.size() > impl_->options.response_bytes_max) {
      return refuse(Code::kBodyTooLarge, "The response is larger than the limit.");
    }
    if (!done) continue;
    if (!producing && out_at == out.size()) on_error.client = nullptr;
    return impl_->end(parser);
  }
}

}  // namespace billing::http

#include "gateway/http/connection.h"

#include <linux/sockios.h>
#include <netinet/tcp.h>
#include <sys/ioctl.h>

#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <exception>
#include <utility>

#include "gateway/http/reply.h"
#include "gateway/http/request_id.h"

namespace billing::http {
namespace asio = boost::asio;
using boost::system::error_code;

namespace {
constexpr int kTurnsMax = 32;  // pipelined requests before other connections have their turn
constexpr std::size_t kIdleBufferMax = 4096;
constexpr std::uint64_t kReserveMax = 64 * 1024;  // of a body that is only announced
constexpr int kUnsentMax = 64 * 1024;  // bytes in the kernel that wait to be sent, besides those on their way
constexpr std::uint64_t kPartingMax = 256;  // refused connections that are told so at a time; the others are closed
}  // namespace

Connection::Connection(Worker& worker, asio::ip::tcp::socket socket, std::size_t slot)
    : worker_(worker), socket_(std::move(socket)), slot_(slot) {}

void Connection::start(bool refused) {
  error_code failure;
  const auto peer = socket_.remote_endpoint(failure);
  if (!failure) {
    address_ = peer.address();
    address_text_ = address_.to_string();
    socket_.set_option(asio::ip::tcp::no_delay(true), failure);
    socket_.non_blocking(true, failure);
    limit_kernel_buffers();
  }
  if (!refused) use_ = shared().budget.enter(address_);
  const bool address_full = !refused && use_ == nullptr;
  if (address_full) --shared().open;
  if (address_full) ++shared().address_full;
  if (use_ == nullptr) ++shared().parting;
  idle_since_ = Clock::now();
  deadline_ = idle_since_ + options().head_deadline;
  if (failure || (use_ == nullptr && shared().parting > kPartingMax)) return cut();
  if (use_ == nullptr) return refuse(503, Code::kTooManyConnections, "Close other connections, or try again later.");
  advance();
}

// The kernel takes no more than it can send soon, so that what the client has not taken shows here; and it gives up a client
// that takes nothing of what the kernel has.
void Connection::limit_kernel_buffers() {
  const int unsent = kUnsentMax;
  const auto wait_ms = static_cast<unsigned>(options().write_timeout.count());
  ::setsockopt(socket_.native_handle(), IPPROTO_TCP, TCP_NOTSENT_LOWAT, &unsent, sizeof unsent);
  ::setsockopt(socket_.native_handle(), IPPROTO_TCP, TCP_USER_TIMEOUT, &wait_ms, sizeof wait_ms);
}

std::uint64_t Connection::in_kernel() {
  int bytes = 0;
  if (::ioctl(socket_.native_handle(), SIOCOUTQ, &bytes) != 0) return 0;
  return static_cast<std::uint64_t>(std::max(bytes, 0));
}

// Whether the client's side is gone, where nobody waits for it to send.
bool Connection::broken() {
  int failure = 0;
  socklen_t size = sizeof failure;
  return ::getsockopt(socket_.native_handle(), SOL_SOCKET, SO_ERROR, &failure, &size) != 0 || failure != 0;
}

std::optional<Clock::time_point> Connection::idle_since() const {
  if (state_ != State::kHead || !pending().empty()) return std::nullopt;
  return idle_since_;
}

void Connection::cut(bool abort) {
  if (state_ == State::kClosed) return;
  const auto keep = shared_from_this();
  const bool between = state_ == State::kHead || state_ == State::kParting;
  if (!between) log_request(0);
  state_ = State::kClosed;
  ++number_;
  error_code ignored;
  if (abort || out_at_ < out_bytes()) socket_.set_option(asio::socket_base::linger(true, 0), ignored);
  socket_.close(ignored);
  if (use_ != nullptr) {
    hold_always(0);
    shared().budget.leave(address_, use_);
    --shared().open;
  } else {
    --shared().parting;
  }
  worker_.forget(*this);
  end_stream_callbacks();
}

void Connection::finish_soon() {
  close_after_ = true;
  if (state_ == State::kHead && pending().empty()) cut();
}

void Connection::consume(std::size_t bytes) {
  in_at_ += bytes;
  scanned_ = 0;
  if (in_at_ != in_.size()) return;
  in_.clear();
  in_at_ = 0;
  if (in_.capacity() > kIdleBufferMax) in_.shrink_to_fit();
}

void Connection::wait_readable() {
  if (reading_ || state_ == State::kClosed) return;
  reading_ = true;
  socket_.async_wait(asio::ip::tcp::socket::wait_read, [self = shared_from_this()](error_code failure) {
    self->reading_ = false;
    if (self->state_ == State::kClosed) return;
    if (failure) return self->cut();
    self->on_readable();
  });
}

bool Connection::receive() {
  error_code failure;
  auto& scratch = worker_.scratch();
  const auto bytes = socket_.read_some(asio::buffer(scratch), failure);
  if (failure == asio::error::would_block || failure == asio::error::try_again) return false;
  if (failure) {
    input_ended_ = true;
    if (failure != asio::error::eof) {
      cut();
      return false;
    }
    on_end_of_input();
    return false;
  }
  if (state_ == State::kParting) return true;  // swallowed
  if (in_at_ > 0) {
    in_.erase(0, in_at_);
    in_at_ = 0;
  }
  in_.append(scratch.data(), bytes);
  return true;
}

void Connection::on_readable() {
  const bool was_idle = state_ == State::kHead && pending().empty();
  if (!receive()) {
    if (state_ != State::kClosed && !input_ended_) wait_readable();
    return;
  }
  if (state_ == State::kParting) return wait_readable();
  if (state_ == State::kStream) return stream_pump();
  if (was_idle && number_ > 0) deadline_ = Clock::now() + options().head_deadline;
  if (state_ == State::kBody) deadline_ = Clock::now() + options().read_timeout;
  advance();
}

// Takes the connection as far as the bytes in hand allow.
void Connection::advance() {
  if (advancing_) return;
  const auto keep = shared_from_this();
  advancing_ = true;
  int turns = 0;
  bool going = true;
  while (going) {
    if (state_ == State::kHead) {
      if (++turns > kTurnsMax) {
        worker_.mailbox()->post([keep] { keep->advance(); });
        break;
      }
      going = take_head();
    } else if (state_ == State::kBody) {
      going = take_body();
    } else {
      break;
    }
  }
  advancing_ = false;
  if (!going && (state_ == State::kHead || state_ == State::kBody)) wait_readable();
}

bool Connection::take_head() {
  const auto bytes = pending();
  if (bytes.empty()) return false;
  if (bytes.starts_with("\r\n")) {  // RFC 9112 2.2: old clients send one behind a body
    if (std::exchange(empty_line_taken_, true)) {
      refuse_framing(FramingProblem::kRequestLine);
    } else {
      consume(2);
      if (pending().empty()) deadline_ = Clock::now() + options().idle_timeout;
    }
    return true;
  }
  const std::size_t from = scanned_ > 3 ? scanned_ - 3 : 0;
  const auto end = bytes.find("\r\n\r\n", from);
  const std::size_t size = end == std::string_view::npos ? bytes.size() : end + 4;
  if (size > options().head_bytes_max) {
    refuse_framing(FramingProblem::kHeadTooLarge);
    return true;
  }
  if (end == std::string_view::npos) {
    scanned_ = bytes.size();
    return false;
  }
  const auto head = check_head(bytes.substr(0, size));
  if (!head) {
    refuse_framing(head.error());
    return true;
  }
  if (!begin_request(*head)) return true;
  consume(size);
  bytes_in_ = size;
  if (state_ == State::kBody && expect_continue_ && !body_complete_) send_continue();
  if (body_complete_) {
    dispatch();
  } else if (is_stream_) {
    dispatch();
  }
  return true;
}

// Copies what the request is out of the buffer. False: it was refused.
bool Connection::begin_request(const RequestHead& head) {
  ++number_;
  ++shared().requests;
  begun_ = Clock::now();
  method_ = head.method;
  version_minor_ = head.version_minor;
  is_head_ = head.method == "HEAD";
  expect_continue_ = head.expect_continue;
  close_after_ = !head.keep_alive || shared().stopping;
  chunked_ = head.chunked;
  body_left_ = head.content_length.value_or(0);
  body_complete_ = !head.has_body();
  body_received_ = 0;
  if (chunked_) decoder_ = ChunkDecoder{};
  status_ = 0;
  long_poll_ = false;
  code_ = {};
  caller_.clear();
  empty_line_taken_ = false;
  bytes_in_ = bytes_out_ = 0;
  request_ = Request{};
  request_.method = method_;
  request_.path = head.path;
  request_.remote_address = address_text_;
  request_.headers.reserve(head.headers.size());
  for (const auto& [name, value] : head.headers) request_.headers.emplace_back(name, value);
  request_.id = id_ = request_id(request_);
  auto query = parse_query(head.query);
  route_request();
  if (is_stream_ && use_ != nullptr && !use_->trusted) request_.address_share = address_key(address_);
  if (!query) {
    refuse(400, Code::kMalformedRequest, "The query is badly encoded, is not UTF-8, or has a part without a name.");
    return false;
  }
  request_.query = std::move(*query);
  if (!is_stream_ && body_left_ > body_max_) {
    ++shared().body_too_large;
    refuse(413, Code::kBodyTooLarge, "Send at most " + std::to_string(body_max_) + " bytes.");
    return false;
  }
  state_ = is_stream_ ? State::kStream : State::kBody;
  body_from_ = begun_;
  deadline_ = begun_ + options().read_timeout;
  return true;
}

void Connection::route_request() {
  match_ = shared().router.load()->find(method_, request_.path);
  body_max_ = options().body_bytes_max;
  route_ = {};
  is_stream_ = match_.route != nullptr && std::holds_alternative<StreamHandler>(match_.route->handler);
  if (match_.route == nullptr) return;
  if (match_.route->limits.body_bytes_max != 0) body_max_ = match_.route->limits.body_bytes_max;
  route_ = match_.route->pattern;
  request_.route = match_.route->pattern;
  request_.parameters = std::move(match_.parameters);
}

void Connection::send_continue() {
  expect_continue_ = false;
  if (!pending().empty()) return;  // the client did not wait
  out_.append("HTTP/1.1 100 Continue\r\n\r\n");
  flush();
}

bool Connection::take_body() {
  if (pending().empty()) return false;
  const bool done = chunked_ ? take_chunked_body() : take_sized_body();
  if (state_ != State::kBody) return true;
  if (done) dispatch();
  return done;
}

bool Connection::take_sized_body() {
  const auto part = static_cast<std::size_t>(std::min<std::uint64_t>(body_left_, pending().size()));
  if (request_.body.empty()) request_.body.reserve(static_cast<std::size_t>(std::min(body_left_, kReserveMax)));
  request_.body.append(pending().substr(0, part));
  consume(part);
  body_left_ -= part;
  body_received_ += part;
  bytes_in_ += part;
  body_complete_ = body_left_ == 0;
  return hold_body() && body_complete_;
}

bool Connection::take_chunked_body() {
  const auto step = decoder_.decode(pending(), request_.body, body_max_ - request_.body.size());
  consume(step.consumed);
  body_received_ += step.consumed;
  bytes_in_ += step.consumed;
  if (step.state == ChunkDecoder::State::kBroken) {
    ++shared().framing;
    refuse(400, Code::kMalformedRequest, "The chunked body is not well-formed, or has a trailer.");
  } else if (step.state == ChunkDecoder::State::kOutputFull) {
    ++shared().body_too_large;
    refuse(413, Code::kBodyTooLarge, "Send at most " + std::to_string(body_max_) + " bytes.");
  }
  if (state_ != State::kBody) return false;
  body_complete_ = step.state == ChunkDecoder::State::kDone;
  return hold_body() && body_complete_;
}

bool Connection::hold_body() {
  if (hold(request_.body.capacity())) return true;
  refuse_for_memory();
  return false;
}

bool Connection::body_too_slow(Clock::time_point now) const {
  const auto waited = now - body_from_ - options().body_grace;
  if (waited <= Clock::duration::zero()) return false;
  const auto seconds = std::chrono::duration<double>(waited).count();
  return static_cast<double>(body_received_) < seconds * static_cast<double>(options().body_bytes_per_second_min);
}

void Connection::dispatch() {
  if (match_.route == nullptr) return answer_no_route();
  if (const auto* handler = std::get_if<Handler>(&match_.route->handler)) return run_handler(*handler);
  if (!hold(match_.route->limits.memory_bytes)) return refuse_for_memory();
  run_stream(std::get<StreamHandler>(match_.route->handler));
}

void Connection::run_handler(const Handler& handler) {
  state_ = State::kHandler;
  deadline_ = Clock::now() + options().request_deadline;
  const ReplyTicket::InHandler scope(this);
  auto reply = make_reply(worker_.mailbox(), shared_from_this(), number_);
  try {
    handler(std::move(request_), std::move(reply));
  } catch (const std::exception&) {
    // The ticket that the handler let go of answers with 500.
  }
}

void Connection::run_stream(const StreamHandler& handler) {
  state_ = State::kStream;
  stream_started_ = stream_finishing_ = body_broken_ = false;
  stream_chunked_ = version_minor_ == 1;
  read_waited_ = {};
  deadline_ = Clock::now() + options().stream_idle;
  auto exchange = make_exchange(worker_.mailbox(), shared_from_this(), number_);
  try {
    handler(std::move(request_), std::move(exchange));
  } catch (const std::exception&) {
    // The exchange that the handler let go of has answered or cut.
  }
}

void Connection::on_tick(Clock::time_point now) {
  if (reader_too_slow(now)) {
    ++shared().slow_reader;
    return cut(true);
  }
  switch (state_) {
    case State::kHead:
      if (now < deadline_) return;
      if (pending().empty()) {
        ++shared().idle;
        return cut();
      }
      ++shared().slow_head;
      forget_request();
      return refuse(408, Code::kRequestTooSlow, "The request line and headers did not arrive in time.");
    case State::kBody:
      if (now < deadline_ && !body_too_slow(now)) return;
      ++shared().slow_body;
      return refuse(408, Code::kRequestTooSlow, "The body did not arrive in time, or came too slowly.");
    case State::kHandler:
      if (now < deadline_) return;
      ++shared().slow_handler;
      return answer(options().error_renderer(Error{Code::kNotAnswered, "Ask again with the same key.", {}}, 504,
                                             nullptr), nullptr);
    case State::kStream: return stream_tick(now);
    case State::kParting:
      if (now >= deadline_ && (in_kernel() == 0 || broken())) cut();
      return;
    case State::kReply:
    case State::kClosed: return;
  }
}

}  // namespace billing::http

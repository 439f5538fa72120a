// Answers: whole responses, refusals, and the flow of bytes to the socket.
#include <array>
#include <boost/asio/buffer.hpp>
#include <exception>

#include "gateway/http/connection.h"
#include "gateway/http/request_id.h"
#include "gateway/http/serialise.h"

namespace billing::http {
namespace asio = boost::asio;
using boost::system::error_code;

namespace {
constexpr std::size_t kCopyMax = 16 * 1024;  // longer bodies are sent from where they are
constexpr std::size_t kIdleBufferMax = 4096;
constexpr std::size_t kUncounted = 16 * 1024;  // of bodies: the limit of connections bounds them
constexpr std::chrono::milliseconds kParting{1'000};
constexpr std::string_view kAllMethods = "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS";
}  // namespace

void Connection::on_reply(std::uint64_t number, std::optional<Answer> given) {
  const bool expected = state_ == State::kHandler || (state_ == State::kStream && !stream_started_);
  if (number != number_ || !expected) return;
  const auto keep = shared_from_this();
  std::optional<Response> response;
  try {
    if (given) response = std::move(*given);
  } catch (const std::exception&) {
    // Not made: as if the handler had let go of its Reply.
  }
  if (response) return answer(std::move(*response), nullptr);
  ++shared().dropped;
  answer(options().error_renderer(Error{Code::kInternal, "No answer was made.", {}}, 500, nullptr), nullptr);
}

// Sends a whole response; the body of the request, where it was not read, ends the connection.
void Connection::answer(Response response, const Request* request) {
  if (state_ == State::kStream && !body_complete_) close_after_ = true;
  state_ = State::kReply;
  request_.body = {};
  if (!hold_answer(response)) response = no_memory(request);
  if (!append_response(response, BodyFraming::kLength)) {
    response = options().error_renderer(Error{Code::kInternal, "The response could not be framed.", {}}, 500, request);
    if (!append_response(response, BodyFraming::kLength)) return cut();
  }
  if (!is_head_ && status_has_body(response.status)) {
    if (response.content().size() <= kCopyMax) {
      out_.append(response.content());
    } else if (response.shared_body) {
      out_body_ = std::move(response.shared_body);
    } else {
      out_body_ = std::make_shared<const std::string>(std::move(response.body));
    }
  }
  flush();
}

// Counts the answer's bytes, and those that the client has sent meanwhile. False: there is no room for it. That a command
// was done has to be said.
bool Connection::hold_answer(const Response& response) {
  const bool own = !is_head_ && !response.shared_body;
  const std::size_t bytes = (own ? response.body.size() : 0) + pending().size();
  hold_always(0);  // the request's body is gone
  held_for_ = Budget::For::kAnswer;
  if (hold(bytes)) return true;
  const bool refusable = method_ == "GET" || method_ == "HEAD";
  hold_always(refusable ? 0 : bytes);
  return !refusable;
}

bool Connection::hold(std::size_t bytes) {
  if (use_ == nullptr) return true;
  const std::size_t counted = bytes <= kUncounted ? 0 : bytes;
  if (counted > held_) {
    const auto claim = shared().budget.claim(*use_, counted - held_, held_for_);
    if (claim != Budget::Claim::kGranted) {
      ++(claim == Budget::Claim::kFull ? shared().memory_full : shared().memory_address_full);
      return false;
    }
    held_ = counted;
  } else {
    hold_always(counted);
  }
  return true;
}

void Connection::hold_always(std::size_t bytes) {
  if (use_ == nullptr) return;
  if (bytes > held_) shared().budget.claim_always(*use_, bytes - held_, held_for_);
  if (bytes < held_) shared().budget.give_back(*use_, held_ - bytes, held_for_);
  held_ = bytes;
}

Response Connection::no_memory(const Request* request) {
  close_after_ = true;
  return options().error_renderer(Error{Code::kServerBusy, "Too many large requests and answers are on their way.", {}}, 503,
                                  request);
}

void Connection::refuse_for_memory() {
  hold_always(0);
  answer(no_memory(&request_), &request_);
}

bool Connection::append_response(Response& response, BodyFraming framing) {
  if (shared().stopping || response.close) close_after_ = true;
  if (id_.empty()) id_ = make_request_id();
  if (options().on_response) options().on_response(response, id_);
  const HeadOptions head{framing, !close_after_, version_minor_, worker_.date(), id_};
  status_ = response.status;
  long_poll_ = response.long_poll;
  code_ = response.code;
  caller_ = std::move(response.caller);
  return append_head(out_, response, head);
}

void Connection::refuse(int status, Code code, std::string detail) {
  close_after_ = true;
  const Request* request = state_ == State::kHead && request_.method.empty() ? nullptr : &request_;
  answer(options().error_renderer(Error{code, std::move(detail), {}}, status, request), request);
}

void Connection::refuse_framing(FramingProblem problem) {
  ++shared().framing;
  forget_request();
  bytes_in_ = pending().size();
  close_after_ = true;
  const int status = problem_status(problem);
  const Code code = status == 405   ? Code::kMethodNotAllowed
                    : status == 431 ? Code::kHeadTooLarge
                                    : Code::kMalformedRequest;
  auto response = options().error_renderer(Error{code, std::string(problem_text(problem)), {}}, status, nullptr);
  if (status == 405) response.headers.emplace_back("Allow", kAllMethods);
  answer(std::move(response), nullptr);
}

// No route, or the path has other methods, or OPTIONS asks which.
void Connection::answer_no_route() {
  if (method_ == "OPTIONS" && (!match_.allow.empty() || request_.path == "*")) {
    Response response;
    response.status = 204;
    response.headers.emplace_back("Allow", match_.allow.empty() ? std::string(kAllMethods) : match_.allow);
    return answer(std::move(response), &request_);
  }
  const bool known = !match_.allow.empty();
  const int status = known ? 405 : 404;
  Error error{known ? Code::kMethodNotAllowed : Code::kNoSuchRoute, {}, {}};
  auto response = options().error_renderer(error, status, &request_);
  if (known) response.headers.emplace_back("Allow", match_.allow);
  answer(std::move(response), &request_);
}

// Writes what the socket takes now, and waits for it to take the rest.
void Connection::flush() {
  if (writing_ || state_ == State::kClosed) return;
  while (out_at_ < out_bytes()) {
    const std::size_t head_at = std::min(out_at_, out_.size());
    const std::size_t body_at = out_at_ - head_at;
    const auto head = asio::buffer(out_.data() + head_at, out_.size() - head_at);
    const auto body = out_body_ ? asio::buffer(out_body_->data() + body_at, out_body_->size() - body_at) : asio::const_buffer();
    error_code failure;
    // One part takes the cheaper system call.
    const auto bytes = body.size() == 0 ? socket_.write_some(head, failure)
                                        : socket_.write_some(std::array<asio::const_buffer, 2>{head, body}, failure);
    if (failure == asio::error::would_block || failure == asio::error::try_again) return wait_writable();
    if (failure) return cut();
    out_at_ += bytes;
    bytes_out_ += bytes;
    sent_ += bytes;
  }
  out_at_ = 0;
  out_.clear();
  if (out_.capacity() > kIdleBufferMax) out_.shrink_to_fit();
  out_body_.reset();
  on_flushed();
}

void Connection::wait_writable() {
  writing_ = true;
  socket_.async_wait(asio::ip::tcp::socket::wait_write, [self = shared_from_this()](error_code failure) {
    self->writing_ = false;
    if (self->state_ == State::kClosed) return;
    if (failure) return self->cut();
    self->flush();
  });
}

// Whether the time is over in which the client had to take its part: so many bytes, or all that waited when the time began. What
// the kernel holds is not taken. As long as something waits one such time follows the other, over all pieces of a stream; a
// stream that had more than the kernel took, then and now, kept nobody waiting, and the client owes the bytes.
bool Connection::reader_too_slow(Clock::time_point now) {
  const bool unsent = out_at_ < out_bytes();
  if (!unsent && taken_ == sent_) return false;
  taken_ = sent_ - std::min(in_kernel(), sent_);
  if (!unsent && taken_ == sent_) {
    write_deadline_ = Clock::time_point::max();
    return false;
  }
  if (write_deadline_ != Clock::time_point::max()) {
    if (now < write_deadline_) return false;
    const auto seconds = std::chrono::duration<double>(options().write_timeout).count();
    const auto part = seconds * static_cast<double>(options().write_bytes_per_second_min);
    const bool owes = taken_ < write_all_ || (state_ == State::kStream && unsent && write_unsent_);
    if (owes && static_cast<double>(taken_ - write_from_) < part) return true;
  }
  begin_write_window(now);
  return false;
}

void Connection::begin_write_window(Clock::time_point now) {
  write_deadline_ = now + options().write_timeout;
  write_from_ = taken_;
  write_all_ = sent_ + out_bytes() - out_at_;
  write_unsent_ = out_at_ < out_bytes();
}

void Connection::on_flushed() {
  if (state_ == State::kReply) return request_done();
  if (state_ == State::kStream) stream_flushed();
}

void Connection::request_done() {
  log_request(status_);
  hold_always(0);
  held_for_ = Budget::For::kRequest;
  if (close_after_) {
    // Unread input would make the kernel reset the connection, and the client might lose the response.
    const bool clean = body_complete_ && pending().empty() && use_ != nullptr && number_ > 0 && status_ < 400;
    return part(clean ? std::chrono::milliseconds(0) : kParting);
  }
  state_ = State::kHead;
  forget_request();
  if (pending().empty() && in_.capacity() > kIdleBufferMax) in_.shrink_to_fit();
  idle_since_ = Clock::now();
  deadline_ = idle_since_ + (pending().empty() ? options().idle_timeout : options().head_deadline);
  if (!advancing_) advance();
}

// No request is in hand: what is answered next is nobody's HEAD and belongs to no route.
void Connection::forget_request() {
  begun_ = Clock::now();
  request_ = Request{};
  method_.clear();
  route_ = {};
  id_.clear();
  code_ = {};
  caller_.clear();
  is_stream_ = false;
  is_head_ = false;
  version_minor_ = 1;
  bytes_in_ = bytes_out_ = 0;
}

void Connection::log_request(int status) {
  const auto& observer = options().on_request;
  if (!observer) return;
  RequestLog log;
  log.method = method_;
  log.route = route_;
  log.id = id_;
  log.address = address_text_;
  log.caller = caller_;
  log.code = code_;
  log.status = status;
  log.stream = is_stream_;
  log.long_poll = long_poll_;
  log.duration_us = std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - begun_).count();
  log.bytes_in = bytes_in_;
  log.bytes_out = bytes_out_;
  observer(log);
}

void Connection::part(std::chrono::milliseconds grace) {
  state_ = State::kParting;
  deadline_ = Clock::now() + grace;
  in_.clear();
  in_.shrink_to_fit();
  in_at_ = 0;
  if ((input_ended_ || grace.count() == 0) && in_kernel() == 0) return cut();
  error_code ignored;
  socket_.shutdown(asio::ip::tcp::socket::shutdown_send, ignored);
  if (!input_ended_) wait_readable();
}

// The client has closed its side.
void Connection::on_end_of_input() {
  switch (state_) {
    case State::kStream:
      return stream_pump();
    case State::kBody: return cut();
    case State::kHead:
    case State::kParting: return part(std::chrono::milliseconds(0));
    case State::kHandler:
    case State::kReply:
    case State::kClosed: return;
  }
}

}  // namespace billing::http

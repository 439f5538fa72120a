// Answers: whole responses, refusals, and the flow of bytes to the socket.
#include <array>
#include <boost/asio/buffer.hpp>
#include <exception>

#include "gateway/http/connection.h"
#include "gateway/http/serialise.h"

namespace billing::http {
namespace asio = boost::asio;
using boost::system::error_code;

namespace {
constexpr std::size_t kCopyMax = 16 * 1024;  // longer bodies are sent from where they are
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
  if (!append_response(response, BodyFraming::kLength)) {
    response = options().error_renderer(Error{Code::kInternal, "The response could not be framed.", {}}, 500, request);
    if (!append_response(response, BodyFraming::kLength)) return cut();
  }
  if (!is_head_ && status_has_body(response.status)) {
    if (response.body.size() <= kCopyMax) {
      out_.append(response.body);
    } else {
      out_body_ = std::move(response.body);
    }
  }
  flush();
}

bool Connection::append_response(Response& response, BodyFraming framing) {
  if (shared().stopping) close_after_ = true;
  const HeadOptions head{framing, !close_after_, version_minor_, worker_.date()};
  status_ = response.status;
  long_poll_ = response.long_poll;
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
  while (out_at_ < out_.size() + out_body_.size()) {
    const std::size_t head_at = std::min(out_at_, out_.size());
    const std::size_t body_at = out_at_ - head_at;
    const auto head = asio::buffer(out_.data() + head_at, out_.size() - head_at);
    const auto body = asio::buffer(out_body_.data() + body_at, out_body_.size() - body_at);
    error_code failure;
    // One part takes the cheaper system call.
    const auto bytes = body.size() == 0 ? socket_.write_some(head, failure)
                                        : socket_.write_some(std::array<asio::const_buffer, 2>{head, body}, failure);
    if (failure == asio::error::would_block || failure == asio::error::try_again) return wait_writable();
    if (failure) return cut();
    out_at_ += bytes;
    bytes_out_ += bytes;
  }
  out_at_ = 0;
  out_.clear();
  if (out_.capacity() > 2 * kCopyMax) out_.shrink_to_fit();
  out_body_ = {};
  write_deadline_ = Clock::time_point::max();
  on_flushed();
}

void Connection::wait_writable() {
  if (write_deadline_ == Clock::time_point::max()) {  // the first wait for these bytes: their one deadline
    const auto bytes = out_.size() + out_body_.size() - out_at_;
    const auto seconds = static_cast<double>(bytes) / static_cast<double>(options().write_bytes_per_second_min);
    write_deadline_ = Clock::now() + options().write_timeout +
                      std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(seconds));
  }
  writing_ = true;
  socket_.async_wait(asio::ip::tcp::socket::wait_write, [self = shared_from_this()](error_code failure) {
    self->writing_ = false;
    if (self->state_ == State::kClosed) return;
    if (failure) return self->cut();
    self->flush();
  });
}

void Connection::on_flushed() {
  if (state_ == State::kReply) return request_done();
  if (state_ == State::kStream) stream_flushed();
}

void Connection::request_done() {
  log_request(status_);
  if (close_after_) {
    state_ = State::kParting;
    // Unread input would make the kernel reset the connection, and the client might lose the response.
    if (body_complete_ && pending().empty() && counted_ && number_ > 0 && status_ < 400) return cut();
    return part();
  }
  state_ = State::kHead;
  forget_request();
  deadline_ = Clock::now() + (pending().empty() ? options().idle_timeout : options().head_deadline);
  if (!advancing_) advance();
}

// No request is in hand: what is answered next is nobody's HEAD and belongs to no route.
void Connection::forget_request() {
  begun_ = Clock::now();
  request_ = Request{};
  method_.clear();
  route_ = {};
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
  log.status = status;
  log.long_poll = long_poll_;
  log.duration_us = std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - begun_).count();
  log.bytes_in = bytes_in_;
  log.bytes_out = bytes_out_;
  observer(log);
}

void Connection::part() {
  error_code ignored;
  socket_.shutdown(asio::ip::tcp::socket::shutdown_send, ignored);
  state_ = State::kParting;
  deadline_ = Clock::now() + kParting;
  in_.clear();
  in_.shrink_to_fit();
  in_at_ = 0;
  if (input_ended_) return cut();
  wait_readable();
}

// The client has closed its side.
void Connection::on_end_of_input() {
  switch (state_) {
    case State::kStream:
      return stream_pump();
    case State::kHead:
    case State::kBody:
    case State::kParting: return cut();
    case State::kHandler:
    case State::kReply:
    case State::kClosed: return;
  }
}

}  // namespace billing::http

// Requests whose body and response flow while the handler works.
#include <algorithm>
#include <exception>

#include <fmt/format.h>

#include "gateway/http/connection.h"
#include "gateway/http/serialise.h"
#include "ledger/base/assert.h"

namespace billing::http {

namespace {
constexpr std::size_t kPartMax = 64 * 1024;
constexpr std::string_view kLastChunk = "0\r\n\r\n";
}  // namespace

void Connection::stream_start(Response head) {
  if (state_ != State::kStream || stream_started_) return;
  stream_started_ = true;
  if (!stream_chunked_) close_after_ = true;  // HTTP/1.0: the end of the connection ends the body
  const std::string_view first = head.content();
  // Whether the request's body will have been read by then is not known yet: the connection may end later without
  // having said so, which the chunked framing allows.
  if (!append_response(head, stream_chunked_ ? BodyFraming::kChunked : BodyFraming::kUntilClose)) return cut();
  if (!first.empty() && !is_head_) {
    if (stream_chunked_) fmt::format_to(std::back_inserter(out_), "{:x}\r\n", first.size());
    out_.append(first);
    if (stream_chunked_) out_.append("\r\n");
  }
  deadline_ = Clock::now() + options().stream_idle;
  flush();
}

void Connection::stream_read(std::function<void(ReadResult)> then) {
  if (state_ != State::kStream) return then(ReadResult{ReadStatus::kCutShort, {}});
  BILLING_ASSERT(on_read_ == nullptr);  // one outstanding at a time
  on_read_ = std::move(then);
  read_from_ = Clock::now();
  if (expect_continue_ && !body_complete_ && !stream_started_) send_continue();
  if (state_ == State::kStream) stream_pump();
}

// Gives the handler what there is of the body, if it asked.
void Connection::stream_pump() {
  if (on_read_ == nullptr || state_ != State::kStream) return;
  ReadResult result;
  if (!body_complete_ && !body_broken_ && !pending().empty()) {
    std::size_t used = 0;
    if (chunked_) {
      const auto step = decoder_.decode(pending(), result.bytes, kPartMax);
      used = step.consumed;
      body_complete_ = step.state == ChunkDecoder::State::kDone;
      body_broken_ = step.state == ChunkDecoder::State::kBroken;
      if (body_broken_) ++shared().framing;
    } else {
      used = static_cast<std::size_t>(std::min<std::uint64_t>({body_left_, pending().size(), kPartMax}));
      result.bytes = pending().substr(0, used);
      body_left_ -= used;
      body_complete_ = body_left_ == 0;
    }
    consume(used);
    body_received_ += used;
    bytes_in_ += used;
  }
  if (input_ended_ && !body_complete_ && pending().empty()) body_broken_ = true;
  if (!result.bytes.empty()) {
    result.status = ReadStatus::kBytes;
  } else if (body_broken_) {
    result.status = ReadStatus::kCutShort;
  } else if (body_complete_) {
    result.status = ReadStatus::kEnd;
  } else {
    return wait_readable();
  }
  stream_deliver(std::move(result));
}

void Connection::stream_deliver(ReadResult result) {
  const auto now = Clock::now();
  read_waited_ += now - read_from_;
  deadline_ = now + options().stream_idle;
  if (result.status == ReadStatus::kCutShort || result.status == ReadStatus::kTimeout) close_after_ = true;
  auto then = std::exchange(on_read_, nullptr);
  try {
    then(std::move(result));
  } catch (const std::exception&) {
    cut();
  }
}

void Connection::stream_write(std::string bytes, std::function<void(bool)> done) {
  if (state_ != State::kStream || stream_finishing_) {
    if (done) done(false);
    return;
  }
  BILLING_ASSERT(stream_started_ && on_written_ == nullptr);
  if (is_head_) {
    if (done) done(false);
    return;
  }
  on_written_ = done ? std::move(done) : [](bool) {};
  if (!bytes.empty()) {
    if (stream_chunked_) fmt::format_to(std::back_inserter(out_), "{:x}\r\n", bytes.size());
    out_.append(bytes);
    if (stream_chunked_) out_.append("\r\n");
  }
  flush();
}

void Connection::stream_finish() {
  if (state_ != State::kStream || stream_finishing_) return;
  if (!stream_started_) return on_reply(number_, std::nullopt);
  stream_finishing_ = true;
  if (stream_chunked_ && !is_head_) out_.append(kLastChunk);
  flush();
}

void Connection::stream_flushed() {
  deadline_ = Clock::now() + options().stream_idle;
  if (auto done = std::exchange(on_written_, nullptr)) {
    try {
      done(true);
    } catch (const std::exception&) {
      return cut();
    }
  }
  if (!stream_finishing_ || state_ != State::kStream) return;
  if (!body_complete_) close_after_ = true;
  state_ = State::kReply;
  if (auto then = std::exchange(on_read_, nullptr)) then(ReadResult{ReadStatus::kCutShort, {}});
  request_done();
}

void Connection::stream_dropped() {
  if (state_ != State::kStream || stream_finishing_) return;
  if (!stream_started_) return on_reply(number_, std::nullopt);
  ++shared().dropped;
  cut();
}

void Connection::stream_tick(Clock::time_point now) {
  if (on_read_ != nullptr) {
    const auto waited = now - read_from_;
    const auto over_grace = std::chrono::duration<double>(read_waited_ + waited - options().body_grace).count();
    const bool slow = over_grace > 0 && static_cast<double>(body_received_) <
                                            over_grace * static_cast<double>(options().body_bytes_per_second_min);
    if (waited < options().read_timeout && !slow) return;
    ++shared().slow_body;
    body_broken_ = true;
    stream_deliver(ReadResult{ReadStatus::kTimeout, {}});
    return;
  }
  const bool unsent = out_at_ < out_.size();
  if (unsent || now < deadline_) return;
  ++shared().slow_handler;
  cut();
}

// The connection is gone: whoever waits for it must hear so.
void Connection::end_stream_callbacks() {
  auto then = std::exchange(on_read_, nullptr);
  auto done = std::exchange(on_written_, nullptr);
  try {
    if (then) then(ReadResult{ReadStatus::kCutShort, {}});
    if (done) done(false);
  } catch (const std::exception&) {
    // Nothing is left to be told.
  }
}

}  // namespace billing::http

// One connection: reads heads and bodies, runs handlers, writes responses, keeps the deadlines. Internal to this
// folder; everything happens on the worker's thread.
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "gateway/http/chunked.h"
#include "gateway/http/exchange.h"
#include "gateway/http/framing.h"
#include "gateway/http/serialise.h"
#include "gateway/http/worker.h"

namespace billing::http {

class Connection : public std::enable_shared_from_this<Connection> {
 public:
  Connection(Worker& worker, boost::asio::ip::tcp::socket socket, std::size_t slot);

  void start(bool refused);
  void on_tick(Clock::time_point now);
  void finish_soon();
  // Closes at once; callbacks that wait are told. With something unsent, or `abort`, the client's kernel is told too, in place of
  // an end that would wait behind what the client does not take.
  void cut(bool abort = false);

  std::size_t slot() const { return slot_; }
  void set_slot(std::size_t slot) { slot_ = slot; }
  // Since when it has neither a request nor a part of one; nothing if it has.
  std::optional<Clock::time_point> idle_since() const;
  // Numbers the requests of the connection; an answer to another number comes too late.
  std::uint64_t number() const { return number_; }

  // The answer of a plain handler (or of a stream that replies whole). Null: it was dropped.
  void on_reply(std::uint64_t number, std::optional<Answer> given);

  // What an Exchange asks for.
  void stream_start(Response head);
  void stream_read(std::function<void(ReadResult)> then);
  void stream_write(std::string bytes, std::function<void(bool)> done);
  void stream_finish();
  void stream_dropped();

 private:
  enum class State { kHead, kBody, kHandler, kStream, kReply, kParting, kClosed };

  void limit_kernel_buffers();

  // reading (connection.cc)
  void wait_readable();
  void on_readable();
  bool receive();  // false: nothing more for now, or the connection is gone
  void advance();
  bool take_head();
  bool begin_request(const RequestHead& head);
  void route_request();
  bool take_body();
  bool take_sized_body();
  bool take_chunked_body();
  void send_continue();
  void dispatch();
  void run_handler(const Handler& handler);
  void run_stream(const StreamHandler& handler);
  bool body_too_slow(Clock::time_point now) const;
  bool hold_body();  // false: there is no room for the request's body, and it was refused
  bool reader_too_slow(Clock::time_point now);

  // answering (connection_reply.cc)
  void refuse(int status, Code code, std::string detail);  // answers and closes
  Response no_memory(const Request* request);  // the refusal; the connection ends with it
  void refuse_for_memory();
  // Counts so many bytes of bodies as held, in place of those before. False: there is no room, and nothing changed.
  bool hold(std::size_t bytes);
  void hold_always(std::size_t bytes);
  bool hold_answer(const Response& response);
  void refuse_framing(FramingProblem problem);
  void answer(Response response, const Request* request);
  void answer_no_route();
  bool append_response(Response& response, BodyFraming framing);
  void flush();
  void wait_writable();
  void on_flushed();
  void request_done();
  std::size_t out_bytes() const { return out_.size() + (out_body_ ? out_body_->size() : 0); }
  void log_request(int status);
  void forget_request();
  // Says goodbye and swallows what still comes, for `grace` and until the client has taken all that was sent.
  void part(std::chrono::milliseconds grace);
  void on_end_of_input();
  bool broken();
  std::uint64_t in_kernel();  // bytes sent that the client has not confirmed
  void begin_write_window(Clock::time_point now);

  // streams (connection_stream.cc)
  void stream_pump();
  void stream_deliver(ReadResult result);
  void stream_tick(Clock::time_point now);
  void stream_flushed();
  void end_stream_callbacks();

  const ServerOptions& options() const { return worker_.shared().options; }
  Shared& shared() { return worker_.shared(); }
  std::string_view pending() const { return std::string_view(in_).substr(in_at_); }
  void consume(std::size_t bytes);

  Worker& worker_;
  boost::asio::ip::tcp::socket socket_;
  boost::asio::ip::address address_;
  std::string address_text_;
  std::size_t slot_;
  AddressUse* use_ = nullptr;  // its place in the limits; null for one that was refused
  std::size_t held_ = 0;       // bytes that count in the limits,
  Budget::For held_for_ = Budget::For::kRequest;  // as one of these
  Clock::time_point idle_since_;
  State state_ = State::kHead;
  bool reading_ = false;      // a wait for readability is outstanding
  bool writing_ = false;      // a wait for writability is outstanding
  bool advancing_ = false;
  bool input_ended_ = false;
  bool close_after_ = false;  // this response is the last
  std::string in_;
  std::size_t in_at_ = 0;
  std::size_t scanned_ = 0;   // of pending(): no blank line up to here
  bool empty_line_taken_ = false;  // one may stand before a request line
  std::string out_;
  std::shared_ptr<const std::string> out_body_;  // follows out_, where a copy would be too dear
  std::size_t out_at_ = 0;
  Clock::time_point deadline_;
  std::uint64_t sent_ = 0;   // bytes that the kernel took, since the connection began
  std::uint64_t taken_ = 0;  // of them, what the client is known to have
  Clock::time_point write_deadline_ = Clock::time_point::max();  // when the client has to have taken its part,
  std::uint64_t write_from_ = 0;                                 // counted from this taken_,
  std::uint64_t write_all_ = 0;                                  // or all that waited when the time began
  bool write_unsent_ = false;                                    // then more waited than the kernel took

  // The request in hand.
  std::uint64_t number_ = 0;
  Request request_;
  Match match_;
  std::string method_;
  std::string_view route_;
  std::string id_;  // empty until it is known or needed
  std::string_view code_;
  std::string caller_;
  bool is_stream_ = false;
  int version_minor_ = 1;
  bool is_head_ = false;
  bool expect_continue_ = false;
  bool chunked_ = false;
  std::uint64_t body_left_ = 0;
  std::size_t body_max_ = 0;
  bool body_complete_ = true;
  ChunkDecoder decoder_;
  Clock::time_point begun_;
  Clock::time_point body_from_;
  std::uint64_t body_received_ = 0;
  int status_ = 0;
  bool long_poll_ = false;
  std::uint64_t bytes_in_ = 0;
  std::uint64_t bytes_out_ = 0;

  // Its stream, if it is one.
  bool stream_started_ = false;
  bool stream_finishing_ = false;
  bool stream_chunked_ = true;
  bool body_broken_ = false;
  std::function<void(ReadResult)> on_read_;
  std::function<void(bool)> on_written_;
  Clock::time_point read_from_;
  Clock::duration read_waited_{};
};

}  // namespace billing::http

// A request whose body and response flow while it is handled: batches of commands in and out, exports out.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "gateway/http/message.h"

namespace billing::http {

enum class ReadStatus {
  kBytes,     // `bytes` has the next part of the body, never empty
  kEnd,       // the body is complete; reading again gives kEnd again
  kCutShort,  // the connection ended, or the body's framing broke, before the body was complete
  kTimeout    // no bytes within the read deadline, or fewer than the minimum rate
};

struct ReadResult {
  ReadStatus status = ReadStatus::kEnd;
  std::string bytes;
};

// Both directions of one request. Every function may be called from any thread and returns at once; callbacks run on
// the connection's thread and must not block. Reading and writing are independent of each other (full duplex).
//
// A handler pauses the client by not calling read_some; then no rate is demanded of it. An exchange neither finished
// nor replied to when the last shared_ptr goes is answered with 500 if no head was sent, else its connection is cut,
// so that the client can tell a complete body from a cut one. A handler that neither reads, writes nor finishes for
// ServerOptions::stream_idle is cut as well.
class Exchange {
 public:
  Exchange() = default;
  Exchange(const Exchange&) = delete;
  Exchange& operator=(const Exchange&) = delete;
  virtual ~Exchange() = default;

  // Sends the head; the body follows in chunks. `head.body`, if not empty, is the first of them. Once only.
  virtual void start_response(Response head) = 0;
  // Sends a whole response with Content-Length and ends the exchange; instead of start_response and finish.
  virtual void reply(Response response) = 0;
  // Asks for the next part of the request's body, at most 64 KiB. One outstanding at a time.
  virtual void read_some(std::function<void(ReadResult)> then) = 0;
  // Sends a part of the response's body. One outstanding at a time: `done` is called when the socket has taken all of
  // it (true), or when nothing more can be sent (false: the client is gone, too slow, or asked with HEAD).
  virtual void write(std::string bytes, std::function<void(bool ok)> done) = 0;
  // Ends the response, after a write that is still outstanding. A body not read to its end closes the connection.
  virtual void finish() = 0;
};

}  // namespace billing::http

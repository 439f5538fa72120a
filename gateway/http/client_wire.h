// The client's side of the wire: a socket with bounded waits, and a parser of responses. Internal to this folder.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "gateway/http/chunked.h"
#include "gateway/http/client.h"

namespace billing::http {

// A non-blocking TCP socket; every function but send_some and receive_some waits at most as long as it is told.
class ClientSocket {
 public:
  ClientSocket() = default;
  ClientSocket(const ClientSocket&) = delete;
  ClientSocket& operator=(const ClientSocket&) = delete;
  ~ClientSocket() { close(); }

  Result<void> connect(const ClientOptions& options);
  void close();
  bool open() const { return fd_ >= 0; }
  // True if bytes or an end arrived while nobody asked: such a kept connection is of no use.
  bool stale() const;

  struct Ready {
    bool readable = false;
    bool writable = false;
  };
  // Waits for either; both false after the timeout.
  Ready wait(bool for_read, bool for_write, std::chrono::milliseconds timeout) const;
  // Bytes sent now; 0 if none could be; nothing if the connection broke.
  std::optional<std::size_t> send_some(std::string_view bytes);
  enum class Received { kBytes, kNothing, kEnd, kBroken };
  Received receive_some(std::string& into);

 private:
  int fd_ = -1;
};

// Reads one response from bytes as they come; `body` is drained by whoever wants it as a stream.
class ResponseParser {
 public:
  enum class Progress { kNeedMore, kDone, kBroken };
  Progress feed(std::string& in);  // removes what it took
  Progress feed_end();             // the connection ended
  bool head_complete() const { return place_ != Place::kHead; }
  bool keep_alive() const { return keep_alive_; }
  Response response;

 private:
  enum class Place { kHead, kSized, kChunked, kUntilEnd, kDone };
  Progress take_head(std::string_view block);

  Place place_ = Place::kHead;
  std::uint64_t left_ = 0;
  ChunkDecoder decoder_;
  bool keep_alive_ = true;

 public:
  bool is_head_request = false;
};

}  // namespace billing::http

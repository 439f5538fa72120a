// For the tests of this folder: a server on a free port, and a socket that speaks raw bytes.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <thread>
#include <utility>

#include "gateway/http/server.h"

namespace billing::http::testing {

using namespace std::chrono_literals;

class RawSocket {
 public:
  explicit RawSocket(std::uint16_t port, int receive_buffer = 0)
      : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    if (receive_buffer > 0) ::setsockopt(fd_, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(port);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    connected_ = ::connect(fd_, reinterpret_cast<const sockaddr*>(&to), sizeof to) == 0;
  }
  RawSocket(RawSocket&& other) noexcept : fd_(std::exchange(other.fd_, -1)), connected_(other.connected_) {}
  RawSocket& operator=(RawSocket&&) = delete;
  ~RawSocket() { close(); }

  bool connected() const { return connected_; }
  void close() {
    if (fd_ >= 0) ::close(std::exchange(fd_, -1));
  }
  void end_sending() const { ::shutdown(fd_, SHUT_WR); }
  // False if the peer takes no more.
  bool send(std::string_view bytes) const {
    while (!bytes.empty()) {
      const auto sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) return false;
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
  }
  // Reads up to so many bytes of what is there, at most 16 KiB.
  void take(std::size_t bytes) const {
    char part[16 * 1024];
    [[maybe_unused]] const auto got = ::recv(fd_, part, std::min(bytes, sizeof part), MSG_DONTWAIT);
  }
  // Reads until `enough` says so, the peer ends, or the time is over.
  std::string receive_until(const std::function<bool(const std::string&)>& enough,
                            std::chrono::milliseconds limit = 5s) {
    std::string got;
    const auto until = std::chrono::steady_clock::now() + limit;
    while (!enough(got)) {
      const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(until - std::chrono::steady_clock::now());
      pollfd wanted{fd_, POLLIN, 0};
      if (left.count() <= 0 || ::poll(&wanted, 1, static_cast<int>(left.count())) <= 0) break;
      char part[16 * 1024];
      const auto bytes = ::recv(fd_, part, sizeof part, 0);
      if (bytes <= 0) {
        ended_ = true;
        break;
      }
      got.append(part, static_cast<std::size_t>(bytes));
    }
    return got;
  }
  std::string receive_to_end(std::chrono::milliseconds limit = 5s) {
    return receive_until([](const std::string&) { return false; }, limit);
  }
  std::string receive_containing(std::string_view text, std::chrono::milliseconds limit = 5s) {
    return receive_until([text](const std::string& got) { return got.find(text) != std::string::npos; }, limit);
  }
  // Whether the connection is gone for the kernel, whatever is still to be read.
  bool reset() const {
    pollfd wanted{fd_, 0, 0};
    return ::poll(&wanted, 1, 0) == 1 && (wanted.revents & POLLERR) != 0;
  }
  bool ended() const { return ended_; }  // the peer was seen to end the connection

 private:
  int fd_;
  bool connected_ = false;
  bool ended_ = false;
};

inline std::size_t count_of(std::string_view text, std::string_view part) {
  std::size_t count = 0;
  for (auto at = text.find(part); at != std::string_view::npos; at = text.find(part, at + part.size())) ++count;
  return count;
}

inline Response text_response(std::string body, int status = 200) {
  Response response;
  response.status = status;
  response.content_type = "text/plain";
  response.body = std::move(body);
  return response;
}

inline std::string get(std::string_view target) {
  return "GET " + std::string(target) + " HTTP/1.1\r\nHost: test\r\n\r\n";
}

inline std::string post(std::string_view target, std::string_view body) {
  return "POST " + std::string(target) + " HTTP/1.1\r\nHost: test\r\nContent-Length: " + std::to_string(body.size()) +
         "\r\n\r\n" + std::string(body);
}

// Waits until `true_now` holds, up to five seconds.
inline bool soon(const std::function<bool()>& true_now) {
  for (int i = 0; i < 1000; ++i) {
    if (true_now()) return true;
    std::this_thread::sleep_for(5ms);
  }
  return false;
}

}  // namespace billing::http::testing

#include "gateway/http/client_wire.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <memory>

namespace billing::http {
namespace {

constexpr std::size_t kHeadMax = 64 * 1024;

std::string_view trim(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

bool connect_within(int fd, const addrinfo& to, std::chrono::milliseconds timeout) {
  if (::connect(fd, to.ai_addr, to.ai_addrlen) == 0) return true;
  if (errno != EINPROGRESS) return false;
  pollfd wanted{fd, POLLOUT, 0};
  if (::poll(&wanted, 1, static_cast<int>(timeout.count())) != 1) return false;
  int failure = 0;
  socklen_t size = sizeof failure;
  return ::getsockopt(fd, SOL_SOCKET, SO_ERROR, &failure, &size) == 0 && failure == 0;
}

}  // namespace

Result<void> ClientSocket::connect(const ClientOptions& options) {
  close();
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const auto port = fmt::format("{}", options.port);
  if (::getaddrinfo(options.host.c_str(), port.c_str(), &hints, &found) != 0) {
    return refuse(Code::kShuttingDown, "The server's name is not known: " + options.host);
  }
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> list(found, ::freeaddrinfo);
  for (const addrinfo* to = found; to != nullptr; to = to->ai_next) {
    fd_ = ::socket(to->ai_family, to->ai_socktype | SOCK_NONBLOCK | SOCK_CLOEXEC, to->ai_protocol);
    if (fd_ < 0) continue;
    if (connect_within(fd_, *to, options.connect_timeout)) {
      const int on = 1;
      ::setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
      return {};
    }
    close();
  }
  return refuse(Code::kShuttingDown, fmt::format("No connection to {}, port {}.", options.host, options.port));
}

void ClientSocket::close() {
  if (fd_ >= 0) ::close(fd_);
  fd_ = -1;
}

bool ClientSocket::stale() const {
  pollfd wanted{fd_, POLLIN, 0};
  return ::poll(&wanted, 1, 0) != 0;
}

ClientSocket::Ready ClientSocket::wait(bool for_read, bool for_write, std::chrono::milliseconds timeout) const {
  pollfd wanted{fd_, static_cast<short>((for_read ? POLLIN : 0) | (for_write ? POLLOUT : 0)), 0};
  const int count = ::poll(&wanted, 1, static_cast<int>(timeout.count()));
  if (count < 0 && errno == EINTR) return {true, true};  // they will find out
  if (count <= 0) return {};
  const bool broken = (wanted.revents & (POLLERR | POLLHUP)) != 0;
  return {broken || (wanted.revents & POLLIN) != 0, (wanted.revents & POLLOUT) != 0};
}

std::optional<std::size_t> ClientSocket::send_some(std::string_view bytes) {
  const auto sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
  if (sent >= 0) return static_cast<std::size_t>(sent);
  if (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR) return 0;
  return std::nullopt;
}

ClientSocket::Received ClientSocket::receive_some(std::string& into) {
  std::array<char, 64 * 1024> part;  // NOLINT: filled by recv
  const auto got = ::recv(fd_, part.data(), part.size(), 0);
  if (got > 0) {
    into.append(part.data(), static_cast<std::size_t>(got));
    return Received::kBytes;
  }
  if (got == 0) return Received::kEnd;
  return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR ? Received::kNothing : Received::kBroken;
}

ResponseParser::Progress ResponseParser::feed(std::string& in) {
  while (place_ == Place::kHead) {
    const auto end = in.find("\r\n\r\n");
    if (end == std::string::npos) return in.size() > kHeadMax ? Progress::kBroken : Progress::kNeedMore;
    const auto taken = take_head(std::string_view(in).substr(0, end + 2));
    in.erase(0, end + 4);
    if (taken == Progress::kBroken) return taken;
  }
  switch (place_) {
    case Place::kSized: {
      const auto part = static_cast<std::size_t>(std::min<std::uint64_t>(left_, in.size()));
      response.body.append(in, 0, part);
      in.erase(0, part);
      left_ -= part;
      if (left_ == 0) place_ = Place::kDone;
      break;
    }
    case Place::kChunked: {
      const auto step = decoder_.decode(in, response.body, in.size());
      in.erase(0, step.consumed);
      if (step.state == ChunkDecoder::State::kBroken) return Progress::kBroken;
      if (step.state == ChunkDecoder::State::kDone) place_ = Place::kDone;
      break;
    }
    case Place::kUntilEnd:
      response.body.append(in);
      in.clear();
      break;
    case Place::kHead:
    case Place::kDone: break;
  }
  return place_ == Place::kDone ? Progress::kDone : Progress::kNeedMore;
}

ResponseParser::Progress ResponseParser::feed_end() {
  keep_alive_ = false;
  if (place_ == Place::kUntilEnd) place_ = Place::kDone;
  return place_ == Place::kDone ? Progress::kDone : Progress::kBroken;
}

// Also called for 1xx heads, which leave the place as it was.
ResponseParser::Progress ResponseParser::take_head(std::string_view block) {
  auto end = block.find("\r\n");
  const auto line = block.substr(0, end);
  if (line.size() < 12 || !line.starts_with("HTTP/1.") || line[8] != ' ') return Progress::kBroken;
  int status = 0;
  const auto parsed = std::from_chars(line.data() + 9, line.data() + 12, status);
  if (parsed.ec != std::errc{} || parsed.ptr != line.data() + 12 || status < 100) return Progress::kBroken;
  if (status < 200) return Progress::kNeedMore;
  response.status = status;
  keep_alive_ = line[7] == '1';
  place_ = Place::kUntilEnd;
  for (auto rest = block.substr(end + 2); !rest.empty(); rest = rest.substr(end + 2)) {
    end = rest.find("\r\n");
    const auto header = rest.substr(0, end);
    const auto colon = header.find(':');
    if (colon == std::string_view::npos) return Progress::kBroken;
    const auto name = header.substr(0, colon);
    const auto value = trim(header.substr(colon + 1));
    if (same_name(name, "content-type")) response.content_type = value;
    if (same_name(name, "connection") && same_name(value, "close")) keep_alive_ = false;
    if (same_name(name, "transfer-encoding")) place_ = Place::kChunked;
    if (same_name(name, "content-length") && place_ != Place::kChunked) {
      const auto number = std::from_chars(value.data(), value.data() + value.size(), left_);
      if (number.ec != std::errc{} || number.ptr != value.data() + value.size()) return Progress::kBroken;
      place_ = Place::kSized;
    }
    response.headers.emplace_back(name, value);
  }
  if (is_head_request || status == 204 || status == 304) place_ = Place::kDone;
  return Progress::kNeedMore;
}

}  // namespace billing::http

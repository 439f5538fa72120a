#include "ops/control/control_client.h"

#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>

#include "ledger/crypto/encode.h"
#include "ops/control/control_socket.h"

namespace billing::ops {
namespace {

constexpr std::chrono::seconds kReleaseAtMost{30};

void set_wait(int socket, std::chrono::seconds at_most) {
  const timeval wait{.tv_sec = at_most.count(), .tv_usec = 0};
  ::setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof wait);
  ::setsockopt(socket, SOL_SOCKET, SO_SNDTIMEO, &wait, sizeof wait);
}

// One line without its end; nothing when none came in time, the connection ended, or it is too long.
std::string read_line(int socket) {
  std::string line;
  char byte = 0;
  while (line.size() <= kControlLineBytesMax) {
    const ssize_t got = ::recv(socket, &byte, 1, 0);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return {};
    if (byte == '\n') return line;
    line += byte;
  }
  return {};
}

std::string_view take_word(std::string_view& text) {
  const std::size_t end = std::min(text.find(' '), text.size());
  const std::string_view word = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return word;
}

bool is_snapshot_name(std::string_view name) {
  return !name.empty() && std::ranges::all_of(name, [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace

Result<std::unique_ptr<HeldSnapshot>> HeldSnapshot::ask(const std::string& data, std::chrono::seconds at_most) {
  const SocketPlace place = socket_place(data);
  std::unique_ptr<HeldSnapshot> held(new HeldSnapshot(Descriptor(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0))));
  const int socket = held->socket_.get();
  if (held->socket_.valid()) set_wait(socket, at_most);
  if (!place.directory.valid() || !held->socket_.valid() ||
      ::connect(socket, reinterpret_cast<const sockaddr*>(&place.address), sizeof place.address) != 0) {
    return refuse(Code::kStorageFailure, fmt::format("{}/{}: the service that has this ledger open cannot be reached: {}", data,
                                                     kSocketName, std::strerror(errno)));
  }
  constexpr std::string_view kOrder = "snapshot\n";
  // A service that has enough callers answers before it is asked, and ends the connection.
  static_cast<void>(::send(socket, kOrder.data(), kOrder.size(), MSG_NOSIGNAL));
  const std::string line = read_line(socket);
  std::string_view rest(line);
  const std::string_view word = take_word(rest);
  if (word == "error") return refuse(Code::kStorageFailure, fmt::format("the service made no snapshot: {}", rest));
  const std::string_view position = take_word(rest);
  const auto parsed = std::from_chars(position.data(), position.data() + position.size(), held->head_.position);
  const auto hash = crypto::from_hex(take_word(rest));
  if (word != "ok" || parsed.ec != std::errc{} || parsed.ptr != position.data() + position.size() || !hash ||
      hash->size() != held->head_.hash.size() || !is_snapshot_name(rest)) {
    return refuse(Code::kStorageFailure,
                  fmt::format("{}/{}: no snapshot within {} s", data, kSocketName, at_most.count()));
  }
  std::ranges::copy(*hash, held->head_.hash.begin());
  held->directory_ = fmt::format("{}/{}/{}", data, kSnapshotsName, rest);
  return held;
}

HeldSnapshot::~HeldSnapshot() {
  if (!socket_.valid()) return;
  ::shutdown(socket_.get(), SHUT_WR);
  set_wait(socket_.get(), kReleaseAtMost);
  char byte = 0;
  while (::recv(socket_.get(), &byte, 1, 0) < 0 && errno == EINTR) {
  }
}

bool HeldSnapshot::held() const {
  char byte = 0;
  return ::recv(socket_.get(), &byte, 1, MSG_DONTWAIT | MSG_PEEK) < 0 && (errno == EAGAIN || errno == EWOULDBLOCK);
}

}  // namespace billing::ops

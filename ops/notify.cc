#include "ops/notify.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <charconv>
#include <cstdint>
#include <cstdlib>
#include <cstring>

namespace billing::ops::notify {
namespace {

std::optional<std::int64_t> number_of(const char* variable) {
  const char* const text = std::getenv(variable);
  if (text == nullptr) return std::nullopt;
  std::int64_t value = 0;
  const char* const end = text + std::strlen(text);
  const auto [after, problem] = std::from_chars(text, end, value);
  if (problem != std::errc() || after != end) return std::nullopt;
  return value;
}

}  // namespace

bool send(std::string_view assignments) {
  const char* const variable = std::getenv("NOTIFY_SOCKET");
  const std::string_view path = variable == nullptr ? "" : variable;
  sockaddr_un address{};
  // A path, or with "@" a name that is no file.
  if (path.size() < 2 || path.size() >= sizeof address.sun_path || (path.front() != '/' && path.front() != '@')) return false;
  address.sun_family = AF_UNIX;
  path.copy(address.sun_path, path.size());
  if (path.front() == '@') address.sun_path[0] = '\0';
  const int to = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (to < 0) return false;
  const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + path.size());
  const auto sent = ::sendto(to, assignments.data(), assignments.size(), MSG_NOSIGNAL | MSG_DONTWAIT,
                             reinterpret_cast<const sockaddr*>(&address), size);
  ::close(to);
  return sent == static_cast<ssize_t>(assignments.size());
}

std::string stopping(std::chrono::seconds at_most) {
  constexpr std::chrono::seconds kLastWrites{60};
  const std::chrono::microseconds extended = at_most + kLastWrites;
  return "STOPPING=1\nSTATUS=Stopping\nEXTEND_TIMEOUT_USEC=" + std::to_string(extended.count());
}

std::optional<std::chrono::microseconds> watchdog() {
  const auto micros = number_of("WATCHDOG_USEC");
  if (!micros || *micros <= 0) return std::nullopt;
  if (const auto process = number_of("WATCHDOG_PID"); process && *process != ::getpid()) return std::nullopt;
  return std::chrono::microseconds(*micros);
}

}  // namespace billing::ops::notify

#include "events/publisher/relay.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "ledger/base/thread_name.h"

namespace billing::publisher {
namespace {

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

std::uint16_t port_of(int socket) {
  sockaddr_in address{};
  socklen_t size = sizeof address;
  ::getsockname(socket, reinterpret_cast<sockaddr*>(&address), &size);
  return ntohs(address.sin_port);
}

void stop_blocking(int socket) { ::fcntl(socket, F_SETFL, ::fcntl(socket, F_GETFL) | O_NONBLOCK); }

bool would_block() { return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR; }

}  // namespace

Result<std::unique_ptr<Relay>> Relay::start(std::uint16_t port, std::uint16_t target) {
  const int listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  const int on = 1;
  ::setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  const sockaddr_in address = loopback(port);
  if (::bind(listener, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 || ::listen(listener, 16) != 0) {
    const std::string why = std::strerror(errno);
    ::close(listener);
    return refuse(Code::kConfiguration, "cannot listen on 127.0.0.1:" + std::to_string(port) + ": " + why);
  }
  std::unique_ptr<Relay> relay(new Relay(listener, ::eventfd(0, EFD_CLOEXEC), port_of(listener), target));
  relay->thread_ = std::thread([&relay = *relay] {
    name_thread("kafka-relay");
    relay.run();
  });
  return relay;
}

Relay::~Relay() {
  ::eventfd_write(wake_, 1);
  if (thread_.joinable()) thread_.join();
  ::close(listener_);
  ::close(wake_);
}

void Relay::accept_one() {
  const int client = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
  if (client < 0) return;
  const int broker = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const sockaddr_in address = loopback(target_);
  if (::connect(broker, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    ::close(client);
    ::close(broker);
    return;
  }
  stop_blocking(broker);
  connections_.push_back({{client, {}}, {broker, {}}});
}

// Reads from one side and writes to the other what they have and take now.
void Relay::pass(Connection& connection, Side& from, Side& to, int happened) {
  if ((happened & (POLLIN | POLLHUP | POLLERR)) != 0 && to.waiting.size() < kBufferedMax) {
    std::array<char, 16U << 10U> part;
    const ssize_t got = ::recv(from.socket, part.data(), part.size(), 0);
    if (got > 0) to.waiting.append(part.data(), static_cast<std::size_t>(got));
    if (got == 0 || (got < 0 && !would_block())) connection.over = true;
  }
  if (to.waiting.empty()) return;
  const ssize_t put = ::send(to.socket, to.waiting.data(), to.waiting.size(), MSG_NOSIGNAL);
  if (put > 0) to.waiting.erase(0, static_cast<std::size_t>(put));
  if (put < 0 && !would_block()) connection.over = true;
}

void Relay::run() {
  const auto wanted = [](const Side& side, const Side& other) {
    return static_cast<short>((other.waiting.size() < kBufferedMax ? POLLIN : 0) | (side.waiting.empty() ? 0 : POLLOUT));
  };
  std::vector<pollfd> polled;
  for (;;) {
    polled.assign({{wake_, POLLIN, 0}, {listener_, static_cast<short>(connections_.size() < kConnectionsMax ? POLLIN : 0), 0}});
    for (const Connection& one : connections_) {
      polled.push_back({one.client.socket, wanted(one.client, one.broker), 0});
      polled.push_back({one.broker.socket, wanted(one.broker, one.client), 0});
    }
    if (::poll(polled.data(), polled.size(), -1) < 0 && errno != EINTR) break;
    if (polled[0].revents != 0) break;
    for (std::size_t i = 0; i < connections_.size(); ++i) {
      Connection& one = connections_[i];
      pass(one, one.client, one.broker, polled[2 + 2 * i].revents);
      pass(one, one.broker, one.client, polled[3 + 2 * i].revents);
    }
    std::erase_if(connections_, [](const Connection& one) {
      if (!one.over) return false;
      ::close(one.client.socket);
      ::close(one.broker.socket);
      return true;
    });
    if ((polled[1].revents & POLLIN) != 0) accept_one();
  }
  for (const Connection& one : connections_) {
    ::close(one.client.socket);
    ::close(one.broker.socket);
  }
}

}  // namespace billing::publisher

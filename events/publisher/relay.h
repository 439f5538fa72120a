// A door that stays where it is: hands bytes on between a port that we choose and one that we were given. Internal to the
// folder; for the embedded broker, whose library takes any free port. Clients that come through it are told the broker's
// own port, and go there for the rest.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "ledger/base/error.h"

namespace billing::publisher {

class Relay {
 public:
  // Listens on 127.0.0.1 at `port`, 0 for any free one, and connects who comes to 127.0.0.1 at `target`. Error:
  // kConfiguration when nobody may listen there.
  static Result<std::unique_ptr<Relay>> start(std::uint16_t port, std::uint16_t target);
  ~Relay();
  Relay(const Relay&) = delete;
  Relay& operator=(const Relay&) = delete;

  std::uint16_t port() const { return port_; }
  static constexpr std::size_t kConnectionsMax = 64;      // one more waits
  static constexpr std::size_t kBufferedMax = 64U << 10U;  // bytes in each direction of a connection

 private:
  // One side of a connection, and what waits to be written to it.
  struct Side {
    int socket = -1;
    std::string waiting;
  };
  struct Connection {
    Side client, broker;
    bool over = false;
  };
  Relay(int listener, int wake, std::uint16_t port, std::uint16_t target)
      : listener_(listener), wake_(wake), port_(port), target_(target) {}
  void run();
  void accept_one();
  static void pass(Connection& connection, Side& from, Side& to, int happened);

  const int listener_;
  const int wake_;  // readable: the end
  const std::uint16_t port_;
  const std::uint16_t target_;
  std::vector<Connection> connections_;  // the thread's
  std::thread thread_;
};

}  // namespace billing::publisher

#include "ops/control/control.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <thread>
#include <vector>

#include "ledger/base/thread_name.h"
#include "ledger/crypto/encode.h"
#include "ops/control/control_socket.h"

namespace billing::ops {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

// Checking a copy's tail is work that no command waits for.
constexpr int kNiceness = 10;
// After a failed accept (no descriptor is free, say) the next one waits for so long.
constexpr std::chrono::seconds kBetweenAccepts{1};

std::unexpected<Error> failed(const std::string& what) {
  return refuse(Code::kStorageFailure, what + ": " + std::strerror(errno));
}

// A detail on one line, short enough for the protocol.
std::string one_line(std::string text) {
  std::ranges::replace(text, '\n', ' ');
  return text.substr(0, kControlLineBytesMax - 64);
}

}  // namespace

class Control::Impl {
 public:
  explicit Impl(ControlOptions options) : options_(std::move(options)) {}
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  Result<void> start() {
    std::error_code problem;
    fs::remove_all(snapshots(), problem);
    if (problem) return refuse(Code::kStorageFailure, fmt::format("{}: {}", snapshots(), problem.message()));
    const SocketPlace place = socket_place(options_.data);
    if (!place.directory.valid()) return failed(options_.data);
    wake_ = Descriptor(::eventfd(0, EFD_CLOEXEC));
    listener_ = Descriptor(::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    if (!wake_.valid() || !listener_.valid()) return failed(path());
    if (::unlink(path().c_str()) != 0 && errno != ENOENT) return failed(path());
    // The mode of the socket is the mode of the file that bind makes.
    if (::fchmod(listener_.get(), 0600) != 0 ||
        ::bind(listener_.get(), reinterpret_cast<const sockaddr*>(&place.address), sizeof place.address) != 0) {
      return failed(path());
    }
    bound_ = true;
    if (::listen(listener_.get(), static_cast<int>(options_.clients_max)) != 0) return failed(path());
    thread_ = std::thread([this] {
      name_thread("control");
      lower_priority(kNiceness);
      run();
    });
    return {};
  }

  ~Impl() {
    if (thread_.joinable()) {
      const std::uint64_t one = 1;
      static_cast<void>(!::write(wake_.get(), &one, sizeof one));
      thread_.join();
    }
    for (Client& client : clients_) end(client);
    std::error_code problem;
    fs::remove_all(snapshots(), problem);
    if (bound_) ::unlink(path().c_str());
  }

 private:
  struct Client {
    Descriptor socket;
    Clock::time_point deadline;
    std::string line;
    std::string snapshot;  // its directory; empty before the order
  };

  std::string path() const { return fmt::format("{}/{}", options_.data, kSocketName); }
  std::string snapshots() const { return fmt::format("{}/{}", options_.data, kSnapshotsName); }

  void run() {
    std::vector<pollfd> waiting;
    while (true) {
      // poll passes over a negative descriptor.
      const int listening = Clock::now() < next_accept_ ? -1 : listener_.get();
      waiting.assign({{wake_.get(), POLLIN, 0}, {listening, POLLIN, 0}});
      for (const Client& client : clients_) waiting.push_back({client.socket.get(), POLLIN, 0});
      if (::poll(waiting.data(), waiting.size(), milliseconds_left(listening < 0)) < 0) {
        if (errno == EINTR) continue;
        tell(std::string("no backup can be asked for until the next start: poll: ") + std::strerror(errno));
        return;
      }
      if (waiting[0].revents != 0) return;
      const auto now = Clock::now();
      for (std::size_t i = 0; i < clients_.size(); ++i) {
        Client& client = clients_[i];
        const bool stays = (waiting[i + 2].revents == 0 || take(client)) && client.deadline > now;
        if (!stays) end(client);
      }
      std::erase_if(clients_, [](const Client& client) { return !client.socket.valid(); });
      if (waiting[1].revents != 0) accept();
    }
  }

  int milliseconds_left(bool accept_later) const {
    if (clients_.empty() && !accept_later) return -1;
    auto first = accept_later ? next_accept_ : Clock::time_point::max();
    for (const Client& client : clients_) first = std::min(first, client.deadline);
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(first - Clock::now()).count();
    return static_cast<int>(std::clamp<std::int64_t>(left, 0, 60'000));
  }

  void accept() {
    Client client{Descriptor(::accept4(listener_.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC)),
                  Clock::now() + options_.order_at_most, {}, {}};
    if (!client.socket.valid()) {
      if (errno == EAGAIN || errno == EINTR || errno == ECONNABORTED) return;
      // Who waits stays in the queue, and poll would return at once for ever.
      if (!accept_failing_) tell(std::string("callers cannot be accepted: ") + std::strerror(errno));
      accept_failing_ = true;
      next_accept_ = Clock::now() + kBetweenAccepts;
      return;
    }
    accept_failing_ = false;
    if (clients_.size() < options_.clients_max) {
      clients_.push_back(std::move(client));
    } else {
      refuse_order(client, Code::kTooManyConnections, "try again when another backup is done");
    }
  }

  // Reads what has come. False: the connection ends.
  bool take(Client& client) {
    std::array<char, kControlLineBytesMax> buffer;
    const ssize_t got = ::recv(client.socket.get(), buffer.data(), buffer.size(), 0);
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) return true;
    if (got <= 0 || !client.snapshot.empty()) return false;  // after the order nothing more is understood
    client.line.append(buffer.data(), static_cast<std::size_t>(got));
    const std::size_t end = client.line.find('\n');
    if (end == std::string::npos && client.line.size() < kControlLineBytesMax) return true;
    if (client.line.substr(0, end) != "snapshot" || end + 1 != client.line.size()) {
      refuse_order(client, Code::kMalformedRequest, "the only order is: snapshot");
      return false;
    }
    return make_snapshot(client);
  }

  bool make_snapshot(Client& client) {
    std::error_code problem;
    if (::mkdir(snapshots().c_str(), 0700) != 0 && errno != EEXIST) {
      refuse_order(client, Code::kStorageFailure, fmt::format("{}: {}", snapshots(), std::strerror(errno)));
      return false;
    }
    const std::string name = std::to_string(++made_);
    const std::string directory = snapshots() + "/" + name;
    const auto head = options_.checkpoint(directory);
    if (!head) {
      fs::remove_all(directory, problem);
      tell("a snapshot for a backup could not be made: " + head.error().detail);
      refuse_order(client, head.error().code, head.error().detail);
      return false;
    }
    client.snapshot = directory;
    client.deadline = Clock::now() + options_.held_at_most;
    return send(client, fmt::format("ok {} {} {}\n", head->position, crypto::hex(head->hash), name));
  }

  void tell(const std::string& problem) const {
    if (options_.on_problem) options_.on_problem(problem);
  }
  static bool send(const Client& client, const std::string& line) {
    return ::send(client.socket.get(), line.data(), line.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(line.size());
  }
  static void refuse_order(const Client& client, Code code, const std::string& detail) {
    send(client, fmt::format("error {} {}\n", code_text(code), one_line(detail)));
  }

  void end(Client& client) {
    std::error_code problem;
    if (!client.snapshot.empty()) fs::remove_all(client.snapshot, problem);
    if (problem) tell(client.snapshot + " is not removed: " + problem.message());
    client.socket.reset();
  }

  const ControlOptions options_;
  Descriptor wake_;
  Descriptor listener_;
  bool bound_ = false;
  std::vector<Client> clients_;  // of the thread
  std::uint64_t made_ = 0;
  Clock::time_point next_accept_ = Clock::time_point::min();
  bool accept_failing_ = false;
  std::thread thread_;
};

Control::Control(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Control::~Control() = default;

Result<std::unique_ptr<Control>> Control::start(ControlOptions options) {
  auto impl = std::make_unique<Impl>(std::move(options));
  BILLING_CHECK(impl->start());
  return std::unique_ptr<Control>(new Control(std::move(impl)));
}

}  // namespace billing::ops

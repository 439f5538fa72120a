// What both ends of the control socket share. Internal to this folder.
#pragma once

#include <sys/un.h>

#include <chrono>
#include <string>
#include <string_view>
#include <utility>

namespace billing::ops {

inline constexpr std::string_view kSocketName = "control.sock";
inline constexpr std::string_view kSnapshotsName = "snapshots";
inline constexpr std::size_t kControlLineBytesMax = 256;

// An open descriptor; -1 when there is none.
class Descriptor {
 public:
  explicit Descriptor(int fd = -1) : fd_(fd) {}
  ~Descriptor() { reset(); }
  Descriptor(Descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    if (this != &other) {
      reset();
      fd_ = std::exchange(other.fd_, -1);
    }
    return *this;
  }
  int get() const { return fd_; }
  bool valid() const { return fd_ >= 0; }
  void reset();

 private:
  int fd_;
};

// The data directory, held open, and the socket's address in it. A path of any length fits, since it leads over the
// descriptor.
struct SocketPlace {
  Descriptor directory;
  sockaddr_un address{};
};
SocketPlace socket_place(const std::string& data);

}  // namespace billing::ops

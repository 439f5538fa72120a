// What both ends of the control socket share. Internal to this folder.
#pragma once

#include <sys/un.h>

#include <chrono>
#include <string>
#include <string_view>

#include "ledger/base/descriptor.h"

namespace billing::ops {

inline constexpr std::string_view kSocketName = "control.sock";
inline constexpr std::string_view kSnapshotsName = "snapshots";
inline constexpr std::size_t kControlLineBytesMax = 256;

// The data directory, held open, and the socket's address in it. A path of any length fits, since it leads over the
// descriptor.
struct SocketPlace {
  Descriptor directory;
  sockaddr_un address{};
};
SocketPlace socket_place(const std::string& data);

}  // namespace billing::ops

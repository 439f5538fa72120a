#include "ops/control/control_socket.h"

#include <fcntl.h>
#include <sys/socket.h>

#include <algorithm>
#include <string>

namespace billing::ops {

SocketPlace socket_place(const std::string& data) {
  SocketPlace place{Descriptor(::open(data.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC)), {}};
  const std::string path = "/proc/self/fd/" + std::to_string(place.directory.get()) + "/" + std::string(kSocketName);
  place.address.sun_family = AF_UNIX;
  std::ranges::copy(path, std::begin(place.address.sun_path));
  return place;
}

}  // namespace billing::ops

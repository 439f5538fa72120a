// The caller's end of the control socket.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <utility>

#include "ledger/base/descriptor.h"
#include "ledger/base/error.h"
#include "ledger/store/log.h"

namespace billing::ops {

// A consistent copy of a running service's ledger, which the service keeps until this object is gone. One thread.
class HeldSnapshot {
 public:
  // Asks the service of this data directory for a copy. Errors: kStorageFailure (nobody answers in `at_most`, or what it
  // answers is not of the protocol); of the service, with its own words.
  static Result<std::unique_ptr<HeldSnapshot>> ask(const std::string& data, std::chrono::seconds at_most);
  // Lets the service remove the copy, and waits until it has, for 30 seconds at most.
  ~HeldSnapshot();
  HeldSnapshot(const HeldSnapshot&) = delete;
  HeldSnapshot& operator=(const HeldSnapshot&) = delete;

  const std::string& directory() const { return directory_; }
  const store::Head& head() const { return head_; }
  // Whether the service still keeps the copy; false once the connection has ended.
  bool held() const;

 private:
  explicit HeldSnapshot(Descriptor socket) : socket_(std::move(socket)) {}
  Descriptor socket_;
  std::string directory_;
  store::Head head_;
};

}  // namespace billing::ops

// The control socket of a running service: orders from the same machine by the owner of its data directory.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include "ledger/base/error.h"
#include "ledger/store/log.h"

namespace billing::ops {

struct ControlOptions {
  std::string data;  // the data directory: the socket and the snapshots are in it
  // Makes a consistent copy of the ledger in a directory that does not exist yet, and answers the copy's head. Called on the
  // control thread.
  std::function<Result<store::Head>(const std::string& directory)> checkpoint;
  // Told of what went wrong with a snapshot, on the control thread; may be empty.
  std::function<void(const std::string&)> on_problem = {};
  std::size_t clients_max = 4;
  std::chrono::milliseconds order_at_most{10'000};
  std::chrono::milliseconds held_at_most{std::chrono::hours(12)};
};

// The service's end: one thread.
class Control {
 public:
  // Removes what an earlier run left (socket and snapshots; the caller holds the ledger's lock), and listens.
  // Error: kStorageFailure.
  static Result<std::unique_ptr<Control>> start(ControlOptions options);
  // Ends every connection, removes the snapshots and the socket. Waits for a copy that is being made.
  ~Control();
  Control(const Control&) = delete;
  Control& operator=(const Control&) = delete;

 private:
  class Impl;
  explicit Control(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace billing::ops

// A witness beside the store: how far the topic was known to be committed. Never a cursor.
#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "ledger/base/error.h"
#include "ledger/store/log.h"

namespace billing::publisher {

class Hint {
 public:
  // `directory` empty: nothing is kept. `topic` is part of the file, so that another topic has no hint.
  Hint(std::string directory, std::string topic);

  // What the file says; nullopt when there is none or it speaks of another topic. Error: kCorruptRecord when it cannot
  // be read or its checksum is wrong.
  Result<std::optional<store::Head>> load() const;

  // Remembers `head` and writes it, synced, but at most once a second unless `now`. Error: kStorageFailure.
  Result<void> note(const store::Head& head, bool now);

 private:
  Result<void> write(const store::Head& head) const;
  std::string directory_;
  std::string topic_;
  store::Head written_;
  std::chrono::steady_clock::time_point tried_{};
};

}  // namespace billing::publisher

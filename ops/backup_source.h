// What a backup copies: a snapshot that a running service keeps for it, or the ledger of a stopped service, which nobody can
// start meanwhile.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "ledger/base/date.h"
#include "ledger/base/descriptor.h"
#include "ledger/codec/person_keys.h"
#include "ledger/store/log.h"
#include "ops/config.h"
#include "ops/control/control_client.h"

namespace billing::ops {

// One thread.
class Source {
 public:
  // Errors: kStorageFailure (no ledger, a service that cannot be reached), kCorruptRecord.
  static Result<std::unique_ptr<Source>> open(const Config& config);
  Source(const Source&) = delete;
  Source& operator=(const Source&) = delete;

  // Where the ledger's files are.
  const std::string& directory() const { return directory_; }
  const store::Head& head() const { return head_; }
  // When the newest event was recorded; none in an empty ledger.
  const std::optional<Instant>& newest() const { return newest_; }
  // Of a stopped service: whether every person whose data its log holds has a key among these, or was erased. A running one had
  // its own keys checked when it started. Errors: kCorruptRecord (names the first), kStorageFailure.
  Result<void> check_keys(const codec::PersonKeys& keys) const;
  // Once all is copied: whether the files were kept to the end. Error: kStorageFailure.
  Result<void> check_kept() const;

 private:
  Source() = default;
  Result<void> lock(const std::string& ledger);
  Result<void> read_head(const std::optional<std::string>& witness_dir);
  Descriptor lock_;
  std::unique_ptr<HeldSnapshot> held_;
  std::string directory_;
  store::Head head_;
  std::optional<Instant> newest_;
};

}  // namespace billing::ops

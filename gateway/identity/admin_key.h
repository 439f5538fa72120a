// The one bearer key of an installation: made once, kept as a digest only, handed over by a link that works once.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "gateway/identity/attempts.h"
#include "gateway/identity/principal.h"
#include "ledger/base/date.h"
#include "ledger/base/error.h"

namespace billing::identity {

struct AdminKeyOptions {
  std::string directory;           // "<data>/identity"; made with mode 0700 when it is not there
  std::string key_file;            // --admin-key-file; empty: the key is handed over by the first-login link
  bool new_link = false;           // issue a link although there is a key: see redeem()
  std::function<Instant()> now;    // required; any thread
  std::int64_t link_life_micros = 24LL * 3600 * 1'000'000;
  AttemptLimits attempts;
};

struct IdentityCounters {
  std::uint64_t accepted = 0;
  std::uint64_t refused = 0;   // 401
  std::uint64_t limited = 0;   // 429
};

// Any thread.
class AdminKey {
 public:
  // Reads the digest of the key. With `key_file` set: takes the key from that file, or makes one and writes it there
  // (mode 0600). With no key yet, or with new_link: a first-login link waits to be opened; the key is
  // made only then, so that it is never kept anywhere.
  // Errors: kConfiguration (key file unusable or open to others), kStorageFailure, kCorruptRecord (digest file).
  static Result<std::unique_ptr<AdminKey>> open(AdminKeyOptions options);
  ~AdminKey();

  // Whether open() could use this key file: there is none yet, or it holds a key and nobody else may read it. Errors:
  // kConfiguration, kStorageFailure.
  static Result<void> check_key_file(const std::string& path);
  // Whether the digest in an identity directory, if there is one, is as it was written. Changes nothing. Errors: kCorruptRecord,
  // kConfiguration, kStorageFailure.
  static Result<void> check_directory(const std::string& directory);

  // "/first-login?token=…" while such a link waits. Secret: print it once, to the operator only.
  std::optional<std::string> link_path() const;
  // Trades the link's token for a new key, which is shown this once; the token is dead from then on and an older key
  // too. With a `key_file` the file's key is shown and stays. Errors: kUnauthenticated (no such token, used or expired), kTooManyRequests, kStorageFailure.
  Result<std::string> redeem(std::string_view token, std::string_view remote_address);

  // `authorization` is the value of the one Authorization header: "Bearer " and the key. A right key always passes,
  // also from an address that had too many failures: others behind the same proxy must not be able to lock it out,
  // and 160 random bits are not guessed. Errors: kUnauthenticated, kTooManyRequests.
  Result<Principal> authenticate(std::string_view authorization, std::string_view remote_address);

  IdentityCounters counters() const;

 private:
  explicit AdminKey(AdminKeyOptions options);
  Result<void> load();
  Result<void> load_key_file();
  Result<void> keep(std::string_view key);
  std::unexpected<Error> refuse_attempt(std::string_view remote_address, std::string detail);

  AdminKeyOptions options_;
  mutable std::mutex mutex_;         // guards what follows
  std::string key_digest_;           // hex of SHA-256; empty: no key yet
  std::string token_digest_;         // hex of SHA-256; empty: no link waits
  std::string token_;                // for link_path() until redeemed
  Instant token_expires_;
  Attempts attempts_;
  std::atomic<std::uint64_t> accepted_{0};
  std::atomic<std::uint64_t> refused_{0};
  std::atomic<std::uint64_t> limited_{0};
};

}  // namespace billing::identity

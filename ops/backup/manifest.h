// What a backup says of itself. Layout: docs/storage-format.md.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ledger/base/date.h"
#include "ledger/store/log.h"

namespace billing::ops {

inline constexpr const char* kManifestName = "manifest";
inline constexpr std::size_t kManifestBytesMax = 32U << 20;

// One file of a backup.
struct BackupFile {
  std::string name;              // its place in a data directory: ledger/…, identity/… or keys/…
  std::uint64_t bytes = 0;
  std::int64_t modified_ns = 0;  // of the file that was copied: tells the next backup that it need not be read again
  std::string sha256;            // 64 digits: its name in the target
  friend bool operator==(const BackupFile&, const BackupFile&) = default;
};

struct Manifest {
  std::uint64_t number = 0;       // of the target's backups, from 1
  Instant made;
  std::string product;            // version that made it
  std::string previous;           // digest of the manifest before, 64 digits; zeros for number 1
  store::Head head;
  std::optional<Instant> newest;  // when the event at the head was recorded; none in an empty ledger
  std::vector<BackupFile> files;  // by name, none twice
  friend bool operator==(const Manifest&, const Manifest&) = default;
};

// The whole text, its last line with the digest of the lines above.
std::string manifest_text(const Manifest& manifest);
// The same, once it is known that parse_manifest reads it. Error: kCorruptRecord (a file has an impossible name, say).
Result<std::string> readable_manifest_text(const Manifest& manifest);
// Exactly what manifest_text writes. Errors: kCorruptRecord (with the reason; a newer version has a reason of its own).
Result<Manifest> parse_manifest(std::string_view text);
// The digest that the last line has: what the next manifest calls `previous`.
std::string manifest_digest(const Manifest& manifest);
// `<instant>-<position>`, e.g. 20260131T235959.250000Z-1234.
std::string backup_name(const Manifest& manifest);

}  // namespace billing::ops

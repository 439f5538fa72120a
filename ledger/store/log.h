// The log: the truth. Records by gapless position, an index of the commands that wrote them, and the head.
//
// One writer calls `commit`; any number of threads may call the const functions at the same time.
// What a stored record looks like, byte by byte: docs/storage-format.md.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "ledger/base/error.h"
#include "ledger/base/ids.h"

namespace billing::store {

using Hash = std::array<std::uint8_t, 32>;

// A position and the hash of the record there; {0, zeros} is the head of an empty log.
struct Head {
  Position position = 0;
  Hash hash{};
  friend bool operator==(const Head&, const Head&) = default;
};

// One record as stored. `private_part` is empty for nearly all.
struct Record {
  Position position = 0;
  std::uint8_t format = 1;
  std::uint8_t flags = 0;
  Hash previous_hash{};
  std::string public_part;
  std::string private_part;
};

// SHA-256(previous hash, format, flags, public part, SHA-256 of the private part or 32 zero bytes when it is empty).
Hash record_hash(const Record& record);
// SHA-256 of the private part, or 32 zero bytes when it is empty.
Hash private_digest(const Record& record);

// Where a command's events are. `key` is tenant and id (see command_key), `body_hash` tells a repeat from a reuse.
struct CommandEntry {
  std::string key;
  Position first_position = 0;
  std::uint32_t count = 0;  // events of the command; may be 0 for a command that was accepted but changed nothing
  std::array<std::uint8_t, 16> body_hash{};
};

// The key of a command: 16 bytes of the tenant and 16 of the id. An id that is the text of a UUIDv7 keeps its 16
// bytes, so that keys grow with time (1.5 times the speed); any other text is hashed with SHA-256 and cut to 16.
std::string command_key(const Uuid& tenant, std::string_view id);

// A reader's loop: `read(position, …)`, handle, `wait_past(position)`.
class Log {
 public:
  virtual ~Log() = default;

  // Appends `records` (positions head+1…, each with the hash of the one before as previous_hash) and the `commands`
  // in one atomic, synced write. When it returns, they are durable. After any failure the log is read-only until it is
  // reopened: every later commit is refused with kReadOnly, nothing is retried.
  // Errors: kStorageFailure, kReadOnly, kStorageFull (refused before anything is written, the log stays writable; with
  // nothing to write it asks whether there is room).
  virtual Result<void> commit(std::span<const Record> records, std::span<const CommandEntry> commands) = 0;

  // The newest durable position and hash.
  virtual Head head() const = 0;

  // Calls `visit` for up to `limit` records from position `from` on, in order, until it returns false or the head is
  // reached. Returns how many were visited. `visit`'s argument lives for the call only.
  // Errors: kCorruptRecord (the detail names the file, where known, and the position), kStorageFailure.
  virtual Result<std::size_t> read(Position from, std::size_t limit,
                                   const std::function<bool(const Record&)>& visit) const = 0;

  // The entry that this command wrote, if any. Error: kStorageFailure.
  virtual Result<std::optional<CommandEntry>> find_command(std::string_view key) const = 0;

  // Blocks until head().position > position or the time is over; true when the head has passed it. Thread-safe.
  virtual bool wait_past(Position position, std::chrono::milliseconds at_most) const = 0;

  // True after a failed commit.
  virtual bool read_only() const = 0;

  // After a failed commit: opens the log anew, so that it can be written again. Nothing that was durable may be missing; what
  // the failed commit wrote may be there, and is part of the log then. Reads go on, but for the moment of the opening. Does
  // nothing where no commit has failed. The writer's thread only, while no commit is under way. Errors: kStorageFailure (the
  // disk is not sound yet; try again later), kCorruptRecord.
  virtual Result<void> reopen() = 0;
};

}  // namespace billing::store

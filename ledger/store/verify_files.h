// Looks at every byte of a closed store, and names the files that are damaged.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ledger/store/log.h"

namespace billing::store {

// What is wrong with one file, or with the records (then `file` is empty when no file can be blamed).
struct FileProblem {
  enum class Kind : std::uint8_t {
    kDamaged,     // bytes are not what was written
    kMissing,     // a file or record that must be there is not
    kOneOfTwo,    // one of two copies is not readable: the other one holds, and the next start writes both
    kTornTail,    // a last write that was cut short: normal after a crash or power loss, otherwise damage
    kUnexpected,  // not a file of the store, or left over by a crash
    kUnreadable   // the operating system refused to read it
  };
  Kind kind = Kind::kDamaged;
  std::string file;    // with its directory
  std::string detail;  // in plain words
  // The first position of the log that cannot be read or trusted because of this, where it is known.
  std::optional<Position> first_position;
};

// "damaged", "missing", …
std::string_view kind_text(FileProblem::Kind kind);

// Checksums of data files that were read before, by device and inode: copies of a database share most of their files as
// hard links.
using KnownFiles = std::map<std::pair<std::uint64_t, std::uint64_t>, std::string>;

// Checks every file of a closed RocksDB directory, of a log or of tables, against its checksums; for a log also every
// record's position and hash up to the head, and the head against the witness, when a directory of one is given. An
// empty answer means that every byte of every file is as it was written. Changes nothing; needs memory for the rows of
// the write-ahead log (at most 512 MB); takes about a second per 500 MB. What is not covered: a log's clean end that
// went missing where there is no witness, and IDENTITY and OPTIONS files (which nothing of ours reads) since the last
// opening. With `known` a data file that is in it is not read again, and those that are read are added.
std::vector<FileProblem> verify_files(const std::string& directory,
                                      const std::optional<std::string>& witness_dir = std::nullopt,
                                      KnownFiles* known = nullptr);

}  // namespace billing::store

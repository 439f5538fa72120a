// Writing a restored data directory.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ledger/store/rocks_log.h"
#include "ledger/store/verify_files.h"
#include "ops/backup/key_copy.h"
#include "ops/backup/persons.h"
#include "ops/backup/target.h"
#include "ops/config.h"

namespace billing::ops {

struct RebuildOrder {
  const Target& target;
  const Manifest& manifest;
  const store::Log& log;  // the backup's
  Position last = 0;      // of it that is wanted; a command ends there
  const std::optional<KeyCopy>& keys;
};

// Refuses a place for the witness inside of the data directory (but for the usual one), and one that has the witness of another
// ledger; one that a restore into `config.data` left when it was cut off is none. Error: kConfiguration.
Result<void> check_witness_place(const Config& config);

// Prints what is wrong with the files of a ledger; true when nothing is. Files that a crash left over are told and do not count,
// as at a start.
bool report_whole(std::string_view what, const std::vector<store::FileProblem>& problems);

// A line that says whose data can be read, whose keys are lost, and who was erased. `keys`: whether there were any.
std::string persons_text(const PersonCount& persons, bool keys);

// Writes ledger, witness, identity and keys beside `config.data` (`….half`), proves the ledger (files, chain, fold, head),
// puts the witness in its place and renames the directory. After an error nothing of it is left. Answers the restored head. Errors: kStorageFailure,
// kStorageFull, kCorruptRecord.
Result<store::Head> rebuild(const Config& config, const RebuildOrder& order);

}  // namespace billing::ops

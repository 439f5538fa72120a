// Whether the files of a backup are as they were backed up.
#pragma once

#include "ops/backup/target.h"

namespace billing::ops {

// Every file of the backup is there with its bytes. Prints those that are not. Error: kCorruptRecord.
Result<void> check_files_of(const Target& target, const Manifest& manifest);

// Makes the calling thread read and write with the lowest priority, so that a running service comes first.
void yield_to_the_service();

}  // namespace billing::ops

// What a stopped ledger is proved by: its files, its log, its topic. Each prints what it finds, and changes nothing.
#pragma once

#include <string_view>
#include <vector>

#include "ledger/store/log.h"
#include "ledger/store/verify_files.h"
#include "ops/config.h"

namespace billing::ops {

// Prints the problems of one database; true when there are none. A last write that was cut short is normal after a crash and
// was never acknowledged, so it is told but does not count.
bool report_files(std::string_view what, const std::vector<store::FileProblem>& problems);

// Folds the log with all its checks; every command must be reachable by its id. Errors: kCorruptRecord, kStorageFailure.
Result<void> check_log(const store::Log& log);

// Whether the files of persons' keys and of the admin key are sound, and every person whose data the log holds has the key, or
// was erased.
bool check_keys(const Config& config, const store::Log& log);

// Whether the topic holds what the log holds, as far as it goes. One without events, beside a log that has some, is good only where
// it `may_be_empty`. `config.kafka` names brokers.
bool check_topic(const Config& config, const store::Log& log, bool may_be_empty = false);

}  // namespace billing::ops

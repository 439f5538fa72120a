// The parts of a data directory, opened in the order that start-up, verify and export need.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "ledger/codec/person_keys.h"
#include "ledger/store/rocks_log.h"
#include "ledger/store/rocks_tables.h"
#include "ledger/store/table_checkpoints.h"
#include "ops/config.h"

namespace billing::ops {

// The result of a step, with the setting that a failure of it is about in front of the detail.
template <class T>
Result<T> about(std::string_view setting, Result<T> result) {
  if (!result) result.error().detail = std::string(setting) + ": " + result.error().detail;
  return result;
}

// Makes the directory (mode 0700) and those above it. Error: kStorageFailure.
Result<void> make_directory(const std::string& directory);

// True when another process has the ledger of this data directory open.
bool in_use(const Config& config);

// True when the two directories are on one device, where a witness helps less.
bool same_device(const std::string& one, const std::string& other);

// The log for the service: locks it and writes.
Result<std::unique_ptr<store::RocksLog>> open_log(const Config& config);
// The log of a stopped service, read-only. Error: kStorageFailure when it is in use or not there.
Result<std::unique_ptr<store::RocksLog>> open_log_for_reading(const Config& config);
// The same without looking at its witness. To be written to only where the witness is looked at afterwards.
Result<std::unique_ptr<store::RocksLog>> open_log_without_witness(const Config& config, bool read_only);

// The views' tables; damaged ones are deleted and come back empty, since they can be rebuilt: `*dropped` says why then.
Result<std::unique_ptr<store::RocksTables>> open_views(const Config& config, std::string* dropped);

// The checkpoints of these tables; damaged ones are deleted, and `*dropped` says why.
Result<std::unique_ptr<store::TableCheckpoints>> open_checkpoints(const Config& config, store::RocksTables& tables,
                                                                  std::vector<store::DroppedCheckpoint>* dropped);

}  // namespace billing::ops

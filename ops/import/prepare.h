// What an import is asked to do: its inputs, the service and the key.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "ops/import/import.h"
#include "ops/import/mapping.h"
#include "ops/import/sender.h"

namespace billing::import {

// One input: either a file of commands, or rows and their mapping.
struct Job {
  std::string file;                // shown; state and refused rows are called after it
  std::optional<Mapping> mapping;  // none: NDJSON
};

// One job for each input. Errors: kConfiguration, those of read_mapping.
Result<std::vector<Job>> plan(const ImportOptions& options);

// Says whether a state belongs to these files, this mapping and these expectations. Errors: kStorageFailure.
Result<std::string> fingerprint(const Job& job, const ImportOptions& options);

// The service's address, and the bearer key from its file. Errors: kConfiguration, kStorageFailure.
Result<void> read_url(const std::string& url, SenderOptions& sender);
Result<std::string> read_key(const std::string& file);

}  // namespace billing::import

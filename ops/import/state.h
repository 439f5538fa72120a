// How far an import is: kept beside its input, so that the next run goes on where this one ended.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "ledger/base/error.h"
#include "ops/import/tally.h"

namespace billing::import {

struct ImportState {
  std::string fingerprint;  // of the input and what is made of it
  std::string url;          // of the service that answered
  std::uint64_t offset = 0;  // of the first command without an answer, in the file of commands
  std::uint64_t line = 1;    // its line there
  std::uint64_t accepted = 0;
  std::uint64_t repeated = 0;  // of those accepted: they had been before
  std::uint64_t refused = 0;
  std::uint64_t refused_bytes = 0;  // length of the file of refused rows
  Outcomes kinds;                   // of converted rows
  std::uint64_t answered() const { return accepted + refused; }
  friend bool operator==(const ImportState&, const ImportState&) = default;
};

std::string state_text(const ImportState& state);
// Nothing for a text that is no such state (a damaged file only means that commands are sent again).
std::optional<ImportState> parse_state(std::string_view text);

// Writes it synced, whole or not at all. Errors: kStorageFailure.
Result<void> save_state(const std::string& file, const ImportState& state);
// Nothing when there is none.
std::optional<ImportState> load_state(const std::string& file);

}  // namespace billing::import

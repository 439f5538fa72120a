// What is checked before a log is trusted. Internal to this folder.
#pragma once

#include <optional>

#include "ledger/store/log_database.h"
#include "ledger/store/rocks_log.h"
#include "ledger/store/witness.h"

namespace billing::store::rocks {

// The head, once it is certain that its record exists, that nothing follows it, and that the chain of the newest
// `records` holds. Errors: kCorruptRecord, kStorageFailure.
Result<Head> check_tail(const LogDatabase& database, std::size_t records);

// Compares the witness, when there is one, with the log, and opens it for writing unless the log is read only.
// Errors: kCorruptRecord (the log lost its end, is of another history, or the witness cannot be read),
// kStorageFailure.
Result<std::optional<Witness>> open_witness(const LogDatabase& database, const RocksLogOptions& options,
                                            const Head& head);

}  // namespace billing::store::rocks

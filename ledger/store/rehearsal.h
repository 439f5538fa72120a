// Opening a database in a child process first, where an assertion of RocksDB harms nobody. Internal to this folder.
#pragma once

#include <functional>
#include <string>

#include "ledger/base/error.h"

namespace billing::store::rocks {

// RocksDB ends the process when it meets files that are not of one store, such as a write-ahead log that was put beside the
// store's own. So a directory that has more than one write-ahead log is opened by a child first: `open` opens it for reading,
// and need not return. An opening that merely fails is left to the caller, who gets the same error. Error: kCorruptRecord,
// with what the child printed last.
Result<void> rehearse_opening(const std::string& directory, const std::function<void()>& open);

}  // namespace billing::store::rocks

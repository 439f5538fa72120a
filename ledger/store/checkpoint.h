// A consistent copy of the log's database. Internal to this folder.
#pragma once

#include <string>

#include "ledger/store/log_database.h"

namespace billing::store::rocks {

// See RocksLog::checkpoint.
Result<Head> make_checkpoint(const LogDatabase& database, const std::string& directory, std::size_t check_records);

}  // namespace billing::store::rocks

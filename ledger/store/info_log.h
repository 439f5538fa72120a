// RocksDB's text log, in a file of limited size that never stops the process. Internal to this folder.
#pragma once

#include <rocksdb/env.h>

#include <memory>
#include <string>

namespace billing::store::rocks {

// RocksDB's own text log aborts the process when the disk is full, and lies among the files of the truth. This one
// drops lines that it cannot write, and keeps at most two files of `bytes_max`: `path` and `path`.1.
std::shared_ptr<rocksdb::Logger> make_info_log(std::string path, std::size_t bytes_max);

// For databases that are only read: drops every line.
std::shared_ptr<rocksdb::Logger> make_silent_log();

}  // namespace billing::store::rocks

// For the tests of this folder and of those above it: a directory that goes away, and records that form a chain.
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "ledger/store/log.h"

namespace billing::store::testing {

// A new directory below TMPDIR, removed with everything in it.
class TempDirectory {
 public:
  TempDirectory() {
    std::string pattern = (std::filesystem::temp_directory_path() / "billing-store-XXXXXX").string();
    if (::mkdtemp(pattern.data()) == nullptr) std::abort();
    path_ = pattern;
  }
  ~TempDirectory() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TempDirectory(const TempDirectory&) = delete;
  TempDirectory& operator=(const TempDirectory&) = delete;
  std::string path(const std::string& name = "") const { return name.empty() ? path_ : path_ + "/" + name; }

 private:
  std::string path_;
};

// Makes records that follow each other from a head on.
class ChainMaker {
 public:
  explicit ChainMaker(Head head = {}) : head_(head) {}
  // `count` records with public parts of `bytes` bytes; every tenth has a private part too.
  std::vector<Record> next(std::size_t count, std::size_t bytes = 40) {
    std::vector<Record> records;
    records.reserve(count);
    for (std::size_t i = 0; i < count; ++i) {
      Record record;
      record.position = head_.position + 1;
      record.previous_hash = head_.hash;
      record.public_part = "event " + std::to_string(record.position) + " ";
      record.public_part.resize(std::max(bytes, record.public_part.size()), static_cast<char>('a' + record.position % 26));
      if (record.position % 10 == 0) record.private_part = "sealed " + std::to_string(record.position);
      head_ = {record.position, record_hash(record)};
      records.push_back(std::move(record));
    }
    return records;
  }
  Head head() const { return head_; }

 private:
  Head head_;
};

inline CommandEntry command(std::uint64_t n, Position first, std::uint32_t count) {
  Uuid tenant;
  tenant.bytes[0] = 1;
  CommandEntry entry{.key = command_key(tenant, "command " + std::to_string(n)), .first_position = first, .count = count};
  entry.body_hash[0] = static_cast<std::uint8_t>(n);
  return entry;
}

// Commits records 1… in batches, each with a command, and fails the test when one is refused.
inline void fill(Log& log, std::size_t batches, std::size_t per_batch, std::size_t bytes = 40) {
  ChainMaker chain(log.head());
  for (std::size_t i = 0; i < batches; ++i) {
    const auto records = chain.next(per_batch, bytes);
    const CommandEntry entries[] = {
        command(records.front().position, records.front().position, static_cast<std::uint32_t>(per_batch))};
    const auto done = log.commit(records, entries);
    ASSERT_TRUE(done.has_value()) << done.error().detail;
  }
}

inline std::vector<Record> read_all(const Log& log, Position from = 1) {
  std::vector<Record> records;
  const auto read = log.read(from, SIZE_MAX, [&](const Record& record) {
    records.push_back(record);
    return true;
  });
  EXPECT_TRUE(read.has_value()) << read.error().detail;
  return records;
}

inline std::string slurp(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream bytes;
  bytes << in.rdbuf();
  return bytes.str();
}

inline void spit(const std::string& path, const std::string& bytes) {
  std::ofstream(path, std::ios::binary | std::ios::trunc) << bytes;
}

}  // namespace billing::store::testing

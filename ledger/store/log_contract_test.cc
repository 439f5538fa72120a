// What every log promises, asked of each implementation.
#include <gtest/gtest.h>

#include <thread>

#include "ledger/store/memory_log.h"
#include "ledger/store/rocks_log.h"
#include "ledger/store/store_testing.h"

namespace billing::store {
namespace {
using testing::ChainMaker;
using testing::command;
using testing::fill;
using testing::read_all;

enum class Kind { kMemory, kRocks, kRocksWithoutRecent };

class LogContract : public ::testing::TestWithParam<Kind> {
 protected:
  void SetUp() override {
    if (GetParam() == Kind::kMemory) {
      log_ = make_memory_log();
      return;
    }
    RocksLogOptions options{.directory = directory_.path("ledger"), .witness_dir = directory_.path("witness")};
    if (GetParam() == Kind::kRocksWithoutRecent) options.tail_bytes_max = 0;
    auto log = open_rocks_log(options);
    ASSERT_TRUE(log.has_value()) << log.error().detail;
    log_ = std::move(*log);
  }
  Log& log() { return *log_; }

 private:
  testing::TempDirectory directory_;
  std::unique_ptr<Log> log_;
};

TEST_P(LogContract, ANewLogIsEmpty) {
  EXPECT_EQ(log().head(), Head{});
  EXPECT_FALSE(log().read_only());
  EXPECT_TRUE(read_all(log()).empty());
  EXPECT_EQ(log().find_command("no such key").value(), std::nullopt);
}

TEST_P(LogContract, RecordsComeBackAsTheyWereCommitted) {
  ChainMaker chain;
  std::vector<Record> all;
  for (int i = 0; i < 20; ++i) {
    auto records = chain.next(7, 10 + static_cast<std::size_t>(i) * 50);
    ASSERT_TRUE(log().commit(records, {}).has_value());
    EXPECT_EQ(log().head(), chain.head());
    all.insert(all.end(), records.begin(), records.end());
  }
  const auto found = read_all(log());
  ASSERT_EQ(found.size(), all.size());
  for (std::size_t i = 0; i < all.size(); ++i) {
    EXPECT_EQ(found[i].position, all[i].position);
    EXPECT_EQ(found[i].format, all[i].format);
    EXPECT_EQ(found[i].flags, all[i].flags);
    EXPECT_EQ(found[i].previous_hash, all[i].previous_hash);
    EXPECT_EQ(found[i].public_part, all[i].public_part);
    EXPECT_EQ(found[i].private_part, all[i].private_part);
  }
}

TEST_P(LogContract, EmptyAndBinaryPartsAreKept) {
  ChainMaker chain;
  auto records = chain.next(1);
  records[0].public_part.clear();
  records[0].private_part = std::string("\0\xff\0", 3);
  records[0].flags = 0x81;
  ASSERT_TRUE(log().commit(records, {}).has_value());
  const auto found = read_all(log());
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].public_part, "");
  EXPECT_EQ(found[0].private_part, records[0].private_part);
  EXPECT_EQ(found[0].flags, 0x81);
  EXPECT_EQ(log().head().hash, record_hash(records[0]));
}

TEST_P(LogContract, ReadStartsAnywhereAndStopsAtTheLimitTheHeadOrTheVisitor) {
  fill(log(), 10, 10);
  for (const Position from : {0U, 1U, 2U, 10U, 11U, 55U, 100U, 101U, 5000U}) {
    for (const std::size_t limit : {0U, 1U, 9U, 10U, 11U, 1000U}) {
      std::vector<Position> seen;
      const auto count = log().read(from, limit, [&](const Record& record) {
        seen.push_back(record.position);
        return true;
      });
      const Position begin = from == 0 ? 1 : from;
      const std::size_t left = begin > 100 ? 0 : 101 - begin;
      ASSERT_EQ(count.value(), std::min(limit, left)) << from << ' ' << limit;
      ASSERT_EQ(seen.size(), *count);
      for (std::size_t i = 0; i < seen.size(); ++i) ASSERT_EQ(seen[i], begin + i);
    }
  }
  std::size_t visits = 0;
  EXPECT_EQ(log().read(5, 50, [&](const Record&) { return ++visits < 13; }).value(), 13U);
  EXPECT_EQ(visits, 13U);
}

TEST_P(LogContract, CommandsAreFoundAfterTheirCommit) {
  ChainMaker chain;
  const auto records = chain.next(3);
  const CommandEntry entries[] = {command(1, 1, 2), command(2, 3, 1), command(3, 3, 0)};
  ASSERT_TRUE(log().commit(records, entries).has_value());
  for (const CommandEntry& entry : entries) {
    const auto found = log().find_command(entry.key);
    ASSERT_TRUE(found.has_value() && found->has_value());
    EXPECT_EQ((*found)->key, entry.key);
    EXPECT_EQ((*found)->first_position, entry.first_position);
    EXPECT_EQ((*found)->count, entry.count);
    EXPECT_EQ((*found)->body_hash, entry.body_hash);
  }
  EXPECT_EQ(log().find_command(command(4, 0, 0).key).value(), std::nullopt);
}

TEST_P(LogContract, ACommandWithoutEventsIsCommittedAlone) {
  const CommandEntry entries[] = {command(9, 0, 0)};
  ASSERT_TRUE(log().commit({}, entries).has_value());
  EXPECT_EQ(log().head(), Head{});
  EXPECT_TRUE(log().find_command(entries[0].key).value().has_value());
}

TEST_P(LogContract, RecordsThatDoNotContinueTheChainAreRefusedAndNothingIsWritten) {
  fill(log(), 2, 5);
  ChainMaker chain(log().head());
  const auto good = chain.next(4);
  auto gap = good;
  gap.erase(gap.begin());
  auto wrong_hash = good;
  wrong_hash[2].previous_hash[31] ^= 1;
  auto repeated = good;
  repeated[1] = repeated[0];
  auto format = good;
  format[0].format = 2;
  for (const auto& bad : {gap, wrong_hash, repeated, format}) {
    const CommandEntry entries[] = {command(77, 11, 4)};
    const auto done = log().commit(bad, entries);
    ASSERT_FALSE(done.has_value());
    EXPECT_EQ(done.error().code, Code::kInternal);
  }
  EXPECT_EQ(log().head().position, 10U);
  EXPECT_EQ(log().find_command(command(77, 0, 0).key).value(), std::nullopt);
  EXPECT_TRUE(log().commit(good, {}).has_value());
}

TEST_P(LogContract, WaitPastReturnsAtOnceWhenTheHeadIsPastAndFalseInTime) {
  fill(log(), 1, 3);
  EXPECT_TRUE(log().wait_past(2, std::chrono::seconds(30)));
  EXPECT_FALSE(log().wait_past(3, std::chrono::milliseconds(5)));
}

TEST_P(LogContract, ReadersFollowTheWriterWithoutMissingOrRepeatingARecord) {
  constexpr std::size_t kRecords = 6000;
  std::vector<std::jthread> readers;
  std::array<bool, 3> whole{};
  for (bool& ok : whole) {
    readers.emplace_back([&] {
      Position checkpoint = 0;
      Hash hash{};
      while (checkpoint < kRecords) {
        if (!log().wait_past(checkpoint, std::chrono::seconds(60))) return;
        const auto read = log().read(checkpoint + 1, 97, [&](const Record& record) {
          if (record.position != checkpoint + 1 || record.previous_hash != hash) return false;
          checkpoint = record.position;
          hash = record_hash(record);
          return true;
        });
        if (!read) return;
      }
      ok = true;
    });
  }
  fill(log(), kRecords / 20, 20);
  readers.clear();
  EXPECT_TRUE(whole[0] && whole[1] && whole[2]);
}

INSTANTIATE_TEST_SUITE_P(Logs, LogContract, ::testing::Values(Kind::kMemory, Kind::kRocks, Kind::kRocksWithoutRecent),
                         [](const auto& param) {
                           return param.param == Kind::kMemory ? "Memory"
                                  : param.param == Kind::kRocks ? "Rocks"
                                                                : "RocksWithoutRecent";
                         });

}  // namespace
}  // namespace billing::store

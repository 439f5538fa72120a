// What only the log on disk does: opening, refusing, witness, limits.
#include "ledger/store/rocks_log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <csignal>
#include <stdexcept>

#include "ledger/store/log_database.h"
#include "ledger/store/record.h"
#include "ledger/store/store_testing.h"
#include "ledger/store/witness.h"

namespace billing::store {
namespace {
namespace fs = std::filesystem;
using ::testing::HasSubstr;
using testing::ChainMaker;
using testing::command;
using testing::fill;
using testing::read_all;

class RocksLogTest : public ::testing::Test {
 protected:
  RocksLogOptions options() const {
    return {.directory = directory_.path("ledger"), .witness_dir = directory_.path("witness")};
  }
  RocksLogOptions without_witness() const { return {.directory = directory_.path("ledger"), .witness_dir = {}}; }

  static std::unique_ptr<RocksLog> open(const RocksLogOptions& options) {
    auto log = open_rocks_log(options);
    if (!log) throw std::runtime_error(log.error().detail);  // ends the test with this text
    return std::move(*log);
  }
  static Error refusal(const RocksLogOptions& options) {
    const auto log = open_rocks_log(options);
    EXPECT_FALSE(log.has_value());
    return log ? Error{} : log.error();
  }
  // A closed store with 10 batches of 10 records.
  void make_store() const { fill(*open(options()), 10, 10); }

  // The write-ahead log that has the data, after a close.
  std::string wal() const {
    std::string largest;
    for (const auto& entry : fs::directory_iterator(directory_.path("ledger"))) {
      if (entry.path().extension() != ".log") continue;
      if (largest.empty() || entry.file_size() > fs::file_size(largest)) largest = entry.path();
    }
    return largest;
  }
  // Changes rows behind the log's back, with right checksums.
  void tamper(const std::function<void(rocks::LogDatabase&)>& change) const {
    const auto database = rocks::LogDatabase::open(directory_.path("ledger"), rocks::OpenMode::kReadWrite, 1 << 20);
    ASSERT_TRUE(database.has_value());
    change(**database);
  }
  void replace_record(const Record& record) const {
    tamper([&](rocks::LogDatabase& database) {
      std::string value;
      encode_record(record, value);
      ASSERT_TRUE(database.db().Put({}, database.log(), position_key(record.position), value).ok());
    });
  }

  testing::TempDirectory directory_;
};

TEST_F(RocksLogTest, AReopenedLogHasEverything) {
  make_store();
  Head head;
  {
    const auto log = open(options());
    head = log->head();
    EXPECT_EQ(head.position, 100U);
    fill(*log, 5, 3);
  }
  const auto log = open(options());
  EXPECT_EQ(log->head().position, 115U);
  EXPECT_EQ(read_all(*log).size(), 115U);
  EXPECT_TRUE(log->find_command(command(11, 0, 0).key).value().has_value());
  EXPECT_TRUE(log->find_command(command(113, 0, 0).key).value().has_value());
}

TEST_F(RocksLogTest, ASecondOpenerIsRefused) {
  const auto log = open(options());
  const Error error = refusal(options());
  EXPECT_EQ(error.code, Code::kStorageFailure);
  EXPECT_THAT(error.detail, HasSubstr("another process"));
}

TEST_F(RocksLogTest, AStrayWriteAheadLogIsRefusedAndDoesNotEndTheProcess) {
  make_store();
  std::filesystem::path own;
  for (const auto& entry : std::filesystem::directory_iterator(options().directory)) {
    if (entry.path().extension() == ".log") own = entry.path();
  }
  for (const char* const name : {"000900.log", "000901.log"}) std::filesystem::copy_file(own, own.parent_path() / name);
  for (const bool read_only : {true, false}) {
    RocksLogOptions opening = options();
    opening.read_only = read_only;
    const Error error = refusal(opening);
    EXPECT_EQ(error.code, Code::kCorruptRecord);
    EXPECT_THAT(error.detail, HasSubstr("would end the process"));
  }
  std::filesystem::remove(own.parent_path() / "000900.log");
  std::filesystem::remove(own.parent_path() / "000901.log");
  EXPECT_EQ(read_all(*open(options())).size(), 100U) << "nothing was changed";
}

TEST_F(RocksLogTest, AReadOnlyLogReadsAndRefusesCommits) {
  make_store();
  const auto before = testing::slurp(directory_.path("witness/witness"));
  RocksLogOptions reading = options();
  reading.read_only = true;
  const auto log = open(reading);
  EXPECT_TRUE(log->read_only());
  EXPECT_EQ(read_all(*log).size(), 100U);
  ChainMaker chain(log->head());
  EXPECT_EQ(log->commit(chain.next(1), {}).error().code, Code::kReadOnly);
  EXPECT_EQ(testing::slurp(directory_.path("witness/witness")), before);
}

TEST_F(RocksLogTest, AReadOnlyOpeningCreatesNothing) {
  RocksLogOptions reading = options();
  reading.read_only = true;
  EXPECT_EQ(refusal(reading).code, Code::kStorageFailure);
  EXPECT_TRUE(fs::is_empty(directory_.path()));
}

TEST_F(RocksLogTest, ADeletedWriteAheadLogIsNoticedByTheWitness) {
  make_store();
  fs::remove(wal());
  const Error error = refusal(options());
  EXPECT_EQ(error.code, Code::kCorruptRecord);
  EXPECT_THAT(error.detail, HasSubstr("the witness saw position 100, the store ends at 0"));
  EXPECT_THAT(error.detail, HasSubstr("backup"));
}

TEST_F(RocksLogTest, AWriteAheadLogCutAnywhereIsNoticedByTheWitness) {
  make_store();
  const std::string bytes = testing::slurp(wal());
  const std::string copy = directory_.path("copy");
  fs::copy(directory_.path("ledger"), copy, fs::copy_options::recursive);
  const std::string name = fs::path(wal()).filename();
  for (std::size_t keep = bytes.size() - 1; keep > bytes.size() / 20; keep -= bytes.size() / 20) {
    fs::remove_all(directory_.path("ledger"));
    fs::copy(copy, directory_.path("ledger"), fs::copy_options::recursive);
    fs::resize_file(directory_.path("ledger/" + name), keep);
    const Error error = refusal(options());
    ASSERT_EQ(error.code, Code::kCorruptRecord) << keep;
    ASSERT_THAT(error.detail, HasSubstr("the witness saw position 100")) << keep;
  }
}

TEST_F(RocksLogTest, AFlippedByteInTheWriteAheadLogIsRefused) {
  make_store();
  std::string bytes = testing::slurp(wal());
  bytes[bytes.size() / 2] = static_cast<char>(bytes[bytes.size() / 2] ^ 1);
  testing::spit(wal(), bytes);
  EXPECT_EQ(refusal(options()).code, Code::kCorruptRecord);
  EXPECT_EQ(refusal(without_witness()).code, Code::kCorruptRecord);
}

TEST_F(RocksLogTest, AnOperatorMayTakeAShorterStoreAsItIs) {
  make_store();
  fs::resize_file(wal(), fs::file_size(wal()) - 5);
  refusal(options());
  RocksLogOptions accepting = options();
  accepting.reset_witness = true;
  EXPECT_THAT(refusal(accepting).detail, HasSubstr("the witness saw position 100")) << "not by the way";
  accepting.lost_after = 89;
  EXPECT_THAT(refusal(accepting).detail, HasSubstr("the witness saw position 100")) << "nor at another position";
  accepting.lost_after = 90;
  fill(*open(accepting), 1, 10);
  EXPECT_EQ(open(options())->head().position, 100U);
}

TEST_F(RocksLogTest, AWitnessThatIsMadeAnewLeavesOneThatCannotBeReadBeside) {
  make_store();
  const std::string witness = directory_.path("witness/witness");
  testing::spit(witness, std::string(8'192, 'x'));
  RocksLogOptions anew = options();
  anew.reset_witness = true;
  open(anew);
  EXPECT_EQ(testing::slurp(witness + ".unreadable"), std::string(8'192, 'x'));
  EXPECT_EQ(noted_by_witness(directory_.path("witness")).value()->position, 100U);
  ASSERT_TRUE(Witness::create(directory_.path("witness"), {.position = 50, .hash = {1}}).has_value());
  EXPECT_THAT(refusal(anew).detail, HasSubstr("another history"));
}

TEST_F(RocksLogTest, AWitnessOfAnotherHistoryIsNoticed) {
  make_store();
  ASSERT_TRUE(Witness::create(directory_.path("witness"), {.position = 50, .hash = {1}}).has_value());
  EXPECT_THAT(refusal(options()).detail, HasSubstr("another history"));
  ASSERT_TRUE(Witness::create(directory_.path("witness"), {.position = 100, .hash = {1}}).has_value());
  EXPECT_THAT(refusal(options()).detail, HasSubstr("another history"));
}

TEST_F(RocksLogTest, AWitnessThatIsBehindIsBroughtUpToDate) {
  make_store();
  const std::string old = testing::slurp(directory_.path("witness/witness"));
  fill(*open(options()), 1, 5);
  testing::spit(directory_.path("witness/witness"), old);
  EXPECT_EQ(open(options())->head().position, 105U);
  EXPECT_EQ(read_witness(directory_.path("witness")).value()->head.position, 105U);
}

TEST_F(RocksLogTest, AnEmptyWitnessDirectoryIsRefusedOnceTheStoreHasHadAWitness) {
  fill(*open(without_witness()), 1, 5);
  make_store();  // the first witness of an older store
  fs::remove(directory_.path("witness/witness"));
  const Error error = refusal(options());
  EXPECT_EQ(error.code, Code::kCorruptRecord);
  EXPECT_THAT(error.detail, HasSubstr("has had a witness"));
  EXPECT_NE(open(without_witness()), nullptr);
}

TEST_F(RocksLogTest, ATornWitnessWriteIsSurvivedAndTwoDamagedPlacesAreRefused) {
  make_store();
  const std::string path = directory_.path("witness/witness");
  std::string bytes = testing::slurp(path);
  ASSERT_EQ(bytes.size(), 8192U);
  bytes[20] = static_cast<char>(bytes[20] ^ 1);
  testing::spit(path, bytes);
  EXPECT_NE(open(options()), nullptr);
  bytes[4096 + 20] = static_cast<char>(bytes[4096 + 20] ^ 1);
  testing::spit(path, bytes);
  EXPECT_THAT(refusal(options()).detail, HasSubstr("neither of its two places"));
}

TEST_F(RocksLogTest, TheWitnessHasTheHeadWhenCommitReturns) {
  const auto log = open(options());
  ChainMaker chain;
  for (int i = 0; i < 5; ++i) {
    ASSERT_TRUE(log->commit(chain.next(3), {}).has_value());
    const auto testimony = read_witness(directory_.path("witness")).value();
    EXPECT_EQ(testimony->head, chain.head());
    EXPECT_FALSE(testimony->damaged_slot);
  }
}

TEST_F(RocksLogTest, AStoreWithoutCurrentIsNotTakenForANewOne) {
  make_store();
  fs::remove(directory_.path("ledger/CURRENT"));
  const Error error = refusal(without_witness());
  EXPECT_EQ(error.code, Code::kCorruptRecord);
  EXPECT_THAT(error.detail, HasSubstr("CURRENT"));
}

TEST_F(RocksLogTest, AChangedRecordIsFoundByItsPosition) {
  make_store();
  Record record;
  {
    const auto log = open(options());
    record = read_all(*log, 42).front();
  }
  record.public_part[0] = static_cast<char>(record.public_part[0] ^ 1);
  replace_record(record);
  const Error error = refusal(options());
  EXPECT_EQ(error.code, Code::kCorruptRecord);
  EXPECT_THAT(error.detail, HasSubstr("position 42"));

  RocksLogOptions lenient = options();
  lenient.tail_check_records = 10;  // so that the damage lies before what opening checks
  const auto log = open(lenient);
  std::size_t visited = 0;
  const auto read = log->read(1, 1000, [&](const Record&) { return ++visited < 1000; });
  ASSERT_FALSE(read.has_value());
  EXPECT_EQ(read.error().code, Code::kCorruptRecord);
  EXPECT_THAT(read.error().detail, HasSubstr("position 42"));
  EXPECT_EQ(visited, 41U);
}

TEST_F(RocksLogTest, AMissingRecordIsFoundByItsPosition) {
  make_store();
  tamper([](rocks::LogDatabase& database) {
    ASSERT_TRUE(database.db().Delete({}, database.log(), position_key(77)).ok());
  });
  EXPECT_THAT(refusal(options()).detail, HasSubstr("position 77 is missing"));
}

TEST_F(RocksLogTest, ARecordAfterTheHeadAndAHeadAfterTheRecordsAreRefused) {
  make_store();
  tamper([](rocks::LogDatabase& database) {
    ASSERT_TRUE(database.db().Put({}, database.log(), position_key(102), "x").ok());
  });
  EXPECT_THAT(refusal(options()).detail, HasSubstr("newest record is at position 102, its head says 100"));
  tamper([](rocks::LogDatabase& database) {
    ASSERT_TRUE(database.db().Delete({}, database.log(), position_key(102)).ok());
    ASSERT_TRUE(database.db().Delete({}, database.log(), position_key(100)).ok());
  });
  EXPECT_THAT(refusal(options()).detail, HasSubstr("newest record is at position 99, its head says 100"));
}

TEST_F(RocksLogTest, BelowTheFreeSpaceFloorCommitsAreRefusedAndTheLogStaysWritable) {
  make_store();
  RocksLogOptions full = options();
  full.free_space_floor_bytes = std::uint64_t{1} << 62;
  {
    const auto log = open(full);
    ChainMaker chain(log->head());
    const auto records = chain.next(2);
    for (int i = 0; i < 3; ++i) {
      const auto done = log->commit(records, {});
      ASSERT_FALSE(done.has_value());
      EXPECT_EQ(done.error().code, Code::kStorageFull);
    }
    EXPECT_EQ(log->commit({}, {}).error().code, Code::kStorageFull);  // so that a writer can ask without writing
    EXPECT_FALSE(log->read_only());
    EXPECT_EQ(log->head().position, 100U);
    EXPECT_EQ(read_all(*log).size(), 100U);
  }
  fill(*open(options()), 1, 2);
}

TEST_F(RocksLogTest, WhileTheFreeSpaceCannotBeAskedCommitsAreRefusedAndThenGoOn) {
  make_store();
  const auto log = open(options());
  const std::string away = options().directory + "-away";
  std::filesystem::rename(options().directory, away);
  ChainMaker chain(log->head());
  const auto records = chain.next(2);
  const auto refused = log->commit(records, {});
  std::filesystem::rename(away, options().directory);
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().code, Code::kStorageFull);
  EXPECT_FALSE(log->read_only());
  EXPECT_TRUE(log->commit(records, {}).has_value());
}

// The limit on the size of files makes a write fail as a full disk does.
TEST_F(RocksLogTest, AfterAFailedWriteTheLogIsReadOnlyUntilReopened) {
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &before), 0);
  std::signal(SIGXFSZ, SIG_IGN);
  Position acknowledged = 0;
  {
    const auto log = open(options());
    ChainMaker chain;
    rlimit small = before;
    small.rlim_cur = 300'000;
    ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &small), 0);
    Result<void> done;
    for (int i = 0; i < 100 && done; ++i) {
      done = log->commit(chain.next(10, 1000), {});
      if (done) acknowledged = log->head().position;
    }
    ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &before), 0);
    ASSERT_FALSE(done.has_value());
    EXPECT_EQ(done.error().code, Code::kStorageFailure);
    EXPECT_TRUE(log->read_only());
    EXPECT_TRUE(log->stats().read_only);
    EXPECT_GT(acknowledged, 100U);
    EXPECT_EQ(log->head().position, acknowledged);
    ChainMaker next(log->head());
    EXPECT_EQ(log->commit(next.next(1), {}).error().code, Code::kReadOnly);
    EXPECT_EQ(read_all(*log).size(), acknowledged);
    rlimit none = before;
    none.rlim_cur = 1'000;
    ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &none), 0);
    EXPECT_FALSE(log->reopen()) << "there is no room yet";
    EXPECT_TRUE(log->read_only());
    EXPECT_EQ(read_all(*log).size(), acknowledged) << "reads go on";
    ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &before), 0);
    const auto again = log->reopen();
    ASSERT_TRUE(again) << again.error().detail;
    EXPECT_FALSE(log->read_only());
    EXPECT_GE(log->head().position, acknowledged);
    acknowledged = log->head().position;
    ChainMaker after(log->head());
    ASSERT_TRUE(log->commit(after.next(5), {}));
    acknowledged += 5;
    EXPECT_EQ(read_all(*log).size(), acknowledged);
  }
  const auto log = open(options());
  EXPECT_GE(log->head().position, acknowledged);
  EXPECT_LE(log->head().position, acknowledged + 10);
  EXPECT_FALSE(log->read_only());
  fill(*log, 2, 10);
}

TEST_F(RocksLogTest, AFailedWitnessMakesTheLogReadOnly) {
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &before), 0);
  std::signal(SIGXFSZ, SIG_IGN);
  const auto log = open(options());
  ChainMaker chain;
  ASSERT_TRUE(log->commit(chain.next(1, 10), {}).has_value());
  rlimit small = before;
  small.rlim_cur = 4096;  // the second place of the witness lies beyond it, the small write-ahead log does not
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &small), 0);
  Result<void> done;
  for (int i = 0; i < 2 && done; ++i) done = log->commit(chain.next(1, 10), {});
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &before), 0);
  ASSERT_FALSE(done.has_value());
  EXPECT_THAT(done.error().detail, HasSubstr("witness"));
  EXPECT_TRUE(log->read_only());
}

TEST_F(RocksLogTest, ACheckpointOpensWithTheHeadThatItReports) {
  const auto log = open(options());
  fill(*log, 20, 10);
  const auto head = log->checkpoint(directory_.path("copy"));
  ASSERT_TRUE(head.has_value()) << head.error().detail;
  EXPECT_EQ(*head, log->head());
  fill(*log, 1, 10);
  const auto copy = open({.directory = directory_.path("copy"), .witness_dir = {}, .read_only = true});
  EXPECT_EQ(copy->head(), *head);
  EXPECT_EQ(read_all(*copy).size(), 200U);
  EXPECT_FALSE(log->checkpoint(directory_.path("copy")).has_value());
  EXPECT_FALSE(log->read_only());
}

TEST_F(RocksLogTest, StatsCountCommitsAndMeasureTheFiles) {
  const auto log = open(options());
  fill(*log, 4, 25);
  const StoreStats stats = log->stats();
  EXPECT_EQ(stats.commits, 4U);
  EXPECT_EQ(stats.committed_records, 100U);
  EXPECT_GT(stats.wal_bytes, 4000U);
  EXPECT_GT(stats.memtable_bytes, 4000U);
  EXPECT_GE(stats.estimated_keys, 100U);
  EXPECT_GT(stats.free_bytes, 0U);
  EXPECT_FALSE(stats.read_only || stats.write_stopped || stats.write_slowed);
}

}  // namespace
}  // namespace billing::store

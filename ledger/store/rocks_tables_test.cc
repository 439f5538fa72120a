// Tables on disk whose disk fails: reads go on, and so do writes once it is sound.
#include "ledger/store/rocks_tables.h"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <csignal>
#include <random>

#include "ledger/store/store_testing.h"

namespace billing::store {
namespace {

// Files larger than `bytes` cannot be written meanwhile, which fails as a full disk does.
class SmallFiles {
 public:
  explicit SmallFiles(rlim_t bytes) {
    std::signal(SIGXFSZ, SIG_IGN);
    EXPECT_EQ(::getrlimit(RLIMIT_FSIZE, &before_), 0);
    rlimit small = before_;
    small.rlim_cur = bytes;
    EXPECT_EQ(::setrlimit(RLIMIT_FSIZE, &small), 0);
  }
  ~SmallFiles() { ::setrlimit(RLIMIT_FSIZE, &before_); }
  SmallFiles(const SmallFiles&) = delete;
  SmallFiles& operator=(const SmallFiles&) = delete;

 private:
  rlimit before_{};
};

class RocksTablesTest : public ::testing::Test {
 protected:
  static constexpr int kFirst = 100;  // batches that are on disk

  RocksTablesTest() {
    RocksTablesOptions options;
    options.directory = directory_.path("views");
    options.write_buffer_bytes = 64U << 10U;
    auto opened = open_rocks_tables(options);
    EXPECT_TRUE(opened.has_value());
    tables_ = std::move(*opened);
    for (int i = 0; i < kFirst; ++i) EXPECT_TRUE(write(i).has_value());
    EXPECT_TRUE(tables_->flush().has_value());
  }

  // A row that says which batch was the last, and one of 2 KiB that cannot be compressed.
  Result<void> write(int number) {
    Batch batch;
    std::string noise(2'048, '\0');
    for (char& each : noise) each = static_cast<char>(random_());
    batch.put("last", std::to_string(number));
    batch.put("row " + std::to_string(number), noise);
    return tables_->write(batch);
  }

  // Until a write is refused; how many were not.
  int write_until_refused() {
    for (int i = 0; i < 2'000; ++i) {
      if (const auto written = write(kFirst + i); !written) {
        EXPECT_EQ(written.error().code, Code::kStorageFailure);
        return i;
      }
    }
    ADD_FAILURE() << "no write failed";
    return 0;
  }

  static int last(const Snapshot& rows) { return std::stoi(rows.get("last")->value_or("-1")); }

  testing::TempDirectory directory_;
  std::mt19937 random_{7};
  std::unique_ptr<RocksTables> tables_;
};

TEST_F(RocksTablesTest, AfterAFailedWriteReadsGoOnAndWritesOnceTheDiskIsSound) {
  int refused_at = 0;
  {
    const SmallFiles disk(1'000);
    refused_at = kFirst + write_until_refused();
    EXPECT_TRUE(tables_->stats().read_only);
    EXPECT_FALSE(tables_->reopen()) << "there is no room yet";
    EXPECT_GE(last(*tables_->snapshot()), kFirst - 1);
    EXPECT_FALSE(write(refused_at).has_value());
  }
  const auto reopened = tables_->reopen();
  ASSERT_TRUE(reopened) << reopened.error().detail;
  EXPECT_FALSE(tables_->stats().read_only);
  const int at = last(*tables_->snapshot());
  EXPECT_GE(at, kFirst - 1);
  EXPECT_LT(at, refused_at);
  EXPECT_TRUE(write(at + 1).has_value());
  EXPECT_TRUE(tables_->flush().has_value());
  EXPECT_EQ(last(*tables_->snapshot()), at + 1);
  EXPECT_TRUE(tables_->reopen().has_value()) << "nothing to do";
}

TEST_F(RocksTablesTest, ASnapshotOfBeforeKeepsItsRowsAndNewOnesAreReadMeanwhile) {
  std::unique_ptr<const Snapshot> before;
  int written = 0;
  {
    const SmallFiles disk(1'000);
    before = tables_->snapshot();
    written = write_until_refused();
  }
  const int seen = last(*before);
  EXPECT_EQ(seen, kFirst - 1);
  EXPECT_GT(written, 0);
  const auto waits = tables_->reopen();
  ASSERT_FALSE(waits.has_value());
  EXPECT_NE(waits.error().detail.find("reads of before still go on"), std::string::npos) << waits.error().detail;
  EXPECT_EQ(last(*before), seen);
  EXPECT_EQ(last(*tables_->snapshot()), kFirst - 1) << "what is on disk";
  before.reset();
  const auto reopened = tables_->reopen();
  ASSERT_TRUE(reopened) << reopened.error().detail;
  EXPECT_TRUE(write(kFirst).has_value());
}

}  // namespace
}  // namespace billing::store

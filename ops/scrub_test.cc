#include "ops/scrub.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "ledger/store/store_testing.h"

namespace billing::ops {
namespace {

using store::testing::ChainMaker;
using store::testing::TempDirectory;
using ::testing::HasSubstr;

struct ScrubTest : ::testing::Test {
  TempDirectory directory;
  std::unique_ptr<store::RocksLog> log;
  std::unique_ptr<store::RocksTables> tables;

  // Opened twice, so that there is a data file.
  void SetUp() override {
    store::RocksLogOptions options;
    options.directory = directory.path("ledger");
    log = *store::open_rocks_log(options);
    ChainMaker chain;
    ASSERT_TRUE(log->commit(chain.next(100), {}));
    log.reset();
    log = *store::open_rocks_log(options);
    store::RocksTablesOptions views;
    views.directory = directory.path("views");
    tables = *store::open_rocks_tables(views);
    ASSERT_FALSE(log->live_files().empty());
  }
  static bool becomes(const std::function<bool()>& holds) {
    for (int tries = 0; tries < 1'000; ++tries) {
      if (holds()) return true;
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    return false;
  }
};

TEST_F(ScrubTest, AFileThatRotsWhileItIsInUseIsFoundAndNamedOnce) {
  std::mutex mutex;
  std::vector<std::string> told;
  Scrub scrub(*log, *tables, {}, {.every = std::chrono::seconds(1), .on_problem = [&](const std::string& what) {
                                    const std::lock_guard lock(mutex);
                                    told.push_back(what);
                                  }});
  ASSERT_TRUE(becomes([&] { return scrub.stats().rounds >= 1; }));
  EXPECT_EQ(scrub.stats().problems, 0U);
  EXPECT_GT(scrub.stats().bytes, 0U);

  const std::string victim = log->live_files().front().path;
  const auto flip = [&] {
    std::fstream file(victim, std::ios::binary | std::ios::in | std::ios::out);
    file.seekg(20);
    const char byte = static_cast<char>(file.get());
    file.seekp(20);
    file.put(static_cast<char>(byte ^ 0x40));
  };
  flip();
  ASSERT_TRUE(becomes([&] { return scrub.stats().problems >= 2; })) << "each round finds it";
  EXPECT_THAT(scrub.stats().problem.value_or(""), HasSubstr(victim));
  {
    const std::lock_guard lock(mutex);
    EXPECT_EQ(told.size(), 1U) << "and it is told once";
  }
  flip();
  EXPECT_TRUE(becomes([&] { return !scrub.stats().problem; })) << "a whole round without it ends it";
}

TEST_F(ScrubTest, WhatASmallFilesCheckFindsIsTold) {
  Scrub scrub(*log, *tables, {[]() -> Result<void> { return refuse(Code::kCorruptRecord, "person.keys is damaged"); }},
              {.every = std::chrono::seconds(1), .on_problem = {}});
  EXPECT_TRUE(becomes([&] { return scrub.stats().problem == "person.keys is damaged"; }));
}

}  // namespace
}  // namespace billing::ops

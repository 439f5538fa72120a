#include "ops/scrub.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
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
    options.witness_dir = directory.path("witness");
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
  static void flip(const std::filesystem::path& victim) {
    std::fstream file(victim, std::ios::binary | std::ios::in | std::ios::out);
    file.seekg(20);
    const char byte = static_cast<char>(file.get());
    file.seekp(20);
    file.put(static_cast<char>(byte ^ 0x40));
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
  flip(victim);
  ASSERT_TRUE(becomes([&] { return scrub.stats().problems >= 2; })) << "each round finds it";
  EXPECT_THAT(scrub.stats().problem.value_or(""), HasSubstr(victim));
  {
    const std::lock_guard lock(mutex);
    EXPECT_EQ(told.size(), 1U) << "and it is told once";
  }
  flip(victim);
  EXPECT_TRUE(becomes([&] { return !scrub.stats().problem; })) << "a whole round without it ends it";
}

TEST_F(ScrubTest, EachKindOfFileIsReadAgain) {
  Scrub scrub(*log, *tables, {}, {.every = std::chrono::seconds(1), .on_problem = {}});
  ASSERT_TRUE(becomes([&] { return scrub.stats().rounds >= 1; }));
  EXPECT_EQ(scrub.stats().problem, std::nullopt);
  const std::filesystem::path ledger = directory.path("ledger");
  const auto named = [](const std::filesystem::path& folder, std::string_view begin, std::string_view end) {
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
      const std::string name = entry.path().filename();
      if (name.starts_with(begin) && name.ends_with(end) && entry.file_size() > 30) return entry.path();
    }
    ADD_FAILURE() << "no file " << begin << "..." << end;
    return folder;
  };
  ChainMaker chain(log->head());
  ASSERT_TRUE(log->commit(chain.next(20), {}));
  for (const auto& victim : {named(ledger, "", ".log"), named(ledger, "MANIFEST-", ""), named(ledger, "OPTIONS-", ""),
                             named(ledger, "", ".sst"), named(directory.path("views"), "MANIFEST-", "")}) {
    flip(victim);
    EXPECT_TRUE(becomes([&] { return scrub.stats().problem.value_or("").contains(victim.string()); })) << victim;
    flip(victim);
    ASSERT_TRUE(becomes([&] { return !scrub.stats().problem; })) << victim << ": a whole round without it ends it";
  }
  const auto data = named(ledger, "", ".sst");
  std::filesystem::rename(data, directory.path("away"));
  EXPECT_TRUE(becomes([&] { return scrub.stats().problem.value_or("").contains(data.string()); })) << "one that is lost";
  std::filesystem::rename(directory.path("away"), data);
  const std::filesystem::path witness = directory.path("witness") + "/witness";
  flip(witness);
  EXPECT_TRUE(becomes([&] { return scrub.stats().problem.value_or("").contains("one of its two places"); }))
      << scrub.stats().problem.value_or("none");
}

TEST_F(ScrubTest, WhatASmallFilesCheckFindsIsTold) {
  Scrub scrub(*log, *tables, {[]() -> Result<void> { return refuse(Code::kCorruptRecord, "person.keys is damaged"); }},
              {.every = std::chrono::seconds(1), .on_problem = {}});
  EXPECT_TRUE(becomes([&] { return scrub.stats().problem == "person.keys is damaged"; }));
}

}  // namespace
}  // namespace billing::ops

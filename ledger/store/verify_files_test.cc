#include "ledger/store/verify_files.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "ledger/store/log_database.h"
#include "ledger/store/record.h"
#include "ledger/store/rocks_log.h"
#include "ledger/store/rocks_tables.h"
#include "ledger/store/store_testing.h"

namespace billing::store {
namespace {
namespace fs = std::filesystem;
using Kind = FileProblem::Kind;
using testing::fill;
using testing::slurp;
using testing::spit;

std::string text(const std::vector<FileProblem>& problems) {
  std::string all;
  for (const FileProblem& problem : problems) {
    all += std::string(kind_text(problem.kind)) + " " + problem.file + ": " + problem.detail;
    if (problem.first_position) all += " from " + std::to_string(*problem.first_position);
    all += "\n";
  }
  return all;
}

const FileProblem* find(const std::vector<FileProblem>& problems, const std::string& file) {
  const auto found = std::find_if(problems.begin(), problems.end(), [&](const auto& p) { return p.file == file; });
  return found == problems.end() ? nullptr : &*found;
}

class VerifyFiles : public ::testing::Test {
 protected:
  // A closed log with records in several data files and in the write-ahead log.
  void SetUp() override {
    for (int i = 0; i < 3; ++i) {
      auto log = open_rocks_log({.directory = ledger(), .witness_dir = witness()});
      ASSERT_TRUE(log.has_value());
      fill(**log, 4, 25, 200);
    }
  }
  std::string ledger() const { return directory_.path("ledger"); }
  std::string witness() const { return directory_.path("witness"); }
  std::vector<FileProblem> verify() const { return verify_files(ledger(), witness()); }
  std::vector<std::string> files(const std::string& extension = "") const {
    std::vector<std::string> paths;
    for (const auto& entry : fs::directory_iterator(ledger())) {
      if (extension.empty() || entry.path().extension() == extension) paths.push_back(entry.path());
    }
    std::sort(paths.begin(), paths.end());
    return paths;
  }
  testing::TempDirectory directory_;
};

TEST_F(VerifyFiles, AnUndamagedStoreHasNoProblems) {
  EXPECT_EQ(text(verify()), "");
  EXPECT_GE(files(".sst").size(), 4U);
  EXPECT_EQ(text(verify()), "") << "verifying changed something";
}

TEST_F(VerifyFiles, AFlippedBitInAnyFileIsReportedWithTheFilesName) {
  std::vector<std::string> paths = files();
  paths.push_back(witness() + "/witness");
  std::mt19937 random(5);  // NOLINT: the same cases every time
  std::size_t cases = 0;
  for (const std::string& path : paths) {
    const std::string good = slurp(path);
    const std::size_t tries = good.empty() ? 0 : 24;
    for (std::size_t i = 0; i < tries; ++i) {
      // Both ends of the file, then anywhere.
      const std::size_t at = i < 8 ? i % good.size() : i < 16 ? good.size() - 1 - (i - 8) % good.size() : random() % good.size();
      std::string bad = good;
      bad[at] = static_cast<char>(bad[at] ^ (1 << (random() % 8)));
      spit(path, bad);
      const auto problems = verify();
      ASSERT_NE(find(problems, path), nullptr) << path << " byte " << at << " of " << good.size() << "\n" << text(problems);
      ++cases;
    }
    spit(path, good);
  }
  EXPECT_GT(cases, 200U);
  EXPECT_EQ(text(verify()), "");
}

// Where the last record begins in a write-ahead log or MANIFEST.
std::size_t last_record(const std::string& bytes) {
  std::size_t last = 0;
  for (std::size_t at = 0; at + 7 <= bytes.size();) {
    last = at;
    const auto byte = [&](std::size_t i) { return std::size_t{static_cast<unsigned char>(bytes[at + i])}; };
    at += 7 + byte(4) + byte(5) * 256;
    if (32768 - at % 32768 < 7) at += 32768 - at % 32768;
  }
  return last;
}

// RocksDB takes this damage for a write that was cut short, and drops the record without a word.
TEST_F(VerifyFiles, ADamagedLengthOfTheLastRecordIsReported) {
  std::size_t files_checked = 0;
  for (const std::string& path : files()) {
    const std::string good = slurp(path);
    if (good.empty() || (!path.ends_with(".log") && path.find("MANIFEST") == std::string::npos)) continue;
    const std::size_t at = last_record(good);
    std::string bad = good;
    bad[at + 5] = static_cast<char>(bad[at + 5] ^ 2);
    spit(path, bad);
    const auto problems = verify();
    EXPECT_NE(find(problems, path), nullptr) << path << " byte " << at << " of " << good.size() << "\n" << text(problems);
    spit(path, good);
    ++files_checked;
  }
  EXPECT_GE(files_checked, 2U);
}

TEST_F(VerifyFiles, DamageInTheLogsDataNamesTheFirstPosition) {
  std::size_t with_position = 0;
  for (const std::string& path : files(".sst")) {
    const std::string good = slurp(path);
    std::string bad = good;
    bad[100] = static_cast<char>(bad[100] ^ 4);
    spit(path, bad);
    const auto problems = verify();
    const FileProblem* const problem = find(problems, path);
    ASSERT_NE(problem, nullptr);
    if (problem->first_position) {
      ++with_position;
      EXPECT_TRUE(*problem->first_position == 1 || *problem->first_position == 101) << text(problems);
    }
    spit(path, good);
  }
  EXPECT_EQ(with_position, 2U);
}

TEST_F(VerifyFiles, DamageInTheWriteAheadLogNamesTheFirstPosition) {
  std::string path;
  for (const std::string& candidate : files(".log")) {
    if (fs::file_size(candidate) > 1000) path = candidate;
  }
  ASSERT_NE(path, "");
  std::string bad = slurp(path);
  bad[bad.size() / 2] = static_cast<char>(bad[bad.size() / 2] ^ 4);
  spit(path, bad);
  const auto problems = verify();
  const FileProblem* const problem = find(problems, path);
  ASSERT_NE(problem, nullptr) << text(problems);
  EXPECT_EQ(problem->kind, Kind::kDamaged);
  ASSERT_TRUE(problem->first_position.has_value()) << text(problems);
  EXPECT_GT(*problem->first_position, 200U);
  EXPECT_LT(*problem->first_position, 300U);
}

TEST_F(VerifyFiles, AMissingFileIsReported) {
  for (const std::string& path : files()) {
    if (path.ends_with("LOCK") || path.find("OPTIONS") != std::string::npos) continue;  // not needed by anyone
    const std::string good = slurp(path);
    if (good.empty()) continue;
    fs::remove(path);
    EXPECT_FALSE(verify().empty()) << path;
    spit(path, good);
  }
  fs::remove(witness() + "/witness");
  EXPECT_EQ(verify().size(), 1U);
}

TEST_F(VerifyFiles, ACutFileIsReported) {
  for (const std::string& path : files()) {
    const std::string good = slurp(path);
    for (std::size_t keep = good.size() * 3 / 4; keep > 0; keep /= 3) {
      spit(path, good.substr(0, keep));
      EXPECT_FALSE(verify().empty()) << path << " cut to " << keep;
    }
    spit(path, good);
  }
}

TEST_F(VerifyFiles, AFileThatDoesNotBelongIsReported) {
  spit(ledger() + "/notes.txt", "hello");
  const auto problems = verify();
  ASSERT_EQ(problems.size(), 1U);
  EXPECT_EQ(problems[0].kind, Kind::kUnexpected);
}

TEST_F(VerifyFiles, ARecordChangedWithRightChecksumsIsReportedByItsPosition) {
  {
    const auto database = rocks::LogDatabase::open(ledger(), rocks::OpenMode::kReadWrite, 1 << 20);
    ASSERT_TRUE(database.has_value());
    std::string value;
    ASSERT_TRUE((*database)->db().Get({}, (*database)->log(), position_key(150), &value).ok());
    value[60] = static_cast<char>(value[60] ^ 1);
    ASSERT_TRUE((*database)->db().Put({}, (*database)->log(), position_key(150), value).ok());
  }
  const auto problems = verify();
  const bool found = std::any_of(problems.begin(), problems.end(), [](const auto& p) { return p.first_position == 150; });
  EXPECT_TRUE(found) << text(problems);
}

TEST_F(VerifyFiles, TablesAreCheckedToo) {
  const std::string views = directory_.path("views");
  {
    const auto tables = open_rocks_tables({.directory = views}).value();
    Batch batch;
    for (int i = 0; i < 500; ++i) batch.put("row " + std::to_string(i), std::string(100, 'v'));
    ASSERT_TRUE(tables->write(batch).has_value());
  }
  EXPECT_EQ(text(verify_files(views)), "");
  for (const auto& entry : fs::directory_iterator(views)) {
    const std::string path = entry.path();
    const std::string good = slurp(path);
    if (good.empty()) continue;
    std::string bad = good;
    bad[good.size() / 2] = static_cast<char>(bad[good.size() / 2] ^ 1);
    spit(path, bad);
    EXPECT_NE(find(verify_files(views), path), nullptr) << path;
    spit(path, good);
  }
}

TEST(VerifyFilesAlone, ADirectoryThatIsNotThereIsReported) {
  EXPECT_EQ(verify_files("/nonexistent/store").front().kind, Kind::kUnreadable);
}

}  // namespace
}  // namespace billing::store

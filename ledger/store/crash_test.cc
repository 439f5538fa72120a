// kill -9 while writing: what was acknowledged is there, and nothing is there by half.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <random>
#include <thread>

#include "ledger/store/rocks_log.h"
#include "ledger/store/rocks_tables.h"
#include "ledger/store/store_testing.h"
#include "ledger/store/verify_files.h"

namespace billing::store {
namespace {
using testing::ChainMaker;
using testing::command;

constexpr int kAcknowledgements = 3;  // the file descriptor on which a child says what is committed
constexpr std::size_t kBatch = 8;

// A process of this same program that runs one disabled test until it is killed.
class Child {
 public:
  Child(const std::string& test, const std::string& directory) {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) std::abort();
    posix_spawn_file_actions_t actions;
    ::posix_spawn_file_actions_init(&actions);
    ::posix_spawn_file_actions_adddup2(&actions, ends[1], kAcknowledgements);
    ::posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
    std::string filter = "--gtest_filter=" + test;
    std::string disabled = "--gtest_also_run_disabled_tests";
    std::string program = "/proc/self/exe";
    std::string variable = "BILLING_CRASH_DIRECTORY=" + directory;
    char* arguments[] = {program.data(), filter.data(), disabled.data(), nullptr};
    char* environment[] = {variable.data(), nullptr};
    const int failed = ::posix_spawn(&process_, program.c_str(), &actions, nullptr, arguments, environment);
    ::posix_spawn_file_actions_destroy(&actions);
    ::close(ends[1]);
    if (failed != 0) std::abort();
    acknowledgements_ = ends[0];
  }
  ~Child() { ::close(acknowledgements_); }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  // Reads `count` acknowledgements, waits so that the kill may fall into any step of a commit, kills, and reads those
  // that were on their way; the last one, 0 for none.
  std::uint64_t kill_after(std::size_t count, std::chrono::microseconds delay) {
    std::uint64_t last = 0;
    std::uint64_t number = 0;
    while (count-- > 0 && ::read(acknowledgements_, &number, sizeof number) == sizeof number) last = number;
    std::this_thread::sleep_for(delay);
    ::kill(process_, SIGKILL);
    ::waitpid(process_, nullptr, 0);
    while (::read(acknowledgements_, &number, sizeof number) == sizeof number) last = number;
    return last;
  }

 private:
  pid_t process_ = 0;
  int acknowledgements_ = -1;
};

void acknowledge(std::uint64_t number) {
  if (::write(kAcknowledgements, &number, sizeof number) != sizeof number) std::abort();
}

const char* crash_directory() { return std::getenv("BILLING_CRASH_DIRECTORY"); }

RocksLogOptions log_options(const std::string& directory) {
  return {.directory = directory + "/ledger", .witness_dir = directory + "/witness"};
}

TEST(CrashChild, DISABLED_CommitsUntilKilled) {
  if (crash_directory() == nullptr) GTEST_SKIP();
  const auto log = open_rocks_log(log_options(crash_directory())).value();
  ChainMaker chain(log->head());
  while (true) {
    const auto records = chain.next(kBatch, 300);
    const CommandEntry entries[] = {command(records.front().position, records.front().position, kBatch)};
    if (!log->commit(records, entries)) std::abort();
    acknowledge(records.back().position);
  }
}

TEST(CrashChild, DISABLED_WritesTablesUntilKilled) {
  if (crash_directory() == nullptr) GTEST_SKIP();
  const auto tables = open_rocks_tables({.directory = crash_directory(), .write_buffer_bytes = 128 << 10}).value();
  std::uint64_t number = 0;
  if (const auto checkpoint = tables->get("checkpoint").value()) number = std::stoull(*checkpoint);
  while (true) {
    ++number;
    Batch batch;
    for (int i = 0; i < 20; ++i) batch.put("row " + std::to_string(i), std::to_string(number) + std::string(500, ' '));
    batch.put("checkpoint", std::to_string(number));
    if (!tables->write(batch)) std::abort();
    acknowledge(number);
  }
}

TEST(Crash, EveryAcknowledgedCommitSurvivesAKill) {
  const testing::TempDirectory directory;
  std::mt19937 random(11);  // NOLINT: the same cases every time
  for (int cycle = 0; cycle < 16; ++cycle) {
    const Position acknowledged = Child("CrashChild.DISABLED_CommitsUntilKilled", directory.path())
                                      .kill_after(1 + random() % 30, std::chrono::microseconds(random() % 5000));
    ASSERT_GT(acknowledged, 0U) << "the child did not commit";
    for (const FileProblem& problem : verify_files(directory.path("ledger"))) {
      EXPECT_TRUE(problem.kind == FileProblem::Kind::kTornTail || problem.kind == FileProblem::Kind::kUnexpected)
          << problem.file << ' ' << problem.detail;
    }
    const auto log = open_rocks_log(log_options(directory.path()));
    ASSERT_TRUE(log.has_value()) << log.error().detail;
    const Head head = (*log)->head();
    EXPECT_GE(head.position, acknowledged);
    EXPECT_EQ(head.position % kBatch, 0U) << "half a commit";
    const auto records = testing::read_all(**log);
    ASSERT_EQ(records.size(), head.position);
    EXPECT_EQ(record_hash(records.back()), head.hash);
    for (Position first = 1; first <= head.position; first += kBatch) {
      const auto entry = (*log)->find_command(command(first, 0, 0).key).value();
      ASSERT_TRUE(entry.has_value()) << first;
      EXPECT_EQ(entry->first_position, first);
    }
  }
}

TEST(Crash, TablesAreAsAfterSomeWholeBatch) {
  const testing::TempDirectory directory;
  std::mt19937 random(12);  // NOLINT: the same cases every time
  std::uint64_t kept = 0;
  for (int cycle = 0; cycle < 8; ++cycle) {
    const std::uint64_t acknowledged = Child("CrashChild.DISABLED_WritesTablesUntilKilled", directory.path("views"))
                                           .kill_after(50 + random() % 400, std::chrono::microseconds(random() % 500));
    ASSERT_GT(acknowledged, 0U);
    const auto tables = open_rocks_tables({.directory = directory.path("views")});
    ASSERT_TRUE(tables.has_value()) << tables.error().detail;
    const auto checkpoint = (*tables)->get("checkpoint").value();
    const std::uint64_t number = checkpoint ? std::stoull(*checkpoint) : 0;
    EXPECT_GE(number, kept);
    kept = number;
    for (int i = 0; i < 20; ++i) {
      const auto row = (*tables)->get("row " + std::to_string(i)).value();
      ASSERT_EQ(row.has_value(), checkpoint.has_value());
      if (row) EXPECT_EQ(std::stoull(*row), number);
    }
  }
  EXPECT_GT(kept, 0U) << "no cycle ever flushed: the test shows nothing";
}

}  // namespace
}  // namespace billing::store

#include "ops/backup/cut.h"

#include <gtest/gtest.h>

#include "ledger/codec/codec.h"
#include "ledger/store/memory_log.h"
#include "ledger/store/store_testing.h"
#include "ops/backup/recorded.h"

namespace billing::ops {
namespace {

// A log whose commands have the given numbers of events; those of command n are recorded at second 10 n, from n = 1.
std::unique_ptr<store::Log> make_log(const std::vector<std::uint32_t>& commands) {
  auto log = store::make_memory_log();
  const auto keys = *codec::PersonKeys::open("");
  std::int64_t second = 0;
  for (const std::uint32_t count : commands) {
    second += 10;
    codec::Envelope event;
    event.command_id = "command " + std::to_string(second);
    event.count = count;
    event.recorded = {second * 1'000'000};
    std::vector<store::Record> records;
    store::Head head = log->head();
    const Position first = head.position + 1;
    for (event.index = 0; event.index < count; ++event.index) {
      event.position = head.position + 1;
      store::Record record;
      EXPECT_TRUE(codec::encode(event, *keys, record));
      record.previous_hash = head.hash;
      head = {record.position, store::record_hash(record)};
      records.push_back(std::move(record));
    }
    const store::CommandEntry entry{store::command_key(Uuid{}, event.command_id), first, count, {9}};
    EXPECT_TRUE(log->commit(records, std::span(&entry, 1)));
  }
  return log;
}

TEST(CopyLog, KeepsRecordsHashesAndTheIndexUpToThePosition) {
  const auto from = make_log({1, 3, 2});
  const auto to = store::make_memory_log();
  const auto done = copy_log(*from, 4, *to);
  ASSERT_TRUE(done) << done.error().detail;
  const auto kept = store::testing::read_all(*to);
  const auto all = store::testing::read_all(*from);
  ASSERT_EQ(kept.size(), 4U);
  for (std::size_t i = 0; i < kept.size(); ++i) EXPECT_EQ(store::record_hash(kept[i]), store::record_hash(all[i]));
  EXPECT_EQ(to->head(), (store::Head{4, store::record_hash(all[3])}));
  const auto entry = *to->find_command(store::command_key(Uuid{}, "command 20"));
  ASSERT_TRUE(entry);
  EXPECT_EQ(entry->first_position, 2U);
  EXPECT_EQ(entry->count, 3U);
  EXPECT_EQ(entry->body_hash[0], 9);
  EXPECT_FALSE(*to->find_command(store::command_key(Uuid{}, "command 30")));
}

TEST(CopyLog, KeepsACommandOfManyEventsInOneCommit) {
  const auto from = make_log({1, 5'000, 3'000, 1});
  const auto to = store::make_memory_log();
  std::vector<Position> commits;
  ASSERT_TRUE(copy_log(*from, 8'001, *to, [&](Position done, Position) { commits.push_back(done); }));
  EXPECT_EQ(commits, (std::vector<Position>{5'001, 8'001}));
  EXPECT_EQ(to->head().position, 8'001U);
}

TEST(CopyLog, RefusesAPositionInsideOfACommandAndNamesThePossibleOnes) {
  const auto from = make_log({1, 3, 2});
  const auto to = store::make_memory_log();
  const auto done = copy_log(*from, 3, *to);
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, Code::kInvalidParameter);
  EXPECT_EQ(done.error().detail, "position 3 is inside of a command, which is done whole or not at all: take 1 or 4");
  EXPECT_EQ(to->head().position, 0U);
}

TEST(CopyLog, RefusesAPositionThatIsNotThere) {
  const auto from = make_log({1, 1});
  for (const Position last : {Position{0}, Position{3}}) {
    const auto good = check_cut(*from, last);
    ASSERT_FALSE(good);
    EXPECT_EQ(good.error().code, Code::kInvalidParameter);
  }
  EXPECT_TRUE(check_cut(*from, 2));
}

TEST(CopyLog, RefusesAnEventWhoseCommandIsNotInTheIndex) {
  const auto with = make_log({1, 1});
  const auto from = store::make_memory_log();
  ASSERT_TRUE(from->commit(store::testing::read_all(*with), {}));
  const auto done = copy_log(*from, 2, *store::make_memory_log());
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().detail, "position 1: its command is not in the index");
}

TEST(PositionAt, IsTheNewestEventOfTheInstantOrBefore) {
  const auto log = make_log({1, 3, 2});
  const auto at = [&](std::int64_t micros) { return *position_at(*log, {micros}); };
  EXPECT_EQ(at(9'999'999), 0U);
  EXPECT_EQ(at(10'000'000), 1U);
  EXPECT_EQ(at(19'999'999), 1U);
  EXPECT_EQ(at(20'000'000), 4U);
  EXPECT_EQ(at(29'999'999), 4U);
  EXPECT_EQ(at(30'000'000), 6U);
  EXPECT_EQ(at(99'000'000), 6U);
}

}  // namespace
}  // namespace billing::ops

#include "events/publisher/topic_check.h"

#include <deque>

#include "events/publisher/publisher_testing.h"

namespace billing::publisher {
namespace {

// A topic's records with the text that they point to.
class Topic {
 public:
  explicit Topic(std::size_t events) {
    TestLog log;
    log.append(events);
    EXPECT_TRUE(log.log().read(1, events, [&](const store::Record& record) {
      add(record);
      return true;
    }));
  }
  std::vector<TopicRecord> records;

  TopicReport check(bool from_start = true) const {
    TopicChecker checker(from_start);
    for (const TopicRecord& record : records) checker.take(record);
    return checker.report();
  }
  std::string& keep(std::string text) { return texts_.emplace_back(std::move(text)); }

 private:
  void add(const store::Record& stored) {
    const auto description = describe(stored);
    ASSERT_TRUE(description);
    TopicRecord record;
    record.kind = TopicRecord::Kind::kEvent;
    record.offset = static_cast<std::int64_t>(records.size());
    record.key = keep(std::string(description->customer.uuid.view()));
    record.value = keep(stored.public_part);
    record.epoch = 1;
    record.head = {stored.position, store::record_hash(stored)};
    record.previous_hash = stored.previous_hash;
    record.private_digest = store::private_digest(stored);
    record.format = stored.format;
    record.flags = stored.flags;
    record.customer_sequence = description->customer_sequence;
    records.push_back(record);
  }
  std::deque<std::string> texts_;
};

TopicRecord claim_of(std::uint64_t epoch, store::Head previous) {
  TopicRecord claim;
  claim.kind = TopicRecord::Kind::kClaim;
  claim.epoch = epoch;
  claim.previous = previous;
  return claim;
}

TEST(TopicCheck, AWholeTopicIsSound) {
  Topic topic(30);
  topic.records.insert(topic.records.begin(), claim_of(1, {}));
  topic.records.insert(topic.records.begin() + 11, claim_of(2, topic.records[10].head));
  for (std::size_t i = 12; i < topic.records.size(); ++i) topic.records[i].epoch = 2;
  const TopicReport report = topic.check();
  EXPECT_TRUE(report.sound()) << report.problems.front();
  EXPECT_EQ(report.events, 30U);
  EXPECT_EQ(report.first, 1U);
  EXPECT_EQ(report.last, 30U);
  EXPECT_EQ(report.hash, topic.records.back().head.hash);
  EXPECT_EQ(report.claims, 2U);
  EXPECT_EQ(report.epoch, 2U);
  EXPECT_EQ(report.customers, 7U);
}

TEST(TopicCheck, ARepeatedEventIsFound) {
  Topic topic(20);
  topic.records.push_back(topic.records.back());
  EXPECT_EQ(topic.check().problem_count, 2U);  // its position and its customer's sequence
}

TEST(TopicCheck, AMissingEventIsFound) {
  Topic topic(20);
  topic.records.erase(topic.records.begin() + 9);
  EXPECT_EQ(topic.check().problem_count, 2U);
}

TEST(TopicCheck, AMissingBeginningIsFoundUnlessItMayBeMissing) {
  Topic topic(20);
  topic.records.erase(topic.records.begin(), topic.records.begin() + 8);
  EXPECT_FALSE(topic.check(true).sound());
  EXPECT_TRUE(topic.check(false).sound());
  EXPECT_EQ(topic.check(false).first, 9U);
}

TEST(TopicCheck, AChangedValueIsFound) {
  Topic topic(20);
  std::string& text = topic.keep(std::string(topic.records[5].value));
  text[text.size() / 2] = static_cast<char>(text[text.size() / 2] ^ 1);
  topic.records[5].value = text;
  EXPECT_EQ(topic.check().problem_count, 1U);
}

TEST(TopicCheck, AReplacedEventWithItsOwnGoodHashBreaksTheChain) {
  Topic topic(20);
  topic.records[5].private_digest.fill(1);
  topic.records[5].head.hash = recomputed_hash(topic.records[5]);
  EXPECT_EQ(topic.check().problem_count, 1U);
}

TEST(TopicCheck, AnEventOfAFencedWriterIsFound) {
  Topic topic(20);
  for (std::size_t i = 0; i < 12; ++i) topic.records[i].epoch = 2;
  topic.records[12].epoch = 1;
  for (std::size_t i = 13; i < 20; ++i) topic.records[i].epoch = 2;
  EXPECT_EQ(topic.check().problem_count, 1U);
}

TEST(TopicCheck, AKeyOrSequenceThatIsNotTheValuesIsFound) {
  Topic topic(20);
  topic.records[19].key = topic.records[18].key;
  EXPECT_GE(topic.check().problem_count, 1U);
  Topic other(20);
  other.records[19].customer_sequence += 1;
  EXPECT_EQ(other.check().problem_count, 2U);  // the customer's order, and not the value's
}

TEST(TopicCheck, AClaimBehindAnotherEventIsFound) {
  Topic topic(20);
  topic.records.push_back(claim_of(2, topic.records[18].head));
  EXPECT_EQ(topic.check().problem_count, 1U);
}

TEST(TopicCheck, ClaimsMustRise) {
  Topic topic(5);
  const store::Head last = topic.records.back().head;
  topic.records.push_back(claim_of(2, last));
  topic.records.push_back(claim_of(2, last));
  EXPECT_EQ(topic.check().problem_count, 1U);
}

TEST(TopicCheck, AForeignRecordIsAProblem) {
  Topic topic(5);
  topic.records.push_back({});
  EXPECT_EQ(topic.check().foreign, 1U);
  EXPECT_FALSE(topic.check().sound());
}

TEST(TopicCheck, OnlyTheFirstHundredProblemsAreKept) {
  Topic topic(1);
  for (int i = 0; i < 300; ++i) topic.records.push_back({});
  EXPECT_EQ(topic.check().problem_count, 300U);
  EXPECT_EQ(topic.check().problems.size(), 100U);
}

}  // namespace
}  // namespace billing::publisher

#include "events/publisher/wire.h"

#include <map>

#include "events/publisher/publisher_testing.h"

namespace billing::publisher {
namespace {

using Map = std::map<std::string, std::string, std::less<>>;

std::optional<std::string_view> look_up(const void* map, std::string_view name) {
  const auto& headers = *static_cast<const Map*>(map);
  const auto found = headers.find(name);
  if (found == headers.end()) return std::nullopt;
  return found->second;
}

Map map_of(const std::vector<Header>& headers) {
  Map map;
  for (const Header& header : headers) map[std::string(header.name)] = header.value;
  return map;
}

store::Record one_record() {
  TestLog log;
  log.append(3);
  store::Record out;
  EXPECT_TRUE(log.log().read(3, 1, [&](const store::Record& record) {
    out = record;
    return true;
  }));
  return out;
}

Map headers_of(const store::Record& record) {
  return map_of(event_headers(record, store::record_hash(record), *describe(record), "/billing/eu", 7));
}

TEST(Wire, EventHeadersFollowCloudEvents) {
  const Map headers = headers_of(one_record());
  EXPECT_EQ(headers.at("ce_specversion"), "1.0");
  EXPECT_EQ(headers.at("content-type"), "application/protobuf");
  EXPECT_EQ(headers.at("ce_id"), "customer/" + base32(test_customer(3).uuid) + "/1");
  EXPECT_EQ(headers.at("ce_type"), "billing.customer.Created.v1");
  EXPECT_EQ(headers.at("ce_source"), "/billing/eu");
  EXPECT_EQ(headers.at("ce_subject"), test_customer(3).text());
  EXPECT_EQ(headers.at("ce_time"), Instant{1'790'000'000'000'003}.text());
  EXPECT_EQ(headers.at("ledger-position"), "3");
  EXPECT_EQ(headers.at("ledger-epoch"), "7");
  EXPECT_EQ(headers.at("ledger-format"), "0100");
  EXPECT_EQ(headers.at("ledger-private-digest"), std::string(64, '0'));
  EXPECT_EQ(headers.at("ledger-customer-sequence"), "1");
}

TEST(Wire, EventHeadersAreReadBack) {
  const store::Record record = one_record();
  const Map headers = headers_of(record);
  TopicRecord read;
  read.value = record.public_part;
  read_headers(&headers, look_up, read);
  ASSERT_EQ(read.kind, TopicRecord::Kind::kEvent) << read.fault;
  EXPECT_EQ(read.head, (store::Head{3, store::record_hash(record)}));
  EXPECT_EQ(read.previous_hash, record.previous_hash);
  EXPECT_EQ(read.epoch, 7U);
  EXPECT_EQ(read.customer_sequence, 1U);
  EXPECT_EQ(recomputed_hash(read), store::record_hash(record));
}

TEST(Wire, TheHashOfAnEventWithAPrivatePartIsRecomputedFromItsDigest) {
  store::Record record = one_record();
  const auto description = describe(record);
  ASSERT_TRUE(description);
  record.flags = 1;
  record.private_part = "sealed";
  const Map headers = map_of(event_headers(record, store::record_hash(record), *description, "/billing", 7));
  TopicRecord read;
  read.value = record.public_part;
  read_headers(&headers, look_up, read);
  EXPECT_EQ(headers.at("ledger-format"), "0101");
  EXPECT_EQ(recomputed_hash(read), store::record_hash(record));
}

TEST(Wire, ClaimHeadersAreReadBack) {
  const Claim claim{9, "node-a", {41, {1, 2, 3}}, {1}};
  const Map headers = map_of(claim_headers(claim, "/billing"));
  TopicRecord read;
  read_headers(&headers, look_up, read);
  ASSERT_EQ(read.kind, TopicRecord::Kind::kClaim) << read.fault;
  EXPECT_EQ(read.epoch, 9U);
  EXPECT_EQ(read.node, "node-a");
  EXPECT_EQ(read.previous, claim.previous);
}

TEST(Wire, ARecordWithoutOneHeaderOrWithABadOneIsForeign) {
  const Map good = headers_of(one_record());
  for (const char* name : {"ledger-position", "ledger-epoch", "ledger-format", "ledger-previous-hash",
                           "ledger-private-digest", "ledger-hash", "ledger-customer-sequence"}) {
    for (const char* value : {"", "zz", "-1", "12345678901234567890123"}) {
      Map headers = good;
      headers[name] = value;
      TopicRecord read;
      read_headers(&headers, look_up, read);
      EXPECT_EQ(read.kind, TopicRecord::Kind::kForeign) << name << "=" << value;
      EXPECT_NE(read.fault.find(name), std::string::npos);
    }
    Map headers = good;
    headers.erase(name);
    TopicRecord read;
    read_headers(&headers, look_up, read);
    EXPECT_EQ(read.kind, TopicRecord::Kind::kForeign) << name;
  }
}

}  // namespace
}  // namespace billing::publisher

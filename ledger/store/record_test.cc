#include "ledger/store/record.h"

#include <gtest/gtest.h>

#include "ledger/crypto/encode.h"
#include "ledger/crypto/sha256.h"
#include "ledger/store/recent.h"
#include "ledger/store/store_testing.h"

namespace billing::store {
namespace {

Record example() {
  Record record{.position = 7, .flags = 2, .public_part = "public", .private_part = "private"};
  for (std::size_t i = 0; i < 32; ++i) record.previous_hash[i] = static_cast<std::uint8_t>(i);
  return record;
}

// The bytes of docs/storage-format.md: they may never change.
TEST(Record, HasTheDocumentedBytes) {
  std::string value;
  encode_record(example(), value);
  EXPECT_EQ(crypto::hex(value),
            "0102000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
            "000000067075626c6963"
            "0000000770726976617465");
  EXPECT_EQ(crypto::hex(position_key(0x0102030405060708)), "0102030405060708");
  EXPECT_EQ(crypto::hex(encode_command({.key = "k", .first_position = 258, .count = 3, .body_hash = {0xaa}})),
            "000000000000010200000003aa000000000000000000000000000000");
  EXPECT_EQ(crypto::hex(encode_head({.position = 258, .hash = {0xbb}})),
            "010000000000000102bb00000000000000000000000000000000000000000000000000000000000000");
}

TEST(Record, HashIsOverTheDocumentedBytes) {
  const Record record = example();
  std::string bytes(reinterpret_cast<const char*>(record.previous_hash.data()), 32);
  bytes += std::string("\x01\x02", 2) + "public";
  const Hash digest = crypto::sha256("private");
  EXPECT_EQ(private_digest(record), digest);
  EXPECT_EQ(record_hash(record), crypto::sha256(bytes + std::string(reinterpret_cast<const char*>(digest.data()), 32)));
  Record plain = record;
  plain.private_part.clear();
  EXPECT_EQ(private_digest(plain), Hash{});
  EXPECT_EQ(record_hash(plain), crypto::sha256(bytes + std::string(32, '\0')));
}

TEST(Record, ComesBackFromItsBytes) {
  std::string value;
  encode_record(example(), value);
  Record record;
  record.private_part = "left over";
  ASSERT_TRUE(decode_record(7, value, record).has_value());
  EXPECT_EQ(record_hash(record), record_hash(example()));
  EXPECT_EQ(record.position, 7U);
  EXPECT_EQ(record.private_part, "private");
}

TEST(Record, CutOrExtendedBytesAreRefusedWithThePosition) {
  std::string value;
  encode_record(example(), value);
  Record record;
  for (std::size_t size = 0; size < value.size(); ++size) {
    const auto read = decode_record(41, std::string_view(value).substr(0, size), record);
    ASSERT_FALSE(read.has_value()) << size;
    EXPECT_EQ(read.error().code, Code::kCorruptRecord);
    EXPECT_NE(read.error().detail.find("position 41"), std::string::npos);
  }
  EXPECT_FALSE(decode_record(41, value + "x", record).has_value());
  value[0] = 9;
  EXPECT_FALSE(decode_record(41, value, record).has_value());
}

TEST(Record, EveryFlippedBitIsRefusedOrChangesTheHash) {
  std::string value;
  encode_record(example(), value);
  const Hash hash = record_hash(example());
  for (std::size_t bit = 0; bit < value.size() * 8; ++bit) {
    std::string bad = value;
    bad[bit / 8] = static_cast<char>(bad[bit / 8] ^ (1 << (bit % 8)));
    Record record;
    if (decode_record(7, bad, record)) EXPECT_NE(record_hash(record), hash) << bit;
  }
}

TEST(Record, RowsOfAnotherSizeAreRefused) {
  EXPECT_FALSE(parse_position_key("1234567").has_value());
  EXPECT_FALSE(decode_command("k", std::string(27, 'x')).has_value());
  EXPECT_FALSE(decode_head(std::string(41, '\x02')).has_value());
  EXPECT_FALSE(decode_head("").has_value());
}

TEST(CommandKey, KeepsTheBytesOfAVersion7Uuid) {
  Uuid tenant;
  tenant.bytes.fill(0x11);
  const std::string key = command_key(tenant, "018f4e1c-9d2a-7c3b-8a4d-0123456789ab");
  EXPECT_EQ(crypto::hex(key), "11111111111111111111111111111111018f4e1c9d2a7c3b8a4d0123456789ab");
  EXPECT_EQ(key, command_key(tenant, "018F4E1C-9D2A-7C3B-8A4D-0123456789AB"));
}

TEST(CommandKey, HashesAnyOtherText) {
  for (const std::string id : {"order 7", "", "018f4e1c-9d2a-4c3b-8a4d-0123456789ab", "018f4e1c-9d2a-7c3b-8a4d-0123456789ag",
                               "018f4e1c99d2a-7c3b-8a4d-0123456789ab", "018f4e1c-9d2a-7c3b-8a4d-0123456789ab "}) {
    EXPECT_EQ(crypto::hex(command_key({}, id)), std::string(32, '0') + crypto::hex(crypto::sha256(id)).substr(0, 32));
  }
}

TEST(Recent, KeepsTheNewestBatchesWithinItsLimit) {
  Recent recent(10'000);
  for (Position first = 1; first <= 1000; first += 2) {
    recent.append({.first = first, .bytes = std::string(100, 'a') + std::string(50, 'b'), .ends = {100, 150}});
  }
  EXPECT_EQ(recent.find(1), nullptr);
  EXPECT_EQ(recent.find(1001), nullptr);
  const auto batch = recent.find(1000);
  ASSERT_NE(batch, nullptr);
  EXPECT_EQ(batch->first, 999U);
  EXPECT_EQ(batch->value(999), std::string(100, 'a'));
  EXPECT_EQ(batch->value(1000), std::string(50, 'b'));
  Position oldest = 1000;
  while (recent.find(oldest) != nullptr) --oldest;
  EXPECT_GT(1000 - oldest, 20U);
  EXPECT_LT(1000 - oldest, 140U);
}

TEST(Recent, ABatchLargerThanTheLimitIsNotKept) {
  Recent recent(1000);
  recent.append({.first = 1, .bytes = std::string(5000, 'a'), .ends = {5000}});
  EXPECT_EQ(recent.find(1), nullptr);
}

}  // namespace
}  // namespace billing::store

#include "ledger/base/ids.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <unordered_set>

#include "ledger/base/generators.h"

namespace billing {
namespace {

Uuid all(std::uint8_t byte) {
  Uuid uuid;
  uuid.bytes.fill(byte);
  return uuid;
}

rc::Gen<Uuid> any_uuid() {
  const auto byte = rc::gen::resize(100, rc::gen::arbitrary<std::uint8_t>());
  return rc::gen::map(rc::gen::container<std::array<std::uint8_t, 16>>(byte),
                      [](const std::array<std::uint8_t, 16>& bytes) { return Uuid{bytes}; });
}

Code refusal(std::string_view text) {
  const auto parsed = parse_base32(text);
  EXPECT_FALSE(parsed.has_value()) << text;
  return parsed ? Code::kInternal : parsed.error().code;
}

TEST(Base32, EdgesAreSpelledAsExpected) {
  EXPECT_EQ(base32(Uuid{}), "00000000000000000000000000");
  EXPECT_EQ(base32(all(0xFF)), "7zzzzzzzzzzzzzzzzzzzzzzzzz");
  Uuid one;
  one.bytes[15] = 1;
  EXPECT_EQ(base32(one), "00000000000000000000000001");
  EXPECT_EQ(base32(Uuid::from_bytes("\x01\x8F\xC3\xED\xA2\x84\x73\x0D\x82\xE8\xB3\xEF\x16\x9C\x1A\xB7")),
            "01hz1yv8m4ec6r5t5kxwb9r6nq");
}

TEST(Base32, OnlyTheOneSpellingIsRead) {
  EXPECT_EQ(refusal(""), Code::kInvalidId);
  EXPECT_EQ(refusal("0000000000000000000000000"), Code::kInvalidId);
  EXPECT_EQ(refusal("000000000000000000000000000"), Code::kInvalidId);
  EXPECT_EQ(refusal("80000000000000000000000000"), Code::kInvalidId);
  EXPECT_EQ(refusal("zzzzzzzzzzzzzzzzzzzzzzzzzz"), Code::kInvalidId);
  for (const char* strange : {"A", "Z", "i", "l", "o", "u", "-", " ", "\xC3", "{", "/", ":"})
    EXPECT_EQ(refusal("000000000000" + std::string(strange) + "0000000000000"), Code::kInvalidId) << strange;
}

RC_GTEST_PROP(Base32, EveryUuidIsReadBack, ()) {
  const Uuid uuid = *any_uuid();
  const std::string text = base32(uuid);
  RC_ASSERT(text.size() == 26U);
  RC_ASSERT(parse_base32(text).value() == uuid);
  RC_ASSERT(Uuid::from_bytes(uuid.view()) == uuid);
}

RC_GTEST_PROP(Base32, TextsSortAsTheirBytesDo, ()) {
  const Uuid a = *any_uuid();
  const Uuid b = *any_uuid();
  RC_ASSERT((base32(a) < base32(b)) == (a < b));
}

TEST(Id, TextNamesTheKind) {
  const AccountId id{all(0xFF)};
  EXPECT_EQ(id.text(), "acc_7zzzzzzzzzzzzzzzzzzzzzzzzz");
  EXPECT_EQ(AccountId::parse(id.text()), id);
  EXPECT_FALSE(id.nil());
  EXPECT_TRUE(AccountId{}.nil());
}

TEST(Id, AnotherKindIsNotTaken) {
  const std::string digits = base32(all(0x11));
  for (const std::string& text : {"inv_" + digits, "acc" + digits, "acc-" + digits, "ACC_" + digits, digits,
                                  "acc_" + digits + "0", std::string("acc_"), std::string("acc"), std::string()}) {
    const auto parsed = AccountId::parse(text);
    ASSERT_FALSE(parsed.has_value()) << text;
    EXPECT_EQ(parsed.error().code, Code::kInvalidId) << text;
  }
}

TEST(Id, HashTellsIdsApart) {
  std::unordered_set<InvoiceId> ids;
  for (int i = 0; i < 256; ++i) ids.insert(InvoiceId{all(static_cast<std::uint8_t>(i))});
  EXPECT_EQ(ids.size(), 256U);
}

// The example of RFC 9562, appendix A.6: 017F22E2-79B0-7CC3-98C4-DC0C0C07398F.
TEST(UuidV7, IsTheExampleOfTheStandard) {
  const Uuid uuid = Uuid::v7({1'645'557'742'000'000}, {0x0C, 0xC3, 0x18, 0xC4, 0xDC, 0x0C, 0x0C, 0x07, 0x39, 0x8F});
  EXPECT_EQ(uuid, Uuid::from_bytes("\x01\x7F\x22\xE2\x79\xB0\x7C\xC3\x98\xC4\xDC\x0C\x0C\x07\x39\x8F"));
}

RC_GTEST_PROP(UuidV7, LaterMillisecondsSortLater, ()) {
  const auto byte = rc::gen::arbitrary<std::uint8_t>();
  const auto random = [&] { return *rc::gen::container<std::array<std::uint8_t, 10>>(byte); };
  const std::int64_t micros = *rc::gen::inRange<std::int64_t>(0, 4'000'000'000'000'000);
  const std::int64_t later = micros + *rc::gen::inRange<std::int64_t>(1'000, 1'000'000'000'000);
  RC_ASSERT(Uuid::v7({micros}, random()) < Uuid::v7({later}, random()));
}

TEST(UuidDeathTest, FifteenBytesAreNoUuid) { EXPECT_DEATH(Uuid::from_bytes("123456789012345"), "sixteen_bytes"); }

}  // namespace
}  // namespace billing

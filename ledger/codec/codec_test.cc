#include "ledger/codec/codec.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "ledger/codec/sample_events.h"

namespace billing::codec {
namespace {

using ::testing::HasSubstr;

struct CodecTest : ::testing::Test {
  std::unique_ptr<PersonKeys> keys = std::move(*PersonKeys::open(""));

  store::Record encoded(const Envelope& envelope) {
    store::Record record;
    const auto done = encode(envelope, *keys, record);
    EXPECT_TRUE(done) << done.error().detail;
    return record;
  }
  std::string refusal(const store::Record& record) {
    const auto decoded = decode(record, keys.get());
    if (decoded) return "";
    EXPECT_EQ(decoded.error().code, Code::kCorruptRecord);
    return decoded.error().detail;
  }
};

TEST_F(CodecTest, EveryEventRoundTripsWithEveryFieldFilled) {
  for_each_event_type([&]<class E>() {
    const Envelope envelope = full_sample<E>();
    const auto decoded = decode(encoded(envelope), keys.get());
    ASSERT_TRUE(decoded) << EventOf<E>::kType << ": " << decoded.error().detail;
    EXPECT_EQ(parts(*decoded), parts(envelope)) << EventOf<E>::kType;
  });
}

TEST_F(CodecTest, TheNameOfEveryEventIsTheDomains) {
  for_each_event_type([&]<class E>() { EXPECT_EQ(event_type(Event{E{}}), EventOf<E>::kType); });
  std::size_t listed = 0;
  for_each_event_type([&]<class E>() { ++listed; });
  EXPECT_EQ(listed, std::variant_size_v<EventSum>);
}

RC_GTEST_FIXTURE_PROP(CodecTest, AnyEventRoundTripsToEqualValuesAndEqualBytes, (std::uint64_t seed)) {
  for_each_event_type([&]<class E>() {
    const Envelope envelope = make_sample<E>(Fill::kRandom, seed);
    const store::Record record = encoded(envelope);
    const auto decoded = decode(record, keys.get());
    RC_ASSERT(decoded.has_value());
    RC_ASSERT(parts(*decoded) == parts(envelope));
    RC_ASSERT(encoded(*decoded).public_part == record.public_part);
  });
}

// Fields of edition 2 that are not set take no byte, so such an event is written as it was before they came.
TEST_F(CodecTest, WhatALaterEditionAddedIsAbsentAtItsDefault) {
  Envelope envelope = fixture_sample<account::Opened>(1);
  const std::string without = encoded(envelope).public_part;
  auto& opened = std::get<account::Opened>(envelope.event);
  EXPECT_EQ(opened.role, account::InvoicingRole::kRolledUp);
  opened.role = account::InvoicingRole::kPayer;
  const store::Record record = encoded(envelope);
  EXPECT_EQ(record.public_part.size(), without.size() + 2);
  const auto decoded = decode(record, keys.get());
  ASSERT_TRUE(decoded);
  EXPECT_EQ(std::get<account::Opened>(decoded->event).role, account::InvoicingRole::kPayer);
}

TEST_F(CodecTest, ADefaultThatIsWrittenOutIsRefused) {
  Envelope envelope = fixture_sample<account::Opened>();
  auto& opened = std::get<account::Opened>(envelope.event);
  opened.role = account::InvoicingRole::kOwner;
  store::Record record = encoded(envelope);
  ASSERT_EQ(record.public_part.back(), 2);  // the role is the last field
  record.public_part.back() = 1;            // rolled up
  EXPECT_THAT(refusal(record), HasSubstr("field 10 is a default that should not be written"));
  record.public_part.back() = 0;
  EXPECT_THAT(refusal(record), HasSubstr("field 10 is a zero that should not be written"));
  record.public_part.back() = 4;
  EXPECT_THAT(refusal(record), HasSubstr("field 10 has a value that is not known"));
}

TEST_F(CodecTest, RepeatedNumbersAreOneRun) {
  Envelope envelope = fixture_sample<dispute::Opened>();
  auto& lines = std::get<dispute::Opened>(envelope.event).lines;
  lines = {0, 300, 0xFFFFFFFFU};
  store::Record record = encoded(envelope);
  const std::string run("\x42\x08\x00\xAC\x02\xFF\xFF\xFF\xFF\x0F", 10);  // field 8
  ASSERT_EQ(record.public_part.substr(record.public_part.size() - run.size()), run);
  EXPECT_EQ(parts(*decode(record, keys.get())), parts(envelope));
  record.public_part.back() = 0x1F;  // over 32 bits
  EXPECT_THAT(refusal(record), HasSubstr("field 8 is not in range"));
  lines = {7};
  record = encoded(envelope);
  const std::size_t at = record.public_part.size() - 3;  // tag, length, 7
  record.public_part.back() = static_cast<char>(0x87);
  EXPECT_THAT(refusal(record), HasSubstr("cut short"));
  record = encoded(envelope);
  record.public_part.replace(at, 3, "\x40\x87\x01");  // field 8 as a number by itself, which Protobuf would take too
  EXPECT_THAT(refusal(record), HasSubstr("field 8 is unknown, repeated or out of order"));
}

TEST_F(CodecTest, TheOperatorsOwnEventsHaveACustomerOfTheirOwn) {
  Envelope envelope = fixture_sample<books::PeriodClosed>();
  envelope.customer = kOperator;
  envelope.stream.id = kOperator.uuid;
  const auto decoded = decode(encoded(envelope), keys.get());
  ASSERT_TRUE(decoded) << decoded.error().detail;
  EXPECT_EQ(parts(*decoded), parts(envelope));
}

TEST_F(CodecTest, AFlippedBitIsRefusedOrIsAnotherValueButNeverACrash) {
  std::size_t refused = 0, read = 0;
  for_each_event_type([&]<class E>() {
    store::Record record = encoded(full_sample<E>());
    for (std::size_t bit = 0; bit < record.public_part.size() * 8; ++bit) {
      record.public_part[bit / 8] = static_cast<char>(record.public_part[bit / 8] ^ (1 << (bit % 8)));
      if (const auto decoded = decode(record, nullptr)) {
        // One value has one spelling: what reads at all is written back to the same bytes.
        ASSERT_EQ(encoded(*decoded).public_part, record.public_part) << EventOf<E>::kType << " bit " << bit;
        ++read;
      } else {
        ASSERT_EQ(decoded.error().code, Code::kCorruptRecord);
        ++refused;
      }
      record.public_part[bit / 8] = static_cast<char>(record.public_part[bit / 8] ^ (1 << (bit % 8)));
    }
  });
  EXPECT_GT(refused, 1'000U);
  EXPECT_GT(read, 1'000U);
}

TEST_F(CodecTest, ACutRecordIsRefused) {
  for_each_event_type([&]<class E>() {
    const store::Record whole = encoded(full_sample<E>());
    store::Record cut = whole;
    for (std::size_t size = 0; size < whole.public_part.size(); ++size) {
      cut.public_part = whole.public_part.substr(0, size);
      ASSERT_FALSE(decode(cut, keys.get())) << EventOf<E>::kType << " cut to " << size;
    }
  });
}

TEST_F(CodecTest, ADamagedPrivatePartIsRefusedOrReadsAsErased) {
  const Envelope envelope = full_sample<user::Invited>();
  store::Record record = encoded(envelope);
  for (std::size_t bit = 0; bit < record.private_part.size() * 8; ++bit) {
    record.private_part[bit / 8] = static_cast<char>(record.private_part[bit / 8] ^ (1 << (bit % 8)));
    if (const auto decoded = decode(record, keys.get()))  // the key's fingerprint differs
      EXPECT_EQ(std::get<user::Invited>(decoded->event).personal.name, "erased") << bit;
    record.private_part[bit / 8] = static_cast<char>(record.private_part[bit / 8] ^ (1 << (bit % 8)));
  }
  record.private_part.pop_back();
  EXPECT_THAT(refusal(record), HasSubstr("cut short"));
  record.private_part.clear();
  EXPECT_THAT(refusal(record), HasSubstr("private part is missing"));
}

TEST_F(CodecTest, ANewerWriterIsNamedAsTheReason) {
  const store::Record record = encoded(full_sample<account::Closed>());
  store::Record newer = record;
  newer.format = 2;
  EXPECT_THAT(refusal(newer), HasSubstr("written by a newer version"));
  newer = record;
  newer.flags = 0x80;
  EXPECT_THAT(refusal(newer), HasSubstr("written by a newer version"));
  newer = record;
  const std::size_t version = newer.public_part.find(std::string("\x40\x01", 2));  // field 8: 1
  ASSERT_NE(version, std::string::npos);
  newer.public_part[version + 1] = 2;
  EXPECT_THAT(refusal(newer), HasSubstr("schema version is 2"));
  EXPECT_THAT(refusal(newer), HasSubstr("written by a newer version"));
  newer = record;
  newer.public_part.append(std::string("\xC2\x3E\x00", 3));  // field 1000, empty
  EXPECT_THAT(refusal(newer), HasSubstr("written by a newer version"));
}

TEST_F(CodecTest, AnUnknownEventIsRefusedAsWrittenByANewerVersion) {
  store::Record record = encoded(full_sample<account::Closed>());
  const std::size_t tag = record.public_part.find("\xE2\x07");  // field 124
  ASSERT_NE(tag, std::string::npos);
  record.public_part.replace(tag, 2, "\xDA\x08");  // field 139
  EXPECT_THAT(refusal(record), HasSubstr("payload 139 is an event that is not known: written by a newer version"));
}

TEST_F(CodecTest, TypeAndPositionMustAgree) {
  store::Record record = encoded(full_sample<account::Closed>());
  record.position += 1;
  EXPECT_THAT(refusal(record), HasSubstr("it says that its position is"));
  record.position -= 1;
  record.public_part.replace(record.public_part.find("account.Closed"), 14, "account.Opened");
  EXPECT_THAT(refusal(record), HasSubstr("type and its payload"));
}

TEST_F(CodecTest, AnErasedPersonReadsAsErased) {
  const Envelope envelope = full_sample<account::ContactsChanged>();
  const auto& contacts = std::get<account::ContactsChanged>(envelope.event).contacts;
  const store::Record record = encoded(envelope);
  ASSERT_TRUE(keys->erase(contacts[0].person));
  const account::Personal erased{"erased", "erased", "erased", "erased"};
  const auto names = [&] { return std::get<account::ContactsChanged>(decode(record, keys.get())->event).contacts; };
  EXPECT_EQ(names()[0].personal, erased);
  EXPECT_EQ(names()[1].personal, contacts[1].personal);
  // A new key for the same person does not bring the old data back, nor does it look like damage.
  ASSERT_TRUE(keys->find_or_create(contacts[0].person));
  EXPECT_EQ(names()[0].personal, erased);
}

TEST_F(CodecTest, APostalAddressIsErasedWithItsPerson) {
  const Envelope envelope = full_sample<account::AddressChanged>();
  const auto& changed = std::get<account::AddressChanged>(envelope.event);
  const store::Record record = encoded(envelope);
  const auto personal = [&] { return std::get<account::AddressChanged>(decode(record, keys.get())->event).personal; };
  EXPECT_FALSE(changed.personal.postal_address.empty());
  EXPECT_EQ(personal(), changed.personal);
  ASSERT_TRUE(keys->erase(changed.person));
  EXPECT_EQ(personal(), (account::Personal{"erased", "erased", "erased", "erased"}));
}

TEST_F(CodecTest, WithoutKeysEverybodyReadsAsErased) {
  const Envelope envelope = full_sample<user::Edited>();
  store::Record record = encoded(envelope);
  EXPECT_EQ(std::get<user::Edited>(decode(record, nullptr)->event).personal.email, "erased");
  record.private_part.clear();  // as a subscriber gets it
  EXPECT_EQ(std::get<user::Edited>(decode(record, nullptr)->event).personal.email, "erased");
}

TEST_F(CodecTest, NothingPersonalIsInThePublicPartOrReadableInThePrivateOne) {
  for_each_event_type([&]<class E>() {
    const store::Record record = encoded(full_sample<E>());
    for (const char* secret : {"Ada Example", "ada@example.org", "555 0100", "Harbour Street\nPort"}) {
      EXPECT_EQ(record.public_part.find(secret), std::string::npos) << EventOf<E>::kType;
      EXPECT_EQ(record.private_part.find(secret), std::string::npos) << EventOf<E>::kType;
    }
  });
}

TEST_F(CodecTest, AnEventOverTheLimitIsRefused) {
  Envelope envelope = full_sample<account::Renamed>();
  std::get<account::Renamed>(envelope.event).reason.assign(512U << 10U, 'x');
  store::Record record;
  const auto done = encode(envelope, *keys, record);
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, Code::kTooManyItems);
}

TEST_F(CodecTest, ATextThatIsNotUtf8IsRefused) {
  Envelope envelope = full_sample<account::Renamed>();
  envelope.command_id = "\xFF";
  store::Record record;
  const auto done = encode(envelope, *keys, record);
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, Code::kInvalidText);
}

}  // namespace
}  // namespace billing::codec

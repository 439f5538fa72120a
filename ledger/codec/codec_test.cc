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
  EXPECT_EQ(listed, std::variant_size_v<Event>);
}

RC_GTEST_FIXTURE_PROP(CodecTest, AnyEventRoundTripsToEqualValuesAndEqualBytes, (std::uint64_t seed)) {
  for_each_event_type([&]<class E>() {
    const Envelope envelope = make_envelope<E>(FieldFiller(FieldFiller::Mode::kRandom, seed));
    const store::Record record = encoded(envelope);
    const auto decoded = decode(record, keys.get());
    RC_ASSERT(decoded.has_value());
    RC_ASSERT(parts(*decoded) == parts(envelope));
    RC_ASSERT(encoded(*decoded).public_part == record.public_part);
  });
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
  record.public_part[tag] = static_cast<char>(0xF2);  // field 126
  EXPECT_THAT(refusal(record), HasSubstr("payload 126 is an event that is not known: written by a newer version"));
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
  const account::Personal erased{"erased", "erased", "erased"};
  const auto names = [&] { return std::get<account::ContactsChanged>(decode(record, keys.get())->event).contacts; };
  EXPECT_EQ(names()[0].personal, erased);
  EXPECT_EQ(names()[1].personal, contacts[1].personal);
  // A new key for the same person does not bring the old data back, nor does it look like damage.
  ASSERT_TRUE(keys->find_or_create(contacts[0].person));
  EXPECT_EQ(names()[0].personal, erased);
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
    for (const char* secret : {"Ada Example", "ada@example.org", "555 0100"}) {
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

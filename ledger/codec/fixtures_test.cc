// Stored bytes never change by accident: a record of each event, as hex text, in tests/fixtures/format-1, and another
// one for each later edition (fields_common.h) that added to it, "payment.Recorded.2.hex". Records of all editions are
// read for ever. With BILLING_WRITE_FIXTURES=1 the tests write the files that are missing; a file that exists is never
// changed.
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <limits>
#include <set>

#include "ledger/codec/codec.h"
#include "ledger/codec/json.h"
#include "ledger/codec/sample_events.h"
#include "ledger/crypto/encode.h"

namespace billing::codec {
namespace {

const std::filesystem::path kFixtures = std::filesystem::path(BILLING_SOURCE_DIR) / "tests/fixtures/format-1";

std::string file_text(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

// Lines of 64 digits, so that a difference can be seen.
std::string hex_lines(const std::string& bytes) {
  const std::string digits = crypto::hex(bytes);
  std::string lines;
  for (std::size_t at = 0; at < digits.size(); at += 64) lines.append(digits.substr(at, 64)).append("\n");
  return lines;
}

void write_if_missing(const std::string& name, const std::string& text) {
  if (std::getenv("BILLING_WRITE_FIXTURES") == nullptr || std::filesystem::exists(kFixtures / name)) return;
  std::filesystem::create_directories(kFixtures);
  std::ofstream(kFixtures / name, std::ios::binary) << text;
}

std::string fixture(const std::string& name) {
  std::string text = file_text(kFixtures / name);
  EXPECT_FALSE(text.empty()) << "no fixture " << name;
  std::erase(text, '\n');
  const auto bytes = crypto::from_hex(text);
  EXPECT_TRUE(bytes) << name;
  return bytes.value_or("");
}

std::string suffix_of(std::uint32_t edition) { return edition == 1 ? ".hex" : "." + std::to_string(edition) + ".hex"; }

// The sample as the edition wrote it reads as it was written and is written the same today.
template <class E>
void check_fixture(std::uint32_t edition, const store::Record& written, PersonKeys& keys) {
  const std::string name = std::string(EventOf<E>::kType) + suffix_of(edition);
  write_if_missing(name, hex_lines(written.public_part));
  store::Record stored = written;
  stored.public_part = fixture(name);
  EXPECT_EQ(stored.public_part, written.public_part) << name;
  const auto decoded = decode(stored, &keys);
  ASSERT_TRUE(decoded) << name << ": " << decoded.error().detail;
  EXPECT_EQ(parts(*decoded), parts(fixture_sample<E>(edition))) << name;
  store::Record again;
  ASSERT_TRUE(encode(*decoded, keys, again)) << name;
  EXPECT_EQ(again.public_part, stored.public_part) << name;
}

TEST(FixturesTest, StoredRecordsOfEveryEditionReadAsTheyWereWrittenAndAreWrittenTheSame) {
  const auto keys = std::move(*PersonKeys::open(""));
  for_each_event_type([&]<class E>() {
    std::string before;
    for (std::uint32_t edition = EventOf<E>::kSince; edition <= kEdition; ++edition) {
      store::Record written;
      ASSERT_TRUE(encode(fixture_sample<E>(edition), *keys, written));
      if (written.public_part != before) check_fixture<E>(edition, written, *keys);
      before = written.public_part;
    }
  });
}

// Or it would have no fixture: the test above goes as far as kEdition.
TEST(FixturesTest, NoEventAndNoFieldIsOfALaterEditionThanTheNewest) {
  for_each_event_type([&]<class E>() {
    EXPECT_LE(EventOf<E>::kSince, kEdition) << EventOf<E>::kType;
    EXPECT_EQ(parts(fixture_sample<E>(std::numeric_limits<std::uint32_t>::max())), parts(fixture_sample<E>(kEdition)))
        << EventOf<E>::kType << " has a field of a later edition: raise kEdition";
  });
}

TEST(FixturesTest, EveryStoredFileIsOneThatATestReads) {
  std::set<std::string> known;
  for (std::uint32_t edition = 1; edition <= kEdition; ++edition) {
    for (const char* name : {"private", "person.keys", "epoch.key"}) known.insert(name + suffix_of(edition));
    for_each_event_type([&]<class E>() {
      if (edition >= EventOf<E>::kSince) known.insert(std::string(EventOf<E>::kType) + suffix_of(edition));
    });
  }
  for (const auto& file : std::filesystem::directory_iterator(kFixtures))
    EXPECT_TRUE(known.contains(file.path().filename().string())) << file.path();
}

// A private part that was written by `edition`, with the key files of that day.
template <class E>
void check_private_fixture(std::uint32_t edition) {
  const std::string suffix = suffix_of(edition);
  const auto directory = std::filesystem::temp_directory_path() / ("fixtures_test." + std::to_string(::getpid()));
  std::filesystem::remove_all(directory);
  std::filesystem::create_directories(directory);
  const Envelope envelope = fixture_sample<E>(edition);
  store::Record record;
  if (!std::filesystem::exists(kFixtures / ("private" + suffix))) {
    const auto keys = std::move(*PersonKeys::open(directory.string()));
    ASSERT_TRUE(encode(envelope, *keys, record));
    write_if_missing("private" + suffix, hex_lines(record.private_part));
    for (const char* name : {"person.keys", "epoch.key"})
      write_if_missing(name + suffix, hex_lines(file_text(directory / name)));
  }
  for (const char* name : {"person.keys", "epoch.key"})
    std::ofstream(directory / name, std::ios::binary) << fixture(name + suffix);
  const auto keys = PersonKeys::open(directory.string());
  ASSERT_TRUE(keys) << keys.error().detail;
  record = {.position = envelope.position, .flags = 1,
            .public_part = fixture(std::string(EventOf<E>::kType) + suffix),
            .private_part = fixture("private" + suffix)};
  const auto decoded = decode(record, keys->get());
  ASSERT_TRUE(decoded) << decoded.error().detail;
  EXPECT_EQ(parts(*decoded), parts(envelope));
  std::filesystem::remove_all(directory);
}

TEST(FixturesTest, AStoredPrivatePartIsDecryptedWithStoredKeys) {
  check_private_fixture<account::ContactsChanged>(1);
  check_private_fixture<account::AddressChanged>(2);
}

// The samples of docs/events-reference.md, which a script makes of them. They follow each edition, so with
// BILLING_WRITE_FIXTURES=1 one that differs is written anew.
TEST(FixturesTest, TheSampleOfEachEventIsAsTheServiceRendersIt) {
  const std::filesystem::path samples = std::filesystem::path(BILLING_SOURCE_DIR) / "tests/fixtures/samples";
  std::set<std::string> known;
  for_each_event_type([&]<class E>() {
    const std::string name = std::string(EventOf<E>::kType) + ".json";
    const std::string json = to_json(fixture_sample<E>()) + "\n";
    known.insert(name);
    if (std::getenv("BILLING_WRITE_FIXTURES") != nullptr && file_text(samples / name) != json) {
      std::filesystem::create_directories(samples);
      std::ofstream(samples / name, std::ios::binary) << json;
    }
    EXPECT_EQ(file_text(samples / name), json)
        << "write it anew: BILLING_WRITE_FIXTURES=1, then python3 events/schema/reference.py";
  });
  for (const auto& file : std::filesystem::directory_iterator(samples))
    EXPECT_TRUE(known.contains(file.path().filename().string())) << file.path();
}

}  // namespace
}  // namespace billing::codec

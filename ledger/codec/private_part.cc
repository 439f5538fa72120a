#include "ledger/codec/private_part.h"

#include <limits>

#include "ledger/codec/fields.h"
#include "ledger/codec/wire_reader.h"
#include "ledger/codec/wire_writer.h"
#include "ledger/crypto/aead.h"
#include "ledger/crypto/sha256.h"

namespace billing::codec {

// Only here: in no list of fields.h, so that it cannot slip into a public part.
template <class V, Is<account::Personal> E>
void fields(V& v, E& e) {
  v(1, "name", e.name);
  v(2, "email", e.email);
  v(3, "phone", e.phone);
  v(4, "postal_address", e.postal_address);
  v(5, "postcode", e.postcode);
  v(6, "city", e.city);
  v(7, "region", e.region);
  v(8, "country", e.country);
}

namespace {

constexpr char kLayout = 1;
constexpr std::size_t kEntryHeadBytes = 16 + kFingerprintBytes + 4;

template <class Number>
void append_big_endian(std::string& out, Number value) {
  for (std::size_t i = sizeof(Number); i-- > 0;) out.push_back(static_cast<char>(value >> (8 * i)));
}
std::uint64_t big_endian(std::string_view bytes) {
  std::uint64_t value = 0;
  for (const char c : bytes) value = (value << 8U) | static_cast<unsigned char>(c);
  return value;
}

std::string associated_data(const Envelope& envelope, PersonId person, std::uint16_t index) {
  std::string data;
  data.push_back(static_cast<char>(envelope.stream.kind));
  data.append(envelope.stream.id.view());
  append_big_endian(data, envelope.version);
  append_big_endian(data, index);
  data.append(person.uuid.view());
  return data;
}

Result<void> append_entry(const Envelope& envelope, PersonId person, const account::Personal& personal,
                          std::uint16_t index, PersonKeys& keys, std::string& out) {
  BILLING_TRY(key, keys.find_or_create(person));
  std::string plain;
  WireWriter writer(plain);
  fields(writer, personal);
  if (!writer.texts_valid()) return refuse(Code::kInvalidText, "A text of a person is not valid UTF-8.");
  const std::string sealed = crypto::seal(key, plain, associated_data(envelope, person, index));
  out.append(person.uuid.view()).append(fingerprint(key));
  append_big_endian(out, static_cast<std::uint32_t>(sealed.size()));
  out.append(sealed);
  return {};
}

account::Personal erased() {
  const std::string text(kErased);
  return {.name = text, .email = text, .phone = text, .postal_address = text};
}

struct Entry {
  PersonId person;
  std::string_view fingerprint;
  std::string_view sealed;
};

// Takes one entry off the front of `bytes`.
Result<Entry> take_entry(std::string_view& bytes) {
  if (bytes.size() < kEntryHeadBytes) return refuse(Code::kCorruptRecord, "its private part is cut short");
  Entry entry{.person = {Uuid::from_bytes(bytes.substr(0, 16))},
              .fingerprint = bytes.substr(16, kFingerprintBytes),
              .sealed = {}};
  const std::uint64_t size = big_endian(bytes.substr(16 + kFingerprintBytes, 4));
  bytes.remove_prefix(kEntryHeadBytes);
  if (size > bytes.size()) return refuse(Code::kCorruptRecord, "its private part is cut short");
  entry.sealed = bytes.substr(0, size);
  bytes.remove_prefix(size);
  return entry;
}

Result<void> open_entry(const Entry& entry, const PersonKeys* keys, const std::string& associated,
                        account::Personal& personal) {
  const auto key = keys == nullptr ? std::nullopt : keys->find(entry.person);
  if (!key || fingerprint(*key) != entry.fingerprint) {
    personal = erased();
    return {};
  }
  const auto plain = crypto::open(*key, entry.sealed, associated);
  if (!plain) return refuse(Code::kCorruptRecord, "its private part cannot be decrypted");
  WireFailure failure;
  WireReader reader(*plain, failure);
  fields(reader, personal);
  reader.finish();
  if (reader.failed()) return refuse(Code::kCorruptRecord, "its private part cannot be read");
  return {};
}

// Nothing personal was handed over, as to a subscriber.
void erase_all(Envelope& envelope) {
  std::visit(
      [](auto& event) {
        for_each_person(event, [](PersonId, account::Personal& personal) { personal = erased(); });
      },
      envelope.event);
}

}  // namespace

Result<void> write_private_part(const Envelope& envelope, PersonKeys& keys, std::string& out) {
  out.clear();
  Result<void> done;
  std::size_t count = 0;
  const auto append = [&](PersonId person, const account::Personal& personal) {
    if (!done) return;
    if (count == 0) out.assign({kLayout, 0, 0});
    if (count == std::numeric_limits<std::uint16_t>::max())
      done = refuse(Code::kTooManyItems, "An event may concern at most 65,535 persons.");
    else
      done = append_entry(envelope, person, personal, static_cast<std::uint16_t>(count++), keys, out);
  };
  std::visit([&](const auto& event) { for_each_person(event, append); }, envelope.event);
  if (!done || count == 0) return done;
  out[1] = static_cast<char>(count >> 8U);
  out[2] = static_cast<char>(count & 0xFFU);
  return {};
}

Result<void> read_private_part(std::string_view bytes, const PersonKeys* keys, Envelope& envelope) {
  std::size_t persons = 0;
  std::visit([&](auto& event) { for_each_person(event, [&](PersonId, account::Personal&) { ++persons; }); },
             envelope.event);
  if (bytes.empty() && (persons == 0 || keys == nullptr)) {
    erase_all(envelope);
    return {};
  }
  if (bytes.size() < 3) return refuse(Code::kCorruptRecord, "its private part is missing");
  if (bytes.front() != kLayout)
    return refuse(Code::kCorruptRecord, "its private part has a layout that is not known: written by a newer version");
  if (big_endian(bytes.substr(1, 2)) != persons)
    return refuse(Code::kCorruptRecord, "its private part has another number of persons than its event");
  bytes.remove_prefix(3);
  Result<void> done;
  std::uint16_t index = 0;
  const auto fill = [&](PersonId person, account::Personal& personal) {
    if (!done) return;
    const auto entry = take_entry(bytes);
    if (!entry)
      done = std::unexpected(entry.error());
    else if (entry->person != person)
      done = refuse(Code::kCorruptRecord, "its private part names another person than its event");
    else
      done = open_entry(*entry, keys, associated_data(envelope, person, index++), personal);
  };
  std::visit([&](auto& event) { for_each_person(event, fill); }, envelope.event);
  if (done && !bytes.empty()) return refuse(Code::kCorruptRecord, "its private part has bytes left over");
  return done;
}

Result<void> check_private_keys(std::string_view bytes, const PersonKeys& keys, std::vector<PersonId>* lost) {
  if (bytes.size() < 3 || bytes.front() != kLayout) return refuse(Code::kCorruptRecord, "its private part cannot be read");
  bytes.remove_prefix(3);
  Result<void> first;
  while (!bytes.empty()) {
    BILLING_TRY(entry, take_entry(bytes));
    auto good = keys.check(entry.person, entry.fingerprint);
    if (good) continue;
    if (lost != nullptr) lost->push_back(entry.person);
    if (first) first = std::move(good);
  }
  return first;
}

}  // namespace billing::codec

#include "ledger/codec/codec.h"

#include <fmt/format.h>

#include "ledger/codec/fields.h"
#include "ledger/codec/private_part.h"
#include "ledger/codec/upcast.h"
#include "ledger/codec/wire_reader.h"
#include "ledger/codec/wire_writer.h"

namespace billing::codec {
namespace {

constexpr std::uint8_t kFormat = 1;
constexpr std::uint8_t kFlagPrivate = 1;  // the record was written with a private part
constexpr std::size_t kRecordBytesMax = 512U << 10U;

Result<Envelope> corrupt(const store::Record& record, std::string_view why) {
  return refuse(Code::kCorruptRecord,
                fmt::format("The record at position {} cannot be read: {}.", record.position, why));
}

std::string failure_text(const WireFailure& failure) {
  return fmt::format("its field {} {}", failure.field, failure.what);
}

struct Head {
  std::string_view type;
  std::uint32_t schema_version = 0;
};

// Reads a payload of today's version as the event E.
template <class E>
Result<void> read_event(std::string_view payload, const Head& head, Event& event) {
  if (head.type != EventOf<E>::kType)
    return refuse(Code::kCorruptRecord, "its type and its payload do not agree");
  WireFailure failure;
  WireReader reader(payload, failure);
  fields(reader, event.emplace<E>());
  reader.finish();
  if (reader.failed())
    return refuse(Code::kCorruptRecord, fmt::format("in {} {}", EventOf<E>::kType, failure_text(failure)));
  return {};
}

Result<void> read_payload(std::uint32_t number, std::string_view payload, const Head& head, Event& event) {
  std::string buffer;
  BILLING_TRY(current, upcast(number, head.schema_version, payload, buffer));
  switch (number) {
#define X(event_type, field_number, edition, type_text, payload_text) \
  case field_number:                                                  \
    return read_event<event_type>(current, head, event);
    BILLING_CODEC_EVENTS(X)
#undef X
    default:
      return refuse(Code::kCorruptRecord,
                    fmt::format("its payload {} is an event that is not known: written by a newer version", number));
  }
}

Result<void> read_public_part(std::string_view bytes, Envelope& envelope) {
  WireFailure failure;
  WireReader reader(bytes, failure);
  Head head;
  fields(reader, envelope, head.type, head.schema_version);
  const std::uint32_t number = reader.next_number();
  const std::string_view payload = reader.next_message();
  reader.finish();
  if (reader.failed()) return refuse(Code::kCorruptRecord, failure_text(failure));
  if (number == 0) return refuse(Code::kCorruptRecord, "it has no payload");
  return read_payload(number, payload, head, envelope.event);
}

}  // namespace

Result<void> encode(const Envelope& envelope, PersonKeys& keys, store::Record& record) {
  record.position = envelope.position;
  record.format = kFormat;
  record.public_part.clear();
  WireWriter writer(record.public_part);
  std::visit(
      [&]<class E>(const E& event) {
        constexpr std::uint32_t kVersion = kSchemaVersion;
        fields(writer, envelope, EventOf<E>::kType, kVersion);
        writer.message(EventOf<E>::kNumber, event);
      },
      envelope.event);
  if (!writer.texts_valid()) return refuse(Code::kInvalidText, "A text of the event is not valid UTF-8.");
  BILLING_CHECK(write_private_part(envelope, keys, record.private_part));
  record.flags = record.private_part.empty() ? 0 : kFlagPrivate;
  if (record.public_part.size() + record.private_part.size() > kRecordBytesMax)
    return refuse(Code::kTooManyItems, "An event may have at most 512 KiB: use several commands.");
  return {};
}

Result<Envelope> decode(const store::Record& record, const PersonKeys* keys) {
  if (record.format != kFormat)
    return corrupt(record, fmt::format("its format is {}, this program knows {}: written by a newer version",
                                       record.format, kFormat));
  if ((record.flags & ~kFlagPrivate) != 0)
    return corrupt(record, "it has flags that are not known: written by a newer version");
  if (record.public_part.size() + record.private_part.size() > kRecordBytesMax)
    return corrupt(record, "it is longer than 512 KiB");
  Result<Envelope> envelope{std::in_place};
  if (const auto read = read_public_part(record.public_part, *envelope); !read)
    return corrupt(record, read.error().detail);
  if (envelope->position != record.position)
    return corrupt(record, fmt::format("it says that its position is {}", envelope->position));
  const bool has_private = (record.flags & kFlagPrivate) != 0;
  if (!has_private && !record.private_part.empty())
    return corrupt(record, "it has a private part that it does not name");
  if (has_private && record.private_part.empty() && keys != nullptr)
    return corrupt(record, "its private part is missing");
  if (const auto read = read_private_part(record.private_part, keys, *envelope); !read)
    return corrupt(record, read.error().detail);
  return envelope;
}

Result<void> check_keys(const store::Record& record, const PersonKeys& keys, std::vector<PersonId>* lost) {
  if (record.private_part.empty()) return {};
  if (const auto good = check_private_keys(record.private_part, keys, lost); !good)
    return refuse(Code::kCorruptRecord, fmt::format("position {}: {}", record.position, good.error().detail));
  return {};
}

}  // namespace billing::codec

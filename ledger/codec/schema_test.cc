// Holds the field lists against events/schema: same numbers, names and bytes as Protobuf's own classes.
#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>
#include <gtest/gtest.h>

#include "events/schema/envelope.pb.h"
#include "ledger/codec/codec.h"
#include "ledger/codec/sample_events.h"

namespace billing::codec {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

// Visits a list beside the message's descriptor.
struct NameCheck {
  const Descriptor& descriptor;
  std::uint32_t last = 0;
  int count = 0;

  const Descriptor* check(std::uint32_t number, const char* name) {
    ++count;
    EXPECT_GT(number, last) << descriptor.full_name();
    last = number;
    const FieldDescriptor* field = descriptor.FindFieldByNumber(static_cast<int>(number));
    EXPECT_NE(field, nullptr) << descriptor.full_name() << " has no field " << number;
    if (field == nullptr) return nullptr;
    EXPECT_EQ(field->name(), name) << descriptor.full_name();
    return field->message_type();
  }
  template <class Value>
  void operator()(std::uint32_t number, const char* name, const std::vector<Value>& values) {
    nested(number, name, values.at(0));
  }
  template <class Value>
  void operator()(std::uint32_t number, const char* name, const std::optional<Value>& value) {
    nested(number, name, value.value());
  }
  template <class Value>
  void operator()(std::uint32_t number, const char* name, const Value& value) {
    nested(number, name, value);
  }
  template <class T>
  void operator()(std::uint32_t number, const char* name, Since<T> field) {
    (*this)(number, name, field.value);
  }
  template <class Value>
  void nested(std::uint32_t number, const char* name, const Value& value) {
    const Descriptor* type = check(number, name);
    if constexpr (requires(NameCheck& visitor) { fields(visitor, value); }) {
      ASSERT_NE(type, nullptr);
      NameCheck inner{*type};
      fields(inner, value);
      EXPECT_EQ(inner.count, type->field_count()) << type->full_name();
    } else {
      EXPECT_EQ(type, nullptr);
    }
  }
};

void expect_nothing_unknown(const Message& message) {
  EXPECT_TRUE(message.GetReflection()->GetUnknownFields(message).empty()) << message.GetTypeName();
  std::vector<const FieldDescriptor*> set;
  message.GetReflection()->ListFields(message, &set);
  const bool envelope = message.GetDescriptor()->real_oneof_decl_count() > 0;
  if (!envelope)
    EXPECT_EQ(static_cast<int>(set.size()), message.GetDescriptor()->field_count()) << message.GetTypeName();
  for (const FieldDescriptor* field : set) {
    if (field->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE) continue;
    const auto* reflection = message.GetReflection();
    if (!field->is_repeated()) expect_nothing_unknown(reflection->GetMessage(message, field));
    for (int i = 0; field->is_repeated() && i < reflection->FieldSize(message, field); ++i)
      expect_nothing_unknown(reflection->GetRepeatedMessage(message, field, i));
  }
}

std::string deterministic_bytes(const Message& message) {
  std::string bytes;
  google::protobuf::io::StringOutputStream stream(&bytes);
  google::protobuf::io::CodedOutputStream coded(&stream);
  coded.SetSerializationDeterministic(true);
  message.SerializeToCodedStream(&coded);
  coded.Trim();
  return bytes;
}

TEST(SchemaTest, EveryFieldHasTheNumberAndNameOfTheSchema) {
  const Descriptor& envelope_type = *v1::Envelope::descriptor();
  int payloads = 0;
  for_each_event_type([&]<class E>() {
    ++payloads;
    const FieldDescriptor* payload = envelope_type.FindFieldByNumber(EventOf<E>::kNumber);
    ASSERT_NE(payload, nullptr) << EventOf<E>::kType;
    EXPECT_EQ(payload->name(), EventOf<E>::kPayload);
    ASSERT_NE(payload->real_containing_oneof(), nullptr);
    NameCheck check{*payload->message_type()};
    const Envelope sample = full_sample<E>();
    fields(check, std::get<E>(sample.event));
    EXPECT_EQ(check.count, payload->message_type()->field_count()) << EventOf<E>::kType;
  });
  EXPECT_EQ(payloads, envelope_type.FindOneofByName("payload")->field_count());
  NameCheck check{envelope_type};
  const Envelope sample = full_sample<account::Closed>();
  const std::string_view type = "account.Closed";
  const std::uint32_t version = 1;
  fields(check, sample, type, version);
  EXPECT_EQ(check.count + payloads, envelope_type.field_count());
}

TEST(SchemaTest, ProtobufsOwnClassesReadAndWriteTheSameBytes) {
  const auto keys = std::move(*PersonKeys::open(""));
  for_each_event_type([&]<class E>() {
    store::Record record;
    ASSERT_TRUE(encode(full_sample<E>(), *keys, record));
    v1::Envelope message;
    ASSERT_TRUE(message.ParseFromString(record.public_part)) << EventOf<E>::kType;
    expect_nothing_unknown(message);
    EXPECT_EQ(deterministic_bytes(message), record.public_part) << EventOf<E>::kType;
    for (std::uint64_t seed = 0; seed < 50; ++seed) {
      ASSERT_TRUE(encode(make_sample<E>(Fill::kRandom, seed), *keys, record));
      ASSERT_TRUE(message.ParseFromString(record.public_part)) << EventOf<E>::kType << " " << seed;
      EXPECT_EQ(deterministic_bytes(message), record.public_part) << EventOf<E>::kType << " " << seed;
    }
  });
}

TEST(SchemaTest, ProtobufReadsTheValuesThatWereWritten) {
  const auto keys = std::move(*PersonKeys::open(""));
  Envelope envelope = full_sample<payment::Recorded>();
  auto& payment = std::get<payment::Recorded>(envelope.event);
  payment.amount = -5;
  payment.method = payment::Method::kWire;
  payment.received_on = Date{-3};
  store::Record record;
  ASSERT_TRUE(encode(envelope, *keys, record));
  v1::Envelope message;
  ASSERT_TRUE(message.ParseFromString(record.public_part));
  EXPECT_EQ(message.position(), envelope.position);
  EXPECT_EQ(message.recorded(), envelope.recorded.micros);
  EXPECT_EQ(message.posting_date(), envelope.posting_date->days);
  EXPECT_EQ(message.customer(), envelope.customer.uuid.view());
  EXPECT_EQ(message.type(), "payment.Recorded");
  EXPECT_EQ(message.postings(1).amount(), envelope.postings[1].amount);
  const auto& read = message.payment_recorded();
  EXPECT_EQ(read.id(), payment.id.uuid.view());
  EXPECT_EQ(read.amount(), -5);
  EXPECT_EQ(read.method(), v1::PAYMENT_METHOD_WIRE);
  EXPECT_EQ(read.received_on(), -3);
  EXPECT_EQ(read.allocations(0).amount(), payment.allocations[0].amount);
}

}  // namespace
}  // namespace billing::codec

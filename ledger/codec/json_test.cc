#include "ledger/codec/json.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>
#include <simdjson.h>

#include "ledger/base/utf8.h"
#include "ledger/codec/json_writer.h"
#include "ledger/codec/sample_events.h"

namespace billing::codec {
namespace {

std::string_view at(simdjson::dom::element json, std::string_view pointer) {
  return json.at_pointer(pointer).get_string().value();
}

TEST(JsonWriterTest, CommasStandBetweenValuesOnly) {
  std::string out;
  JsonWriter json(out);
  json.begin_object();
  json.member("a", 1);
  json.key("b");
  json.begin_array();
  json.string("x");
  json.begin_object();
  json.end_object();
  json.null();
  json.end_array();
  json.member("c", true);
  json.member("d", "text");
  json.key("e");
  json.raw("[1]");
  json.member("f", std::numeric_limits<std::uint64_t>::max());
  json.member("g", std::numeric_limits<std::int64_t>::min());
  json.end_object();
  EXPECT_EQ(out, R"({"a":1,"b":["x",{},null],"c":true,"d":"text","e":[1],"f":18446744073709551615,)"
                 R"("g":-9223372036854775808})");
}

TEST(JsonWriterTest, EveryByteThatMustBeIsEscaped) {
  std::string text;
  for (char c = 0; c < 0x7F; ++c) text.push_back(c);
  text.append("\x7F é漢😀");
  std::string out;
  JsonWriter(out).string(text);
  simdjson::dom::parser parser;
  EXPECT_EQ(parser.parse(out).get_string().value(), text);
  EXPECT_NE(out.find("\\u0000\\u0001"), std::string::npos);
  EXPECT_NE(out.find("\\t\\n\\u000b"), std::string::npos);
}

RC_GTEST_PROP(JsonTest, AnyEventIsOneLineOfValidJson, (std::uint64_t seed)) {
  for_each_event_type([&]<class E>() {
    Envelope envelope = make_envelope<E>(FieldFiller(FieldFiller::Mode::kRandom, seed));
    const std::string json = to_json(envelope);
    RC_ASSERT(json.find('\n') == std::string::npos);
    RC_ASSERT(valid_utf8(json));
    simdjson::dom::parser parser;
    auto document = parser.parse(json);
    RC_ASSERT(document.error() == simdjson::SUCCESS);
    RC_ASSERT(at(document.value(), "/type") == EventOf<E>::kType);
    RC_ASSERT(at(document.value(), "/actor") == envelope.actor);
  });
}

TEST(JsonTest, APaymentReadsAsInTheManual) {
  Envelope envelope = fixture_sample<payment::Recorded>();
  auto& payment = std::get<payment::Recorded>(envelope.event);
  payment.amount = 24'995;
  payment.unapplied = -5;
  payment.received_on = *Date::parse("2026-11-23");
  const std::string json = to_json(envelope);
  simdjson::dom::parser parser;
  const auto document = parser.parse(json).value();
  EXPECT_EQ(at(document, "/stream/kind"), "payment");
  EXPECT_EQ(at(document, "/data/id"), payment.id.text());
  EXPECT_EQ(at(document, "/data/amount/amount"), "249.95");
  EXPECT_EQ(at(document, "/data/amount/currency"), "USD");
  EXPECT_EQ(at(document, "/data/unapplied/amount"), "-0.05");
  EXPECT_EQ(at(document, "/data/received_on"), "2026-11-23");
  EXPECT_EQ(at(document, "/data/method"), payment::method_text(payment.method));
  EXPECT_EQ(at(document, "/data/allocations/1/invoice"), payment.allocations[1].invoice.text());
  EXPECT_EQ(at(document, "/recorded"), envelope.recorded.text());
  EXPECT_EQ(document.at_pointer("/postings/0/ledger").get_int64().value(), 1050);
  EXPECT_EQ(at(document, "/postings/1/ledger_name"), ledger_name(Ledger::kReceivables));
  EXPECT_EQ(at(document, "/postings/1/amount/amount"), "-249.95");
  EXPECT_EQ(at(document, "/postings/1/item"), InvoiceId{*envelope.postings[1].item}.text());
}

TEST(JsonTest, CreditSourcesHaveThePrefixOfTheirKind) {
  Envelope envelope = fixture_sample<receivables::CreditApplied>();
  auto& applied = std::get<receivables::CreditApplied>(envelope.event);
  for (const CreditSource source : {CreditSource::kPayment, CreditSource::kCreditNote}) {
    applied.source = source;
    const std::string prefix = source == CreditSource::kPayment ? "pay_" : "crn_";
    const std::string json = to_json(envelope);
    EXPECT_NE(json.find("\"source_id\":\"" + prefix), std::string::npos);
    EXPECT_NE(json.find("\"item\":\"" + prefix), std::string::npos);
  }
}

TEST(JsonTest, NothingPersonalIsRendered) {
  for_each_event_type([&]<class E>() {
    const std::string json = to_json(full_sample<E>());
    for (const char* secret : {"Ada Example", "ada@example.org", "555 0100"})
      EXPECT_EQ(json.find(secret), std::string::npos) << EventOf<E>::kType;
  });
}

TEST(JsonTest, LinesThatWereAddedWithoutACurrencyShowMinorUnits) {
  Envelope envelope = fixture_sample<invoice::LinesAdded>();
  EXPECT_NE(to_json(envelope).find(R"("minor_units":")"), std::string::npos);
  envelope.currency = *Currency::parse("KWD");
  std::get<invoice::LinesAdded>(envelope.event).lines[0].net = 1'500;
  EXPECT_NE(to_json(envelope).find(R"({"amount":"1.500","currency":"KWD"})"), std::string::npos);
}

}  // namespace
}  // namespace billing::codec

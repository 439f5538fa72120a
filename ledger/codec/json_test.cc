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
    Envelope envelope = make_sample<E>(Fill::kRandom, seed);
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

TEST(JsonTest, PartsOfCreditHaveThePrefixOfTheirSource) {
  Envelope envelope = fixture_sample<refund::Succeeded>();
  auto& credits = std::get<refund::Succeeded>(envelope.event).takeback.credits;
  credits[0].source = CreditSource::kPayment;
  credits[1].source = CreditSource::kCreditNote;
  envelope.postings[0].item = credits[1].source_id;
  simdjson::dom::parser parser;
  const std::string json = to_json(envelope);
  const auto document = parser.parse(json).value();
  EXPECT_EQ(at(document, "/data/takeback/credits/0/source_id"), PaymentId{credits[0].source_id}.text());
  EXPECT_EQ(at(document, "/data/takeback/credits/1/source_id"), CreditNoteId{credits[1].source_id}.text());
  EXPECT_EQ(at(document, "/postings/0/item"), CreditNoteId{credits[1].source_id}.text());
}

TEST(JsonTest, AmountsAreInTheCurrencyThatTheyWereSettledIn) {
  Envelope envelope = fixture_sample<payment::Succeeded>();
  std::get<payment::Succeeded>(envelope.event).settled->amount = 21'540;
  simdjson::dom::parser parser;
  const std::string json = to_json(envelope);
  const auto document = parser.parse(json).value();
  EXPECT_EQ(at(document, "/data/amount/currency"), "USD");
  EXPECT_EQ(at(document, "/data/settled/amount/amount"), "215.40");
  EXPECT_EQ(at(document, "/data/settled/amount/currency"), "EUR");
  EXPECT_EQ(at(document, "/data/unapplied/currency"), "USD");
  EXPECT_EQ(at(document, "/postings/0/amount/currency"), "EUR");
  EXPECT_EQ(at(document, "/postings/1/amount/currency"), "USD");
}

TEST(JsonTest, APayOutIsInTheCurrencyOfItsSettlement) {
  Envelope envelope = fixture_sample<payment::PaidOut>();
  std::get<payment::PaidOut>(envelope.event).settled_in = *Currency::parse("JPY");
  EXPECT_NE(to_json(envelope).find(R"("currency":"JPY"},"fee":)"), std::string::npos);
  std::get<payment::PaidOut>(envelope.event).settled_in = {};
  EXPECT_NE(to_json(envelope).find(R"("currency":"USD"},"fee":)"), std::string::npos);
}

TEST(JsonTest, WhatIsNotThereIsLeftOut) {
  Envelope envelope = fixture_sample<invoice::Issued>();
  EXPECT_NE(to_json(envelope).find(R"("payer":"acc_)"), std::string::npos);
  std::get<invoice::Issued>(envelope.event).payer = {};
  EXPECT_EQ(to_json(envelope).find(R"("payer")"), std::string::npos);
  Envelope queued = fixture_sample<unbooked::Queued>();
  std::get<unbooked::Queued>(queued.event).currency = {};
  EXPECT_EQ(to_json(queued).find("XXX"), std::string::npos);
}

TEST(JsonTest, MonthsReadAsMonths) {
  Envelope envelope = fixture_sample<method::Added>();
  std::get<method::Added>(envelope.event).expires = Date::parse("2028-02-10")->month_index();
  EXPECT_NE(to_json(envelope).find(R"("expires":"2028-02")"), std::string::npos);
  std::get<method::Added>(envelope.event).expires.reset();
  EXPECT_EQ(to_json(envelope).find("expires"), std::string::npos);
}

TEST(JsonTest, EveryEnumAndStreamHasAName) {
  for_each_event_type([&]<class E>() {
    for (std::uint64_t seed = 0; seed < 20; ++seed) {
      Envelope envelope = make_sample<E>(Fill::kFull, seed);
      const std::string json = to_json(envelope);
      EXPECT_EQ(json.find(":\"\""), std::string::npos) << json;
      EXPECT_EQ(json.find(":\"_"), std::string::npos) << json;
    }
  });
}

TEST(JsonTest, TheOperatorIsACustomerWithAFixedId) {
  Envelope envelope = fixture_sample<books::PeriodClosed>();
  envelope.customer = kOperator;
  envelope.stream.id = kOperator.uuid;
  const std::string json = to_json(envelope);
  EXPECT_NE(json.find(R"("stream":{"kind":"books","id":"cus_0000000000e008000000000001")"), std::string::npos) << json;
  EXPECT_NE(json.find(R"("customer":"cus_0000000000e008000000000001")"), std::string::npos) << json;
}

TEST(JsonTest, NothingPersonalIsRendered) {
  for_each_event_type([&]<class E>() {
    const std::string json = to_json(full_sample<E>());
    for (const char* secret : {"Ada Example", "ada@example.org", "555 0100", "5 Harbour"})
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

#include "ledger/codec/sample_events.h"

#include <array>
#include <random>

namespace billing::codec {
namespace {

// A visitor of fields.h that fills what it visits. Fields that came after `edition` are left alone.
class FieldFiller {
 public:
  FieldFiller(Fill fill, std::uint64_t seed, std::uint32_t edition = kEdition)
      : full_(fill == Fill::kFull), edition_(edition), random_(seed) {}

  template <class Tag>
  void operator()(std::uint32_t number, const char* name, Id<Tag>& id) {
    (*this)(number, name, id.uuid);
  }
  void operator()(std::uint32_t, const char*, Uuid& uuid) {
    std::array<std::uint8_t, 10> tail;
    for (auto& byte : tail) byte = static_cast<std::uint8_t>(random_());
    uuid = Uuid::v7(Instant{1'790'000'000'000'000}, tail);
    if (!full_ && one_in(10)) uuid = {};
  }
  void operator()(std::uint32_t, const char* name, std::string& text) { text = full_ ? word(name) : any_text(); }
  void operator()(std::uint32_t, const char*, Currency& currency) {
    static constexpr std::array<const char*, 4> kCodes{"USD", "JPY", "KWD", "EUR"};
    currency = *Currency::parse(kCodes[full_ ? 0 : below(4)]);
  }
  void operator()(std::uint32_t, const char*, std::int64_t& money) {
    money = full_ ? static_cast<std::int64_t>(1 + below(99'999)) : any_integer<std::int64_t>();
  }
  void operator()(std::uint32_t, const char*, Decimal& decimal) {
    decimal.nanos = full_ ? static_cast<std::int64_t>(1 + below(900)) * 10'000'000 : any_integer<std::int64_t>();
  }
  void operator()(std::uint32_t, const char*, Date& date) {
    date.days = full_ ? 20'700 + static_cast<std::int32_t>(below(60)) : any_integer<std::int32_t>();
  }
  void operator()(std::uint32_t, const char*, Instant& instant) {
    instant.micros = full_ ? 1'795'405'270'123'456 : any_integer<std::int64_t>();
  }
  void operator()(std::uint32_t, const char*, bool& value) { value = full_ || one_in(2); }
  template <class Number>
    requires(std::unsigned_integral<Number> || std::same_as<Number, int>)
  void operator()(std::uint32_t, const char* name, Number& value) {
    if (full_)
      value = static_cast<Number>(std::string_view(name) == "revenue_code" ? 4000 : 1 + below(28));
    else
      value = any_integer<Number>();
  }
  void operator()(std::uint32_t, const char*, Ledger& ledger) {
    static constexpr std::array kLedgers{Ledger::kServiceRevenue, Ledger::kReceivables, Ledger::kUnappliedCredit,
                                         Ledger::kExchangeDifference};
    ledger = kLedgers[full_ ? 0 : below(4)];
  }
  void operator()(std::uint32_t, const char*, StreamKind& kind) { kind = static_cast<StreamKind>(1 + below(15)); }
  void operator()(std::uint32_t, const char*, CreditSource& source) {
    source = static_cast<CreditSource>(1 + below(2));
  }
  void operator()(std::uint32_t, const char*, payment::Method& m) { m = static_cast<payment::Method>(1 + below(5)); }
  void operator()(std::uint32_t, const char*, dispute::Outcome& o) { o = static_cast<dispute::Outcome>(1 + below(4)); }
  void operator()(std::uint32_t, const char*, user::Role& role) { role = static_cast<user::Role>(1 + below(4)); }
  void operator()(std::uint32_t, const char*, account::InvoicingRole& role) {
    role = static_cast<account::InvoicingRole>(1 + below(3));
  }
  void operator()(std::uint32_t, const char*, invoice::Kind& kind) { kind = static_cast<invoice::Kind>(1 + below(3)); }
  void operator()(std::uint32_t, const char*, payment::Phase& p) { p = static_cast<payment::Phase>(1 + below(8)); }
  void operator()(std::uint32_t, const char*, refund::Phase& p) { p = static_cast<refund::Phase>(1 + below(6)); }
  void operator()(std::uint32_t, const char*, plan::Kind& kind) { kind = static_cast<plan::Kind>(1 + below(2)); }
  void operator()(std::uint32_t, const char*, unbooked::Kind& k) { k = static_cast<unbooked::Kind>(1 + below(4)); }
  template <class T>
  void operator()(std::uint32_t number, const char* name, Since<T> field) {
    if (field.edition <= edition_) (*this)(number, name, field.value);
  }
  template <class Enum>
  void operator()(std::uint32_t number, const char* name, SinceEnum<Enum> field) {
    if (field.edition > edition_) return;
    do (*this)(number, name, field.value);
    while (full_ && field.value == field.absent);
  }
  void operator()(std::uint32_t, const char*, Month<std::int32_t> month) {
    month.index = full_ ? 2026 * 12 + static_cast<std::int32_t>(below(12)) : any_integer<std::int32_t>();
  }
  void operator()(std::uint32_t number, const char* name, Month<std::optional<std::int32_t>> month) {
    month.index.reset();
    if (full_ || one_in(2)) (*this)(number, name, Month{month.index.emplace()});
  }
  template <class Value>
  void operator()(std::uint32_t number, const char* name, std::optional<Value>& value) {
    value.reset();
    if (full_ || one_in(2)) (*this)(number, name, value.emplace());
  }
  template <class Value>
  void operator()(std::uint32_t number, const char* name, std::vector<Value>& values) {
    values.resize(full_ ? 2 : below(4));
    for (Value& value : values) (*this)(number, name, value);
  }
  template <class Message>
    requires std::is_class_v<Message>
  void operator()(std::uint32_t, const char*, Message& message) {
    fields(*this, message);
  }
  // The type and schema version of the envelope's list.
  void operator()(std::uint32_t, const char*, std::string_view&) {}

  void personal(account::Personal& personal) {
    personal = {full_ ? "Ada Example" : any_text(), full_ ? "ada@example.org" : any_text(),
                full_ ? "+1 555 0100" : any_text()};
    if (edition_ >= 2) personal.postal_address = full_ ? "5 Harbour Street\nPort Example" : any_text();
    if (edition_ < 4) return;
    personal.postcode = full_ ? "38103" : any_text();
    personal.city = full_ ? "Memphis" : any_text();
    personal.region = full_ ? "TN" : any_text();
    personal.country = full_ ? "USA" : any_text();
  }

 private:
  std::uint64_t below(std::uint64_t limit) { return random_() % limit; }
  bool one_in(std::uint64_t n) { return below(n) == 0; }

  template <class Number>
  Number any_integer() {
    switch (below(5)) {
      case 0: return 0;
      case 1: return std::numeric_limits<Number>::max();
      case 2: return std::numeric_limits<Number>::min();
      default: return static_cast<Number>(random_() >> below(64));
    }
  }
  std::string any_text() {
    static constexpr std::array<std::string_view, 8> kPieces{"a", "\"", "\\", "\n", "\x01", "é", "漢", "😀"};
    std::string text;
    const std::uint64_t pieces = one_in(4) ? 0 : one_in(8) ? 300 : below(12);
    for (std::uint64_t i = 0; i < pieces; ++i) text.append(kPieces[below(8)]);
    return text;
  }
  static std::string word(std::string_view name) {
    static constexpr std::array<std::pair<std::string_view, std::string_view>, 33> kWords{{
        {"name", "Harbour Street Depot"}, {"old_name", "Harbor Street"}, {"new_name", "Harbour Street Depot"},
        {"number", "2026-000123"}, {"series", "acme-invoice-2026"}, {"external_id", "crm-4711"},
        {"reason", "Spelled wrong at opening"}, {"role", "billing"}, {"description", "Monthly plan \"Shotgun\""},
        {"product_code", "SHOTGUN"}, {"authority", "US-CA"}, {"code", "SALES"}, {"exempt_reason", "Resale certificate"},
        {"purchase_order", "PO-88"}, {"memo", "Thank you"}, {"reference", "E2E-20261123-17"},
        {"actor", "usr_01hzy3v8m4e6rt5k2xw9c7d0qf"}, {"command_id", "01938f2e-7c1a-7bb0-9d2e-6a1f4c5b7d80"},
        {"email_digest", "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"},
        {"legal_entity", "ACME"}, {"account_name", "Harbour Street Depot"}, {"cycle", "2026-11"}, {"source", "ECB"},
        {"check", "postings-balance"}, {"detail", "The amounts differ by 0.01"},
        {"approved_by", "usr_01hzy3v8m4e6rt5k2xw9c7d0qf"}, {"provider_reference", "psp-5e2c91"},
        {"note", "Agreed by telephone"}, {"token", "tok_4f1d8a"}, {"brand", "visa"}, {"last_four", "4242"},
        {"reported_object", "2026-000123"}, {"how", "payment.Record"}}};
    for (const auto& [known, text] : kWords)
      if (known == name) return std::string(text);
    return std::string(name);
  }

  const bool full_;
  const std::uint32_t edition_;
  std::mt19937_64 random_;
};

// An envelope around an event of type E.
template <class E>
Envelope make_envelope(FieldFiller filler) {
  Envelope envelope;
  std::string_view type;
  std::uint32_t schema_version = 0;
  fields(filler, envelope, type, schema_version);
  E event;
  fields(filler, event);
  for_each_person(event, [&](PersonId&, account::Personal& personal) { filler.personal(personal); });
  envelope.event = std::move(event);
  return envelope;
}

// The ledgers that the sample of E debits and credits; both kCash for an event without money.
template <class E>
constexpr std::array<Ledger, 2> entry_of() {
  using enum Ledger;
  if constexpr (std::same_as<E, invoice::Issued>) return {kReceivables, kServiceRevenue};
  if constexpr (std::same_as<E, invoice::WrittenOff>) return {kBadDebt, kReceivables};
  if constexpr (std::same_as<E, invoice::Recovered>) return {kReceivables, kRecoveries};
  if constexpr (std::same_as<E, credit_note::Issued>) return {kServiceRevenue, kReceivables};
  if constexpr (std::same_as<E, payment::Recorded>) return {kPaymentsInTransit, kReceivables};
  if constexpr (std::same_as<E, payment::Succeeded>) return {kPaymentsInTransit, kReceivables};
  if constexpr (std::same_as<E, payment::Reversed>) return {kUnappliedCredit, kPaymentsInTransit};
  if constexpr (std::same_as<E, payment::Reallocated>) return {kReceivables, kReceivables};
  if constexpr (std::same_as<E, payment::PaidOut>) return {kCash, kPaymentsInTransit};
  if constexpr (std::same_as<E, payment::ExchangeDifferenceRecorded>) return {kCurrencyClearing, kExchangeDifference};
  if constexpr (std::same_as<E, refund::Succeeded>) return {kUnappliedCredit, kRefundsInTransit};
  if constexpr (std::same_as<E, refund::Settled>) return {kRefundsInTransit, kPaymentsInTransit};
  if constexpr (std::same_as<E, chargeback::Opened>) return {kReceivables, kPaymentsInTransit};
  if constexpr (std::same_as<E, chargeback::Won>) return {kPaymentsInTransit, kReceivables};
  if constexpr (std::same_as<E, chargeback::Returned>) return {kReceivables, kPaymentsInTransit};
  if constexpr (std::same_as<E, receivables::CreditApplied>) return {kUnappliedCredit, kReceivables};
  if constexpr (std::same_as<E, receivables::CreditTransferred>) return {kUnappliedCredit, kUnappliedCredit};
  if constexpr (std::same_as<E, books::RevenueReleased>) return {kDeferredRevenue, kServiceRevenue};
  if constexpr (std::same_as<E, deposit::Received>) return {kCash, kCustomerDeposits};
  if constexpr (std::same_as<E, deposit::Used>) return {kCustomerDeposits, kReceivables};
  if constexpr (std::same_as<E, deposit::Returned>) return {kCustomerDeposits, kCash};
  if constexpr (std::same_as<E, unbooked::Queued>) return {kCash, kUnidentifiedReceipts};
  return {kCash, kCash};
}

// The settlement of an event that moves money at the bank or the provider, or null.
template <class E>
Settlement* settlement_of(E& event) {
  std::optional<Settlement>* settled = nullptr;
  if constexpr (std::same_as<E, refund::Succeeded>)
    return nullptr;  // nothing has moved yet
  else if constexpr (requires { event.settled; })
    settled = &event.settled;
  else if constexpr (requires { event.takeback; })
    settled = &event.takeback.settled;
  return settled != nullptr && *settled ? &**settled : nullptr;
}

// The two sides of a balanced entry, and those of currency clearing where money moved in another currency.
template <class E>
void balance_sample(std::vector<Posting>& postings, E& event) {
  postings.resize(2);
  for (std::size_t i = 0; i < 2; ++i) {
    Posting& posting = postings[i];
    posting.ledger = entry_of<E>()[i];
    posting.amount = i == 0 ? 24'995 : -24'995;
    posting.currency = {};
    if (posting.ledger == Ledger::kReceivables || posting.ledger == Ledger::kUnappliedCredit) continue;
    if (posting.ledger == Ledger::kCustomerDeposits) continue;
    posting.account.reset();
    posting.item.reset();
  }
  Settlement* settled = settlement_of(event);
  if (settled == nullptr) return;
  settled->currency = *Currency::parse("EUR");
  Posting& money = postings[entry_of<E>()[0] == Ledger::kPaymentsInTransit ? 0 : 1];
  const std::int64_t amount = money.amount;
  money.amount = amount < 0 ? -21'540 : 21'540;
  money.currency = settled->currency;
  Posting clearing = money;
  clearing.ledger = Ledger::kCurrencyClearing;
  clearing.amount = -money.amount;
  postings.push_back(clearing);
  clearing.amount = amount;
  clearing.currency = {};
  postings.push_back(clearing);
}

}  // namespace

template <class E>
Envelope make_sample(Fill fill, std::uint64_t seed) {
  return make_envelope<E>(FieldFiller(fill, seed));
}

template <class E>
Envelope full_sample() {
  return make_sample<E>(Fill::kFull, EventOf<E>::kNumber);
}

template <class E>
Envelope fixture_sample(std::uint32_t edition) {
  Envelope envelope = make_envelope<E>(FieldFiller(Fill::kFull, EventOf<E>::kNumber, edition));
  envelope.position = 1'042;
  envelope.index = 0;
  envelope.count = 1;
  const std::string_view kind = EventOf<E>::kType.substr(0, EventOf<E>::kType.find('.'));
  for (int k = 1; k <= 15; ++k)
    if (stream_kind_text(static_cast<StreamKind>(k)) == kind) envelope.stream.kind = static_cast<StreamKind>(k);
  if constexpr (std::same_as<E, account::Unfrozen>)
    std::get<E>(envelope.event).approved_by[1] = "usr_01hzy3v8m4e6rt5k2xw9c7d0qg";
  if constexpr (entry_of<E>()[0] == entry_of<E>()[1] && entry_of<E>()[0] == Ledger::kCash) {
    envelope.postings.clear();
    envelope.currency = {};
    envelope.document_date.reset();
    envelope.posting_date.reset();
  } else {
    balance_sample(envelope.postings, std::get<E>(envelope.event));
  }
  return envelope;
}

#define X(event, number, edition, type, payload)               \
  template Envelope make_sample<event>(Fill, std::uint64_t); \
  template Envelope full_sample<event>();                      \
  template Envelope fixture_sample<event>(std::uint32_t);
BILLING_CODEC_EVENTS(X)
#undef X

}  // namespace billing::codec

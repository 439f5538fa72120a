#include "ledger/codec/json.h"

#include <span>

#include "ledger/base/money.h"
#include "ledger/codec/fields.h"
#include "ledger/codec/json_writer.h"
#include "ledger/codec/upcast.h"

namespace billing::codec {
namespace {

std::string_view enum_text(payment::Method method) { return payment::method_text(method); }
std::string_view enum_text(dispute::Outcome outcome) { return dispute::outcome_text(outcome); }
std::string_view enum_text(user::Role role) { return user::role_text(role); }
std::string_view enum_text(account::InvoicingRole role) { return account::role_text(role); }
std::string_view enum_text(invoice::Kind kind) { return invoice::kind_text(kind); }
std::string_view enum_text(payment::Phase phase) { return payment::phase_text(phase); }
std::string_view enum_text(refund::Phase phase) { return refund::phase_text(phase); }
std::string_view enum_text(plan::Kind kind) { return plan::kind_text(kind); }
std::string_view enum_text(unbooked::Kind kind) { return unbooked::kind_text(kind); }
std::string_view enum_text(CreditSource source) {
  return source == CreditSource::kPayment ? "payment" : "credit_note";
}

std::string_view source_prefix(CreditSource source) {
  return source == CreditSource::kPayment ? PaymentId::prefix() : CreditNoteId::prefix();
}

// The visitor of fields.h that writes a message as an object. Amounts are in the currency that the innermost message
// around them names, else in the envelope's.
class JsonFields {
 public:
  JsonFields(JsonWriter& json, Currency currency) : json_(json), currency_(currency) {}

  template <class Message>
  void object(const Message& message) {
    const Currency outer_currency = currency_;
    const std::string_view outer_prefix = source_prefix_;
    if constexpr (requires { message.currency; }) currency_ = message.currency;
    if constexpr (std::same_as<Message, payment::PaidOut>)
      if (message.settled_in.valid()) currency_ = message.settled_in;
    if constexpr (requires { message.source_id; }) source_prefix_ = source_prefix(message.source);
    json_.begin_object();
    fields(*this, message);
    json_.end_object();
    currency_ = outer_currency;
    source_prefix_ = outer_prefix;
  }

  template <class Tag>
  void operator()(std::uint32_t, std::string_view name, const Id<Tag>& id) {
    if (!id.nil()) json_.member(name, id.text());
  }
  template <class Tag>
  void operator()(std::uint32_t, std::string_view name, const std::optional<Id<Tag>>& id) {
    if (id) json_.member(name, id->text());
  }
  void operator()(std::uint32_t, std::string_view name, const Uuid& uuid) {
    json_.member(name, id_text(source_prefix_, uuid));
  }
  void operator()(std::uint32_t, std::string_view name, const std::string& text) { json_.member(name, text); }
  void operator()(std::uint32_t, std::string_view name, Currency currency) {
    if (currency.valid()) json_.member(name, currency.code());
  }
  void operator()(std::uint32_t, std::string_view name, Date date) { json_.member(name, date.text()); }
  void operator()(std::uint32_t, std::string_view name, Decimal decimal) { json_.member(name, decimal.text()); }
  void operator()(std::uint32_t, std::string_view name, std::int64_t minor) { amount(name, minor); }
  template <std::integral Number>
  void operator()(std::uint32_t, std::string_view name, Number value) {
    json_.member(name, value);
  }
  void operator()(std::uint32_t, std::string_view name, std::optional<std::uint32_t> value) {
    if (value) json_.member(name, *value);
  }
  void operator()(std::uint32_t, std::string_view name, std::optional<std::int64_t> minor) {
    if (minor) amount(name, *minor);
  }
  void operator()(std::uint32_t, std::string_view name, Month<const std::int32_t> month) {
    json_.member(name, month_text(month.index));
  }
  void operator()(std::uint32_t, std::string_view name, Month<const std::optional<std::int32_t>> month) {
    if (month.index) json_.member(name, month_text(*month.index));
  }
  template <class T>
  void operator()(std::uint32_t number, std::string_view name, Since<T> field) {
    (*this)(number, name, field.value);
  }
  template <class Enum>
  void operator()(std::uint32_t number, std::string_view name, SinceEnum<Enum> field) {
    (*this)(number, name, field.value);
  }
  void operator()(std::uint32_t, std::string_view name, Ledger ledger) {
    json_.member(name, static_cast<std::uint16_t>(ledger));
  }
  template <class Enum>
    requires std::is_enum_v<Enum>
  void operator()(std::uint32_t, std::string_view name, Enum value) {
    json_.member(name, enum_text(value));
  }
  template <class Tag>
  void operator()(std::uint32_t, std::string_view name, const std::vector<Id<Tag>>& ids) {
    json_.key(name);
    json_.begin_array();
    for (const Id<Tag>& id : ids) json_.string(id.text());
    json_.end_array();
  }
  void operator()(std::uint32_t, std::string_view name, const std::vector<std::string>& texts) {
    json_.key(name);
    json_.begin_array();
    for (const std::string& text : texts) json_.string(text);
    json_.end_array();
  }
  void operator()(std::uint32_t, std::string_view name, const std::vector<std::uint32_t>& numbers) {
    json_.key(name);
    json_.begin_array();
    for (const std::uint32_t number : numbers) json_.number(number);
    json_.end_array();
  }
  void operator()(std::uint32_t, std::string_view name, const std::vector<std::int64_t>& amounts) {
    json_.key(name);
    json_.begin_array();
    for (const std::int64_t minor : amounts) amount_object(minor, currency_);
    json_.end_array();
  }
  template <class Message>
  void operator()(std::uint32_t, std::string_view name, const std::vector<Message>& messages) {
    json_.key(name);
    json_.begin_array();
    for (const Message& message : messages) object(message);
    json_.end_array();
  }
  template <class Message>
  void operator()(std::uint32_t, std::string_view name, const std::optional<Message>& message) {
    if (!message) return;
    json_.key(name);
    object(*message);
  }
  template <class Message>
    requires std::is_class_v<Message>
  void operator()(std::uint32_t, std::string_view name, const Message& message) {
    json_.key(name);
    object(message);
  }

  void amount(std::string_view name, std::int64_t minor) { amount(name, minor, currency_); }
  void amount(std::string_view name, std::int64_t minor, Currency currency) {
    json_.key(name);
    amount_object(minor, currency);
  }

 private:
  void amount_object(std::int64_t minor, Currency currency) {
    json_.begin_object();
    if (currency.valid()) {
      json_.member("amount", amount_text(minor, currency));
      json_.member("currency", currency.code());
    } else {
      json_.member("minor_units", std::to_string(minor));
    }
    json_.end_object();
  }

  JsonWriter& json_;
  Currency currency_;
  std::string_view source_prefix_;  // of the bare id of a credit's source
};

std::string_view stream_prefix(StreamKind kind) {
  switch (kind) {
    case StreamKind::kCustomer:
    case StreamKind::kHierarchy:
    case StreamKind::kBooks: return CustomerId::prefix();
    case StreamKind::kAccount:
    case StreamKind::kReceivables: return AccountId::prefix();
    case StreamKind::kInvoice: return InvoiceId::prefix();
    case StreamKind::kCreditNote: return CreditNoteId::prefix();
    case StreamKind::kPayment: return PaymentId::prefix();
    case StreamKind::kDispute: return DisputeId::prefix();
    case StreamKind::kGrouping: return GroupingId::prefix();
    case StreamKind::kUser: return UserId::prefix();
    case StreamKind::kDeposit: return DepositId::prefix();
    case StreamKind::kPlan: return PlanId::prefix();
    case StreamKind::kMethod: return MethodId::prefix();
    case StreamKind::kUnbooked: return UnbookedId::prefix();
  }
  return {};
}

// The parts of unapplied credit that an event takes, where it takes them from more than one source.
std::span<const CreditPart> credit_parts(const Event& event) {
  return std::visit(
      [](const auto& one) -> std::span<const CreditPart> {
        if constexpr (requires { one.takeback; })
          return one.takeback.credits;
        else if constexpr (requires { one.parts; })
          return one.parts;
        else
          return {};
      },
      event);
}

// What the item of a posting is: an invoice, a deposit, or the credit that the event made or used.
std::string_view item_prefix(const Posting& posting, const Event& event) {
  if (posting.ledger == Ledger::kReceivables) return InvoiceId::prefix();
  if (posting.ledger == Ledger::kCustomerDeposits) return DepositId::prefix();
  if (const auto* applied = std::get_if<receivables::CreditApplied>(&event)) return source_prefix(applied->source);
  if (std::holds_alternative<credit_note::Issued>(event)) return CreditNoteId::prefix();
  for (const CreditPart& part : credit_parts(event))
    if (part.source_id == posting.item) return source_prefix(part.source);
  return PaymentId::prefix();
}

void write_head(const Envelope& envelope, std::string_view type, JsonWriter& json) {
  json.member("position", envelope.position);
  json.member("type", type);
  json.member("schema_version", kSchemaVersion);
  json.key("stream");
  json.begin_object();
  json.member("kind", stream_kind_text(envelope.stream.kind));
  json.member("id", id_text(stream_prefix(envelope.stream.kind), envelope.stream.id));
  json.member("version", envelope.version);
  json.end_object();
  json.member("customer", envelope.customer.text());
  json.member("customer_sequence", envelope.customer_sequence);
  json.member("recorded", envelope.recorded.text());
  if (envelope.document_date) json.member("document_date", envelope.document_date->text());
  if (envelope.posting_date) json.member("posting_date", envelope.posting_date->text());
  json.member("actor", envelope.actor);
  json.key("command");
  json.begin_object();
  json.member("id", envelope.command_id);
  json.member("index", envelope.index);
  json.member("count", envelope.count);
  json.end_object();
}

void write_postings(const Envelope& envelope, JsonWriter& json) {
  JsonFields fields_of(json, envelope.currency);
  json.key("postings");
  json.begin_array();
  for (const Posting& posting : envelope.postings) {
    json.begin_object();
    json.member("ledger", static_cast<std::uint16_t>(posting.ledger));
    json.member("ledger_name", ledger_name(posting.ledger));
    fields_of.amount("amount", posting.amount, posting.currency.valid() ? posting.currency : envelope.currency);
    if (posting.account) json.member("account", posting.account->text());
    if (posting.item) json.member("item", id_text(item_prefix(posting, envelope.event), *posting.item));
    json.end_object();
  }
  json.end_array();
}

}  // namespace

void append_json(const Envelope& envelope, std::string& out) {
  JsonWriter json(out);
  std::visit(
      [&]<class E>(const E& event) {
        json.begin_object();
        write_head(envelope, EventOf<E>::kType, json);
        json.key("data");
        JsonFields(json, envelope.currency).object(event);
        write_postings(envelope, json);
        json.end_object();
      },
      envelope.event);
}

std::string to_json(const Envelope& envelope) {
  std::string out;
  out.reserve(1024);  // a payment's
  append_json(envelope, out);
  return out;
}

}  // namespace billing::codec

#include "ledger/codec/json.h"

#include "ledger/base/money.h"
#include "ledger/codec/fields.h"
#include "ledger/codec/json_writer.h"
#include "ledger/codec/upcast.h"

namespace billing::codec {
namespace {

std::string_view enum_text(payment::Method method) { return payment::method_text(method); }
std::string_view enum_text(dispute::Outcome outcome) { return dispute::outcome_text(outcome); }
std::string_view enum_text(user::Role role) { return user::role_text(role); }
std::string_view enum_text(CreditSource source) {
  return source == CreditSource::kPayment ? "payment" : "credit_note";
}

std::string_view source_prefix(CreditSource source) {
  return source == CreditSource::kPayment ? PaymentId::prefix() : CreditNoteId::prefix();
}

// The visitor of fields.h that writes a message as an object.
class JsonFields {
 public:
  JsonFields(JsonWriter& json, Currency currency) : json_(json), currency_(currency) {}

  template <class Message>
  void object(const Message& message) {
    json_.begin_object();
    if constexpr (std::same_as<Message, receivables::CreditApplied>) bare_prefix_ = source_prefix(message.source);
    fields(*this, message);
    json_.end_object();
  }

  template <class Tag>
  void operator()(std::uint32_t, std::string_view name, const Id<Tag>& id) {
    json_.member(name, id.text());
  }
  template <class Tag>
  void operator()(std::uint32_t, std::string_view name, const std::optional<Id<Tag>>& id) {
    if (id) json_.member(name, id->text());
  }
  void operator()(std::uint32_t, std::string_view name, const Uuid& uuid) {
    json_.member(name, id_text(bare_prefix_, uuid));
  }
  void operator()(std::uint32_t, std::string_view name, const std::string& text) { json_.member(name, text); }
  void operator()(std::uint32_t, std::string_view name, Currency currency) { json_.member(name, currency.code()); }
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

  void amount(std::string_view name, std::int64_t minor) {
    json_.key(name);
    json_.begin_object();
    if (currency_.valid()) {
      json_.member("amount", amount_text(minor, currency_));
      json_.member("currency", currency_.code());
    } else {
      json_.member("minor_units", std::to_string(minor));
    }
    json_.end_object();
  }

 private:
  JsonWriter& json_;
  Currency currency_;
  std::string_view bare_prefix_;
};

std::string_view stream_prefix(StreamKind kind) {
  switch (kind) {
    case StreamKind::kCustomer:
    case StreamKind::kHierarchy: return CustomerId::prefix();
    case StreamKind::kAccount:
    case StreamKind::kReceivables: return AccountId::prefix();
    case StreamKind::kInvoice: return InvoiceId::prefix();
    case StreamKind::kCreditNote: return CreditNoteId::prefix();
    case StreamKind::kPayment: return PaymentId::prefix();
    case StreamKind::kDispute: return DisputeId::prefix();
    case StreamKind::kGrouping: return GroupingId::prefix();
    case StreamKind::kUser: return UserId::prefix();
  }
  return {};
}

// What the item of a posting on 2100 is: the credit that the event made or used.
std::string_view credit_prefix(const Event& event) {
  if (const auto* applied = std::get_if<receivables::CreditApplied>(&event)) return source_prefix(applied->source);
  return std::holds_alternative<credit_note::Issued>(event) ? CreditNoteId::prefix() : PaymentId::prefix();
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
    fields_of.amount("amount", posting.amount);
    if (posting.account) json.member("account", posting.account->text());
    if (posting.item) {
      const bool invoice = posting.ledger == Ledger::kReceivables;
      json.member("item", id_text(invoice ? InvoiceId::prefix() : credit_prefix(envelope.event), *posting.item));
    }
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
        Currency currency = envelope.currency;
        if constexpr (requires { event.currency; }) currency = event.currency;
        json.key("data");
        JsonFields(json, currency).object(event);
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

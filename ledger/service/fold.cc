#include "ledger/service/fold.h"

#include "ledger/codec/codec.h"
#include "ledger/domain/checks.h"

namespace billing::service {
namespace {

constexpr std::size_t kReadMax = 65'536;

std::unexpected<Error> corrupt(const codec::Envelope& envelope, std::string_view what) {
  return refuse(Code::kCorruptRecord, "position " + std::to_string(envelope.position) + ": " + std::string(what));
}

}  // namespace

Result<void> Fold::apply(const codec::Envelope& envelope) {
  if (envelope.position != position_ + 1) return corrupt(envelope, "the position is not the next one");
  const auto version = state_.versions.find(envelope.stream);
  if (envelope.version != (version == state_.versions.end() ? 0 : version->second) + 1) {
    return corrupt(envelope, "the stream version is not the next one");
  }
  const auto sequence = state_.customer_sequences.find(envelope.customer);
  if (envelope.customer_sequence != (sequence == state_.customer_sequences.end() ? 0 : sequence->second) + 1) {
    return corrupt(envelope, "the customer sequence is not the next one");
  }
  if (!checks::balanced(envelope.postings, envelope.currency)) return corrupt(envelope, "the postings do not balance");
  evolve(state_, StreamEvent{envelope.stream, envelope.customer, envelope.event, envelope.document_date,
                             envelope.posting_date, envelope.currency});
  position_ = envelope.position;
  recorded_ = envelope.recorded;
  if (std::holds_alternative<account::Frozen>(envelope.event)) ++accounts_frozen_;
  if (std::holds_alternative<account::Unfrozen>(envelope.event)) --accounts_frozen_;
  follow_ups_.note(envelope);
  return {};
}

Result<void> refold(const store::Log& log, Fold& fold, const codec::PersonKeys* keys,
                    const std::function<void(Position, Position)>& progress) {
  while (fold.position() < log.head().position) {
    Result<void> outcome;
    auto visited = log.read(fold.position() + 1, kReadMax, [&](const store::Record& record) {
      auto envelope = codec::decode(record, nullptr);
      outcome = envelope ? fold.apply(*envelope) : std::unexpected(std::move(envelope.error()));
      if (outcome && keys != nullptr) outcome = codec::check_keys(record, *keys);
      return outcome.has_value();
    });
    if (!outcome) return outcome;
    if (!visited) return std::unexpected(std::move(visited.error()));
    if (*visited == 0) {
      return refuse(Code::kCorruptRecord, "position " + std::to_string(fold.position() + 1) + ": the record is missing");
    }
    if (progress) progress(fold.position(), log.head().position);
  }
  return {};
}

}  // namespace billing::service

#include "ops/backup/persons.h"

#include <unordered_set>
#include <variant>

#include "ledger/codec/codec.h"
#include "ledger/codec/fields.h"
#include "ledger/codec/private_part.h"

namespace billing::ops {
namespace {

constexpr Position kTellEvery = 8'192;

bool is_erased(const account::Personal& personal) {
  return personal.name == codec::kErased && personal.email == codec::kErased && personal.phone == codec::kErased &&
         personal.postal_address == codec::kErased;
}

}  // namespace

Result<PersonCount> count_persons(const store::Log& log, const codec::PersonKeys* keys,
                                  const std::function<void(Position, Position)>& progress) {
  std::unordered_set<PersonId> named;
  std::unordered_set<PersonId> readable;
  Result<void> outcome;
  const Position head = log.head().position;
  BILLING_CHECK(log.read(1, static_cast<std::size_t>(head), [&](const store::Record& record) {
    if (progress && record.position % kTellEvery == 0) progress(record.position, head);
    if (record.private_part.empty()) return true;
    auto envelope = codec::decode(record, keys);
    if (!envelope) {
      outcome = std::unexpected(std::move(envelope.error()));
      return false;
    }
    std::visit(
        [&](const auto& event) {
          codec::for_each_person(event, [&](PersonId person, const account::Personal& personal) {
            named.insert(person);
            if (!is_erased(personal)) readable.insert(person);
          });
        },
        envelope->event);
    return true;
  }));
  BILLING_CHECK(outcome);
  return PersonCount{named.size(), readable.size()};
}

}  // namespace billing::ops

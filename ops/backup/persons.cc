#include "ops/backup/persons.h"

#include <unordered_set>
#include <variant>
#include <vector>

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

Result<PersonCount> count_persons(const store::Log& log, Position last, const codec::PersonKeys* keys,
                                  const std::function<void(Position, Position)>& progress) {
  std::unordered_set<PersonId> named;
  std::unordered_set<PersonId> readable;
  std::vector<PersonId> lost;
  std::unordered_set<PersonId> all_lost;
  Result<void> outcome;
  BILLING_CHECK(log.read(1, static_cast<std::size_t>(last), [&](const store::Record& record) {
    if (progress && record.position % kTellEvery == 0) progress(record.position, last);
    if (record.private_part.empty()) return true;
    auto envelope = codec::decode(record, keys);
    if (!envelope) {
      outcome = std::unexpected(std::move(envelope.error()));
      return false;
    }
    // Reading gives "erased" for a key that is lost, too: who was not erased is told apart here.
    if (keys != nullptr) static_cast<void>(codec::check_keys(record, *keys, &lost));
    all_lost.insert(lost.begin(), lost.end());
    lost.clear();
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
  return PersonCount{named.size(), readable.size(), all_lost.size()};
}

}  // namespace billing::ops

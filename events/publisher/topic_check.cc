#include "events/publisher/topic_check.h"

#include <algorithm>

namespace billing::publisher {
namespace {

constexpr std::size_t kProblemsMax = 100;
// Above this the sequences of further customers are not followed (about 60 bytes each).
constexpr std::size_t kCustomersMax = 10'000'000;

std::string number(std::uint64_t value) { return std::to_string(value); }

}  // namespace

void TopicChecker::take(const TopicRecord& record) {
  switch (record.kind) {
    case TopicRecord::Kind::kEvent: return take_event(record);
    case TopicRecord::Kind::kClaim: return take_claim(record);
    case TopicRecord::Kind::kForeign: break;
  }
  ++report_.foreign;
  problem(record, "not a record of ours: " + record.fault);
}

void TopicChecker::take_event(const TopicRecord& event) {
  check_order(event);
  if (recomputed_hash(event) != event.head.hash)
    problem(event, "ledger-hash is not the hash of the record's content");
  if (event.epoch < report_.epoch)
    problem(event, "written with epoch " + number(event.epoch) + " after epoch " + number(report_.epoch) +
                       " had begun: a writer that was fenced");
  check_customer(event);
  check_content(event);
  report_.epoch = std::max(report_.epoch, event.epoch);
  if (report_.events++ == 0) report_.first = event.head.position;
  report_.last = event.head.position;
  report_.hash = event.head.hash;
}

void TopicChecker::check_order(const TopicRecord& event) {
  const Position position = event.head.position;
  if (report_.events == 0 && !from_start_) return;
  if (position <= report_.last)
    problem(event, "position " + number(position) + " comes again after " + number(report_.last));
  else if (position != report_.last + 1)
    problem(event, "positions " + number(report_.last + 1) + " to " + number(position - 1) + " are missing");
  if (position == report_.last + 1 && event.previous_hash != report_.hash)
    problem(event, "ledger-previous-hash is not the hash of position " + number(report_.last));
}

void TopicChecker::check_customer(const TopicRecord& event) {
  if (event.key.size() != 16) return problem(event, "the key is not the 16 bytes of a customer's id");
  const Uuid customer = Uuid::from_bytes(event.key);
  const auto found = sequences_.find(customer);
  if (found == sequences_.end()) {
    if (from_start_ && event.customer_sequence != 1)
      problem(event, "the customer's first event has sequence " + number(event.customer_sequence));
    if (sequences_.size() >= kCustomersMax) return;
    sequences_.emplace(customer, event.customer_sequence);
    report_.customers = sequences_.size();
    return;
  }
  if (event.customer_sequence != found->second + 1)
    problem(event, "the customer's sequence goes from " + number(found->second) + " to " +
                       number(event.customer_sequence));
  found->second = event.customer_sequence;
}

// The hash covers the value only, so what key and headers repeat from it has to agree.
void TopicChecker::check_content(const TopicRecord& event) {
  store::Record record;
  record.position = event.head.position;
  record.format = event.format;
  record.flags = event.flags;
  record.previous_hash = event.previous_hash;
  record.public_part = std::string(event.value);
  const auto description = describe(record);
  if (!description) return problem(event, "the value cannot be read: " + description.error().detail);
  if (event.key != description->customer.uuid.view()) problem(event, "the key is not the value's customer");
  if (event.customer_sequence != description->customer_sequence)
    problem(event, "ledger-customer-sequence is not the value's");
}

void TopicChecker::take_claim(const TopicRecord& claim) {
  ++report_.claims;
  if (claim.epoch <= report_.epoch && report_.epoch != 0)
    problem(claim, "a CLAIM with epoch " + number(claim.epoch) + " after epoch " + number(report_.epoch));
  report_.epoch = std::max(report_.epoch, claim.epoch);
  const bool begun = report_.events > 0 || from_start_;
  if (begun && claim.previous != store::Head{report_.last, report_.hash})
    problem(claim, "a CLAIM behind position " + number(claim.previous.position) + " stands behind " +
                       number(report_.last));
}

void TopicChecker::problem(const TopicRecord& record, std::string text) {
  if (++report_.problem_count > kProblemsMax) return;
  report_.problems.push_back("offset " + std::to_string(record.offset) +
                             (record.kind == TopicRecord::Kind::kEvent
                                  ? ", position " + number(record.head.position)
                                  : std::string()) +
                             ": " + text);
}

}  // namespace billing::publisher

// Histories for tests: commands decided by the domain, their events encoded and committed to a log, and all envelopes
// kept, so that a test can recompute by hand what the views should say.
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "ledger/codec/codec.h"
#include "ledger/domain/state.h"
#include "ledger/store/memory_log.h"
#include "ledger/store/memory_tables.h"
#include "projections/verify.h"
#include "projections/views.h"

namespace billing::views {

class History {
 public:
  History() : log_(store::make_memory_log()), keys_(std::move(*codec::PersonKeys::open(""))) {}

  // Decides, stores and evolves. The new ids of the command come from a counter.
  Result<std::vector<codec::Envelope>> run(const Command& command) {
    ++commands_;
    std::array<std::uint8_t, 10> random{};
    for (std::size_t i = 0; i < 8; ++i) random[i] = static_cast<std::uint8_t>(commands_ >> (8U * i));
    const Context context{.now = now(),
                          .today = today,
                          .actor = "usr_test",
                          .fresh = Uuid::v7({static_cast<std::int64_t>(commands_) * 1'000}, random)};
    auto decided = decide(state_, command, context);
    if (!decided) return std::unexpected(decided.error());
    for (const StreamEvent& event : *decided) evolve(state_, event);
    return keep(*decided, context);
  }
  // Stores events as they are, decided elsewhere or by nobody; state() does not know them.
  std::vector<codec::Envelope> append(const std::vector<StreamEvent>& events) {
    ++commands_;
    return keep(events, {.now = now(), .today = today, .actor = "usr_test", .fresh = {}});
  }

  // Runs a command that must be accepted; returns its first event as `Made`.
  template <class Made>
  Made made(const Command& command) {
    auto added = run(command);
    if (!added || added->empty() || !std::holds_alternative<Made>(added->front().event)) {
      ADD_FAILURE() << (added ? "another event" : std::string(code_text(added.error().code)) + added.error().detail);
      std::abort();
    }
    return std::get<Made>(added->front().event);
  }

  const store::Log& log() const { return *log_; }
  codec::PersonKeys* keys() { return keys_.get(); }
  const State& state() const { return state_; }
  const std::vector<codec::Envelope>& events() const { return events_; }
  Position head() const { return events_.size(); }

  Date today = Date::clamped(2026, 1, 5);

 private:
  // The operator's morning, six hours ahead of UTC: there it is still the day before.
  Instant now() const {
    return {today.days * 86'400'000'000LL - 6 * 3'600'000'000LL + static_cast<std::int64_t>(commands_ % 86'400)};
  }
  std::vector<codec::Envelope> keep(const std::vector<StreamEvent>& events, const Context& context) {
    std::vector<codec::Envelope> added;
    std::uint32_t index = 0;
    for (const StreamEvent& event : events) {
      added.push_back({.position = events_.size() + added.size() + 1,
                       .stream = event.stream,
                       .version = ++versions_[{event.stream.kind, event.stream.id}],
                       .customer = event.customer,
                       .customer_sequence = ++sequences_[event.customer],
                       .recorded = context.now,
                       .document_date = event.document_date,
                       .posting_date = event.posting_date,
                       .actor = context.actor,
                       .command_id = "c" + std::to_string(commands_),
                       .index = index++,
                       .count = static_cast<std::uint32_t>(events.size()),
                       .currency = event.currency,
                       .event = event.event,
                       .postings = postings_for(event.event)});
    }
    store(added);
    events_.insert(events_.end(), added.begin(), added.end());
    return added;
  }
  void store(const std::vector<codec::Envelope>& added) {
    std::vector<store::Record> records;
    for (const codec::Envelope& envelope : added) {
      store::Record& record = records.emplace_back();
      const auto encoded = codec::encode(envelope, *keys_, record);
      ASSERT_TRUE(encoded.has_value()) << encoded.error().detail;
      record.previous_hash = hash_;
      hash_ = store::record_hash(record);
    }
    const auto committed = log_->commit(records, {});
    ASSERT_TRUE(committed.has_value()) << committed.error().detail;
  }

  std::unique_ptr<store::Log> log_;
  std::unique_ptr<codec::PersonKeys> keys_;
  State state_;
  std::map<StreamId, std::uint64_t> versions_;
  std::map<CustomerId, std::uint64_t> sequences_;
  std::vector<codec::Envelope> events_;
  std::uint64_t commands_ = 0;
  store::Hash hash_{};
};

// The rows of a history in memory, folded in batches of `batch_events`.
inline std::unique_ptr<store::Tables> fold_in_memory(History& history, std::size_t batch_events = 8'192) {
  auto tables = store::make_memory_tables();
  const auto folded = rebuild_views(history.log(), history.keys(), *tables, history.head(), {}, batch_events);
  EXPECT_TRUE(folded.has_value()) << folded.error().detail;
  return tables;
}

inline Line a_line(AccountId account, std::int64_t net, std::int64_t tax = 0) {
  Line line;
  line.service_account = account;
  line.description = "Monthly charge";
  line.quantity = Decimal::from_int(1);
  line.unit_price = Decimal{net * (Decimal::kOne / 100)};
  line.net = net;
  if (tax != 0) {
    line.taxes.push_back({.authority = "HMRC", .code = "VAT", .rate = {}, .basis = net, .amount = tax, .exempt_reason = {}});
  }
  return line;
}

// A customer with a random forest of accounts, and random commands on it, some of which are refused.
class RandomHistory {
 public:
  explicit RandomHistory(std::uint64_t seed);
  void run(std::size_t commands);

  History history;
  CustomerId customer;
  std::vector<AccountId> accounts;
  std::vector<InvoiceId> invoices;
  GroupingId grouping;
  std::vector<GroupId> groups;
  std::mt19937_64 random;

  std::size_t below(std::size_t bound) { return static_cast<std::size_t>(random() % bound); }
  AccountId any_account() { return accounts[below(accounts.size())]; }
  // An account whose charges are on the invoices of `owner`.
  AccountId any_billed_by(AccountId owner, Date date);

 private:
  void one();
  void open_account();
  void issue_invoice();
  void draft_invoice();
  void pay();
  void give_credit();
  void dispute_something();
  void change_groups();
};

}  // namespace billing::views

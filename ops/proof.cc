#include "ops/proof.h"

#include <fmt/format.h>

#include "events/publisher/verifier.h"
#include "gateway/identity/admin_key.h"
#include "ledger/codec/codec.h"
#include "ledger/codec/person_keys.h"
#include "ledger/service/fold.h"
#include "ops/progress.h"

namespace billing::ops {
namespace {

constexpr std::size_t kToldMax = 20;  // problems of one kind that are printed

}  // namespace

bool report_files(std::string_view what, const std::vector<store::FileProblem>& problems) {
  bool good = true;
  for (const store::FileProblem& problem : problems) {
    const bool harmless = problem.kind == store::FileProblem::Kind::kTornTail;
    fmt::print("{}: {} {}: {}", what, store::kind_text(problem.kind), problem.file, problem.detail);
    if (problem.first_position) fmt::print(" (first position {})", *problem.first_position);
    fmt::print("\n");
    good = good && harmless;
  }
  if (problems.empty()) fmt::print("{}: every file is as it was written\n", what);
  return good;
}

Result<void> check_log(const store::Log& log) {
  Progress progress("folding the ledger", "events");
  service::Fold fold;
  BILLING_CHECK(service::refold(log, fold, nullptr, [&](Position done, Position head) { progress.show(done, head); }));
  Result<void> outcome;
  Position position = 1;
  while (outcome && position <= log.head().position) {
    auto visited = log.read(position, 8'192, [&](const store::Record& record) {
      auto envelope = codec::decode(record, nullptr);
      if (!envelope) {
        outcome = std::unexpected(envelope.error());
        return false;
      }
      if (envelope->index == 0) {
        const auto entry = log.find_command(store::command_key(Uuid{}, envelope->command_id));
        if (!entry || !*entry || (*entry)->first_position != record.position || (*entry)->count != envelope->count) {
          outcome = refuse(Code::kCorruptRecord, fmt::format("position {}: its command is not in the index",
                                                             record.position));
        }
      }
      return outcome.has_value();
    });
    if (!visited) return std::unexpected(visited.error());
    position += *visited;
  }
  return outcome;
}

bool check_keys(const Config& config, const store::Log& log) {
  const auto keys = codec::PersonKeys::open_copy(config.keys_dir());
  if (!keys) {
    fmt::print("keys: {}\n", keys.error().detail);
    return false;
  }
  std::size_t bad = 0;
  Position position = 1;
  while (position <= log.head().position) {
    auto visited = log.read(position, 8'192, [&](const store::Record& record) {
      const auto good = codec::check_keys(record, **keys);
      if (!good && ++bad <= kToldMax) fmt::print("keys: {}\n", good.error().detail);
      return true;
    });
    if (!visited) {
      fmt::print("keys: {}\n", visited.error().detail);
      return false;
    }
    position += *visited;
  }
  const auto count = (*keys)->count();
  fmt::print("keys: {} of persons, {} erased; {}\n", count.keys, count.erased,
             bad == 0 ? "everybody whose data the ledger holds has the key"
                      : fmt::format("{} events hold data of somebody whose key is missing", bad));
  const auto identity = identity::AdminKey::check_directory(config.identity_dir());
  if (!identity) fmt::print("identity: {}\n", identity.error().detail);
  return bad == 0 && identity.has_value();
}

bool check_topic(const Config& config, const store::Log& log, bool may_be_empty) {
  publisher::VerifyOptions options;
  options.connection = {config.kafka, config.kafka_topic, config.kafka_security};
  auto report = publisher::verify_topic(options);
  if (!report) {
    fmt::print("topic: {}\n", report.error().detail);
    return false;
  }
  for (const auto& problem : report->problems) fmt::print("topic: {}\n", problem);
  bool same = may_be_empty || log.head().position == 0;
  if (report->last == 0 && !same) fmt::print("topic: it has none of the ledger's {} events\n", log.head().position);
  if (report->last != 0) {
    const auto visited = log.read(report->last, 1, [&](const store::Record& record) {
      same = record.position == report->last && store::record_hash(record) == report->hash;
      return true;
    });
    same = same && visited.has_value();
    if (!same) fmt::print("topic: its last event is not the ledger's event at position {}\n", report->last);
  }
  fmt::print("topic: {} events, positions {} to {} of {}, {} claims, {} problems\n", report->events,
             report->first, report->last, log.head().position, report->claims,
             report->problem_count);
  return same && report->sound();
}

}  // namespace billing::ops

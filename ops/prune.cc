#include "ops/prune.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <memory>
#include <vector>

#include "ops/backup/target.h"
#include "ops/backup_check.h"
#include "ops/clock.h"
#include "ops/store.h"

namespace billing::ops {
namespace {

constexpr std::int64_t kMicrosPerDay = 86'400'000'000;
constexpr std::uint64_t kDaysMax = 100'000;

Result<void> check_order(const PruneOrder& order) {
  if (order.to.empty()) return refuse(Code::kConfiguration, "--to: a directory is needed");
  if ((order.keep == 0) == (order.keep_days == 0)) {
    return refuse(Code::kConfiguration, "--keep and --keep-days: give one of them, 1 or more");
  }
  if (order.keep_days > kDaysMax) return refuse(Code::kConfiguration, fmt::format("--keep-days: at most {}", kDaysMax));
  return {};
}

// The backups that are to go, oldest first. The newest one is never among them.
std::vector<std::string> to_go(const Target& target, const PruneOrder& order) {
  std::vector<const KnownBackup*> there;
  for (const KnownBackup& backup : target.backups()) {
    if (!backup.pruned) there.push_back(&backup);
  }
  std::vector<std::string> names;
  if (there.empty()) return names;
  const std::int64_t since = SystemClock("UTC").now().micros - static_cast<std::int64_t>(order.keep_days) * kMicrosPerDay;
  for (std::size_t i = 0; i + 1 < there.size(); ++i) {
    const bool goes = order.keep != 0 ? there.size() - i > order.keep : there[i]->made.micros < since;
    if (goes) names.push_back(there[i]->name);
  }
  return names;
}

Result<void> run(const PruneOrder& order) {
  BILLING_CHECK(check_order(order));
  BILLING_TRY(target, about("--to", order.write ? Target::open_for_pruning(order.to) : Target::open(order.to)));
  for (const std::string& one : target->problems()) fmt::print("chain: {}\n", one);
  if (!target->problems().empty()) {
    return refuse(Code::kCorruptRecord,
                  fmt::format("--to {}: manifests are damaged, missing or exchanged, see above: which files they need is not known",
                              order.to));
  }
  if (!target->newest()) return refuse(Code::kStorageFailure, fmt::format("--to {}: it has no backup", order.to));
  const std::vector<std::string> names = to_go(*target, order);
  const auto pruned = static_cast<std::size_t>(std::ranges::count(target->backups(), true, &KnownBackup::pruned));
  fmt::print("backups: {}, of which {} stay; the newest is {}\n", target->backups().size() - pruned,
             target->backups().size() - pruned - names.size(), backup_name(*target->newest()));
  for (const std::string& name : names) fmt::print("goes: {}\n", name);
  if (!order.write) {
    BILLING_TRY(found, about("--to", target->unlisted(names)));
    fmt::print("nothing is changed; with --write {} backups and {} files go ({} bytes)\n", names.size(), found.files, found.bytes);
    return {};
  }
  yield_to_the_service();
  // What stays has to be of use before anything else goes.
  BILLING_CHECK(about(backup_name(*target->newest()), check_files_of(*target, *target->newest())));
  BILLING_CHECK(about("--to", target->mark_pruned(names)));
  BILLING_TRY(removed, about("--to", target->remove_unlisted()));
  fmt::print("pruned: {} backups and {} files ({} bytes)\n", names.size(), removed.files, removed.bytes);
  return {};
}

}  // namespace

int prune(const PruneOrder& order) {
  const auto done = run(order);
  std::fflush(stdout);
  if (done) return 0;
  fmt::print(stderr, "{}\n", done.error().detail);
  if (code_kind(done.error().code) == ErrorKind::kInvalid) return 2;
  fmt::print(stderr, "not all is pruned; run it again when the cause is mended\n");
  return 1;
}

}  // namespace billing::ops

#include "ops/verify.h"

#include <fmt/format.h>

#include <filesystem>

#include "ledger/crypto/encode.h"
#include "ledger/store/memory_tables.h"
#include "ledger/store/table_checkpoints.h"
#include "ledger/store/verify_files.h"
#include "ops/progress.h"
#include "ops/proof.h"
#include "ops/store.h"
#include "projections/verify.h"

namespace billing::ops {
namespace {

constexpr std::size_t kBlockCacheBytes = 64U << 20U;

bool check_ledger_files(const Config& config) {
  std::error_code problem;
  const bool witness = std::filesystem::is_directory(config.witness_dir, problem);
  return report_files("ledger", store::verify_files(config.ledger_dir(),
                                                    witness ? std::optional(config.witness_dir) : std::nullopt));
}

// Of views that are not good.
void drop_views(const Config& config, const VerifyOrder& order) {
  if (!order.drop_damaged_views) {
    fmt::print("views: left as they are; with --drop-damaged-views they are deleted, and the next start rebuilds them\n");
    return;
  }
  std::error_code problem;
  std::filesystem::remove_all(config.views_dir(), problem);
  if (problem) {
    fmt::print("views: cannot be deleted: {}\n", problem.message());
  } else {
    fmt::print("views: deleted; the next start rebuilds them from the ledger\n");
  }
}

// True when the views equal the fold of the log.
bool check_views(const Config& config, const store::Log& log, const VerifyOrder& order) {
  std::error_code missing;
  if (!std::filesystem::exists(config.views_dir() + "/CURRENT", missing)) {
    fmt::print("views: there are none; the next start builds them\n");
    return true;
  }
  if (!report_files("views", store::verify_files(config.views_dir()))) {
    drop_views(config, order);
    return false;
  }
  bool good = false;
  if (auto rows = store::open_rocks_copy(config.views_dir(), kBlockCacheBytes); !rows) {
    fmt::print("views: {}\n", rows.error().detail);
  } else {
    const auto seen = views::checkpoint(**rows);
    if (const auto whole = seen ? views::check_seen(log, *seen) : std::unexpected(seen.error()); !whole) {
      fmt::print("views: {}\n", whole.error().detail);
      return false;  // they are the evidence: left as they are, whatever was ordered
    }
    const auto scratch = store::make_memory_tables();
    Progress progress("folding the views", "events");
    auto report = views::verify_views(log, nullptr, **rows, *scratch, [&](const views::FoldProgress& fold) {
      progress.show(fold.position, fold.target);
      return true;
    });
    if (!report) {
      fmt::print("views: {}\n", report.error().detail);
    } else {
      for (const auto& row : report->first_differences) {
        fmt::print("views: {} row {} is {} and folds to {}\n", row.view, row.key, row.live, row.folded);
      }
      good = report->good();
      fmt::print("views: {} rows at position {}, {} differ; control accounts {}\n", report->rows, report->at.position,
                 report->differing, report->controls_agree ? "agree" : "DO NOT AGREE");
      if (order.digest) {
        if (auto digest = views::digest(*scratch->snapshot())) fmt::print("views: digest {}\n", crypto::hex(*digest));
      }
    }
  }
  if (!good) drop_views(config, order);
  return good;
}

// The files of the views' checkpoints, those that are shared once. A damaged one may be deleted by itself: questions about
// its time begin earlier then.
bool check_checkpoints(const Config& config, const VerifyOrder& order) {
  bool all_good = true;
  store::KnownFiles known;
  const auto checkpoints = store::checkpoint_directories(config.checkpoints_dir());
  for (const auto& [position, directory] : checkpoints) {
    const auto problems = store::verify_files(directory, std::nullopt, &known);
    if (problems.empty()) continue;
    all_good = report_files("checkpoint", problems) && all_good;
    if (!order.drop_damaged_views) continue;
    std::error_code problem;
    std::filesystem::remove_all(directory, problem);
    fmt::print("checkpoint: the one at position {} is deleted\n", position);
  }
  if (all_good) fmt::print("checkpoints: {} of the views, every file is as it was written\n", checkpoints.size());
  return all_good;
}

}  // namespace

int verify(const Config& config, const VerifyOrder& order) {
  if (in_use(config)) {
    fmt::print(stderr, "{} is in use by a running service: stop it first, or verify a copy\n", config.data);
    return 2;
  }
  std::error_code missing;
  if (!std::filesystem::exists(config.ledger_dir(), missing)) {
    fmt::print(stderr, "{}: there is no ledger here\n", config.ledger_dir());
    return 2;
  }
  bool good = check_ledger_files(config);
  auto log = open_log_for_reading(config);
  if (!log) {
    fmt::print("ledger: {}\n", log.error().detail);
    good = false;
    auto bare = open_log_without_witness(config, true);  // which may be all that is wrong
    if (!bare) return 1;
    log = std::move(bare);
  }
  if (auto folded = check_log(**log); !folded) {
    fmt::print("ledger: {}\n", folded.error().detail);
    return 1;
  }
  const store::Head head = (*log)->head();
  fmt::print("ledger: {} events, every hash, version, sequence and balance holds; head {}\n", head.position,
             crypto::hex(head.hash));
  good = check_keys(config, **log) && good;
  good = check_views(config, **log, order) && good;
  good = check_checkpoints(config, order) && good;
  if (config.kafka != "none" && config.kafka != "embedded") good = check_topic(config, **log) && good;
  fmt::print("{}\n", good ? "verified: all is well" : "verified: NOT all is well, see above");
  return good ? 0 : 1;
}

}  // namespace billing::ops

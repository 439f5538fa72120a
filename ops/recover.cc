#include "ops/recover.h"

#include <fmt/format.h>

#include <filesystem>

#include "ledger/crypto/encode.h"
#include "ledger/store/rocks_log.h"
#include "ledger/store/rocks_tables.h"
#include "ops/proof.h"
#include "ops/store.h"
#include "projections/verify.h"

namespace billing::ops {
namespace {

constexpr std::size_t kBlockCacheBytes = 64U << 20U;

// Whether the log has all that the views have seen, and the same.
bool views_are_of(const Config& config, const store::Log& log) {
  std::error_code missing;
  if (!std::filesystem::exists(config.views_dir() + "/CURRENT", missing)) {
    fmt::print("views: there are none to ask\n");
    return true;
  }
  const auto rows = store::open_rocks_copy(config.views_dir(), kBlockCacheBytes);
  const auto seen = rows ? views::checkpoint(**rows) : std::unexpected(rows.error());
  if (!seen) {
    fmt::print("views: {}; with `billing verify --drop-damaged-views` they no longer stand in the way\n", seen.error().detail);
    return false;
  }
  if (const auto good = views::check_seen(log, *seen); !good) {
    fmt::print("views: {}\n", good.error().detail);
    return false;
  }
  fmt::print("views: they stand at position {}, whose hash is the log's\n", seen->position);
  return true;
}

Result<std::unique_ptr<store::RocksLog>> open_without_witness(const Config& config, bool read_only) {
  store::RocksLogOptions options;
  options.directory = config.ledger_dir();
  options.read_only = read_only;
  if (!read_only) {
    options.witness_dir = config.witness_dir;
    options.reset_witness = true;
  }
  return store::open_rocks_log(options);
}

}  // namespace

int recover_witness(const Config& config, const RecoverOrder& order) {
  std::error_code problem;
  if (in_use(config)) {
    fmt::print(stderr, "{} is in use by a running service: stop it first\n", config.data);
    return 2;
  }
  if (!std::filesystem::exists(config.ledger_dir() + "/CURRENT", problem)) {
    fmt::print(stderr, "{}: there is no ledger here\n", config.ledger_dir());
    return 2;
  }
  if (!report_files("ledger", store::verify_files(config.ledger_dir()))) {
    fmt::print("refused: the ledger itself is damaged, restore a backup\n");
    return 1;
  }
  store::Head head;
  {
    auto log = open_without_witness(config, true);
    auto proved = log ? check_log(**log) : std::unexpected(log.error());
    if (!proved) {
      fmt::print("ledger: {}\nrefused: the ledger itself is damaged, restore a backup\n", proved.error().detail);
      return 1;
    }
    head = (*log)->head();
    fmt::print("ledger: {} events, every hash, version, sequence and balance holds; head {}\n", head.position,
               crypto::hex(head.hash));
    bool whole = views_are_of(config, **log);
    if (config.kafka != "none" && config.kafka != "embedded") whole = check_topic(config, **log) && whole;
    if (!whole) {
      fmt::print("refused: see above\n");
      return 1;
    }
  }
  if (!order.write) {
    fmt::print("nothing is changed; with --write the witness in {} is made anew at position {}\n", config.witness_dir,
               head.position);
    return 0;
  }
  if (auto made = make_directory(config.witness_dir); !made) {
    fmt::print(stderr, "store.witness_dir: {}\n", made.error().detail);
    return 2;
  }
  if (auto written = open_without_witness(config, false); !written) {
    fmt::print(stderr, "{}\n", written.error().detail);
    return 2;
  }
  fmt::print("the witness in {} is made anew at position {}\n", config.witness_dir, head.position);
  return 0;
}

}  // namespace billing::ops

#include "ops/restore.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <optional>

#include "ledger/crypto/encode.h"
#include "ops/backup/cut.h"
#include "ops/backup/instant.h"
#include "ops/backup/key_copy.h"
#include "ops/backup/persons.h"
#include "ops/backup/recorded.h"
#include "ops/backup/target.h"
#include "ops/backup/unpacked.h"
#include "ops/backup_check.h"
#include "ops/progress.h"
#include "ops/proof.h"
#include "ops/restore_write.h"
#include "ops/store.h"

namespace billing::ops {
namespace {

namespace fs = std::filesystem;

Result<void> check_order(const Config& config, const RestoreOrder& order) {
  if (!order.at.empty() && order.position != 0) {
    return refuse(Code::kConfiguration, "--at and --position: give one of them");
  }
  if (order.verify && (order.write || !order.at.empty() || order.position != 0 || !order.keys_from.empty())) {
    return refuse(Code::kConfiguration, "--verify checks a backup as it is and restores nothing: it goes with --from and --backup");
  }
  if (!order.at.empty()) BILLING_CHECK(about("--at", parse_instant(order.at)));
  std::error_code problem;
  if (!order.verify && fs::exists(config.data, problem) &&
      (!fs::is_directory(config.data, problem) || !fs::is_empty(config.data, problem))) {
    return refuse(Code::kConfiguration, fmt::format("--data {}: it is not an empty directory; nothing is restored over what is "
                                                    "there",
                                                    config.data));
  }
  if (!order.verify) BILLING_CHECK(check_witness_place(config));
  return {};
}

Result<Manifest> choose(const Target& target, const RestoreOrder& order) {
  for (const std::string& one : target.problems()) fmt::print("chain: {}\n", one);
  if (!target.problems().empty() && !order.accept_broken_chain) {
    return refuse(Code::kCorruptRecord, fmt::format("--from {}: manifests are damaged, missing or exchanged, see above; with "
                                                    "--accept-broken-chain that does not count",
                                                    order.from));
  }
  if (!target.newest()) return refuse(Code::kStorageFailure, fmt::format("--from {}: it has no backup", order.from));
  if (order.backup.empty()) return *target.newest();
  const auto found = std::ranges::find(target.backups(), order.backup, &KnownBackup::name);
  if (found == target.backups().end()) {
    return refuse(Code::kConfiguration, fmt::format("--backup {}: there is none of this name; the newest is {}", order.backup,
                                                    backup_name(*target.newest())));
  }
  if (found->pruned) {
    return refuse(Code::kConfiguration, fmt::format("--backup {}: it was pruned: its files are gone; the newest is {}", order.backup,
                                                    backup_name(*target.newest())));
  }
  return target.read(*found);
}

void describe(const Target& target, const Manifest& manifest) {
  fmt::print("backup {}: number {} of {}, made {} by version {}\n", backup_name(manifest), manifest.number,
             target.backups().size(), manifest.made.text(), manifest.product);
  fmt::print("ledger: positions 1 to {}, head {}, newest event of {}\n", manifest.head.position,
             crypto::hex(manifest.head.hash), manifest.newest ? manifest.newest->text() : "none");
}

// The backup's log, read where it lies; its head is the manifest's.
Result<std::unique_ptr<store::RocksLog>> open_backup(const Unpacked& unpacked, const Manifest& manifest) {
  store::RocksLogOptions options;
  options.directory = unpacked.ledger();
  options.read_only = true;
  BILLING_TRY(log, store::open_rocks_log(options));
  if (log->head() == manifest.head) return log;
  return refuse(Code::kCorruptRecord, "the backup's log has another head than its manifest says");
}

// Where the log is cut: its head when nothing is asked for.
Result<Position> last_of(const store::Log& log, const RestoreOrder& order) {
  if (order.position != 0) {
    BILLING_CHECK(about("--position", check_cut(log, order.position)));
    return order.position;
  }
  if (order.at.empty()) return log.head().position;
  BILLING_TRY(instant, parse_instant(order.at));
  BILLING_TRY(last, position_at(log, instant));
  if (last == 0) return refuse(Code::kInvalidParameter, fmt::format("--at {}: every event of the backup is newer", order.at));
  BILLING_CHECK(about("--at", check_cut(log, last)));
  return last;
}

Result<void> describe_loss(const store::Log& log, const Manifest& manifest, Position last) {
  if (last == manifest.head.position) {
    fmt::print("restored is: all of it\n");
  } else {
    BILLING_TRY(kept, recorded_at(log, last));
    BILLING_TRY(first_lost, recorded_at(log, last + 1));
    fmt::print("restored is: positions 1 to {}, the newest event of {}\n", last, kept.text());
    fmt::print("left out are: {} events, positions {} to {}, of {} to {}\n", manifest.head.position - last, last + 1,
               manifest.head.position, first_lost.text(), manifest.newest ? manifest.newest->text() : "none");
  }
  fmt::print("lost is: whatever was written after {}\n", manifest.made.text());
  return {};
}

// The copy of the keys is of this ledger, as far as the backup goes.
Result<void> check_same_history(const store::Log& log, const KeyCopy& copy) {
  const store::Head& seen = copy.manifest.head;
  if (seen.position == 0 || seen.position > log.head().position) return {};
  bool same = false;
  BILLING_CHECK(log.read(seen.position, 1, [&](const store::Record& record) {
    same = store::record_hash(record) == seen.hash;
    return false;
  }));
  if (same) return {};
  return refuse(Code::kCorruptRecord, fmt::format("{}: these keys are of another ledger: it had another hash at position {}",
                                                  copy.directory, seen.position));
}

Result<std::optional<KeyCopy>> find_keys(const RestoreOrder& order, const store::Log& log, Position last) {
  if (order.keys_from.empty()) {
    fmt::print("warning: without --keys-from a ledger that holds personal data does not start, until its keys are there or "
               "`billing recover keys` gives them up\n");
    return std::nullopt;
  }
  BILLING_TRY(copy, about("--keys-from", newest_key_copy(order.keys_from)));
  BILLING_CHECK(about("--keys-from", check_same_history(log, copy)));
  fmt::print("person keys: the copy of {}\n", copy.manifest.made.text());
  if (copy.manifest.head.position < last) {
    fmt::print("warning: the keys were copied at position {}: of persons named for the first time after it they are missing\n",
               copy.manifest.head.position);
  }
  return std::optional(std::move(copy));
}

// Persons whose keys are neither in the copy nor noted as erased: with them the restored ledger would not start.
Result<void> check_persons(const store::Log& log, Position last, const KeyCopy& copy) {
  BILLING_TRY(keys, codec::PersonKeys::open_copy(copy.directory));
  Progress progress("opening personal data", "events");
  BILLING_TRY(persons, count_persons(log, last, keys.get(), [&](Position done, Position all) { progress.show(done, all); }));
  fmt::print("{}\n", persons_text(persons, true));
  if (persons.lost == 0) return {};
  return refuse(Code::kCorruptRecord,
                fmt::format("--keys-from {}: of {} persons the keys are lost: with --write the ledger is restored, and does not "
                            "start until a copy with their keys is found or `billing recover keys` gives them up",
                            copy.directory, persons.lost));
}

Result<void> verify_backup(const Target& target, const Manifest& manifest) {
  BILLING_CHECK(check_files_of(target, manifest));
  BILLING_TRY(unpacked, Unpacked::make(target, manifest));
  if (!report_whole("ledger", store::verify_files(unpacked->ledger()))) {
    return refuse(Code::kCorruptRecord, "the backup's ledger was damaged before it was backed up");
  }
  BILLING_TRY(log, open_backup(*unpacked, manifest));
  BILLING_CHECK(check_log(*log));
  fmt::print("ledger: {} events, every hash, version, sequence and balance holds\n", manifest.head.position);
  std::size_t missing = 0;
  for (const KnownBackup& other : target.backups()) {
    if (other.pruned) continue;
    BILLING_TRY(listed, target.read(other));
    for (const BackupFile& file : listed.files) {
      if (target.has(file)) continue;
      ++missing;
      fmt::print("file: {} of backup {} is missing or of another size ({})\n", target.path_of(file.sha256), other.name, file.name);
    }
  }
  if (missing != 0) return refuse(Code::kCorruptRecord, "files of other backups are missing");
  fmt::print("verified: all is well\n");
  return {};
}

Result<void> run(const Config& config, const RestoreOrder& order) {
  BILLING_CHECK(check_order(config, order));
  BILLING_TRY(target, about("--from", Target::open(order.from)));
  BILLING_TRY(manifest, choose(*target, order));
  describe(*target, manifest);
  if (order.verify) return verify_backup(*target, manifest);
  BILLING_CHECK(check_files_of(*target, manifest));
  BILLING_TRY(unpacked, Unpacked::make(*target, manifest));
  BILLING_TRY(log, open_backup(*unpacked, manifest));
  BILLING_TRY(last, last_of(*log, order));
  BILLING_CHECK(describe_loss(*log, manifest, last));
  BILLING_TRY(keys, find_keys(order, *log, last));
  if (!order.write) {
    fmt::print("nothing is changed; with --write it is restored into {}, its witness into {}\n", config.data, config.witness_dir);
    return keys ? check_persons(*log, last, *keys) : Result<void>();
  }
  BILLING_TRY(head, rebuild(config, {*target, manifest, *log, last, keys}));
  fmt::print("restored into {}: {} events, every hash, version, sequence and balance holds; head {}\n", config.data,
             head.position, crypto::hex(head.hash));
  fmt::print("the next start builds the views. If the Kafka topic has events after position {}, the service takes no commands until "
             "`billing recover tail` has brought them back\n",
             head.position);
  return {};
}

}  // namespace

int restore(const Config& config, const RestoreOrder& order) {
  const auto done = run(config, order);
  std::fflush(stdout);
  if (done) return 0;
  fmt::print(stderr, "{}\n", done.error().detail);
  if (code_kind(done.error().code) == ErrorKind::kInvalid) return 2;
  fmt::print(stderr, "{}\n", order.verify ? "verified: NOT all is well, see above" : "nothing is restored");
  return 1;
}

}  // namespace billing::ops

#include "ledger/store/opening.h"

#include <fmt/format.h>

#include <filesystem>

#include "ledger/store/record.h"

namespace billing::store::rocks {
namespace {

constexpr std::string_view kWhatToDo = "Do not write to this store: restore a backup";

// Compares what the witness noted with the log.
Result<void> compare(const LogDatabase& database, const std::string& directory, const Head& noted, const Head& head) {
  const std::string file = std::filesystem::path(directory) / "witness";
  if (noted.position > head.position) {
    return refuse(Code::kCorruptRecord,
                  fmt::format("{}: the log has lost its end: the witness saw position {}, the store ends at {}. {}", file,
                              noted.position, head.position, kWhatToDo));
  }
  if (noted.position == 0) return {};
  Hash hash = head.hash;
  if (noted.position < head.position) {
    BILLING_TRY(read, database.scan(noted.position, 1, head, [&](const Record& record) {
      hash = record_hash(record);
      return false;
    }));
    static_cast<void>(read);
  }
  if (hash == noted.hash) return {};
  return refuse(Code::kCorruptRecord,
                fmt::format("{}: the log is of another history than its witness: the hashes at position {} differ. {}", file,
                            noted.position, kWhatToDo));
}

Result<void> remember_witness(const LogDatabase& database) {
  rocksdb::WriteOptions options;
  options.sync = true;
  const rocksdb::Status status = database.db().Put(options, database.head(), kWitnessRow, "1");
  if (!status.ok()) return std::unexpected(error_of(status, "noting that the store has a witness"));
  return {};
}

// What there is where a witness is about to be written afresh: one that can be read must not contradict the log, unless the operator
// gives that up; one that cannot be read is kept beside.
Result<void> set_aside(const LogDatabase& database, const RocksLogOptions& options, const Head& head) {
  const auto testimony = read_witness(*options.witness_dir);
  if (testimony && !*testimony) return {};
  if (testimony) {
    const Head& noted = (*testimony)->head;
    if (noted.position > head.position && options.lost_after != 0 && options.lost_after == head.position) return {};
    return compare(database, *options.witness_dir, noted, head);
  }
  if (testimony.error().code != Code::kCorruptRecord) return std::unexpected(testimony.error());
  if (options.read_only) return {};
  const std::filesystem::path file = std::filesystem::path(*options.witness_dir) / "witness";
  std::error_code problem;
  std::filesystem::rename(file, file.string() + ".unreadable", problem);
  if (problem) return refuse(Code::kStorageFailure, file.string() + ": " + problem.message());
  return {};
}

}  // namespace

Result<Head> check_tail(const LogDatabase& database, std::size_t records) {
  BILLING_TRY(head, database.read_head());
  BILLING_TRY(newest, database.newest_position());
  if (newest != head.position) {
    return refuse(Code::kCorruptRecord,
                  fmt::format("the log's newest record is at position {}, its head says {}", newest, head.position));
  }
  if (head.position == 0) return head;
  const Position count = std::max<Position>(records, 1);
  const Position from = head.position > count ? head.position - count + 1 : 1;
  BILLING_TRY(read, database.scan(from, static_cast<std::size_t>(count), head, [](const Record&) { return true; }));
  static_cast<void>(read);
  return head;
}

Result<std::optional<Witness>> open_witness(const LogDatabase& database, const RocksLogOptions& options,
                                            const Head& head) {
  if (!options.witness_dir) return std::nullopt;
  BILLING_TRY(had_witness, database.had_witness());
  if (options.reset_witness) {
    BILLING_CHECK(set_aside(database, options, head));
  } else {
    BILLING_TRY(testimony, read_witness(*options.witness_dir));
    if (!testimony && had_witness) {
      return refuse(Code::kCorruptRecord,
                    fmt::format("this store has had a witness, and {} has none. Mount the right directory; "
                                "when it is lost, `billing recover witness` proves the log and makes a new one",
                                *options.witness_dir));
    }
    if (testimony) BILLING_CHECK(compare(database, *options.witness_dir, testimony->head, head));
  }
  if (options.read_only) return std::nullopt;
  BILLING_TRY(witness, Witness::create(*options.witness_dir, head));
  if (!had_witness) BILLING_CHECK(remember_witness(database));
  return std::optional<Witness>(std::move(witness));
}

}  // namespace billing::store::rocks

#include "ledger/store/verify_files.h"

#include <fmt/format.h>
#include <rocksdb/db.h>
#include <rocksdb/sst_file_reader.h>
#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <set>

#include "ledger/store/file_list.h"
#include "ledger/store/files.h"
#include "ledger/store/log_database.h"
#include "ledger/store/record.h"
#include "ledger/store/record_file.h"
#include "ledger/store/witness.h"

namespace billing::store {
namespace {
namespace fs = std::filesystem;
using Kind = FileProblem::Kind;

constexpr std::size_t kCacheBytes = 8U << 20;

// One verification; collects the problems.
class Verification {
 public:
  Verification(const std::string& directory, KnownFiles* known) : directory_(directory), known_(known) {}

  std::vector<FileProblem> run(const std::optional<std::string>& witness_dir) {
    if (!list_files()) return std::move(problems_);
    check_current();
    for (const std::string& name : names_) check_file(name);
    check_listed();
    check_data();
    if (witness_dir) check_witness(*witness_dir);
    return std::move(problems_);
  }

 private:
  std::string path(const std::string& name) const { return (fs::path(directory_) / name).string(); }

  FileProblem& report(Kind kind, const std::string& name, std::string detail) {
    return problems_.emplace_back(kind, name.empty() ? "" : path(name), std::move(detail), std::nullopt);
  }

  bool list_files() {
    std::error_code error;
    for (fs::directory_iterator entry(directory_, error), end; !error && entry != end; entry.increment(error)) {
      if (entry->is_regular_file(error)) names_.insert(entry->path().filename());
    }
    if (error) problems_.emplace_back(Kind::kUnreadable, directory_, error.message(), std::nullopt);
    return !error;
  }

  void check_current() {
    const auto current = read_file(path("CURRENT"), 4096);
    if (!current) {
      report(Kind::kMissing, "CURRENT", current.error().detail);
      return;
    }
    const std::string name = current->substr(0, current->find('\n'));
    const bool formed = current->ends_with('\n') && name.starts_with("MANIFEST-") && current->size() == name.size() + 1;
    if (!formed || !names_.contains(name)) {
      report(Kind::kDamaged, "CURRENT", "it does not name a MANIFEST file of this directory");
    }
  }

  // Every file that can be checked by itself; data files are checked with the list that the MANIFEST has of them.
  void check_file(const std::string& name) {
    if (name.starts_with("MANIFEST-") || name.ends_with(".log")) {
      const auto checked = check_record_file(path(name));
      if (!checked) {
        report(Kind::kUnreadable, name, checked.error().detail);
      } else if (*checked) {
        report((*checked)->torn ? Kind::kTornTail : Kind::kDamaged, name, (*checked)->detail);
      }
      if (name.ends_with(".log")) wal_suspect_ |= !checked || checked->has_value();
    } else if (name == "LOCK") {
      std::error_code error;
      if (fs::file_size(path(name), error) != 0) report(Kind::kDamaged, name, "it is not empty");
    } else if (name != "CURRENT" && name != "IDENTITY" && name != kFileListName && !name.starts_with("OPTIONS-") &&
               !name.ends_with(".sst") && !name.ends_with(".dbtmp")) {
      report(Kind::kUnexpected, name, "it is not a file of the store");
    }
  }

  // The files that RocksDB keeps without a checksum, by our list of their digests.
  void check_listed() {
    const auto list = read_file_list(directory_);
    if (!list) {
      report(names_.contains(kFileListName) ? Kind::kDamaged : Kind::kMissing, kFileListName, list.error().detail);
      return;
    }
    for (const auto& [name, digest] : *list) {
      if (!names_.contains(name)) {
        if (name == "IDENTITY") report(Kind::kMissing, name, "it is listed and not there");
        continue;  // RocksDB removes old OPTIONS files by itself
      }
      const auto found = file_digest(path(name));
      if (!found || *found != digest) report(Kind::kDamaged, name, "its digest is not the one that is listed");
    }
    for (const std::string& name : names_) {
      const bool wants_entry = name == "IDENTITY" || (name.starts_with("OPTIONS-") && !name.ends_with(".dbtmp"));
      if (wants_entry && !list->contains(name)) report(Kind::kUnexpected, name, "it is not listed: a crash while opening?");
    }
  }

  void check_data() {
    std::vector<std::string> columns;
    const rocksdb::Status status = rocksdb::DB::ListColumnFamilies(rocksdb::DBOptions(), directory_, &columns);
    const bool is_log = std::find(columns.begin(), columns.end(), rocks::kLogColumn) != columns.end();
    if (!status.ok()) {
      if (problems_.empty()) report(Kind::kDamaged, "CURRENT", status.ToString());
      check_data_files_alone();
    } else if (is_log) {
      check_log();
    } else {
      check_tables();
    }
  }

  void check_log() {
    const auto rehearsed = rocks::LogDatabase::rehearse(directory_);
    const auto database = rehearsed ? rocks::LogDatabase::open(directory_, rocks::OpenMode::kSalvage, kCacheBytes)
                                    : std::unexpected(rehearsed.error());
    if (!database) {
      if (!rehearsed || problems_.empty()) report(Kind::kDamaged, "", database.error().detail);
      check_data_files_alone();
      return;
    }
    std::vector<rocksdb::LiveFileMetaData> live;
    (*database)->db().GetLiveFilesMetaData(&live);
    check_data_files(live);
    check_chain(**database, live);
  }

  void check_tables() {
    rocksdb::Options options(rocks::database_options(directory_, true, std::make_shared<rocks::Health>()),
                             rocksdb::ColumnFamilyOptions());
    options.paranoid_checks = false;
    options.max_open_files = 64;
    options.skip_checking_sst_file_sizes_on_db_open = true;
    options.wal_recovery_mode = rocksdb::WALRecoveryMode::kSkipAnyCorruptedRecords;
    rocksdb::DB* opened = nullptr;
    const rocksdb::Status status = rocksdb::DB::OpenForReadOnly(options, directory_, &opened);
    const std::unique_ptr<rocksdb::DB> db(opened);
    if (!status.ok()) {
      if (problems_.empty()) report(Kind::kDamaged, "", status.ToString());
      check_data_files_alone();
      return;
    }
    std::vector<rocksdb::LiveFileMetaData> live;
    db->GetLiveFilesMetaData(&live);
    check_data_files(live);
  }

  void check_data_files(const std::vector<rocksdb::LiveFileMetaData>& live) {
    std::set<std::string> known;
    for (const auto& file : live) {
      const std::string name = fs::path(file.name).filename();
      known.insert(name);
      if (!names_.contains(name)) {
        blame(report(Kind::kMissing, name, "the MANIFEST lists it and it is not there"), file);
        continue;
      }
      const auto crc = checksum(path(name));
      if (!crc) {
        blame(report(Kind::kUnreadable, name, crc.error().detail), file);
      } else if (file.file_checksum.empty()) {
        check_data_file_alone(name);
      } else if (*crc != file.file_checksum) {
        blame(report(Kind::kDamaged, name, "its checksum is not the one that the MANIFEST has"), file);
      }
    }
    for (const std::string& name : names_) {
      if (name.ends_with(".sst") && !known.contains(name)) {
        report(Kind::kUnexpected, name, "the MANIFEST does not list it: left over by a crash?");
      }
    }
  }

  Result<std::string> checksum(const std::string& file) {
    struct stat place {};
    if (known_ == nullptr || ::stat(file.c_str(), &place) != 0) return file_crc32c(file);
    const auto [at, fresh] = known_->try_emplace({place.st_dev, place.st_ino});
    if (!fresh) return at->second;
    auto crc = file_crc32c(file);
    if (crc) {
      at->second = *crc;
    } else {
      known_->erase(at);
    }
    return crc;
  }

  // The records of a damaged file of the log cannot be trusted from its smallest key on.
  static void blame(FileProblem& problem, const rocksdb::LiveFileMetaData& file) {
    if (file.column_family_name != rocks::kLogColumn) return;
    if (const auto position = parse_position_key(file.smallestkey)) problem.first_position = *position;
  }

  // Without the MANIFEST's list there are still the checksums of blocks.
  void check_data_files_alone() {
    for (const std::string& name : names_) {
      if (name.ends_with(".sst")) check_data_file_alone(name);
    }
  }

  void check_data_file_alone(const std::string& name) {
    rocksdb::SstFileReader reader{rocksdb::Options()};
    rocksdb::Status status = reader.Open(path(name));
    if (status.ok()) status = reader.VerifyChecksum();
    if (!status.ok()) report(Kind::kDamaged, name, status.ToString());
  }

  // Every record from the first to the newest. A record that cannot be trusted is put down to the damaged file that
  // holds it; without one it is a problem of its own.
  void check_chain(const rocks::LogDatabase& database, const std::vector<rocksdb::LiveFileMetaData>& live) {
    const auto head = database.read_head();
    const auto newest = database.newest_position();
    if (!head || !newest) {
      if (problems_.empty()) report(Kind::kDamaged, "", (head ? newest.error() : head.error()).detail);
      return;
    }
    head_ = *head;
    Position damaged = 0;
    const auto scanned = database.scan(1, SIZE_MAX, *head, [](const Record&) { return true; }, &damaged);
    if (!scanned) {
      place(damaged, scanned.error().detail, live);
    } else if (*newest > head->position) {
      place(head->position + 1, fmt::format("the head says {}, the newest record is {}", head->position, *newest), live);
    } else if (wal_suspect_) {
      place(head->position + 1, "", live);  // what the damaged write-ahead log holds comes after the last good record
    }
  }

  void place(Position position, const std::string& detail, const std::vector<rocksdb::LiveFileMetaData>& live) {
    const std::string key = position_key(position);
    std::string holder;
    for (const auto& file : live) {
      if (file.column_family_name == rocks::kLogColumn && file.smallestkey <= key && key <= file.largestkey) {
        holder = path(fs::path(file.name).filename());
      }
    }
    for (FileProblem& problem : problems_) {
      const bool of_wal = holder.empty() && problem.file.ends_with(".log");
      if (problem.kind == Kind::kUnexpected || (problem.file != holder && !of_wal)) continue;
      problem.first_position = position;
      if (!detail.empty()) problem.detail += "; " + detail;
      return;
    }
    if (detail.empty()) return;
    FileProblem problem{Kind::kDamaged, holder, detail, position};
    problems_.push_back(std::move(problem));
  }

  void check_witness(const std::string& witness_dir) {
    const std::string file = (fs::path(witness_dir) / "witness").string();
    const auto testimony = read_witness(witness_dir);
    const auto add = [&](Kind kind, std::string detail, std::optional<Position> position) {
      problems_.emplace_back(kind, file, std::move(detail), position);
    };
    if (!testimony) return add(Kind::kDamaged, testimony.error().detail, {});
    if (!*testimony) return add(Kind::kMissing, "there is no witness", {});
    const Head& noted = (*testimony)->head;
    if ((*testimony)->damaged_slot) add(Kind::kOneOfTwo, "one of its two places cannot be read", {});
    if (!head_) return;
    if (noted.position > head_->position) {
      add(Kind::kMissing,
          fmt::format("the log has lost its end: the witness saw position {}, the store ends at {}", noted.position, head_->position),
          head_->position + 1);
    } else if (noted.position == head_->position && noted.hash != head_->hash) {
      add(Kind::kDamaged, "its hash is not the head's", noted.position);
    }
  }

  const std::string directory_;
  KnownFiles* const known_;
  std::set<std::string> names_;
  std::vector<FileProblem> problems_;
  bool wal_suspect_ = false;
  std::optional<Head> head_;
};

}  // namespace

std::string_view kind_text(Kind kind) {
  switch (kind) {
    case Kind::kDamaged: return "damaged";
    case Kind::kMissing: return "missing";
    case Kind::kOneOfTwo: return "one of two copies damaged";
    case Kind::kTornTail: return "torn tail";
    case Kind::kUnexpected: return "unexpected";
    case Kind::kUnreadable: return "unreadable";
  }
  return "damaged";
}

std::vector<FileProblem> verify_files(const std::string& directory, const std::optional<std::string>& witness_dir,
                                      KnownFiles* known) {
  return Verification(directory, known).run(witness_dir);
}

}  // namespace billing::store

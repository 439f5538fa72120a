#include "ops/recover.h"

#include <fmt/format.h>

#include <filesystem>
#include <optional>
#include <set>
#include <span>
#include <vector>

#include "events/publisher/tail.h"
#include "ledger/codec/codec.h"
#include "ledger/crypto/encode.h"
#include "ledger/store/rocks_log.h"
#include "ledger/store/rocks_tables.h"
#include "ops/progress.h"
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

// With a witness made anew, or (read-only) asking whether that may be.
Result<std::unique_ptr<store::RocksLog>> open_for_new_witness(const Config& config, const RecoverOrder& order, bool read_only) {
  store::RocksLogOptions options;
  options.directory = config.ledger_dir();
  options.witness_dir = config.witness_dir;
  options.reset_witness = true;
  options.lost_after = order.lost_after;
  options.read_only = read_only;
  return store::open_rocks_log(options);
}

// Whether what can be read of the witness does not stand in the way of a new one.
bool check_noted(const Config& config, const RecoverOrder& order, const store::Head& head) {
  const auto log = open_for_new_witness(config, order, true);
  if (log) return true;
  fmt::print("witness: {}\n", log.error().detail);
  const auto noted = store::noted_by_witness(config.witness_dir);
  if (!noted || !*noted || (*noted)->position <= head.position) return false;
  fmt::print("witness: {} events that were acknowledged are missing. Look for them: `billing recover tail` brings them back from the "
             "topic, `billing restore` from a newer backup. With --lost-after {} they are given up for ever\n",
             (*noted)->position - head.position, head.position);
  return false;
}

bool is_stopped_ledger(const Config& config) {
  std::error_code problem;
  if (in_use(config)) {
    fmt::print(stderr, "{} is in use by a running service: stop it first\n", config.data);
    return false;
  }
  if (std::filesystem::exists(config.ledger_dir() + "/CURRENT", problem)) return true;
  fmt::print(stderr, "{}: there is no ledger here\n", config.ledger_dir());
  return false;
}

// The log for reading or writing, with its witness; printed where it cannot be had.
Result<std::unique_ptr<store::RocksLog>> open_proved(const Config& config, bool read_only) {
  auto log = read_only ? open_log_for_reading(config) : open_log(config);
  if (!log) fmt::print("ledger: {}\nrefused: first the ledger itself\n", log.error().detail);
  return log;
}

// Everybody whose data the log holds under a key that is not there.
Result<std::set<PersonId>> persons_without_key(const store::Log& log, const codec::PersonKeys& keys) {
  std::vector<PersonId> lost;
  Progress progress("looking for keys", "events");
  for (Position position = 1; position <= log.head().position;) {
    BILLING_TRY(visited, log.read(position, 8'192, [&](const store::Record& record) {
      static_cast<void>(codec::check_keys(record, keys, &lost));
      return true;
    }));
    position += visited;
    progress.show(position - 1, log.head().position);
  }
  return std::set<PersonId>(lost.begin(), lost.end());
}

// What the topic has behind a log, committed in whole commands, many at a time.
class TailWriter {
 public:
  // `log` null: nothing is written.
  TailWriter(store::Log* log, store::Head head) : log_(log), head_(head) {}

  // Commits what is whole.
  void finish() { static_cast<void>(commit()); }

  bool take(const publisher::TailEvent& event) {
    if (event.personal) return stop(event, "it holds personal data, which is in no topic");
    const auto envelope = codec::decode(event.record, nullptr);
    if (!envelope) return stop(event, envelope.error().detail);
    if (envelope->index != records_.size()) return stop(event, "its command does not begin where the one before ends");
    records_.push_back(event.record);
    if (envelope->index + 1 < envelope->count) return true;
    commands_.push_back({.key = store::command_key(Uuid{}, envelope->command_id),
                         .first_position = records_.front().position,
                         .count = envelope->count});
    whole_.insert(whole_.end(), std::make_move_iterator(records_.begin()), std::make_move_iterator(records_.end()));
    records_.clear();
    end_ = {event.record.position, event.hash};
    return whole_.size() < kRecordsPerCommit || commit();
  }

  const store::Head& head() const { return head_; }
  // Why it went no further; because of the log itself, where failed().
  const std::string& stopped() const { return stopped_; }
  bool failed() const { return failed_; }

 private:
  static constexpr std::size_t kRecordsPerCommit = 2'048;

  bool stop(const publisher::TailEvent& event, std::string_view why) {
    stopped_ = fmt::format("position {}: {}", event.record.position, why);
    return false;
  }

  bool commit() {
    if (whole_.empty()) return true;
    if (log_ != nullptr) {
      if (auto written = log_->commit(whole_, commands_); !written) {
        stopped_ = fmt::format("position {}: {}", whole_.front().position, written.error().detail);
        failed_ = true;
        return false;
      }
    }
    head_ = end_;
    whole_.clear();
    commands_.clear();
    return true;
  }

  store::Log* const log_;
  store::Head head_;  // what is committed
  std::vector<store::Record> records_;  // of a command that is not whole yet
  std::vector<store::Record> whole_;  // of commands that are, up to `end_`
  std::vector<store::CommandEntry> commands_;
  store::Head end_;
  std::string stopped_;
  bool failed_ = false;
};

}  // namespace

int recover_keys(const Config& config, const RecoverOrder& order) {
  if (!is_stopped_ledger(config)) return 2;
  const auto log = open_proved(config, true);
  if (!log) return 1;
  auto keys = order.write ? codec::PersonKeys::open(config.keys_dir()) : codec::PersonKeys::open_copy(config.keys_dir());
  if (!keys) {
    fmt::print("keys: {}\nrefused: move the files in {} away if they are in no backup\n", keys.error().detail, config.keys_dir());
    return 1;
  }
  const auto lost = persons_without_key(**log, **keys);
  if (!lost) {
    fmt::print("ledger: {}\n", lost.error().detail);
    return 1;
  }
  const auto count = (*keys)->count();
  fmt::print("keys: {} of persons, {} erased, {} lost\n", count.keys, count.erased, lost->size());
  if (lost->empty()) return 0;
  if (!order.write) {
    fmt::print("nothing is changed; with --write the names and contacts of these {} persons read `erased` from now on. Look for a "
               "backup of the keys first: what is given up here can never be read again\n",
               lost->size());
    return 0;
  }
  const std::vector<PersonId> persons(lost->begin(), lost->end());
  if (auto given_up = (*keys)->give_up(persons); !given_up) {
    fmt::print(stderr, "{}\n", given_up.error().detail);
    return 2;
  }
  fmt::print("{} persons are noted as erased\n", persons.size());
  return 0;
}

int recover_tail(const Config& config, const RecoverOrder& order) {
  if (config.kafka == "none" || config.kafka == "embedded") {
    fmt::print(stderr, "kafka.brokers: name the brokers that have the topic\n");
    return 2;
  }
  if (!is_stopped_ledger(config)) return 2;
  // Not with its witness, which may have seen what is to be brought back.
  if (!report_files("ledger", store::verify_files(config.ledger_dir()))) {
    fmt::print("refused: the ledger itself is damaged, restore a backup\n");
    return 1;
  }
  const auto log = open_log_without_witness(config, !order.write);
  if (!log) {
    fmt::print("ledger: {}\n", log.error().detail);
    return 1;
  }
  const auto noted = store::noted_by_witness(config.witness_dir);
  const store::Head before = (*log)->head();
  TailWriter writer(order.write ? log->get() : nullptr, before);
  std::optional<Progress> progress(std::in_place, "reading the topic", "records");
  const auto topic_end = publisher::read_events_after({config.kafka, config.kafka_topic, config.kafka_security}, before,
                                                      [&](const publisher::TailEvent& event) { return writer.take(event); },
                                                      [&](std::uint64_t done, std::uint64_t all) { progress->show(done, all); });
  progress.reset();
  writer.finish();
  if (!topic_end) {
    fmt::print("topic: {}\n", topic_end.error().detail);
    return topic_end.error().code == Code::kCorruptRecord ? 1 : 2;
  }
  const Position end = writer.head().position;
  fmt::print("ledger: it ended at position {}; topic {}: it ends at position {}\n", before.position, config.kafka_topic,
             *topic_end);
  if (end == before.position) fmt::print("there is nothing to bring back\n");
  else fmt::print("{} {} events, positions {} to {}\n", order.write ? "brought back:" : "nothing is changed; with --write are brought back:",
                  end - before.position, before.position + 1, end);
  if (writer.failed()) {
    fmt::print(stderr, "ledger: {}\n", writer.stopped());
    return 2;
  }
  if (noted && *noted && (*noted)->position > end) {
    fmt::print("the witness has seen position {}, which the topic does not have: restore a newer backup\n", (*noted)->position);
    return 1;
  }
  if (*topic_end <= end) return 0;
  fmt::print("not brought back: positions {} to {}; {}. The service publishes to this topic no more: restore a newer backup, or "
             "give the ledger a kafka.topic of its own and tell its subscribers\n",
             end + 1, *topic_end, writer.stopped().empty() ? "the last command in the topic is not whole" : writer.stopped());
  return 1;
}

int recover_witness(const Config& config, const RecoverOrder& order) {
  if (!is_stopped_ledger(config)) return 2;
  if (!report_files("ledger", store::verify_files(config.ledger_dir()))) {
    fmt::print("refused: the ledger itself is damaged, restore a backup\n");
    return 1;
  }
  store::Head head;
  {
    auto log = open_log_without_witness(config, true);
    auto proved = log ? check_log(**log) : std::unexpected(log.error());
    if (!proved) {
      fmt::print("ledger: {}\nrefused: the ledger itself is damaged, restore a backup\n", proved.error().detail);
      return 1;
    }
    head = (*log)->head();
    fmt::print("ledger: {} events, every hash, version, sequence and balance holds; head {}\n", head.position,
               crypto::hex(head.hash));
    bool whole = views_are_of(config, **log);
    check_keys(config, **log);  // what is wrong there is told: it does not say where the log ends
    whole = check_noted(config, order, head) && whole;
    if (config.kafka != "none" && config.kafka != "embedded") whole = check_topic(config, **log, true) && whole;
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
  if (auto written = open_for_new_witness(config, order, false); !written) {
    fmt::print(stderr, "{}\n", written.error().detail);
    return 2;
  }
  fmt::print("the witness in {} is made anew at position {}\n", config.witness_dir, head.position);
  return 0;
}

}  // namespace billing::ops

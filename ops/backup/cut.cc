#include "ops/backup/cut.h"

#include <fmt/format.h>

#include <vector>

#include "ledger/codec/codec.h"
#include "ops/backup/recorded.h"

namespace billing::ops {
namespace {

constexpr std::size_t kBatchRecords = 2'048;
constexpr std::size_t kBatchBytes = 4U << 20;

// Records that wait for a commit, and the entries of their commands.
struct Batch {
  std::vector<store::Record> records;
  std::vector<store::CommandEntry> commands;
  std::size_t bytes = 0;
  bool whole = true;  // it ends with the last event of a command
};

Result<void> append(const store::Log& from, const store::Record& record, Batch& batch) {
  BILLING_TRY(event, codec::decode(record, nullptr));
  if (event.index == 0) {
    BILLING_TRY(entry, from.find_command(store::command_key(Uuid{}, event.command_id)));
    if (!entry || entry->first_position != record.position || entry->count != event.count) {
      return refuse(Code::kCorruptRecord, fmt::format("position {}: its command is not in the index", record.position));
    }
    batch.commands.push_back(std::move(*entry));
  }
  batch.whole = event.index + 1 == event.count;
  batch.bytes += record.public_part.size() + record.private_part.size();
  batch.records.push_back(record);
  return {};
}

// Reads from `position` to `last` until the batch is full and its last command whole.
Result<void> fill(const store::Log& from, Position position, Position last, Batch& batch) {
  Result<void> outcome;
  BILLING_CHECK(from.read(position, static_cast<std::size_t>(last - position + 1), [&](const store::Record& record) {
    outcome = append(from, record, batch);
    const bool full = batch.records.size() >= kBatchRecords || batch.bytes >= kBatchBytes;
    return outcome.has_value() && !(full && batch.whole);
  }));
  return outcome;
}

}  // namespace

Result<void> check_cut(const store::Log& log, Position last) {
  const Position head = log.head().position;
  if (last == 0 || last > head) {
    return refuse(Code::kInvalidParameter, fmt::format("position {} is not in it: it has positions 1 to {}", last, head));
  }
  BILLING_TRY(event, event_at(log, last));
  if (event.index + 1 == event.count) return {};
  const Position first = last - event.index;
  return refuse(Code::kInvalidParameter,
                fmt::format("position {} is inside of a command, which is done whole or not at all: take {} or {}", last,
                            first - 1, first + event.count - 1));
}

Result<void> copy_log(const store::Log& from, Position last, store::Log& to,
                      const std::function<void(Position, Position)>& progress) {
  BILLING_CHECK(check_cut(from, last));
  for (Position next = 1; next <= last;) {
    Batch batch;
    BILLING_CHECK(fill(from, next, last, batch));
    BILLING_CHECK(to.commit(batch.records, batch.commands));
    next += batch.records.size();
    if (progress) progress(next - 1, last);
  }
  return {};
}

}  // namespace billing::ops

#include "events/publisher/progress.h"

#include <array>

namespace billing::publisher {
namespace {

constexpr std::size_t kHeaderBytes = 700;  // what the headers of an event take, about

}  // namespace

void Progress::set_state(State state) {
  std::lock_guard lock(mutex_);
  stats_.state = state;
}

State Progress::state() const {
  std::lock_guard lock(mutex_);
  return stats_.state;
}

void Progress::set_error(std::string text) {
  std::lock_guard lock(mutex_);
  stats_.last_error = std::move(text);
}

void StopSign::raise() {
  std::lock_guard lock(mutex_);
  raised_ = true;
  changed_.notify_all();
}

bool StopSign::wait(std::chrono::milliseconds at_most) {
  std::unique_lock lock(mutex_);
  return !changed_.wait_for(lock, at_most, [&] { return raised_.load(); });
}

Outcome<void> append_from_log(const Shared& shared, store::Head& next, Batch& batch, const Produce& produce) {
  Outcome<void> outcome;
  const PublisherOptions& options = shared.options;
  const auto visit = [&](const store::Record& record) {
    if (record.position != next.position + 1 || record.previous_hash != next.hash) {
      outcome = trouble(Verdict::kHalt, "the log's chain is broken at position " + std::to_string(record.position) +
                                            ": run `billing verify` and restore the store");
      return false;
    }
    const auto description = describe(record);
    if (!description) {
      outcome = trouble(Verdict::kHalt, "the event at position " + std::to_string(record.position) +
                                            " cannot be read: " + description.error().detail);
      return false;
    }
    const store::Hash hash = store::record_hash(record);
    outcome = produce(record, hash, *description);
    if (!outcome) return false;
    next = {record.position, hash};
    ++batch.events;
    batch.bytes += record.public_part.size() + kHeaderBytes;
    batch.full = batch.events >= options.events_per_transaction_max || batch.bytes >= options.bytes_per_transaction_max;
    return !batch.full;
  };
  const auto read = shared.log.read(next.position + 1, options.events_per_transaction_max - batch.events, visit);
  if (!read) {
    const bool corrupt = read.error().code == Code::kCorruptRecord;
    return trouble(corrupt ? Verdict::kHalt : Verdict::kRetry, "the log cannot be read: " + read.error().detail);
  }
  return outcome;
}

rd_kafka_resp_err_t produce(const Client& client, const std::string& topic, std::string_view key,
                            std::string_view value, const std::vector<Header>& headers) {
  rd_kafka_headers_t* const list = rd_kafka_headers_new(headers.size());
  for (const Header& header : headers)
    rd_kafka_header_add(list, header.name.data(), static_cast<ssize_t>(header.name.size()), header.value.data(),
                        static_cast<ssize_t>(header.value.size()));
  std::array<rd_kafka_vu_t, 6> parts{};
  parts[0].vtype = RD_KAFKA_VTYPE_TOPIC;
  parts[0].u.cstr = topic.c_str();
  parts[1].vtype = RD_KAFKA_VTYPE_PARTITION;  // explicit: the partitioner may never have a say
  parts[1].u.i32 = 0;
  parts[2].vtype = RD_KAFKA_VTYPE_MSGFLAGS;
  parts[2].u.i = RD_KAFKA_MSG_F_COPY;
  parts[3].vtype = RD_KAFKA_VTYPE_VALUE;
  parts[3].u.mem = {const_cast<char*>(value.data()), value.size()};
  parts[4].vtype = RD_KAFKA_VTYPE_KEY;
  parts[4].u.mem = {key.empty() ? nullptr : const_cast<char*>(key.data()), key.size()};
  parts[5].vtype = RD_KAFKA_VTYPE_HEADERS;
  parts[5].u.headers = list;
  rd_kafka_error_t* const error = rd_kafka_produceva(client.get(), parts.data(), parts.size());
  if (error == nullptr) return RD_KAFKA_RESP_ERR_NO_ERROR;
  const auto code = rd_kafka_error_code(error);
  rd_kafka_error_destroy(error);
  rd_kafka_headers_destroy(list);  // still ours after a failure
  return code;
}

}  // namespace billing::publisher

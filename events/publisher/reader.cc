#include "events/publisher/reader.h"

#include <algorithm>

namespace billing::publisher {
namespace {

constexpr int kPartition = 0;
constexpr std::int64_t kFirstWindow = 64;
constexpr std::chrono::seconds kStuckAfter{20};

struct FreeList {
  void operator()(rd_kafka_topic_partition_list_t* list) const { rd_kafka_topic_partition_list_destroy(list); }
};
struct FreeMessage {
  void operator()(rd_kafka_message_t* message) const { rd_kafka_message_destroy(message); }
};

std::optional<std::string_view> header_of(const void* message, std::string_view name) {
  rd_kafka_headers_t* headers = nullptr;
  if (rd_kafka_message_headers(static_cast<const rd_kafka_message_t*>(message), &headers) != RD_KAFKA_RESP_ERR_NO_ERROR)
    return std::nullopt;
  const void* value = nullptr;
  std::size_t size = 0;
  // Names are literals, so data() ends with a zero.
  if (rd_kafka_header_get_last(headers, name.data(), &value, &size) != RD_KAFKA_RESP_ERR_NO_ERROR || value == nullptr)
    return std::nullopt;
  return std::string_view(static_cast<const char*>(value), size);
}

Outcome<std::int64_t> query_offset(const Client& client, const std::string& topic, std::int64_t which, int at_most_ms) {
  // Not rd_kafka_query_watermark_offsets: it waits for ever on a broker that does not answer.
  const std::unique_ptr<rd_kafka_topic_partition_list_t, FreeList> list(rd_kafka_topic_partition_list_new(1));
  rd_kafka_topic_partition_list_add(list.get(), topic.c_str(), kPartition)->offset = which;
  auto error = rd_kafka_offsets_for_times(client.get(), list.get(), at_most_ms);
  if (error == RD_KAFKA_RESP_ERR_NO_ERROR) error = list->elems[0].err;
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR)
    return trouble(Verdict::kRetry,
                   "the topic's offsets cannot be read: " + error_text(error) + "; " + client.last_error());
  return list->elems[0].offset;
}

std::string_view bytes_of(const void* data, std::size_t size) {
  return data == nullptr ? std::string_view() : std::string_view(static_cast<const char*>(data), size);
}

}  // namespace

Outcome<Client> make_reading_client(const Connection& connection, Isolation isolation) {
  std::vector<Setting> settings = connection_settings(connection);
  const char* const level = isolation == Isolation::kCommitted ? "read_committed" : "read_uncommitted";
  settings.insert(settings.end(), {{"isolation.level", level},
                                   {"enable.partition.eof", "true"},
                                   {"enable.auto.commit", "false"},
                                   {"enable.auto.offset.store", "false"},
                                   {"auto.offset.reset", "error"},
                                   {"allow.auto.create.topics", "false"},
                                   {"check.crcs", "true"},
                                   {"fetch.wait.max.ms", "100"},
                                   {"fetch.error.backoff.ms", "100"},
                                   {"queued.max.messages.kbytes", "16384"}});
  return Client::make(RD_KAFKA_CONSUMER, settings);
}

Outcome<Offsets> query_offsets(const Client& client, const std::string& topic, std::chrono::milliseconds at_most) {
  const int milliseconds = static_cast<int>(at_most.count());
  const auto low = query_offset(client, topic, RD_KAFKA_OFFSET_BEGINNING, milliseconds);
  if (!low) return std::unexpected(low.error());
  const auto end = query_offset(client, topic, RD_KAFKA_OFFSET_END, milliseconds);
  if (!end) return std::unexpected(end.error());
  return Offsets{*low, *end};
}

Outcome<Reader> Reader::open(const Connection& connection) {
  auto client = make_reading_client(connection, Isolation::kCommitted);
  if (!client) return std::unexpected(std::move(client.error()));
  rd_kafka_topic_t* const topic = rd_kafka_topic_new(client->get(), connection.topic.c_str(), nullptr);
  if (topic == nullptr)
    return trouble(Verdict::kHalt, "the topic's name is refused: " + error_text(rd_kafka_last_error()));
  return Reader(std::move(*client), topic, connection.topic);
}

Reader::Reader(Client client, rd_kafka_topic_t* topic, std::string name)
    : client_(std::move(client)), topic_(topic), name_(std::move(name)) {}

Reader::Reader(Reader&& other) noexcept
    : client_(std::move(other.client_)),
      topic_(std::exchange(other.topic_, nullptr)),
      name_(std::move(other.name_)),
      reading_(std::exchange(other.reading_, false)),
      record_(std::move(other.record_)) {}

Reader::~Reader() { close(); }

void Reader::close() {
  if (topic_ == nullptr) return;
  if (reading_) rd_kafka_consume_stop(topic_, kPartition);
  rd_kafka_topic_destroy(std::exchange(topic_, nullptr));
}

Outcome<Offsets> Reader::offsets(std::chrono::milliseconds at_most) const {
  return query_offsets(client_, name_, at_most);
}

Outcome<void> Reader::seek(std::int64_t offset) {
  if (reading_) rd_kafka_consume_stop(topic_, kPartition);
  reading_ = rd_kafka_consume_start(topic_, kPartition, offset) == 0;
  if (!reading_) return trouble(Verdict::kRetry, "the topic cannot be read: " + error_text(rd_kafka_last_error()));
  return {};
}

Outcome<Reader::Step> Reader::next(std::chrono::milliseconds at_most,
                                   const std::function<void(const TopicRecord&)>& visit) {
  client_.poll();
  const std::unique_ptr<rd_kafka_message_t, FreeMessage> message(
      rd_kafka_consume(topic_, kPartition, static_cast<int>(at_most.count())));
  if (!message) return Step::kNothing;
  if (message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) return Step::kEnd;
  if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR)
    return trouble(Verdict::kRetry, "reading the topic failed: " + error_text(message->err));
  record_.offset = message->offset;
  record_.key = bytes_of(message->key, message->key_len);
  record_.value = bytes_of(message->payload, message->len);
  read_headers(message.get(), header_of, record_);
  visit(record_);
  return Step::kRecord;
}

Outcome<void> read_until(Reader& reader, std::int64_t end, std::chrono::milliseconds patience,
                         const std::function<bool(const TopicRecord&)>& visit) {
  constexpr std::chrono::milliseconds kSlice{200};
  auto moved = std::chrono::steady_clock::now();
  for (bool more = true; more;) {
    const auto step = reader.next(kSlice, [&](const TopicRecord& record) { more = record.offset < end && visit(record); });
    if (!step) return std::unexpected(step.error());
    if (*step == Reader::Step::kEnd) break;
    const auto now = std::chrono::steady_clock::now();
    if (*step == Reader::Step::kRecord) moved = now;
    if (now - moved > patience) return trouble(Verdict::kRetry, "reading the topic does not go on");
  }
  return {};
}

namespace {

void take(const TopicRecord& record, Tail& tail) {
  ++tail.read;
  if (record.kind == TopicRecord::Kind::kForeign) {
    ++tail.foreign;
    return;
  }
  tail.epoch = std::max(tail.epoch, record.epoch);
  if (record.kind == TopicRecord::Kind::kClaim) {
    tail.claim_epoch = record.epoch;
    tail.claim_node = record.node;
  } else {
    tail.head = record.head;
  }
}

// Reads [from, the end) into a new Tail.
Outcome<Tail> read_window(Reader& reader, std::int64_t from, const std::function<bool()>& stopped) {
  Tail tail;
  std::string torn;
  BILLING_PASS(reader.seek(from));
  auto moved = std::chrono::steady_clock::now();
  for (;;) {
    if (stopped()) return trouble(Verdict::kStopped, "");
    const auto step = reader.next(std::chrono::milliseconds(200), [&](const TopicRecord& record) {
      const Position before = tail.head.position;
      take(record, tail);
      if (record.kind == TopicRecord::Kind::kEvent && before != 0 && tail.head.position != before + 1 && torn.empty())
        torn = "at offset " + std::to_string(record.offset) + " the topic goes from position " +
               std::to_string(before) + " to " + std::to_string(tail.head.position);
    });
    if (!step) return std::unexpected(step.error());
    if (!torn.empty()) return forked(torn + ": `billing verify --kafka` on the stopped service tells all of it");
    if (*step == Reader::Step::kEnd) return tail;
    const auto now = std::chrono::steady_clock::now();
    if (*step == Reader::Step::kRecord) moved = now;
    if (now - moved > kStuckAfter) return trouble(Verdict::kRetry, "reading the topic's tail back does not go on");
  }
}

}  // namespace

Outcome<Tail> read_tail(const Connection& connection, const std::function<bool()>& stopped) {
  auto reader = Reader::open(connection);
  if (!reader) return std::unexpected(std::move(reader.error()));
  const auto offsets = reader->offsets(std::chrono::seconds(10));
  if (!offsets) return std::unexpected(offsets.error());
  if (offsets->end <= offsets->low) return Tail{};
  // Control records, CLAIMs and aborted events take offsets too, so the last event may be far from the end.
  for (std::int64_t window = kFirstWindow;; window *= 8) {
    const std::int64_t from = std::max(offsets->low, offsets->end - window);
    auto tail = read_window(*reader, from, stopped);
    if (!tail || tail->head.position != 0 || from == offsets->low) return tail;
  }
}

}  // namespace billing::publisher

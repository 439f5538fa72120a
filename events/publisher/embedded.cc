#include "events/publisher/embedded.h"

#include <librdkafka/rdkafka_mock.h>

#include <chrono>
#include <string>
#include <vector>

namespace billing::publisher {
namespace {

// The broker keeps 5 MiB, headers and all; what is published beyond would push out what was before.
constexpr std::size_t kRepublishedBytes = 4U << 20U;
constexpr std::size_t kHeaderBytes = 700;  // of an event: names and values of all headers, and what the broker adds
constexpr Position kLookedAt = 20'000;     // more events have no room

// How many of the newest events the broker has room for.
Outcome<Position> count_that_fit(const store::Log& log) {
  const Position head = log.head().position;
  const Position from = head > kLookedAt ? head - kLookedAt : 0;
  std::vector<std::size_t> sizes;
  while (from + sizes.size() < head) {
    const auto read = log.read(from + sizes.size() + 1, 4'096, [&](const store::Record& record) {
      sizes.push_back(record.public_part.size() + kHeaderBytes);
      return true;
    });
    if (!read || *read == 0) return trouble(Verdict::kRetry, "the log cannot be read");
  }
  Position fit = 0;
  for (std::size_t bytes = 0; fit < sizes.size(); ++fit) {
    bytes += sizes[sizes.size() - 1 - fit];
    if (bytes > kRepublishedBytes) break;
  }
  return fit;
}

// The head before the first event to publish.
Outcome<store::Head> place_to_begin(const Shared& shared) {
  const store::Log& log = shared.log;
  auto fit = count_that_fit(log);
  if (!fit) return std::unexpected(std::move(fit.error()));
  const Position head = log.head().position;
  Position before = head > *fit ? head - *fit : 0;
  if (shared.known.position == 0) {
    shared.notify(Notice::Severity::kInfo, before == 0
                      ? "the embedded Kafka broker serves the log from its beginning"
                      : "the embedded Kafka broker serves the log from position " + std::to_string(before + 1) +
                            " on: it has no room for what is before");
  }
  if (shared.known.position > before) before = shared.known.position;
  if (before == 0) return store::Head{};
  store::Head place{before, {}};
  const auto read = log.read(before, 1, [&](const store::Record& record) {
    place.hash = store::record_hash(record);
    return false;
  });
  if (!read || *read != 1) return trouble(Verdict::kRetry, "the log cannot be read");
  return place;
}

Outcome<void> one_batch(Shared& shared, const Client& producer, store::Head& published) {
  store::Head next = published;
  Batch batch;
  const auto send = [&](const store::Record& record, const store::Hash& hash,
                        const Description& description) -> Outcome<void> {
    const auto headers = event_headers(record, hash, description, shared.options.source, 1);
    const auto code = produce(producer, shared.options.connection.topic, description.customer.uuid.view(),
                              record.public_part, headers);
    if (code != RD_KAFKA_RESP_ERR_NO_ERROR) return trouble(Verdict::kRetry, "cannot be sent: " + error_text(code));
    return {};
  };
  BILLING_PASS(append_from_log(shared, next, batch, send));
  if (const auto code = rd_kafka_flush(producer.get(), 10'000); code != RD_KAFKA_RESP_ERR_NO_ERROR)
    return trouble(Verdict::kRetry, "the embedded broker does not answer: " + error_text(code));
  if (producer.signals().undelivered > 0) return trouble(Verdict::kRetry, "not delivered; " + producer.last_error());
  published = next;
  shared.known = next;
  shared.progress.update([&](PublisherStats& stats) {
    stats.published = next.position;
    stats.events += batch.events;
    ++stats.transactions;
  });
  return {};
}

}  // namespace

Result<std::unique_ptr<EmbeddedBroker>> EmbeddedBroker::start(const std::string& topic) {
  auto client = Client::make(RD_KAFKA_PRODUCER, {{"client.id", "billing-embedded-broker"}});
  if (!client) return refuse(Code::kInternal, client.error().text);
  std::unique_ptr<EmbeddedBroker> broker(new EmbeddedBroker(std::move(*client)));
  broker->cluster_ = rd_kafka_mock_cluster_new(broker->client_.get(), 1);
  if (broker->cluster_ == nullptr)
    return refuse(Code::kInternal, "the embedded Kafka broker cannot listen on loopback");
  const auto code = rd_kafka_mock_topic_create(broker->cluster_, topic.c_str(), 1, 1);
  if (code != RD_KAFKA_RESP_ERR_NO_ERROR)
    return refuse(Code::kInternal, "the embedded Kafka broker has no topic: " + error_text(code));
  return broker;
}

EmbeddedBroker::~EmbeddedBroker() {
  if (cluster_ != nullptr) rd_kafka_mock_cluster_destroy(cluster_);
}

std::string EmbeddedBroker::bootstrap() const { return rd_kafka_mock_cluster_bootstraps(cluster_); }

Trouble publish_embedded(Shared& shared) {
  shared.progress.set_state(State::kConnecting);
  std::vector<Setting> settings = connection_settings(shared.options.connection);
  settings.insert(settings.end(), {{"enable.idempotence", "true"}, {"acks", "all"}, {"linger.ms", "2"}});
  auto producer = Client::make(RD_KAFKA_PRODUCER, settings);
  if (!producer) return producer.error();
  auto published = place_to_begin(shared);
  if (!published) return published.error();
  shared.progress.set_state(State::kPublishing);
  while (!shared.stop.raised()) {
    producer->poll();
    if (!shared.log.wait_past(published->position, std::chrono::milliseconds(200))) continue;
    if (auto sent = one_batch(shared, *producer, *published); !sent) {
      shared.reaper.bury(std::move(*producer));
      return sent.error();
    }
  }
  return {Verdict::kStopped, "", false};
}

}  // namespace billing::publisher

#include "events/publisher/topic.h"

#include <array>
#include <chrono>
#include <thread>

namespace billing::publisher {
namespace {

constexpr int kAskMs = 5'000;
constexpr int kLeaderTries = 50;

struct FreeQueue {
  void operator()(rd_kafka_queue_t* queue) const { rd_kafka_queue_destroy(queue); }
};
struct FreeEvent {
  void operator()(rd_kafka_event_t* event) const { rd_kafka_event_destroy(event); }
};
struct FreeNewTopic {
  void operator()(rd_kafka_NewTopic_t* topic) const { rd_kafka_NewTopic_destroy(topic); }
};
struct FreeResource {
  void operator()(rd_kafka_ConfigResource_t* resource) const { rd_kafka_ConfigResource_destroy(resource); }
};
struct FreeOptions {
  void operator()(rd_kafka_AdminOptions_t* options) const { rd_kafka_AdminOptions_destroy(options); }
};
using Queue = std::unique_ptr<rd_kafka_queue_t, FreeQueue>;
using Event = std::unique_ptr<rd_kafka_event_t, FreeEvent>;
using AdminOptions = std::unique_ptr<rd_kafka_AdminOptions_t, FreeOptions>;

AdminOptions admin_options(const Client& client, rd_kafka_admin_op_t operation) {
  AdminOptions options(rd_kafka_AdminOptions_new(client.get(), operation));
  std::array<char, 128> text{};
  rd_kafka_AdminOptions_set_request_timeout(options.get(), kAskMs, text.data(), text.size());
  return options;
}

Outcome<Event> answer(const Queue& queue) {
  Event event(rd_kafka_queue_poll(queue.get(), kAskMs + 1'000));
  if (!event) return trouble(Verdict::kRetry, "the brokers (kafka.brokers) do not answer");
  if (const auto error = rd_kafka_event_error(event.get()); error != RD_KAFKA_RESP_ERR_NO_ERROR)
    return trouble(Verdict::kRetry, error_text(error) + ": " + rd_kafka_event_error_string(event.get()));
  return event;
}

// The number of partitions, 0 when there is no such topic, -1 while a partition has no leader.
Outcome<int> count_partitions(const Client& client, const std::string& name) {
  rd_kafka_topic_t* const topic = rd_kafka_topic_new(client.get(), name.c_str(), nullptr);
  if (topic == nullptr) return trouble(Verdict::kHalt, "the topic's name is refused");
  const rd_kafka_metadata_t* metadata = nullptr;
  const auto error = rd_kafka_metadata(client.get(), 0, topic, &metadata, kAskMs);
  rd_kafka_topic_destroy(topic);
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR)
    return trouble(Verdict::kRetry, "the brokers (kafka.brokers) do not answer: " + error_text(error) + "; " + client.last_error());
  const std::unique_ptr<const rd_kafka_metadata_t, void (*)(const rd_kafka_metadata_t*)> owner(
      metadata, rd_kafka_metadata_destroy);
  if (metadata->topic_cnt != 1) return 0;
  const rd_kafka_metadata_topic_t& found = metadata->topics[0];
  if (found.err == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART) return 0;
  if (found.err == RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE) return -1;
  if (found.err != RD_KAFKA_RESP_ERR_NO_ERROR)
    return trouble(Verdict::kRetry, "the topic " + name + " cannot be used: " + error_text(found.err));
  for (int i = 0; i < found.partition_cnt; ++i)
    if (found.partitions[i].leader < 0) return -1;
  return found.partition_cnt;
}

Outcome<void> create(const Client& client, const PublisherOptions& options) {
  const std::string& name = options.connection.topic;
  std::array<char, 256> text{};
  const std::unique_ptr<rd_kafka_NewTopic_t, FreeNewTopic> topic(
      rd_kafka_NewTopic_new(name.c_str(), 1, options.replication_factor, text.data(), text.size()));
  if (!topic) return trouble(Verdict::kHalt, "the topic " + name + " cannot be described: " + text.data());
  const std::array<Setting, 5> settings{{{"cleanup.policy", "delete"},
                                         {"retention.ms", "-1"},
                                         {"retention.bytes", "-1"},
                                         {"unclean.leader.election.enable", "false"},
                                         {"min.insync.replicas", std::to_string(options.min_insync)}}};
  for (const auto& [key, value] : settings) rd_kafka_NewTopic_set_config(topic.get(), key.c_str(), value.c_str());
  const Queue queue(rd_kafka_queue_new(client.get()));
  const AdminOptions admin = admin_options(client, RD_KAFKA_ADMIN_OP_CREATETOPICS);
  rd_kafka_NewTopic_t* one = topic.get();
  rd_kafka_CreateTopics(client.get(), &one, 1, admin.get(), queue.get());
  auto event = answer(queue);
  if (!event) return std::unexpected(event.error());
  std::size_t count = 0;
  const auto** results = rd_kafka_CreateTopics_result_topics(rd_kafka_event_CreateTopics_result(event->get()), &count);
  if (count != 1) return trouble(Verdict::kRetry, "creating the topic was not answered");
  const auto error = rd_kafka_topic_result_error(results[0]);
  if (error == RD_KAFKA_RESP_ERR_NO_ERROR || error == RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS) return {};
  const char* const reason = rd_kafka_topic_result_error_string(results[0]);
  return trouble(Verdict::kRetry, "the topic " + name + " cannot be created with " +
                                      std::to_string(options.replication_factor) + " replicas (kafka.replication_factor), " +
                                      std::to_string(options.min_insync) + " in sync (kafka.min_insync): " +
                                      error_text(error) + ": " + (reason ? reason : ""));
}

void compare(std::string_view key, std::string_view value, const PublisherOptions& options,
             std::vector<std::string>& warnings) {
  const auto expect = [&](std::string_view name, std::string_view wanted, std::string_view why) {
    if (key == name && value != wanted)
      warnings.push_back("the topic's " + std::string(name) + " is " + std::string(value) + ", not " +
                         std::string(wanted) + ": " + std::string(why));
  };
  expect("cleanup.policy", "delete", "compaction removes events");
  expect("retention.ms", "-1", "events expire");
  expect("retention.bytes", "-1", "the oldest events are removed");
  expect("unclean.leader.election.enable", "false", "acknowledged events can be lost");
  expect("min.insync.replicas", std::to_string(options.min_insync), "this is not what the configuration asks for");
}

// Reading the settings may be forbidden to us; then there is nothing to warn of but that.
std::vector<std::string> weak_settings(const Client& client, const PublisherOptions& options) {
  const std::unique_ptr<rd_kafka_ConfigResource_t, FreeResource> resource(
      rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, options.connection.topic.c_str()));
  const Queue queue(rd_kafka_queue_new(client.get()));
  const AdminOptions admin = admin_options(client, RD_KAFKA_ADMIN_OP_DESCRIBECONFIGS);
  rd_kafka_ConfigResource_t* one = resource.get();
  rd_kafka_DescribeConfigs(client.get(), &one, 1, admin.get(), queue.get());
  const auto event = answer(queue);
  if (!event) return {"the topic's settings cannot be read: " + event.error().text};
  std::size_t count = 0;
  const auto** found =
      rd_kafka_DescribeConfigs_result_resources(rd_kafka_event_DescribeConfigs_result(event->get()), &count);
  if (count != 1 || rd_kafka_ConfigResource_error(found[0]) != RD_KAFKA_RESP_ERR_NO_ERROR)
    return {"the topic's settings cannot be read (DescribeConfigs refused)"};
  std::vector<std::string> warnings;
  const auto** entries = rd_kafka_ConfigResource_configs(found[0], &count);
  for (std::size_t i = 0; i < count; ++i) {
    const char* const value = rd_kafka_ConfigEntry_value(entries[i]);
    compare(rd_kafka_ConfigEntry_name(entries[i]), value ? value : "", options, warnings);
  }
  return warnings;
}

}  // namespace

Outcome<TopicCheck> ensure_topic(const Client& client, const PublisherOptions& options, bool must_exist,
                                 const std::function<bool()>& stopped) {
  const std::string& name = options.connection.topic;
  TopicCheck check;
  for (int attempt = 0; attempt < kLeaderTries && !stopped(); ++attempt) {
    const auto partitions = count_partitions(client, name);
    if (!partitions) return std::unexpected(partitions.error());
    if (*partitions > 1)
      return trouble(Verdict::kHalt, "the topic " + name + " has " + std::to_string(*partitions) +
                                         " partitions: the order of events needs exactly one; give kafka.topic another name");
    if (*partitions == 1) {
      check.warnings = weak_settings(client, options);
      return check;
    }
    if (*partitions == 0 && must_exist)
      return trouble(Verdict::kHalt, "the topic " + name +
                                         " is gone, but events were published to it before: restore it, or give "
                                         "kafka.topic a new name");
    if (*partitions == 0 && !check.created) {
      BILLING_PASS(create(client, options));
      check.created = true;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
  }
  if (stopped()) return trouble(Verdict::kStopped, "");
  return trouble(Verdict::kRetry, "the topic " + name + " has no leader");
}

}  // namespace billing::publisher

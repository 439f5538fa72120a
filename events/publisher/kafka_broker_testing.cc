#include "events/publisher/kafka_broker.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <fstream>

#include "events/publisher/reader.h"

namespace billing::publisher {
namespace {

bool bind_to(int port, int& bound) {
  const int socket = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  socklen_t size = sizeof(address);
  auto* const generic = reinterpret_cast<sockaddr*>(&address);
  const bool free = ::bind(socket, generic, size) == 0 && ::getsockname(socket, generic, &size) == 0;
  bound = ntohs(address.sin_port);
  ::close(socket);
  return free;
}

// A free port whose neighbour, the controller's, is free too.
int free_port() {
  for (int attempt = 0; attempt < 50; ++attempt) {
    int port = 0, next = 0;
    if (bind_to(0, port) && bind_to(port + 1, next)) return port;
  }
  return 0;
}

int run(const std::string& command) { return std::system(command.c_str()); }

std::unique_ptr<KafkaBroker>& slot() {
  static std::unique_ptr<KafkaBroker> broker;
  return broker;
}

class StopBroker : public testing::Environment {
 public:
  void TearDown() override { slot().reset(); }
};
const auto* const registered = testing::AddGlobalTestEnvironment(new StopBroker);

rd_kafka_resp_err_t wait_for(rd_kafka_queue_t* queue) {
  rd_kafka_event_t* const event = rd_kafka_queue_poll(queue, 10'000);
  if (event == nullptr) return RD_KAFKA_RESP_ERR__TIMED_OUT;
  const auto error = rd_kafka_event_error(event);
  rd_kafka_event_destroy(event);
  return error;
}

}  // namespace

KafkaBroker* KafkaBroker::shared() {
  static_cast<void>(registered);
  if (!slot()) {
    if (run("command -v java >/dev/null 2>&1") != 0) return nullptr;
    slot().reset(new KafkaBroker);
    EXPECT_TRUE(slot()->up()) << "ops/kafka cannot start the broker";
  }
  return slot().get();
}

KafkaBroker::KafkaBroker() : port_(free_port()) {
  std::string name = (std::filesystem::temp_directory_path() / "billing-kafka-XXXXXX").string();
  directory_ = ::mkdtemp(name.data());
}

KafkaBroker::~KafkaBroker() {
  run(std::string(BILLING_SOURCE_DIR) + "/ops/kafka wipe --data " + directory_ + "/broker >/dev/null 2>&1");
  std::filesystem::remove_all(directory_);
}

bool KafkaBroker::up() {
  return run("KAFKA_UP_S=240 " + std::string(BILLING_SOURCE_DIR) + "/ops/kafka up --port " + std::to_string(port_) +
             " --data " + directory_ + "/broker --owner " + std::to_string(::getpid()) + " >/dev/null") == 0;
}

void KafkaBroker::kill_hard() const {
  std::ifstream file(directory_ + "/broker/broker.pid");
  pid_t pid = 0;
  ASSERT_TRUE(file >> pid);
  ASSERT_GT(pid, 1);
  ASSERT_EQ(::kill(pid, SIGKILL), 0);
}

PublisherOptions kafka_options(const std::string& topic) {
  PublisherOptions options;
  options.connection.brokers = KafkaBroker::shared()->address();
  options.connection.topic = topic;
  options.replication_factor = 1;
  options.min_insync = 1;
  options.transaction_timeout = std::chrono::milliseconds(5'000);
  options.backoff_max = std::chrono::milliseconds(500);
  return options;
}

TopicReport read_topic(const std::string& topic) {
  VerifyOptions options;
  options.connection = kafka_options(topic).connection;
  const auto report = verify_topic(options);
  EXPECT_TRUE(report) << report.error().detail;
  if (!report) return {};
  for (const std::string& problem : report->problems) ADD_FAILURE() << problem;
  return *report;
}

std::string fresh_directory() {
  std::string name = KafkaBroker::shared()->directory() + "/hint-XXXXXX";
  return ::mkdtemp(name.data());
}

bool delete_topic(const std::string& topic) {
  const auto client = make_reading_client(kafka_options(topic).connection, Isolation::kUncommitted);
  rd_kafka_DeleteTopic_t* doomed = rd_kafka_DeleteTopic_new(topic.c_str());
  rd_kafka_queue_t* const queue = rd_kafka_queue_new(client->get());
  rd_kafka_DeleteTopics(client->get(), &doomed, 1, nullptr, queue);
  const auto error = wait_for(queue);
  rd_kafka_queue_destroy(queue);
  rd_kafka_DeleteTopic_destroy(doomed);
  return error == RD_KAFKA_RESP_ERR_NO_ERROR;
}

bool create_topic(const std::string& topic, int partitions) {
  const auto client = make_reading_client(kafka_options(topic).connection, Isolation::kUncommitted);
  std::array<char, 128> text{};
  rd_kafka_NewTopic_t* one = rd_kafka_NewTopic_new(topic.c_str(), partitions, 1, text.data(), text.size());
  rd_kafka_queue_t* const queue = rd_kafka_queue_new(client->get());
  rd_kafka_CreateTopics(client->get(), &one, 1, nullptr, queue);
  const auto error = wait_for(queue);
  rd_kafka_queue_destroy(queue);
  rd_kafka_NewTopic_destroy(one);
  return error == RD_KAFKA_RESP_ERR_NO_ERROR;
}

bool set_largest_message(const std::string& topic, int bytes) {
  const auto client = make_reading_client(kafka_options(topic).connection, Isolation::kUncommitted);
  rd_kafka_ConfigResource_t* one = rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, topic.c_str());
  rd_kafka_ConfigResource_set_config(one, "max.message.bytes", std::to_string(bytes).c_str());
  rd_kafka_queue_t* const queue = rd_kafka_queue_new(client->get());
  rd_kafka_AlterConfigs(client->get(), &one, 1, nullptr, queue);
  const auto error = wait_for(queue);
  rd_kafka_queue_destroy(queue);
  rd_kafka_ConfigResource_destroy(one);
  return error == RD_KAFKA_RESP_ERR_NO_ERROR;
}

std::int64_t end_offset(const std::string& topic, bool committed) {
  const auto client = make_reading_client(kafka_options(topic).connection,
                                          committed ? Isolation::kCommitted : Isolation::kUncommitted);
  const auto offsets = query_offsets(*client, topic, std::chrono::seconds(5));
  return offsets ? offsets->end : -1;
}

}  // namespace billing::publisher

#include "events/publisher/kafka.h"

#include <algorithm>
#include <array>

#include "ledger/base/assert.h"

namespace billing::publisher {
namespace {

struct FreeConf {
  void operator()(rd_kafka_conf_t* conf) const { rd_kafka_conf_destroy(conf); }
};
using Conf = std::unique_ptr<rd_kafka_conf_t, FreeConf>;

void on_error(rd_kafka_t*, int code, const char* reason, void* opaque) {
  auto& signals = *static_cast<Client::Signals*>(opaque);
  signals.disturbed = true;
  std::lock_guard lock(signals.mutex);
  signals.last_error = error_text(static_cast<rd_kafka_resp_err_t>(code)) + ": " + (reason ? reason : "");
}

// The same failures arrive at on_error; librdkafka's own lines would only repeat them on standard error.
void on_log(const rd_kafka_t*, int, const char*, const char*) {}

void on_delivery(rd_kafka_t*, const rd_kafka_message_t* message, void* opaque) {
  if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR) return;
  ++static_cast<Client::Signals*>(opaque)->undelivered;
}

bool starts_with_any(std::string_view name, std::initializer_list<std::string_view> prefixes) {
  return std::any_of(prefixes.begin(), prefixes.end(), [&](std::string_view p) { return name.starts_with(p); });
}

bool is_security_setting(std::string_view name) {
  return starts_with_any(name, {"security.", "ssl.", "sasl.", "enable.ssl.", "enable.sasl.", "https.",
                                "socket.keepalive", "broker.address.", "client.dns."});
}

bool is_secret(std::string_view name) {
  for (const std::string_view part : {"password", "secret", "key", "token", "oauthbearer.config", "credential"})
    if (name.find(part) != std::string_view::npos && !name.ends_with(".location")) return true;
  return false;
}

// The name of the first setting that librdkafka refuses; its text is left out, for it repeats the value.
std::string set_all(rd_kafka_conf_t* conf, const std::vector<Setting>& settings) {
  std::array<char, 256> text{};
  for (const auto& [name, value] : settings)
    if (rd_kafka_conf_set(conf, name.c_str(), value.c_str(), text.data(), text.size()) != RD_KAFKA_CONF_OK) return name;
  return {};
}

}  // namespace

std::string error_text(rd_kafka_resp_err_t code) {
  return std::string(rd_kafka_err2str(code)) + " (" + rd_kafka_err2name(code) + ")";
}

std::map<std::string, std::string> masked(const std::map<std::string, std::string>& security) {
  std::map<std::string, std::string> out = security;
  for (auto& [name, value] : out)
    if (is_secret(name)) value = "***";
  return out;
}

std::vector<Setting> connection_settings(const Connection& connection) {
  std::vector<Setting> settings{{"bootstrap.servers", connection.brokers},
                                {"client.id", "billing-ledger"},
                                {"socket.nagle.disable", "true"},
                                {"log.connection.close", "false"},
                                {"reconnect.backoff.ms", "50"},
                                {"reconnect.backoff.max.ms", "2000"},
                                {"retry.backoff.ms", "30"}};
  settings.insert(settings.end(), connection.security.begin(), connection.security.end());
  return settings;
}

Result<void> check_connection(const Connection& connection) {
  if (connection.topic.empty()) return refuse(Code::kConfiguration, "the topic's name is empty");
  for (const auto& [name, value] : connection.security)
    if (!is_security_setting(name))
      return refuse(Code::kConfiguration, "\"" + name + "\" is not a TLS, SASL or connection setting");
  const Conf conf(rd_kafka_conf_new());
  if (const std::string bad = set_all(conf.get(), connection_settings(connection)); !bad.empty())
    return refuse(Code::kConfiguration, "the Kafka client refuses the setting \"" + bad + "\" or its value");
  return {};
}

void Client::Destroy::operator()(rd_kafka_t* handle) const {
  if (rd_kafka_type(handle) == RD_KAFKA_PRODUCER)
    rd_kafka_purge(handle, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
  rd_kafka_destroy(handle);
}

Outcome<Client> Client::make(rd_kafka_type_t type, const std::vector<Setting>& settings) {
  Conf conf(rd_kafka_conf_new());
  if (const std::string bad = set_all(conf.get(), settings); !bad.empty())
    return trouble(Verdict::kHalt, "the Kafka client refuses the setting \"" + bad + "\" or its value");
  Client client;
  client.signals_ = std::make_unique<Signals>();
  rd_kafka_conf_set_opaque(conf.get(), client.signals_.get());
  rd_kafka_conf_set_error_cb(conf.get(), on_error);
  rd_kafka_conf_set_log_cb(conf.get(), on_log);
  if (type == RD_KAFKA_PRODUCER) rd_kafka_conf_set_dr_msg_cb(conf.get(), on_delivery);
  std::array<char, 256> text{};
  client.handle_.reset(rd_kafka_new(type, conf.get(), text.data(), text.size()));
  if (!client.handle_) return trouble(Verdict::kHalt, std::string("the Kafka client cannot be made: ") + text.data());
  static_cast<void>(conf.release());  // rd_kafka_new took it
  return client;
}

std::string Client::last_error() const {
  poll();
  std::lock_guard lock(signals_->mutex);
  return signals_->last_error;
}

void Client::poll() const {
  while (rd_kafka_poll(get(), 0) > 0) {
  }
}

rd_kafka_resp_err_t Client::fatal() const {
  std::array<char, 256> text{};
  return rd_kafka_fatal_error(get(), text.data(), text.size());
}

Reaper::Reaper() : shared_(std::make_shared<Shared>()), thread_([shared = shared_] { work(shared); }) {}

Reaper::~Reaper() {
  {
    std::unique_lock lock(shared_->mutex);
    shared_->ending = true;
    shared_->changed.notify_all();
    shared_->changed.wait_for(lock, std::chrono::seconds(10), [&] { return shared_->ended; });
    if (!shared_->ended) {
      thread_.detach();
      return;
    }
  }
  thread_.join();
}

bool Reaper::bury(Client client) {
  std::lock_guard lock(shared_->mutex);
  shared_->left.push_back(std::move(client));
  shared_->changed.notify_all();
  return shared_->left.size() <= kLeftMax;
}

void Reaper::work(const std::shared_ptr<Shared>& shared) {
  std::unique_lock lock(shared->mutex);
  for (;;) {
    shared->changed.wait(lock, [&] { return shared->ending || !shared->left.empty(); });
    if (shared->left.empty()) break;
    Client client = std::move(shared->left.front());  // its place stays until it has ended, so that bury can count
    lock.unlock();
    { const Client ends = std::move(client); }
    lock.lock();
    shared->left.pop_front();
  }
  shared->ended = true;
  shared->changed.notify_all();
}

}  // namespace billing::publisher

// A whole service in memory for tests: real ledger, real HTTP server, real client.
#pragma once

#include <gtest/gtest.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "gateway/api/api.h"
#include "gateway/api/problem.h"
#include "gateway/http/client.h"
#include "gateway/http/server.h"
#include "ledger/store/memory_log.h"

namespace billing::api::test {

class FixedClock : public Clock {
 public:
  Instant now() const override { return Instant{micros.load()}; }
  Date today() const override { return day_of(now()); }
  Instant start_of(Date day) const override { return {day.days * kDay - ahead.load()}; }
  Date day_of(Instant at) const { return Instant{at.micros + ahead.load()}.date(); }
  static constexpr std::int64_t kDay = std::int64_t{86'400} * 1'000'000;
  std::atomic<std::int64_t> ahead{0};  // of UTC: the operator's time zone
  std::atomic<std::int64_t> micros{1'795'000'000'000'000};  // 2026-11-18
};

class Service {
 public:
  explicit Service(BatchLimits batches = {}, service::LedgerOptions ledger_options = {}) {
    std::string pattern = std::filesystem::temp_directory_path() / "billing-api-XXXXXX";
    directory_ = ::mkdtemp(pattern.data());
    keys_ = *codec::PersonKeys::open("");
    ledger_ = *service::Ledger::open(*log_, *keys_, ledger_options);
    identity::AdminKeyOptions options;
    options.directory = directory_ + "/identity";
    options.key_file = directory_ + "/key";
    options.now = [this] { return clock_.now(); };
    identity_ = *identity::AdminKey::open(std::move(options));
    std::ifstream(directory_ + "/key") >> key_;
    api_ = std::make_unique<Api>(ApiParts{*ledger_, *keys_, *identity_, clock_, batches});
    http::Router router;
    api_->add_command_routes(router);
    http::ServerOptions server_options;
    server_options.error_renderer = render_error;
    server_ = std::make_unique<http::Server>(server_options, std::move(router));
    EXPECT_TRUE(server_->start().has_value());
  }
  ~Service() {
    server_->stop(std::chrono::seconds(5));
    ledger_->stop();
    std::filesystem::remove_all(directory_);
  }

  http::Client client() const {
    http::ClientOptions options;
    options.port = server_->port();
    return http::Client(options);
  }
  http::Response post(const std::string& path, const std::string& body, std::vector<http::Pair> headers = {}) {
    headers.emplace_back("Authorization", "Bearer " + key_);
    bool keyed = false;
    for (const auto& [name, value] : headers) keyed = keyed || name == "Idempotency-Key";
    if (!keyed) headers.emplace_back("Idempotency-Key", "k" + std::to_string(++next_key_));
    http::Client one = client();
    auto response = one.request("POST", path, headers, body);
    EXPECT_TRUE(response.has_value()) << (response ? "" : response.error().detail);
    return response.value_or(http::Response{});
  }
  // Sends the body at once; the answer's lines.
  std::vector<std::string> batch(const std::string& body) {
    std::vector<std::string> lines;
    http::Client one = client();
    bool sent = false;
    const auto response = one.post_stream(
        std::string(kBatchPattern), {{"Authorization", "Bearer " + key_}},
        [&]() -> std::optional<std::string> {
          if (std::exchange(sent, true)) return std::nullopt;
          return body;
        },
        [&](std::string_view line) {
          lines.emplace_back(line);
          return true;
        });
    EXPECT_TRUE(response.has_value()) << (response ? "" : response.error().detail);
    return lines;
  }

  service::Ledger& ledger() { return *ledger_; }
  const store::Log& log() const { return *log_; }
  FixedClock& clock() { return clock_; }
  const std::string& key() const { return key_; }
  std::uint16_t port() const { return server_->port(); }

 private:
  std::string directory_;
  std::string key_;
  FixedClock clock_;
  std::unique_ptr<store::Log> log_ = store::make_memory_log();
  std::unique_ptr<codec::PersonKeys> keys_;
  std::unique_ptr<service::Ledger> ledger_;
  std::unique_ptr<identity::AdminKey> identity_;
  std::unique_ptr<Api> api_;
  std::unique_ptr<http::Server> server_;
  std::atomic<int> next_key_{0};
};

// An id of the kind with this prefix, whose number is `n`.
inline std::string test_id(const std::string& prefix, std::uint64_t n) {
  Uuid uuid;
  for (std::size_t i = 0; i < 8; ++i) uuid.bytes[15 - i] = static_cast<std::uint8_t>(n >> (8 * i));
  uuid.bytes[0] = 1;
  return id_text(prefix, uuid);
}

// A customer in USD with one account, both made through the API.
inline void open_account(Service& service) {
  EXPECT_EQ(service.post("/v1/customers", R"({"id":")" + test_id("cus", 1) + R"(","name":"Ada Ltd","currency":"USD"})")
                .status, 201);
  EXPECT_EQ(service.post("/v1/accounts", R"({"id":")" + test_id("acc", 1) + R"(","customer":")" + test_id("cus", 1) +
                                             R"(","number":"A-1","name":"Head office","opened_on":"2026-01-01"})")
                .status, 201);
}

}  // namespace billing::api::test

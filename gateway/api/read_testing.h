// A whole service in memory with its views, for tests of the read routes: commands in, questions out.
#pragma once

#include "gateway/api/api_testing.h"
#include "gateway/api/health.h"
#include "gateway/api/metrics_route.h"
#include "gateway/api/openapi.h"
#include "gateway/api/read_api.h"
#include "gateway/api/welcome.h"
#include "ledger/store/memory_tables.h"
#include "ledger/store/table_checkpoints.h"
#include "projections/projector.h"

namespace billing::api::test {

// Checkpoints in memory, whose opening waits while they are held.
class HeldCheckpoints final : public store::TableCheckpoints {
 public:
  explicit HeldCheckpoints(const store::Tables& tables) : kept_(store::make_memory_checkpoints(tables)) {}
  std::vector<std::uint64_t> list() const override { return kept_->list(); }
  Result<void> make(std::uint64_t number) override { return kept_->make(number); }
  Result<std::shared_ptr<const store::Snapshot>> open(std::uint64_t number) const override {
    while (held) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    return kept_->open(number);
  }
  Result<void> drop(std::uint64_t number) override { return kept_->drop(number); }
  std::atomic<bool> held = false;

 private:
  std::unique_ptr<store::TableCheckpoints> kept_;
};

class ReadService {
 public:
  explicit ReadService(ReadLimits limits = {}, bool follow = true, views::PastOptions past = {},
                       ReadPoolOptions pool = {})
      : limits_(limits), pool_(pool) {
    std::string pattern = std::filesystem::temp_directory_path() / "billing-read-XXXXXX";
    directory_ = ::mkdtemp(pattern.data());
    keys_ = *codec::PersonKeys::open("");
    ledger_ = *service::Ledger::open(*log_, *keys_, {});
    identity::AdminKeyOptions options;
    options.directory = directory_ + "/identity";
    options.key_file = directory_ + "/key";
    options.now = [this] { return clock_.now(); };
    identity_ = *identity::AdminKey::open(std::move(options));
    std::ifstream(directory_ + "/key") >> key_;
    views_ = std::make_unique<views::Views>(*log_, keys_.get(), *tables_);
    checkpoints_ = *views::ViewCheckpoints::open(*log_, *copies_, {.interval = 4, .kept_max = 16, .on_problem = {}});
    past_ = std::make_unique<views::PastViews>(*log_, keys_.get(), *views_, *checkpoints_, past);
    if (follow) start_views();
    api_ = std::make_unique<Api>(ApiParts{*ledger_, *keys_, *identity_, clock_, {}});
    http::ServerOptions server_options;
    server_options.error_renderer = render_error;
    server_ = std::make_unique<http::Server>(server_options, router());
    EXPECT_TRUE(server_->start().has_value());
  }
  ~ReadService() {
    server_->stop(std::chrono::seconds(5));
    server_.reset();
    pool_.stop();
    ledger_->stop();
    past_.reset();
    projector_.reset();
    std::filesystem::remove_all(directory_);
  }

  // Every route of the binary.
  http::Router router() {
    http::Router router;
    api_->add_command_routes(router);
    add_read_routes(router, {*views_, *past_, *log_, *keys_, clock_, pool_, api_->guard(), limits_});
    add_health_routes(router, [] { return Health{}; });
    add_metrics_route(router, api_->guard(), {[] { return std::string("up 1\n"); }, "text/plain", false});
    add_openapi_routes(router);
    add_welcome_routes(router, "test", [] { return Health{}; });
    return router;
  }
  void start_views() {
    views::ProjectorOptions options;
    options.now = [this] { return clock_.now(); };
    options.checkpoints = checkpoints_.get();
    projector_ = *views::Projector::start(*log_, keys_.get(), *tables_, *views_, std::move(options));
  }

  http::Response request(const std::string& method, const std::string& target, const std::string& body = {},
                         std::vector<http::Pair> headers = {}) {
    headers.emplace_back("Authorization", "Bearer " + key_);
    if (method == "POST") headers.emplace_back("Idempotency-Key", "k" + std::to_string(++next_key_));
    http::ClientOptions options;
    options.port = server_->port();
    auto response = http::Client(options).request(method, target, headers, body);
    EXPECT_TRUE(response.has_value()) << (response ? "" : response.error().detail);
    return response.value_or(http::Response{});
  }
  // Gives a command that must be accepted.
  void post(const std::string& path, const std::string& body) {
    const auto response = request("POST", path, body);
    EXPECT_LT(response.status, 300) << path << ": " << response.body;
  }
  // Reads with everything that was written so far.
  http::Response get(const std::string& target, std::vector<http::Pair> headers = {}) {
    headers.emplace_back("Ledger-Position", std::to_string(log_->head().position));
    return request("GET", target, {}, std::move(headers));
  }

  const store::Log& log() const { return *log_; }
  std::atomic<bool>& checkpoints_held() { return copies_->held; }
  FixedClock& clock() { return clock_; }
  std::uint16_t port() const { return server_->port(); }
  ReadPool& pool() { return pool_; }

 private:
  const ReadLimits limits_;
  std::string directory_;
  std::string key_;
  FixedClock clock_;
  std::unique_ptr<store::Log> log_ = store::make_memory_log();
  std::unique_ptr<store::Tables> tables_ = store::make_memory_tables();
  std::unique_ptr<HeldCheckpoints> copies_ = std::make_unique<HeldCheckpoints>(*tables_);
  std::unique_ptr<codec::PersonKeys> keys_;
  std::unique_ptr<service::Ledger> ledger_;
  std::unique_ptr<identity::AdminKey> identity_;
  std::unique_ptr<views::Views> views_;
  std::unique_ptr<views::ViewCheckpoints> checkpoints_;
  std::unique_ptr<views::PastViews> past_;
  std::unique_ptr<views::Projector> projector_;
  std::unique_ptr<Api> api_;
  ReadPool pool_;
  std::unique_ptr<http::Server> server_;
  std::atomic<int> next_key_{0};
};

// A customer (cus 1) with a root account (acc 1) and two below it (acc 2, acc 3); both have and pay
// their own invoices; acc 2 is billed 249.95 and has paid 100.00 of it, due on 2026-10-31.
inline void open_tree(ReadService& service) {
  const auto account = [&](std::uint64_t n, const std::string& name, const std::string& rest) {
    service.post("/v1/accounts", R"({"id":")" + test_id("acc", n) + R"(","customer":")" + test_id("cus", 1) +
                                     R"(","number":"A-)" + std::to_string(n) + R"(","name":")" + name +
                                     R"(","opened_on":"2026-01-01")" + rest + "}");
  };
  service.post("/v1/customers",
               R"({"id":")" + test_id("cus", 1) + R"(","name":"Ada Ltd","currency":"USD","external_id":"crm-7"})");
  account(1, "Head office", "");
  account(2, "North", R"(,"role":"payer","parent":")" + test_id("acc", 1) + "\"");
  account(3, "=South", R"(,"role":"payer","parent":")" + test_id("acc", 1) + "\"");
  service.post("/v1/invoices", R"({"id":")" + test_id("inv", 1) + R"(","account":")" + test_id("acc", 2) +
                                   R"(","currency":"USD","document_date":"2026-10-01","due_date":"2026-10-31",)"
                                   R"("lines":[{"service_account":")" +
                                   test_id("acc", 2) + R"(","description":"Plan","net":"249.95"}]})");
  service.post("/v1/payments", R"({"id":")" + test_id("pay", 1) + R"(","account":")" + test_id("acc", 2) +
                                   R"(","amount":{"amount":"100.00","currency":"USD"},"method":"wire"})");
}

}  // namespace billing::api::test

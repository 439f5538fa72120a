#include "gateway/http/server.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <future>
#include <thread>

#include "gateway/http/worker.h"
#include "ledger/base/assert.h"

namespace billing::http {
namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

namespace {

constexpr std::chrono::milliseconds kAcceptPause{100};
constexpr std::uint64_t kPartingMax = 256;  // over the limit, until their thread has closed others or refused them

std::string json_text(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      out.push_back('\\');
      out.push_back(c);
    } else if (static_cast<unsigned char>(c) < 0x20) {
      out += fmt::format("\\u{:04x}", static_cast<unsigned>(c));
    } else {
      out.push_back(c);
    }
  }
  return out;
}

}  // namespace

Response default_error_response(const Error& error, int status, const Request*) {
  Response response;
  response.status = status;
  response.content_type = "application/problem+json";
  response.code = code_text(error.code);
  response.body = fmt::format(R"({{"type":"about:blank","title":"{}","status":{},"code":"{}","detail":"{}"}})",
                              json_text(code_title(error.code)), status, code_text(error.code),
                              json_text(error.detail));
  return response;
}

struct Server::Impl {
  Impl(ServerOptions options, Router router)
      : trusted(Networks::parse(options.trusted_proxies)),
        shared(std::make_shared<Shared>(std::move(options), std::move(router), trusted.value_or(Networks()))) {}

  Result<void> bind();
  void accept();
  void on_accepted(Worker& target, tcp::socket socket);
  Worker& next_worker() { return *workers[turn++ % workers.size()]; }
  void stop_accepting();

  Result<Networks> trusted;
  std::shared_ptr<Shared> shared;
  std::vector<std::unique_ptr<Worker>> workers;
  std::unique_ptr<tcp::acceptor> acceptor;       // on the first worker's thread
  std::unique_ptr<asio::steady_timer> pause;
  std::size_t turn = 0;
  std::uint16_t port = 0;
  bool started = false;
  bool stopped = false;
};

namespace {

// Leaves the acceptor bound and listening.
Result<void> bind_to(tcp::acceptor& acceptor, const std::string& text, std::uint16_t port) {
  error_code failure;
  const auto address = asio::ip::make_address(text, failure);
  if (failure) return refuse(Code::kConfiguration, "The listening address is not an IP address: " + text);
  const tcp::endpoint endpoint(address, port);
  acceptor.open(endpoint.protocol(), failure);
  if (!failure) acceptor.set_option(tcp::acceptor::reuse_address(true), failure);
  if (!failure) acceptor.bind(endpoint, failure);
  if (!failure) acceptor.listen(1024, failure);
  if (!failure) return {};
  return refuse(Code::kConfiguration, fmt::format("Cannot listen on {}, port {}: {}", text, port, failure.message()));
}

}  // namespace

Result<void> check_trusted_proxies(std::string_view list) {
  BILLING_TRY(networks, Networks::parse(list));
  static_cast<void>(networks);
  return {};
}

Result<void> Server::Impl::bind() {
  BILLING_CHECK(bind_to(*acceptor, shared->options.address, shared->options.port));
  port = acceptor->local_endpoint().port();
  return {};
}

void Server::Impl::accept() {
  Worker& target = next_worker();
  acceptor->async_accept(target.context(), [this, &target](error_code failure, tcp::socket socket) {
    if (failure == asio::error::operation_aborted || shared->stopping) return;
    if (!failure) {
      on_accepted(target, std::move(socket));
      return accept();
    }
    if (failure == asio::error::connection_aborted) return accept();
    // Out of descriptors or memory: trying again at once would spin, so others get time to close theirs.
    ++shared->accept_failures;
    pause->expires_after(kAcceptPause);
    pause->async_wait([this](error_code cancelled) {
      if (!cancelled && !shared->stopping) accept();
    });
  });
}

void Server::Impl::on_accepted(Worker& target, tcp::socket socket) {
  ++shared->accepted;
  if (++shared->open > shared->options.connections_max + kPartingMax) {
    --shared->open;
    ++shared->server_full;
    return;  // closed without a word
  }
  target.mailbox()->post([&target, socket = std::move(socket)]() mutable {
    if (!target.shared().stopping) return target.adopt(std::move(socket));
    --target.shared().open;
  });
}

void Server::Impl::stop_accepting() {
  std::promise<void> closed;
  auto future = closed.get_future();
  const bool posted = workers.front()->mailbox()->post([this, &closed] {
    error_code ignored;
    acceptor->close(ignored);
    pause->cancel();
    closed.set_value();
  });
  if (posted) future.wait();
}

Server::Server(ServerOptions options, Router router)
    : impl_(std::make_unique<Impl>(std::move(options), std::move(router))) {
  BILLING_ASSERT(impl_->shared->options.threads > 0 && impl_->shared->options.error_renderer != nullptr);
}

Server::~Server() { stop(std::chrono::milliseconds(0)); }

Result<void> Server::start() {
  BILLING_ASSERT(!impl_->started);
  if (!impl_->trusted) return std::unexpected(impl_->trusted.error());
  for (unsigned i = 0; i < impl_->shared->options.threads; ++i) {
    impl_->workers.push_back(std::make_unique<Worker>(impl_->shared));
  }
  auto& first = impl_->workers.front()->context();
  impl_->acceptor = std::make_unique<tcp::acceptor>(first);
  impl_->pause = std::make_unique<asio::steady_timer>(first);
  BILLING_CHECK(impl_->bind());
  impl_->started = true;
  impl_->accept();
  for (auto& worker : impl_->workers) worker->start();
  return {};
}

void Server::stop(std::chrono::milliseconds deadline) {
  if (!impl_->started || impl_->stopped) return;
  impl_->stopped = true;
  impl_->shared->stopping = true;
  impl_->stop_accepting();
  for (auto& worker : impl_->workers) worker->mailbox()->post([&worker] { worker->finish_soon(); });
  const auto until = Clock::now() + deadline;
  while ((impl_->shared->open > 0 || impl_->shared->parting > 0) && Clock::now() < until && !impl_->shared->hurried) {
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  for (auto& worker : impl_->workers) worker->stop_and_join();
}

void Server::route_by(Router router) { impl_->shared->route_by(std::move(router)); }
void Server::hurry() { impl_->shared->hurried = true; }

std::chrono::milliseconds Server::silence() const {
  Clock::duration longest{};
  for (const auto& worker : impl_->workers) longest = std::max(longest, worker->silence());
  return std::chrono::duration_cast<std::chrono::milliseconds>(longest);
}

std::uint16_t Server::port() const { return impl_->port; }

ServerCounters Server::counters() const {
  const auto& from = *impl_->shared;
  ServerCounters out;
  out.connections_open = from.open;
  out.connections_accepted = from.accepted;
  out.refused_server_full = from.server_full;
  out.refused_address_full = from.address_full;
  out.refused_memory_full = from.memory_full;
  out.refused_memory_address_full = from.memory_address_full;
  out.memory_bytes = from.budget.bytes();
  out.closed_for_room = from.for_room;
  out.accept_failures = from.accept_failures;
  out.requests = from.requests;
  out.refused_framing = from.framing;
  out.refused_body_too_large = from.body_too_large;
  out.timed_out_head = from.slow_head;
  out.timed_out_body = from.slow_body;
  out.timed_out_idle = from.idle;
  out.timed_out_handler = from.slow_handler;
  out.timed_out_write = from.slow_reader;
  out.replies_dropped = from.dropped;
  return out;
}

}  // namespace billing::http

#include "gateway/http/worker.h"

#include <boost/asio/post.hpp>

#include "gateway/http/connection.h"
#include "gateway/http/serialise.h"
#include "ledger/base/thread_name.h"

namespace billing::http {
namespace {

constexpr std::chrono::milliseconds kTick{100};  // the grain of every deadline

}  // namespace

bool Mailbox::post(Work work) {
  const std::lock_guard lock(mutex_);
  if (context_ == nullptr) return false;
  waiting_.push_back(std::move(work));
  if (waiting_.size() == 1) boost::asio::post(*context_, [this] { run(); });
  return true;
}

void Mailbox::run() {
  std::vector<Work> batch;
  {
    const std::lock_guard lock(mutex_);
    batch.swap(waiting_);
  }
  for (auto& work : batch) work();
}

void Mailbox::close() {
  {
    const std::lock_guard lock(mutex_);
    context_ = nullptr;
  }
  run();
}

Worker::Worker(std::shared_ptr<Shared> shared)
    : shared_(std::move(shared)),
      guard_(boost::asio::make_work_guard(context_)),
      timer_(context_),
      mailbox_(std::make_shared<Mailbox>(context_)),
      date_(imf_fixdate_now()),
      date_from_(Clock::now()) {}

Worker::~Worker() { stop_and_join(); }

void Worker::start() {
  schedule_tick();
  thread_ = std::thread([this] {
    name_thread("http");
    context_.run();
  });
}

void Worker::stop_and_join() {
  context_.stop();
  if (thread_.joinable()) thread_.join();
  while (!connections_.empty()) connections_.back()->cut();
  mailbox_->close();
}

void Worker::adopt(boost::asio::ip::tcp::socket socket) {
  const bool refused = shared_->open > shared_->options.connections_max && !close_oldest_idle();
  if (refused) {
    --shared_->open;
    ++shared_->server_full;
  }
  auto connection = std::make_shared<Connection>(*this, std::move(socket), connections_.size());
  connections_.push_back(connection);
  connection->start(refused);
}

bool Worker::close_oldest_idle() {
  const std::shared_ptr<Connection>* oldest = nullptr;
  for (const auto& connection : connections_) {
    if (!connection->idle_since()) continue;
    if (oldest == nullptr || *connection->idle_since() < *(*oldest)->idle_since()) oldest = &connection;
  }
  if (oldest == nullptr) return false;
  ++shared_->for_room;
  (*oldest)->cut();
  return true;
}

void Worker::forget(Connection& connection) {
  const std::size_t slot = connection.slot();
  const auto keep = std::move(connections_[slot]);  // lives until this function ends
  if (slot + 1 != connections_.size()) {
    connections_[slot] = std::move(connections_.back());
    connections_[slot]->set_slot(slot);
  }
  connections_.pop_back();
}

void Worker::finish_soon() {
  for (std::size_t i = connections_.size(); i > 0; --i) {
    if (i <= connections_.size()) connections_[i - 1]->finish_soon();
  }
}

void Worker::schedule_tick() {
  timer_.expires_after(kTick);
  timer_.async_wait([this](boost::system::error_code failure) {
    if (failure) return;
    tick();
    schedule_tick();
  });
}

void Worker::tick() {
  const auto now = Clock::now();
  went_round_ = now;
  if (now - date_from_ >= std::chrono::milliseconds(500)) {
    date_ = imf_fixdate_now();
    date_from_ = now;
  }
  // Backwards: a connection that closes is replaced by the last one, which was visited already.
  for (std::size_t i = connections_.size(); i > 0; --i) {
    if (i <= connections_.size()) connections_[i - 1]->on_tick(now);
  }
}

}  // namespace billing::http

#include "gateway/http/reply.h"

#include <utility>

namespace billing::http {
namespace {

// The connection whose handler runs on this thread now.
thread_local Connection* in_handler = nullptr;

class StreamExchange final : public Exchange {
 public:
  StreamExchange(std::shared_ptr<Mailbox> mailbox, const std::shared_ptr<Connection>& connection,
                 std::uint64_t number)
      : mailbox_(std::move(mailbox)), connection_(connection), number_(number) {}

  ~StreamExchange() override {
    if (ended_) return;
    on_connection([](Connection& connection) { connection.stream_dropped(); }, [] {});
  }

  void start_response(Response head) override {
    on_connection(
        [head = std::move(head)](Connection& connection) mutable { connection.stream_start(std::move(head)); }, [] {});
  }

  void reply(Response response) override {
    ended_ = true;
    on_connection(
        [response = std::move(response)](Connection& connection) mutable {
          connection.on_reply(connection.number(), std::move(response));
        },
        [] {});
  }

  void read_some(std::function<void(ReadResult)> then) override {
    auto shared = std::make_shared<std::function<void(ReadResult)>>(std::move(then));
    on_connection([shared](Connection& connection) { connection.stream_read(std::move(*shared)); },
                  [shared] { (*shared)(ReadResult{ReadStatus::kCutShort, {}}); });
  }

  void write(std::string bytes, std::function<void(bool)> done) override {
    auto shared = std::make_shared<std::function<void(bool)>>(std::move(done));
    on_connection(
        [shared, bytes = std::move(bytes)](Connection& connection) mutable {
          connection.stream_write(std::move(bytes), std::move(*shared));
        },
        [shared] {
          if (*shared) (*shared)(false);
        });
  }

  void finish() override {
    ended_ = true;
    on_connection([](Connection& connection) { connection.stream_finish(); }, [] {});
  }

 private:
  // Runs `act` on the connection's thread if the request is still the connection's, else `gone`.
  template <class Act, class Gone>
  void on_connection(Act act, Gone gone) {
    const bool posted = mailbox_->post([weak = connection_, number = number_, act = std::move(act), gone]() mutable {
      const auto connection = weak.lock();
      if (connection && connection->number() == number) return act(*connection);
      gone();
    });
    if (!posted) gone();
  }

  std::shared_ptr<Mailbox> mailbox_;
  std::weak_ptr<Connection> connection_;
  std::uint64_t number_;
  std::atomic<bool> ended_{false};
};

}  // namespace

ReplyTicket::InHandler::InHandler(Connection* connection) { in_handler = connection; }
ReplyTicket::InHandler::~InHandler() { in_handler = nullptr; }

ReplyTicket::ReplyTicket(std::shared_ptr<Mailbox> mailbox, const std::shared_ptr<Connection>& connection,
                         std::uint64_t number)
    : mailbox_(std::move(mailbox)), connection_(connection), identity_(connection.get()), number_(number) {}

ReplyTicket::~ReplyTicket() {
  if (!used_) deliver(std::nullopt);
}

void ReplyTicket::answer(Answer given) {
  if (used_.exchange(true)) return;
  deliver(std::move(given));
}

void ReplyTicket::deliver(std::optional<Answer> given) {
  if (in_handler != nullptr && in_handler == identity_ && in_handler->number() == number_) {
    in_handler->on_reply(number_, std::move(given));
    return;
  }
  mailbox_->post([weak = connection_, number = number_, given = std::move(given)]() mutable {
    if (const auto connection = weak.lock()) connection->on_reply(number, std::move(given));
  });
}

Reply make_reply(std::shared_ptr<Mailbox> mailbox, const std::shared_ptr<Connection>& connection,
                 std::uint64_t number) {
  auto ticket = std::make_shared<ReplyTicket>(std::move(mailbox), connection, number);
  return [ticket = std::move(ticket)](Answer given) { ticket->answer(std::move(given)); };
}

std::shared_ptr<Exchange> make_exchange(std::shared_ptr<Mailbox> mailbox,
                                        const std::shared_ptr<Connection>& connection, std::uint64_t number) {
  return std::make_shared<StreamExchange>(std::move(mailbox), connection, number);
}

}  // namespace billing::http

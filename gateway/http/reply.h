// What a handler holds of its request's connection: a Reply or an Exchange. Internal to this folder.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>

#include "gateway/http/connection.h"

namespace billing::http {

// The one answer of one request, owed from any thread. It holds neither the connection nor the server alive.
class ReplyTicket {
 public:
  ReplyTicket(std::shared_ptr<Mailbox> mailbox, const std::shared_ptr<Connection>& connection, std::uint64_t number);
  ReplyTicket(const ReplyTicket&) = delete;
  ReplyTicket& operator=(const ReplyTicket&) = delete;
  ~ReplyTicket();  // not answered: says so
  void answer(Answer given);

  // While a handler runs, its reply goes to the connection directly, without the mailbox.
  class InHandler {
   public:
    explicit InHandler(Connection* connection);
    InHandler(const InHandler&) = delete;
    InHandler& operator=(const InHandler&) = delete;
    ~InHandler();
  };

 private:
  void deliver(std::optional<Answer> given);

  std::shared_ptr<Mailbox> mailbox_;
  std::weak_ptr<Connection> connection_;
  const Connection* identity_;
  std::uint64_t number_;
  std::atomic<bool> used_{false};
};

Reply make_reply(std::shared_ptr<Mailbox> mailbox, const std::shared_ptr<Connection>& connection,
                 std::uint64_t number);
std::shared_ptr<Exchange> make_exchange(std::shared_ptr<Mailbox> mailbox,
                                        const std::shared_ptr<Connection>& connection, std::uint64_t number);

}  // namespace billing::http

// Lines of a batch that went to the ledger together, and the text that answers them, in their order.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "ledger/base/error.h"
#include "ledger/service/ledger.h"

namespace billing::api {

// Filled by one thread, then answered from any. A receipt is rendered where it arrives (the committing thread: some
// 150 ns a line), so that its events need not be kept or handed on.
class BatchGroup {
 public:
  // Filling.
  void add_order(service::Order order, bool made, std::uint64_t line, std::size_t bytes);
  void add_problem(std::string_view id, std::uint64_t line, const Error& error, std::size_t bytes);
  bool empty() const { return lines_ == 0; }
  std::size_t lines() const { return lines_; }
  std::size_t bytes() const { return bytes_; }

  // The orders, in the order of their lines; taken by the ledger.
  std::vector<service::Order>& orders() { return orders_; }
  void set_deadline(std::chrono::steady_clock::time_point deadline);
  // Renders the answer of order `index`. True when it was the last.
  bool answer(std::size_t index, const Result<service::Receipt>& result);
  // Refuses all orders. Only when the ledger has not taken them.
  void refuse_all(const Error& error);
  // True when every line has its answer.
  bool complete() const;
  // The answers; once, when complete.
  std::string take_text();

 private:
  struct Slot {
    std::size_t id_end = 0;  // of its id in ids_, which begins where the one before ends
    std::uint64_t line = 0;
    std::string before;      // problems of the lines between the order before it and this one
    bool made = false;
  };
  std::string_view id(std::size_t index) const;
  void render(std::string& out, std::size_t index, const Result<service::Receipt>& result) const;

  std::vector<service::Order> orders_;
  std::vector<Slot> slots_;
  std::string ids_;
  std::string problems_;  // after the last order so far
  std::size_t lines_ = 0;
  std::size_t bytes_ = 0;

  mutable std::mutex mutex_;  // guards what follows
  std::string text_;
  std::size_t answered_ = 0;                // slots that are in text_
  std::map<std::size_t, std::string> late_;  // answers that came before one of an earlier line
};

}  // namespace billing::api

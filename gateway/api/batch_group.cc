#include "gateway/api/batch_group.h"

#include <utility>

#include "gateway/api/orders.h"

namespace billing::api {

void BatchGroup::add_order(service::Order order, bool made, std::uint64_t line, std::size_t bytes) {
  ids_ += order.id;
  slots_.push_back(Slot{ids_.size(), line, std::exchange(problems_, {}), made});
  orders_.push_back(std::move(order));
  ++lines_;
  bytes_ += bytes;
}

void BatchGroup::add_problem(std::string_view id, std::uint64_t line, const Error& error, std::size_t bytes) {
  append_line_problem(problems_, id, line, error);
  ++lines_;
  bytes_ += bytes;
}

std::string_view BatchGroup::id(std::size_t index) const {
  const std::size_t begin = index == 0 ? 0 : slots_[index - 1].id_end;
  return std::string_view(ids_).substr(begin, slots_[index].id_end - begin);
}

void BatchGroup::render(std::string& out, std::size_t index, const Result<service::Receipt>& result) const {
  const Slot& slot = slots_[index];
  out += slot.before;
  if (result) return append_line_receipt(out, id(index), slot.made, *result);
  Error error = result.error();
  // Deciders speak of the body; the line has it one level down.
  if (!error.pointer.empty()) error.pointer.insert(0, "/body");
  append_line_problem(out, id(index), slot.line, error);
}

bool BatchGroup::answer(std::size_t index, const Result<service::Receipt>& result) {
  const std::lock_guard lock(mutex_);
  if (index != answered_) {
    render(late_[index], index, result);
    return false;
  }
  if (answered_ == 0) text_.reserve(slots_.size() * 128);
  render(text_, index, result);
  ++answered_;
  while (!late_.empty() && late_.begin()->first == answered_) {
    text_ += late_.begin()->second;
    late_.erase(late_.begin());
    ++answered_;
  }
  return answered_ == slots_.size();
}

void BatchGroup::set_deadline(std::chrono::steady_clock::time_point deadline) {
  for (service::Order& order : orders_) order.deadline = deadline;
}

void BatchGroup::refuse_all(const Error& error) {
  for (std::size_t i = 0; i < slots_.size(); ++i) answer(i, std::unexpected(error));
}

bool BatchGroup::complete() const {
  const std::lock_guard lock(mutex_);
  return answered_ == slots_.size();
}

std::string BatchGroup::take_text() {
  const std::lock_guard lock(mutex_);
  text_ += problems_;
  return std::move(text_);
}

}  // namespace billing::api

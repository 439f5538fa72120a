#include "gateway/api/batch_run.h"

#include <algorithm>
#include <utility>

#include "gateway/api/json_input.h"
#include "gateway/api/orders.h"
#include "gateway/api/problem.h"

namespace billing::api {
namespace {

// Lines of one group at most; a read of 64 KiB has fewer, unless they are tiny.
constexpr std::size_t kGroupLinesMax = 1'024;

Error stopped_early(http::ReadStatus status) {
  if (status == http::ReadStatus::kTimeout)
    return {Code::kRequestTooSlow, "The body came too slowly: every complete line was answered, the rest was not read.", {}};
  return {Code::kBodyCutShort, "The body ended before it was complete: every complete line was answered.", {}};
}

}  // namespace

BatchRun::BatchRun(const BatchShared& shared, identity::Principal principal, std::shared_ptr<http::Exchange> exchange)
    : shared_(shared),
      principal_(std::move(principal)),
      reader_(shared.limits.line_bytes_max),
      exchange_(std::move(exchange)) {}

void BatchRun::start() {
  http::Response head;
  head.content_type = "application/x-ndjson";
  head.caller = principal_.name;
  add_security_headers(head);
  exchange_->start_response(std::move(head));
  pump();
}

void BatchRun::pump() {
  {
    const std::lock_guard lock(mutex_);
    pump_again_ = true;
    if (pumping_) return;
    pumping_ = true;
  }
  for (;;) {
    {
      const std::lock_guard lock(mutex_);
      if (!std::exchange(pump_again_, false)) {
        pumping_ = false;
        return;
      }
    }
    while (step()) {
    }
    send();
    read_more();
  }
}

bool BatchRun::step() {
  std::vector<http::ReadResult> arrived;
  {
    const std::lock_guard lock(mutex_);
    if (!exchange_ || blocked_) return false;
    arrived = std::exchange(arrived_, {});
  }
  GroupPtr group;
  for (http::ReadResult& result : arrived) {
    if (result.status == http::ReadStatus::kBytes) {
      reader_.append(result.bytes);
      continue;
    }
    reader_.end(result.status != http::ReadStatus::kEnd);
    const std::lock_guard lock(mutex_);
    ended_ = true;
    if (result.status != http::ReadStatus::kEnd) early_end_ = stopped_early(result.status);
  }
  group = fill();
  if (group == nullptr) return false;
  {
    const std::lock_guard lock(mutex_);
    groups_.push_back(group);
    lines_waiting_ += group->lines();
    bytes_waiting_ += group->bytes();
  }
  if (offer(group)) return true;
  {
    const std::lock_guard lock(mutex_);
    blocked_ = true;
    blocked_since_ = Clock_::now();
  }
  blocked_group_ = std::move(group);
  shared_.pacer.add(shared_from_this());
  return false;
}

BatchRun::GroupPtr BatchRun::fill() {
  std::size_t lines_room = 0;
  std::size_t bytes_room = 0;
  bool ended = false;
  {
    const std::lock_guard lock(mutex_);
    const BatchLimits& limits = shared_.limits;
    if (unsent_bytes_ >= limits.unsent_bytes_max || drained_) return nullptr;
    lines_room = std::min(kGroupLinesMax, limits.lines_waiting_max - std::min(limits.lines_waiting_max, lines_waiting_));
    bytes_room = limits.bytes_waiting_max - std::min(limits.bytes_waiting_max, bytes_waiting_);
    ended = ended_;
  }
  now_ = shared_.clock.now();
  today_ = shared_.clock.today();
  auto group = std::make_shared<BatchGroup>();
  bool more = true;
  while (group->lines() < lines_room && group->bytes() < bytes_room) {
    const auto line = reader_.next();
    more = line.has_value();
    if (!more) break;
    add_line(*group, *line);
  }
  if (ended && !more) {
    const std::lock_guard lock(mutex_);
    drained_ = true;
    if (early_end_) group->add_problem({}, reader_.number() + 1, *early_end_, 0);
  }
  return group->empty() ? nullptr : group;
}

void BatchRun::add_line(BatchGroup& group, const LineReader::Line& line) {
  const std::uint64_t number = reader_.number();
  if (line.too_long)
    return group.add_problem({}, number, {Code::kLineTooLong, "A line has at most 1 MiB.", {}}, 0);
  std::string id;
  if (auto parsed = parse_line(group, line.text, id); !parsed)
    group.add_problem(id, number, parsed.error(), line.text.size());
}

Result<void> BatchRun::parse_line(BatchGroup& group, std::string_view text, std::string& id) {
  BILLING_TRY(root, JsonParser::of_thread().parse_padded(text));
  Refusal refusal;
  Fields line(root, refusal, nullptr);
  id = line.text("id");
  if (!valid_command_id(id)) {
    id.clear();
    line.refuse_field(Code::kInvalidId, "id", "A line's id has 1 to 255 visible ASCII characters.");
  }
  const CommandKind* kind = nullptr;
  if (const auto name = line.text_view("command")) {
    kind = find_command(*name);
    if (kind == nullptr) line.refuse_field(Code::kUnknownCommand, "command", "There is no command of this name.");
  }
  const auto version = line.optional_integer("expected_version", 0, INT64_MAX);
  const auto body = line.value("body");
  line.end();
  if (refusal.any() || kind == nullptr || !body) return std::unexpected(refusal.take());
  const JsonPath at = line.path("body");
  BILLING_TRY(command, parse_command(*kind, *body, {shared_.keys}, &at));
  const bool made = makes_object(*kind, command);
  const OrderScope scope{principal_, now_, today_, Clock_::time_point::max()};
  service::Order order = make_order(*kind, std::move(command), id, scope);
  if (version) order.expected_version = static_cast<std::uint64_t>(*version);
  group.add_order(std::move(order), made, reader_.number(), text.size());
  return {};
}

bool BatchRun::offer(const GroupPtr& group) {
  if (group->orders().empty()) return true;
  // From here on: a time in which the ledger had no room does not count.
  group->set_deadline(Clock_::now() + shared_.limits.command_deadline);
  return shared_.ledger.execute_bulk(
      group->orders(), [self = shared_from_this(), group](std::size_t index, Result<service::Receipt> result) {
        if (group->answer(index, result)) self->send();
      });
}

void BatchRun::retry() {
  const bool taken = offer(blocked_group_);
  if (!taken) {
    const bool give_up = Clock_::now() - blocked_since_ > shared_.limits.blocked_max;
    if (!give_up) return shared_.pacer.add(shared_from_this());
    blocked_group_->refuse_all({Code::kQueueFull, "The service took no more commands: send this line again.", {}});
  }
  blocked_group_.reset();
  {
    const std::lock_guard lock(mutex_);
    blocked_ = false;
  }
  pump();
}

void BatchRun::read_more() {
  std::shared_ptr<http::Exchange> exchange;
  {
    const std::lock_guard lock(mutex_);
    const BatchLimits& limits = shared_.limits;
    const bool room = lines_waiting_ < limits.lines_waiting_max && bytes_waiting_ < limits.bytes_waiting_max &&
                      unsent_bytes_ < limits.unsent_bytes_max;
    if (!exchange_ || reading_ || ended_ || blocked_ || !room) return;
    reading_ = true;
    read_since_ = Clock_::now();
    exchange = exchange_;
  }
  exchange->read_some([self = shared_from_this()](http::ReadResult result) { self->got(std::move(result)); });
}

void BatchRun::got(http::ReadResult result) {
  {
    const std::lock_guard lock(mutex_);
    reading_ = false;
    const bool line_ends = result.bytes.find('\n') != std::string::npos;
    line_time_ = line_ends ? Clock_::duration{} : line_time_ + (Clock_::now() - read_since_);
    if (line_time_ > shared_.limits.line_deadline) result = {http::ReadStatus::kTimeout, {}};
    arrived_.push_back(std::move(result));
  }
  pump();
}

void BatchRun::send() {
  std::string out;
  std::shared_ptr<http::Exchange> exchange;
  bool finish = false;
  {
    const std::lock_guard lock(mutex_);
    if (!exchange_ || writing_) return;
    while (!groups_.empty() && groups_.front()->complete()) {
      const GroupPtr group = std::move(groups_.front());
      groups_.pop_front();
      lines_waiting_ -= group->lines();
      bytes_waiting_ -= group->bytes();
      out += group->take_text();
    }
    finish = out.empty() && drained_ && groups_.empty();
    if (out.empty() && !finish) return;
    writing_ = !finish;
    unsent_bytes_ = out.size();
    exchange = finish ? std::exchange(exchange_, nullptr) : exchange_;
  }
  if (finish) return exchange->finish();
  exchange->write(std::move(out), [self = shared_from_this()](bool ok) { self->wrote(ok); });
}

void BatchRun::wrote(bool ok) {
  std::shared_ptr<http::Exchange> gone;  // let go without the lock
  {
    const std::lock_guard lock(mutex_);
    writing_ = false;
    unsent_bytes_ = 0;
    if (!ok) gone = std::exchange(exchange_, nullptr);
  }
  if (ok) pump();
}

}  // namespace billing::api

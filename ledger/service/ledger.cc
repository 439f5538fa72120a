#include "ledger/service/ledger.h"

#include "ledger/service/writer.h"

namespace billing::service {

Result<void> check_clock(const ClockLimits& limits, Instant last, Instant now) {
  if (last.micros == 0) return {};
  const std::int64_t ahead = now.micros - last.micros;
  const bool too_far = (limits.ahead_micros_max != 0 && ahead > limits.ahead_micros_max) ||
                       (limits.behind_micros_max != 0 && -ahead > limits.behind_micros_max);
  if (!too_far) return {};
  return refuse(Code::kClockWrong, "the clock says " + now.text() + ", and the last event was recorded at " + last.text() +
                                       ": set the clock, or clock.ahead_days_max and clock.behind_hours_max if it is right");
}

Ledger::Ledger(std::unique_ptr<Writer> writer) : writer_(std::move(writer)) {}
Ledger::~Ledger() = default;

Result<std::unique_ptr<Ledger>> Ledger::open(store::Log& log, codec::PersonKeys& keys, LedgerOptions options,
                                             const std::function<void(Position, Position)>& progress) {
  Fold fold;
  BILLING_CHECK(refold(log, fold, &keys, progress));
  auto writer = std::make_unique<Writer>(log, keys, std::move(options), std::move(fold));
  writer->start();
  return std::unique_ptr<Ledger>(new Ledger(std::move(writer)));
}

void Ledger::execute(Order order, Answer answer) { writer_->execute(std::move(order), std::move(answer)); }
bool Ledger::execute_bulk(std::vector<Order>& orders, std::function<void(std::size_t, Result<Receipt>)> answer) {
  return writer_->execute_bulk(orders, std::move(answer));
}
Instant Ledger::recorded() const { return writer_->recorded(); }
void Ledger::shed_load(bool shed) { writer_->shed_load(shed); }
void Ledger::close(Error why) { writer_->close(std::move(why)); }
LedgerStats Ledger::stats() const { return writer_->stats(); }
void Ledger::stop() { writer_->stop(); }

}  // namespace billing::service

#include "ops/liveness.h"

namespace billing::ops {

std::string_view Liveness::hangs(const Signs& signs, Clock::time_point now) {
  const bool first = asked_ == Clock::time_point::min() || now - asked_ > patience_;
  asked_ = now;
  if (first || signs.commands_waiting == 0 || signs.commands_done != before_.commands_done) writer_moved_ = now;
  if (first || signs.views_stopped || signs.events_waiting == 0 || signs.views_batches != before_.views_batches) views_moved_ = now;
  before_ = signs;
  if (first) return {};
  if (now - writer_moved_ >= patience_) return "writer";
  if (now - views_moved_ >= patience_) return "views";
  if (signs.http_silence >= patience_) return "http";
  return {};
}

}  // namespace billing::ops

#include "ledger/base/timeline.h"

#include <algorithm>

namespace billing {
namespace {

// The first step that is not before this day.
template <class Steps>
auto from(Steps& steps, Date day) {
  return std::ranges::lower_bound(steps, day, {}, &Timeline::Step::on);
}

// The next day after `day` on which one of the two changes.
const Timeline::Step* next_step(const Timeline& one, const Timeline& other, Date day) {
  const Timeline::Step* next = nullptr;
  for (const Timeline* const timeline : {&one, &other}) {
    const auto found = from(timeline->steps(), day.plus_days(1));
    if (found != timeline->steps().end() && (next == nullptr || found->on < next->on)) next = &*found;
  }
  return next;
}

}  // namespace

void Timeline::add(Date on, std::int64_t change) {
  if (change == 0) return;
  const auto place = from(steps_, on);
  if (place == steps_.end() || place->on != on) {
    steps_.insert(place, {on, change});
  } else if (place->change += change; place->change == 0) {
    steps_.erase(place);
  }
}

std::int64_t Timeline::at(Date day) const {
  std::int64_t sum = 0;
  for (const Step& step : steps_) {
    if (step.on > day) break;
    sum += step.change;
  }
  return sum;
}

std::int64_t Timeline::last() const {
  std::int64_t sum = 0;
  for (const Step& step : steps_) sum += step.change;
  return sum;
}

std::int64_t Timeline::lowest_from(Date day) const {
  std::int64_t sum = 0;
  auto step = steps_.begin();
  for (; step != steps_.end() && step->on <= day; ++step) sum += step->change;
  std::int64_t lowest = sum;
  for (; step != steps_.end(); ++step) {
    sum += step->change;
    lowest = std::min(lowest, sum);
  }
  return lowest;
}

std::vector<DatedAmount> take_from_both(Timeline& one, Timeline& other, std::int64_t amount, Date earliest) {
  std::vector<DatedAmount> parts;
  for (Date day = earliest; amount > 0;) {
    const std::int64_t part = std::min({amount, one.lowest_from(day), other.lowest_from(day)});
    if (part > 0) {
      one.add(day, -part);
      other.add(day, -part);
      parts.push_back({day, part});
      amount -= part;
    }
    const Timeline::Step* const next = next_step(one, other, day);
    if (next == nullptr) break;
    day = next->on;
  }
  return parts;
}

}  // namespace billing

#include "projections/figures.h"

#include <algorithm>

namespace billing::views {

void Figures::add(const Due& change, int sign) {
  auto place = std::ranges::lower_bound(dues, change.due, {}, &Due::due);
  if (place == dues.end() || place->due != change.due) place = dues.insert(place, {.due = change.due});
  place->invoices += sign * change.invoices;
  place->open += sign * change.open;
  place->disputed += sign * change.disputed;
  if (place->zero()) dues.erase(place);
}

void Figures::add(const Owing& change, int sign) {
  auto place = std::ranges::lower_bound(owing, change.due, {}, &Owing::due);
  if (place == owing.end() || place->due != change.due) place = owing.insert(place, {.due = change.due});
  place->open += sign * change.open;
  place->disputed += sign * change.disputed;
  if (place->zero()) owing.erase(place);
}

void Figures::add(const Figures& other, int sign) {
  children += sign * other.children;
  totals.billed += sign * other.totals.billed;
  totals.credited += sign * other.totals.credited;
  totals.paid += sign * other.totals.paid;
  totals.open += sign * other.totals.open;
  totals.unapplied += sign * other.totals.unapplied;
  for (const Due& due : other.dues) add(due, sign);
  for (const Owing& difference : other.owing) add(difference, sign);
}

}  // namespace billing::views

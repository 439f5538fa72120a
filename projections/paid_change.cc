#include "projections/paid_change.h"

namespace billing {
namespace {

template <class... Visitors>
struct Overloaded : Visitors... {
  using Visitors::operator()...;
};

}  // namespace

std::optional<PaidChange> paid_change(const Event& event) {
  using Change = std::optional<PaidChange>;
  const auto taken = [](AccountId account, const Takeback& takeback) -> Change {
    return PaidChange{account, -takeback.amount};
  };
  return std::visit(Overloaded{[](const payment::Recorded& e) -> Change { return PaidChange{e.account, e.amount}; },
                               [](const payment::Succeeded& e) -> Change { return PaidChange{e.account, e.amount}; },
                               [](const chargeback::Won& e) -> Change { return PaidChange{e.account, e.amount}; },
                               [&](const payment::Reversed& e) -> Change { return taken(e.account, e.takeback); },
                               [&](const refund::Succeeded& e) -> Change { return taken(e.account, e.takeback); },
                               [&](const chargeback::Opened& e) -> Change { return taken(e.account, e.takeback); },
                               [&](const chargeback::Returned& e) -> Change { return taken(e.account, e.takeback); },
                               [](const auto&) -> Change { return std::nullopt; }},
                    event);
}

}  // namespace billing

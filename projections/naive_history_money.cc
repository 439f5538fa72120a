// The commands of a busy history that move money: payments and what becomes of them, credit, disputes, deposits.
#include <algorithm>

#include "projections/naive_history.h"

namespace billing::views::naive {

using billing::testing::Story;

const payment::State* BusyHistory::any_succeeded() {
  return any(story_.state.payments,
             [](const payment::State& one) { return one.phase == payment::Phase::kSucceeded; });
}

std::int64_t BusyHistory::part_of(std::int64_t amount, std::uint64_t least) {
  return std::max<std::int64_t>(1, amount / static_cast<std::int64_t>(1 + below(least)));
}

void BusyHistory::pay() {
  const auto* account = any(story_.state.accounts);
  payment::Record record;
  record.account = account->id;
  record.amount = static_cast<std::int64_t>(1 + below(15'000));
  record.currency = story_.state.customers.at(account->customer).currency;
  record.method = static_cast<payment::Method>(1 + below(5));
  record.reference = "ref " + std::to_string(below(9));
  record.received_on = perhaps_back(90);
  if (one_in(2)) record.instructions = instructions(account->customer, record.amount);
  if (one_in(6)) {
    record.settled = Settlement{record.amount, *Currency::parse("EUR"), Decimal{Decimal::kOne}, "bank"};
  }
  tell(record);
}

void BusyHistory::request() {
  const auto* open = any(story_.state.payments,
                         [](const payment::State& one) { return payment::unresolved(one.phase); });
  if (open != nullptr && !one_in(3)) {
    const auto phase = one_in(2) ? payment::Phase::kSucceeded : static_cast<payment::Phase>(2 + below(7));
    const std::string reference = "prov-" + std::to_string(below(9));
    tell(payment::Progress{open->id, phase, reference, one_in(2) ? "as told" : "", perhaps_back(20), {}});
    return;
  }
  const auto* account = any(story_.state.accounts);
  payment::Request request;
  request.account = account->id;
  request.amount = static_cast<std::int64_t>(1 + below(9'000));
  request.currency = story_.state.customers.at(account->customer).currency;
  if (one_in(2)) request.instructions = instructions(account->customer, request.amount);
  tell(request);
}

bool BusyHistory::exchange() {
  const auto* found = any(story_.state.payments, [](const payment::State& one) { return one.settled().has_value(); });
  if (found == nullptr) return false;
  const auto kind = one_in(2) ? payment::DifferenceKind::kGain : payment::DifferenceKind::kLoss;
  tell(payment::RecordExchangeDifference{found->id, kind, part_of(found->amount, 9), {}, "rate", perhaps_back(20)});
  return true;
}

void BusyHistory::correct_payment() {
  const auto* found = any_succeeded();
  if (found == nullptr || (one_in(3) && exchange())) return;
  switch (below(4)) {
    case 0: tell(payment::Reverse{found->id, "keyed wrongly", perhaps_back(30)}); return;
    case 1:
      tell(payment::PayOut{found->id, static_cast<std::int64_t>(below(30)), {}, "batch", perhaps_back(10)});
      return;
    default: {
      payment::Reallocate move;
      move.id = found->id;
      move.on = perhaps_back(20);
      if (!one_in(4)) move.instructions = instructions(found->customer, found->amount);
      tell(move);
    }
  }
}

void BusyHistory::refund() {
  for (const auto& [id, one] : story_.state.payments) {
    for (const payment::Claim& claim : one.claims()) {
      if (claim.kind != payment::ClaimKind::kRefund || one_in(2)) continue;
      if (claim.phase == payment::ClaimPhase::kSucceeded) {
        tell(refund::Settle{id, {claim.id}, one_in(2), perhaps_back(10)});
      } else {
        const auto phase = one_in(2) ? payment::ClaimPhase::kSucceeded : static_cast<payment::ClaimPhase>(2 + below(5));
        const std::string reference = "prov-" + std::to_string(below(9));
        tell(refund::Progress{id, {claim.id}, phase, reference, one_in(2) ? "as told" : "", perhaps_back(20)});
      }
      return;
    }
  }
  const auto* found = any_succeeded();
  if (found == nullptr || found->amount <= found->claimed()) return;
  refund::Request request;
  request.id = found->id;
  request.amount = part_of(found->amount - found->claimed(), 3);
  request.with_adjustment = one_in(2);
  request.reason = "unhappy";
  tell(request);
}

void BusyHistory::chargeback() {
  for (const auto& [id, one] : story_.state.payments) {
    for (const payment::Claim& claim : one.claims()) {
      if (claim.phase != payment::ClaimPhase::kOpen || one_in(2)) continue;
      if (one_in(3)) {
        tell(chargeback::Lose{id, {claim.id}, perhaps_back(10)});
      } else {
        tell(chargeback::Win{id, {claim.id}, perhaps_back(20)});
      }
      return;
    }
  }
  const auto* found = any_succeeded();
  if (found == nullptr) return;
  const std::int64_t amount = part_of(found->amount - found->claimed(), 2);
  const Currency currency = story_.state.customers.at(found->customer).currency;
  if (one_in(3)) {
    tell(chargeback::Return{found->id, {}, amount, currency, "NSF", "bounced", perhaps_back(20)});
  } else {
    tell(chargeback::Open{found->id, {}, amount, currency, "4853", "case 1", perhaps_back(20)});
  }
}

void BusyHistory::move_credit() {
  const auto* holder = any(story_.state.accounts, [](const account::State& one) { return one.unapplied > 0; });
  if (holder == nullptr) return;
  const auto& credits = story_.state.queues.at(holder->id).credits;
  auto credit = credits.begin();
  std::advance(credit, static_cast<std::ptrdiff_t>(below(credits.size())));
  switch (below(3)) {
    case 0: tell(receivables::HoldCredit{holder->id, credit->first.source, !credit->first.held, "asked for"}); return;
    case 1: {  // by hand, or as the writer's follow-up
      const receivables::FollowUpDue due{holder->id, true, story_.today, story_.today};
      tell(receivables::ApplyCredit{holder->id, one_in(2) ? std::optional(due) : std::nullopt});
      return;
    }
    default: {
      const std::int64_t amount = 1 + static_cast<std::int64_t>(below(static_cast<std::uint64_t>(holder->unapplied)));
      const std::optional<std::int64_t> some = one_in(2) ? std::nullopt : std::optional(amount);
      tell(receivables::TransferCredit{holder->id, any_account(), some, {}, "tidy"});
    }
  }
}

void BusyHistory::dispute() {
  const auto* open = any(story_.state.disputes, [](const dispute::State& one) { return !one.closed; });
  if (open != nullptr && one_in(2)) {
    tell(dispute::Close{open->id, static_cast<dispute::Outcome>(1 + below(4)), perhaps_back(30)});
    return;
  }
  const auto* found = any(story_.state.invoices,
                          [](const invoice::State& one) { return one.open > 0 && !one.dispute; });
  if (found == nullptr) return;
  dispute::Open raise;
  raise.invoice = found->id;
  raise.reason = "not ordered";
  if (one_in(2)) raise.opened_on = std::max(found->document_date, back(40));
  if (one_in(2)) raise.amount = 1 + static_cast<std::int64_t>(below(static_cast<std::uint64_t>(found->open)));
  if (!raise.amount && one_in(3)) raise.lines = {static_cast<std::uint32_t>(below(found->lines.size()))};
  tell(raise);
}

void BusyHistory::deposit() {
  const auto* found = any(story_.state.deposits, [](const deposit::State& one) { return one.left > 0; });
  if (found == nullptr || one_in(3)) {
    const auto* account = any(story_.state.accounts);
    deposit::Receive receive;
    receive.account = account->id;
    receive.amount = 1 + static_cast<std::int64_t>(below(5'000));
    receive.currency = story_.state.customers.at(account->customer).currency;
    receive.received_on = perhaps_back(60);
    tell(receive);
    return;
  }
  const std::int64_t amount = 1 + static_cast<std::int64_t>(below(static_cast<std::uint64_t>(found->left)));
  if (one_in(3)) {
    tell(deposit::Return{found->id, amount, {}, "back", perhaps_back(10)});
    return;
  }
  deposit::Use use;
  use.id = found->id;
  use.on = perhaps_back(20);
  if (one_in(2)) use.amount = amount;
  if (use.amount && one_in(2)) use.instructions = instructions(found->customer, amount);
  tell(use);
}

}  // namespace billing::views::naive

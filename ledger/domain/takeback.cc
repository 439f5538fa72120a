#include "ledger/domain/takeback.h"

#include <algorithm>
#include <map>

#include "ledger/domain/pairing.h"
#include "ledger/domain/payment_guards.h"

namespace billing::payment {
namespace {

// Accounts that credit from this payment was transferred to.
const std::vector<AccountId>& holders_of(const billing::State& state, PaymentId from) {
  static const std::vector<AccountId> kNone;
  const auto found = state.credit_holders.find(from);
  return found == state.credit_holders.end() ? kNone : found->second;
}

// A part of what may be taken back: of the payment itself, or of the credit that a note left with `holder`.
struct Candidate {
  std::int64_t amount = 0;
  Date since;                                   // it cannot be taken on an earlier day
  const tranche::Tranche* own = nullptr;        // of the payment
  CreditPart note{};                            // else
};

void add_own_credit(const billing::State& state, const State& payment, std::vector<Candidate>& all) {
  std::vector<AccountId> accounts{payment.account};
  for (const AccountId account : holders_of(state, payment.id)) {
    if (account != payment.account) accounts.push_back(account);
  }
  for (const AccountId account : accounts) {
    for (const tranche::Tranche& one : payment.money) {
      if (one.now.place == tranche::Place{account}) all.push_back({one.amount, one.known_since(), &one, {}});
    }
  }
}

// Invoices that something of the payment is on, or was.
std::vector<InvoiceId> invoices_of(const State& payment) {
  std::vector<InvoiceId> invoices = payment.rare().former;
  for (const tranche::Tranche& one : payment.money) {
    if (!one.now.place.is_credit()) invoices.push_back(one.now.place.invoice);
  }
  std::ranges::sort(invoices);
  const auto rest = std::ranges::unique(invoices);
  invoices.erase(rest.begin(), rest.end());
  return invoices;
}

// Credit of notes against these invoices, wherever it is held, oldest first.
std::set<std::pair<receivables::CreditKey, AccountId>> note_credits(const billing::State& state,
                                                                    const std::vector<InvoiceId>& invoices) {
  std::set<std::pair<receivables::CreditKey, AccountId>> found;
  for (const InvoiceId invoice : invoices) {
    const auto credits = state.note_credits.find(invoice);
    if (credits != state.note_credits.end()) found.insert(credits->second.begin(), credits->second.end());
  }
  return found;
}

void add_note_credit(const billing::State& state, const State& payment, std::vector<Candidate>& all) {
  for (const auto& [key, account] : note_credits(state, invoices_of(payment))) {
    for (const tranche::Tranche& one : receivables::tranches_of(state, key.kind, key.source)) {
      if (one.now.place != tranche::Place{account}) continue;
      all.push_back({one.amount, one.now.since, nullptr, {account, key.kind, key.source, one.amount}});
    }
  }
}

// In the order in which it is taken.
std::vector<Candidate> candidates(const billing::State& state, const State& payment, Reach reach) {
  std::vector<Candidate> all;
  add_own_credit(state, payment, all);
  if (reach == Reach::kAlsoCreditNotes) add_note_credit(state, payment, all);
  for (auto last = payment.money.rbegin(); last != payment.money.rend(); ++last) {
    if (!last->now.place.is_credit()) all.push_back({last->amount, last->known_since(), &*last, {}});
  }
  return all;
}

// The first day, not before `asked`, on which `amount` of them can be taken.
std::optional<Date> first_day(const std::vector<Candidate>& all, std::int64_t amount, Date asked) {
  Timeline there;
  for (const Candidate& one : all) there.add(std::max(one.since, asked), one.amount);
  std::int64_t sum = 0;
  for (const Timeline::Step& step : there.steps()) {
    sum += step.change;
    if (sum >= amount) return step.on;
  }
  return std::nullopt;
}

// What of a payment was moved after the day on which it is taken back, and is moved back on its own day: off an invoice, or
// to the account that the credit came from.
class Undoing {
 public:
  void add(const tranche::Tranche& tranche, std::int64_t amount, Date day) {
    std::vector<tranche::Stay> way = tranche.before;
    way.push_back(tranche.now);
    for (std::size_t n = way.size() - 1; n > 0 && way[n].since > day; --n) {
      moves_[{way[n].since, n, way[n].place.account, way[n - 1].place.account, way[n].place.is_credit()}].push_back(
          {way[n].place.invoice, way[n].place.account, amount});
      sum_ += amount;
      ++count_;
    }
  }
  std::int64_t sum() const { return sum_; }
  std::size_t count() const { return count_; }

  // The last first.
  std::vector<StreamEvent> events(const State& payment, Currency currency, Date on) const {
    std::vector<StreamEvent> all;
    for (auto move = moves_.rbegin(); move != moves_.rend(); ++move) {
      const auto& [day, step, from, to, transferred] = move->first;
      const std::int64_t amount = receivables::sum_of(move->second);
      if (transferred) {
        receivables::CreditTransferred back{from, to, currency, on, day, amount,
                                            {{from, CreditSource::kPayment, payment.id.uuid, amount}}, {}};
        all.push_back(money_fact({StreamKind::kReceivables, from.uuid}, payment.customer, std::move(back), on, day, currency));
      } else {
        all.push_back(payment_fact(payment, Reallocated{payment.id, to, on, day, currency, move->second, {}, amount},
                                   {on, day}, currency));
      }
    }
    return all;
  }

 private:
  // Day, place in the way, the account it went to, the one it came from, whether it stayed credit. Releases from invoices of
  // several service accounts to one holder are one event.
  struct Key {
    Date day;
    std::size_t step = 0;
    AccountId from;
    AccountId to;
    bool transferred = false;
    Key(Date on, std::size_t place, AccountId went_to, AccountId came_from, bool stayed_credit)
        : day(on), step(place), from(stayed_credit ? went_to : AccountId{}), to(came_from), transferred(stayed_credit) {}
    friend auto operator<=>(const Key&, const Key&) = default;
  };
  std::map<Key, std::vector<Allocation>> moves_;
  std::int64_t sum_ = 0;
  std::size_t count_ = 0;
};

void add_credit(Takeback& takeback, const CreditPart& part) {
  for (CreditPart& one : takeback.credits) {
    if (one.account != part.account || one.source != part.source || one.source_id != part.source_id) continue;
    one.amount += part.amount;
    return;
  }
  takeback.credits.push_back(part);
}

}  // namespace

std::optional<Settlement> settled_share(const State& payment, std::int64_t amount) {
  const auto& all = payment.settled();
  if (!all) return std::nullopt;
  std::int64_t before = 0;
  std::int64_t taken = 0;
  for (const Claim& claim : payment.claims()) {
    if (!claim.took()) continue;
    before += claim.amount;
    taken += claim.settled ? claim.settled->amount : 0;
  }
  const int128 until = divide_half_up(int128{all->amount} * (before + amount), payment.amount);
  Settlement share = *all;
  // After a chargeback was won, what the others took may be a unit ahead.
  share.amount = std::max(static_cast<std::int64_t>(until) - taken, std::int64_t{0});
  return share;
}

Result<Taking> take_back(const billing::State& state, const State& payment, std::int64_t amount, Reach reach,
                         Date posting_date) {
  const auto all = candidates(state, payment, reach);
  const auto day = first_day(all, amount, posting_date);
  if (!day) return refuse(Code::kCheckFailed, "less is left of the payment than is to be taken back");
  Taking taking;
  taking.posting_date = *day;
  Takeback& takeback = taking.takeback;
  Undoing undoing;
  std::int64_t rest = amount;
  for (const Candidate& one : all) {
    const std::int64_t part = std::min(rest, one.amount);
    if (part == 0) break;
    if (one.since > *day) continue;
    rest -= part;
    if (one.own == nullptr) {
      add_credit(takeback, {one.note.account, one.note.source, one.note.source_id, part});
      continue;
    }
    undoing.add(*one.own, part, *day);
    const tranche::Place& place = one.own->place_on(*day);
    if (place.is_credit()) {
      add_credit(takeback, {place.account, CreditSource::kPayment, payment.id.uuid, part});
    } else {
      takeback.reopened.push_back({place.invoice, place.account, part});
    }
  }
  if (takeback.credits.size() + takeback.reopened.size() + undoing.count() > kItemsMax) {
    return refuse(Code::kTooManyItems, "take back smaller amounts", "/amount");
  }
  const Currency currency = state.customers.at(payment.customer).currency;
  BILLING_TRY(moved, checked_add(amount, undoing.sum()));
  BILLING_CHECK(check_turnover(state, currency, moved));
  takeback.amount = amount;
  takeback.settled = settled_share(payment, amount);
  BILLING_CHECK(check_moved(state, takeback.settled));
  taking.undone = undoing.events(payment, currency, posting_date);
  return taking;
}

Result<void> check_moved(const billing::State& state, const std::optional<Settlement>& settled) {
  return settled ? check_turnover(state, settled->currency, settled->amount) : Result<void>();
}

void count_moved(billing::State& state, const std::optional<Settlement>& settled) {
  if (settled) state.turnover[settled->currency] += settled->amount;
}

void evolve_takeback(billing::State& state, State& payment, const Takeback& takeback, Date on) {
  count_moved(state, takeback.settled);
  for (const CreditPart& part : takeback.credits) {
    receivables::change_credit(state, part.account, part.source, part.source_id, -part.amount);
  }
  take_off_invoices(state, payment, takeback.reopened, on);
}

void put_on_invoices(billing::State& state, const std::vector<Allocation>& allocations, Date on) {
  receivables::reduce_items(state, allocations, on);
  for (const Allocation& allocation : allocations) state.invoices.at(allocation.invoice).paid += allocation.amount;
}

void take_off_invoices(billing::State& state, State& payment, const std::vector<Allocation>& allocations, Date on) {
  receivables::reopen_items(state, allocations, on);
  for (const Allocation& allocation : allocations) {
    state.invoices.at(allocation.invoice).paid -= allocation.amount;
    auto& former = payment.rare().former;
    if (std::ranges::find(former, allocation.invoice) == former.end()) former.push_back(allocation.invoice);
  }
}

void note_transfer(billing::State& state, const CreditPart& part, AccountId to) {
  if (part.source != CreditSource::kPayment) return;
  auto& holders = state.credit_holders[PaymentId{part.source_id}];
  if (std::ranges::find(holders, to) == holders.end()) holders.push_back(to);
}

}  // namespace billing::payment

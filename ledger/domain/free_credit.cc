#include "ledger/domain/free_credit.h"

#include <algorithm>

#include "ledger/domain/movements.h"

namespace billing::receivables {
namespace {

// Whether an event may open an item again, let one be paid or free credit. Most commands have none.
bool matters(const Event& event) {
  return std::visit(
      [](const auto& one) {
        using E = std::decay_t<decltype(one)>;
        if constexpr (requires { one.takeback.reopened; }) return !one.takeback.reopened.empty();
        if constexpr (requires { one.released; one.unapplied_change; }) return true;
        if constexpr (std::same_as<E, payment::Progressed>) return !payment::unresolved(one.new_phase);
        if constexpr (std::same_as<E, payment::Succeeded>) return true;
        if constexpr (std::same_as<E, credit_note::Issued>) return !one.unapplied.empty();
        if constexpr (std::same_as<E, CreditHeld>) return !one.held;
        if constexpr (requires { one.unapplied + 0; }) return one.unapplied > 0;
        return std::same_as<E, invoice::Recovered> || std::same_as<E, CreditTransferred> ||
               std::same_as<E, dispute::Closed> || std::same_as<E, account::Unfrozen>;
      },
      event);
}

// What the events of one command leave: which items are open again or may be paid from now on, and whose credit is free.
// The state itself is the one before the command.
class Aftermath {
 public:
  Aftermath(const billing::State& state, const std::vector<StreamEvent>& events, const Context& context)
      : state_(state), today_(context.today), oldest_first_(state, Reserved::kIsLeftAlone), days_(state) {
    for (const StreamEvent& event : events) {
      std::visit([&](const auto& one) { note(one); }, event.event);
      for (const Movement& movement : movements_of(event.event)) apply(tranches_of(movement), movement);
      if (!event.posting_date) continue;
      for (const Posting& posting : postings_for(event.event)) note_posting(posting, *event.posting_date);
      posted_ = std::min(posted_.value_or(*event.posting_date), *event.posting_date);
    }
  }

  void settle(std::vector<StreamEvent>& events) {
    for (const InvoiceId id : touched_) {
      const invoice::State& invoice = state_.invoices.at(id);
      oldest_first_.change(invoice, disputed_after(invoice), invoice.reserved - unreserved_[id]);
      add_holders(invoice);
    }
    for (const auto& [share, amount] : opened_) oldest_first_.reserve({share.first, share.second, -amount});
    const Date asked = posted_ ? *posted_ : closed_on_.value_or(today_);
    const Date earliest = books::posting_date_of(state_, asked);
    for (const AccountId holder : holders_) {
      const account::State& account = state_.accounts.at(holder);
      if ((account.frozen && !unfrozen_.contains(holder)) || followed_up_.contains(holder)) continue;
      if (!oldest_first_.finds_any(holder)) continue;  // an account may hold very many credits
      auto credits = free_credits(holder);
      if (credits.empty()) continue;
      spend(account, credits, oldest_first_, days_, earliest, events, state_);
      if (oldest_first_.full()) events.push_back(follow_up(state_, holder, today_, earliest));
    }
  }

 private:
  using Share = std::pair<InvoiceId, AccountId>;
  using Source = std::pair<CreditSource, Uuid>;

  void free(AccountId holder) {
    if (std::ranges::find(holders_, holder) == holders_.end()) holders_.push_back(holder);
  }
  void touch(InvoiceId invoice) {
    const auto found = state_.invoices.find(invoice);
    if (found != state_.invoices.end() && found->second.phase == invoice::Phase::kIssued) touched_.insert(invoice);
  }
  void release(PaymentId id) {
    const auto payment = state_.payments.find(id);
    if (payment == state_.payments.end()) return;
    for (const payment::Instruction& one : payment->second.rare().reserved) {
      unreserved_[one.invoice] += one.amount;
      touch(one.invoice);
    }
  }

  // What frees credit or lets an item be paid, beside what is posted.
  void note(const payment::Recorded& event) {
    if (event.unapplied > 0) free(event.account);
    key_dates_[{CreditSource::kPayment, event.id.uuid}] = event.received_on;
  }
  void note(const payment::Succeeded& event) {
    if (event.unapplied > 0) free(event.account);
    key_dates_[{CreditSource::kPayment, event.id.uuid}] = event.received_on;
    release(event.id);
  }
  void note(const payment::Progressed& event) {
    if (!payment::unresolved(event.new_phase)) release(event.id);
  }
  void note(const payment::Reallocated& event) {
    if (event.unapplied_change > 0) free(event.account);
  }
  void note(const chargeback::Won& event) {
    if (event.unapplied > 0) free(event.account);
  }
  void note(const credit_note::Issued& event) {
    key_dates_[{CreditSource::kCreditNote, event.id.uuid}] = event.document_date;
    for (const billing::Share& one : event.unapplied) free(one.account);
  }
  void note(const CreditHeld& event) {
    if (event.held) return;
    free(event.account);
    let_go_.insert({event.source, event.source_id});
  }
  void note(const CreditTransferred& event) { free(event.to_account); }
  void note(const FollowUpDue& event) {
    if (event.due) followed_up_.insert(event.account);
  }
  void note(const account::Unfrozen& event) {
    free(event.id);
    unfrozen_.insert(event.id);
  }
  void note(const dispute::Closed& event) {
    closed_.insert(event.id);
    closed_on_ = event.closed_on;
    touch(event.invoice);
  }
  template <class Other>
  void note(const Other&) {}

  // Shares of invoices that are being issued have no place yet: their issue uses credit by itself.
  void note_posting(const Posting& posting, Date on) {
    if (posting.ledger != Ledger::kReceivables || !posting.account || !posting.item) return;
    const InvoiceId invoice{*posting.item};
    const auto found = state_.invoices.find(invoice);
    if (found == state_.invoices.end() || found->second.phase != invoice::Phase::kIssued) return;
    opened_[{invoice, *posting.account}] += posting.amount;
    days_.change(invoice, *posting.account, on, posting.amount);
    if (posting.amount > 0) touch(invoice);
  }

  tranche::Tranches& tranches_of(const Movement& movement) {
    const auto [entry, fresh] = tranches_.try_emplace({movement.source, movement.source_id});
    if (fresh && known(entry->first)) {
      entry->second = receivables::tranches_of(state_, movement.source, movement.source_id);
    }
    return entry->second;
  }
  bool known(const Source& source) const {
    return source.first == CreditSource::kPayment ? state_.payments.contains(PaymentId{source.second})
                                                  : state_.credit_notes.contains(CreditNoteId{source.second});
  }

  std::int64_t disputed_after(const invoice::State& invoice) const {
    if (!invoice.dispute || closed_.contains(*invoice.dispute)) return 0;
    std::int64_t open = invoice.open;
    for (const invoice::ShareState& share : invoice.shares) {
      const auto opened = opened_.find({invoice.id, share.account});
      if (opened != opened_.end()) open += opened->second;
    }
    return std::min(invoice.disputed, open);
  }

  // Each service account's credit comes first, then the payer's.
  void add_holders(const invoice::State& invoice) {
    for (const invoice::ShareState& share : invoice.shares) free(share.account);
    free(invoice.payer);
  }

  // After the events, oldest first.
  std::vector<FreeCredit> free_credits(AccountId holder) {
    std::map<CreditKey, Timeline> all;
    for (const auto& [key, left] : credits_of(state_, holder)) {
      const Source source{key.kind, key.source};
      if ((key.held && !let_go_.contains(source)) || tranches_.contains(source)) continue;
      all.emplace(CreditKey{false, key.date, key.source, key.kind},
                  tranche::timeline(receivables::tranches_of(state_, key.kind, key.source), {holder}));
    }
    for (const auto& [source, tranches] : tranches_) {
      Timeline left = tranche::timeline(tranches, {holder});
      if (left.last() == 0 || held(holder, source)) continue;
      const auto date = key_dates_.find(source);
      CreditKey key{false, {}, source.second, source.first};
      key.date = date != key_dates_.end() ? date->second : key_of(state_, source.first, source.second).date;
      all.emplace(key, std::move(left));
    }
    std::vector<FreeCredit> free;
    for (auto& [key, left] : all) free.push_back({key, std::move(left)});
    return free;
  }
  bool held(AccountId holder, const Source& source) const {
    if (let_go_.contains(source) || !known(source)) return false;
    const auto* const credit = find_credit(state_, holder, source.first, source.second);
    return credit != nullptr && credit->first.held;
  }

  const billing::State& state_;
  // The day that the command asks for: the first on which it posts something, else that of a dispute's end, else today.
  const Date today_;
  std::optional<Date> posted_;
  std::optional<Date> closed_on_;
  OldestFirst oldest_first_;
  PairingDays days_;
  std::set<InvoiceId> touched_;
  std::map<Share, std::int64_t> opened_;
  std::map<InvoiceId, std::int64_t> unreserved_;
  std::set<DisputeId> closed_;
  std::vector<AccountId> holders_;
  std::set<AccountId> unfrozen_;
  std::set<AccountId> followed_up_;
  std::set<Source> let_go_;
  std::map<Source, tranche::Tranches> tranches_;
  std::map<Source, Date> key_dates_;
};

}  // namespace

std::vector<Pairing> spend(const account::State& holder, std::vector<FreeCredit>& credits, OldestFirst& oldest_first,
                           PairingDays& days, Date earliest, std::vector<StreamEvent>& events, const billing::State& state) {
  std::vector<Pairing> all;
  for (FreeCredit& credit : credits) {
    if (oldest_first.full()) break;
    const bool payment = credit.key.kind == CreditSource::kPayment;
    const auto application = oldest_first.apply(holder.id, credit.left.last(),
                                                payment ? Priority::kInvoicesItPays : Priority::kOwnShares);
    const auto pairings = days.match(credit.left, application.allocations, earliest);
    apply_by_day(events, holder.customer,
                 {holder.id, credit.key.kind, credit.key.source, state.customers.at(holder.customer).currency, {}, {}},
                 pairings);
    all.insert(all.end(), pairings.begin(), pairings.end());
    if (application.rest > 0) break;  // nothing is left open
  }
  return all;
}

void apply_free_credit(const billing::State& state, std::vector<StreamEvent>& events, const Context& context) {
  if (std::ranges::none_of(events, matters, &StreamEvent::event)) return;
  Aftermath(state, events, context).settle(events);
}

}  // namespace billing::receivables

#include "ledger/domain/checks.h"

#include <algorithm>
#include <map>

#include "ledger/domain/state.h"

namespace billing::checks {
namespace {

// What the events of a command did so far to what they draw on; the state itself is the one before the command.
class Draft {
 public:
  explicit Draft(const State& state) : state_(state) {}

  std::optional<Breach> apply(const StreamEvent& event, const std::vector<Posting>& postings) {
    if (auto breach = check_books(event, postings)) return breach;
    for (const Posting& posting : postings) {
      if (!posting.account || !posting.item) continue;
      if (auto breach = draw(posting, event)) return breach;
    }
    if (auto breach = check_clearing(event)) return breach;
    return check_number(event);
  }

 private:
  std::optional<Breach> check_books(const StreamEvent& event, const std::vector<Posting>& postings) const {
    const AccountId first = account_in(postings);
    if (!balanced(postings, event.currency)) {
      return Breach{"postings-balance", first, "the postings of " + std::string(event_type(event.event)) + " do not balance"};
    }
    for (const Posting& posting : postings) {
      if (!posting.account) continue;
      const auto account = state_.accounts.find(*posting.account);
      if (account == state_.accounts.end() || account->second.customer != event.customer) {
        return Breach{"one-customer", *posting.account, "a posting names an account of another customer"};
      }
    }
    const auto customer = state_.customers.find(event.customer);
    if (!postings.empty() && customer != state_.customers.end() && customer->second.currency != event.currency) {
      return Breach{"one-currency", first, "the event is in another currency than the customer"};
    }
    return std::nullopt;
  }

  static AccountId account_in(const std::vector<Posting>& postings) {
    const auto named = std::ranges::find_if(postings, [](const Posting& posting) { return posting.account.has_value(); });
    return named == postings.end() ? AccountId{} : *named->account;
  }

  // What a posting takes out of an item must be there, on its day and ever since: a share of an invoice, a credit, a deposit.
  std::optional<Breach> draw(const Posting& posting, const StreamEvent& event) {
    if (posting.ledger == Ledger::kReceivables) {
      if (change(share_of(InvoiceId{*posting.item}, *posting.account), event, posting.amount)) return std::nullopt;
      return Breach{"open-items", *posting.account, "more is allocated than the share has open on a day"};
    }
    if (posting.ledger == Ledger::kUnappliedCredit) {
      if (change(credit_of(*posting.account, *posting.item, posting.amount > 0), event, -posting.amount)) return std::nullopt;
      return Breach{"unapplied-credit", *posting.account, "more credit is used than the account holds on a day"};
    }
    if (posting.ledger == Ledger::kCustomerDeposits) {
      if (change(deposit_of(DepositId{*posting.item}), event, -posting.amount)) return std::nullopt;
      return Breach{"deposits", *posting.account, "more is used than is left of the deposit on a day"};
    }
    return std::nullopt;
  }

  // False where it takes a sum below zero on some day, or further below: what was stored before days were kept apart is left
  // as it is.
  static bool change(Timeline& sum, const StreamEvent& event, std::int64_t amount) {
    const Date on = event.posting_date.value_or(Date{});
    const std::int64_t before = sum.lowest_from(on);
    sum.add(on, amount);
    return amount >= 0 || before + amount >= 0;
  }

  Timeline& share_of(InvoiceId id, AccountId account) {
    const auto [entry, fresh] = share_.try_emplace({id, account});
    const auto invoice = state_.invoices.find(id);
    if (fresh && invoice != state_.invoices.end()) {
      const auto share = std::ranges::find(invoice->second.shares, account, &invoice::ShareState::account);
      if (share != invoice->second.shares.end()) entry->second = share->open_by_day;
    }
    return entry->second;
  }

  // A credit that only grows is not looked up.
  Timeline& credit_of(AccountId account, const Uuid& source, bool drawn) {
    Credit& credit = credit_[{source, account}];
    if (drawn && !credit.known) {
      for (const CreditSource kind : {CreditSource::kPayment, CreditSource::kCreditNote}) {
        if (!known(kind, source)) continue;
        const auto there = tranche::history(receivables::tranches_of(state_, kind, source), {account});
        for (const Timeline::Step& step : there.steps()) credit.left.add(step.on, step.change);
      }
      credit.known = true;
    }
    return credit.left;
  }
  bool known(CreditSource kind, const Uuid& source) const {
    return kind == CreditSource::kPayment ? state_.payments.contains(PaymentId{source})
                                          : state_.credit_notes.contains(CreditNoteId{source});
  }

  Timeline& deposit_of(DepositId id) {
    const auto [entry, fresh] = deposit_.try_emplace(id);
    const auto found = state_.deposits.find(id);
    if (fresh && found != state_.deposits.end()) entry->second.add(found->second.posting_date, found->second.left);
    return entry->second;
  }

  // A loss is at most what currency clearing holds of the payment.
  std::optional<Breach> check_clearing(const StreamEvent& event) const {
    const auto* recorded = std::get_if<payment::ExchangeDifferenceRecorded>(&event.event);
    if (recorded == nullptr || recorded->amount >= 0) return std::nullopt;
    const auto payment = state_.payments.find(recorded->id);
    const bool exchanged = payment != state_.payments.end() && payment->second.settled();
    if (exchanged && payment->second.on_clearing() + recorded->amount >= 0) return std::nullopt;
    return Breach{"currency-clearing", recorded->account, "more is lost than currency clearing holds of the payment"};
  }

  // The next number of its series, or a number of its own.
  std::optional<Breach> check_number(const StreamEvent& event) {
    const auto check = [&](const std::string& series, const std::string& number, AccountId account) -> std::optional<Breach> {
      if (series == "imported") return std::nullopt;
      const auto found = state_.series.find(series);
      const std::uint64_t next = (found == state_.series.end() ? 0 : found->second) + ++numbers_[series];
      std::string digits = std::to_string(next);
      if (digits.size() < 6) digits.insert(0, 6 - digits.size(), '0');
      if (number == series + "-" + digits) return std::nullopt;
      return Breach{"series-gapless", account, "number " + number + " is not the next one of its series"};
    };
    if (const auto* invoice = std::get_if<invoice::Issued>(&event.event)) {
      return check(invoice->series, invoice->number, invoice->header.account);
    }
    if (const auto* note = std::get_if<credit_note::Issued>(&event.event)) {
      return check(note->series, note->number, note->account);
    }
    return std::nullopt;
  }

  struct Credit {
    Timeline left;
    bool known = false;  // what the state has is in it
  };

  const State& state_;
  std::map<std::pair<InvoiceId, AccountId>, Timeline> share_;
  std::map<std::pair<Uuid, AccountId>, Credit> credit_;
  std::map<DepositId, Timeline> deposit_;
  std::map<std::string, std::uint64_t> numbers_;
};

}  // namespace

bool balanced(const std::vector<Posting>& postings, Currency currency) {
  int128 sum = 0;
  bool others = false;
  for (const Posting& posting : postings) {
    if (posting.currency.valid() && posting.currency != currency) {
      others = true;
    } else {
      sum += posting.amount;
    }
  }
  if (sum != 0 || !others) return sum == 0;
  std::map<Currency, int128> sums;
  for (const Posting& posting : postings) {
    if (posting.currency.valid()) sums[posting.currency] += posting.amount;
  }
  return std::ranges::all_of(sums, [](const auto& one) { return one.second == 0; });
}

std::optional<Breach> check(const State& state, std::span<const StreamEvent> events,
                            std::span<const std::vector<Posting>> postings) {
  Draft draft(state);
  for (std::size_t i = 0; i < events.size(); ++i) {
    if (auto breach = draft.apply(events[i], postings[i])) return breach;
  }
  return std::nullopt;
}

}  // namespace billing::checks

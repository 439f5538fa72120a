// What each kind of event says, in a few plain fields. Names of natural persons are not among it.
#include "ledger/base/money.h"
#include "projections/activity_view.h"
#include "projections/concerned.h"

namespace billing::views {
namespace {

std::string terms_text(int payment_terms_days, int bill_cycle_day) {
  return "payment terms " + std::to_string(payment_terms_days) + " days, bill cycle day " +
         std::to_string(bill_cycle_day);
}

template <class AnyId>
std::string id_or_none(const std::optional<AnyId>& id) {
  return id ? id->text() : std::string();
}

std::string count_text(std::size_t count, std::string_view what) {
  return std::to_string(count) + " " + std::string(what) + (count == 1 ? "" : "s");
}

std::int64_t sum_of(const std::vector<Line>& lines) {
  std::int64_t sum = 0;
  for (const Line& line : lines) sum += line.net + tax_of(line);
  return sum;
}

std::string joined(std::string_view first, std::string_view second) {
  std::string text(first);
  if (!first.empty() && !second.empty()) text += ": ";
  return text.append(second);
}

class Describe {
 public:
  explicit Describe(Activity& activity) : to(activity) {}

  void operator()(const customer::Created& e) const { to.new_text = e.name; }
  void operator()(const account::Opened& e) const {
    to.number = e.number;
    to.new_text = e.name;
  }
  void operator()(const account::Renamed& e) const {
    names(e.old_name, e.new_name);
    to.note = e.reason;
  }
  void operator()(const account::TermsChanged& e) const {
    names(terms_text(e.old_payment_terms_days, e.old_bill_cycle_day),
          terms_text(e.new_payment_terms_days, e.new_bill_cycle_day));
  }
  void operator()(const account::ContactsChanged& e) const { to.note = count_text(e.contacts.size(), "contact"); }
  void operator()(const account::AddressChanged&) const {}
  void operator()(const account::RoleChanged& e) const {
    names(account::role_text(e.old_role), account::role_text(e.new_role));
    to.date = e.from;
  }
  void operator()(const account::Frozen& e) const { to.note = joined(e.check, e.detail); }
  void operator()(const account::Unfrozen& e) const { to.note = e.reason; }
  void operator()(const account::Closed& e) const { to.date = e.on; }
  void operator()(const hierarchy::Moved& e) const { names(id_or_none(e.old_parent), id_or_none(e.new_parent)); }

  void operator()(const invoice::Drafted& e) const { money(sum_of(e.lines), e.currency); }
  void operator()(const invoice::LinesAdded& e) const { to.note = count_text(e.lines.size(), "line"); }
  void operator()(const invoice::LinesReplaced& e) const {
    to.note = count_text(e.count, "line") + " from line " + std::to_string(e.first) + " became " +
              std::to_string(e.lines.size());
  }
  void operator()(const invoice::Discarded&) const {}
  void operator()(const invoice::Issued& e) const {
    money(e.total, e.currency);
    to.number = e.number;
    if (e.header.about) to.note = "about " + e.header.about->text();
  }
  void operator()(const invoice::Voided& e) const { on(e.on, e.reason); }
  void operator()(const invoice::WrittenOff& e) const { money(e.amount, e.currency, e.reason); }
  void operator()(const invoice::Recovered& e) const { money(e.amount, e.currency); }
  void operator()(const credit_note::Issued& e) const {
    money(e.total, e.currency, e.reason);
    to.number = e.number;
  }

  void operator()(const payment::Recorded& e) const { money(e.amount, e.currency, e.reference); }
  void operator()(const payment::Requested& e) const {
    money(e.amount, e.currency, e.reference);
    to.date = e.requested_on;
  }
  void operator()(const payment::Progressed& e) const {
    names(payment::phase_text(e.old_phase), payment::phase_text(e.new_phase));
    to.note = joined(e.provider_reference, e.reason);
  }
  void operator()(const payment::Succeeded& e) const { money(e.amount, e.currency, e.provider_reference); }
  void operator()(const payment::Reversed& e) const { money(e.takeback.amount, e.currency, e.reason); }
  void operator()(const payment::Reallocated& e) const {
    money(sum_of(e.released), e.currency, count_text(e.allocations.size(), "invoice share"));
  }
  void operator()(const payment::PaidOut& e) const { money(e.amount, e.currency, e.reference); }
  void operator()(const payment::ExchangeDifferenceRecorded& e) const { money(e.amount, e.currency, e.reference); }
  void operator()(const refund::Requested& e) const {
    money(e.amount, e.currency, e.reason);
    to.date = e.requested_on;
    to.number = e.refund.text();
  }
  void operator()(const refund::Progressed& e) const {
    names(claim_phase_text(e.old_phase), claim_phase_text(e.new_phase));
    to.note = joined(e.provider_reference, e.reason);
    to.number = e.refund.text();
  }
  void operator()(const refund::Succeeded& e) const {
    money(e.takeback.amount, e.currency, e.provider_reference);
    to.number = e.refund.text();
  }
  void operator()(const refund::Settled& e) const {
    money(e.amount, e.currency);
    to.number = e.refund.text();
  }
  void operator()(const chargeback::Opened& e) const {
    money(e.takeback.amount, e.currency, joined(e.code, e.reference));
    to.number = e.chargeback.text();
  }
  void operator()(const chargeback::Won& e) const {
    money(e.amount, e.currency);
    to.number = e.chargeback.text();
  }
  void operator()(const chargeback::Lost& e) const {
    to.date = e.on;
    to.number = e.chargeback.text();
  }
  void operator()(const chargeback::Returned& e) const {
    money(e.takeback.amount, e.currency, joined(e.code, e.reference));
    to.number = e.return_id.text();
  }

  void operator()(const receivables::CreditApplied& e) const {
    money(sum_of(e.allocations), e.currency, count_text(e.allocations.size(), "invoice share"));
  }
  void operator()(const receivables::CreditHeld& e) const {
    to.new_text = e.held ? "held" : "free";
    to.note = e.reason;
  }
  void operator()(const receivables::CreditTransferred& e) const {
    money(e.amount, e.currency, e.reason);
    names(e.from_account.text(), e.to_account.text());
  }
  void operator()(const receivables::FollowUpDue& e) const {
    to.new_text = e.due ? "due" : "done";
    to.date = e.on;
  }
  void operator()(const dispute::Opened& e) const {
    money(e.amount, e.currency);
    on(e.opened_on, e.reason);
  }
  void operator()(const dispute::Closed& e) const {
    to.new_text = dispute::outcome_text(e.outcome);
    to.date = e.closed_on;
  }

  void operator()(const grouping::Created& e) const { to.new_text = e.name; }
  void operator()(const grouping::Renamed& e) const { names(e.old_name, e.new_name); }
  void operator()(const grouping::GroupAdded& e) const { to.new_text = e.name; }
  void operator()(const grouping::GroupRenamed& e) const { names(e.old_name, e.new_name); }
  void operator()(const grouping::GroupNested& e) const {
    names(id_or_none(e.old_parent), id_or_none(e.new_parent));
    to.note = e.group.text();
  }
  void operator()(const grouping::AccountsAdded& e) const { to.note = count_text(e.accounts.size(), "account"); }
  void operator()(const grouping::AccountsRemoved& e) const { to.note = count_text(e.accounts.size(), "account"); }
  void operator()(const grouping::GroupDeleted& e) const { to.note = count_text(e.groups.size(), "group"); }
  void operator()(const grouping::Deleted&) const {}
  void operator()(const user::Invited& e) const { to.new_text = user::role_text(e.role); }
  void operator()(const user::Edited&) const {}
  void operator()(const user::RoleChanged& e) const { names(user::role_text(e.old_role), user::role_text(e.new_role)); }
  void operator()(const user::Suspended& e) const { to.note = e.reason; }
  void operator()(const user::Reinstated&) const {}

  void operator()(const books::PeriodClosing& e) const { to.number = month_text(e.period); }
  void operator()(const books::PeriodClosed& e) const { to.number = month_text(e.period); }
  void operator()(const books::RevenueReleased& e) const {
    std::int64_t sum = 0;
    for (const books::Release& line : e.lines) sum += line.amount;
    money(sum, e.currency, count_text(e.lines.size(), "line"));
    to.number = month_text(e.period);
  }
  void operator()(const deposit::Received& e) const { money(e.amount, e.currency, e.reference); }
  void operator()(const deposit::Used& e) const {
    money(e.amount, e.currency, count_text(e.allocations.size(), "invoice share"));
  }
  void operator()(const deposit::Returned& e) const { money(e.amount, e.currency, e.reference); }
  void operator()(const plan::Agreed& e) const {
    money(e.amount, e.currency);
    on(e.agreed_on, e.note);
    to.new_text = count_text(e.instalments.size(), "instalment");
  }
  void operator()(const plan::Cancelled& e) const { on(e.on, e.reason); }
  void operator()(const method::Added& e) const { to.new_text = joined(e.brand, e.last_four); }
  void operator()(const method::Removed&) const {}
  void operator()(const method::AutopaySet& e) const {
    if (e.at_most) money(*e.at_most, e.currency);
    to.new_text = count_text(static_cast<std::size_t>(e.days_before_due), "day") + " before due";
  }
  void operator()(const method::AutopayCleared&) const {}
  void operator()(const unbooked::Queued& e) const {
    money(e.amount, e.currency, e.reason);
    to.number = e.reported_object;
  }
  void operator()(const unbooked::Resolved& e) const { to.note = e.how; }

 private:
  void names(std::string_view old_text, std::string_view new_text) const {
    to.old_text = old_text;
    to.new_text = new_text;
  }
  void money(std::int64_t amount, Currency currency, std::string_view note = {}) const {
    to.amount = amount;
    to.currency = currency;
    to.note = note;
  }
  void on(Date date, std::string_view note) const {
    to.date = date;
    to.note = note;
  }
  static std::int64_t sum_of(const std::vector<Allocation>& allocations) {
    std::int64_t sum = 0;
    for (const Allocation& allocation : allocations) sum += allocation.amount;
    return sum;
  }
  static std::int64_t sum_of(const std::vector<Line>& lines) { return views::sum_of(lines); }

  Activity& to;
};

}  // namespace

Activity describe(const codec::Envelope& event) {
  Activity activity{.position = event.position,
                    .recorded = event.recorded,
                    .actor = event.actor,
                    .type = std::string(event_type(event.event)),
                    .object = event.stream,
                    .account = account_of(event.event),
                    .date = event.document_date,
                    .command_id = event.command_id,
                    .version = event.version};
  std::visit(Describe{activity}, event.event);
  return activity;
}

}  // namespace billing::views

#include "projections/naive_history.h"

#include <algorithm>


namespace billing::views::naive {

using billing::testing::Kind;
using billing::testing::Story;

BusyHistory::BusyHistory(std::uint64_t seed) : commands_(story_, seed) {
  commands_.world();
  history_.today = story_.today;
  history_.append(story_.history);
  tell(customer::Create{kSecond, "Beta", *Currency::parse(one_in(2) ? "JPY" : "USD"), "crm-2"});
  for (std::uint32_t n = 0; n < 3; ++n) {
    account::Open open;
    open.customer = kSecond;
    open.id = Story::account(50 + n);
    open.number = "B" + std::to_string(n);
    open.name = "Branch " + std::to_string(n);
    if (n > 0) open.parent = Story::account(50);
    open.opened_on = Date::clamped(2015, 1, 1);
    tell(open);
  }
  // Some scopes are read in another way when they have very many accounts.
  if (one_in(25)) {
    for (int n = 0; n < 80; ++n) open_account();
  }
}

void BusyHistory::run(std::size_t commands) {
  for (std::size_t i = 0; i < commands; ++i) {
    if (one_in(6)) next_day();
    if (one_in(60)) close_month();
    if (one_in(3)) {
      tell(commands_.any());
    } else {
      one();
    }
  }
}

void BusyHistory::next_day() { story_.today = story_.today.plus_days(static_cast<std::int32_t>(below(20))); }

bool BusyHistory::tell(const Command& command) {
  history_.today = story_.today;
  if (!story_.when(command).empty()) return false;
  history_.append(story_.last);
  return true;
}

// The month before today's, with the release of its revenue.
void BusyHistory::close_month() {
  const auto& books = story_.state.books;
  std::int32_t period = story_.today.month_index() - 1;
  if (books.closed_through) period = std::min(period, *books.closed_through + 1);
  tell(books::BeginClose{books.closing.value_or(period)});
  if (!books.closing) return;
  for (const CustomerId& customer : {Story::customer, kSecond}) {
    while (tell(books::ReleaseRevenue{customer, *books.closing})) {
    }
  }
  tell(books::Close{*books.closing});
}

const invoice::State* BusyHistory::any_issued() {
  return any(story_.state.invoices, [](const invoice::State& one) { return one.phase == invoice::Phase::kIssued; });
}

AccountId BusyHistory::any_account() { return any(story_.state.accounts)->id; }

std::optional<Date> BusyHistory::perhaps_back(std::uint64_t days) {
  if (one_in(2)) return std::nullopt;
  return back(days);
}

Line BusyHistory::line(AccountId service) {
  Line line;
  line.service_account = service;
  line.description = "Plan";
  line.net = static_cast<std::int64_t>(below(one_in(8) ? 20 : 20'000));
  if (one_in(6)) line.net = -static_cast<std::int64_t>(below(300));
  if (one_in(3)) line.taxes.push_back({"US-NY", "city", Decimal{Decimal::kOne / 20}, 0, 0, {}, true});
  if (one_in(3)) {
    line.taxes.push_back({"US-NY", "sales", Decimal{Decimal::kOne / 10}, line.net, line.net / 10, {}, false});
  }
  if (one_in(3)) {
    const Date from = back(60);
    line.service_period = Period{from, from.plus_days(static_cast<std::int32_t>(1 + below(120)))};
  }
  if (one_in(6)) line.revenue_code = 4100;
  return line;
}

// Of accounts whose charges are on the invoices of `owner`.
std::vector<Line> BusyHistory::lines(AccountId owner, Date date) {
  std::vector<Line> all;
  for (std::uint64_t n = 1 + below(3); n > 0; --n) {
    const auto* service = any(story_.state.accounts, [&](const account::State& one) {
      return account::invoice_owner(story_.state, one.id, date) == owner;
    });
    all.push_back(line(service == nullptr ? owner : service->id));
  }
  return all;
}

std::vector<payment::Instruction> BusyHistory::instructions(CustomerId customer, std::int64_t amount) {
  std::vector<payment::Instruction> all;
  for (std::uint64_t n = 1 + below(2); n > 0; --n) {
    const auto* invoice = any(story_.state.invoices, [&](const invoice::State& one) {
      return one.customer == customer && one.open - one.reserved > 0;
    });
    if (invoice == nullptr) continue;
    if (std::ranges::find(all, invoice->id, &payment::Instruction::invoice) != all.end()) continue;
    payment::Instruction one{invoice->id, std::min(amount, invoice->open - invoice->reserved), {}};
    const invoice::ShareState& share = invoice->shares[below(invoice->shares.size())];
    if (one_in(2) && share.open > 0) {
      one.account = share.account;
      one.amount = std::min(one.amount, share.open);
    }
    amount -= one.amount;
    if (one.amount > 0) all.push_back(one);
  }
  return all;
}

void BusyHistory::one() {
  switch (below(24)) {
    case 0: return open_account();
    case 1: return change_account();
    case 2: case 3: case 4: return issue();
    case 5: case 6: return draft();
    case 7: return correct_invoice();
    case 8: return credit_note();
    case 9: case 10: case 11: return pay();
    case 12: return request();
    case 13: return correct_payment();
    case 14: return refund();
    case 15: return chargeback();
    case 16: return move_credit();
    case 17: return dispute();
    case 18: return deposit();
    case 19: return plan_or_method();
    case 20: case 21: return group();
    case 22: return people();
    default: return report();
  }
}

void BusyHistory::open_account() {
  const auto* parent = any(story_.state.accounts);
  account::Open open;
  open.id = Story::account(++serial_);
  open.customer = parent->customer;
  open.number = "N" + std::to_string(serial_);
  open.name = "Site " + std::to_string(serial_);
  open.opened_on = back(one_in(2) ? 400 : 40);
  open.payment_terms_days = static_cast<int>(below(45));
  open.role = static_cast<account::InvoicingRole>(1 + below(3));
  if (!one_in(5)) open.parent = parent->id;
  tell(open);
}

void BusyHistory::change_account() {
  const AccountId id = any_account();
  switch (below(8)) {
    case 0: tell(account::Close{id}); return;
    case 1: tell(account::Freeze{id, "postings-balance", "1 is not 2"}); return;
    case 2: tell(account::Unfreeze{id, "looked into", {"ann", "bob"}}); return;
    case 3: tell(account::ChangeTerms{id, static_cast<int>(below(60)), static_cast<int>(1 + below(28))}); return;
    case 4:
      tell(account::ChangeRole{id, static_cast<account::InvoicingRole>(1 + below(3)),
                               story_.today.plus_days(static_cast<std::int32_t>(below(40)))});
      return;
    case 5: tell(account::Rename{id, "Name " + std::to_string(below(50)), "merger"}); return;
    case 6: tell(account::ChangeAddress{id, {}, {"Ann", {}, {}, std::to_string(below(90)) + " High Street"}}); return;
    default: {
      const auto* to = any(story_.state.accounts);
      tell(hierarchy::Move{id, one_in(4) ? std::nullopt : std::optional(to->id)});
    }
  }
}

void BusyHistory::issue() {
  invoice::Issue issue;
  issue.header.id = {Story::id(++serial_, 3)};
  const Date date = back(120);
  issue.header.account = account::invoice_owner(story_.state, any_account(), date);
  issue.header.purchase_order = one_in(3) ? "PO-7" : "";
  issue.document_date = date;
  if (one_in(4)) issue.due_date = date.plus_days(static_cast<std::int32_t>(below(90)));
  if (one_in(8)) issue.imported_number = "old-" + std::to_string(below(5));
  issue.lines = lines(issue.header.account, date);
  if (const auto* about = any(story_.state.invoices); about != nullptr && one_in(5)) {
    issue.header.kind = invoice::Kind::kDebit;
    issue.header.about = about->id;
  }
  tell(issue);
}

void BusyHistory::draft() {
  const auto* found = any(
      story_.state.invoices, [](const invoice::State& one) { return one.phase == invoice::Phase::kDraft; });
  if (found == nullptr || one_in(4)) {
    invoice::Draft draft;
    draft.header.id = {Story::id(++serial_, 3)};
    draft.header.account = account::invoice_owner(story_.state, any_account(), story_.today);
    draft.header.memo = "thank you";
    if (!one_in(4)) draft.lines = lines(draft.header.account, story_.today);
    tell(draft);
    return;
  }
  const InvoiceId id = found->id;
  const AccountId owner = found->draft_header.account;
  const auto size = static_cast<std::uint32_t>(found->draft_lines.size());
  switch (below(6)) {
    case 0: tell(invoice::AddLines{id, lines(owner, story_.today)}); return;
    case 1: {
      const auto from = static_cast<std::uint32_t>(below(size + 1));
      const auto count = static_cast<std::uint32_t>(below(size - from + 1));
      tell(invoice::ReplaceLines{id, from, count, one_in(3) ? std::vector<Line>() : lines(owner, story_.today)});
      return;
    }
    case 2: tell(invoice::Discard{id}); return;
    default: {
      invoice::Issue issue;
      issue.header.id = id;
      issue.draft = true;
      issue.document_date = perhaps_back(30);
      tell(issue);
    }
  }
}

void BusyHistory::correct_invoice() {
  const auto* found = any_issued();
  if (found == nullptr) return;
  switch (below(5)) {
    case 0: tell(invoice::Void{found->id, "wrong"}); return;
    case 1: {
      const std::int64_t amount = 1 + static_cast<std::int64_t>(below(static_cast<std::uint64_t>(found->open) + 1));
      tell(invoice::WriteOff{found->id, amount, one_in(2) ? amount / 20 : 0, {}, "gone", perhaps_back(30)});
      return;
    }
    case 2: {
      std::int64_t written_off = 0;
      for (const auto& share : found->shares) written_off += share.written_off;
      if (written_off > 0) tell(invoice::Recover{found->id, (written_off + 1) / 2, {}, perhaps_back(30)});
      return;
    }
    default: {
      invoice::ChargeLateFees fees;
      fees.account = found->payer;
      fees.cycle = "c" + std::to_string(below(9));
      fees.flat = 50;
      fees.minimum = 10;
      tell(fees);
    }
  }
}

void BusyHistory::credit_note() {
  const auto* found = any_issued();
  credit_note::Issue note;
  note.reason = "goodwill";
  note.document_date = perhaps_back(60);
  if (found != nullptr && one_in(2)) {
    const auto n = below(found->lines.size());
    const invoice::LineState& of = found->lines[n];
    note.account = found->account;
    note.invoice = found->id;
    Line against;
    against.service_account = of.service_account;
    against.description = "Too much";
    against.revenue_code = of.revenue_code;
    against.net = (of.net - of.credited_net) / static_cast<std::int64_t>(1 + below(4));
    against.credited_line = static_cast<std::uint32_t>(n);
    note.lines.push_back(against);
  } else {
    note.account = any_account();
    for (std::uint64_t n = 1 + below(2); n > 0; --n) {
      Line free = line(one_in(3) ? any_account() : note.account);
      free.service_period.reset();
      note.lines.push_back(free);
    }
  }
  tell(note);
}

void BusyHistory::plan_or_method() {
  if (one_in(2)) {
    const AccountId account = any_account();
    const auto* on_file = any(story_.state.methods, [](const method::State& one) { return !one.removed; });
    if (on_file == nullptr || one_in(3)) {
      tell(method::Add{{}, account, payment::Method::kCard, "tok_2", "visa", "1111", story_.today.month_index() + 9});
    } else if (one_in(4)) {
      tell(method::ClearAutopay{on_file->account});
    } else {
      const Currency of_method = story_.state.customers.at(on_file->customer).currency;
      std::optional<std::int64_t> at_most;
      if (one_in(2)) at_most = 1 + static_cast<std::int64_t>(below(3'000));
      tell(method::SetAutopay{on_file->id, static_cast<int>(below(29)), at_most, of_method});
    }
    return;
  }
  plan::Agree agree;
  const auto* found = any(story_.state.invoices, [](const invoice::State& one) { return one.open > 0; });
  if (found == nullptr) return;
  agree.account = found->payer;
  agree.amount = std::max<std::int64_t>(1, found->open / static_cast<std::int64_t>(1 + below(3)));
  agree.currency = story_.state.customers.at(found->customer).currency;
  agree.kind = one_in(2) ? plan::Kind::kPromise : plan::Kind::kInstalments;
  agree.instalments = {{story_.today.plus_days(static_cast<std::int32_t>(below(30))), agree.amount}};
  if (agree.kind == plan::Kind::kInstalments && agree.amount > 1) {
    const std::int64_t half = agree.amount / 2;
    agree.instalments = {{story_.today.plus_days(5), half}, {story_.today.plus_days(20), agree.amount - half}};
  }
  if (one_in(2)) agree.invoices = {found->id};
  agree.note = "called";
  tell(agree);
}

void BusyHistory::group() {
  const auto* found = any(story_.state.groupings);
  if (found == nullptr || (story_.state.groupings.size() < 3 && one_in(10))) {
    tell(grouping::Create{{}, one_in(3) ? kSecond : Story::customer, "Regions " + std::to_string(below(99))});
    return;
  }
  const auto some_group = [&]() -> GroupId {
    if (found->groups.empty()) return {};
    auto one = found->groups.begin();
    std::advance(one, static_cast<std::ptrdiff_t>(below(found->groups.size())));
    return one->first;
  };
  const GroupId group = some_group(), other = some_group();
  switch (below(one_in(4) ? 11 : 9)) {
    case 9: tell(grouping::DeleteGroup{found->id, group}); return;
    case 10:
      if (one_in(4)) tell(grouping::Delete{found->id});
      return;
    case 0: tell(grouping::Rename{found->id, "Areas " + std::to_string(below(99))}); return;
    case 1: tell(grouping::RenameGroup{found->id, group, "Part " + std::to_string(below(99))}); return;
    case 2: tell(grouping::NestGroup{found->id, group, one_in(4) ? std::nullopt : std::optional(other)}); return;
    case 3: {
      const auto* in = found->groups.empty() ? nullptr : &found->groups.at(group);
      if (in == nullptr || in->members.empty()) return;
      tell(grouping::RemoveAccounts{found->id, group, {in->members.begin()->first}});
      return;
    }
    case 4: case 5:
      tell(grouping::AddGroup{found->id, {}, "Group " + std::to_string(below(99)),
                              one_in(2) || group.nil() ? std::nullopt : std::optional(group)});
      return;
    default: {
      const auto* account = any(story_.state.accounts,
                                [&](const account::State& one) { return one.customer == found->customer; });
      if (account != nullptr) tell(grouping::AddAccounts{found->id, group, {account->id}, one_in(2), perhaps_back(90)});
    }
  }
}

void BusyHistory::people() {
  const auto* user = any(story_.state.users);
  const std::string mail = "p" + std::to_string(below(9)) + "@example.org";
  if (one_in(3)) {
    tell(account::ChangeContacts{any_account(), {{{}, "billing", {"Bo", mail, {}, {}}}}});
  } else if (user == nullptr || one_in(3)) {
    const CustomerId customer = one_in(2) ? kSecond : Story::customer;
    tell(user::Invite{{}, customer, user::Role::kPayer, "digest of " + mail, {"Bo", mail, {}, {}}});
  } else {
    tell(user::Edit{user->id, "digest of " + mail, {"Bob", mail, "+1", {}}});
  }
}

void BusyHistory::report() {
  const auto* receipt = any(story_.state.unbooked, [](const unbooked::State& one) { return !one.resolved; });
  if (receipt != nullptr && one_in(2)) {
    if (receipt->kind == unbooked::Kind::kReceipt) {
      tell(unbooked::Assign{receipt->id, any_account()});
    } else {
      tell(unbooked::Resolve{receipt->id, "written to the bank"});
    }
    return;
  }
  // A payment that was a receipt nobody knew goes back to the queue.
  const auto* assigned = any(story_.state.payments,
                             [](const payment::State& one) { return one.rare().unbooked.has_value(); });
  if (assigned != nullptr && one_in(2)) {
    tell(payment::Reverse{assigned->id, "another's", perhaps_back(10)});
  } else if (one_in(3)) {
    tell(chargeback::Open{{Story::id(++serial_, 4)}, {}, 500, *Currency::parse("USD"), "4853", "case 2", {}});
  } else {
    unbooked::Report report;
    if (one_in(2)) report.customer = Story::customer;
    report.account_number = one_in(3) ? "A1" : "X9";
    report.amount = 1 + static_cast<std::int64_t>(below(3'000));
    report.currency = *Currency::parse("USD");
    report.on = perhaps_back(20);
    tell(report);
  }
}

}  // namespace billing::views::naive

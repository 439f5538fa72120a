// Random commands of every kind on a Story, valid and invalid ones, for property tests: objects that are there mostly, now
// and then ones that are not; amounts that fit mostly, now and then zero, negative or far too large.
#pragma once

#include <array>
#include <functional>
#include <random>

#include "tests/support/story.h"

namespace billing::testing {

// The kinds of object that commands can be drawn for.
enum class Kind : std::uint8_t {
  kAccount, kInvoice, kCreditNote, kPayment, kRefund, kChargeback, kCredit, kDispute, kDeposit, kPlan, kMethod, kUnbooked,
  kBooks, kGrouping, kUser
};
inline constexpr std::size_t kKinds = 15;

class RandomCommands {
 public:
  RandomCommands(Story& story, std::uint64_t seed) : story_(story), random_(seed) {}

  std::uint64_t below(std::uint64_t bound) { return random_() % bound; }
  bool one_in(std::uint64_t n) { return below(n) == 0; }

  // A customer with a small forest: account 1 with children 2 and 3 (which pays for itself), 4 under 2, 5 a second root.
  void world() {
    story_.given_customer();
    story_.given_account(1);
    story_.given_account(2, Story::account(1));
    story_.given_account(3, Story::account(1));
    story_.given_account(4, Story::account(2));
    story_.given_account(5);
    story_.given(account::ChangeRole{Story::account(3), account::InvoicingRole::kPayer, {}});
    if (one_in(2)) story_.today = story_.today.plus_days(static_cast<std::int32_t>(below(40)));
  }

  Command next(Kind kind) {
    ++serial_;
    switch (kind) {
      case Kind::kAccount: return of_account();
      case Kind::kInvoice: return of_invoice();
      case Kind::kCreditNote: return of_credit_note();
      case Kind::kPayment: return of_payment();
      case Kind::kRefund: return of_refund();
      case Kind::kChargeback: return of_chargeback();
      case Kind::kCredit: return of_credit();
      case Kind::kDispute: return of_dispute();
      case Kind::kDeposit: return of_deposit();
      case Kind::kPlan: return of_plan();
      case Kind::kMethod: return of_method();
      case Kind::kUnbooked: return of_unbooked();
      case Kind::kBooks: return of_books();
      case Kind::kGrouping: return of_grouping();
      case Kind::kUser: return of_user();
    }
    return of_account();
  }
  Command any() { return next(static_cast<Kind>(below(kKinds))); }
  // Commands that move money, most of them valid: items and money of the last two months, and all that is done to them.
  Command money() {
    ++serial_;
    switch (below(16)) {
      case 0: case 1: case 2: case 3: return likely_invoice();
      case 4: case 5: case 6: return likely_payment();
      case 7: return likely_move();
      case 8: return of_refund();
      case 9: return of_chargeback();
      case 10: return of_credit();
      case 11: return of_credit_note();
      case 12: return of_dispute();
      case 13: return of_deposit();
      case 14: return next(one_in(4) ? Kind::kBooks : Kind::kInvoice);
      default: return of_payment();
    }
  }

 private:
  template <class... Choices>
  Command choose(Choices... choices) {
    std::array<std::function<Command()>, sizeof...(Choices)> all{choices...};
    return all[below(all.size())]();
  }
  AccountId account() { return Story::account(static_cast<std::uint32_t>(one_in(30) ? 99 : 1 + below(5))); }
  std::int64_t amount() {
    switch (below(12)) {
      case 0: return 0;
      case 1: return -static_cast<std::int64_t>(below(500));
      case 2: return one_in(4) ? INT64_MAX : 1;
      default: return static_cast<std::int64_t>(1 + below(4'000));
    }
  }
  Currency currency() { return *Currency::parse(one_in(30) ? "EUR" : "USD"); }
  std::optional<Date> day() {
    if (one_in(2)) return std::nullopt;
    return story_.today.plus_days(static_cast<std::int32_t>(3 - static_cast<std::int64_t>(below(60))));
  }
  // The id of an object that is there, or a new or unknown one.
  template <class Map>
  typename Map::key_type of(const Map& map, std::uint8_t kind) {
    if (map.empty() || one_in(20)) return {Story::id(serial_, kind)};
    auto found = map.begin();
    std::advance(found, static_cast<std::ptrdiff_t>(below(map.size())));
    return found->first;
  }
  InvoiceId invoice() { return of(story_.state.invoices, 3); }
  PaymentId payment() { return of(story_.state.payments, 4); }
  Line line(AccountId service) {
    Line line;
    line.service_account = service;
    line.description = "Plan";
    line.net = amount();
    if (one_in(3)) line.taxes.push_back({"US-NY", "sales", Decimal{Decimal::kOne / 10}, line.net, line.net / 10, {}, false});
    if (one_in(3)) line.taxes.push_back({"US-NY", "city", Decimal{Decimal::kOne / 20}, 0, 0, {}, true});
    if (one_in(3)) {
      const Date from = story_.today.plus_days(static_cast<std::int32_t>(below(20)));
      line.service_period = Period{from, from.plus_days(static_cast<std::int32_t>(below(90)))};
    }
    if (one_in(8)) line.revenue_code = 4900;
    return line;
  }
  std::vector<Line> lines(AccountId owner) {
    std::vector<Line> all;
    for (std::uint64_t n = below(4); n > 0; --n) all.push_back(line(one_in(3) ? account() : owner));
    return all;
  }
  std::vector<payment::Instruction> instructions() {
    std::vector<payment::Instruction> all;
    for (std::uint64_t n = below(3); n > 0; --n) all.push_back({invoice(), amount(), one_in(4) ? std::optional(account()) : std::nullopt});
    return all;
  }

  std::int64_t likely_amount() { return static_cast<std::int64_t>(1 + below(1'000)); }
  Date likely_day() { return story_.today.plus_days(-static_cast<std::int32_t>(below(60))); }
  // On the invoice of the account's owner: account 1 for itself, 2 and 4; 3 and 5 own theirs.
  Command likely_invoice() {
    invoice::Issue issue;
    issue.header.id = {Story::id(serial_, 3)};
    const std::uint32_t owner = one_in(2) ? 1U : one_in(2) ? 3U : 5U;
    issue.header.account = Story::account(owner);
    for (std::uint64_t n = 1 + below(3); n > 0; --n) {
      static constexpr std::array<std::uint32_t, 3> kOfTheRoot{1, 2, 4};
      issue.lines.push_back(Story::line(owner == 1 ? kOfTheRoot[below(3)] : owner, likely_amount()));
    }
    issue.document_date = likely_day();
    if (one_in(3)) issue.due_date = issue.document_date->plus_days(static_cast<std::int32_t>(below(20)));
    return issue;
  }
  Command likely_payment() {
    payment::Record record = story_.pay(static_cast<std::uint32_t>(1 + below(5)), likely_amount());
    record.received_on = likely_day();
    if (one_in(3)) record.instructions = likely_instructions(record.amount);
    if (one_in(4)) {
      payment::Request request = story_.request(1, record.amount);
      request.instructions = record.instructions;
      return request;
    }
    return record;
  }
  // Parts of `amount` for invoices that have something open.
  std::vector<payment::Instruction> likely_instructions(std::int64_t amount) {
    std::vector<payment::Instruction> all;
    for (const auto& [id, invoice] : story_.state.invoices) {
      if (amount <= 0 || all.size() == 3) break;
      if (invoice.open == 0 || one_in(2)) continue;
      all.push_back({id, std::min(amount, one_in(2) ? invoice.open : 1 + invoice.open / 2), {}});
      amount -= all.back().amount;
    }
    return all;
  }
  // A payment is put elsewhere, or an outcome becomes known, or it is taken back.
  Command likely_move() {
    const PaymentId id = payment();
    switch (below(7)) {
      case 0: return payment::Progress{id, one_in(2) ? payment::Phase::kSucceeded : payment::Phase::kFailed, {}, {}, likely_day(), {}};
      case 1: return payment::Reverse{id, "keyed wrongly", likely_day()};
      case 2: {
        refund::Request request;
        request.id = id;
        request.amount = 1 + likely_amount() / 2;
        return request;
      }
      case 3: {
        const auto [of_payment, refund] = claim(payment::ClaimKind::kRefund);
        return refund::Progress{of_payment, {refund}, refund::Phase::kSucceeded, {}, {}, likely_day()};
      }
      case 4: {
        const auto [of_payment, chargeback] = claim(payment::ClaimKind::kChargeback);
        if (!one_in(3)) return chargeback::Win{of_payment, {chargeback}, likely_day()};
        return invoice::Recover{invoice(), 1 + likely_amount() / 4, {}, {}};
      }
      default: {
        const auto found = story_.state.payments.find(id);
        const std::int64_t most = found == story_.state.payments.end() ? 1 : found->second.amount;
        return payment::Reallocate{id, likely_instructions(most), one_in(2) ? std::optional(likely_day()) : std::nullopt, {}};
      }
    }
  }

  Command of_account() {
    return choose(
        [&]() -> Command { return account::Rename{account(), "Name " + std::to_string(below(5)), {}}; },
        [&]() -> Command {
          return account::ChangeRole{account(), static_cast<account::InvoicingRole>(1 + below(3)), day()};
        },
        [&]() -> Command { return hierarchy::Move{account(), one_in(4) ? std::nullopt : std::optional(account())}; },
        [&]() -> Command { return account::ChangeTerms{account(), static_cast<int>(below(400)), {}}; },
        [&]() -> Command { return account::ChangeAddress{account(), {}, {{}, {}, {}, "1 High Street"}}; },
        [&]() -> Command { return account::Unfreeze{account(), "looked into", {"ann", "bob"}}; });
  }
  Command of_invoice() {
    invoice::Header header;
    header.id = {Story::id(serial_, 3)};
    header.account = account();
    return choose(
        [&]() -> Command {
          invoice::Issue issue;
          issue.header = header;
          issue.lines = lines(header.account);
          issue.document_date = day();
          return issue;
        },
        [&]() -> Command { return invoice::Draft{header, lines(header.account)}; },
        [&]() -> Command { return invoice::AddLines{invoice(), lines(account())}; },
        [&]() -> Command {
          return invoice::ReplaceLines{invoice(), static_cast<std::uint32_t>(below(3)), static_cast<std::uint32_t>(below(3)),
                                       lines(account())};
        },
        [&]() -> Command {
          invoice::Issue issue;
          issue.header.id = invoice();
          issue.draft = true;
          return issue;
        },
        [&]() -> Command { return invoice::Void{invoice(), "wrong"}; },
        [&]() -> Command {
          return invoice::WriteOff{invoice(), one_in(2) ? std::nullopt : std::optional(amount()), 0, {}, "gone", day()};
        },
        [&]() -> Command { return invoice::Recover{invoice(), amount(), {}, day()}; },
        [&]() -> Command {
          invoice::ChargeLateFees fees;
          fees.account = account();
          fees.cycle = "c" + std::to_string(below(3));
          fees.flat = static_cast<std::int64_t>(below(500));
          fees.rate = Decimal{Decimal::kOne / 100};
          return fees;
        },
        [&]() -> Command { return invoice::Discard{invoice()}; });
  }
  Command of_credit_note() {
    credit_note::Issue note;
    note.account = account();
    note.document_date = day();
    if (one_in(2)) {
      note.lines = lines(note.account);
      return note;
    }
    note.invoice = invoice();
    for (std::uint64_t n = 1 + below(2); n > 0; --n) {
      Line against = line(note.account);
      against.service_period.reset();
      if (one_in(2)) against.taxes.clear();
      against.credited_line = static_cast<std::uint32_t>(below(3));
      note.lines.push_back(against);
    }
    return note;
  }
  payment::Method method() { return static_cast<payment::Method>(1 + below(5)); }
  Command of_payment() {
    return choose(
        [&]() -> Command {
          payment::Record record;
          record.account = account();
          record.amount = amount();
          record.currency = currency();
          record.method = method();
          record.received_on = day();
          if (one_in(3)) record.instructions = instructions();
          if (one_in(3)) record.settled = Settlement{amount(), *Currency::parse("EUR"), {}, "bank"};
          return record;
        },
        [&]() -> Command {
          payment::Request request;
          request.account = account();
          request.amount = amount();
          request.currency = currency();
          if (one_in(3)) request.instructions = instructions();
          return request;
        },
        [&]() -> Command {
          payment::Progress progress{payment(), static_cast<payment::Phase>(1 + below(8)), {}, {}, day(), {}};
          if (one_in(6)) progress.settled = Settlement{amount(), *Currency::parse("EUR"), {}, "provider"};
          return progress;
        },
        [&]() -> Command { return payment::Reverse{payment(), "keyed wrongly", day()}; },
        [&]() -> Command {
          payment::Reallocate reallocate;
          reallocate.id = payment();
          reallocate.instructions = instructions();
          reallocate.on = day();
          return reallocate;
        },
        [&]() -> Command { return payment::PayOut{payment(), amount(), {}, {}, {}}; },
        [&]() -> Command {
          const auto kind = one_in(2) ? payment::DifferenceKind::kGain : payment::DifferenceKind::kLoss;
          return payment::RecordExchangeDifference{payment(), kind, amount(), currency(), "treasury", day()};
        });
  }
  // A claim of this kind under some payment, or an unknown one.
  std::pair<PaymentId, Uuid> claim(payment::ClaimKind kind) {
    for (const auto& [id, one] : story_.state.payments) {
      for (const payment::Claim& claim : claims_of(one)) {
        if (claim.kind == kind && one_in(2)) return {id, claim.id};
      }
    }
    return {payment(), Story::id(serial_, 7)};
  }
  Command of_refund() {
    const auto [id, claim_id] = claim(payment::ClaimKind::kRefund);
    return choose(
        [&]() -> Command {
          refund::Request request;
          request.id = payment();
          request.amount = amount();
          request.with_adjustment = one_in(2);
          if (!request.with_adjustment || one_in(2)) return request;
          Line against = line(account());
          against.taxes.clear();
          against.service_period.reset();
          against.net = request.amount;
          against.credited_line = static_cast<std::uint32_t>(below(3));
          request.invoice = invoice();
          request.adjustment_lines = {against};
          return request;
        },
        [&]() -> Command {
          return refund::Progress{id, {claim_id}, static_cast<refund::Phase>(1 + below(6)), {}, {}, day()};
        },
        [&]() -> Command { return refund::Settle{id, {claim_id}, one_in(2), day()}; });
  }
  Command of_chargeback() {
    const auto [id, claim_id] = claim(payment::ClaimKind::kChargeback);
    return choose(
        [&]() -> Command {
          chargeback::Open open;
          open.id = payment();
          open.amount = amount();
          open.currency = currency();
          open.on = day();
          return open;
        },
        [&]() -> Command { return chargeback::Win{id, {claim_id}, day()}; },
        [&]() -> Command { return chargeback::Lose{id, {claim_id}, day()}; },
        [&]() -> Command {
          chargeback::Return back;
          back.id = payment();
          if (one_in(2)) back.amount = amount();
          back.code = "R01";
          return back;
        });
  }
  Uuid credit_of(AccountId holder) {
    const auto queues = story_.state.queues.find(holder);
    if (queues == story_.state.queues.end() || queues->second.credits.empty()) return Story::id(serial_, 8);
    return queues->second.credits.begin()->first.source;
  }
  Command of_credit() {
    const AccountId holder = account();
    return choose(
        [&]() -> Command { return receivables::HoldCredit{holder, credit_of(holder), one_in(2), {}}; },
        [&]() -> Command {
          return receivables::TransferCredit{holder, account(), one_in(2) ? std::nullopt : std::optional(amount()), {}, {}};
        },
        [&]() -> Command { return receivables::ApplyCredit{holder}; });
  }
  Command of_dispute() {
    if (one_in(2)) {
      return dispute::Close{of(story_.state.disputes, 5), static_cast<dispute::Outcome>(1 + below(4)), {}};
    }
    dispute::Open open;
    open.invoice = invoice();
    open.reason = "random";
    if (one_in(2)) open.amount = amount();
    if (one_in(3)) open.lines = {static_cast<std::uint32_t>(below(3))};
    return open;
  }
  Command of_deposit() {
    return choose(
        [&]() -> Command {
          deposit::Receive receive;
          receive.account = account();
          receive.amount = amount();
          receive.currency = currency();
          receive.method = method();
          return receive;
        },
        [&]() -> Command {
          deposit::Use use;
          use.id = of(story_.state.deposits, 9);
          if (one_in(2)) use.amount = amount();
          if (use.amount && one_in(2)) use.instructions = instructions();
          return use;
        },
        [&]() -> Command {
          deposit::Return back;
          back.id = of(story_.state.deposits, 9);
          if (one_in(2)) back.amount = amount();
          return back;
        });
  }
  Command of_plan() {
    if (one_in(3)) return plan::Cancel{of(story_.state.plans, 10), {}};
    plan::Agree agree;
    agree.account = account();
    agree.amount = amount();
    agree.currency = currency();
    agree.instalments = {{story_.today.plus_days(10), agree.amount / 2},
                         {story_.today.plus_days(20), agree.amount - agree.amount / 2}};
    if (one_in(3)) agree.invoices = {invoice()};
    return agree;
  }
  Command of_method() {
    return choose(
        [&]() -> Command {
          return method::Add{{}, account(), payment::Method::kCard, one_in(5) ? "4242424242424242" : "tok_1", "visa", "4242",
                             story_.today.month_index() + 12};
        },
        [&]() -> Command { return method::Remove{of(story_.state.methods, 11)}; },
        [&]() -> Command { return method::SetAutopay{of(story_.state.methods, 11), static_cast<int>(below(40)), {}, {}}; },
        [&]() -> Command { return method::ClearAutopay{account()}; });
  }
  Command of_unbooked() {
    return choose(
        [&]() -> Command {
          unbooked::Report report;
          if (one_in(2)) report.customer = Story::customer;
          report.account_number = "A" + std::to_string(1 + below(7));
          report.amount = amount();
          report.currency = currency();
          report.method = method();
          return report;
        },
        [&]() -> Command { return unbooked::Assign{of(story_.state.unbooked, 12), account()}; },
        [&]() -> Command { return unbooked::Resolve{of(story_.state.unbooked, 12), "written to the bank"}; });
  }
  Command of_books() {
    const std::int32_t period = story_.today.month_index() - static_cast<std::int32_t>(below(3));
    return choose([&]() -> Command { return books::BeginClose{period}; },
                  [&]() -> Command { return books::ReleaseRevenue{Story::customer, period}; },
                  [&]() -> Command { return books::Close{period}; });
  }
  Command of_grouping() {
    if (story_.state.groupings.empty()) return grouping::Create{{}, Story::customer, "Regions"};
    const auto& [id, one] = *story_.state.groupings.begin();
    const auto group = [&] { return of(one.groups, 13); };
    return choose(
        [&]() -> Command {
          return grouping::AddGroup{id, {}, "Group " + std::to_string(below(9)), one_in(2) ? std::nullopt : std::optional(group())};
        },
        [&]() -> Command { return grouping::NestGroup{id, group(), one_in(3) ? std::nullopt : std::optional(group())}; },
        [&]() -> Command { return grouping::AddAccounts{id, group(), {account()}, one_in(2), day()}; },
        [&]() -> Command { return grouping::RemoveAccounts{id, group(), {account()}}; },
        [&]() -> Command { return grouping::DeleteGroup{id, group()}; });
  }
  Command of_user() {
    const UserId id = of(story_.state.users, 14);
    return choose(
        [&]() -> Command {
          const std::string mail = "u" + std::to_string(below(4)) + "@example.org";
          return user::Invite{{}, Story::customer, user::Role::kViewer, "digest of " + mail, {"Ada", mail, {}, {}}};
        },
        [&]() -> Command { return user::ChangeRole{id, static_cast<user::Role>(1 + below(4))}; },
        [&]() -> Command { return user::Suspend{id, "left"}; }, [&]() -> Command { return user::Reinstate{id}; });
  }

  static const std::vector<payment::Claim>& claims_of(const payment::State& payment) { return payment.claims(); }

  Story& story_;
  std::mt19937_64 random_;
  std::uint32_t serial_ = 1'000;
};

}  // namespace billing::testing

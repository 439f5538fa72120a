// Pairings have days of their own: money, notes and deposits meet items on the day on which both are there, whatever was
// entered first, and what is taken back on an earlier day undoes what was done with the money since.
#include <functional>

#include "tests/support/story.h"

namespace billing {
namespace {

using testing::expect_sound;
using testing::Story;

Date june(int n) { return Date::clamped(2026, 6, n); }
Date july(int n) { return Date::clamped(2026, 7, n); }

struct PairingTest : ::testing::Test {
  Story story;
  void SetUp() override {
    story.given_customer();
    story.given_account(1);
    story.given_account(2, Story::account(1));
    story.today = Date::clamped(2026, 8, 20);
  }
  void TearDown() override { expect_sound(story); }

  void given_invoice(std::uint32_t n, Date date, std::int64_t amount = 100, std::uint32_t service = 1) {
    auto issue = story.issue(n, 1, {Story::line(service, amount)});
    issue.document_date = date;
    story.given(issue);
  }
  PaymentId given_payment(Date date, std::int64_t amount = 100, std::uint32_t account = 1) {
    auto pay = story.pay(account, amount);
    pay.received_on = date;
    story.given(pay);
    return story.fact<payment::Recorded>().id;
  }
  // What was posted on 1100 (open) or 2100 (unapplied) up to a day.
  std::int64_t on(Ledger ledger, Date day, std::optional<std::uint32_t> account = {}) const {
    std::int64_t sum = 0;
    for (const StreamEvent& event : story.history) {
      for (const Posting& posting : postings_for(event.event)) {
        if (posting.ledger != ledger || *event.posting_date > day) continue;
        if (!account || posting.account == Story::account(*account)) sum += posting.amount;
      }
    }
    return sum;
  }
  std::int64_t open_on(Date day) const { return on(Ledger::kReceivables, day); }
  std::int64_t unapplied_on(Date day, std::optional<std::uint32_t> account = {}) const {
    return -on(Ledger::kUnappliedCredit, day, account);
  }
};

// Money of 1 June and an invoice of 12 July: unapplied in June, paid from 12 July on.
TEST_F(PairingTest, MoneyOfJuneThatMeetsAnInvoiceOfJulyIsUnappliedInJune) {
  given_invoice(1, july(12));
  given_payment(june(1));
  EXPECT_EQ(story.fact<payment::Recorded>().unapplied, 100);
  EXPECT_EQ(story.fact<receivables::CreditApplied>(1).posting_date, july(12));
  EXPECT_EQ(unapplied_on(june(15)), 100);
  EXPECT_EQ(open_on(june(15)), 0);
  EXPECT_EQ(unapplied_on(july(12)), 0);
  EXPECT_EQ(open_on(july(12)), 0);
}

// Each command that pairs, with the invoice of 12 July there before: nothing is below zero in June, and nothing is left.
using Pair = std::function<void(PairingTest&)>;
struct EachWay : PairingTest, ::testing::WithParamInterface<std::pair<const char*, Pair>> {};
TEST_P(EachWay, NothingIsPaidBeforeItIsThere) {
  given_invoice(1, july(12));
  GetParam().second(*this);
  EXPECT_EQ(story.due(1), 0);
  EXPECT_EQ(open_on(july(11)), 0);
  EXPECT_EQ(open_on(july(12)), 0);
  EXPECT_EQ(unapplied_on(july(12)), 0);
}
INSTANTIATE_TEST_SUITE_P(
    Of, EachWay,
    ::testing::Values(
        std::pair<const char*, Pair>{"Payment", [](PairingTest& test) { test.given_payment(june(1)); }},
        std::pair<const char*, Pair>{"GivenAllocations",
                                     [](PairingTest& test) {
                                       auto pay = test.story.pay(1, 100);
                                       pay.received_on = june(1);
                                       pay.instructions = {{Story::invoice(1), 100, {}}};
                                       test.story.given(pay);
                                     }},
        std::pair<const char*, Pair>{"FreeCreditNote",
                                     [](PairingTest& test) {
                                       auto note = test.story.credit(1, {Story::line(1, 100)});
                                       note.document_date = june(1);
                                       test.story.given(note);
                                       EXPECT_EQ(test.unapplied_on(june(15)), 100);
                                     }},
        std::pair<const char*, Pair>{"ReportedSuccess",
                                     [](PairingTest& test) {
                                       test.story.given(test.story.request(1, 100));
                                       const PaymentId id = test.story.fact<payment::Requested>().id;
                                       test.story.given(payment::Progress{id, payment::Phase::kSucceeded, {}, {}, june(1), {}});
                                       EXPECT_EQ(test.unapplied_on(june(15)), 100);
                                     }},
        std::pair<const char*, Pair>{"Reallocation",
                                     [](PairingTest& test) {
                                       test.given_invoice(2, june(2));
                                       auto pay = test.story.pay(1, 100);
                                       pay.received_on = june(1);
                                       pay.instructions = {{Story::invoice(2), 100, {}}};
                                       test.story.given(pay);
                                       payment::Reallocate move{test.story.fact<payment::Recorded>().id,
                                                                {{Story::invoice(1), 100, {}}}, june(5), {}};
                                       test.story.given(move);
                                       EXPECT_EQ(test.unapplied_on(june(15)), 100);
                                       EXPECT_EQ(test.open_on(june(15)), 100);
                                       test.given_payment(june(2));
                                     }},
        std::pair<const char*, Pair>{"Deposit",
                                     [](PairingTest& test) {
                                       deposit::Receive receive;
                                       receive.account = Story::account(1);
                                       receive.amount = 100;
                                       receive.currency = *Currency::parse("USD");
                                       receive.received_on = june(1);
                                       test.story.given(receive);
                                       deposit::Use use;
                                       use.id = test.story.fact<deposit::Received>().id;
                                       use.on = june(3);
                                       test.story.given(use);
                                       EXPECT_EQ(test.on(Ledger::kCustomerDeposits, june(15)), -100);
                                     }},
        std::pair<const char*, Pair>{"AssignedReceipt",
                                     [](PairingTest& test) {
                                       unbooked::Report report;
                                       report.amount = 100;
                                       report.currency = *Currency::parse("USD");
                                       report.on = june(1);
                                       test.story.given(report);
                                       const UnbookedId id = test.story.fact<unbooked::Queued>().id;
                                       test.story.given(unbooked::Assign{id, Story::account(1)});
                                       EXPECT_EQ(test.unapplied_on(june(15)), 100);
                                     }}),
    [](const auto& info) { return info.param.first; });

// Received 1 June, used on an invoice of 1 July, taken back with 10 June: gone then, and the invoice is open from its day.
struct TakenBack : PairingTest {
  PaymentId paid;
  void given_used_in_july() {
    paid = given_payment(june(1));
    given_invoice(1, july(1));
    EXPECT_EQ(story.due(1), 0);
  }
  void expect_gone_on_10_june() {
    EXPECT_EQ(unapplied_on(june(9)), 100);
    EXPECT_EQ(unapplied_on(june(10)), 0);
    EXPECT_EQ(open_on(june(30)), 0);
    EXPECT_EQ(open_on(july(1)), 100);
    EXPECT_EQ(unapplied_on(july(1)), 0);
    EXPECT_EQ(story.due(1), 100);
  }
};
TEST_F(TakenBack, AReversalBeforeTheMoneyWasUsedTakesTheCreditAwayThen) {
  given_used_in_july();
  story.given(payment::Reverse{paid, "keyed wrongly", june(10)});
  EXPECT_EQ(story.fact<payment::Reallocated>().posting_date, july(1)) << "the pairing is undone on its own day";
  EXPECT_EQ(story.fact<payment::Reversed>(1).posting_date, june(10)) << "the money goes on the day that is asked for";
  expect_gone_on_10_june();
}
TEST_F(TakenBack, AChargebackDoesTheSame) {
  given_used_in_july();
  chargeback::Open open;
  open.id = paid;
  open.amount = 100;
  open.currency = *Currency::parse("USD");
  open.on = june(10);
  story.given(open);
  expect_gone_on_10_june();
}
TEST_F(TakenBack, AReturnDoesTheSame) {
  given_used_in_july();
  chargeback::Return back;
  back.id = paid;
  back.on = june(10);
  story.given(back);
  expect_gone_on_10_june();
}
TEST_F(TakenBack, ARefundDoesTheSame) {
  given_used_in_july();
  refund::Request request;
  request.id = paid;
  request.amount = 100;
  story.given(request);
  const RefundId refund = story.fact<refund::Requested>().refund;
  story.given(refund::Progress{paid, refund, refund::Phase::kSucceeded, {}, {}, june(10)});
  expect_gone_on_10_june();
}
TEST_F(TakenBack, MoneyThatWasTransferredGoesBackAllItsWay) {
  paid = given_payment(june(1), 100, 1);
  story.today = june(20);
  story.given(receivables::TransferCredit{Story::account(1), Story::account(2), {}, {}, {}});
  story.today = Date::clamped(2026, 8, 20);
  given_invoice(1, july(1), 100, 2);
  EXPECT_EQ(story.due(1), 0);
  story.given(payment::Reverse{paid, "keyed wrongly", june(10)});
  expect_gone_on_10_june();
  EXPECT_EQ(unapplied_on(june(20), 1), 0);
  EXPECT_EQ(unapplied_on(june(20), 2), 0);
}
TEST_F(TakenBack, AfterThePairingItReopensTheInvoiceOnTheDayThatIsAskedFor) {
  given_used_in_july();
  story.given(payment::Reverse{paid, "keyed wrongly", july(9)});
  EXPECT_EQ(story.last.size(), 1U);
  EXPECT_EQ(open_on(july(8)), 0);
  EXPECT_EQ(open_on(july(9)), 100);
}
TEST_F(PairingTest, AnInvoiceThatWasPaidMeanwhileIsPaidByOthersOnlyFromTheDayOnWhichItIsOpenAgain) {
  given_invoice(1, july(1));
  const PaymentId first = given_payment(july(5));
  story.given(payment::Reverse{first, "keyed wrongly", july(20)});
  given_payment(july(10));
  EXPECT_EQ(story.fact<receivables::CreditApplied>(1).posting_date, july(20));
  EXPECT_EQ(open_on(july(15)), 0);
  EXPECT_EQ(unapplied_on(july(15)), 100);
  EXPECT_EQ(open_on(july(20)), 0);
}
TEST_F(PairingTest, ANoteIsPairedWithTheNotedInvoiceOnTheDayOnWhichItIsOpenAgain) {
  given_invoice(1, july(1));
  const PaymentId first = given_payment(july(5));
  story.given(payment::Reverse{first, "keyed wrongly", july(20)});
  auto note = story.credit(1, {Story::credit_line(0, 40)}, Story::invoice(1));
  note.document_date = july(10);
  story.given(note);
  EXPECT_EQ(unapplied_on(july(15)), 40);
  EXPECT_EQ(open_on(july(20)), 60);
}
TEST_F(PairingTest, MoneyThatCameOffAnInvoiceCountsFromThatDayAndAReversalBeforeItIsRefused) {
  given_invoice(1, june(1));
  given_invoice(2, july(1));
  const PaymentId paid = given_payment(june(2));
  story.given(payment::Reallocate{paid, {{Story::invoice(2), 100, {}}}, july(10), {}});
  EXPECT_EQ(story.when(payment::Reverse{paid, "keyed wrongly", june(20)}), "invalid-date");
  EXPECT_NE(story.refusal.detail.find("2026-07-10"), std::string::npos);
  story.given(payment::Reverse{paid, "keyed wrongly", july(10)});
  EXPECT_EQ(open_on(july(10)), 200);
}
TEST_F(PairingTest, AChargebackOfMoneyThatCameOffAnInvoiceIsPostedOnThatDayAtTheEarliest) {
  given_invoice(1, june(1));
  given_invoice(2, july(1));
  const PaymentId paid = given_payment(june(2));
  story.given(payment::Reallocate{paid, {{Story::invoice(2), 100, {}}}, july(10), {}});
  chargeback::Open open;
  open.id = paid;
  open.amount = 100;
  open.currency = *Currency::parse("USD");
  open.on = june(20);
  story.given(open);
  const auto& opened = std::get<chargeback::Opened>(story.last.back().event);
  EXPECT_EQ(opened.on, june(20));
  EXPECT_EQ(opened.posting_date, july(10));
}
TEST_F(PairingTest, AWonChargebackIsNotOlderThanItsOpening) {
  given_invoice(1, june(1));
  const PaymentId paid = given_payment(june(2));
  chargeback::Open open;
  open.id = paid;
  open.amount = 100;
  open.currency = *Currency::parse("USD");
  open.on = june(20);
  story.given(open);
  const ChargebackId id = story.fact<chargeback::Opened>().chargeback;
  story.given(chargeback::Win{paid, id, june(10)});
  EXPECT_EQ(story.fact<chargeback::Won>().posting_date, june(20));
}
TEST_F(PairingTest, ARefundIsNotSettledBeforeItSucceeded) {
  const PaymentId paid = given_payment(june(2));
  refund::Request request;
  request.id = paid;
  request.amount = 100;
  story.given(request);
  const RefundId refund = story.fact<refund::Requested>().refund;
  story.given(refund::Progress{paid, refund, refund::Phase::kSucceeded, {}, {}, june(20)});
  EXPECT_EQ(story.when(refund::Settle{paid, refund, false, june(10)}), "invalid-date");
  story.given(refund::Settle{paid, refund, false, june(20)});
}
TEST_F(PairingTest, ADepositIsNeitherUsedNorGivenBackBeforeItWasReceived) {
  deposit::Receive receive;
  receive.account = Story::account(1);
  receive.amount = 100;
  receive.currency = *Currency::parse("USD");
  receive.received_on = june(10);
  story.given(receive);
  const DepositId id = story.fact<deposit::Received>().id;
  given_invoice(1, june(1));
  EXPECT_EQ(story.when(deposit::Use{id, {}, {}, {}, june(5)}), "invalid-date");
  EXPECT_EQ(story.when(deposit::Return{id, {}, {}, {}, june(5)}), "invalid-date");
  EXPECT_NE(story.refusal.detail.find("2026-06-10"), std::string::npos);
  story.given(deposit::Return{id, {}, {}, {}, june(10)});
}
TEST_F(PairingTest, ADisputeThatIsPaidInFullIsClosedOnTheDayOfThePairing) {
  given_invoice(1, july(12));
  auto dispute = story.dispute(1);
  dispute.opened_on = july(13);
  story.given(dispute);
  auto pay = story.pay(1, 100);
  pay.received_on = july(20);
  pay.instructions = {{Story::invoice(1), 100, {}}};
  story.given(pay);
  EXPECT_EQ(std::get<dispute::Closed>(story.last.back().event).closed_on, july(20));
}

// No credit beside debt.
struct FreeCreditTest : PairingTest {};
TEST_F(FreeCreditTest, OfTwoPaymentsOfOneInvoiceTheOtherPaysWhenTheFirstIsReturned) {
  given_invoice(1, july(1));
  const PaymentId first = given_payment(july(5));
  given_payment(july(6));
  EXPECT_EQ(story.unapplied(1), 100);
  chargeback::Return back;
  back.id = first;
  back.on = july(15);
  story.given(back);
  EXPECT_EQ(story.due(1), 0);
  EXPECT_EQ(story.balance(1), 0);
  EXPECT_EQ(story.fact<receivables::CreditApplied>(1).posting_date, july(15));
}
TEST_F(FreeCreditTest, ADisputeThatEndsLetsCreditPayOnThatDay) {
  given_invoice(1, july(1));
  auto dispute = story.dispute(1);
  dispute.opened_on = july(2);
  story.given(dispute);
  const DisputeId id = story.fact<dispute::Opened>().id;
  given_payment(july(5));
  EXPECT_EQ(story.due(1), 100);
  story.given(dispute::Close{id, dispute::Outcome::kRejected, july(25)});
  EXPECT_EQ(story.due(1), 0);
  EXPECT_EQ(story.fact<receivables::CreditApplied>(1).posting_date, july(25));
}
TEST_F(FreeCreditTest, CreditThatIsTransferredPaysWhatItsNewHolderOwes) {
  given_invoice(1, july(1), 100, 2);
  auto note = story.credit(2, {Story::line(2, 30)});
  story.given(note);
  EXPECT_EQ(story.due(1), 70);
  story.given_account(5);
  auto pay = story.pay(5, 50);
  story.given(pay);
  story.given(receivables::TransferCredit{Story::account(5), Story::account(2), {}, {}, {}});
  EXPECT_EQ(story.due(1), 20);
}
TEST_F(FreeCreditTest, APaymentThatFailsLetsCreditPayWhatItHadReserved) {
  given_invoice(1, july(1));
  story.given(story.request(1, 100));
  const PaymentId under_way = story.fact<payment::Requested>().id;
  auto prepaid = story.pay(1, 100);
  prepaid.instructions.emplace();
  story.given(prepaid);
  EXPECT_EQ(story.due(1), 100);
  story.given(payment::Progress{under_way, payment::Phase::kFailed, {}, {}, {}, {}});
  EXPECT_EQ(story.due(1), 0);
}
TEST_F(FreeCreditTest, ARecoveryIsPaidByCreditThatWaits) {
  given_invoice(1, july(1));
  invoice::WriteOff off;
  off.id = Story::invoice(1);
  story.given(off);
  given_payment(july(5), 60);
  EXPECT_EQ(story.unapplied(1), 60);
  invoice::Recover recover;
  recover.id = Story::invoice(1);
  recover.amount = 80;
  story.given(recover);
  EXPECT_EQ(story.due(1), 20);
  EXPECT_EQ(story.unapplied(1), 0);
}
TEST_F(FreeCreditTest, AFrozenAccountsCreditPaysWhenItIsUnfrozen) {
  given_invoice(1, july(1), 100, 2);
  auto dispute = story.dispute(1);
  dispute.opened_on = july(2);
  story.given(dispute);
  const DisputeId id = story.fact<dispute::Opened>().id;
  given_payment(july(5));
  story.given(account::Freeze{Story::account(1), "open-items", {}});
  story.given(dispute::Close{id, dispute::Outcome::kRejected, {}});
  EXPECT_EQ(story.due(1), 100);
  story.given(account::Unfreeze{Story::account(1), "looked into", {"ann", "bob"}});
  EXPECT_EQ(story.due(1), 0);
}

}  // namespace
}  // namespace billing

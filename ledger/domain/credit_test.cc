// Unapplied credit by hand, deposits, plans and methods on file.
#include "tests/support/story.h"

namespace billing {
namespace {

using testing::expect_sound;
using testing::Story;

struct CreditTest : ::testing::Test {
  Story story;
  void SetUp() override {
    story.given_customer();
    story.given_account(1);
    story.given_account(2, Story::account(1));
  }
  void TearDown() override { expect_sound(story); }

  // A free credit note of the account: unapplied while nothing is open.
  Uuid given_credit(std::uint32_t account, std::int64_t amount) {
    story.given(story.credit(account, {Story::line(account, amount)}));
    return story.fact<credit_note::Issued>().id.uuid;
  }
  static receivables::TransferCredit transfer(std::uint32_t from, std::uint32_t to,
                                              std::optional<std::int64_t> amount = {}) {
    return {Story::account(from), Story::account(to), amount, {}, {}};
  }
};

TEST_F(CreditTest, AChildsCreditIsTransferredToItsParent) {
  given_credit(2, 25000);
  story.given(transfer(2, 1));
  EXPECT_EQ(story.balance(2), 0);
  EXPECT_EQ(story.balance(1), -25000);
}
TEST_F(CreditTest, ATransferWithoutCreditOrToNobodyIsRefused) {
  EXPECT_EQ(story.when(transfer(2, 1)), "credit-exceeded");
  given_credit(2, 100);
  EXPECT_EQ(story.when(transfer(2, 1, 101)), "credit-exceeded");
  EXPECT_EQ(story.when(transfer(2, 1, 0)), "amount-not-positive");
  EXPECT_EQ(story.when(transfer(2, 2)), "nothing-changes");
  EXPECT_EQ(story.when(transfer(2, 9)), "unknown-account");
}
TEST_F(CreditTest, APartOfACreditIsTransferredOldestFirst) {
  const Uuid older = given_credit(2, 100);
  story.today = story.today.plus_days(1);
  given_credit(2, 100);
  story.given(transfer(2, 1, 150));
  ASSERT_EQ(story.fact<receivables::CreditTransferred>().parts.size(), 2U);
  EXPECT_EQ(story.fact<receivables::CreditTransferred>().parts[0].source_id, older);
  EXPECT_EQ(story.fact<receivables::CreditTransferred>().parts[1].amount, 50);
  EXPECT_EQ(story.unapplied(2), 50);
}
TEST_F(CreditTest, APaymentAndANoteOfOneIdAndDayAreTwoCredits) {
  auto note = story.credit(1, {Story::line(1, 300)});
  note.id.uuid = Story::id(7, 7);
  story.given(note);
  auto paid = story.pay(1, 500);
  paid.id.uuid = Story::id(7, 7);
  story.given(paid);
  EXPECT_EQ(story.state.queues.at(Story::account(1)).credits.size(), 2U);
  story.given(story.issue(1, 1, {Story::line(1, 600)}));
  EXPECT_EQ(story.unapplied(1), 200);
  EXPECT_EQ(story.state.invoices.at(Story::invoice(1)).paid, 500);
}
TEST_F(CreditTest, AHeldCreditIsPassedOverAndWhatIsAddedToItIsHeldToo) {
  story.given(story.issue(1, 1, {Story::line(1, 100)}));
  story.given(story.pay(1, 300));
  const PaymentId first = story.fact<payment::Recorded>().id;
  story.given(receivables::HoldCredit{Story::account(1), first.uuid, true, {}});
  story.today = story.today.plus_days(1);
  story.given(story.pay(1, 50));
  story.given(payment::Reallocate{first, {}, {}, {}});
  EXPECT_EQ(story.state.accounts.at(Story::account(1)).held, 300);
  EXPECT_EQ(story.due(1), 50) << "the free credit pays what is open again";
  story.given(receivables::HoldCredit{Story::account(1), first.uuid, false, {}});
  EXPECT_EQ(story.due(1), 0);
  EXPECT_EQ(story.when(receivables::ApplyCredit{Story::account(1)}), "nothing-changes");
}
TEST_F(CreditTest, ManyCreditsMeetManyItemsOldestFirstUntilTheLimit) {
  payment::Request request = story.request(1, 2000);
  request.instructions.emplace();
  for (std::uint32_t n = 1; n <= 1000; ++n) {
    story.given(story.issue(n, 1, {Story::line(1, 2)}));
    request.instructions->push_back({Story::invoice(n), 2, {}});
  }
  story.given(request);
  const PaymentId under_way = story.fact<payment::Requested>().id;
  auto credit = story.pay(1, 3);
  credit.instructions.emplace();
  for (std::uint32_t n = 1; n <= 1000; ++n) story.given(credit);
  EXPECT_EQ(story.unapplied(1), 3000) << "all is reserved by the payment that is under way";
  story.given(payment::Progress{under_way, payment::Phase::kFailed, {}, {}, {}, {}});
  std::size_t allocations = 0;
  for (const StreamEvent& event : story.last) {
    const auto* applied = std::get_if<receivables::CreditApplied>(&event.event);
    allocations += applied == nullptr ? 0 : applied->allocations.size();
  }
  EXPECT_EQ(allocations, kDefaultApplicationMax);
  EXPECT_EQ(std::get<receivables::FollowUpDue>(story.last.back().event),
            (receivables::FollowUpDue{Story::account(1), true, story.today, story.today}));
  EXPECT_EQ(story.due(1), 0);
  EXPECT_EQ(story.due(1000), 2);
  story.given(receivables::ApplyCredit{Story::account(1)});
  EXPECT_EQ(story.open(1), 0);
  EXPECT_EQ(story.unapplied(1), 1000);
  EXPECT_EQ(story.when(receivables::ApplyCredit{Story::account(1)}), "nothing-changes");
}
TEST_F(CreditTest, AHeldCreditMeetsNoInvoiceUntilItIsReleased) {
  const Uuid credit = given_credit(1, 1000);
  story.given(receivables::HoldCredit{Story::account(1), credit, true, "disputed return"});
  story.given(story.issue(1, 1, {Story::line(1, 600)}));
  EXPECT_EQ(story.due(1), 600);
  EXPECT_EQ(story.when(transfer(1, 2)), "credit-exceeded");
  EXPECT_EQ(story.when(receivables::ApplyCredit{Story::account(1)}), "nothing-changes");
  story.given(receivables::HoldCredit{Story::account(1), credit, false, {}});
  EXPECT_EQ(story.due(1), 0);
  EXPECT_EQ(story.unapplied(1), 400);
}
TEST_F(CreditTest, AHoldOfNoCreditOrTwiceIsRefused) {
  EXPECT_EQ(story.when(receivables::HoldCredit{Story::account(1), Story::id(7, 7), true, {}}), "unknown-credit");
  const Uuid credit = given_credit(1, 1000);
  story.given(receivables::HoldCredit{Story::account(1), credit, true, {}});
  EXPECT_EQ(story.when(receivables::HoldCredit{Story::account(1), credit, true, {}}), "nothing-changes");
}

struct DepositTest : CreditTest {
  DepositId id{Story::id(1, 5)};
  void given_deposit(std::int64_t amount) {
    deposit::Receive receive;
    receive.id = id;
    receive.account = Story::account(1);
    receive.amount = amount;
    receive.currency = *Currency::parse("USD");
    story.given(receive);
  }
  std::int64_t left() const { return story.state.deposits.at(id).left; }
};
TEST_F(DepositTest, ADepositStaysApartUntilItIsUsed) {
  given_deposit(2000);
  story.given(story.issue(1, 1, {Story::line(1, 1500)}));
  EXPECT_EQ(story.due(1), 1500);
  EXPECT_EQ(story.balance(1), 1500);
  EXPECT_EQ(story.posted(Ledger::kCustomerDeposits), -2000);
  story.given(deposit::Use{id, {}, {}, {}, {}});
  EXPECT_EQ(story.due(1), 0);
  EXPECT_EQ(left(), 500);
  EXPECT_EQ(story.posted(Ledger::kCustomerDeposits), -500);
}
TEST_F(DepositTest, ADepositIsUsedOnChosenInvoicesOnly) {
  given_deposit(2000);
  story.given(story.issue(1, 1, {Story::line(1, 1000)}));
  story.given(story.issue(2, 1, {Story::line(1, 1000)}));
  story.given(deposit::Use{id, 700, {}, std::vector<payment::Instruction>{{Story::invoice(2), 700, {}}}, {}});
  EXPECT_EQ(story.due(1), 1000);
  EXPECT_EQ(story.due(2), 300);
  EXPECT_EQ(left(), 1300);
}
TEST_F(DepositTest, MoreThanIsLeftOrOpenIsRefused) {
  given_deposit(2000);
  EXPECT_EQ(story.when(deposit::Use{id, {}, {}, {}, {}}), "nothing-changes");
  story.given(story.issue(1, 1, {Story::line(1, 500)}));
  EXPECT_EQ(story.when(deposit::Use{id, 2001, {}, {}, {}}), "deposit-exceeded");
  EXPECT_EQ(story.when(deposit::Use{id, 501, {}, {}, {}}), "allocation-exceeds-open");
  EXPECT_EQ(story.when(deposit::Use{DepositId{Story::id(9, 5)}, {}, {}, {}, {}}), "unknown-deposit");
}
TEST_F(DepositTest, ADepositIsReturnedAndItsAccountCannotCloseBefore) {
  given_deposit(2000);
  story.given(account::Open{Story::account(7), Story::customer, "A7", "Seven", {}, {}, 30, 1, {}});
  EXPECT_EQ(story.when(account::Close{Story::account(1)}), "account-has-children");
  story.given(deposit::Return{id, 1500, {}, {}, {}});
  EXPECT_EQ(left(), 500);
  story.given(deposit::Return{id, {}, {}, {}, {}});
  EXPECT_EQ(left(), 0);
  EXPECT_EQ(story.posted(Ledger::kCash), 0);
  EXPECT_EQ(story.when(deposit::Return{id, {}, {}, {}, {}}), "deposit-exceeded");
}

struct PlanTest : CreditTest {
  plan::Agree agree(std::int64_t amount, const std::vector<std::int64_t>& parts) const {
    plan::Agree agree;
    agree.account = Story::account(1);
    agree.amount = amount;
    agree.currency = *Currency::parse("USD");
    std::int32_t days = 0;
    for (const std::int64_t part : parts) agree.instalments.push_back({story.today.plus_days(days += 30), part});
    return agree;
  }
};
TEST_F(PlanTest, InstalmentsAddUpToWhatWasAgreed) {
  story.given(story.issue(1, 1, {Story::line(1, 1500)}));
  EXPECT_EQ(story.when(agree(1400, {600, 400, 300})), "sum-mismatch");
  EXPECT_EQ(story.when(agree(1400, {})), "missing-field");
  story.given(agree(1400, {600, 400, 400}));
  for (const std::int64_t part : {600, 400, 400}) story.given(story.pay(1, part));
  EXPECT_EQ(story.due(1), 100);
}
TEST_F(PlanTest, APlanIsForWhatIsOpenAndOneDayAfterTheOther) {
  story.given(story.issue(1, 1, {Story::line(1, 1500)}));
  EXPECT_EQ(story.when(agree(1501, {1501})), "allocation-exceeds-open");
  auto backwards = agree(1000, {500, 500});
  std::swap(backwards.instalments[0].due, backwards.instalments[1].due);
  EXPECT_EQ(story.when(backwards), "invalid-date");
  auto promise = agree(1000, {500, 500});
  promise.kind = plan::Kind::kPromise;
  EXPECT_EQ(story.when(promise), "invalid-parameter");
}
TEST_F(PlanTest, APlanIsCancelledOnce) {
  story.given(story.issue(1, 1, {Story::line(1, 1500)}));
  story.given(agree(1500, {1500}));
  const PlanId id = story.fact<plan::Agreed>().id;
  story.given(plan::Cancel{id, "missed"});
  EXPECT_EQ(story.when(plan::Cancel{id, {}}), "nothing-changes");
  EXPECT_EQ(story.when(plan::Cancel{PlanId{Story::id(9, 9)}, {}}), "unknown-plan");
}

struct MethodTest : CreditTest {
  static method::Add card(std::string token = "tok_1Nx") {
    method::Add add;
    add.id = MethodId{Story::id(1, 6)};
    add.account = Story::account(1);
    add.token = std::move(token);
    add.brand = "visa";
    add.last_four = "4242";
    add.expires = 2030 * 12 + 5;
    return add;
  }
};
TEST_F(MethodTest, ACardNumberIsNeverTaken) {
  EXPECT_EQ(story.when(card("4242424242424242")), "card-number");
  EXPECT_EQ(story.when(card("4242 4242-4242 4242")), "card-number");
  EXPECT_EQ(story.when(card("card=4242424242424242;")), "card-number");
  EXPECT_FALSE(method::looks_like_card_number("4242424242424243"));
  EXPECT_FALSE(method::looks_like_card_number("tok_424242424242"));
}
TEST_F(MethodTest, AnExpiredCardOrOneWithoutItsMonthIsRefused) {
  auto add = card();
  add.expires = story.today.month_index() - 1;
  EXPECT_EQ(story.when(add), "invalid-date");
  add.expires.reset();
  EXPECT_EQ(story.when(add), "missing-field");
  add = card();
  add.last_four = "42x2";
  EXPECT_EQ(story.when(add), "invalid-text");
}
TEST_F(MethodTest, AMethodThatAutopayUsesIsNotRemoved) {
  story.given(card());
  const MethodId id{Story::id(1, 6)};
  story.given(method::SetAutopay{id, 3, 50000, {}});
  EXPECT_EQ(story.when(method::Remove{id}), "method-in-use");
  story.given(method::ClearAutopay{Story::account(1)});
  EXPECT_EQ(story.when(method::ClearAutopay{Story::account(1)}), "nothing-changes");
  story.given(method::Remove{id});
  EXPECT_EQ(story.when(method::SetAutopay{id, 3, {}, {}}), "unknown-payment-method");
}

}  // namespace
}  // namespace billing

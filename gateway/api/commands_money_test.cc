// Bodies of commands on payments and what is under them, credit, deposits, plans, methods, the queue and periods.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "gateway/api/commands_testing.h"

namespace billing::api {
namespace {

using test::good;
using test::refused;
using test::test_id;

constexpr const char* kTen = R"({"amount":"10","currency":"USD"})";

TEST(MoneyCommandsTest, APaymentMayBeSettledInAnotherCurrency) {
  const std::string base = R"({"account":"acc:1","method":"wire","amount":{"amount":"249.95","currency":"USD"},)";
  const auto full = good<payment::Record>("payment.record", base + R"("allocations":[{"invoice":"inv:1","amount":"10",
      "account":"acc:2"}],"settled":{"amount":"225","currency":"JPY","rate":"0.9","source":"bank"}})");
  ASSERT_TRUE(full.settled);
  EXPECT_EQ(full.settled->amount, 225);
  EXPECT_EQ(full.settled->currency.code(), "JPY");
  EXPECT_EQ(full.settled->rate.text() + full.settled->source, "0.9bank");
  EXPECT_EQ(full.instructions->at(0).account->text(), test_id("acc", 2));
  EXPECT_FALSE(full.instructions->at(0).at_most);
  const std::string at_most = R"("allocations":[{"invoice":"inv:1","amount":"10","at_most":true}]})";
  EXPECT_TRUE(good<payment::Record>("payment.record", base + at_most).instructions->at(0).at_most);
  refused("payment.request", {{R"({"account":"acc:1","method":"card","amount":{"amount":"10","currency":"USD"},)" + at_most,
                               Code::kUnknownField, "/allocations/0/at_most"}});
  EXPECT_FALSE(good<payment::Record>("payment.record", base + R"("settled":null})").settled);
  refused("payment.record",
          {{base + R"("settled":{"amount":"1"}})", Code::kMissingField, "/settled/currency"},
           {base + R"("settled":{"amount":"1.5","currency":"JPY"}})", Code::kTooManyDecimals, "/settled/amount"},
           {base + R"("settled":{"amount":"1","currency":"EUR","rate":1}})", Code::kWrongType, "/settled/rate"},
           {base + R"("allocations":[{"invoice":"inv:1","amount":"1","account":"x"}]})", Code::kInvalidId,
            "/allocations/0/account"}});
}

TEST(MoneyCommandsTest, PaymentsAreRequestedAndProgress) {
  const auto full = good<payment::Request>("payment.request", R"({"id":"pay:1","account":"acc:1","method":"card",
      "amount":{"amount":"10","currency":"USD"},"method_on_file":"pmt:1","reference":"R","external_id":"E",
      "allocations":[{"invoice":"inv:1","amount":"10"}]})");
  EXPECT_EQ(full.id.text() + full.method_on_file->text(), test_id("pay", 1) + test_id("pmt", 1));
  EXPECT_EQ(full.amount, 1'000);
  EXPECT_EQ(full.reference + full.external_id, "RE");
  EXPECT_EQ(full.instructions->size(), 1U);
  const std::string base = std::string(R"({"account":"acc:1","amount":)") + kTen;
  const auto least = good<payment::Request>("payment.request", base + R"(,"method":"bank_debit"})");
  EXPECT_FALSE(least.method_on_file || least.instructions);
  refused("payment.request", {{base + "}", Code::kMissingField, "/method"},
                              {base + R"(,"method":"card","method_on_file":"pay:1"})", Code::kInvalidId,
                               "/method_on_file"},
                              {base + R"(,"method":"card","settled":{}})", Code::kUnknownField, "/settled"}});
  const auto progress = good<payment::Progress>("payment.progress", R"({"payment":"pay:1","phase":"succeeded",
      "provider_reference":"p","reason":"r","on":"2026-01-02","settled":{"amount":"9","currency":"EUR"}})");
  EXPECT_EQ(progress.phase, payment::Phase::kSucceeded);
  EXPECT_EQ(progress.provider_reference + progress.reason + progress.on->text(), "pr2026-01-02");
  EXPECT_EQ(progress.settled->amount, 900);
  EXPECT_EQ(good<payment::Progress>("payment.progress", R"({"payment":"pay:1","phase":"needs_review"})").phase,
            payment::Phase::kNeedsReview);
  refused("payment.progress", {{R"({"payment":"pay:1"})", Code::kMissingField, "/phase"},
                               {R"({"payment":"pay:1","phase":1})", Code::kWrongType, "/phase"},
                               {R"({"payment":"inv:1","phase":"failed"})", Code::kInvalidId, "/payment"}});
}

TEST(MoneyCommandsTest, PaymentsAreReversedMovedAndPaidOut) {
  EXPECT_EQ(good<payment::Reverse>("payment.reverse", R"({"payment":"pay:1","reason":"r","on":"2026-01-02"})").reason,
            "r");
  refused("payment.reverse", {{R"({"payment":"pay:1"})", Code::kMissingField, "/reason"}});
  const auto moved = good<payment::Reallocate>("payment.reallocate", R"({"payment":"pay:1","currency":"JPY","on":null,
      "allocations":[{"invoice":"inv:1","amount":"10"}]})");
  EXPECT_EQ(moved.instructions.at(0).amount, 10);
  EXPECT_EQ(moved.currency->code(), "JPY");
  EXPECT_TRUE(good<payment::Reallocate>("payment.reallocate", R"({"payment":"pay:1","currency":"USD",
      "allocations":[]})").instructions.empty());
  refused("payment.reallocate",
          {{R"({"payment":"pay:1","allocations":[]})", Code::kMissingField, "/currency"},
           {R"({"payment":"pay:1","currency":"USD"})", Code::kMissingField, "/allocations"},
           {R"({"payment":"pay:1","currency":"JPY","allocations":[{"invoice":"inv:1","amount":"1.5"}]})",
            Code::kTooManyDecimals, "/allocations/0/amount"}});
  const auto paid = good<payment::PayOut>("payment.pay_out", R"({"payment":"pay:1","reference":"R","on":"2026-01-02",
      "fee":{"amount":"0.30","currency":"USD"}})");
  EXPECT_EQ(paid.fee, 30);
  EXPECT_EQ(std::string(paid.currency->code()) + paid.reference, "USDR");
  EXPECT_FALSE(good<payment::PayOut>("payment.pay_out", R"({"payment":"pay:1"})").currency);
  refused("payment.pay_out", {{R"({"payment":"pay:1","fee":"0.30"})", Code::kWrongType, "/fee"}});
}

TEST(MoneyCommandsTest, AnExchangeDifferenceIsAGainOrALoss) {
  const std::string base = std::string(R"({"payment":"pay:1","amount":)") + kTen;
  const auto full = good<payment::RecordExchangeDifference>(
      "payment.record_exchange_difference", base + R"(,"kind":"loss","reference":"FX","on":"2026-01-02"})");
  EXPECT_EQ(full.id.text(), test_id("pay", 1));
  EXPECT_EQ(full.kind, payment::DifferenceKind::kLoss);
  EXPECT_EQ(full.amount, 1'000);
  EXPECT_EQ(std::string(full.currency->code()) + full.reference + full.on->text(), "USDFX2026-01-02");
  const auto least =
      good<payment::RecordExchangeDifference>("payment.record_exchange_difference", base + R"(,"kind":"gain"})");
  EXPECT_EQ(least.kind, payment::DifferenceKind::kGain);
  EXPECT_FALSE(least.on);
  refused("payment.record_exchange_difference",
          {{base + "}", Code::kMissingField, "/kind"},
           {base + R"(,"kind":"rate"})", Code::kInvalidParameter, "/kind"},
           {R"({"payment":"pay:1","kind":"gain"})", Code::kMissingField, "/amount"},
           {base + R"(,"kind":"gain","settled":{}})", Code::kUnknownField, "/settled"}});
}

TEST(MoneyCommandsTest, RefundsAreRequestedProgressAndSettle) {
  const std::string base = std::string(R"({"payment":"pay:1","amount":)") + kTen;
  const auto full = good<refund::Request>("refund.request", base + R"(,"id":"rfd:1","with_adjustment":true,"reason":"r",
      "adjustment":{"invoice":"inv:1","lines":[{"service_account":"acc:1","net":"10","credited_line":0}]}})");
  EXPECT_EQ(full.refund.text() + full.invoice->text(), test_id("rfd", 1) + test_id("inv", 1));
  EXPECT_TRUE(full.with_adjustment);
  EXPECT_EQ(full.adjustment_lines.at(0).net, 1'000);
  EXPECT_EQ(full.currency->code(), "USD");
  const auto least = good<refund::Request>("refund.request", base + "}");
  EXPECT_TRUE(least.refund.nil() && !least.with_adjustment && !least.invoice && least.adjustment_lines.empty());
  const std::string lines = R"("lines":[{"service_account":"acc:1","net":"10"}])";
  EXPECT_TRUE(good<refund::Request>("refund.request", base + R"(,"adjustment":{)" + lines + "}}").with_adjustment);
  EXPECT_TRUE(good<refund::Request>("refund.request", base + R"(,"with_adjustment":true})").with_adjustment);
  refused("refund.request",
          {{base + R"(,"with_adjustment":false,"adjustment":{)" + lines + "}}", Code::kInvalidParameter,
            "/with_adjustment"},
           {base + R"(,"with_adjustment":"yes"})", Code::kWrongType, "/with_adjustment"},
           {base + R"(,"adjustment":{}})", Code::kMissingField, "/adjustment/lines"},
           {base + R"(,"adjustment":{"lines":[{"service_account":"acc:1"}]}})", Code::kMissingField,
            "/adjustment/lines/0/net"},
           {R"({"payment":"pay:1"})", Code::kMissingField, "/amount"}});
  const std::string at = R"({"payment":"pay:1","refund":"rfd:1")";
  const auto progress = good<refund::Progress>("refund.progress", at + R"(,"phase":"succeeded","provider_reference":"p",
      "reason":"r","on":"2026-01-02"})");
  EXPECT_EQ(progress.phase, refund::Phase::kSucceeded);
  EXPECT_EQ(progress.provider_reference + progress.reason, "pr");
  refused("refund.progress", {{at + "}", Code::kMissingField, "/phase"},
                              {R"({"payment":"pay:1","phase":"failed"})", Code::kMissingField, "/refund"}});
  EXPECT_TRUE(good<refund::Settle>("refund.settle", at + R"(,"netted":true,"on":"2026-01-02"})").netted);
  EXPECT_FALSE(good<refund::Settle>("refund.settle", at + "}").netted);
  refused("refund.settle", {{at + R"(,"netted":1})", Code::kWrongType, "/netted"}});
}

TEST(MoneyCommandsTest, ChargebacksAndReturnsAreReported) {
  const std::string base = std::string(R"({"payment":"pay:1","amount":)") + kTen;
  const auto open = good<chargeback::Open>("chargeback.open",
                                           base + R"(,"id":"cbk:1","code":"10.4","reference":"R","on":"2026-01-02"})");
  EXPECT_EQ(open.chargeback.text(), test_id("cbk", 1));
  EXPECT_EQ(open.amount, 1'000);
  EXPECT_EQ(open.code + open.reference + open.on->text(), "10.4R2026-01-02");
  EXPECT_TRUE(good<chargeback::Open>("chargeback.open", base + R"(,"code":"10.4"})").chargeback.nil());
  refused("chargeback.open", {{base + "}", Code::kMissingField, "/code"},
                              {R"({"payment":"pay:1","code":"10.4"})", Code::kMissingField, "/amount"}});
  const std::string at = R"({"payment":"pay:1","chargeback":"cbk:1")";
  EXPECT_EQ(good<chargeback::Win>("chargeback.win", at + R"(,"on":"2026-01-02"})").on->text(), "2026-01-02");
  EXPECT_FALSE(good<chargeback::Lose>("chargeback.lose", at + "}").on);
  refused("chargeback.win", {{R"({"payment":"pay:1","chargeback":"rfd:1"})", Code::kInvalidId, "/chargeback"}});
  refused("chargeback.lose", {{R"({"payment":"pay:1"})", Code::kMissingField, "/chargeback"}});
  const auto returned = good<chargeback::Return>("return.report", base + R"(,"id":"ret:1","code":"NSF"})");
  EXPECT_EQ(returned.return_id.text(), test_id("ret", 1));
  EXPECT_EQ(returned.amount, 1'000);
  const auto least = good<chargeback::Return>("return.report", R"({"payment":"pay:1","code":"NSF"})");
  EXPECT_FALSE(least.amount || least.currency);
  refused("return.report", {{R"({"payment":"pay:1"})", Code::kMissingField, "/code"},
                            {R"({"payment":"pay:1","code":"NSF","amount":"1"})", Code::kWrongType, "/amount"}});
}

TEST(MoneyCommandsTest, ReceiptsAreReportedAndTheQueueIsWorkedOff) {
  const std::string base = std::string(R"({"method":"wire","amount":)") + kTen;
  const auto full = good<unbooked::Report>("unbooked.report", base + R"(,"id":"ubk:1","customer":"cus:1",
      "account_number":"A-1","reference":"R","on":"2026-01-02"})");
  EXPECT_EQ(full.id.text() + full.customer.text(), test_id("ubk", 1) + test_id("cus", 1));
  EXPECT_EQ(full.account_number + full.reference, "A-1R");
  const auto least = good<unbooked::Report>("unbooked.report", base + "}");
  EXPECT_TRUE(least.customer.nil() && least.account_number.empty());
  refused("unbooked.report", {{R"({"method":"wire"})", Code::kMissingField, "/amount"},
                              {base + R"(,"customer":"acc:1"})", Code::kInvalidId, "/customer"},
                              {base + R"(,"account_number":1})", Code::kWrongType, "/account_number"}});
  EXPECT_EQ(good<unbooked::Assign>("unbooked.assign", R"({"unbooked":"ubk:1","account":"acc:1"})").account.text(),
            test_id("acc", 1));
  refused("unbooked.assign", {{R"({"unbooked":"ubk:1"})", Code::kMissingField, "/account"}});
  EXPECT_EQ(good<unbooked::Resolve>("unbooked.resolve", R"({"unbooked":"ubk:1","how":"sent back"})").how, "sent back");
  refused("unbooked.resolve", {{R"({"unbooked":"ubk:1"})", Code::kMissingField, "/how"}});
}

TEST(MoneyCommandsTest, CreditIsHeldTransferredAndApplied) {
  const auto of = [](const std::string& credit) {
    return R"({"account":"acc:1","held":true,"reason":"r","credit":)" + credit + "}";
  };
  EXPECT_EQ(PaymentId{good<receivables::HoldCredit>("credit.hold", of(R"("pay:1")")).source_id}.text(),
            test_id("pay", 1));
  EXPECT_EQ(CreditNoteId{good<receivables::HoldCredit>("credit.hold", of(R"("crn:1")")).source_id}.text(),
            test_id("crn", 1));
  EXPECT_FALSE(good<receivables::HoldCredit>("credit.hold", R"({"account":"acc:1","credit":"pay:1","held":false,
      "reason":"r"})").held);
  refused("credit.hold", {{of(R"("inv:1")"), Code::kInvalidId, "/credit"},
                          {R"({"account":"acc:1","credit":"pay:1","reason":"r"})", Code::kMissingField, "/held"},
                          {R"({"account":"acc:1","credit":"pay:1","held":1,"reason":"r"})", Code::kWrongType, "/held"},
                          {R"({"account":"acc:1","credit":"pay:1","held":true})", Code::kMissingField, "/reason"}});
  const auto full = good<receivables::TransferCredit>(
      "credit.transfer", std::string(R"({"account":"acc:1","to":"acc:2","reason":"r","amount":)") + kTen + "}");
  EXPECT_EQ(full.from_account.text() + full.to_account.text(), test_id("acc", 1) + test_id("acc", 2));
  EXPECT_EQ(full.amount, 1'000);
  EXPECT_FALSE(
      good<receivables::TransferCredit>("credit.transfer", R"({"account":"acc:1","to":"acc:2"})").amount.has_value());
  refused("credit.transfer", {{R"({"account":"acc:1"})", Code::kMissingField, "/to"}});
  EXPECT_EQ(good<receivables::ApplyCredit>("credit.apply", R"({"account":"acc:1"})").account.text(), test_id("acc", 1));
}

TEST(MoneyCommandsTest, DepositsAreReceivedUsedAndReturned) {
  const std::string ten = kTen;
  const auto received = good<deposit::Receive>("deposit.receive", R"({"id":"dep:1","account":"acc:1","method":"wire",
      "reference":"R","received_on":"2026-01-02","amount":)" + ten + "}");
  EXPECT_EQ(received.id.text(), test_id("dep", 1));
  EXPECT_EQ(received.amount, 1'000);
  refused("deposit.receive", {{R"({"account":"acc:1","amount":)" + ten + "}", Code::kMissingField, "/method"}});
  const std::string at = R"({"deposit":"dep:1")";
  const std::string allocations = R"(,"allocations":[{"invoice":"inv:1","amount":"10"}])";
  const auto used = good<deposit::Use>("deposit.use", at + allocations + R"(,"on":"2026-01-02","amount":)" + ten + "}");
  EXPECT_EQ(used.instructions->at(0).amount, 1'000);
  EXPECT_EQ(used.amount, 1'000);
  const auto least = good<deposit::Use>("deposit.use", at + "}");
  EXPECT_FALSE(least.amount || least.instructions || least.currency);
  refused("deposit.use", {{at + R"(,"allocations":[]})", Code::kMissingField, "/amount"},
                          {at + R"(,"amount":"1"})", Code::kWrongType, "/amount"}});
  EXPECT_EQ(good<deposit::Return>("deposit.return", at + R"(,"reference":"R","amount":)" + ten + "}").amount, 1'000);
  EXPECT_FALSE(good<deposit::Return>("deposit.return", at + "}").amount);
  refused("deposit.return", {{R"({"deposit":"acc:1"})", Code::kInvalidId, "/deposit"}});
}

TEST(MoneyCommandsTest, PlansAreAgreedAndCancelled) {
  const std::string base = std::string(R"({"account":"acc:1","kind":"instalments","amount":)") + kTen;
  const auto full = good<plan::Agree>("plan.agree", base + R"(,"id":"pln:1","note":"n","invoices":["inv:1","inv:2"],
      "instalments":[{"due":"2026-12-01","amount":"6"},{"due":"2027-01-01","amount":"4"}]})");
  EXPECT_EQ(full.kind, plan::Kind::kInstalments);
  EXPECT_EQ(full.instalments.at(1).amount, 400);
  EXPECT_EQ(full.instalments.at(1).due.text(), "2027-01-01");
  EXPECT_EQ(full.invoices.size(), 2U);
  const std::string one = R"(,"instalments":[{"due":"2026-12-01","amount":"10"}])";
  EXPECT_TRUE(good<plan::Agree>("plan.agree", base + one + "}").invoices.empty());
  refused("plan.agree",
          {{base + "}", Code::kMissingField, "/instalments"},
           {base + R"(,"instalments":[{"due":"2026-12-01"}]})", Code::kMissingField, "/instalments/0/amount"},
           {base + R"(,"instalments":[{"due":"soon","amount":"1"}]})", Code::kInvalidDate, "/instalments/0/due"},
           {base + R"(,"instalments":[{"due":"2026-12-01","amount":"1","x":1}]})", Code::kUnknownField,
            "/instalments/0/x"},
           {base + one + R"(,"invoices":["inv:1",7]})", Code::kWrongType, "/invoices/1"},
           {base + one + R"(,"invoices":["acc:1"]})", Code::kInvalidId, "/invoices/0"}});
  EXPECT_EQ(good<plan::Cancel>("plan.cancel", R"({"plan":"pln:1","reason":"r"})").reason, "r");
  refused("plan.cancel", {{R"({"plan":"pln:1"})", Code::kMissingField, "/reason"}});
}

TEST(MoneyCommandsTest, MethodsAreAddedRemovedAndUsedByAutopay) {
  const std::string base = R"({"account":"acc:1","kind":"card","token":"tok","brand":"visa","last_four":"4242")";
  const auto full = good<method::Add>("method.add", base + R"(,"id":"pmt:1","expires":"2028-05"})");
  EXPECT_EQ(full.token + full.brand + full.last_four, "tokvisa4242");
  EXPECT_EQ(month_text(*full.expires), "2028-05");
  EXPECT_FALSE(good<method::Add>("method.add", base + "}").expires);
  refused("method.add", {{base + R"(,"expires":"05/28"})", Code::kInvalidDate, "/expires"},
                         {base + R"(,"number":"4242424242424242"})", Code::kUnknownField, "/number"},
                         {R"({"account":"acc:1","kind":"gold"})", Code::kUnknownMethod, "/kind"},
                         {R"({"account":"acc:1","kind":"card","token":1})", Code::kWrongType, "/token"}});
  EXPECT_EQ(good<method::Remove>("method.remove", R"({"payment_method":"pmt:1"})").id.text(), test_id("pmt", 1));
  const auto autopay = good<method::SetAutopay>(
      "method.set_autopay", std::string(R"({"payment_method":"pmt:1","days_before_due":3,"at_most":)") + kTen + "}");
  EXPECT_EQ(autopay.days_before_due, 3);
  EXPECT_EQ(autopay.at_most, 1'000);
  const auto least = good<method::SetAutopay>("method.set_autopay", R"({"payment_method":"pmt:1"})");
  EXPECT_TRUE(least.days_before_due == 0 && !least.at_most && !least.currency);
  refused("method.set_autopay",
          {{R"({"payment_method":"pmt:1","days_before_due":-1})", Code::kWrongType, "/days_before_due"},
           {R"({"payment_method":"pmt:1","at_most":"5"})", Code::kWrongType, "/at_most"}});
  EXPECT_EQ(good<method::ClearAutopay>("method.clear_autopay", R"({"account":"acc:1"})").account.text(),
            test_id("acc", 1));
}

TEST(MoneyCommandsTest, WhatIsUnderAPaymentIsReadWithIt) {
  const PaymentId payment{Uuid{{1}}};
  const std::string place = "/v1/payments/" + payment.text();
  refund::Requested refund;
  refund.id = payment;
  refund.refund = RefundId{Uuid{{2}}};
  EXPECT_EQ(new_object(Event(refund))->text(), refund.refund.text());
  EXPECT_EQ(new_object(Event(refund))->place(), place);
  chargeback::Opened chargeback;
  chargeback.id = payment;
  chargeback.chargeback = ChargebackId{Uuid{{3}}};
  EXPECT_EQ(new_object(Event(chargeback))->text(), chargeback.chargeback.text());
  EXPECT_EQ(new_object(Event(chargeback))->place(), place);
  chargeback::Returned returned;
  returned.id = payment;
  returned.return_id = ReturnId{Uuid{{4}}};
  EXPECT_EQ(new_object(Event(returned))->place(), place);
  unbooked::Queued queued;
  queued.id = UnbookedId{Uuid{{5}}};
  EXPECT_EQ(new_object(Event(queued))->place(), "/v1/unbooked/" + queued.id.text());
  EXPECT_FALSE(new_object(Event(refund::Succeeded{})));
}

TEST(MoneyCommandsTest, PeriodsAreMonths) {
  EXPECT_EQ(month_text(good<books::BeginClose>("books.begin_close", R"({"period":"2026-10"})").period), "2026-10");
  EXPECT_EQ(month_text(good<books::Close>("books.close", R"({"period":"2026-10"})").period), "2026-10");
  const auto release =
      good<books::ReleaseRevenue>("books.release_revenue", R"({"period":"2026-10","customer":"cus:1"})");
  EXPECT_EQ(release.customer.text(), test_id("cus", 1));
  for (const std::string text : {"2026-13", "2026", "2026-10-01", ""})
    refused("books.close", {{R"({"period":")" + text + "\"}", Code::kInvalidDate, "/period"}});
  refused("books.begin_close", {{R"({"period":202610})", Code::kWrongType, "/period"}});
  refused("books.release_revenue", {{R"({"period":"2026-10"})", Code::kMissingField, "/customer"}});
}

}  // namespace
}  // namespace billing::api

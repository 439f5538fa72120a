// Each command: a good body with every field, the same with only what it must have, and each field spoilt.
#include "gateway/api/commands.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "gateway/api/api_testing.h"

namespace billing::api {
namespace {

using test::test_id;

// Replaces "cus:1" and the like by an id of that kind.
std::string with_ids(std::string text) {
  for (const std::string prefix : {"cus", "acc", "inv", "crn", "pay", "dsp", "gpg", "grp", "usr", "per"})
    for (int n = 1; n <= 3; ++n) {
      const std::string mark = prefix + ":" + std::to_string(n);
      for (std::size_t at = 0; (at = text.find(mark)) != std::string::npos;)
        text.replace(at, mark.size(), test_id(prefix, static_cast<std::uint64_t>(n)));
    }
  return text;
}

Result<Command> parse(std::string_view name, const std::string& body) {
  static const auto keys = *codec::PersonKeys::open("");
  JsonParser parser;
  BILLING_TRY(value, parser.parse(with_ids(body)));
  return parse_command(name, value, {*keys});
}

template <class AnyCommand>
AnyCommand good(std::string_view name, const std::string& body) {
  const auto command = parse(name, body);
  EXPECT_TRUE(command.has_value()) << (command ? "" : command.error().detail + " " + command.error().pointer);
  if (!command || !std::holds_alternative<AnyCommand>(*command)) return ADD_FAILURE() << name, AnyCommand{};
  return std::get<AnyCommand>(*command);
}

struct Spoilt {
  std::string body;
  Code code;
  std::string pointer;
};
void refused(std::string_view name, const std::vector<Spoilt>& cases) {
  for (const Spoilt& c : cases) {
    const auto command = parse(name, c.body);
    ASSERT_FALSE(command.has_value()) << c.body;
    EXPECT_EQ(command.error().code, c.code) << c.body << ": " << code_text(command.error().code);
    EXPECT_EQ(command.error().pointer, c.pointer) << c.body;
  }
}

TEST(CommandsTest, EveryCommandRefusesWhatIsNoObjectAndFieldsItDoesNotKnow) {
  for (const CommandKind& kind : command_kinds()) {
    refused(kind.name, {{"[]", Code::kWrongType, ""}, {"null", Code::kWrongType, ""},
                        {R"({"no_such":1})", Code::kUnknownField, "/no_such"}});
    const auto empty = parse(kind.name, "{}");
    ASSERT_FALSE(empty.has_value()) << kind.name;
    EXPECT_EQ(empty.error().code, Code::kMissingField) << kind.name;
  }
  EXPECT_EQ(parse("payment.refund", "{}").error().code, Code::kUnknownCommand);
}

TEST(CommandsTest, PaymentRecordIsRead) {
  const auto command = good<payment::Record>("payment.record", R"({"id":"pay:1","account":"acc:1",
      "amount":{"amount":"249.95","currency":"USD"},"method":"wire","reference":"R","external_id":"E",
      "received_on":"2026-03-31","allocations":[{"invoice":"inv:1","amount":"200"},{"invoice":"inv:2","amount":"1.5"}]})");
  EXPECT_EQ(command.id.text(), test_id("pay", 1));
  EXPECT_EQ(command.account.text(), test_id("acc", 1));
  EXPECT_EQ(command.amount, 24'995);
  EXPECT_EQ(command.currency.code(), "USD");
  EXPECT_EQ(command.method, payment::Method::kWire);
  EXPECT_EQ(command.reference + command.external_id, "RE");
  EXPECT_EQ(command.received_on->text(), "2026-03-31");
  ASSERT_EQ(command.instructions->size(), 2U);
  EXPECT_EQ(command.instructions->at(1).amount, 150);
  const auto least = good<payment::Record>(
      "payment.record", R"({"method":"cash","amount":{"currency":"JPY","amount":"7"},"account":"acc:1","id":null})");
  EXPECT_TRUE(least.id.nil());
  EXPECT_EQ(least.amount, 7);
  EXPECT_FALSE(least.instructions.has_value());
  EXPECT_TRUE(good<payment::Record>("payment.record", R"({"account":"acc:1","method":"cash","allocations":[],
      "amount":{"amount":"1","currency":"USD"}})").instructions->empty());
}

TEST(CommandsTest, EachFieldOfAPaymentIsChecked) {
  const auto body = [](const std::string& account, const std::string& amount, const std::string& rest = {}) {
    return R"({"method":"card","account":)" + account + R"(,"amount":)" + amount + rest + "}";
  };
  const std::string acc = R"("acc:1")";
  const std::string usd = R"({"amount":"1","currency":"USD"})";
  refused("payment.record", {
      {body("5", usd), Code::kWrongType, "/account"},
      {body("null", usd), Code::kWrongType, "/account"},
      {body(R"("inv:1")", usd), Code::kInvalidId, "/account"},
      {body(R"("acc_00000000000000000000000000")", usd), Code::kInvalidId, "/account"},
      {body(acc, "249.95"), Code::kWrongType, "/amount"},
      {body(acc, R"({"amount":249.95,"currency":"USD"})"), Code::kWrongType, "/amount/amount"},
      {body(acc, R"({"amount":"249,95","currency":"USD"})"), Code::kInvalidAmount, "/amount/amount"},
      {body(acc, R"({"amount":"1.001","currency":"USD"})"), Code::kTooManyDecimals, "/amount/amount"},
      {body(acc, R"({"amount":"99999999999999999999","currency":"USD"})"), Code::kOverflow, "/amount/amount"},
      {body(acc, R"({"amount":"1","currency":"usd"})"), Code::kUnknownCurrency, "/amount/currency"},
      {body(acc, R"({"amount":"1","currency":"XAU"})"), Code::kCurrencyWithoutMinorUnit, "/amount/currency"},
      {body(acc, R"({"amount":"1"})"), Code::kMissingField, "/amount/currency"},
      {body(acc, R"({"amount":"1","currency":"USD","x~/":1})"), Code::kUnknownField, "/amount/x~0~1"},
      {body(acc, usd, R"(,"id":"pay_1")"), Code::kInvalidId, "/id"},
      {body(acc, usd, R"(,"received_on":"2026-02-30")"), Code::kInvalidDate, "/received_on"},
      {body(acc, usd, R"(,"received_on":20260201)"), Code::kWrongType, "/received_on"},
      {body(acc, usd, R"(,"reference":[])"), Code::kWrongType, "/reference"},
      {body(acc, usd, R"(,"allocations":{})"), Code::kWrongType, "/allocations"},
      {body(acc, usd, R"(,"allocations":[{"invoice":"inv:1","amount":"1"},7])"), Code::kWrongType, "/allocations/1"},
      {body(acc, usd, R"(,"allocations":[{"invoice":"inv:1"}])"), Code::kMissingField, "/allocations/0/amount"},
      {body(acc, usd, R"(,"allocations":[{"invoice":"inv:1","amount":"1","y":2}])"), Code::kUnknownField,
       "/allocations/0/y"},
      {R"({"method":"gold","account":"acc:1","amount":{"amount":"1","currency":"USD"}})", Code::kUnknownMethod,
       "/method"},
  });
  std::string many = R"(,"allocations":[{})";
  for (int i = 0; i < 1'000; ++i) many += ",{}";
  refused("payment.record", {{body(acc, usd, many + "]"), Code::kTooManyItems, "/allocations"}});
}

TEST(CommandsTest, AMistypedFieldIsNamedRatherThanTheOneItShouldHaveBeen) {
  refused("account.rename", {{R"({"acount":"acc:1","name":"N"})", Code::kUnknownField, "/acount"}});
}

TEST(CommandsTest, CustomersAndAccountsAreRead) {
  const auto create = good<customer::Create>("customer.create", R"({"name":"Ada","currency":"EUR","external_id":"x"})");
  EXPECT_EQ(create.name + create.external_id, "Adax");
  EXPECT_EQ(create.currency.code(), "EUR");
  const auto open = good<account::Open>("account.open", R"({"id":"acc:2","customer":"cus:1","number":"1","name":"N",
      "parent":"acc:1","opened_on":"2020-01-01","payment_terms_days":14,"bill_cycle_day":5,"external_id":"e"})");
  EXPECT_EQ(open.parent->text(), test_id("acc", 1));
  EXPECT_EQ(open.payment_terms_days * 100 + open.bill_cycle_day, 1405);
  const auto least = good<account::Open>("account.open", R"({"customer":"cus:1","number":"1","name":"N"})");
  EXPECT_EQ(least.payment_terms_days * 100 + least.bill_cycle_day, 3001);
  const std::string base = R"({"customer":"cus:1","number":"1","name":"N",)";
  refused("account.open", {{base + R"("payment_terms_days":"14"})", Code::kWrongType, "/payment_terms_days"},
                           {base + R"("payment_terms_days":1.5})", Code::kWrongType, "/payment_terms_days"},
                           {base + R"("bill_cycle_day":-1})", Code::kWrongType, "/bill_cycle_day"},
                           {base + R"("bill_cycle_day":4294967297})", Code::kWrongType, "/bill_cycle_day"},
                           {base + R"("parent":"cus:1"})", Code::kInvalidId, "/parent"}});
  const auto rename = good<account::Rename>("account.rename", R"({"account":"acc:1","name":"N","reason":"r"})");
  EXPECT_EQ(rename.name + rename.reason, "Nr");
  const auto terms = good<account::ChangeTerms>("account.change_terms", R"({"account":"acc:1","bill_cycle_day":3})");
  EXPECT_FALSE(terms.payment_terms_days.has_value());
  EXPECT_EQ(terms.bill_cycle_day, 3);
  EXPECT_EQ(good<account::Close>("account.close", R"({"account":"acc:1"})").id.text(), test_id("acc", 1));
}

TEST(CommandsTest, AMoveNamesItsNewParentOrSaysNone) {
  EXPECT_FALSE(good<hierarchy::Move>("hierarchy.move", R"({"account":"acc:1","new_parent":null})").new_parent);
  EXPECT_TRUE(good<hierarchy::Move>("hierarchy.move", R"({"account":"acc:1","new_parent":"acc:2"})").new_parent);
  refused("hierarchy.move", {{R"({"account":"acc:1"})", Code::kMissingField, "/new_parent"}});
}

TEST(CommandsTest, ContactsAreRead) {
  const auto command = good<account::ChangeContacts>("account.change_contacts", R"({"account":"acc:1","contacts":[
      {"person":"per:1","role":"billing","name":"Ann","email":"Ann@example.org","phone":"+1"},
      {"role":"technical","name":"Bob"}]})");
  ASSERT_EQ(command.contacts.size(), 2U);
  EXPECT_EQ(command.contacts[0].personal, (account::Personal{"Ann", "Ann@example.org", "+1"}));
  EXPECT_TRUE(command.contacts[1].person.nil());
  refused("account.change_contacts",
          {{R"({"account":"acc:1","contacts":[{"role":"billing","name":"A","email":"nobody"}]})", Code::kInvalidText,
            "/contacts/0/email"},
           {R"({"account":"acc:1","contacts":[{"name":"A"}]})", Code::kMissingField, "/contacts/0/role"}});
}

TEST(CommandsTest, LinesHaveANetOrAQuantityAndAPrice) {
  const auto issue = good<invoice::Issue>("invoice.issue", R"({"id":"inv:1","account":"acc:1","currency":"USD",
      "purchase_order":"p","memo":"m","external_id":"e","document_date":"2026-01-31","due_date":"2026-02-28",
      "number":"N-1","lines":[
      {"service_account":"acc:2","description":"Calls","product_code":"c","revenue_code":4100,"quantity":"3",
       "unit_price":"0.335","service_period":{"from":"2026-01-01","to":"2026-02-01"},
       "taxes":[{"authority":"US-NY","code":"sales","rate":"0.08","amount":"0.08"}]},
      {"service_account":"acc:2","net":"-5.00","taxes":[{"authority":"a","code":"b","basis":"4","amount":"0",
       "exempt_reason":"x"}],"credited_line":2}]})");
  EXPECT_EQ(issue.header.purchase_order + issue.header.memo + issue.header.external_id, "pme");
  EXPECT_EQ(issue.imported_number, "N-1");
  EXPECT_EQ(issue.due_date->text(), "2026-02-28");
  ASSERT_EQ(issue.lines.size(), 2U);
  EXPECT_EQ(issue.lines[0].net, 101);  // 3 x 0.335 = 1.005, half away from zero
  EXPECT_EQ(issue.lines[0].revenue_code, 4100);
  EXPECT_EQ(issue.lines[0].taxes[0].basis, 101);
  EXPECT_EQ(issue.lines[0].taxes[0].rate.text(), "0.08");
  EXPECT_EQ(issue.lines[0].service_period->to.text(), "2026-02-01");
  EXPECT_EQ(issue.lines[1].net, -500);
  EXPECT_EQ(issue.lines[1].taxes[0].basis, 400);
  EXPECT_EQ(issue.lines[1].credited_line, 2U);
  const auto line = [](const std::string& fields) {
    return R"({"account":"acc:1","currency":"USD","lines":[{"service_account":"acc:1",)" + fields + "}]}";
  };
  refused("invoice.issue",
          {{line(R"("description":"d")"), Code::kMissingField, "/lines/0/net"},
           {line(R"("quantity":"1")"), Code::kMissingField, "/lines/0/unit_price"},
           {line(R"("unit_price":"1","net":"1")"), Code::kMissingField, "/lines/0/quantity"},
           {line(R"("quantity":1,"unit_price":"1")"), Code::kWrongType, "/lines/0/quantity"},
           {line(R"("quantity":"1.0000000001","unit_price":"1")"), Code::kTooManyDecimals, "/lines/0/quantity"},
           {line(R"("net":"1","revenue_code":70000)"), Code::kWrongType, "/lines/0/revenue_code"},
           {line(R"("net":"1","service_period":{"from":"2026-01-01"})"), Code::kMissingField,
            "/lines/0/service_period/to"},
           {line(R"("net":"1","taxes":[{"authority":"a","code":"b"}])"), Code::kMissingField,
            "/lines/0/taxes/0/amount"},
           {line(R"("net":"1","taxes":[{"authority":"a","code":"b","amount":"1","percent":"8"}])"),
            Code::kUnknownField, "/lines/0/taxes/0/percent"},
           {R"({"account":"acc:1","lines":[]})", Code::kMissingField, "/currency"},
           {R"({"account":"acc:1","currency":"USD"})", Code::kMissingField, "/lines"}});
}

TEST(CommandsTest, DraftsAreMadeFilledIssuedAndDiscarded) {
  EXPECT_TRUE(good<invoice::Draft>("invoice.draft", R"({"account":"acc:1","currency":"USD"})").lines.empty());
  EXPECT_EQ(good<invoice::AddLines>("invoice.add_lines", R"({"invoice":"inv:1","currency":"KWD","lines":[
      {"service_account":"acc:1","net":"1.001"}]})").lines.at(0).net, 1'001);
  const auto issue = good<invoice::Issue>("invoice.issue", R"({"draft":"inv:1","due_date":"2026-05-01"})");
  EXPECT_TRUE(issue.draft);
  EXPECT_EQ(issue.header.id.text(), test_id("inv", 1));
  refused("invoice.issue", {{R"({"draft":"inv:1","lines":[]})", Code::kUnknownField, "/lines"}});
  EXPECT_FALSE(good<invoice::Discard>("invoice.discard", R"({"invoice":"inv:1"})").id.nil());
  std::string many = R"({"invoice":"inv:1","currency":"USD","lines":[{})";
  for (int i = 0; i < 1'000; ++i) many += ",{}";
  refused("invoice.add_lines", {{many + "]}", Code::kTooManyLines, "/lines"}});
}

TEST(CommandsTest, CreditNotesAndDisputesAreRead) {
  const auto note = good<credit_note::Issue>("credit_note.issue", R"({"id":"crn:1","account":"acc:1","invoice":"inv:1",
      "currency":"USD","reason":"r","lines":[{"service_account":"acc:1","net":"2","credited_line":0}]})");
  EXPECT_EQ(note.lines.at(0).credited_line, 0U);
  EXPECT_EQ(note.reason, "r");
  refused("credit_note.issue", {{R"({"account":"acc:1","currency":"USD","lines":[]})", Code::kMissingField, "/reason"}});
  const auto open = good<dispute::Open>(
      "dispute.open", R"({"invoice":"inv:1","reason":"r","amount":{"amount":"3","currency":"USD"}})");
  EXPECT_EQ(open.amount, 300);
  EXPECT_FALSE(good<dispute::Open>("dispute.open", R"({"invoice":"inv:1","reason":"r"})").amount.has_value());
  EXPECT_EQ(good<dispute::Close>("dispute.close", R"({"dispute":"dsp:1","outcome":"rejected"})").outcome,
            dispute::Outcome::kRejected);
  const auto outcome = parse("dispute.close", R"({"dispute":"dsp:1","outcome":"won"})");
  EXPECT_EQ(outcome.error().pointer, "/outcome");
}

TEST(CommandsTest, GroupingsAreRead) {
  EXPECT_EQ(good<grouping::Create>("grouping.create", R"({"customer":"cus:1","name":"n"})").name, "n");
  EXPECT_EQ(good<grouping::Rename>("grouping.rename", R"({"grouping":"gpg:1","name":"n"})").name, "n");
  const auto group = good<grouping::AddGroup>(
      "grouping.add_group", R"({"grouping":"gpg:1","id":"grp:1","name":"n","parent":"grp:2"})");
  EXPECT_EQ(group.group.text(), test_id("grp", 1));
  EXPECT_EQ(group.parent->text(), test_id("grp", 2));
  const std::string at = R"({"grouping":"gpg:1","group":"grp:1",)";
  EXPECT_EQ(good<grouping::RenameGroup>("grouping.rename_group", at + R"("name":"n"})").name, "n");
  EXPECT_FALSE(good<grouping::NestGroup>("grouping.nest_group", at + R"("parent":null})").parent.has_value());
  const auto add = good<grouping::AddAccounts>(
      "grouping.add_accounts", at + R"("accounts":["acc:1","acc:2"],"with_subtree":true,"from":"2026-01-01"})");
  EXPECT_EQ(add.accounts.size(), 2U);
  EXPECT_TRUE(add.with_subtree);
  EXPECT_EQ(good<grouping::RemoveAccounts>("grouping.remove_accounts", at + R"("accounts":["acc:1"]})").accounts.size(),
            1U);
  refused("grouping.add_accounts", {{at + R"("accounts":["acc:1",5]})", Code::kWrongType, "/accounts/1"},
                                    {at + R"("accounts":["grp:1"]})", Code::kInvalidId, "/accounts/0"},
                                    {at + R"("accounts":[],"with_subtree":1})", Code::kWrongType, "/with_subtree"}});
}

TEST(CommandsTest, UsersAreReadAndTheirAddressBecomesADigest) {
  const std::string body = R"({"customer":"cus:1","role":"payer","name":"Ann","email":")";
  const auto one = good<user::Invite>("user.invite", body + R"(Ann@Example.org"})");
  const auto two = good<user::Invite>("user.invite", body + R"(aNN@example.ORG","phone":"1"})");
  EXPECT_EQ(one.email_digest, two.email_digest);
  EXPECT_EQ(one.email_digest.size(), 64U);
  EXPECT_EQ(one.personal.email, "Ann@Example.org");
  EXPECT_EQ(one.role, user::Role::kPayer);
  for (const std::string email : {"", "a", "@a.b", "a@b", "a@b.", "a@.b", "a@@b.c", "a b@c.d"})
    refused("user.invite", {{body + email + "\"}", Code::kInvalidText, "/email"}});
  refused("user.invite", {{R"({"customer":"cus:1","role":"king","name":"A","email":"a@b.c"})", Code::kUnknownRole, "/role"}});
  EXPECT_EQ(good<user::Edit>("user.edit", R"({"user":"usr:1","name":"B","email":"Ann@example.org"})").email_digest,
            one.email_digest);
  EXPECT_EQ(good<user::ChangeRole>("user.change_role", R"({"user":"usr:1","role":"viewer"})").role, user::Role::kViewer);
  EXPECT_EQ(good<user::Suspend>("user.suspend", R"({"user":"usr:1","reason":"r"})").reason, "r");
  EXPECT_FALSE(good<user::Reinstate>("user.reinstate", R"({"user":"usr:1"})").id.nil());
}

}  // namespace
}  // namespace billing::api

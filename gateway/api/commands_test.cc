// Each command: a good body with every field, the same with only what it must have, and each field spoilt.
#include "gateway/api/commands.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "gateway/api/commands_testing.h"

namespace billing::api {
namespace {

using test::good;
using test::parse;
using test::refused;
using test::test_id;

TEST(CommandsTest, EveryCommandRefusesWhatIsNoObjectAndFieldsItDoesNotKnow) {
  for (const CommandKind& kind : command_kinds()) {
    refused(kind.name, {{"[]", Code::kWrongType, ""}, {"null", Code::kWrongType, ""},
                        {R"({"no_such":1})", Code::kUnknownField, "/no_such"}});
    const auto empty = parse(kind.name, "{}");
    ASSERT_FALSE(empty.has_value()) << kind.name;
    EXPECT_EQ(empty.error().code, Code::kMissingField) << kind.name;
  }
  for (const std::string_view none : {"payment.refund", "account.freeze", ""})
    EXPECT_EQ(parse(none, "{}").error().code, Code::kUnknownCommand);
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

TEST(CommandsTest, AnEmptyKeyIsAKeyAndNoIndex) {
  refused("account.close", {{R"({"account":"acc:1","":1})", Code::kUnknownField, "/"}});
  refused("account.change_contacts",
          {{R"({"account":"acc:1","contacts":[{"role":"billing","name":"Ann","":1}]})", Code::kUnknownField, "/contacts/0/"},
           {R"({"account":"acc:1","contacts":[{"role":"billing","name":"Ann"},7]})", Code::kWrongType, "/contacts/1"}});
}

TEST(CommandsTest, CustomersAndAccountsAreRead) {
  const auto create = good<customer::Create>("customer.create", R"({"name":"Ada","currency":"EUR","external_id":"x",
      "legal_entity":"ACME1"})");
  EXPECT_EQ(create.name + create.external_id + create.legal_entity, "AdaxACME1");
  EXPECT_EQ(create.currency.code(), "EUR");
  const auto open = good<account::Open>("account.open", R"({"id":"acc:2","customer":"cus:1","number":"1","name":"N",
      "parent":"acc:1","opened_on":"2020-01-01","payment_terms_days":14,"bill_cycle_day":5,"external_id":"e",
      "role":"payer"})");
  EXPECT_EQ(open.role, account::InvoicingRole::kPayer);
  EXPECT_EQ(open.parent->text(), test_id("acc", 1));
  EXPECT_EQ(open.payment_terms_days * 100 + open.bill_cycle_day, 1405);
  const auto least = good<account::Open>("account.open", R"({"customer":"cus:1","number":"1","name":"N"})");
  EXPECT_EQ(least.payment_terms_days * 100 + least.bill_cycle_day, 3001);
  EXPECT_EQ(least.role, account::InvoicingRole::kRolledUp);
  const std::string base = R"({"customer":"cus:1","number":"1","name":"N",)";
  refused("account.open", {{base + R"("payment_terms_days":"14"})", Code::kWrongType, "/payment_terms_days"},
                           {base + R"("payment_terms_days":1.5})", Code::kWrongType, "/payment_terms_days"},
                           {base + R"("bill_cycle_day":-1})", Code::kWrongType, "/bill_cycle_day"},
                           {base + R"("bill_cycle_day":4294967297})", Code::kWrongType, "/bill_cycle_day"},
                           {base + R"("parent":"cus:1"})", Code::kInvalidId, "/parent"},
                           {base + R"("role":"boss"})", Code::kUnknownRole, "/role"},
                           {base + R"("role":7})", Code::kWrongType, "/role"}});
  const auto rename = good<account::Rename>("account.rename", R"({"account":"acc:1","name":"N","reason":"r"})");
  EXPECT_EQ(rename.name + rename.reason, "Nr");
  const auto terms = good<account::ChangeTerms>("account.change_terms", R"({"account":"acc:1","bill_cycle_day":3})");
  EXPECT_FALSE(terms.payment_terms_days.has_value());
  EXPECT_EQ(terms.bill_cycle_day, 3);
  EXPECT_EQ(good<account::Close>("account.close", R"({"account":"acc:1"})").id.text(), test_id("acc", 1));
}

TEST(CommandsTest, AnAddressIsReadInItsParts) {
  const auto full = good<account::ChangeAddress>("account.change_address", R"({"account":"acc:1","person":"per:1",
      "name":"Acme","postal_address":{"lines":["Accounts payable","12 Harbour Road"],"postcode":"38103",
      "city":"Memphis","region":"TN","country":"USA"}})");
  EXPECT_EQ(full.personal.name, "Acme");
  EXPECT_EQ(full.person.text(), test_id("per", 1));
  EXPECT_EQ(full.personal, (account::Personal{"Acme", "", "", "Accounts payable\n12 Harbour Road", "38103", "Memphis", "TN", "USA"}));
  const auto least = good<account::ChangeAddress>(
      "account.change_address", R"({"account":"acc:1","postal_address":{"lines":["Box 1"],"city":"Oslo"}})");
  EXPECT_EQ(least.personal, (account::Personal{"", "", "", "Box 1", "", "Oslo", "", ""}));
  EXPECT_TRUE(least.person.nil());
  const std::string at = R"({"account":"acc:1","postal_address":)";
  refused("account.change_address",
          {{R"({"account":"acc:1"})", Code::kMissingField, "/postal_address"},
           {at + R"("Box 1"})", Code::kWrongType, "/postal_address"},
           {at + R"({"city":"Oslo"}})", Code::kMissingField, "/postal_address/lines"},
           {at + R"({"lines":["a",1]}})", Code::kWrongType, "/postal_address/lines/1"},
           {at + R"({"lines":["a\nb"]}})", Code::kInvalidText, "/postal_address/lines"},
           {at + R"({"lines":["1","2","3","4","5","6","7"]}})", Code::kTooManyItems, "/postal_address/lines"},
           {at + R"({"lines":["a"],"zip":"1"}})", Code::kUnknownField, "/postal_address/zip"}});
}

TEST(CommandsTest, RolesChangeAndAccountsAreUnfrozen) {
  const auto role = good<account::ChangeRole>("account.change_role",
                                              R"({"account":"acc:1","role":"owner","from":"2026-12-01"})");
  EXPECT_EQ(role.role, account::InvoicingRole::kOwner);
  EXPECT_EQ(role.from->text(), "2026-12-01");
  EXPECT_FALSE(good<account::ChangeRole>("account.change_role", R"({"account":"acc:1","role":"rolled_up"})").from);
  refused("account.change_role", {{R"({"account":"acc:1"})", Code::kMissingField, "/role"},
                                  {R"({"account":"acc:1","role":"boss"})", Code::kUnknownRole, "/role"},
                                  {R"({"account":"acc:1","role":"owner","from":"now"})", Code::kInvalidDate, "/from"}});
  const auto unfreeze = good<account::Unfreeze>(
      "account.unfreeze", R"({"account":"acc:1","reason":"r","approved_by":["Ann","Bob"]})");
  EXPECT_EQ(unfreeze.approved_by, (std::vector<std::string>{"Ann", "Bob"}));
  refused("account.unfreeze", {{R"({"account":"acc:1","reason":"r"})", Code::kMissingField, "/approved_by"},
                               {R"({"account":"acc:1","approved_by":[]})", Code::kMissingField, "/reason"},
                               {R"({"account":"acc:1","reason":"r","approved_by":["Ann",null]})", Code::kWrongType,
                                "/approved_by/1"}});
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
  EXPECT_EQ(good<grouping::DeleteGroup>("grouping.delete_group", R"({"grouping":"gpg:1","group":"grp:1"})").group,
            group.group);
  EXPECT_EQ(good<grouping::Delete>("grouping.delete", R"({"grouping":"gpg:1"})").id, add.id);
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

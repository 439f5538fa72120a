// One key and one content: what a body means, not how it is written.
#include <gtest/gtest.h>

#include "gateway/api/commands_testing.h"
#include "gateway/api/understood.h"

namespace billing::api {
namespace {

std::array<std::uint8_t, 16> hash(std::string_view name, std::string_view text) {
  const auto command = test::parse(name, std::string(text));
  EXPECT_TRUE(command.has_value()) << text;
  return understood_hash(name, *command);
}

TEST(UnderstoodTest, TwoBodiesThatMeanTheSameAreOneContent) {
  const auto one = hash("payment.record", R"({"account":"acc:1","amount":{"amount":"1.00","currency":"USD"},"method":"wire"})");
  for (const std::string_view same :
       {R"({"method":"wire","amount":{"currency":"USD","amount":"1.00"},"account":"acc:1"})",
        R"({"account":"acc:1","amount":{"amount":"1.0","currency":"USD"},"method":"wire"})",
        R"({"account":"acc:1","amount":{"amount":"1","currency":"USD"},"method":"wire","reference":null})",
        R"({"account":"acc:1","amount":{"amount":"1.00","currency":"USD"},"method":"\u0077ire","settled":null})"})
    EXPECT_EQ(one, hash("payment.record", same)) << same;
}
TEST(UnderstoodTest, TwoBodiesThatMeanDifferentThingsAreNot) {
  const auto one = hash("payment.record", R"({"account":"acc:1","amount":{"amount":"1.00","currency":"USD"},"method":"wire"})");
  for (const std::string_view other :
       {R"({"account":"acc:2","amount":{"amount":"1.00","currency":"USD"},"method":"wire"})",
        R"({"account":"acc:1","amount":{"amount":"1.01","currency":"USD"},"method":"wire"})",
        R"({"account":"acc:1","amount":{"amount":"1.00","currency":"EUR"},"method":"wire"})",
        R"({"account":"acc:1","amount":{"amount":"1.00","currency":"USD"},"method":"cash"})",
        R"({"account":"acc:1","amount":{"amount":"1.00","currency":"USD"},"method":"wire","reference":"r"})",
        R"({"account":"acc:1","amount":{"amount":"1.00","currency":"USD"},"method":"wire","external_id":"r"})",
        R"({"account":"acc:1","amount":{"amount":"1.00","currency":"USD"},"method":"wire","allocations":[]})"})
    EXPECT_NE(one, hash("payment.record", other)) << other;
  EXPECT_NE(hash("payment.record", R"({"account":"acc:1","amount":{"amount":"1","currency":"USD"},"method":"wire","reference":"r"})"),
            hash("payment.record", R"({"account":"acc:1","amount":{"amount":"1","currency":"USD"},"method":"wire","external_id":"r"})"));
  EXPECT_NE(hash("invoice.discard", R"({"invoice":"inv:1"})"), hash("invoice.discard", R"({"invoice":"inv:2"})"));
}
TEST(UnderstoodTest, LinesAreComparedByTheirValuesAndTheirOrder) {
  const auto lines = [](std::string_view text) {
    return hash("invoice.issue", R"({"account":"acc:1","currency":"USD","lines":[)" + std::string(text) + "]}");
  };
  const std::string first = R"({"service_account":"acc:1","quantity":"2.0","unit_price":"1.50"})";
  const std::string second = R"({"service_account":"acc:1","net":"3"})";
  EXPECT_EQ(lines(first), lines(R"({"unit_price":"1.5","quantity":"2","service_account":"acc:1","taxes":null})"));
  EXPECT_EQ(lines(first), lines(R"({"unit_price":"1.5","quantity":"2","net":"3","service_account":"acc:1"})"));
  EXPECT_NE(lines(first), lines(second));
  EXPECT_NE(lines(first + "," + second), lines(second + "," + first));
  EXPECT_NE(lines(first), lines(first + "," + first));
}

}  // namespace
}  // namespace billing::api

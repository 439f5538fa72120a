#include "gateway/http/budget.h"

#include <gtest/gtest.h>

namespace billing::http {
namespace {

using boost::asio::ip::make_address;

TEST(Networks, ContainTheAddressesOfTheirPrefixes) {
  const auto networks = Networks::parse("127.0.0.0/8,192.0.2.7,2001:db8::/33,10.1.2.0/23");
  ASSERT_TRUE(networks);
  for (const auto* in : {"127.0.0.1", "127.255.0.9", "::ffff:127.0.0.1", "192.0.2.7", "2001:db8::1", "2001:db8:7fff::1", "10.1.3.255"}) {
    EXPECT_TRUE(networks->contain(make_address(in))) << in;
  }
  for (const auto* out : {"128.0.0.1", "192.0.2.8", "::1", "2001:db8:8000::1", "10.1.4.0", "10.1.1.255"}) {
    EXPECT_FALSE(networks->contain(make_address(out))) << out;
  }
  EXPECT_FALSE(Networks::parse("")->contain(make_address("127.0.0.1")));
  EXPECT_TRUE(Networks::parse("0.0.0.0/0")->contain(make_address("203.0.113.1")));
  EXPECT_FALSE(Networks::parse("0.0.0.0/0")->contain(make_address("::1")));
}

TEST(Networks, RefuseWhatIsNoAddressOrPrefix) {
  for (const auto* bad : {"a", "10.0.0", "10.0.0.0/33", "10.0.0.0/", "10.0.0.0/-1", "10.0.0.0/8x", "::/129", ",", "::1,", "127.0.0.1, ::1"}) {
    const auto parsed = Networks::parse(bad);
    ASSERT_FALSE(parsed) << bad;
    EXPECT_EQ(parsed.error().code, Code::kConfiguration) << bad;
  }
}

TEST(Budget, CountsAnAddressOfIPv6ByItsNetworkAndAMappedOneAsIPv4) {
  Budget budget({1, 100, 100}, Networks());
  EXPECT_NE(budget.enter(make_address("2001:db8::1")), nullptr);
  EXPECT_EQ(budget.enter(make_address("2001:db8::2")), nullptr);
  EXPECT_NE(budget.enter(make_address("2001:db8:0:1::1")), nullptr);
  AddressUse* const use = budget.enter(make_address("192.0.2.1"));
  ASSERT_NE(use, nullptr);
  EXPECT_EQ(budget.enter(make_address("::ffff:192.0.2.1")), nullptr);
  budget.leave(make_address("192.0.2.1"), use);
  EXPECT_NE(budget.enter(make_address("::ffff:192.0.2.1")), nullptr);
}

TEST(Budget, AClaimIsGrantedWhollyOrNotAtAll) {
  Budget budget({9, 100, 60}, Networks());
  AddressUse& one = *budget.enter(make_address("192.0.2.1"));
  AddressUse& two = *budget.enter(make_address("192.0.2.2"));
  EXPECT_EQ(budget.claim(one, 60, Budget::For::kRequest), Budget::Claim::kGranted);
  EXPECT_EQ(budget.claim(one, 1, Budget::For::kRequest), Budget::Claim::kAddressFull);
  EXPECT_EQ(budget.claim(two, 41, Budget::For::kRequest), Budget::Claim::kFull);
  EXPECT_EQ(budget.bytes(), 60U);
  EXPECT_EQ(budget.claim(two, 40, Budget::For::kRequest), Budget::Claim::kGranted);
  budget.give_back(one, 60, Budget::For::kRequest);
  EXPECT_EQ(budget.claim(two, 20, Budget::For::kRequest), Budget::Claim::kGranted);
  EXPECT_EQ(budget.bytes(), 60U);
}

TEST(Budget, WhatIsThereAlreadyCountsOverTheLimit) {
  Budget budget({9, 100, 60}, Networks());
  AddressUse& one = *budget.enter(make_address("192.0.2.1"));
  budget.claim_always(one, 150, Budget::For::kRequest);
  EXPECT_EQ(budget.bytes(), 150U);
  EXPECT_EQ(budget.claim(one, 1, Budget::For::kRequest), Budget::Claim::kFull);
  budget.give_back(one, 150, Budget::For::kRequest);
  EXPECT_EQ(budget.claim(one, 1, Budget::For::kRequest), Budget::Claim::kGranted);
}

TEST(Budget, AnswersHaveThreeQuartersAndRequestsWhatIsLeft) {
  Budget budget({9, 100, 100}, Networks());
  AddressUse& use = *budget.enter(make_address("192.0.2.1"));
  EXPECT_EQ(budget.claim(use, 75, Budget::For::kAnswer), Budget::Claim::kGranted);
  EXPECT_EQ(budget.claim(use, 1, Budget::For::kAnswer), Budget::Claim::kFull);
  EXPECT_EQ(budget.claim(use, 25, Budget::For::kRequest), Budget::Claim::kGranted);
  EXPECT_EQ(budget.claim(use, 1, Budget::For::kRequest), Budget::Claim::kFull);
  budget.give_back(use, 75, Budget::For::kAnswer);
  EXPECT_EQ(budget.claim(use, 75, Budget::For::kRequest), Budget::Claim::kGranted);
  budget.give_back(use, 50, Budget::For::kRequest);
  budget.claim_always(use, 70, Budget::For::kAnswer);
  EXPECT_EQ(budget.bytes(), 120U);
  budget.give_back(use, 50, Budget::For::kRequest);
  EXPECT_EQ(budget.claim(use, 6, Budget::For::kAnswer), Budget::Claim::kFull);
  EXPECT_EQ(budget.claim(use, 5, Budget::For::kAnswer), Budget::Claim::kGranted);
}

TEST(Budget, AnAnswerThatOneAddressMayNotHaveCountsNowhere) {
  Budget budget({9, 100, 60}, Networks());
  AddressUse& one = *budget.enter(make_address("192.0.2.1"));
  AddressUse& two = *budget.enter(make_address("192.0.2.2"));
  EXPECT_EQ(budget.claim(one, 61, Budget::For::kAnswer), Budget::Claim::kAddressFull);
  EXPECT_EQ(budget.claim(one, 60, Budget::For::kAnswer), Budget::Claim::kGranted);
  EXPECT_EQ(budget.claim(two, 15, Budget::For::kAnswer), Budget::Claim::kGranted);
}

}  // namespace
}  // namespace billing::http

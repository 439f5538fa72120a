#include "ops/request_lines.h"

#include <gtest/gtest.h>

namespace billing::ops {
namespace {

TEST(NetworkOf, AnAddressIsCutToItsNetwork) {
  EXPECT_EQ(network_of("203.0.113.77"), "203.0.113.0/24");
  EXPECT_EQ(network_of("127.0.0.1"), "127.0.0.0/24");
  EXPECT_EQ(network_of("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::/64");
  EXPECT_EQ(network_of("::1"), "::/64");
  EXPECT_EQ(network_of("::ffff:203.0.113.77"), "203.0.113.0/24");
}

TEST(NetworkOf, WhatIsNoAddressIsNotRepeated) {
  for (const char* text : {"", "alice", "203.0.113", "203.0.113.77 alice", "fe80::1%eth0"}) EXPECT_EQ(network_of(text), "unknown");
}

}  // namespace
}  // namespace billing::ops

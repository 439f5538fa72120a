#include "ops/backup/names.h"

#include <gtest/gtest.h>

namespace billing::ops {
namespace {

TEST(FileUse, EveryFileOfTheServiceIsCopied) {
  for (const char* name : {"CURRENT", "IDENTITY", "files.sha256", "MANIFEST-000005", "OPTIONS-000007", "000012.sst", "000013.log"}) {
    EXPECT_EQ(use_of("ledger", name), FileUse::kCopied) << name;
  }
  for (const char* name : {"person.keys", "epoch.key", "person.keys.next", "epoch.key.next"}) {
    EXPECT_EQ(use_of("keys", name), FileUse::kCopied) << name;
  }
  EXPECT_EQ(use_of("identity", "admin.key.sha256"), FileUse::kCopied);
}

TEST(FileUse, WhatAProcessLeavesIsLeftOutInSilence) {
  for (const char* name : {"LOCK", "000014.dbtmp", "OPTIONS-000009.dbtmp"}) EXPECT_EQ(use_of("ledger", name), FileUse::kLeftOut) << name;
  EXPECT_EQ(use_of("identity", "admin.key.sha256.new"), FileUse::kLeftOut);
}

TEST(FileUse, AnyOtherFileIsForeign) {
  for (const char* name : {"", "CURRENT~", "12a.sst", ".sst", "MANIFEST-", "MANIFEST-1.bak", "LOG"}) {
    EXPECT_EQ(use_of("ledger", name), FileUse::kForeign) << name;
  }
  for (const char* name : {"person.keys.old", "person.keys~", ".person.keys.swp", "LOCK"}) {
    EXPECT_EQ(use_of("keys", name), FileUse::kForeign) << name;
  }
  for (const char* name : {"admin.key.sha256~", "person.keys", "LOCK"}) EXPECT_EQ(use_of("identity", name), FileUse::kForeign) << name;
}

TEST(ShownName, BreaksNoLine) { EXPECT_EQ(shown_name("a\n\x1b[2Jb"), "a??[2Jb"); }

}  // namespace
}  // namespace billing::ops

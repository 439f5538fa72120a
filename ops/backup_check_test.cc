#include "ops/backup_check.h"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <thread>

namespace billing::ops {
namespace {

TEST(YieldToTheService, TheThreadComesAfterAllOthers) {
  int niceness = 0;
  long io = 0;
  std::thread([&] {
    yield_to_the_service();
    niceness = ::getpriority(PRIO_PROCESS, 0);
    io = ::syscall(SYS_ioprio_get, 1, 0);
  }).join();
  EXPECT_GE(niceness, 10);
  EXPECT_EQ(io >> 13, 3) << "the class of those who wait until the disk is idle";
}

}  // namespace
}  // namespace billing::ops

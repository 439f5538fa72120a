#include "ops/progress.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <string>

#include "ledger/base/descriptor.h"

namespace billing::ops {
namespace {

TEST(Progress, AFileThatGrewWhileItWasReadIsAllOfIt) {
  const Descriptor terminal(::posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK));
  ASSERT_TRUE(terminal.valid());
  ASSERT_EQ(::grantpt(terminal.get()), 0);
  ASSERT_EQ(::unlockpt(terminal.get()), 0);
  const Descriptor other(::open(::ptsname(terminal.get()), O_RDWR | O_NOCTTY | O_CLOEXEC));
  ASSERT_TRUE(other.valid());
  const Descriptor before(::dup(STDERR_FILENO));
  ASSERT_EQ(::dup2(other.get(), STDERR_FILENO), STDERR_FILENO);
  {
    Progress progress("copying", "bytes");
    EXPECT_NO_THROW(progress.show(250, 100));
  }
  ::dup2(before.get(), STDERR_FILENO);
  std::array<char, 256> shown{};
  const ssize_t got = ::read(terminal.get(), shown.data(), shown.size());
  ASSERT_GT(got, 0);
  const std::string text(shown.data(), static_cast<std::size_t>(got));
  EXPECT_NE(text.find("[" + std::string(30, '#') + "] 100%"), std::string::npos) << text;
}

}  // namespace
}  // namespace billing::ops

#include "ops/control/control.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <ctime>
#include <filesystem>
#include <optional>
#include <thread>
#include <vector>

#include "ledger/store/store_testing.h"
#include "ops/control/control_client.h"
#include "ops/control/control_socket.h"

namespace billing::ops {
namespace {

namespace fs = std::filesystem;
using store::testing::TempDirectory;

// A copy is a directory with one file.
Result<store::Head> copy_to(const std::string& directory) {
  fs::create_directory(directory);
  store::testing::spit(directory + "/CURRENT", "copy");
  return store::Head{42, {7}};
}

ControlOptions options(const TempDirectory& directory) {
  return {.data = directory.path(), .checkpoint = copy_to};
}

// A connection that speaks for itself, so that it can say what it must not.
class RawClient {
 public:
  explicit RawClient(const std::string& data) : socket_(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    const SocketPlace place = socket_place(data);
    const timeval wait{.tv_sec = 20, .tv_usec = 0};
    ::setsockopt(socket_.get(), SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof wait);
    EXPECT_EQ(::connect(socket_.get(), reinterpret_cast<const sockaddr*>(&place.address), sizeof place.address), 0);
  }
  void say(const std::string& text) const {
    EXPECT_EQ(::send(socket_.get(), text.data(), text.size(), MSG_NOSIGNAL), static_cast<ssize_t>(text.size()));
  }
  // All that comes until the service ends the connection; nothing when it does not.
  std::optional<std::string> rest() const {
    std::string text;
    char byte = 0;
    ssize_t got = 0;
    while ((got = ::recv(socket_.get(), &byte, 1, 0)) == 1) text += byte;
    return got == 0 || errno == ECONNRESET ? std::optional(text) : std::nullopt;
  }
  // One line.
  std::string line() const {
    std::string text;
    char byte = 0;
    while (::recv(socket_.get(), &byte, 1, 0) == 1 && byte != '\n') text += byte;
    return text;
  }

 private:
  Descriptor socket_;
};

TEST(Control, ASnapshotIsThereUntilItsCallerHasGone) {
  const TempDirectory directory;
  const auto control = Control::start(options(directory));
  ASSERT_TRUE(control) << control.error().detail;
  std::string where;
  {
    const auto held = HeldSnapshot::ask(directory.path(), std::chrono::seconds(20));
    ASSERT_TRUE(held) << held.error().detail;
    where = (*held)->directory();
    EXPECT_EQ((*held)->head(), (store::Head{42, {7}}));
    EXPECT_EQ(store::testing::slurp(where + "/CURRENT"), "copy");
    EXPECT_TRUE((*held)->held());
  }
  EXPECT_FALSE(fs::exists(where));
}

TEST(Control, TheSocketIsItsOwnersAloneAndGoesWithTheService) {
  const TempDirectory directory;
  const std::string socket = directory.path(std::string(kSocketName));
  {
    const auto control = Control::start(options(directory));
    ASSERT_TRUE(control) << control.error().detail;
    struct stat status {};
    ASSERT_EQ(::stat(socket.c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777U, 0600U);
  }
  EXPECT_FALSE(fs::exists(socket));
}

TEST(Control, AStartRemovesSocketAndSnapshotsOfAnEarlierRun) {
  const TempDirectory directory;
  fs::create_directories(directory.path("snapshots/3"));
  store::testing::spit(directory.path(std::string(kSocketName)), "");
  const auto control = Control::start(options(directory));
  ASSERT_TRUE(control) << control.error().detail;
  EXPECT_FALSE(fs::exists(directory.path("snapshots/3")));
}

TEST(Control, ADataDirectoryWithALongPathHasASocketToo) {
  const TempDirectory directory;
  const std::string data = directory.path(std::string(200, 'd'));
  fs::create_directory(data);
  const auto control = Control::start({.data = data, .checkpoint = copy_to});
  ASSERT_TRUE(control) << control.error().detail;
  EXPECT_TRUE(fs::exists(data + "/control.sock"));
  EXPECT_TRUE(HeldSnapshot::ask(data, std::chrono::seconds(20)));
}

TEST(Control, WhatIsNoOrderIsRefusedAndTheConnectionEnds) {
  const TempDirectory directory;
  const auto control = Control::start(options(directory));
  ASSERT_TRUE(control) << control.error().detail;
  for (const std::string& text : {std::string("stop\n"), std::string("snapshot\nsnapshot\n"), std::string(256, 's')}) {
    const RawClient client(directory.path());
    client.say(text);
    EXPECT_EQ(client.rest(), "error malformed-request the only order is: snapshot\n") << text;
  }
}

TEST(Control, ACallerWhoSaysNothingIsLetGoAfterTheTimeForAnOrder) {
  const TempDirectory directory;
  auto made = options(directory);
  made.order_at_most = std::chrono::milliseconds(20);
  const auto control = Control::start(made);
  ASSERT_TRUE(control) << control.error().detail;
  EXPECT_EQ(RawClient(directory.path()).rest(), "");
}

TEST(Control, ASnapshotIsHeldForALimitedTime) {
  const TempDirectory directory;
  auto made = options(directory);
  made.held_at_most = std::chrono::milliseconds(20);
  const auto control = Control::start(made);
  ASSERT_TRUE(control) << control.error().detail;
  const RawClient client(directory.path());
  client.say("snapshot\n");
  EXPECT_TRUE(client.rest().value_or("held").starts_with("ok 42 07"));
  EXPECT_TRUE(fs::is_empty(directory.path("snapshots")));
}

TEST(Control, MoreCallersThanAllowedAreRefused) {
  const TempDirectory directory;
  auto made = options(directory);
  made.clients_max = 1;
  const auto control = Control::start(made);
  ASSERT_TRUE(control) << control.error().detail;
  const RawClient first(directory.path());
  first.say("snapshot\n");
  EXPECT_TRUE(first.line().starts_with("ok 42"));
  const auto second = HeldSnapshot::ask(directory.path(), std::chrono::seconds(20));
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().detail,
            "the service made no snapshot: too-many-connections try again when another backup is done");
}

TEST(Control, ACopyThatFailsIsToldAndLeavesNothing) {
  const TempDirectory directory;
  std::string told;
  {
    const auto control = Control::start({.data = directory.path(),
                                         .checkpoint = [](const std::string& where) -> Result<store::Head> {
                                           fs::create_directory(where);
                                           return refuse(Code::kStorageFull, "no space\nis left");
                                         },
                                         .on_problem = [&](const std::string& what) { told = what; }});
    ASSERT_TRUE(control) << control.error().detail;
    const auto held = HeldSnapshot::ask(directory.path(), std::chrono::seconds(20));
    ASSERT_FALSE(held);
    EXPECT_EQ(held.error().detail, "the service made no snapshot: storage-full no space is left");
    EXPECT_TRUE(fs::is_empty(directory.path("snapshots")));
  }
  EXPECT_EQ(told, "a snapshot for a backup could not be made: no space\nis left");
}

TEST(Control, WithoutAFreeDescriptorCallersWaitAndTheThreadSleeps) {
  const TempDirectory directory;
  std::atomic<int> told{0};
  auto made = options(directory);
  made.on_problem = [&](const std::string& what) { told += what.starts_with("callers cannot be accepted: ") ? 1 : 100; };
  const auto control = Control::start(made);
  ASSERT_TRUE(control) << control.error().detail;
  const SocketPlace place = socket_place(directory.path());
  const Descriptor client(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  // Its thread runs before the descriptors are gone: the sanitizer needs some itself where a thread begins.
  ASSERT_TRUE(HeldSnapshot::ask(directory.path(), std::chrono::seconds(20)));
  ::rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &before), 0);
  ::rlimit low = before;
  low.rlim_cur = 128;
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &low), 0);
  std::vector<Descriptor> filler;
  for (Descriptor one(::open("/dev/null", O_RDONLY)); one.valid(); one = Descriptor(::open("/dev/null", O_RDONLY))) {
    filler.push_back(std::move(one));
  }
  ASSERT_EQ(::connect(client.get(), reinterpret_cast<const sockaddr*>(&place.address), sizeof place.address), 0);
  for (int i = 0; i < 1'000 && told == 0; ++i) std::this_thread::sleep_for(std::chrono::milliseconds(10));
  EXPECT_EQ(told, 1);
  const std::clock_t used = std::clock();
  std::this_thread::sleep_for(std::chrono::milliseconds(400));
  EXPECT_LT((std::clock() - used) * 1'000 / CLOCKS_PER_SEC, 200) << "milliseconds of the processor in 400";
  filler.clear();
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &before), 0);
  const timeval wait{.tv_sec = 20, .tv_usec = 0};
  ::setsockopt(client.get(), SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof wait);
  ASSERT_EQ(::send(client.get(), "snapshot\n", 9, MSG_NOSIGNAL), 9);
  std::array<char, 5> answer{};
  ASSERT_EQ(::recv(client.get(), answer.data(), answer.size(), MSG_WAITALL), 5);
  EXPECT_EQ(std::string_view(answer.data(), answer.size()), "ok 42");
  EXPECT_EQ(told, 1) << "told once, not each second";
}

TEST(Control, WithoutAServiceTheCallerIsToldThatNobodyAnswers) {
  const TempDirectory directory;
  const auto held = HeldSnapshot::ask(directory.path(), std::chrono::seconds(1));
  ASSERT_FALSE(held);
  EXPECT_TRUE(held.error().detail.contains("cannot be reached")) << held.error().detail;
}

}  // namespace
}  // namespace billing::ops

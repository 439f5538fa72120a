#include "gateway/identity/admin_key.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "gateway/identity/key_text.h"

namespace billing::identity {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

class AdminKeyTest : public testing::Test {
 protected:
  AdminKeyTest() {
    std::string pattern = std::filesystem::temp_directory_path() / "billing-identity-XXXXXX";
    directory_ = ::mkdtemp(pattern.data());
  }
  ~AdminKeyTest() override { std::filesystem::remove_all(directory_); }

  AdminKeyOptions options() {
    AdminKeyOptions options;
    options.directory = directory_ + "/identity";
    options.now = [this] { return now_; };
    return options;
  }
  std::unique_ptr<AdminKey> open(AdminKeyOptions options) {
    auto keys = AdminKey::open(std::move(options));
    EXPECT_TRUE(keys.has_value()) << (keys ? "" : keys.error().detail);
    return keys ? std::move(*keys) : nullptr;
  }
  static std::string token(const AdminKey& keys) {
    const std::string path = keys.link_path().value_or("=");
    return path.substr(path.find('=') + 1);
  }
  static std::string slurp(const std::string& path) {
    std::ostringstream text;
    text << std::ifstream(path).rdbuf();
    return text.str();
  }
  static bool passes(AdminKey& keys, const std::string& key) {
    return keys.authenticate("Bearer " + key, "10.0.0.1").has_value();
  }

  std::string directory_;
  Instant now_{1'800'000'000'000'000};
};

TEST_F(AdminKeyTest, KeysHaveAPrefixAndAChecksumThatATypingErrorBreaks) {
  const std::string key = make_key();
  EXPECT_THAT(key, StartsWith("blk_live_"));
  EXPECT_EQ(key.size(), kKeyLength);
  EXPECT_TRUE(is_key(key));
  EXPECT_NE(key, make_key());
  for (std::size_t i = 0; i < key.size(); ++i) {
    std::string other = key;
    other[i] = other[i] == '7' ? '8' : '7';
    EXPECT_FALSE(is_key(other)) << i;
  }
}

TEST_F(AdminKeyTest, TheLinkShowsTheKeyOnceAndOnlyItsDigestIsKept) {
  auto keys = open(options());
  const std::string link_token = token(*keys);
  EXPECT_FALSE(passes(*keys, make_key()));
  const auto key = keys->redeem(link_token, "10.0.0.1");
  ASSERT_TRUE(key.has_value());
  EXPECT_TRUE(passes(*keys, *key));
  EXPECT_FALSE(keys->link_path().has_value());
  EXPECT_EQ(keys->redeem(link_token, "10.0.0.1").error().code, Code::kUnauthenticated);
  const std::string file = options().directory + "/admin.key.sha256";
  EXPECT_THAT(slurp(file), Not(HasSubstr(key->substr(9))));
  struct stat status {};
  ASSERT_EQ(::stat(file.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0600U);
}

TEST_F(AdminKeyTest, AKeyOutlivesTheProcessAndNeedsNoNewLink) {
  auto first = open(options());
  const std::string key = *first->redeem(token(*first), "10.0.0.1");
  auto second = open(options());
  EXPECT_FALSE(second->link_path().has_value());
  EXPECT_TRUE(passes(*second, key));
}

TEST_F(AdminKeyTest, ANewLinkReplacesTheKeyOnlyWhenItIsOpened) {
  auto first = open(options());
  const std::string old_key = *first->redeem(token(*first), "10.0.0.1");
  AdminKeyOptions again = options();
  again.new_link = true;
  auto second = open(again);
  EXPECT_TRUE(passes(*second, old_key));
  const std::string new_key = *second->redeem(token(*second), "10.0.0.1");
  EXPECT_FALSE(passes(*second, old_key));
  EXPECT_TRUE(passes(*second, new_key));
}

TEST_F(AdminKeyTest, TheLinkExpiresAfterADay) {
  auto keys = open(options());
  now_.micros += 24LL * 3600 * 1'000'000;
  EXPECT_EQ(keys->redeem(token(*keys), "10.0.0.1").error().code, Code::kUnauthenticated);
}

TEST_F(AdminKeyTest, AWrongTokenDoesNotEndTheLink) {
  auto keys = open(options());
  EXPECT_FALSE(keys->redeem("", "10.0.0.1").has_value());
  EXPECT_FALSE(keys->redeem(make_token(), "10.0.0.1").has_value());
  EXPECT_TRUE(keys->redeem(token(*keys), "10.0.0.1").has_value());
}

TEST_F(AdminKeyTest, AKeyFileIsMadeOnceAndUsedAgain) {
  AdminKeyOptions with_file = options();
  with_file.key_file = directory_ + "/key";
  auto first = open(with_file);
  EXPECT_FALSE(first->link_path().has_value());
  std::string key = slurp(with_file.key_file);
  key.pop_back();
  EXPECT_TRUE(passes(*first, key));
  struct stat status {};
  ASSERT_EQ(::stat(with_file.key_file.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0600U);
  auto second = open(with_file);
  EXPECT_TRUE(passes(*second, key));
}

TEST_F(AdminKeyTest, ALinkBesideAKeyFileShowsTheFilesKeyOnceAndReplacesNothing) {
  AdminKeyOptions with_file = options();
  with_file.key_file = directory_ + "/key";
  with_file.new_link = true;
  auto keys = open(with_file);
  const std::string link = token(*keys);
  const auto shown = keys->redeem(link, "10.0.0.1");
  ASSERT_TRUE(shown.has_value());
  EXPECT_EQ(*shown + "\n", slurp(with_file.key_file));
  EXPECT_TRUE(passes(*keys, *shown));
  EXPECT_FALSE(keys->redeem(link, "10.0.0.1").has_value());
}

TEST_F(AdminKeyTest, AKeyFileThatOthersMayReadIsRefused) {
  AdminKeyOptions with_file = options();
  with_file.key_file = directory_ + "/key";
  std::ofstream(with_file.key_file) << make_key() << '\n';
  ::chmod(with_file.key_file.c_str(), 0644);
  EXPECT_EQ(AdminKey::open(with_file).error().code, Code::kConfiguration);
  ::chmod(with_file.key_file.c_str(), 0600);
  EXPECT_TRUE(AdminKey::open(with_file).has_value());
  std::ofstream(with_file.key_file) << "secret\n";
  EXPECT_EQ(AdminKey::open(with_file).error().code, Code::kConfiguration);
}

TEST_F(AdminKeyTest, ADigestFileThatIsDamagedIsRefused) {
  auto keys = open(options());
  ASSERT_TRUE(keys->redeem(token(*keys), "10.0.0.1").has_value());
  std::ofstream(options().directory + "/admin.key.sha256") << "00ff\n";
  EXPECT_EQ(AdminKey::open(options()).error().code, Code::kCorruptRecord);
}

TEST_F(AdminKeyTest, TheHeaderIsReadStrictly) {
  auto keys = open(options());
  const std::string key = *keys->redeem(token(*keys), "10.0.0.1");
  EXPECT_TRUE(keys->authenticate("bearer " + key, "10.0.0.2").has_value());
  EXPECT_EQ(keys->authenticate("Bearer " + key, "10.0.0.2")->name, "admin-key");
  EXPECT_TRUE(keys->authenticate("Bearer " + key, "10.0.0.2")->tenant.nil());
  for (const std::string& header : {std::string(), key, "Basic " + key, "Bearer  " + key, "Bearer " + key + " ",
                                    "Bearer " + key + "0", "Bearer " + key.substr(1), "Bearer\t" + key})
    EXPECT_EQ(keys->authenticate(header, "10.0.0.2").error().code, Code::kUnauthenticated) << header.size();
}

TEST_F(AdminKeyTest, FailuresAreLimitedByAddressAndTheRightKeyStillPasses) {
  auto keys = open(options());
  const std::string key = *keys->redeem(token(*keys), "10.0.0.1");
  const std::string wrong = "Bearer " + make_key();
  for (int i = 0; i < 20; ++i) EXPECT_EQ(keys->authenticate(wrong, "10.0.0.9").error().code, Code::kUnauthenticated);
  EXPECT_EQ(keys->authenticate(wrong, "10.0.0.9").error().code, Code::kTooManyRequests);
  EXPECT_EQ(keys->authenticate(wrong, "10.0.0.8").error().code, Code::kUnauthenticated);
  EXPECT_TRUE(keys->authenticate("Bearer " + key, "10.0.0.9").has_value());
  now_.micros += 60'000'000;
  EXPECT_EQ(keys->authenticate(wrong, "10.0.0.9").error().code, Code::kUnauthenticated);
  EXPECT_EQ(keys->counters().limited, 1U);
  EXPECT_EQ(keys->counters().refused, 22U);
}

}  // namespace
}  // namespace billing::identity

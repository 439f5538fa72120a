#include "ops/backup/manifest.h"

#include <gtest/gtest.h>

namespace billing::ops {
namespace {

Manifest sample() {
  Manifest manifest;
  manifest.number = 3;
  manifest.made = {1'795'579'870'123'456};
  manifest.product = "0.1.0";
  manifest.previous = std::string(64, 'a');
  manifest.head.position = 1'234;
  manifest.head.hash.fill(0x5c);
  manifest.newest = Instant{1'795'579'869'000'000};
  manifest.files = {{"identity/admin.key.sha256", 64, -1, std::string(64, '1')},
                    {"ledger/000012.sst", 4'096, 1'795'579'000'000'000'001, std::string(64, '2')}};
  return manifest;
}

TEST(Manifest, ReadsWhatItWrites) {
  const auto parsed = parse_manifest(manifest_text(sample()));
  ASSERT_TRUE(parsed) << parsed.error().detail;
  EXPECT_EQ(*parsed, sample());
  Manifest empty = sample();
  empty.newest.reset();
  empty.files.clear();
  EXPECT_EQ(*parse_manifest(manifest_text(empty)), empty);
}

TEST(Manifest, IsNamedByInstantAndPosition) { EXPECT_EQ(backup_name(sample()), "20261125T041110.123456Z-1234"); }

TEST(Manifest, NoByteOfItCanChange) {
  const std::string text = manifest_text(sample());
  for (std::size_t i = 0; i < text.size(); ++i) {
    std::string changed = text;
    changed[i] = static_cast<char>(changed[i] ^ 1);
    EXPECT_FALSE(parse_manifest(changed)) << "byte " << i;
    EXPECT_FALSE(parse_manifest(text.substr(0, i))) << "cut at " << i;
  }
  EXPECT_FALSE(parse_manifest(text + "\n"));
}

TEST(Manifest, OneOfANewerVersionIsToldApartFromDamage) {
  std::string text = manifest_text(sample());
  text.replace(text.find("billing backup 1"), 16, "billing backup 2");
  EXPECT_EQ(parse_manifest(text).error().detail, "it has a format that is not known: written by a newer version");
}

TEST(Manifest, NoFileNameLeadsOutOfTheDataDirectory) {
  for (const char* name : {"../etc/passwd", "ledger/../x", "ledger/..", "ledger/", "ledger/a/b", "other/x", "/ledger/x",
                           "ledger/.x", "ledger/a b", "CURRENT"}) {
    Manifest manifest = sample();
    manifest.files = {{name, 1, 1, std::string(64, '1')}};
    EXPECT_FALSE(parse_manifest(manifest_text(manifest))) << name;
  }
}

TEST(Manifest, IsNotWrittenWhenItCouldNotBeRead) {
  EXPECT_EQ(readable_manifest_text(sample()), manifest_text(sample()));
  for (const char* name : {"identity/.x.swp", "identity/admin.key.sha256~", "other/x"}) {
    Manifest manifest = sample();
    manifest.files = {{name, 1, 1, std::string(64, '1')}};
    const auto text = readable_manifest_text(manifest);
    ASSERT_FALSE(text);
    EXPECT_EQ(text.error().detail, std::string(name) + ": a backup cannot hold a file of this name");
  }
}

TEST(Manifest, NoFileIsListedTwiceOrOutOfOrder) {
  Manifest manifest = sample();
  manifest.files[0] = manifest.files[1];
  EXPECT_FALSE(parse_manifest(manifest_text(manifest)));
  manifest = sample();
  std::swap(manifest.files[0], manifest.files[1]);
  EXPECT_FALSE(parse_manifest(manifest_text(manifest)));
}

}  // namespace
}  // namespace billing::ops

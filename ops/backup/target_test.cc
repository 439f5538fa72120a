#include "ops/backup/target.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "ledger/store/store_testing.h"

namespace billing::ops {
namespace {

namespace fs = std::filesystem;
using store::testing::slurp;
using store::testing::spit;
using store::testing::TempDirectory;

std::unique_ptr<Target> writable(const TempDirectory& directory) {
  auto target = Target::open_for_writing(directory.path("backups"));
  EXPECT_TRUE(target) << target.error().detail;
  return target ? std::move(*target) : nullptr;
}

// Adds a backup of one file with these bytes.
Manifest add_backup(Target& target, const TempDirectory& directory, const std::string& bytes, std::int64_t second) {
  spit(directory.path("source"), bytes);
  BackupFile file;
  file.name = "ledger/000001.sst";
  const auto added = target.add(directory.path("source"), file, {});
  EXPECT_TRUE(added) << added.error().detail;
  Manifest manifest;
  manifest.made = {second * 1'000'000};
  manifest.product = "test";
  manifest.head.position = static_cast<Position>(second);
  manifest.files = {file};
  EXPECT_TRUE(target.publish(manifest));
  return manifest;
}

std::string manifest_path(const TempDirectory& directory, const Manifest& manifest) {
  return directory.path("backups/backups/" + backup_name(manifest) + "/manifest");
}

std::vector<std::string> problems(const TempDirectory& directory) {
  return (*Target::open(directory.path("backups")))->problems();
}

TEST(Target, KeepsAFileOfTwoBackupsOnce) {
  const TempDirectory directory;
  const auto target = writable(directory);
  const Manifest first = add_backup(*target, directory, "bytes", 1);
  BackupFile again;
  again.name = "ledger/000002.sst";
  EXPECT_EQ(target->add(directory.path("source"), again, {}), false);
  EXPECT_EQ(again.sha256, first.files.front().sha256);
  EXPECT_EQ(again.bytes, 5U);
  EXPECT_EQ(std::distance(fs::directory_iterator(directory.path("backups/files")), {}), 1);
  EXPECT_EQ(slurp(target->path_of(again.sha256)), "bytes");
}

TEST(Target, BytesThatWereDamagedAreWholeAgainWhenTheyAreCopiedAgain) {
  const TempDirectory directory;
  const auto target = writable(directory);
  const Manifest first = add_backup(*target, directory, "bytes", 1);
  spit(target->path_of(first.files.front().sha256), "bytez");
  add_backup(*target, directory, "bytes", 2);
  EXPECT_EQ(slurp(target->path_of(first.files.front().sha256)), "bytes");
}

TEST(Target, BackupsStandOnOneAnother) {
  const TempDirectory directory;
  const auto target = writable(directory);
  const Manifest first = add_backup(*target, directory, "one", 1);
  const Manifest second = add_backup(*target, directory, "two", 2);
  EXPECT_EQ(first.previous, std::string(64, '0'));
  EXPECT_EQ(second.previous, manifest_digest(first));
  const auto read = *Target::open(directory.path("backups"));
  ASSERT_EQ(read->backups().size(), 2U);
  EXPECT_EQ(read->read(read->backups().front()), first);
  EXPECT_EQ(read->newest(), second);
  EXPECT_TRUE(read->problems().empty());
}

TEST(Target, AMissingManifestIsNoticed) {
  const TempDirectory directory;
  const auto target = writable(directory);
  add_backup(*target, directory, "one", 1);
  const Manifest second = add_backup(*target, directory, "two", 2);
  add_backup(*target, directory, "three", 3);
  fs::remove_all(fs::path(manifest_path(directory, second)).parent_path());
  EXPECT_EQ(problems(directory),
            std::vector<std::string>{"before backup 19700101T000003.000000Z-3, number 3, the one with number 2 is missing"});
}

TEST(Target, AManifestThatWasExchangedIsNoticed) {
  const TempDirectory directory;
  const auto target = writable(directory);
  Manifest first = add_backup(*target, directory, "one", 1);
  add_backup(*target, directory, "two", 2);
  first.product = "another";
  spit(manifest_path(directory, first), manifest_text(first));
  EXPECT_EQ(problems(directory), std::vector<std::string>{"backup 19700101T000002.000000Z-2, number 2, was made after another "
                                                          "backup than the one with number 1"});
}

TEST(Target, AManifestInAnothersPlaceIsNoticed) {
  const TempDirectory directory;
  const auto target = writable(directory);
  const Manifest first = add_backup(*target, directory, "one", 1);
  const Manifest second = add_backup(*target, directory, "two", 2);
  spit(manifest_path(directory, second), manifest_text(first));
  ASSERT_EQ(problems(directory).size(), 1U);
  EXPECT_TRUE(problems(directory).front().ends_with("it is the manifest of another backup, 19700101T000001.000000Z-1"));
}

TEST(Target, ADamagedManifestIsNamed) {
  const TempDirectory directory;
  const auto target = writable(directory);
  const Manifest first = add_backup(*target, directory, "one", 1);
  spit(manifest_path(directory, first), "nonsense");
  EXPECT_EQ(problems(directory), std::vector<std::string>{manifest_path(directory, first) + ": it is damaged"});
}

TEST(Target, WhatAnUnfinishedBackupLeftIsNoBackupAndIsRemoved) {
  const TempDirectory directory;
  add_backup(*writable(directory), directory, "one", 1);
  spit(directory.path("backups/files/unfinished"), "a part");
  fs::create_directory(directory.path("backups/backups/20260101T000000.000000Z-7.half"));
  EXPECT_TRUE(problems(directory).empty());
  const auto target = writable(directory);
  EXPECT_EQ(target->backups().size(), 1U);
  EXPECT_FALSE(fs::exists(directory.path("backups/files/unfinished")));
  EXPECT_FALSE(fs::exists(directory.path("backups/backups/20260101T000000.000000Z-7.half")));
}

TEST(Target, AManifestThatCouldNotBeReadAgainIsNotPublished) {
  const TempDirectory directory;
  const auto target = writable(directory);
  const Manifest first = add_backup(*target, directory, "one", 1);
  Manifest manifest = first;
  manifest.made = {2'000'000};
  manifest.files.front().name = "identity/admin.key.sha256~";
  const auto published = target->publish(manifest);
  ASSERT_FALSE(published);
  EXPECT_EQ(published.error().detail, "identity/admin.key.sha256~: a backup cannot hold a file of this name");
  EXPECT_TRUE(problems(directory).empty());
  EXPECT_EQ((*Target::open(directory.path("backups")))->newest(), first);
}

TEST(Target, OneBackupIsMadeAtATime) {
  const TempDirectory directory;
  const auto target = writable(directory);
  const auto second = Target::open_for_writing(directory.path("backups"));
  ASSERT_FALSE(second);
  EXPECT_TRUE(second.error().detail.ends_with("another backup is being made or pruned here")) << second.error().detail;
}

TEST(Target, ADirectoryWithOtherThingsIsRefused) {
  const TempDirectory directory;
  spit(directory.path("letter"), "dear");
  const auto target = Target::open_for_writing(directory.path());
  ASSERT_FALSE(target);
  EXPECT_TRUE(target.error().detail.contains("other things")) << target.error().detail;
  EXPECT_FALSE(fs::exists(directory.path("backups")));
}

TEST(Target, OnlyItsOwnerReadsIt) {
  const TempDirectory directory;
  const auto target = writable(directory);
  const Manifest first = add_backup(*target, directory, "one", 1);
  EXPECT_EQ(fs::status(directory.path("backups")).permissions(), fs::perms::owner_all);
  const auto owner_alone = fs::perms::owner_read | fs::perms::owner_write;
  EXPECT_EQ(fs::status(target->path_of(first.files.front().sha256)).permissions(), owner_alone);
  EXPECT_EQ(fs::status(manifest_path(directory, first)).permissions(), owner_alone);
}

}  // namespace
}  // namespace billing::ops

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <optional>

#include "ledger/store/files.h"
#include "ledger/store/table_checkpoints.h"
#include "ledger/store/verify_files.h"

namespace billing::store {
namespace {
namespace fs = std::filesystem;

constexpr std::size_t kDigits = 20;

std::optional<std::uint64_t> number_of(const std::string& name) {
  std::uint64_t number = 0;
  const char* const end = name.data() + name.size();
  const auto read = std::from_chars(name.data(), end, number);
  if (name.size() != kDigits || read.ec != std::errc() || read.ptr != end) return std::nullopt;
  return number;
}

Result<void> remove_directory(const fs::path& path) {
  std::error_code error;
  fs::remove_all(path, error);
  if (error) return refuse(Code::kStorageFailure, fmt::format("cannot remove {}: {}", path.string(), error.message()));
  return {};
}

class RocksCheckpoints final : public TableCheckpoints {
 public:
  RocksCheckpoints(RocksTables& tables, RocksCheckpointsOptions options)
      : tables_(tables), options_(std::move(options)) {}

  std::vector<std::uint64_t> list() const override {
    std::vector<std::uint64_t> numbers;
    for (const auto& [number, path] : checkpoint_directories(options_.directory)) numbers.push_back(number);
    return numbers;
  }

  Result<void> make(std::uint64_t number) override {
    const fs::path half = path(number) + ".half";
    BILLING_CHECK(remove_directory(half));
    BILLING_CHECK(tables_.copy_to(half.string()));
    std::error_code error;
    fs::rename(half, path(number), error);
    if (error) return refuse(Code::kStorageFailure, fmt::format("cannot name {}: {}", path(number), error.message()));
    return sync_directory(options_.directory);
  }

  Result<std::shared_ptr<const Snapshot>> open(std::uint64_t number) const override {
    BILLING_TRY(rows, open_rocks_copy(path(number), options_.block_cache_bytes));
    return std::shared_ptr<const Snapshot>(std::move(rows));
  }

  Result<void> drop(std::uint64_t number) override {
    // Under another name first: one that is half deleted must not be taken for whole.
    const fs::path half = path(number) + ".half";
    BILLING_CHECK(remove_directory(half));
    std::error_code error;
    fs::rename(path(number), half, error);
    if (error == std::errc::no_such_file_or_directory) return {};
    if (error) return refuse(Code::kStorageFailure, fmt::format("cannot drop {}: {}", path(number), error.message()));
    return remove_directory(half);
  }

 private:
  std::string path(std::uint64_t number) const { return fmt::format("{}/{:020}", options_.directory, number); }

  RocksTables& tables_;
  const RocksCheckpointsOptions options_;
};

// Removes what is no whole checkpoint.
Result<void> remove_halves(const std::string& directory) {
  std::vector<fs::path> halves;
  std::error_code error;
  for (fs::directory_iterator entry(directory, error), end; !error && entry != end; entry.increment(error)) {
    if (!number_of(entry->path().filename().string())) halves.push_back(entry->path());
  }
  if (error) return refuse(Code::kStorageFailure, fmt::format("cannot list {}: {}", directory, error.message()));
  for (const fs::path& half : halves) BILLING_CHECK(remove_directory(half));
  return {};
}

}  // namespace

std::vector<std::pair<std::uint64_t, std::string>> checkpoint_directories(const std::string& directory) {
  std::vector<std::pair<std::uint64_t, std::string>> found;
  std::error_code error;
  for (fs::directory_iterator entry(directory, error), end; !error && entry != end; entry.increment(error)) {
    if (const auto number = number_of(entry->path().filename().string())) found.emplace_back(*number, entry->path());
  }
  std::ranges::sort(found);
  return found;
}

Result<std::unique_ptr<TableCheckpoints>> open_rocks_checkpoints(RocksTables& tables,
                                                                 const RocksCheckpointsOptions& options,
                                                                 std::vector<DroppedCheckpoint>* dropped) {
  std::error_code error;
  fs::create_directories(options.directory, error);
  if (error) {
    return refuse(Code::kStorageFailure, fmt::format("cannot make {}: {}", options.directory, error.message()));
  }
  BILLING_CHECK(remove_halves(options.directory));
  auto checkpoints = std::make_unique<RocksCheckpoints>(tables, options);
  KnownFiles known;
  for (const auto& [number, path] : checkpoint_directories(options.directory)) {
    const auto problems = verify_files(path, std::nullopt, &known);
    if (problems.empty()) continue;
    dropped->push_back({number, problems.front().file + ": " + problems.front().detail});
    BILLING_CHECK(checkpoints->drop(number));
  }
  return checkpoints;
}

}  // namespace billing::store

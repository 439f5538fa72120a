// The floor of the batch benchmarks: records of one size appended to RocksDB, 1,000 in one synced write, and nothing
// else: no HTTP, no decision, no hash, no index. Prints one line of JSON.
//
//   rocks_floor DIR [--bytes N] [--records N] [--group N] [--seconds N]
//
// DIR must not exist. Ends after --seconds or --records, whichever comes first.
#include <rocksdb/db.h>
#include <rocksdb/write_batch.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace {

using Clock = std::chrono::steady_clock;

struct Options {
  std::string folder;
  std::size_t bytes = 400;
  std::uint64_t records = UINT64_MAX;
  std::size_t group = 1'000;
  double seconds = 5;
};

std::string big_endian(std::uint64_t position) {
  std::string key(8, '\0');
  for (std::size_t i = 8; i > 0; --i, position >>= 8U) key[i - 1] = static_cast<char>(position & 255U);
  return key;
}

// Bytes that do not compress, as a record's ids and hashes do not.
std::string noise(std::size_t size) {
  std::string bytes(size, '\0');
  std::uint64_t state = 88172645463325252U;
  for (char& byte : bytes) {
    state ^= state << 13U;
    state ^= state >> 7U;
    state ^= state << 17U;
    byte = static_cast<char>(state & 255U);
  }
  return bytes;
}

int append(const Options& options) {
  rocksdb::Options settings;
  settings.create_if_missing = true;
  settings.error_if_exists = true;
  settings.allow_concurrent_memtable_write = false;
  rocksdb::DB* opened = nullptr;
  if (const auto status = rocksdb::DB::Open(settings, options.folder, &opened); !status.ok()) {
    std::fprintf(stderr, "rocks_floor: %s\n", status.ToString().c_str());
    return 1;
  }
  const std::unique_ptr<rocksdb::DB> database(opened);
  rocksdb::WriteOptions synced;
  synced.sync = true;
  const std::string record = noise(options.bytes);
  std::vector<double> latencies;
  std::uint64_t position = 0;
  const auto begin = Clock::now();
  double seconds = 0;
  while (position < options.records && seconds < options.seconds) {
    const auto from = Clock::now();
    rocksdb::WriteBatch batch;
    for (std::size_t i = 0; i < options.group; ++i) batch.Put(big_endian(++position), record);
    if (const auto status = database->Write(synced, &batch); !status.ok()) {
      std::fprintf(stderr, "rocks_floor: %s\n", status.ToString().c_str());
      return 1;
    }
    latencies.push_back(std::chrono::duration<double, std::micro>(Clock::now() - from).count());
    seconds = std::chrono::duration<double>(Clock::now() - begin).count();
  }
  std::sort(latencies.begin(), latencies.end());
  const auto at = [&](double share) {
    const auto index = static_cast<std::size_t>(share * static_cast<double>(latencies.size()));
    return latencies[std::min(index, latencies.size() - 1)];
  };
  std::printf(R"({"done":%llu,"seconds":%.3f,"per_second":%.1f,"p50_us":%.0f,"p99_us":%.0f,"p999_us":%.0f,"bytes":%zu})",
              static_cast<unsigned long long>(position), seconds, static_cast<double>(position) / seconds, at(0.5),
              at(0.99), at(0.999), options.bytes);
  std::printf("\n");
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  if (argc > 1) options.folder = argv[1];
  for (int i = 2; i + 1 < argc; i += 2) {
    const std::string_view name = argv[i];
    if (name == "--bytes") options.bytes = static_cast<std::size_t>(std::atoll(argv[i + 1]));
    if (name == "--records") options.records = static_cast<std::uint64_t>(std::atoll(argv[i + 1]));
    if (name == "--group") options.group = static_cast<std::size_t>(std::atoll(argv[i + 1]));
    if (name == "--seconds") options.seconds = std::atof(argv[i + 1]);
  }
  if (options.folder.empty() || options.group == 0 || options.bytes == 0) {
    std::fprintf(stderr, "usage: rocks_floor DIR [--bytes N] [--records N] [--group N] [--seconds N]\n");
    return 2;
  }
  return append(options);
}

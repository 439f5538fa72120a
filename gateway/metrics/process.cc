#include "gateway/metrics/process.h"

#include <sys/resource.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

namespace billing::metrics {
namespace {

// The fields of /proc/self/stat from the third on: the second is a name that may hold blanks.
std::vector<double> stat_fields() {
  std::ifstream file("/proc/self/stat");
  std::string line;
  std::getline(file, line);
  const auto after_name = line.rfind(')');
  if (after_name == std::string::npos) return {};
  std::istringstream rest(line.substr(after_name + 1));
  std::string state;
  rest >> state;
  std::vector<double> fields;
  for (double value = 0; rest >> value;) fields.push_back(value);
  return fields;
}

double boot_time_seconds() {
  std::ifstream file("/proc/stat");
  for (std::string name; file >> name;) {
    double value = 0;
    if (name == "btime" && file >> value) return value;
    std::getline(file, name);
  }
  return 0;
}

}  // namespace

ProcessFigures process_figures() {
  // proc(5): utime 14, stime 15, threads 20, starttime 22, vsize 23, rss 24; the first of `fields` is field 4.
  constexpr std::size_t kFirst = 4;
  ProcessFigures figures;
  if (const auto fields = stat_fields(); fields.size() > 24 - kFirst) {
    const auto ticks = static_cast<double>(sysconf(_SC_CLK_TCK));
    const auto page = static_cast<double>(sysconf(_SC_PAGESIZE));
    static const double boot = boot_time_seconds();
    figures.cpu_seconds = (fields[14 - kFirst] + fields[15 - kFirst]) / ticks;
    figures.threads = static_cast<std::uint64_t>(fields[20 - kFirst]);
    figures.start_time_seconds = boot + fields[22 - kFirst] / ticks;
    figures.virtual_bytes = static_cast<std::uint64_t>(fields[23 - kFirst]);
    figures.resident_bytes = static_cast<std::uint64_t>(fields[24 - kFirst] * page);
  }
  std::error_code failed;
  for (auto entry = std::filesystem::directory_iterator("/proc/self/fd", failed);
       !failed && entry != std::filesystem::directory_iterator(); entry.increment(failed))
    ++figures.open_fds;
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) == 0) figures.max_fds = limit.rlim_cur;
  return figures;
}

}  // namespace billing::metrics

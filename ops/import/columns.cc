#include "ops/import/columns.h"

#include <algorithm>
#include <map>
#include <utility>
#include <vector>

namespace billing::import {
namespace {

constexpr std::size_t kNamesShown = 5;

// What all steps that read one file say of its columns.
struct FileColumns {
  std::vector<bool> taken;
  std::vector<std::string> ignore;
};
using FileKey = std::pair<std::string, std::vector<std::string>>;  // the file and the names of its columns

bool fits(const std::string& pattern, std::string_view name) {
  if (!pattern.ends_with('*')) return pattern == name;
  return name.starts_with(std::string_view(pattern).substr(0, pattern.size() - 1));
}

std::string listed(const std::vector<std::string>& names) {
  std::string out;
  for (std::size_t i = 0; i < names.size() && i < kNamesShown; ++i) out += (i > 0 ? ", '" : "'") + names[i] + "'";
  if (names.size() > kNamesShown) out += " and " + std::to_string(names.size() - kNamesShown) + " more";
  return out;
}

Result<void> check(const std::vector<std::string>& names, const FileColumns& file) {
  std::vector<std::string> unread;
  for (std::size_t i = 0; i < names.size(); ++i) {
    const bool ignored = std::ranges::any_of(file.ignore, [&](const std::string& one) { return fits(one, names[i]); });
    if (file.taken[i] || ignored || names[i].empty()) continue;  // what stands under no name is a row's matter
    if (std::ranges::count(names, names[i]) > 1) return refuse(Code::kConfiguration, "the column '" + names[i] + "' is there twice");
    unread.push_back(names[i]);
  }
  if (unread.empty()) return {};
  const bool one = unread.size() == 1;
  const std::string what = one ? "there is a column " + listed(unread) + " that no field takes"
                               : "there are columns that no field takes: " + listed(unread);
  return refuse(Code::kConfiguration, what + "; correct " + (one ? "its name, or give it" : "their names, or give them") +
                                          " to a field or to 'ignore' in a mapping");
}

}  // namespace

Result<std::string> file_of(const Step& step, const std::string& given) {
  const std::string& file = step.file.empty() ? given : step.file;
  if (file.empty()) return refuse(Code::kConfiguration, "a step of the mapping names no file, and none was given");
  return file;
}

Result<StepFile> open_step(const Step& step, const std::string& given) {
  BILLING_TRY(name, file_of(step, given));
  BILLING_TRY(file, File::open(name, File::Mode::kRead));
  BILLING_TRY(bytes, file.size());
  return StepFile{std::move(file), bytes, 0};
}

Result<RowReader> read_step(const Step& step, Currency currency, StepFile& file) {
  return RowReader::open(step, currency, [&file](char* into, std::size_t max) {
    auto n = file.file.read(into, max);
    if (n) file.read_bytes += *n;
    return n;
  });
}

Result<void> check_columns(const Mapping& mapping, const std::string& given, Currency currency) {
  std::map<FileKey, FileColumns> files;
  for (const Step& step : mapping.steps) {
    BILLING_TRY(name, file_of(step, given));
    BILLING_TRY(file, open_step(step, given));
    auto rows = read_step(step, currency, file);
    if (!rows) return refuse(rows.error().code, name + ": " + rows.error().detail);
    FileKey key{name, {}};
    for (const Column& column : rows->columns()) key.second.push_back(column.name);
    FileColumns& seen = files[std::move(key)];
    seen.taken.resize(rows->columns().size());
    for (std::size_t i = 0; i < seen.taken.size(); ++i) seen.taken[i] = seen.taken[i] || rows->columns()[i].taken;
    seen.ignore.insert(seen.ignore.end(), step.ignore.begin(), step.ignore.end());
  }
  for (const auto& [key, file] : files) {
    if (auto good = check(key.second, file); !good) return refuse(good.error().code, key.first + ": " + good.error().detail);
  }
  return {};
}

}  // namespace billing::import

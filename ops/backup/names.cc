#include "ops/backup/names.h"

#include <algorithm>
#include <array>

namespace billing::ops {
namespace {

bool is_number(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

// "000012.sst", for ".sst".
bool is_numbered(std::string_view file, std::string_view end) {
  return file.ends_with(end) && is_number(file.substr(0, file.size() - end.size()));
}

// "MANIFEST-000012", for "MANIFEST-".
bool is_numbered_after(std::string_view file, std::string_view begin) {
  return file.starts_with(begin) && is_number(file.substr(begin.size()));
}

bool is_of_the_ledger(std::string_view file) {
  return file == "CURRENT" || file == "IDENTITY" || file == "files.sha256" || is_numbered(file, ".sst") ||
         is_numbered(file, ".log") || is_numbered_after(file, "MANIFEST-") || is_numbered_after(file, "OPTIONS-");
}

bool is_of_the_keys(std::string_view file) {
  // A rotation that was cut off leaves a `.next`, and the pair may need it.
  constexpr std::array<std::string_view, 4> kNames{"person.keys", "epoch.key", "person.keys.next", "epoch.key.next"};
  return std::ranges::find(kNames, file) != kNames.end();
}

}  // namespace

FileUse use_of(std::string_view folder, std::string_view file) {
  const bool ours = folder == "ledger" ? is_of_the_ledger(file)
                                       : (folder == "keys" ? is_of_the_keys(file) : file == "admin.key.sha256");
  if (ours) return FileUse::kCopied;
  const bool passing = folder == "ledger" ? file == "LOCK" || file.ends_with(".dbtmp")
                                          : folder == "identity" && file == "admin.key.sha256.new";
  return passing ? FileUse::kLeftOut : FileUse::kForeign;
}

std::string shown_name(std::string_view file) {
  std::string shown(file);
  std::ranges::replace_if(shown, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }, '?');
  return shown;
}

}  // namespace billing::ops

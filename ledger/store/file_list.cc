#include "ledger/store/file_list.h"

#include <fmt/format.h>

#include <filesystem>

#include "ledger/crypto/encode.h"
#include "ledger/crypto/sha256.h"
#include "ledger/store/files.h"

namespace billing::store {
namespace {
namespace fs = std::filesystem;

constexpr std::size_t kSmallFileBytesMax = 4U << 20;
constexpr std::size_t kDigestDigits = 64;

bool listed(const std::string& name) {
  return name == "IDENTITY" || (name.starts_with("OPTIONS-") && !name.ends_with(".dbtmp"));
}

}  // namespace

Result<std::string> file_digest(const std::string& path) {
  BILLING_TRY(bytes, read_file(path, kSmallFileBytesMax));
  return crypto::hex(crypto::sha256(bytes));
}

// The form of sha256sum(1); a last comment line has the digest of the lines above it.
Result<void> write_file_list(const std::string& directory) {
  std::map<std::string, std::string> digests;
  std::error_code error;
  for (fs::directory_iterator entry(directory, error), end; !error && entry != end; entry.increment(error)) {
    const std::string name = entry->path().filename();
    if (!listed(name)) continue;
    BILLING_TRY(digest, file_digest(entry->path().string()));
    digests.emplace(name, digest);
  }
  if (error) return refuse(Code::kStorageFailure, fmt::format("cannot list {}: {}", directory, error.message()));
  std::string text;
  for (const auto& [name, digest] : digests) text += fmt::format("{}  {}\n", digest, name);
  text += fmt::format("# {}\n", crypto::hex(crypto::sha256(text)));
  return replace_file((fs::path(directory) / kFileListName).string(), text, kFileMode, kLeftOverSuffix);
}

Result<std::map<std::string, std::string>> read_file_list(const std::string& directory) {
  const std::string path = (fs::path(directory) / kFileListName).string();
  BILLING_TRY(text, read_file(path, kSmallFileBytesMax));
  const auto damaged = [&] { return refuse(Code::kCorruptRecord, fmt::format("{} is damaged", path)); };
  const std::size_t last_line_bytes = 2 + kDigestDigits + 1;
  if (text.size() < last_line_bytes) return damaged();
  const std::size_t end = text.size() - last_line_bytes;
  if (text.substr(end) != fmt::format("# {}\n", crypto::hex(crypto::sha256(text.substr(0, end))))) return damaged();
  std::map<std::string, std::string> digests;
  for (std::size_t begin = 0; begin < end;) {
    const std::size_t stop = text.find('\n', begin);
    if (stop - begin < kDigestDigits + 2) return damaged();
    digests.emplace(text.substr(begin + kDigestDigits + 2, stop - begin - kDigestDigits - 2),
                    text.substr(begin, kDigestDigits));
    begin = stop + 1;
  }
  return digests;
}

}  // namespace billing::store

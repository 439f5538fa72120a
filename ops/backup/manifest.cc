#include "ops/backup/manifest.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "ledger/crypto/encode.h"
#include "ledger/crypto/sha256.h"
#include "ops/backup/instant.h"
#include "ops/backup/names.h"

namespace billing::ops {
namespace {

constexpr std::string_view kFirstWords = "billing backup ";
constexpr std::string_view kVersion = "1";
constexpr std::size_t kDigits = 64;

bool is_digest(std::string_view text) {
  return text.size() == kDigits && std::ranges::all_of(text, [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

// A name that cannot lead out of a data directory.
bool is_file_name(std::string_view name) {
  const std::size_t slash = name.find('/');
  if (slash == std::string_view::npos) return false;
  const std::string_view folder = name.substr(0, slash);
  const std::string_view file = name.substr(slash + 1);
  if (folder != "ledger" && folder != "identity" && folder != "keys") return false;
  return !file.empty() && file.size() <= 255 && file.front() != '.' && std::ranges::all_of(file, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.';
  });
}

// All lines but the last.
std::string body_text(const Manifest& manifest) {
  std::string text = fmt::format("{}{}\nnumber {}\nmade {}\nproduct {}\nprevious {}\nposition {}\nhash {}\nnewest {}\nfiles {}\n",
                                 kFirstWords, kVersion, manifest.number, manifest.made.text(), manifest.product,
                                 manifest.previous, manifest.head.position, crypto::hex(manifest.head.hash),
                                 manifest.newest ? manifest.newest->text() : "none", manifest.files.size());
  for (const BackupFile& file : manifest.files) {
    text += fmt::format("{}  {}  {}  {}\n", file.sha256, file.name, file.bytes, file.modified_ns);
  }
  return text;
}

// Takes lines off the front of a text; the first one that is not as it must be fails the reader.
class Lines {
 public:
  explicit Lines(std::string_view text) : text_(text) {}
  bool ok() const { return ok_; }

  std::string_view line() {
    const std::size_t end = text_.find('\n');
    if (end == std::string_view::npos) {
      ok_ = false;
      return {};
    }
    const std::string_view line = text_.substr(0, end);
    text_.remove_prefix(end + 1);
    return line;
  }
  std::string_view value(std::string_view key) {
    const std::string_view one = line();
    if (!one.starts_with(key) || one.substr(key.size(), 1) != " ") {
      ok_ = false;
      return {};
    }
    return one.substr(key.size() + 1);
  }
  template <class Number>
  Number number(std::string_view digits) {
    Number value = 0;
    const auto [end, problem] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    ok_ = ok_ && problem == std::errc{} && end == digits.data() + digits.size();
    return value;
  }
  Instant instant(std::string_view text) {
    const auto parsed = parse_instant(text);
    ok_ = ok_ && parsed.has_value();
    return parsed.value_or(Instant{});
  }
  std::string digest(std::string_view text) {
    ok_ = ok_ && is_digest(text);
    return std::string(text);
  }
  BackupFile file() {
    const std::string_view one = line();
    const std::size_t name = one.find("  ");
    const std::size_t bytes = name == std::string_view::npos ? name : one.find("  ", name + 2);
    const std::size_t modified = bytes == std::string_view::npos ? bytes : one.find("  ", bytes + 2);
    if (modified == std::string_view::npos) {
      ok_ = false;
      return {};
    }
    BackupFile file{.name = std::string(one.substr(name + 2, bytes - name - 2)),
                    .bytes = number<std::uint64_t>(one.substr(bytes + 2, modified - bytes - 2)),
                    .modified_ns = number<std::int64_t>(one.substr(modified + 2)),
                    .sha256 = digest(one.substr(0, name))};
    ok_ = ok_ && is_file_name(file.name);
    return file;
  }

 private:
  std::string_view text_;
  bool ok_ = true;
};

std::unexpected<Error> damaged() { return refuse(Code::kCorruptRecord, "it is damaged"); }

}  // namespace

std::string manifest_digest(const Manifest& manifest) { return crypto::hex(crypto::sha256(body_text(manifest))); }

std::string manifest_text(const Manifest& manifest) {
  const std::string body = body_text(manifest);
  return fmt::format("{}# {}\n", body, crypto::hex(crypto::sha256(body)));
}

Result<Manifest> parse_manifest(std::string_view text) {
  Lines lines(text);
  const std::string_view first = lines.line();
  if (first.starts_with(kFirstWords) && first.substr(kFirstWords.size()) != kVersion) {
    return refuse(Code::kCorruptRecord, "it has a format that is not known: written by a newer version");
  }
  Manifest manifest;
  manifest.number = lines.number<std::uint64_t>(lines.value("number"));
  manifest.made = lines.instant(lines.value("made"));
  manifest.product = lines.value("product");
  manifest.previous = lines.digest(lines.value("previous"));
  manifest.head.position = lines.number<Position>(lines.value("position"));
  const auto hash = crypto::from_hex(lines.digest(lines.value("hash")));
  if (!lines.ok() || !hash) return damaged();
  std::ranges::copy(*hash, manifest.head.hash.begin());
  if (const std::string_view newest = lines.value("newest"); newest != "none") manifest.newest = lines.instant(newest);
  const auto count = lines.number<std::size_t>(lines.value("files"));
  for (std::size_t i = 0; lines.ok() && i < count; ++i) manifest.files.push_back(lines.file());
  // Written again it must be the same text: nothing is missing, nothing more, and the digest is right.
  if (!lines.ok() || manifest_text(manifest) != text) return damaged();
  const auto& files = manifest.files;
  if (std::ranges::adjacent_find(files, std::ranges::greater_equal{}, &BackupFile::name) != files.end()) return damaged();
  return manifest;
}

Result<std::string> readable_manifest_text(const Manifest& manifest) {
  std::string text = manifest_text(manifest);
  if (text.size() <= kManifestBytesMax && parse_manifest(text) == manifest) return text;
  const auto bad = std::ranges::find_if_not(manifest.files, is_file_name, &BackupFile::name);
  return refuse(Code::kCorruptRecord, bad == manifest.files.end()
                                          ? std::string("a manifest of this backup could not be read again")
                                          : fmt::format("{}: a backup cannot hold a file of this name", shown_name(bad->name)));
}

std::string backup_name(const Manifest& manifest) {
  std::string instant = manifest.made.text();
  std::erase_if(instant, [](char c) { return c == '-' || c == ':'; });
  return fmt::format("{}-{}", instant, manifest.head.position);
}

}  // namespace billing::ops

#include "ledger/store/witness.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <utility>

#include "ledger/crypto/sha256.h"
#include "ledger/store/files.h"
#include "ledger/store/record.h"

namespace billing::store {
namespace {

constexpr std::size_t kSlotBytes = 4096;  // a page each, so that one torn page cannot take both
constexpr std::string_view kMagic = "BLWITN1\n";
constexpr std::size_t kHeadBytes = 41;

std::string path_of(const std::string& directory) { return (std::filesystem::path(directory) / "witness").string(); }

// Magic, head, SHA-256 of both, zeros up to the slot's size.
std::string encode_slot(const Head& head) {
  std::string slot(kMagic);
  slot += encode_head(head);
  const Hash digest = crypto::sha256(slot);
  slot.append(reinterpret_cast<const char*>(digest.data()), digest.size());
  slot.resize(kSlotBytes, '\0');
  return slot;
}

std::optional<Head> decode_slot(std::string_view slot) {
  if (slot.size() != kSlotBytes || !slot.starts_with(kMagic)) return {};
  const auto head = decode_head(slot.substr(kMagic.size(), kHeadBytes));
  if (!head || encode_slot(*head) != slot) return {};
  return *head;
}

}  // namespace

Result<std::optional<Testimony>> read_witness(const std::string& directory) {
  const std::string path = path_of(directory);
  std::error_code ignored;
  if (!std::filesystem::exists(path, ignored)) return std::nullopt;
  BILLING_TRY(bytes, read_file(path, 64 * kSlotBytes));
  const std::string_view view = bytes;
  const auto first = decode_slot(view.substr(0, kSlotBytes));
  const auto second = decode_slot(view.substr(std::min(view.size(), kSlotBytes), kSlotBytes));
  if (!first && !second) {
    return refuse(Code::kCorruptRecord, fmt::format("{} is damaged: neither of its two places can be read", path));
  }
  Testimony testimony;
  testimony.damaged_slot = !first || !second || bytes.size() != 2 * kSlotBytes;
  testimony.head = !second || (first && first->position >= second->position) ? *first : *second;
  return testimony;
}

Result<Witness> Witness::create(const std::string& directory, const Head& head) {
  std::error_code error;
  std::filesystem::create_directories(directory, error);
  const std::string path = path_of(directory);
  BILLING_CHECK(replace_file(path, encode_slot(head) + encode_slot(head), kFileMode, kLeftOverSuffix));
  const int descriptor = ::open(path.c_str(), O_WRONLY | O_CLOEXEC);
  if (descriptor < 0) {
    return refuse(Code::kStorageFailure, fmt::format("cannot open {}: {}", path, std::strerror(errno)));
  }
  return Witness(descriptor, path);
}

Witness::~Witness() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

Witness::Witness(Witness&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)), path_(std::move(other.path_)), writes_(other.writes_) {}

Result<void> Witness::write(const Head& head) {
  const std::string slot = encode_slot(head);
  const off_t place = static_cast<off_t>((writes_++ % 2) * kSlotBytes);
  if (::pwrite(descriptor_, slot.data(), slot.size(), place) != static_cast<ssize_t>(slot.size()) ||
      ::fdatasync(descriptor_) != 0) {
    return refuse(Code::kStorageFailure, fmt::format("cannot write {}: {}", path_, std::strerror(errno)));
  }
  return {};
}

}  // namespace billing::store

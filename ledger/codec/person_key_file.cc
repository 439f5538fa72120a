#include "ledger/codec/person_key_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "ledger/base/descriptor.h"
#include "ledger/base/durable_file.h"
#include "ledger/crypto/aead.h"
#include "ledger/crypto/random.h"
#include "ledger/crypto/sha256.h"

namespace billing::codec {
namespace {

constexpr std::size_t kBlockBytes = 128;
constexpr std::size_t kSealedBytes = crypto::kNonceBytes + 32 + crypto::kTagBytes;
constexpr std::size_t kEpochFileBytes = 64;
constexpr std::string_view kKeysMagic{"BLPKEYS\x01", 8};
constexpr std::string_view kEpochMagic{"BLEPOCH\x01", 8};

std::string keys_path(const std::string& directory) { return directory + "/person.keys"; }
std::string epoch_path(const std::string& directory) { return directory + "/epoch.key"; }
std::string next_of(const std::string& path) { return path + ".next"; }

std::unexpected<Error> failed(std::string_view action, const std::string& path) {
  return refuse(Code::kStorageFailure, fmt::format("Could not {} {}: {}", action, path, std::strerror(errno)));
}
std::unexpected<Error> damaged(const std::string& path, std::string_view what) {
  return refuse(Code::kCorruptRecord, fmt::format("{}: {}", path, what));
}

constexpr ::mode_t kKeyMode = 0600;

Result<void> write_at(const Descriptor& file, std::string_view bytes, std::uint64_t offset, const std::string& path) {
  while (!bytes.empty()) {
    const ::ssize_t written = ::pwrite(file.get(), bytes.data(), bytes.size(), static_cast<::off_t>(offset));
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return failed("write", path);
    bytes.remove_prefix(static_cast<std::size_t>(written));
    offset += static_cast<std::uint64_t>(written);
  }
  if (::fsync(file.get()) != 0) return failed("sync", path);
  return {};
}

bool exists(const std::string& path) { return ::access(path.c_str(), F_OK) == 0; }

Result<std::string> read_file(const std::string& path, bool mend) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.valid()) return failed("open", path);
  struct ::stat status {};
  if (::fstat(file.get(), &status) != 0) return failed("read", path);
  if (mend && (status.st_mode & 0077U) != 0 && ::fchmod(file.get(), 0600) != 0) return failed("protect", path);
  std::string bytes(static_cast<std::size_t>(status.st_size), '\0');
  std::size_t done = 0;
  while (done < bytes.size()) {
    const ::ssize_t got = ::read(file.get(), bytes.data() + done, bytes.size() - done);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return failed("read", path);
    done += static_cast<std::size_t>(got);
  }
  return bytes;
}

std::string_view view(const PersonKey& key) { return {reinterpret_cast<const char*>(key.data()), key.size()}; }
PersonKey key_of(std::string_view bytes) {
  PersonKey key;
  std::memcpy(key.data(), bytes.data(), key.size());
  return key;
}

std::string digest_head(std::string_view bytes) {
  const crypto::Digest digest = crypto::sha256(bytes);
  return {reinterpret_cast<const char*>(digest.data()), 8};
}

std::string epoch_bytes(const Epoch& epoch) {
  std::string bytes(kEpochMagic);
  bytes.append(epoch.id.view()).append(view(epoch.key));
  return bytes.append(digest_head(bytes));
}

Result<Epoch> load_epoch(const std::string& path, bool mend) {
  BILLING_TRY(bytes, read_file(path, mend));
  const bool sound = bytes.size() == kEpochFileBytes && bytes.starts_with(kEpochMagic) &&
                     digest_head(std::string_view(bytes).substr(0, 56)) == bytes.substr(56);
  if (!sound) return damaged(path, "is not a sound epoch key");
  return Epoch{Uuid::from_bytes(std::string_view(bytes).substr(8, 16)), key_of(std::string_view(bytes).substr(24, 32))};
}

std::string person_context(const Epoch& epoch, std::uint64_t index, std::string_view person) {
  std::string context(epoch.id.view());
  for (unsigned i = 8; i-- > 0;) context.push_back(static_cast<char>(index >> (8 * i)));
  return context.append(person);
}

std::string person_block(const Epoch& epoch, std::uint64_t index, PersonId person, const PersonKey& key) {
  std::string block(person.uuid.view());
  block.append(crypto::seal(epoch.key, view(key), person_context(epoch, index, person.uuid.view())));
  block.resize(kBlockBytes, '\0');
  return block;
}

std::string first_block(const Epoch& epoch, const PersonKey& secret) {
  std::string block(kKeysMagic);
  block.append(epoch.id.view());
  block.append(crypto::seal(epoch.key, view(secret), block));
  block.resize(kBlockBytes, '\0');
  return block;
}

bool zeros(std::string_view bytes) { return bytes.find_first_not_of('\0') == std::string_view::npos; }

Result<void> read_first_block(std::string_view block, const std::string& path, KeyFile& file) {
  const auto secret = crypto::open(file.epoch.key, block.substr(24, kSealedBytes), block.substr(0, 24));
  if (!secret || secret->size() != file.digest_secret.size() || !zeros(block.substr(24 + kSealedBytes)))
    return damaged(path, "its first block is damaged");
  file.digest_secret = key_of(*secret);
  return {};
}

constexpr PersonKey kErasedKey{};

bool read_person_block(std::string_view block, std::uint64_t index, KeyFile& file) {
  const std::string_view person = block.substr(0, 16);
  const auto key =
      crypto::open(file.epoch.key, block.substr(16, kSealedBytes), person_context(file.epoch, index, person));
  if (!key || key->size() != sizeof(PersonKey) || !zeros(block.substr(16 + kSealedBytes))) return false;
  Person& known = file.persons[PersonId{Uuid::from_bytes(person)}];
  known.key = key_of(*key);
  if (*known.key == kErasedKey) known = {.key = std::nullopt, .erased = true};
  return true;
}

// Blocks up to a torn last one; anything else that does not open is damage.
Result<void> read_blocks(std::string_view bytes, const std::string& path, KeyFile& file) {
  if (bytes.size() < kBlockBytes) return damaged(path, "is shorter than its first block");
  BILLING_CHECK(read_first_block(bytes.substr(0, kBlockBytes), path, file));
  std::uint64_t& index = file.blocks = 1;
  for (; (index + 1) * kBlockBytes <= bytes.size(); ++index) {
    const std::string_view block = bytes.substr(index * kBlockBytes, kBlockBytes);
    if (read_person_block(block, index, file)) continue;
    const bool last = bytes.size() - index * kBlockBytes < 2 * kBlockBytes;
    if (last && zeros(bytes.substr(index * kBlockBytes))) break;
    return damaged(path, fmt::format("the block at byte {} is damaged", index * kBlockBytes));
  }
  return {};
}

// The epoch that wraps person.keys: the current one, or the next one when a rotation was cut off after its rename.
Result<Epoch> matching_epoch(const std::string& directory, std::string_view epoch_id, bool mend) {
  const std::string path = epoch_path(directory);
  const std::string next = next_of(path);
  if (exists(next)) {
    const auto epoch = load_epoch(next, mend);
    if (epoch && epoch->id.view() == epoch_id) {
      if (mend) BILLING_CHECK(rename_durably(next, path));
      return *epoch;
    }
    // Not in force: the rotation had not come to the rename of person.keys.
    if (mend && ::unlink(next.c_str()) != 0) return failed("remove", next);
  }
  if (!exists(path)) return damaged(path, "is missing, so person.keys cannot be read");
  BILLING_TRY(epoch, load_epoch(path, mend));
  if (epoch.id.view() != epoch_id) return damaged(keys_path(directory), "belongs to another epoch than epoch.key");
  return epoch;
}

}  // namespace

Epoch fresh_epoch() { return {Uuid{crypto::random_bytes<16>()}, crypto::random_bytes<32>()}; }

Result<std::optional<KeyFile>> load_key_file(const std::string& directory, bool mend) {
  const std::string path = keys_path(directory);
  if (!exists(path)) {
    // Without person.keys nothing was ever wrapped by an epoch that this directory finished making.
    if (exists(epoch_path(directory))) return damaged(path, "is missing beside epoch.key");
    return std::nullopt;
  }
  BILLING_TRY(bytes, read_file(path, mend));
  if (bytes.size() < kBlockBytes || !bytes.starts_with(kKeysMagic))
    return damaged(path, "is not a file of person keys of a version that this program knows");
  KeyFile file;
  BILLING_TRY(epoch, matching_epoch(directory, std::string_view(bytes).substr(8, 16), mend));
  file.epoch = epoch;
  BILLING_CHECK(read_blocks(bytes, path, file));
  const std::string next = next_of(path);
  if (mend && exists(next) && ::unlink(next.c_str()) != 0) return failed("remove", next);
  return file;
}

Result<void> replace_key_file(const std::string& directory, KeyFile& file) {
  if (::mkdir(directory.c_str(), 0700) != 0 && errno != EEXIST) return failed("create", directory);
  const std::string path = keys_path(directory);
  const std::string epoch = epoch_path(directory);
  std::string bytes = first_block(file.epoch, file.digest_secret);
  bytes.reserve((file.persons.size() + 1) * kBlockBytes);
  file.blocks = 1;
  for (const auto& [person, known] : file.persons) {
    if (known.erased) bytes.append(person_block(file.epoch, file.blocks++, person, kErasedKey));
    if (known.key) bytes.append(person_block(file.epoch, file.blocks++, person, *known.key));
  }
  BILLING_CHECK(write_file(next_of(epoch), epoch_bytes(file.epoch), kKeyMode));
  BILLING_CHECK(write_file(next_of(path), bytes, kKeyMode));
  BILLING_CHECK(sync_directory(directory));
  BILLING_CHECK(rename_durably(next_of(path), path));  // from here on the new pair is in force
  if (exists(epoch)) {
    // Overwritten before it is unlinked: on a plain disk nothing is left of the old key.
    const Descriptor old(::open(epoch.c_str(), O_WRONLY | O_CLOEXEC));
    if (!old.valid()) return failed("open", epoch);
    BILLING_CHECK(write_at(old, std::string(kEpochFileBytes, '\0'), 0, epoch));
  }
  return rename_durably(next_of(epoch), epoch);
}

Result<void> append_person_key(const std::string& directory, const Epoch& epoch, std::uint64_t index, PersonId person,
                               const PersonKey& key) {
  const std::string path = keys_path(directory);
  const Descriptor file(::open(path.c_str(), O_WRONLY | O_CLOEXEC));
  if (!file.valid()) return failed("open", path);
  return write_at(file, person_block(epoch, index, person, key), index * kBlockBytes, path);
}

}  // namespace billing::codec

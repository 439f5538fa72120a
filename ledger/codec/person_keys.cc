#include "ledger/codec/person_keys.h"

#include <mutex>
#include <shared_mutex>

#include "ledger/codec/person_key_file.h"
#include "ledger/crypto/encode.h"
#include "ledger/crypto/random.h"
#include "ledger/crypto/sha256.h"

namespace billing::codec {

// `writing_` orders the changes of the files; `reading_` guards the map, and is never held over a write to disk.
class PersonKeys::Impl {
 public:
  Impl(std::string directory, KeyFile file, std::uint64_t blocks)
      : directory_(std::move(directory)), digest_secret_(file.digest_secret), file_(std::move(file)), blocks_(blocks) {}

  std::optional<PersonKey> find(PersonId person) const {
    const std::shared_lock lock(reading_);
    const auto found = file_.keys.find(person);
    if (found == file_.keys.end()) return std::nullopt;
    return found->second;
  }

  Result<PersonKey> find_or_create(PersonId person) {
    const std::lock_guard writing(writing_);
    if (const auto known = find(person)) return *known;
    BILLING_CHECK(usable());
    const auto key = crypto::random_bytes<32>();
    if (!directory_.empty()) {
      const auto appended = append_person_key(directory_, file_.epoch, blocks_, person, key);
      broken_ = !appended.has_value();
      BILLING_CHECK(appended);
    }
    const std::unique_lock lock(reading_);
    ++blocks_;
    file_.keys.emplace(person, key);
    return key;
  }

  Result<void> erase(PersonId person) {
    const std::lock_guard writing(writing_);
    if (!find(person)) return {};
    BILLING_CHECK(usable());
    KeyFile next = file_;  // only writers change it, and they hold `writing_`
    next.keys.erase(person);
    next.epoch = fresh_epoch();
    if (!directory_.empty()) {
      const auto replaced = replace_key_file(directory_, next);
      broken_ = !replaced.has_value();
      BILLING_CHECK(replaced);
    }
    const std::unique_lock lock(reading_);
    file_ = std::move(next);
    blocks_ = file_.keys.size() + 1;
    return {};
  }

  std::string digest(std::string_view text) const {
    return crypto::hex(
        crypto::hmac_sha256({reinterpret_cast<const char*>(digest_secret_.data()), digest_secret_.size()}, text));
  }

 private:
  // After a failed write or sync nobody knows what the disk holds: nothing is written until the files are read again.
  Result<void> usable() const {
    if (broken_)
      return refuse(Code::kStorageFailure, "The person keys could not be written before; reopen them to go on.");
    return {};
  }

  const std::string directory_;
  const PersonKey digest_secret_;
  std::mutex writing_;
  mutable std::shared_mutex reading_;
  KeyFile file_;
  std::uint64_t blocks_;
  bool broken_ = false;
};

PersonKeys::PersonKeys(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
PersonKeys::~PersonKeys() = default;

Result<std::unique_ptr<PersonKeys>> PersonKeys::open(const std::string& directory) {
  std::uint64_t blocks = 1;
  KeyFile file;
  if (directory.empty()) {
    file.epoch = fresh_epoch();
    file.digest_secret = crypto::random_bytes<32>();
  } else {
    BILLING_TRY(loaded, load_key_file(directory, blocks));
    file = std::move(loaded);
  }
  return std::unique_ptr<PersonKeys>(
      new PersonKeys(std::make_unique<Impl>(directory, std::move(file), blocks)));
}

Result<PersonKey> PersonKeys::find_or_create(PersonId person) { return impl_->find_or_create(person); }
std::optional<PersonKey> PersonKeys::find(PersonId person) const { return impl_->find(person); }
Result<void> PersonKeys::erase(PersonId person) { return impl_->erase(person); }
std::string PersonKeys::digest(std::string_view text) const { return impl_->digest(text); }

}  // namespace billing::codec

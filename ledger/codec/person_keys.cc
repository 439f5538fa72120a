#include "ledger/codec/person_keys.h"

#include <algorithm>
#include <mutex>
#include <shared_mutex>

#include "ledger/codec/person_key_file.h"
#include "ledger/crypto/encode.h"
#include "ledger/crypto/random.h"
#include "ledger/crypto/sha256.h"

namespace billing::codec {

std::string fingerprint(const PersonKey& key) {
  const std::string_view bytes{reinterpret_cast<const char*>(key.data()), key.size()};
  const crypto::Digest digest = crypto::hmac_sha256(bytes, "billing person key");
  return {reinterpret_cast<const char*>(digest.data()), kFingerprintBytes};
}

// `writing_` orders the changes of the files; `reading_` guards the map, and is never held over a write to disk.
class PersonKeys::Impl {
 public:
  // Without a directory the keys are in memory alone.
  Impl(std::string directory, std::optional<KeyFile> file)
      : directory_(std::move(directory)), made_(file.has_value()), file_(file ? *std::move(file) : begun()) {}

  std::optional<PersonKey> find(PersonId person) const {
    const std::shared_lock lock(reading_);
    const auto found = file_.persons.find(person);
    return found == file_.persons.end() ? std::nullopt : found->second.key;
  }

  Result<void> check(PersonId person, std::string_view named) const {
    const std::shared_lock lock(reading_);
    const auto found = file_.persons.find(person);
    if (found != file_.persons.end()) {
      const auto& [key, erased] = found->second;
      if (erased || (key && fingerprint(*key) == named)) return {};
    }
    return refuse(Code::kCorruptRecord,
                  (directory_.empty() ? "" : directory_ + "/person.keys: ") + "the key of person " + person.text() +
                      (found == file_.persons.end() ? " is missing, and nothing says that it was erased"
                                                    : " is another one than the log names") +
                      ": restore person.keys and epoch.key from their backup; where there is none, `billing recover keys`");
  }

  Count count() const {
    const std::shared_lock lock(reading_);
    Count count;
    for (const auto& [person, known] : file_.persons) ++(known.key ? count.keys : count.erased);
    return count;
  }

  Result<void> keep() {
    const std::lock_guard writing(writing_);
    return make_files();
  }

  Result<PersonKey> find_or_create(PersonId person) {
    const std::lock_guard writing(writing_);
    BILLING_CHECK(read_again());
    if (const auto known = find(person)) return *known;
    const auto key = crypto::random_bytes<32>();
    if (!directory_.empty()) BILLING_CHECK(append(person, key));
    const std::unique_lock lock(reading_);
    ++file_.blocks;
    file_.persons[person].key = key;
    return key;
  }

  Result<void> erase(PersonId person) {
    const std::lock_guard writing(writing_);
    BILLING_CHECK(read_again());
    if (!find(person)) return {};
    KeyFile next = file_;  // only writers change it, and they hold `writing_`
    next.persons[person] = {.key = std::nullopt, .erased = true};
    next.epoch = fresh_epoch();
    if (!directory_.empty()) {
      const auto replaced = replace_key_file(directory_, next);
      broken_ = !replaced.has_value();
      BILLING_CHECK(replaced);
    }
    const std::unique_lock lock(reading_);
    file_ = std::move(next);
    return {};
  }

  Result<void> give_up(std::span<const PersonId> lost) {
    const std::lock_guard writing(writing_);
    BILLING_CHECK(read_again());
    KeyFile next = file_;
    for (const PersonId person : lost) next.persons[person].erased = true;
    next.epoch = fresh_epoch();
    if (!directory_.empty()) {
      const auto replaced = replace_key_file(directory_, next);
      broken_ = !replaced.has_value();
      BILLING_CHECK(replaced);
      made_ = true;
    }
    const std::unique_lock lock(reading_);
    file_ = std::move(next);
    return {};
  }

  std::string digest(std::string_view text) const {
    const std::shared_lock lock(reading_);
    const PersonKey& secret = file_.digest_secret;
    return crypto::hex(crypto::hmac_sha256({reinterpret_cast<const char*>(secret.data()), secret.size()}, text));
  }

 private:
  static KeyFile begun() {
    return {.epoch = fresh_epoch(), .digest_secret = crypto::random_bytes<32>(), .persons = {}, .blocks = 1};
  }

  Result<void> append(PersonId person, const PersonKey& key) {
    auto written = make_files();
    if (written) {
      written = append_person_key(directory_, file_.epoch, file_.blocks, person, key);
    }
    broken_ = !written.has_value();
    return written;
  }

  Result<void> make_files() {
    if (made_ || directory_.empty()) return {};
    BILLING_CHECK(replace_key_file(directory_, file_));
    made_ = true;
    return {};
  }

  // After a failed write or sync only the files themselves tell what the disk holds. What is known must be in them. They are
  // written anew: what is read may be in the kernel's memory alone, which after a failed sync it writes out no more.
  Result<void> read_again() {
    if (!broken_) return {};
    BILLING_TRY(read, load_key_file(directory_, true));
    if (!read && !made_) {
      broken_ = false;
      return {};
    }
    const bool whole = read && read->digest_secret == file_.digest_secret &&
                       std::ranges::all_of(file_.persons, [&](const auto& one) { return read->persons.contains(one.first); });
    if (!whole) return refuse(Code::kStorageFailure, directory_ + ": keys that were written are no longer there");
    read->epoch = fresh_epoch();
    BILLING_CHECK(replace_key_file(directory_, *read));
    const std::unique_lock lock(reading_);
    file_ = *std::move(read);
    made_ = true;
    broken_ = false;
    return {};
  }

  const std::string directory_;
  std::mutex writing_;  // guards made_ and broken_ too
  bool made_;           // there are files
  bool broken_ = false;
  mutable std::shared_mutex reading_;
  KeyFile file_;
};

PersonKeys::PersonKeys(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
PersonKeys::~PersonKeys() = default;

Result<std::unique_ptr<PersonKeys>> PersonKeys::open(const std::string& directory) {
  std::optional<KeyFile> file;
  if (!directory.empty()) {
    BILLING_TRY(loaded, load_key_file(directory, true));
    file = std::move(loaded);
  }
  return std::unique_ptr<PersonKeys>(new PersonKeys(std::make_unique<Impl>(directory, std::move(file))));
}

Result<std::unique_ptr<PersonKeys>> PersonKeys::open_copy(const std::string& directory) {
  BILLING_TRY(file, load_key_file(directory, false));
  return std::unique_ptr<PersonKeys>(new PersonKeys(std::make_unique<Impl>(std::string(), std::move(file))));
}

Result<void> PersonKeys::keep() { return impl_->keep(); }
Result<PersonKey> PersonKeys::find_or_create(PersonId person) { return impl_->find_or_create(person); }
std::optional<PersonKey> PersonKeys::find(PersonId person) const { return impl_->find(person); }
Result<void> PersonKeys::erase(PersonId person) { return impl_->erase(person); }
Result<void> PersonKeys::give_up(std::span<const PersonId> lost) { return impl_->give_up(lost); }
Result<void> PersonKeys::check(PersonId person, std::string_view named) const { return impl_->check(person, named); }
PersonKeys::Count PersonKeys::count() const { return impl_->count(); }
std::string PersonKeys::digest(std::string_view text) const { return impl_->digest(text); }

}  // namespace billing::codec

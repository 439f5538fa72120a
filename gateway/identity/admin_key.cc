#include "gateway/identity/admin_key.h"

#include <utility>

#include "gateway/identity/key_text.h"
#include "gateway/identity/secret_file.h"
#include "ledger/base/assert.h"
#include "ledger/crypto/encode.h"
#include "ledger/crypto/sha256.h"

namespace billing::identity {
namespace {

constexpr std::string_view kDigestFile = "/admin.key.sha256";
constexpr std::string_view kName = "admin-key";

std::string digest_of(std::string_view secret) { return crypto::hex(crypto::sha256(secret)); }

std::string without_line_end(std::string text) {
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) text.pop_back();
  return text;
}

// The key in "Bearer key": the scheme in any case (RFC 9110), one blank, and nothing else.
std::optional<std::string_view> bearer_key(std::string_view authorization) {
  constexpr std::string_view kScheme = "bearer ";
  if (authorization.size() != kScheme.size() + kKeyLength) return std::nullopt;
  for (std::size_t i = 0; i < kScheme.size(); ++i) {
    const char c = authorization[i];
    if ((c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c) != kScheme[i]) return std::nullopt;
  }
  return authorization.substr(kScheme.size());
}

}  // namespace

AdminKey::AdminKey(AdminKeyOptions options) : options_(std::move(options)), attempts_(options_.attempts) {}
AdminKey::~AdminKey() = default;

Result<std::unique_ptr<AdminKey>> AdminKey::open(AdminKeyOptions options) {
  BILLING_ASSERT(options.now != nullptr);
  std::unique_ptr<AdminKey> keys(new AdminKey(std::move(options)));
  BILLING_CHECK(keys->load());
  return keys;
}

namespace {

// The digest file: the digest in hex, a blank, and the first hex digits of the digest's own digest, which older files do not
// have. Nothing when there is no file.
constexpr std::size_t kCheckDigits = 8;
std::string digest_line(const std::string& digest) { return digest + " " + digest_of(digest).substr(0, kCheckDigits) + "\n"; }

Result<std::string> read_digest(const std::string& directory) {
  const std::string path = directory + std::string(kDigestFile);
  BILLING_TRY(stored, read_secret(path));
  if (!stored) return std::string();
  const std::string digest = stored->substr(0, 2 * sizeof(crypto::Digest));
  const auto bytes = crypto::from_hex(digest);
  const bool sound = bytes && bytes->size() == sizeof(crypto::Digest) && (*stored == digest + "\n" || *stored == digest_line(digest));
  if (!sound) {
    return refuse(Code::kCorruptRecord,
                  path + " is damaged: restore it from its backup, or delete it, which ends the admin key and gives a new "
                         "first-login link.");
  }
  return digest;
}

}  // namespace

Result<void> AdminKey::check_directory(const std::string& directory) {
  BILLING_CHECK(read_digest(directory));
  return {};
}

Result<void> AdminKey::load() {
  BILLING_CHECK(make_private_directory(options_.directory));
  BILLING_TRY(digest, read_digest(options_.directory));
  key_digest_ = std::move(digest);
  if (!options_.key_file.empty()) BILLING_CHECK(load_key_file());
  if (!key_digest_.empty() && !options_.new_link) return {};
  token_ = make_token();
  token_digest_ = digest_of(token_);
  token_expires_ = Instant{options_.now().micros + options_.link_life_micros};
  return {};
}

namespace {

// The key in the file; nothing when there is no file.
Result<std::optional<std::string>> read_key_file(const std::string& path) {
  BILLING_TRY(stored, read_secret(path));
  if (!stored) return std::nullopt;
  std::string key = without_line_end(std::move(*stored));
  if (!is_key(key))
    return refuse(Code::kConfiguration, path + " does not hold a key (blk_live_…): remove it to make one.");
  return key;
}

}  // namespace

Result<void> AdminKey::check_key_file(const std::string& path) {
  BILLING_CHECK(read_key_file(path));
  return {};
}

Result<void> AdminKey::load_key_file() {
  BILLING_TRY(stored, read_key_file(options_.key_file));
  const std::string key = stored ? *stored : make_key();
  if (!stored) BILLING_CHECK(write_secret(options_.key_file, key + "\n"));
  return digest_of(key) == key_digest_ ? Result<void>{} : keep(key);
}

Result<void> AdminKey::keep(std::string_view key) {
  std::string digest = digest_of(key);
  BILLING_CHECK(write_secret(options_.directory + std::string(kDigestFile), digest_line(digest)));
  key_digest_ = std::move(digest);
  return {};
}

std::optional<std::string> AdminKey::link_path() const {
  const std::lock_guard lock(mutex_);
  if (token_.empty()) return std::nullopt;
  return "/first-login?token=" + token_;
}

Result<std::string> AdminKey::redeem(std::string_view token, std::string_view remote_address) {
  const std::lock_guard lock(mutex_);
  const bool alive = !token_digest_.empty() && options_.now() < token_expires_;
  if (!alive || !crypto::equal_constant_time(digest_of(token), token_digest_))
    return refuse_attempt(remote_address, "This link was used, has expired or was never given: make a new one.");
  std::string key = make_key();
  if (options_.key_file.empty()) {
    BILLING_CHECK(keep(key));
  } else {
    BILLING_TRY(stored, read_secret(options_.key_file));
    if (!stored) return refuse(Code::kStorageFailure, "The key file is gone: restart the service to make another.");
    key = without_line_end(std::move(*stored));
  }
  token_digest_.clear();
  token_.clear();
  return key;
}

Result<Principal> AdminKey::authenticate(std::string_view authorization, std::string_view remote_address) {
  const auto key = bearer_key(authorization);
  const std::string digest = key && is_key(*key) ? digest_of(*key) : std::string();
  const std::lock_guard lock(mutex_);
  if (!key_digest_.empty() && !digest.empty() && crypto::equal_constant_time(digest, key_digest_)) {
    accepted_.fetch_add(1, std::memory_order_relaxed);
    return Principal{std::string(kName), CustomerId{}};
  }
  // A client that has not yet tried a key is told how, and is not counted as guessing.
  if (authorization.empty()) {
    refused_.fetch_add(1, std::memory_order_relaxed);
    return refuse(Code::kUnauthenticated, "Send the header \"Authorization: Bearer blk_live_…\".");
  }
  return refuse_attempt(remote_address, digest.empty() ? "The Authorization header is not \"Bearer blk_live_…\"."
                                                       : "This key is not known.");
}

std::unexpected<Error> AdminKey::refuse_attempt(std::string_view remote_address, std::string detail) {
  if (!attempts_.record_failure(remote_address, options_.now())) {
    limited_.fetch_add(1, std::memory_order_relaxed);
    return refuse(Code::kTooManyRequests, "Too many failed attempts from this address: wait a minute.");
  }
  refused_.fetch_add(1, std::memory_order_relaxed);
  return refuse(Code::kUnauthenticated, std::move(detail));
}

IdentityCounters AdminKey::counters() const {
  return {accepted_.load(std::memory_order_relaxed), refused_.load(std::memory_order_relaxed),
          limited_.load(std::memory_order_relaxed)};
}

}  // namespace billing::identity

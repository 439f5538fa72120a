#include "ledger/crypto/aead.h"

#include <openssl/evp.h>

#include <limits>
#include <memory>

#include "ledger/base/assert.h"
#include "ledger/crypto/random.h"

namespace billing::crypto {
namespace {
struct FreeContext {
  void operator()(EVP_CIPHER_CTX* context) const { EVP_CIPHER_CTX_free(context); }
};
using Context = std::unique_ptr<EVP_CIPHER_CTX, FreeContext>;

unsigned char* bytes(char* text) { return reinterpret_cast<unsigned char*>(text); }
const unsigned char* bytes(const char* text) { return reinterpret_cast<const unsigned char*>(text); }

int length(std::size_t size) {
  BILLING_ASSERT(size <= static_cast<std::size_t>(std::numeric_limits<int>::max()));
  return static_cast<int>(size);
}
}  // namespace

std::string seal(const AeadKey& key, std::string_view plain, std::string_view associated) {
  std::string sealed(kNonceBytes + plain.size() + kTagBytes, '\0');
  unsigned char* const nonce = bytes(sealed.data());
  fill_random(std::span(nonce, kNonceBytes));
  unsigned char* const cipher = nonce + kNonceBytes;
  const Context context(EVP_CIPHER_CTX_new());
  int written = 0;
  BILLING_ASSERT(context != nullptr);
  BILLING_ASSERT(EVP_EncryptInit_ex(context.get(), EVP_aes_256_gcm(), nullptr, key.data(), nonce) == 1);
  if (!associated.empty()) {
    BILLING_ASSERT(EVP_EncryptUpdate(context.get(), nullptr, &written, bytes(associated.data()),
                                     length(associated.size())) == 1);
  }
  if (!plain.empty()) {
    BILLING_ASSERT(EVP_EncryptUpdate(context.get(), cipher, &written, bytes(plain.data()), length(plain.size())) == 1);
  }
  BILLING_ASSERT(EVP_EncryptFinal_ex(context.get(), cipher + plain.size(), &written) == 1);
  BILLING_ASSERT(EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_GET_TAG, kTagBytes, cipher + plain.size()) == 1);
  return sealed;
}

Result<std::string> open(const AeadKey& key, std::string_view sealed, std::string_view associated) {
  if (sealed.size() < kNonceBytes + kTagBytes) return refuse(Code::kCorruptRecord, "an encrypted text is cut short");
  const std::string_view cipher = sealed.substr(kNonceBytes, sealed.size() - kNonceBytes - kTagBytes);
  std::string tag(sealed.substr(sealed.size() - kTagBytes));
  std::string plain(cipher.size(), '\0');
  const Context context(EVP_CIPHER_CTX_new());
  int written = 0;
  BILLING_ASSERT(context != nullptr);
  BILLING_ASSERT(
      EVP_DecryptInit_ex(context.get(), EVP_aes_256_gcm(), nullptr, key.data(), bytes(sealed.data())) == 1);
  if (!associated.empty()) {
    BILLING_ASSERT(EVP_DecryptUpdate(context.get(), nullptr, &written, bytes(associated.data()),
                                     length(associated.size())) == 1);
  }
  if (!cipher.empty()) {
    BILLING_ASSERT(
        EVP_DecryptUpdate(context.get(), bytes(plain.data()), &written, bytes(cipher.data()), length(cipher.size())) == 1);
  }
  BILLING_ASSERT(EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_SET_TAG, kTagBytes, tag.data()) == 1);
  std::array<unsigned char, 16> rest{};
  if (EVP_DecryptFinal_ex(context.get(), rest.data(), &written) != 1) {
    return refuse(Code::kCorruptRecord, "an encrypted text was changed or belongs to another key");
  }
  return plain;
}

}  // namespace billing::crypto

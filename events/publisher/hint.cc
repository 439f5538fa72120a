#include "events/publisher/hint.h"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>

#include "events/publisher/wire.h"
#include "ledger/base/durable_file.h"
#include "ledger/crypto/encode.h"
#include "ledger/crypto/sha256.h"

namespace billing::publisher {
namespace {

constexpr std::string_view kMagic = "billing-kafka-hint-1";

std::string path_in(const std::string& directory) { return directory + "/kafka-hint"; }

std::string check_of(std::string_view body) {
  const crypto::Digest digest = crypto::sha256(body);
  return crypto::hex(std::span<const std::uint8_t>(digest));
}

}  // namespace

Hint::Hint(std::string directory, std::string topic) : directory_(std::move(directory)), topic_(std::move(topic)) {}

Result<std::optional<store::Head>> Hint::load() const {
  if (directory_.empty()) return std::nullopt;
  const std::string path = path_in(directory_);
  std::error_code error;
  if (!std::filesystem::exists(path, error) && !error) return std::nullopt;
  std::ifstream in(path, std::ios::binary);
  const std::string text((std::istreambuf_iterator<char>(in)), {});
  const std::size_t split = text.rfind("check ");
  if (!in || split == std::string::npos || text.substr(split) != "check " + check_of(text.substr(0, split)) + "\n")
    return refuse(Code::kCorruptRecord, "the file " + path + " cannot be read or was damaged");
  std::istringstream words(text);
  std::string magic, topic, hash;
  store::Head head;
  words >> magic >> topic >> head.position >> hash;
  const auto bytes = crypto::from_hex(hash);
  if (!words || magic != kMagic || !bytes || bytes->size() != head.hash.size())
    return refuse(Code::kCorruptRecord, "the file " + path + " is not a hint of this version");
  if (topic != topic_) return std::nullopt;
  std::memcpy(head.hash.data(), bytes->data(), head.hash.size());
  return head;
}

Result<void> Hint::note(const store::Head& head, bool now) {
  if (directory_.empty() || head == written_) return {};
  const auto time = std::chrono::steady_clock::now();
  if (!now && time - tried_ < std::chrono::seconds(1)) return {};
  tried_ = time;
  BILLING_CHECK(write(head));
  written_ = head;
  return {};
}

Result<void> Hint::write(const store::Head& head) const {
  std::ostringstream body;
  body << kMagic << '\n' << topic_ << '\n' << head.position << '\n' << hash_text(head.hash) << '\n';
  return replace_file(path_in(directory_), body.str() + "check " + check_of(body.str()) + "\n", 0600);
}

}  // namespace billing::publisher

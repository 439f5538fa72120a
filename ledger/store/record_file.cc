#include "ledger/store/record_file.h"

#include <fmt/format.h>
#include <rocksdb/file_checksum.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <fstream>
#include <memory>
#include <string_view>

namespace billing::store {
namespace {

constexpr std::size_t kBlockBytes = 32768;
constexpr std::size_t kHeaderBytes = 7;  // CRC-32C (4), length (2), type (1)
enum FragmentType : std::uint8_t { kFull = 1, kFirst = 2, kMiddle = 3, kLast = 4 };

std::unique_ptr<rocksdb::FileChecksumGenerator> generator() {
  static const auto factory = rocksdb::GetFileChecksumGenCrc32cFactory();
  return factory->CreateFileChecksumGenerator({"", rocksdb::kStandardDbFileChecksumFuncName});
}

std::uint32_t byte_at(std::string_view bytes, std::size_t i) { return static_cast<std::uint8_t>(bytes[i]); }

// As it stands in a fragment's header: rotated and shifted, since a CRC over bytes that have CRCs in them is weak.
std::uint32_t masked_crc(std::string_view bytes) {
  const auto checksum = generator();
  checksum->Update(bytes.data(), bytes.size());
  checksum->Finalize();
  const std::string big_endian = checksum->GetChecksum();
  std::uint32_t crc = 0;
  for (std::size_t i = 0; i < 4; ++i) crc = (crc << 8) | byte_at(big_endian, i);
  return ((crc >> 15) | (crc << 17)) + 0xa282ead8U;
}

bool all_zero(std::string_view bytes) {
  return std::all_of(bytes.begin(), bytes.end(), [](char c) { return c == '\0'; });
}

class RecordFile {
 public:
  explicit RecordFile(const std::string& path) : in_(path, std::ios::binary) {}
  bool opened() const { return in_.is_open(); }
  bool unreadable() const { return in_.bad(); }

  std::optional<RecordFileProblem> check() {
    std::string block(kBlockBytes, '\0');
    while (in_.read(block.data(), static_cast<std::streamsize>(block.size())) || in_.gcount() > 0) {
      const auto size = static_cast<std::size_t>(in_.gcount());
      const bool last = in_.peek() == std::char_traits<char>::eof();
      if (auto problem = check_block(std::string_view(block).substr(0, size), last)) return problem;
      offset_ += size;
    }
    if (within_record_) return torn(0, "the file ends within a record");
    return {};
  }

 private:
  std::optional<RecordFileProblem> check_block(std::string_view block, bool last) {
    std::size_t at = 0;
    while (at < block.size()) {
      const std::string_view rest = block.substr(at);
      if (kBlockBytes - at < kHeaderBytes) {
        if (!all_zero(rest)) return damaged(at, "the padding at the end of a block is not zero");
        return {};
      }
      if (all_zero(rest) && only_zeros_follow()) return torn(at, "the file ends in zeros");
      if (rest.size() < kHeaderBytes) return torn(at, "the file ends within a record's header");
      const std::size_t length = byte_at(rest, 4) | (byte_at(rest, 5) << 8);
      if (kHeaderBytes + length > kBlockBytes - at) return damaged(at, "a record is longer than its block");
      if (kHeaderBytes + length > rest.size()) {
        if (last) return torn(at, "the file ends within a record");
        return damaged(at, "a record is longer than its block");
      }
      if (auto problem = check_fragment(rest.substr(0, kHeaderBytes + length), at)) return problem;
      at += kHeaderBytes + length;
    }
    return {};
  }

  std::optional<RecordFileProblem> check_fragment(std::string_view fragment, std::size_t at) {
    std::uint32_t noted = 0;
    for (std::size_t i = 4; i > 0; --i) noted = (noted << 8) | byte_at(fragment, i - 1);
    if (masked_crc(fragment.substr(6)) != noted) return damaged(at, "a record's checksum is wrong");
    const std::uint32_t type = byte_at(fragment, 6);
    if (type < kFull || type > kLast) return damaged(at, fmt::format("a record has the unknown type {}", type));
    const bool continues = type == kMiddle || type == kLast;
    if (continues != within_record_) return damaged(at, "a part of a record is missing");
    within_record_ = type == kFirst || type == kMiddle;
    return {};
  }

  bool only_zeros_follow() {
    const auto place = in_.tellg();
    if (place < 0) {
      in_.clear();
      return true;  // this was the last block
    }
    bool zeros = true;
    char buffer[4096];
    while (zeros && (in_.read(buffer, sizeof buffer) || in_.gcount() > 0)) {
      zeros = all_zero({buffer, static_cast<std::size_t>(in_.gcount())});
    }
    in_.clear();
    in_.seekg(place);
    return zeros;
  }

  RecordFileProblem damaged(std::size_t at, std::string_view why) const {
    return {false, fmt::format("{}, at byte {}", why, offset_ + at)};
  }
  RecordFileProblem torn(std::size_t at, std::string_view why) const {
    return {true, fmt::format("{}, at byte {}", why, offset_ + at)};
  }

  std::ifstream in_;
  std::size_t offset_ = 0;
  bool within_record_ = false;
};

std::unexpected<Error> cannot_read(const std::string& path) {
  return refuse(Code::kStorageFailure, fmt::format("cannot read {}: {}", path, std::strerror(errno)));
}

}  // namespace

Result<std::optional<RecordFileProblem>> check_record_file(const std::string& path) {
  RecordFile file(path);
  if (!file.opened()) return cannot_read(path);
  auto problem = file.check();
  if (file.unreadable()) return cannot_read(path);
  return problem;
}

Result<std::string> file_crc32c(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) return cannot_read(path);
  const auto checksum = generator();
  std::string buffer(1U << 20, '\0');
  while (in.read(buffer.data(), static_cast<std::streamsize>(buffer.size())) || in.gcount() > 0) {
    checksum->Update(buffer.data(), static_cast<std::size_t>(in.gcount()));
  }
  if (in.bad()) return cannot_read(path);
  checksum->Finalize();
  return checksum->GetChecksum();
}

}  // namespace billing::store

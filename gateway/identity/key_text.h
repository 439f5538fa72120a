// How a bearer key is written: "blk_live_", 32 characters of base32 for 160 random bits, and 6 characters of checksum.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace billing::identity {

inline constexpr std::string_view kKeyPrefix = "blk_live_";
inline constexpr std::size_t kKeyLength = kKeyPrefix.size() + 32 + 6;

// A new random key. Any thread.
std::string make_key();
// True when `text` has the form of a key and its checksum fits. Says nothing about whether the key is known.
bool is_key(std::string_view text);
// 32 random characters of base32, for links.
std::string make_token();

}  // namespace billing::identity

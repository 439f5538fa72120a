#include "gateway/identity/attempts.h"

#include <arpa/inet.h>

#include <array>

#include "ledger/crypto/encode.h"

namespace billing::identity {

std::string attempt_key(std::string_view remote_address) {
  std::array<char, 16> bytes{};
  const std::string text(remote_address.substr(0, remote_address.find('%')));
  if (inet_pton(AF_INET6, text.c_str(), bytes.data()) != 1) return text;
  const std::string_view view(bytes.data(), bytes.size());
  const bool mapped = view.starts_with(std::string_view("\0\0\0\0\0\0\0\0\0\0\xff\xff", 12));
  return mapped ? crypto::hex(view) : crypto::hex(view.substr(0, 8));
}

bool Attempts::record_failure(std::string_view remote_address, Instant now) {
  std::string key = attempt_key(remote_address);
  if (const auto found = by_address_.find(key); found != by_address_.end()) {
    entries_.splice(entries_.begin(), entries_, found->second);
  } else {
    if (entries_.size() >= limits_.addresses_max) {
      by_address_.erase(entries_.back().address);
      entries_.pop_back();
    }
    entries_.push_front(Entry{key, now, 0});
    by_address_.emplace(std::move(key), entries_.begin());
  }
  Entry& entry = entries_.front();
  if (now.micros - entry.since.micros >= limits_.window_micros) {
    entry.since = now;
    entry.failures = 0;
  }
  if (entry.failures <= limits_.failures_max) ++entry.failures;
  return entry.failures <= limits_.failures_max;
}

}  // namespace billing::identity

#include "gateway/http/budget.h"

#include <algorithm>
#include <charconv>
#include <utility>

namespace billing::http {
namespace {

std::array<std::uint8_t, 16> mapped_bytes(const boost::asio::ip::address& address) {
  if (address.is_v6()) return address.to_v6().to_bytes();
  return boost::asio::ip::make_address_v6(boost::asio::ip::v4_mapped, address.to_v4()).to_bytes();
}

bool same_prefix(const std::array<std::uint8_t, 16>& a, const std::array<std::uint8_t, 16>& b, unsigned bits) {
  const unsigned whole = bits / 8;
  if (!std::equal(a.begin(), a.begin() + whole, b.begin())) return false;
  if (bits % 8 == 0) return true;
  const auto differ = static_cast<unsigned>(a.at(whole) ^ b.at(whole));
  return differ >> (8 - bits % 8) == 0;
}

// Adds, unless the sum would be more than `most`.
bool add_within(std::atomic<std::size_t>& count, std::size_t bytes, std::size_t most) {
  std::size_t now = count.load(std::memory_order_relaxed);
  do {
    if (bytes > most || now > most - bytes) return false;
  } while (!count.compare_exchange_weak(now, now + bytes, std::memory_order_relaxed));
  return true;
}

}  // namespace

std::string address_key(const boost::asio::ip::address& address) {
  const auto bytes = mapped_bytes(address);
  const bool v4 = address.is_v4() || address.to_v6().is_v4_mapped();
  return std::string(bytes.begin(), v4 ? bytes.end() : bytes.begin() + 8);
}

Result<Networks::Network> Networks::parse_one(std::string_view text) {
  const auto slash = text.find('/');
  boost::system::error_code failure;
  const auto address = boost::asio::ip::make_address(std::string(text.substr(0, slash)), failure);
  const unsigned most = !failure && address.is_v4() ? 32 : 128;
  unsigned bits = most;
  bool good = !failure;
  if (slash != std::string_view::npos) {
    const char* const end = text.data() + text.size();
    const auto [stop, problem] = std::from_chars(text.data() + slash + 1, end, bits);
    good = good && problem == std::errc() && stop == end && bits <= most;
  }
  if (!good) return refuse(Code::kConfiguration, "not an IP address, or one with a prefix length: " + std::string(text));
  return Network{mapped_bytes(address), bits + 128 - most};
}

Result<Networks> Networks::parse(std::string_view list) {
  Networks networks;
  while (!list.empty()) {
    const auto comma = list.find(',');
    BILLING_TRY(network, parse_one(list.substr(0, comma)));
    networks.networks_.push_back(network);
    if (comma == std::string_view::npos) return networks;
    list.remove_prefix(comma + 1);
    if (list.empty()) return refuse(Code::kConfiguration, "an address is missing after the last comma");
  }
  return networks;
}

bool Networks::contain(const boost::asio::ip::address& address) const {
  const auto bytes = mapped_bytes(address);
  return std::ranges::any_of(networks_, [&](const Network& one) { return same_prefix(one.bytes, bytes, one.bits); });
}

AddressUse* Budget::enter(const boost::asio::ip::address& address) {
  if (networks_.contain(address)) return &trusted_;
  const std::lock_guard lock(mutex_);
  AddressUse& use = by_address_[address_key(address)];
  if (use.connections >= limits_.connections_per_address) return nullptr;
  ++use.connections;
  return &use;
}

void Budget::leave(const boost::asio::ip::address& address, AddressUse* use) {
  if (use->trusted) return;
  const std::lock_guard lock(mutex_);
  if (--use->connections == 0) by_address_.erase(address_key(address));
}

Budget::Claim Budget::claim(AddressUse& use, std::size_t bytes, For what) {
  const bool answer = what == For::kAnswer;
  if (answer && !add_within(answers_, bytes, limits_.bytes - limits_.bytes / 4)) return Claim::kFull;
  auto claimed = Claim::kFull;
  if (add_within(bytes_, bytes, limits_.bytes)) {
    if (use.trusted || add_within(use.bytes, bytes, limits_.bytes_per_address)) return Claim::kGranted;
    bytes_.fetch_sub(bytes, std::memory_order_relaxed);
    claimed = Claim::kAddressFull;
  }
  if (answer) answers_.fetch_sub(bytes, std::memory_order_relaxed);
  return claimed;
}

void Budget::claim_always(AddressUse& use, std::size_t bytes, For what) {
  bytes_.fetch_add(bytes, std::memory_order_relaxed);
  if (what == For::kAnswer) answers_.fetch_add(bytes, std::memory_order_relaxed);
  if (!use.trusted) use.bytes.fetch_add(bytes, std::memory_order_relaxed);
}

void Budget::give_back(AddressUse& use, std::size_t bytes, For what) {
  bytes_.fetch_sub(bytes, std::memory_order_relaxed);
  if (what == For::kAnswer) answers_.fetch_sub(bytes, std::memory_order_relaxed);
  if (!use.trusted) use.bytes.fetch_sub(bytes, std::memory_order_relaxed);
}

}  // namespace billing::http

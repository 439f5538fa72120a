// What connections take together and by address: places, and bytes of bodies in memory. Internal to this folder.
#pragma once

#include <array>
#include <atomic>
#include <boost/asio/ip/address.hpp>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "ledger/base/error.h"

namespace billing::http {

// Addresses with a common prefix. An IPv4 address is taken as the IPv6 address that it is mapped to.
class Networks {
 public:
  // "10.0.0.0/8,2001:db8::1": addresses and prefixes; empty: none. Errors: kConfiguration.
  static Result<Networks> parse(std::string_view list);
  bool contain(const boost::asio::ip::address& address) const;

 private:
  struct Network {
    std::array<std::uint8_t, 16> bytes;
    unsigned bits;
  };
  static Result<Network> parse_one(std::string_view text);
  std::vector<Network> networks_;
};

struct BudgetLimits {
  std::size_t connections_per_address;
  std::size_t bytes;
  std::size_t bytes_per_address;
};

// What one address has, or all the trusted ones together.
struct AddressUse {
  std::size_t connections = 0;
  std::atomic<std::size_t> bytes{0};
  bool trusted = false;  // without limits of its own
};

// All of an IPv4 address, the first 64 bits of another: what counts as one address.
std::string address_key(const boost::asio::ip::address& address);

// Any thread. Claims take no lock.
class Budget {
 public:
  Budget(BudgetLimits limits, Networks trusted) : limits_(limits), networks_(std::move(trusted)) { trusted_.trusted = true; }
  Budget(const Budget&) = delete;
  Budget& operator=(const Budget&) = delete;

  // Takes a place for a connection from that address; null if the address has its share already. IPv6 counts by /64.
  AddressUse* enter(const boost::asio::ip::address& address);
  // Gives the place back; the connection's bytes have been given back before.
  void leave(const boost::asio::ip::address& address, AddressUse* use);

  // What the bytes are for. Answers get three quarters at most, so that clients that do not take theirs leave room for requests.
  enum class For : std::uint8_t { kRequest, kAnswer };
  enum class Claim : std::uint8_t { kGranted, kFull, kAddressFull };
  Claim claim(AddressUse& use, std::size_t bytes, For what);
  // For bytes that are there already and cannot be refused: they count, though they may go over the limits.
  void claim_always(AddressUse& use, std::size_t bytes, For what);
  void give_back(AddressUse& use, std::size_t bytes, For what);
  std::size_t bytes() const { return bytes_; }

 private:
  const BudgetLimits limits_;
  const Networks networks_;
  AddressUse trusted_;
  std::atomic<std::size_t> bytes_{0};
  std::atomic<std::size_t> answers_{0};  // of bytes_
  std::mutex mutex_;  // guards by_address_ and the counts of connections
  std::unordered_map<std::string, AddressUse> by_address_;
};

}  // namespace billing::http

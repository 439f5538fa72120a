// Strong ids. Inside: 16 bytes (a UUID, usually version 7). Outside: a prefix that names the kind and 26 characters of
// Crockford's base32, lower case, e.g. acc_01hzy3v8m4e6rt5k2xw9c7d0qf. An id of one kind is never taken for another.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <cstring>
#include <functional>
#include <span>
#include <string>
#include <string_view>

#include "ledger/base/date.h"
#include "ledger/base/error.h"

namespace billing {

struct Uuid {
  std::array<std::uint8_t, 16> bytes{};
  constexpr bool nil() const { return bytes == std::array<std::uint8_t, 16>{}; }
  friend constexpr auto operator<=>(const Uuid&, const Uuid&) = default;
  // A version 7 UUID (RFC 9562) from the time in milliseconds and ten random bytes.
  static Uuid v7(Instant time, const std::array<std::uint8_t, 10>& random);
  // The 16 bytes as a string_view, for keys.
  std::string_view view() const { return {reinterpret_cast<const char*>(bytes.data()), 16}; }
  // From exactly 16 bytes.
  static Uuid from_bytes(std::string_view sixteen_bytes);
};

// 26 characters of base32 for 16 bytes, and back. Error: kInvalidId (wrong length, character, or over 128 bits).
std::string base32(const Uuid& uuid);
// base32 into a buffer of the caller's, without allocating.
void write_base32(const Uuid& uuid, std::span<char, 26> out);
Result<Uuid> parse_base32(std::string_view text);

// The part of parse that does not depend on the kind. Errors: kInvalidId.
Result<Uuid> parse_id(std::string_view prefix, std::string_view text);
// prefix, "_" and base32; one allocation.
std::string id_text(std::string_view prefix, const Uuid& uuid);

template <class Tag>
struct Id {
  Uuid uuid;
  static constexpr std::string_view prefix() { return Tag::kPrefix; }
  bool nil() const { return uuid.nil(); }
  std::string text() const { return id_text(prefix(), uuid); }
  static Result<Id> parse(std::string_view text) {
    auto uuid = parse_id(prefix(), text);
    if (!uuid) return std::unexpected(uuid.error());
    return Id{*uuid};
  }
  friend constexpr auto operator<=>(const Id&, const Id&) = default;
};

#define BILLING_ID(name, prefix_text) \
  struct name##Tag {                  \
    static constexpr std::string_view kPrefix = prefix_text; \
  };                                  \
  using name = Id<name##Tag>
BILLING_ID(CustomerId, "cus");
BILLING_ID(AccountId, "acc");
BILLING_ID(InvoiceId, "inv");
BILLING_ID(CreditNoteId, "crn");
BILLING_ID(PaymentId, "pay");
BILLING_ID(DisputeId, "dsp");
BILLING_ID(GroupingId, "gpg");
BILLING_ID(GroupId, "grp");
BILLING_ID(UserId, "usr");
BILLING_ID(PersonId, "per");
BILLING_ID(RefundId, "rfd");
BILLING_ID(ChargebackId, "cbk");
BILLING_ID(ReturnId, "ret");
BILLING_ID(DepositId, "dep");
BILLING_ID(PlanId, "pln");
BILLING_ID(MethodId, "pmt");
BILLING_ID(UnbookedId, "ubk");
#undef BILLING_ID

// Position of a record in the log: 1 is the first; 0 means "before the first".
using Position = std::uint64_t;

struct UuidHash {
  // The bytes are random enough; fold two words.
  std::size_t operator()(const Uuid& uuid) const {
    std::uint64_t a = 0, b = 0;
    std::memcpy(&a, uuid.bytes.data(), 8);
    std::memcpy(&b, uuid.bytes.data() + 8, 8);
    return static_cast<std::size_t>((a * 0x9E3779B97F4A7C15ULL) ^ b);
  }
};

}  // namespace billing

template <>
struct std::hash<billing::Uuid> : billing::UuidHash {};
template <class Tag>
struct std::hash<billing::Id<Tag>> {
  std::size_t operator()(const billing::Id<Tag>& id) const { return billing::UuidHash{}(id.uuid); }
};

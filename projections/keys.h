// Keys of the views' rows: a byte for the table, then fields of fixed width, big-endian, so that byte order is order.
#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

#include "ledger/base/assert.h"
#include "ledger/base/date.h"
#include "ledger/base/ids.h"

namespace billing::views {

// Raised whenever a row's meaning or bytes change; tables of another version are dropped and rebuilt.
inline constexpr std::uint8_t kRowFormat = 8;

// The first byte of every key. The high half tells the view.
enum class Table : std::uint8_t {
  kCheckpoint = 0x01,
  kCustomer = 0x10,
  kCustomerByExternalId = 0x11,
  kAccount = 0x20,
  kAccountByNumber = 0x21,
  kChild = 0x22,
  kParent = 0x23,
  kAddress = 0x24,
  kFormerName = 0x25,
  kStanding = 0x26,
  kFigures = 0x30,
  kDayFigures = 0x31,
  kOpenShares = 0x32,
  kOpenItem = 0x40,
  kClosedItem = 0x41,
  kClosedDay = 0x42,
  kLatestDay = 0x43,
  kInvoice = 0x50,
  kInvoiceOfAccount = 0x51,
  kInvoiceOfCustomer = 0x52,
  kInvoiceByNumber = 0x53,
  kApplied = 0x54,
  kDispute = 0x55,
  kDisputeOfCustomer = 0x56,
  kDisputeOfInvoice = 0x57,
  kDraftLines = 0x58,
  kLinkedInvoice = 0x59,
  kReleaseOfInvoice = 0x5A,
  kOpenInvoiceOfAccount = 0x5B,
  kOpenInvoiceOfCustomer = 0x5C,
  kCreditNote = 0x60,
  kCreditNoteOfAccount = 0x61,
  kCreditNoteOfCustomer = 0x62,
  kPayment = 0x63,
  kPaymentOfAccount = 0x64,
  kPaymentOfCustomer = 0x65,
  kUsed = 0x66,
  kCreditHolder = 0x67,
  kCreditOfAccount = 0x68,
  kActivityOfAccount = 0x70,
  kActivityOfCustomer = 0x71,
  kGrouping = 0x80,
  kGroupingOfCustomer = 0x81,
  kGroup = 0x82,
  kMember = 0x83,
  kMonth = 0x90,
  kTrial = 0xA0,
  kUser = 0xB0,
  kUserOfCustomer = 0xB1,
  kContacts = 0xB2,
  kDeposit = 0xC0,
  kDepositOfAccount = 0xC1,
  kDepositOfCustomer = 0xC2,
  kPlan = 0xC3,
  kPlanOfAccount = 0xC4,
  kMethod = 0xC5,
  kMethodOfAccount = 0xC6,
  kAutopay = 0xC7,
  kPlanInvoice = 0xC8,
  kUnbooked = 0xD0,
  kUnbookedOpen = 0xD1,
  kUnbookedAll = 0xD2,
  kPeriod = 0xD3,
  kRevenueMonth = 0xD4,
  kOwed = 0xE0,
  kDisputedInvoice = 0xE1,
  kPayer = 0xE2,
  kDueInvoice = 0xE3,
  kEasedPayer = 0xE4,
  kOnceEasedPayer = 0xE5
};

// The name of the view that a table belongs to, e.g. "invoices"; "unknown" for a byte that is no table.
std::string_view view_name(std::uint8_t table);

// Builds a key from left to right, without allocating; a Key is a string_view wherever one is wanted.
class Key {
 public:
  // The longest text of the domain is 500 bytes; no key has more than one text and four ids.
  static constexpr std::size_t kSizeMax = 640;

  explicit Key(Table table) { push(static_cast<std::uint8_t>(table)); }
  Key(const Key& other) { raw(other); }
  Key& operator=(const Key& other) {
    if (this != &other) {
      size_ = 0;
      raw(other);
    }
    return *this;
  }
  Key& add(const Uuid& uuid) { return raw(uuid.view()); }
  template <class Tag>
  Key& add(const Id<Tag>& id) {
    return add(id.uuid);
  }
  // Days before 1970 sort before those after.
  Key& add(Date date) { return number(static_cast<std::uint32_t>(date.days) ^ 0x80000000U, 4); }
  Key& add(std::uint64_t value) { return number(value, 8); }
  Key& add(std::uint16_t value) { return number(value, 2); }
  Key& add(std::uint8_t value) { return number(value, 1); }
  Key& raw(std::string_view bytes) {
    BILLING_ASSERT(bytes.size() <= kSizeMax - size_);
    std::memcpy(bytes_.data() + size_, bytes.data(), bytes.size());
    size_ += bytes.size();
    return *this;
  }
  // Text of any length with an end, so that shorter sorts first. Texts of the domain hold no zero byte. Of a text that
  // is longer than any of the domain only the beginning counts: it finds nothing.
  Key& text(std::string_view text) {
    raw(text.substr(0, kTextMax));
    push(0);
    return *this;
  }
  std::size_t size() const { return size_; }
  std::string bytes() const { return std::string(std::string_view(*this)); }
  operator std::string_view() const { return {bytes_.data(), size_}; }  // NOLINT: a key is its bytes

 private:
  static constexpr std::size_t kTextMax = 512;
  void push(std::uint8_t byte) {
    BILLING_ASSERT(size_ < kSizeMax);
    bytes_[size_++] = static_cast<char>(byte);
  }
  Key& number(std::uint64_t value, int width) {
    for (int i = width - 1; i >= 0; --i) push(static_cast<std::uint8_t>((value >> (8 * i)) & 0xFFU));
    return *this;
  }
  std::array<char, kSizeMax> bytes_;  // the first size_ are the key
  std::size_t size_ = 0;
};

// Reads the fixed fields of a key from left to right. The key must be long enough for what is read.
class KeyReader {
 public:
  explicit KeyReader(std::string_view key, std::size_t skip = 1) : rest_(key.substr(skip)) {}
  template <class AnyId>
  AnyId id() {
    return AnyId{Uuid::from_bytes(take(16))};
  }
  Date date() { return {static_cast<std::int32_t>(static_cast<std::uint32_t>(number(4)) ^ 0x80000000U)}; }
  std::uint64_t u64() { return number(8); }
  std::uint16_t u16() { return static_cast<std::uint16_t>(number(2)); }
  std::string_view take(std::size_t n) {
    const std::string_view taken = rest_.substr(0, n);
    rest_.remove_prefix(n < rest_.size() ? n : rest_.size());
    return taken;
  }
  std::string_view rest() const { return rest_; }

 private:
  std::uint64_t number(std::size_t width) {
    std::uint64_t value = 0;
    for (const char c : take(width)) value = (value << 8U) | static_cast<std::uint8_t>(c);
    return value;
  }
  std::string_view rest_;
};

// The first key after all keys that begin with `prefix`; empty when there is none.
std::string prefix_end(std::string_view prefix);

// Lower-case hex.
std::string hex(std::string_view bytes);

// The text of a cursor: a place in a list, with a check that binds it to the list (its key's prefix or its name).
std::string cursor_text(std::string_view list, std::string_view place);
// The place again; "" for "". Error: kInvalidCursor for a cursor of another list or a changed one.
Result<std::string> cursor_place(std::string_view list, std::string_view cursor);

// Where a page begins: after a place of its list (after "", at the start), or back from it.
struct PageFrom {
  std::string place{};
  bool back = false;
};
// Error: kInvalidCursor, like cursor_place.
Result<PageFrom> page_from(std::string_view list, std::string_view cursor);
// The cursors of a page that was read from `from` on: `first` and `last` are the places of its first and last item in the
// list's order, both "" without an item; `more`: there are more items in the direction in which it was read.
struct PageEnds {
  std::string next{};
  std::string previous{};
};
PageEnds page_ends(std::string_view list, const PageFrom& from, bool more, std::string_view first, std::string_view last);

}  // namespace billing::views

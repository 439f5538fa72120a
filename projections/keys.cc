#include "projections/keys.h"

namespace billing::views {

std::string_view view_name(std::uint8_t table) {
  switch (table >> 4U) {
    case 0x0: return "checkpoint";
    case 0x1: return "customers";
    case 0x2: return "accounts";
    case 0x3: return "totals";
    case 0x4: return "items";
    case 0x5: return "invoices";
    case 0x6: return "credits";
    case 0x7: return "activity";
    case 0x8: return "groups";
    case 0x9: return "months";
    case 0xA: return "trial";
    case 0xB: return "people";
    case 0xC: return "arrangements";
    case 0xD: return "books";
    case 0xE: return "owed";
    default: return "unknown";
  }
}

std::string prefix_end(std::string_view prefix) {
  std::string end(prefix);
  while (!end.empty()) {
    if (static_cast<std::uint8_t>(end.back()) != 0xFF) {
      end.back() = static_cast<char>(static_cast<std::uint8_t>(end.back()) + 1);
      return end;
    }
    end.pop_back();
  }
  return end;
}

std::string hex(std::string_view bytes) {
  static constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  text.reserve(bytes.size() * 2);
  for (const char c : bytes) {
    text.push_back(kDigits[static_cast<std::uint8_t>(c) >> 4U]);
    text.push_back(kDigits[static_cast<std::uint8_t>(c) & 0xFU]);
  }
  return text;
}

namespace {

bool parse_hex(std::string_view text, std::string& bytes) {
  static constexpr std::string_view kDigits = "0123456789abcdef";
  bytes.clear();
  if (text.size() % 2 != 0) return false;
  for (std::size_t i = 0; i < text.size(); i += 2) {
    const std::size_t high = kDigits.find(text[i]), low = kDigits.find(text[i + 1]);
    if (high == std::string_view::npos || low == std::string_view::npos) return false;
    bytes.push_back(static_cast<char>(high * 16 + low));
  }
  return true;
}

constexpr std::size_t kCheckSize = 4;
constexpr std::size_t kPlaceMax = 512;

// FNV-1a over both: against mistakes, not against forgery, which would gain nothing.
std::string check_of(std::string_view list, std::string_view place) {
  std::uint32_t sum = 2'166'136'261U;
  for (const std::string_view part : {list, place}) {
    for (const char c : part) sum = (sum ^ static_cast<std::uint8_t>(c)) * 16'777'619U;
  }
  std::string bytes;
  for (unsigned shift = 0; shift < 32; shift += 8) bytes.push_back(static_cast<char>(sum >> shift));
  return bytes;
}

// A list as cursors that go back are bound to it.
std::string backwards(std::string_view list) { return std::string(list) + '<'; }

}  // namespace

std::string cursor_text(std::string_view list, std::string_view place) {
  return hex(std::string(place) + check_of(list, place));
}

Result<std::string> cursor_place(std::string_view list, std::string_view cursor) {
  std::string bytes;
  if (cursor.empty()) return bytes;
  if (parse_hex(cursor, bytes) && bytes.size() > kCheckSize && bytes.size() <= kPlaceMax + kCheckSize) {
    const std::string check = bytes.substr(bytes.size() - kCheckSize);
    bytes.resize(bytes.size() - kCheckSize);
    if (check == check_of(list, bytes)) return bytes;
  }
  return refuse(Code::kInvalidCursor, "use a cursor as it was given, with the list that gave it", "/cursor");
}

Result<PageFrom> page_from(std::string_view list, std::string_view cursor) {
  auto after = cursor_place(list, cursor);
  if (after) return PageFrom{*std::move(after), false};
  auto before = cursor_place(backwards(list), cursor);
  if (before) return PageFrom{*std::move(before), true};
  return std::unexpected(std::move(after.error()));
}

PageEnds page_ends(std::string_view list, const PageFrom& from, bool more, std::string_view first, std::string_view last) {
  PageEnds ends;
  if (last.empty()) return ends;
  // Where it was read from there is an item: the one that the cursor names.
  if (from.back || more) ends.next = cursor_text(list, last);
  if (from.back ? more : !from.place.empty()) ends.previous = cursor_text(backwards(list), first);
  return ends;
}

}  // namespace billing::views

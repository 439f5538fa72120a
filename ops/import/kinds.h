// What a file can hold: its kinds of objects, and the fields of each.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "ledger/base/error.h"

namespace billing::import {

enum class Kind : std::uint8_t {
  kAccounts, kContacts, kUsers, kGroups, kInvoices, kCreditNotes, kPayments, kDeposits, kRefunds, kChargebacks, kDisputes
};
inline constexpr std::size_t kKindCount = 11;
std::string_view kind_text(Kind kind);
// Error: kConfiguration.
Result<Kind> parse_kind(std::string_view text);
// All of them, for people: "accounts, contacts … or disputes".
std::string_view kinds_text();

inline bool is_document(Kind kind) { return kind == Kind::kInvoices || kind == Kind::kCreditNotes; }
// One object is all rows with its key, each of which is a line of it; else it is one row.
inline bool has_lines(Kind kind) { return is_document(kind) || kind == Kind::kContacts || kind == Kind::kGroups; }

// kMoney: an amount of the import's currency, whose sign or code may stand with it. kPrice: the same with up to nine
// places. kDecimal: a number without a currency. kRate: a fraction, or per cent.
enum class Form : std::uint8_t { kText, kDate, kMoney, kPrice, kDecimal, kRate, kInteger, kFlag, kCurrency };

// What a row has to say. kColumn: the file has the column and each row says something. kFilled, of dates: each row says
// something where there is the column; a file without it is of today.
enum class Need : std::uint8_t { kNothing, kFilled, kColumn };

// A field of a kind: its name in mappings, what its text is, and the columns that give it when no mapping does.
struct FieldKind {
  std::string_view name;
  Form form = Form::kText;
  std::array<std::string_view, 3> columns;  // the first that the file has; empty ones end the list
  Need need = Need::kNothing;
};
// The first is the key.
std::span<const FieldKind> fields_of(Kind kind);
// The fields of a line; none where the kind has no lines.
std::span<const FieldKind> line_fields(Kind kind);

}  // namespace billing::import

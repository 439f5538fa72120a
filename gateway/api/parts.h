// Parts that the bodies of several commands have: lines, money, allocations, settlements.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "gateway/api/fields.h"
#include "ledger/domain/payment.h"
#include "ledger/domain/types.h"

namespace billing::api {

// The document's lines under "lines", amounts in `currency`.
std::vector<Line> read_lines(Fields& body, Currency currency, bool required);

// An amount with its currency, which goes into `currency`; where that is known, both must be the same.
std::int64_t read_money(Fields& body, std::string_view name, std::optional<Currency>& currency);
std::optional<std::int64_t> read_optional_money(Fields& body, std::string_view name, std::optional<Currency>& currency);

// "allocations": each "invoice", "amount" and "account"; absent where it may be absent.
// With `received`, of money that is here, also "at_most".
std::optional<std::vector<payment::Instruction>> read_instructions(Fields& body, Currency currency, bool required,
                                                                   bool received = false);

// "settled": what moved at the bank, in its own currency.
std::optional<Settlement> read_settlement(Fields& body);

// "card", "bank_debit", …; required.
payment::Method read_method(Fields& body, std::string_view name = "method");

}  // namespace billing::api

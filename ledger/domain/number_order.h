// The order of document numbers: that of their series. INV-9 comes before INV-10, also where they were imported.
#pragma once

#include <compare>
#include <string_view>

namespace billing {

// The natural order: runs of digits are compared as numbers of any size, all else byte by byte, whatever the case of a to
// z. Numbers that differ in leading zeros or case only (INV-9, INV-09) are ordered as texts, so that two are equal only
// where the texts are. Total.
std::strong_ordering compare_numbers(std::string_view a, std::string_view b);

}  // namespace billing

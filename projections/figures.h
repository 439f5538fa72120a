// Figures of a node of the hierarchy: sums, and what is open by due day.
#pragma once

#include <vector>

#include "projections/model.h"

namespace billing::views {

// What is due on one day: minor units, the disputed part of them, and how many invoices have something open.
struct Due {
  Date due{};
  std::int32_t invoices = 0;
  std::int64_t open = 0;
  std::int64_t disputed = 0;
  bool zero() const { return invoices == 0 && open == 0 && disputed == 0; }
  static void fields(auto& row, auto& archive) { archive(row.due, row.invoices, row.open, row.disputed); }
};

// By how much what is owed on one due day (by payers) differs from what is open on it (of service accounts); mostly they
// are the same account, and there is no difference.
struct Owing {
  Date due{};
  std::int64_t open = 0;
  std::int64_t disputed = 0;
  bool zero() const { return open == 0 && disputed == 0; }
  static void fields(auto& row, auto& archive) { archive(row.due, row.open, row.disputed); }
};

// Which figures are wanted: without the due days a read of many nodes takes a third.
enum class Detail : std::uint8_t { kSums, kDues };

// What a node has, or by how much that changed on a day: both add up, in any order to the same. Amounts in minor units.
struct Figures {
  std::int64_t children = 0;  // accounts directly below
  Totals totals{};
  std::vector<Due> dues{};      // by day, none of zeros
  std::vector<Owing> owing{};   // likewise
  bool zero() const { return children == 0 && totals == Totals{} && dues.empty() && owing.empty(); }
  void add(const Due& due, int sign = 1);
  void add(const Owing& difference, int sign = 1);
  void add(const Figures& other, int sign = 1);
  static void sums(auto& row, auto& archive) {
    auto& t = row.totals;
    archive(row.children, t.billed, t.credited, t.paid, t.open, t.unapplied);
  }
  static void fields(auto& row, auto& archive) {
    sums(row, archive);
    archive(row.dues, row.owing);
  }
};

}  // namespace billing::views

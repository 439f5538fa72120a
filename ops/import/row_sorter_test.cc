#include "ops/import/row_sorter.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <utility>
#include <vector>

namespace billing::import {
namespace {

using Rows = std::vector<std::pair<std::string, std::string>>;

Rows sorted(const Rows& rows, std::size_t memory, std::size_t* runs = nullptr) {
  RowSorter sorter(testing::TempDir(), memory);
  for (const auto& [key, row] : rows) EXPECT_TRUE(sorter.add(key, row));
  EXPECT_TRUE(sorter.sort());
  Rows out;
  std::string_view key;
  std::string_view row;
  while (*sorter.next(key, row)) out.emplace_back(key, row);
  if (runs != nullptr) *runs = sorter.runs();
  return out;
}

RC_GTEST_PROP(RowSorter, SortsStablyWhateverFitsInMemory, ()) {
  const auto rows = *rc::gen::arbitrary<Rows>();
  Rows expected = rows;
  std::vector<std::size_t> order(rows.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::ranges::sort(order, {}, [&](std::size_t i) { return std::pair(rows[i].first, i); });
  for (std::size_t i = 0; i < order.size(); ++i) expected[i] = rows[order[i]];
  RC_ASSERT(sorted(rows, *rc::gen::element<std::size_t>(1, 200, 2'000, 1'000'000)) == expected);
}

TEST(RowSorter, MergesMoreRunsThanItKeepsOpen) {
  Rows rows;
  for (unsigned i = 0; i < 5'000; ++i) rows.emplace_back(big_endian(i * 7'919U % 100U), std::to_string(i));
  std::size_t runs = 0;
  const Rows out = sorted(rows, 2'000, &runs);
  EXPECT_GT(runs, 100U);
  EXPECT_EQ(out, sorted(rows, std::size_t{1} << 30U));
  EXPECT_TRUE(std::ranges::is_sorted(out, {}, [](const auto& row) { return std::pair(row.first, std::stoul(row.second)); }));
}

TEST(RowSorter, BigEndianTextsSortAsNumbers) { EXPECT_LT(big_endian(255), big_endian(256)); }

}  // namespace
}  // namespace billing::import

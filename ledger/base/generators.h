// Numbers for property tests: the whole range of int64, with the edges drawn often.
#pragma once

#include <rapidcheck.h>

#include <cstdint>
#include <limits>

namespace billing::test {

inline rc::Gen<std::int64_t> any_int64() {
  using Limits = std::numeric_limits<std::int64_t>;
  return rc::gen::weightedOneOf<std::int64_t>(
      {{4, rc::gen::arbitrary<std::int64_t>()},
       {2, rc::gen::resize(100, rc::gen::arbitrary<std::int64_t>())},
       {1, rc::gen::element<std::int64_t>(0, 1, -1, Limits::min(), Limits::min() + 1, Limits::max(),
                                          Limits::max() - 1)}});
}

// Zero or more; every size, with the largest value and zero drawn often.
inline rc::Gen<std::int64_t> any_weight() {
  return rc::gen::map(any_int64(), [](std::int64_t n) { return n & std::numeric_limits<std::int64_t>::max(); });
}

}  // namespace billing::test

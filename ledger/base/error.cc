#include "ledger/base/error.h"

#include <array>
#include <cstddef>

#include "ledger/base/assert.h"

namespace billing {
namespace {

struct Row {
  std::string_view text;
  ErrorKind kind;
  std::string_view title;
};

#define X(name, text, kind, title) Row{text, ErrorKind::kind, title},
constexpr auto kRows = std::to_array<Row>({BILLING_ERROR_CODES(X)});
#undef X

const Row& row(Code code) {
  const auto index = static_cast<std::size_t>(code);
  BILLING_ASSERT(index < kRows.size());
  return kRows[index];
}

}  // namespace

std::string_view code_text(Code code) { return row(code).text; }

std::string_view code_title(Code code) { return row(code).title; }

ErrorKind code_kind(Code code) { return row(code).kind; }

}  // namespace billing

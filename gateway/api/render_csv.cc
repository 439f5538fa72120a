#include "gateway/api/render_csv.h"

#include <algorithm>
#include <iterator>

#include "ledger/base/money.h"

namespace billing::api {
namespace {

// What spreadsheets pass over before they look for a formula: blanks of any width, and marks of no width.
constexpr std::string_view kBlanks[]{" ", "\t", "\r", "\n", "\u00A0", "\u2003", "\u200B", "\u3000", "\uFEFF"};
// Full-width signs count as their ASCII ones.
constexpr std::string_view kSigns[]{"=", "+", "-", "@", "\uFF1D", "\uFF0B", "\uFF0D", "\uFF20"};

// Whether a spreadsheet may take the text for a formula. A text that begins with a tab or a line end is one too: some
// programs cut there.
bool is_formula(std::string_view text) {
  if (text.starts_with('\t') || text.starts_with('\r')) return true;
  const auto begins = [&](std::string_view with) { return text.starts_with(with); };
  for (auto blank = std::ranges::find_if(kBlanks, begins); blank != std::end(kBlanks);
       blank = std::ranges::find_if(kBlanks, begins)) {
    text.remove_prefix(blank->size());
  }
  return std::ranges::any_of(kSigns, begins);
}

}  // namespace

void Csv::separate() {
  if (!first_) out_ += ',';
  first_ = false;
}

void Csv::header(std::initializer_list<std::string_view> names) {
  for (const auto name : names) plain(name);
  end_row();
}

void Csv::text(std::string_view value) {
  separate();
  const bool quoted = value.find_first_of(",\"\r\n") != std::string_view::npos;
  if (quoted) out_ += '"';
  if (is_formula(value)) out_ += '\'';
  for (const char c : value) {
    if (c == '"') out_ += '"';
    out_ += c;
  }
  if (quoted) out_ += '"';
}

void Csv::plain(std::string_view value) {
  separate();
  out_ += value;
}

void Csv::number(std::uint64_t value) { plain(std::to_string(value)); }

void Csv::amount(std::int64_t minor, Currency currency) { plain(amount_text(minor, currency)); }

void Csv::end_row() {
  out_ += "\r\n";
  first_ = true;
}

}  // namespace billing::api

#include "gateway/api/render_csv.h"

#include "ledger/base/money.h"

namespace billing::api {

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
  const bool formula = !value.empty() && std::string_view("=+-@\t\r").find(value.front()) != std::string_view::npos;
  const bool quoted = value.find_first_of(",\"\r\n") != std::string_view::npos;
  if (quoted) out_ += '"';
  if (formula) out_ += '\'';
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

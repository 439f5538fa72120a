#include "projections/draft_lines.h"

#include <algorithm>

namespace billing::views::draft_lines {
namespace {

struct DraftLine {
  AccountId account{};
  std::int64_t net = 0;
  std::int64_t tax = 0;             // as far as it is known
  std::uint32_t computed_taxes = 0;  // whose amounts the issue will say
  static void fields(auto& line, auto& archive) { archive(line.account, line.net, line.tax, line.computed_taxes); }
};

Key row_key(InvoiceId id) { return Key(Table::kDraftLines).add(id); }

DraftLine short_line(const Line& line) {
  const auto computed = std::ranges::count_if(line.taxes, [](const Tax& tax) { return tax.computed; });
  return {line.service_account, line.net, tax_of(line), static_cast<std::uint32_t>(computed)};
}

// The row is the lines one after the other, so that adding does not rewrite what is there.
void append(std::string& bytes, const DraftLine& line) {
  RowWriter writer(bytes);
  DraftLine::fields(line, writer);
}

std::vector<DraftLine> load(Rows& rows, const Key& key) {
  std::vector<DraftLine> lines;
  const std::string* bytes = rows.find(key);
  if (bytes == nullptr) return lines;
  RowReader reader(*bytes);
  while (reader.ok() && !reader.done()) DraftLine::fields(lines.emplace_back(), reader);
  if (!reader.ok()) rows.damaged(key);
  return lines;
}

void count(InvoiceRow& row, const DraftLine& line) {
  ShareRow& share = share_of(row, line.account);
  share.net += line.net;
  share.tax += line.tax;
  share.total += line.net + line.tax;
  row.net += line.net;
  row.tax += line.tax;
  row.total += line.net + line.tax;
  ++row.line_count;
}

void count_again(InvoiceRow& row, const std::vector<DraftLine>& lines) {
  row.shares.clear();
  row.net = row.tax = row.total = 0;
  row.line_count = 0;
  for (const DraftLine& line : lines) count(row, line);
}

}  // namespace

void add(InvoiceRow& row, InvoiceId id, const std::vector<Line>& lines, Rows& rows) {
  if (lines.empty()) return;
  std::string& bytes = rows.edit(row_key(id));
  for (const Line& line : lines) {
    const DraftLine added = short_line(line);
    append(bytes, added);
    count(row, added);
  }
}

void replace(InvoiceRow& row, const invoice::LinesReplaced& replaced, Rows& rows) {
  const Key key = row_key(replaced.id);
  std::vector<DraftLine> lines = load(rows, key);
  if (replaced.first > lines.size() || replaced.count > lines.size() - replaced.first) return rows.damaged(key);
  const auto first = lines.erase(lines.begin() + replaced.first, lines.begin() + replaced.first + replaced.count);
  std::vector<DraftLine> added;
  for (const Line& line : replaced.lines) added.push_back(short_line(line));
  lines.insert(first, added.begin(), added.end());
  count_again(row, lines);
  std::string& bytes = rows.edit(key);
  bytes.clear();
  for (const DraftLine& line : lines) append(bytes, line);
  if (lines.empty()) rows.erase(key);
}

void finish(InvoiceRow& row, InvoiceId id, const invoice::Issued* issued, Rows& rows) {
  const Key key = row_key(id);
  std::vector<DraftLine> lines = load(rows, key);
  rows.erase(key);
  if (issued == nullptr) return;
  auto amount = issued->computed_taxes.begin();
  for (DraftLine& line : lines) {
    for (std::uint32_t i = 0; i < line.computed_taxes && amount != issued->computed_taxes.end(); ++i) {
      line.tax += *amount++;
    }
  }
  count_again(row, lines);
}

}  // namespace billing::views::draft_lines

#include "ops/import/convert.h"

#include <algorithm>
#include <map>
#include <utility>
#include <vector>

#include "ledger/base/money.h"
#include "ops/import/columns.h"
#include "ops/import/command_file.h"
#include "ops/import/names.h"
#include "ops/import/row_reader.h"
#include "ops/import/row_sorter.h"

namespace billing::import {
namespace {

constexpr std::size_t kDocumentRowsMax = 100'000;
constexpr std::size_t kGroupingsMax = 1'000;
constexpr std::size_t kWriteBytes = std::size_t{256} << 10U;

// The command whose id stands for an object of the kind.
std::string_view command_of(Kind kind) {
  switch (kind) {
    case Kind::kAccounts: return "account.open";
    case Kind::kContacts: return "account.change_contacts";
    case Kind::kUsers: return "user.invite";
    case Kind::kGroups: return "grouping.add_group";
    case Kind::kInvoices: return "invoice.issue";
    case Kind::kCreditNotes: return "credit_note.issue";
    case Kind::kPayments: return "payment.record";
    case Kind::kDeposits: return "deposit.receive";
    case Kind::kRefunds: return "refund.request";
    case Kind::kChargebacks: return "chargeback.open";
    case Kind::kDisputes: return "dispute.open";
  }
  return {};
}

std::string line_text(std::uint64_t line) { return "line " + std::to_string(line); }

std::string said(const std::optional<std::string>& value) { return value ? "'" + value->substr(0, 40) + "'" : "nothing"; }

// The rows of one object while they come in.
struct Object {
  std::uint64_t first_line = 0;
  Tally tally;
  std::optional<Error> error;
  std::vector<std::optional<std::string>> head;
  std::vector<RowValues> lines;
};

class Conversion {
 public:
  Conversion(const Mapping& mapping, const ConvertOptions& options, Target target, Currency currency, const TakeLines& take)
      : mapping_(mapping), options_(options), target_(std::move(target)), currency_(currency), take_(take) {}

  Result<Converted> run(const std::string& given) {
    BILLING_CHECK(check_columns(mapping_, given, currency_));
    BILLING_CHECK(fixed());
    for (const Step& step : mapping_.steps) {
      BILLING_TRY(file, file_of(step, given));
      if (auto done = read(step, given); !done) return refuse(done.error().code, file + ": " + done.error().detail);
    }
    BILLING_CHECK(take_(std::exchange(buffer_, {})));
    return converted_;
  }

 private:
  // What the mapping itself makes.
  Result<void> fixed() {
    const Portion none{};
    if (mapping_.make_customer)
      BILLING_CHECK(write(command(0, none, customer_command(target_, mapping_.customer, mapping_.customer_name))));
    for (const FixedAccount& account : mapping_.accounts) {
      const auto given = [](const std::string& text) { return text.empty() ? std::nullopt : std::optional(text); };
      const RowValues row(fields_of(Kind::kAccounts),
                          {account.key, given(account.number), given(account.name), given(account.parent),
                           given(account.opened_on), std::nullopt, std::nullopt, std::nullopt, given(account.role)});
      BILLING_TRY(commands, commands_of(target_, Kind::kAccounts, row, {}));
      for (const std::string& one : commands) BILLING_CHECK(write(command(0, none, one)));
    }
    return {};
  }

  // Sorts the rows by key.
  Result<void> read(const Step& step, const std::string& given) {
    BILLING_TRY(file, open_step(step, given));
    BILLING_TRY(rows, read_step(step, currency_, file));
    RowSorter by_key(options_.folder, options_.memory_bytes_max / 2);
    RowSorter by_line(options_.folder, options_.memory_bytes_max / 2);
    ReadRow row;
    for (;;) {
      BILLING_TRY(any, rows.next(row));
      if (!any) break;
      if (++converted_.rows % kRowsPerReport == 0 && options_.progress && !options_.progress(file.read_bytes, file.bytes))
        return refuse(Code::kShuttingDown, "stopped");
      if (!row.key.empty()) {
        BILLING_CHECK(by_key.add(row.key, pack(row)));
        continue;
      }
      if (has_lines(step.kind))
        return refuse(Code::kMalformedBody, line_text(row.line) + ": " + row.error->detail +
                                                "; so it cannot be told whose line it is");
      Object object;
      add_row(step, std::move(row), object);
      BILLING_CHECK(close(step, {}, object, by_line));
    }
    BILLING_CHECK(gather(step, by_key, by_line));
    return write_all(by_line);
  }

  // Makes one object of the rows with one key.
  Result<void> gather(const Step& step, RowSorter& by_key, RowSorter& by_line) {
    BILLING_CHECK(by_key.sort());
    std::string_view key;
    std::string_view packed;
    std::string current;
    Object object;
    for (;;) {
      BILLING_TRY(any, by_key.next(key, packed));
      if (object.first_line != 0 && (!any || key != current)) {
        BILLING_CHECK(close(step, current, object, by_line));
        object = {};
      }
      if (!any) break;
      if (object.first_line == 0) current = key;
      add_row(step, unpack(packed), object);
    }
    return add_groupings(by_line);
  }

  // Writes objects in the order of their first rows.
  Result<void> write_all(RowSorter& by_line) {
    BILLING_CHECK(by_line.sort());
    std::string_view key;
    std::string_view lines;
    for (;;) {
      BILLING_TRY(any, by_line.next(key, lines));
      if (!any) return {};
      BILLING_CHECK(write(lines));
    }
  }

  void add_row(const Step& step, ReadRow row, Object& object) {
    ++object.tally.rows;
    const bool first = object.first_line == 0;
    const auto spoil = [&](const Error& error) {
      if (!object.error) object.error = Error{error.code, error.detail, {}};
    };
    const bool one_row = !has_lines(step.kind);
    if (row.error) {
      row.error->detail = place(row, object) + row.error->detail;
      spoil(*row.error);
    }
    if (first) {
      object.first_line = row.line;
      object.head = row.head;
    } else if (one_row && !step.distinct) {
      spoil({Code::kDuplicateKey, line_text(row.line) + " has the key of line " + std::to_string(object.first_line), {}});
    } else if (!row.error) {
      if (auto agreed = agree(step, row, object); !agreed) spoil(agreed.error());
    }
    if (first || !one_row || !step.distinct) add_amount(step.kind, row, object);
    if (!one_row && !object.error) {
      if (object.lines.size() == kDocumentRowsMax)
        spoil({Code::kTooManyLines, "a document has at most 100,000 rows", {}});
      else
        object.lines.emplace_back(line_fields(step.kind), std::move(row.lines));
    }
    if (object.error) object.lines.clear();
  }

  // Where in its object the row stands; a refusal names the first row anyway.
  static std::string place(const ReadRow& row, const Object& object) {
    return object.first_line == 0 || object.first_line == row.line ? std::string() : line_text(row.line) + ": ";
  }

  // What the row comes to, as far as it can be read.
  void add_amount(Kind kind, const ReadRow& row, Object& object) const {
    if (is_document(kind)) {
      const auto sum = line_sum(RowValues(line_fields(kind), row.lines), currency_);
      if (sum) return object.tally.add({0, *sum});
      if (!object.error) object.error = Error{sum.error().code, place(row, object) + sum.error().detail, {}};
    } else if (has_amount(kind)) {
      const RowValues values(fields_of(kind), row.head);
      const std::string* const amount = values.get("amount");
      if (amount == nullptr) return;
      if (const auto money = parse_money(*amount, currency_)) object.tally.add({0, money->minor});
    }
  }

  // Rows of one object say the same of it.
  Result<void> agree(const Step& step, ReadRow& row, Object& object) const {
    const auto kinds = fields_of(step.kind);
    for (std::size_t i = 0; i < kinds.size(); ++i) {
      if (row.head[i] == object.head[i]) continue;
      const auto spec = step.fields.find(kinds[i].name);
      const Ignore ignore = spec == step.fields.end() ? Ignore{} : spec->second.ignore;
      if (ignore.empty && !row.head[i]) continue;
      if (ignore.empty && !object.head[i]) {
        object.head[i] = std::move(row.head[i]);
        continue;
      }
      if (ignore.differing) continue;
      return refuse(Code::kInvalidParameter, line_text(row.line) + " says " + said(row.head[i]) + " for " +
                                                 std::string(kinds[i].name) + ", line " + std::to_string(object.first_line) +
                                                 " says " + said(object.head[i]));
    }
    return {};
  }

  Result<void> close(const Step& step, const std::string& key, Object& object, RowSorter& by_line) {
    Portion portion{step.kind, object.tally};
    auto commands = object.error ? std::unexpected(*object.error) : complete(step, object, portion.tally);
    Outcome& outcome = converted_.kinds[static_cast<std::size_t>(step.kind)];
    std::string text;
    if (commands) {
      outcome.booked.add(portion.tally);
      for (std::size_t i = 0; i < commands->size(); ++i)
        text += command(object.first_line, i + 1 == commands->size() ? portion : Portion{step.kind, {}}, (*commands)[i]);
    } else {
      outcome.refused.add(portion.tally);
      ++converted_.refused;
      const std::string id = key.empty() ? "" : command_id(command_of(step.kind), target_.name, key);
      if (!options_.ndjson) text = converted_refusal(object.first_line, portion, id, commands.error());
    }
    return text.empty() ? Result<void>{} : by_line.add(big_endian(object.first_line) + 'o', text);
  }

  // The commands of an object whose rows are all good.
  Result<std::vector<std::string>> complete(const Step& step, const Object& object, Tally& tally) {
    const RowValues head(fields_of(step.kind), object.head);
    if (is_document(step.kind)) {
      BILLING_TRY(total, document_total(object.lines, currency_));
      tally.amount = total;
      const std::string* const given = head.get("total");
      if (given != nullptr) {
        BILLING_TRY(money, parse_money(*given, currency_));
        if (money.minor != total)
          return refuse(Code::kSumMismatch, "the lines come to " + amount_text(total, currency_) + ", the file says " +
                                                amount_text(money));
      }
    }
    BILLING_TRY(commands, commands_of(target_, step.kind, head, object.lines));
    if (step.kind == Kind::kGroups) BILLING_CHECK(note_grouping(*head.get("grouping"), object.first_line));
    return commands;
  }

  // A grouping is made, unless it is named by its id.
  Result<void> note_grouping(const std::string& name, std::uint64_t line) {
    if (GroupingId::parse(name)) return {};
    if (!groupings_.contains(name) && groupings_.size() == kGroupingsMax)
      return refuse(Code::kTooManyItems, "the file has more than 1,000 groupings");
    auto& first = groupings_.try_emplace(name, line).first->second;
    first = std::min(first, line);
    return {};
  }

  // Each stands before the first group in it.
  Result<void> add_groupings(RowSorter& by_line) {
    for (const auto& [name, line] : std::exchange(groupings_, {}))
      BILLING_CHECK(by_line.add(big_endian(line), command(line, Portion{Kind::kGroups, {}}, grouping_command(target_, name))));
    return {};
  }

  std::string command(std::uint64_t line, const Portion& portion, std::string_view json) {
    ++converted_.commands;
    return options_.ndjson ? std::string(json) + '\n' : converted_line(line, portion, json);
  }
  Result<void> write(std::string_view lines) {
    buffer_ += lines;
    return buffer_.size() < kWriteBytes ? Result<void>{} : take_(std::exchange(buffer_, {}));
  }

  const Mapping& mapping_;
  const ConvertOptions& options_;
  const Target target_;
  const Currency currency_;
  const TakeLines& take_;
  std::map<std::string, std::uint64_t> groupings_;  // the first line that names each
  std::string buffer_;
  Converted converted_;
};

}  // namespace

Result<Target> target_of(const Mapping& mapping) {
  if (mapping.name.empty() || mapping.name.find_first_of("\n\r\t") != std::string::npos)
    return refuse(Code::kConfiguration,
                  "an import has a name, part of the ids of all that it loads: --name, or the mapping's name");
  if (!Currency::parse(mapping.currency))
    return refuse(Code::kConfiguration, "'" + mapping.currency + "' is no currency: --currency, or the mapping's currency");
  if (mapping.customer.empty())
    return refuse(Code::kConfiguration, "into which customer? --customer cus_…, or [customer] in the mapping");
  if (!mapping.make_customer && !CustomerId::parse(mapping.customer))
    return refuse(Code::kConfiguration, "'" + mapping.customer + "' is not the id of a customer (cus_…)");
  return Target{mapping.name, object_id<CustomerId>(mapping.name, mapping.customer), mapping.currency};
}

Result<Converted> convert(const Mapping& mapping, const std::string& file, const ConvertOptions& options,
                          const TakeLines& take) {
  BILLING_TRY(target, target_of(mapping));
  BILLING_TRY(currency, Currency::parse(mapping.currency));
  return Conversion(mapping, options, std::move(target), currency, take).run(file);
}

}  // namespace billing::import

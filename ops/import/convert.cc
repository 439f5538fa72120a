#include "ops/import/convert.h"

#include <utility>
#include <vector>

#include "ledger/base/currency.h"
#include "ops/import/command_file.h"
#include "ops/import/names.h"
#include "ops/import/row_reader.h"
#include "ops/import/row_sorter.h"

namespace billing::import {
namespace {

constexpr std::size_t kDocumentRowsMax = 100'000;
constexpr std::size_t kWriteBytes = std::size_t{256} << 10U;


std::string_view command_of(Kind kind) {
  switch (kind) {
    case Kind::kAccounts: return "account.open";
    case Kind::kInvoices: return "invoice.issue";
    case Kind::kCreditNotes: return "credit_note.issue";
    case Kind::kPayments: return "payment.record";
    case Kind::kDisputes: return "dispute.open";
  }
  return {};
}

// The rows of one document while they come in.
struct Document {
  std::uint64_t first_line = 0;
  std::optional<Error> error;
  std::optional<std::string> account;
  RowValues head;
  std::vector<RowValues> lines;
};

class Conversion {
 public:
  Conversion(const Mapping& mapping, const ConvertOptions& options, Target target, File& out)
      : mapping_(mapping), options_(options), target_(std::move(target)), out_(out) {}

  Result<Converted> run(const std::string& given) {
    BILLING_CHECK(fixed());
    for (const Step& step : mapping_.steps) {
      const std::string& file = step.file.empty() ? given : step.file;
      if (file.empty()) return refuse(Code::kConfiguration, "a step of the mapping names no file, and none was given");
      if (auto done = read_step(step, file); !done) return refuse(done.error().code, file + ": " + done.error().detail);
    }
    BILLING_CHECK(out_.write(std::exchange(buffer_, {})));
    return converted_;
  }

 private:
  Result<void> fixed() {
    if (mapping_.make_customer)
      BILLING_CHECK(command(0, customer_command(target_, mapping_.customer, mapping_.customer_name)));
    for (const FixedAccount& account : mapping_.accounts) {
      const auto given = [](const std::string& text) { return text.empty() ? std::nullopt : std::optional(text); };
      const RowValues row(fields_of(Kind::kAccounts),
                          {account.key, given(account.number), given(account.name), given(account.parent),
                           given(account.opened_on), std::nullopt, std::nullopt, std::nullopt, given(account.role)});
      BILLING_CHECK(command(0, row_command(target_, Kind::kAccounts, row)));
    }
    return {};
  }

  Result<void> read_step(const Step& step, const std::string& file) {
    BILLING_TRY(in, File::open(file, File::Mode::kRead));
    BILLING_TRY(size, in.size());
    std::uint64_t read = 0;
    BILLING_TRY(rows, RowReader::open(step, [&](char* into, std::size_t max) {
      auto n = in.read(into, max);
      if (n) read += *n;
      return n;
    }));
    RowSorter by_key(options_.folder, options_.memory_bytes_max / 2);
    const bool gather = is_document(step.kind) || step.distinct;
    ReadRow row;
    for (;;) {
      BILLING_TRY(any, rows.next(row));
      if (!any) break;
      if (++converted_.rows % kRowsPerReport == 0 && options_.progress && !options_.progress(read, size))
        return refuse(Code::kShuttingDown, "stopped");
      if (row.key.empty() || (!gather && row.error)) {
        BILLING_CHECK(refusal(row.line, step.kind, row.key, *row.error));
      } else if (gather) {
        BILLING_CHECK(by_key.add(row.key, pack(row)));
      } else {
        BILLING_CHECK(command(row.line, row_command(target_, step.kind, RowValues(fields_of(step.kind), row.head))));
      }
    }
    return gather ? gathered(step, by_key) : Result<void>{};
  }

  // Groups rows by key; then puts the groups in the order of their first rows.
  Result<void> gathered(const Step& step, RowSorter& by_key) {
    BILLING_CHECK(by_key.sort());
    RowSorter by_line(options_.folder, options_.memory_bytes_max / 2);
    std::string_view key;
    std::string_view packed;
    std::string current;
    Document document;
    bool open = false;
    for (;;) {
      BILLING_TRY(any, by_key.next(key, packed));
      if (open && (!any || key != current)) {
        BILLING_CHECK(close(step, current, document, by_line));
        document = {};
      }
      if (!any) break;
      if (!open || key != current) {
        current = key;
        document.first_line = 0;
      }
      open = true;
      add_row(step, unpack(packed), document);
    }
    BILLING_CHECK(by_line.sort());
    for (;;) {
      BILLING_TRY(any, by_line.next(key, packed));
      if (!any) return {};
      BILLING_CHECK(write(packed));
    }
  }

  void add_row(const Step& step, ReadRow row, Document& document) {
    const bool first = document.first_line == 0;
    if (!first && step.distinct && !is_document(step.kind)) return;
    if (row.error && !document.error) {
      document.error = std::move(row.error);
      document.error->detail = "line " + std::to_string(row.line) + ": " + document.error->detail;
    }
    RowValues head(fields_of(step.kind), std::move(row.head));
    if (is_document(step.kind)) {
      const std::string* const account = head.get("account");
      const auto payer = account != nullptr ? std::optional(*account) : std::nullopt;
      if (first) document.account = payer;
      if (payer != document.account && !document.error)
        document.error = Error{Code::kSumMismatch, "line " + std::to_string(row.line) + " names another account", {}};
      if (document.lines.size() == kDocumentRowsMax && !document.error)
        document.error = Error{Code::kTooManyLines, "a document has at most 100,000 rows", {}};
      if (!document.error) document.lines.emplace_back(line_fields(), std::move(row.lines));
    }
    if (first) {
      document.first_line = row.line;
      document.head = std::move(head);
    }
    if (document.error) document.lines.clear();
  }

  Result<void> close(const Step& step, const std::string& key, const Document& document, RowSorter& by_line) {
    std::string text;
    std::optional<Error> error = document.error;
    if (!error && is_document(step.kind)) {
      auto commands = document_commands(target_, step.kind, document.head, document.lines);
      if (commands) {
        for (const std::string& one : *commands) {
          text += line_text(document.first_line, one);
          ++converted_.commands;
        }
      } else {
        error = std::move(commands.error());
      }
    } else if (!error) {
      text = line_text(document.first_line, row_command(target_, step.kind, document.head));
      ++converted_.commands;
    }
    if (error) text = refusal_text(document.first_line, step.kind, key, *error);
    return text.empty() ? Result<void>{} : by_line.add(big_endian(document.first_line), text);
  }

  std::string line_text(std::uint64_t line, std::string_view json) const {
    return options_.ndjson ? std::string(json) + '\n' : converted_line(line, json);
  }
  std::string refusal_text(std::uint64_t line, Kind kind, std::string_view key, const Error& error) {
    ++converted_.refused;
    if (options_.ndjson) return {};
    return converted_refusal(line, key.empty() ? "" : command_id(command_of(kind), target_.name, key), error);
  }
  Result<void> command(std::uint64_t line, std::string_view json) {
    ++converted_.commands;
    return write(line_text(line, json));
  }
  Result<void> refusal(std::uint64_t line, Kind kind, std::string_view key, const Error& error) {
    return write(refusal_text(line, kind, key, error));
  }
  Result<void> write(std::string_view text) {
    buffer_ += text;
    return buffer_.size() < kWriteBytes ? Result<void>{} : out_.write(std::exchange(buffer_, {}));
  }

  const Mapping& mapping_;
  const ConvertOptions& options_;
  const Target target_;
  File& out_;
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

Result<Converted> convert(const Mapping& mapping, const std::string& file, const ConvertOptions& options, File& out) {
  BILLING_TRY(target, target_of(mapping));
  return Conversion(mapping, options, std::move(target), out).run(file);
}

}  // namespace billing::import

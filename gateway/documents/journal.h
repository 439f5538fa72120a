// The ledger as one plain-text journal that hledger, ledger and beancount all accept: for auditors and finance systems.
// What a line looks like, and why: README.md.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "ledger/domain/types.h"
#include "ledger/store/log.h"

namespace billing::documents {

// Takes the next piece of the text; pieces end at a line break. An error ends the export and is its answer.
using Sink = std::function<Result<void>(std::string_view)>;
// Called now and then, and at the end, with the positions done and to do.
using OnProgress = std::function<void(Position done, Position head)>;

// Posting dates, both included. With `to` alone the sums are the trial balance of that day; with `from` they are
// what was posted since.
struct JournalOptions {
  std::optional<Date> from;
  std::optional<Date> to;
};

struct JournalSummary {
  std::uint64_t transactions = 0;
  Position position = 0;  // the log's head when the export began: everything up to it was looked at
};

// Writes the stored postings of the log, in the order of the log, one transaction per event that has any. Holds one
// piece of some 64 KiB and one event in memory. Any thread. Errors: the sink's; kStorageFailure; kCorruptRecord, with
// the position, when a record cannot be read, does not balance or has postings without a currency or a date.
Result<JournalSummary> export_journal(const store::Log& log, const JournalOptions& options, const Sink& sink,
                                      const OnProgress& progress = {});

// "Assets:1100-Receivables": the journal's name of one of our ledgers.
std::string journal_account(Ledger ledger);

// Text that may stand between the quotes of a narration for all three programs: everything but printable ASCII, and
// `"`, `\`, `;`, `|` and `%`, as %XX for each byte. Reversible.
std::string narration_text(std::string_view text);

}  // namespace billing::documents

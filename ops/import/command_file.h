// The commands of an import in a file, read one by one and, after a lost connection, again from any of them.
//
// Two forms. NDJSON: what the caller wrote. Converted rows: each line is the row's line number, a tab, its portion (kind,
// rows and amount, each with a blank between) and a tab; then either the command, or "!", the refusal's code, a tab, the
// command's id, a tab and the reason, for rows that are no command.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "ledger/base/error.h"
#include "ops/import/files.h"
#include "ops/import/tally.h"

namespace billing::import {

// Why a row is not sent: a code as of the API's problems, and plain words.
struct RowRefusal {
  std::string code;
  std::string detail;
};

struct Item {
  std::uint64_t end_offset = 0;  // of the line after it
  std::uint64_t file_line = 0;   // its line in this file; the first is 1
  std::uint64_t line = 0;        // in the caller's own file
  std::string text;          // what is sent, without line feed
  std::string id;            // the command's; empty when it cannot be told
  std::optional<RowRefusal> refusal;  // it is not sent
  Portion portion;           // of converted rows
};

enum class FileForm { kNdjson, kConverted };

// Not thread-safe.
class CommandFile {
 public:
  // Errors: kStorageFailure.
  static Result<CommandFile> open(const std::string& path, FileForm form);
  CommandFile(CommandFile&&) noexcept;
  CommandFile& operator=(CommandFile&&) noexcept;
  ~CommandFile();

  // The next command; blank lines are none. A line over 1 MiB is given with a refusal and without its text.
  Result<std::optional<Item>> next();
  // Goes to the line at `offset`, whose number (the first is 1) is `line`; NDJSON counts from it.
  Result<void> seek(std::uint64_t offset, std::uint64_t line);
  std::uint64_t bytes() const;

 private:
  struct Impl;
  explicit CommandFile(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

std::string converted_line(std::uint64_t line, const Portion& portion, std::string_view command);
std::string converted_refusal(std::uint64_t line, const Portion& portion, std::string_view id, const Error& error);
// Such a line, without its line feed, read back; the offsets are not set.
Item parse_converted(std::string_view text);

}  // namespace billing::import

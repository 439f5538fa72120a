// `billing import`: reads CSV or NDJSON files and sends their commands to a running service, so that loading the same
// file twice changes nothing.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace billing::import {

// One flag of the command each (ops/import/README.md has the table).
struct ImportOptions {
  std::vector<std::string> files;  // what to load; may be empty when the mapping names its files
  std::string mapping_file;        // TOML; empty: the documented columns
  std::string kind;                // of CSV files without a mapping
  std::string name;                // part of every derived id; empty: the mapping's, else the file's name
  std::string currency;            // empty: the mapping's
  std::string customer;            // cus_…; empty: the mapping's
  std::string url = "http://127.0.0.1:8080";
  std::string key_file;            // holds the bearer key
  std::string work_dir;            // for state, refused rows and commands under way; empty: beside the input
  std::string acks_file;           // command id and position of every acknowledged command, synced; empty: none
  std::string write_file;          // writes the commands as NDJSON here and sends nothing
  bool dry_run = false;            // prints what would be booked and refused to standard output, and sends nothing
  std::vector<std::string> expect_rows;    // "5", or "invoices=5": else the file is refused before anything is sent
  std::vector<std::string> expect_totals;  // "12.50", or "invoices=12.50"
  bool restart = false;            // do not resume where an earlier run ended
  unsigned retry_seconds_max = 300;  // without any answer; then it gives up
  unsigned in_flight_max = 4'096;    // commands sent and not yet answered (1 to 65,536)
  std::size_t sort_memory_bytes_max = std::size_t{256} << 20U;  // rows held at once; the rest is sorted on disk
};

enum ExitCode : int { kExitDone = 0, kExitFailed = 1, kExitSomeRefused = 3 };

// Loads the files and returns the process's exit code. All files are read and checked before the first command is sent;
// progress and reasons go to standard error. SIGINT and SIGTERM
// end it (kExitFailed) with its state saved. One call at a time in a process.
int run_import(const ImportOptions& options);

}  // namespace billing::import

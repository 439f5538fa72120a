#include "ops/import/import.h"

#include <fmt/format.h>

#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <utility>

#include "ops/import/convert.h"
#include "ops/import/expect.h"
#include "ops/import/prepare.h"

namespace billing::import {
namespace {

std::atomic<bool> stopped{false};
static_assert(std::atomic<bool>::is_always_lock_free);

void on_signal(int /*number*/) { stopped = true; }

// Our handlers while an import runs; the ones before after it.
class Signals {
 public:
  Signals() {
    stopped = false;
    struct sigaction action {};
    action.sa_handler = on_signal;
    sigaction(SIGINT, &action, &interrupt_);
    sigaction(SIGTERM, &action, &terminate_);
  }
  ~Signals() {
    sigaction(SIGINT, &interrupt_, nullptr);
    sigaction(SIGTERM, &terminate_, nullptr);
  }
  Signals(const Signals&) = delete;
  Signals& operator=(const Signals&) = delete;

 private:
  struct sigaction interrupt_ {};
  struct sigaction terminate_ {};
};

class Import {
 public:
  Import(const ImportOptions& options, SenderOptions sender, Job job)
      : options_(options), sender_(std::move(sender)), job_(std::move(job)) {
    const std::filesystem::path path(job_.file);
    base_ = options.work_dir.empty() ? job_.file : (std::filesystem::path(options.work_dir) / path.filename()).string();
    sender_.state_file = base_ + ".import-state";
  }

  // Reads and checks all of the input; sends nothing.
  Result<void> prepare() {
    begin_ = std::chrono::steady_clock::now();
    BILLING_TRY(print, fingerprint(job_, options_));
    state_.fingerprint = std::move(print);
    state_.url = options_.url;
    resume();
    return make_commands();
  }

  // Forgets what prepare() made, as nothing is going to be sent.
  void abandon() const {
    if (made_) remove_file(commands_file());
  }

  // True when nothing was refused.
  Result<bool> send() {
    const FileForm form = job_.mapping ? FileForm::kConverted : FileForm::kNdjson;
    BILLING_TRY(commands, CommandFile::open(job_.mapping ? commands_file() : job_.file, form));
    BILLING_TRY(refused, RefusedFile::open(base_ + (job_.mapping ? ".refused.csv" : ".refused.ndjson"), form,
                                           state_.refused_bytes));
    BILLING_CHECK(save_state(sender_.state_file, state_));
    {
      Meter meter("import");
      BILLING_CHECK(send_commands(sender_, commands, refused, state_, stopped, meter));
    }
    remove_file(sender_.state_file);
    if (job_.mapping) remove_file(commands_file());
    report(refused);
    return state_.refused == 0;
  }

  // Writes the commands for reading; sends nothing.
  Result<bool> write_only() {
    if (!job_.mapping) return refuse(Code::kConfiguration, "--write is for CSV: this file holds commands already");
    BILLING_TRY(out, File::open(options_.write_file, File::Mode::kReplace));
    BILLING_TRY(converted, convert_to(folder_of(options_.write_file), true, [&](std::string_view lines) { return out.write(lines); }));
    fmt::print(stderr, "{}: {} commands from {} rows, {} refused\n", options_.write_file, converted.commands,
               converted.rows, converted.refused);
    return converted.refused == 0;
  }

  // Prints what would be refused, row by row, and what would be booked; sends nothing and leaves no file.
  Result<bool> dry_run() {
    if (!job_.mapping) return refuse(Code::kConfiguration, "--dry-run is for CSV: this file holds commands already");
    BILLING_TRY(converted, convert_to(folder_of(base_), false, print_refused));
    BILLING_TRY(currency, Currency::parse(job_.mapping->currency));
    fmt::print("{}: {} commands; this was a dry run, nothing was sent\n{}", job_.file, converted.commands,
               outcomes_text(converted.kinds, currency, false));
    return converted.refused == 0;
  }

 private:
  std::string commands_file() const { return base_ + ".import-commands"; }

  static std::string folder_of(const std::string& file) {
    const std::string folder = std::filesystem::path(file).parent_path().string();
    return folder.empty() ? "." : folder;
  }

  static Result<void> print_refused(std::string_view lines) {
    while (!lines.empty()) {
      const std::size_t end = lines.find('\n');
      const Item item = parse_converted(lines.substr(0, end));
      lines.remove_prefix(end + 1);
      if (item.refusal)
        fmt::print("{}, line {}: {}: {}\n", kind_text(item.portion.kind), item.line, item.refusal->code, item.refusal->detail);
    }
    std::fflush(stdout);
    return {};
  }

  // Takes over the state of an earlier run, where there is one of the same input.
  void resume() {
    if (options_.restart) return;
    const auto earlier = load_state(sender_.state_file);
    if (!earlier) return;
    const bool same = earlier->fingerprint == state_.fingerprint && earlier->url == state_.url;
    if (!same || (job_.mapping && !file_exists(commands_file()))) {
      fmt::print(stderr, "{}: an earlier run was of another input or service; starting from the beginning\n", job_.file);
      return;
    }
    state_ = *earlier;
    resumed_ = true;
    fmt::print(stderr, "{}: going on after {} commands that have their answers\n", job_.file, state_.answered());
  }

  Result<void> make_commands() {
    if (!job_.mapping || resumed_) return {};
    remove_file(sender_.state_file);  // of another file of commands
    made_ = true;
    BILLING_TRY(out, File::open(commands_file(), File::Mode::kReplace));
    BILLING_TRY(converted, convert_to(folder_of(base_), false, [&](std::string_view lines) { return out.write(lines); }));
    BILLING_CHECK(out.sync());
    fmt::print(stderr, "{}: {} commands from {} rows\n", job_.file, converted.commands, converted.rows);
    return {};
  }

  Result<Converted> convert_to(const std::string& folder, bool ndjson, const TakeLines& take) {
    Meter meter("reading");
    BILLING_TRY(expected, expectations(*job_.mapping, options_.expect_rows, options_.expect_totals));
    ConvertOptions options;
    options.folder = folder;
    options.memory_bytes_max = options_.sort_memory_bytes_max;
    options.ndjson = ndjson;
    std::uint64_t calls = 0;
    options.progress = [&](std::uint64_t done, std::uint64_t total) {
      meter.show(done, total, ++calls * kRowsPerReport, "rows", 0);
      return !stopped;
    };
    BILLING_TRY(converted, convert(*job_.mapping, job_.file == options_.mapping_file ? std::string() : job_.file, options, take));
    BILLING_TRY(currency, Currency::parse(job_.mapping->currency));
    if (auto good = check_expected(expected, converted.kinds, currency); !good)
      return refuse(good.error().code, job_.file + ": " + good.error().detail);
    return converted;
  }

  void report(const RefusedFile& refused) const {
    const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - begin_).count();
    fmt::print(stderr, "{}: {} commands in {}.{:01} s: {} new, {} already there, {} refused\n", job_.file,
               state_.answered(), ms / 1'000, ms / 100 % 10, state_.accepted - state_.repeated, state_.repeated,
               state_.refused);
    if (job_.mapping) {
      if (const auto currency = Currency::parse(job_.mapping->currency))
        fmt::print(stderr, "{}", outcomes_text(state_.kinds, *currency, true));
    }
    if (state_.refused > 0) fmt::print(stderr, "what was refused and why: {}\n", refused.path());
  }

  const ImportOptions& options_;
  SenderOptions sender_;
  Job job_;
  ImportState state_;
  std::string base_;
  bool resumed_ = false;
  bool made_ = false;  // the file of commands, in this run
  std::chrono::steady_clock::time_point begin_;
};

// Nothing of any file is sent before all files are read.
Result<bool> load_all(std::vector<Import>& imports) {
  for (Import& one : imports) {
    auto ready = one.prepare();
    if (ready) continue;
    for (const Import& other : imports) other.abandon();
    return std::unexpected(std::move(ready.error()));
  }
  bool none_refused = true;
  for (Import& one : imports) {
    BILLING_TRY(clean, one.send());
    none_refused = none_refused && clean;
  }
  return none_refused;
}

Result<bool> look_only(std::vector<Import>& imports, bool dry_run) {
  bool none_refused = true;
  for (Import& one : imports) {
    BILLING_TRY(clean, dry_run ? one.dry_run() : one.write_only());
    none_refused = none_refused && clean;
  }
  return none_refused;
}

Result<bool> run_all(const ImportOptions& options) {
  BILLING_TRY(jobs, plan(options));
  if (options.in_flight_max < 1 || options.in_flight_max > 65'536)
    return refuse(Code::kConfiguration, "--in-flight is 1 to 65536");
  SenderOptions sender;
  const bool write_only = !options.write_file.empty();
  const bool sends = !write_only && !options.dry_run;
  const bool expects = !options.expect_rows.empty() || !options.expect_totals.empty();
  if (write_only && options.dry_run) return refuse(Code::kConfiguration, "--write and --dry-run exclude each other");
  if (write_only && jobs.size() > 1) return refuse(Code::kConfiguration, "--write takes one file");
  if (expects && (jobs.size() > 1 || !jobs[0].mapping))
    return refuse(Code::kConfiguration, "--expect-rows and --expect-total take one file of rows, or one mapping");
  if (sends) {
    BILLING_CHECK(read_url(options.url, sender));
    BILLING_TRY(key, read_key(options.key_file));
    sender.key = std::move(key);
  }
  sender.in_flight_max = options.in_flight_max;
  sender.retry_seconds_max = options.retry_seconds_max;
  sender.acks_file = options.acks_file;
  std::vector<Import> imports;
  imports.reserve(jobs.size());
  for (Job& job : jobs) imports.emplace_back(options, sender, std::move(job));
  return sends ? load_all(imports) : look_only(imports, options.dry_run);
}

}  // namespace

int run_import(const ImportOptions& options) {
  const Signals signals;
  const auto done = run_all(options);
  if (!done) {
    fmt::print(stderr, "billing import: {}\n", done.error().detail);
    return kExitFailed;
  }
  return *done ? kExitDone : kExitSomeRefused;
}

}  // namespace billing::import

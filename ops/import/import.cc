#include "ops/import/import.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <atomic>
#include <charconv>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <utility>

#include "ledger/crypto/encode.h"
#include "ledger/crypto/sha256.h"
#include "ops/import/convert.h"
#include "ops/import/sender.h"

namespace billing::import {
namespace {

constexpr std::size_t kSmallFileMax = std::size_t{4} << 20U;

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

// One input: either a file of commands, or rows and their mapping.
struct Job {
  std::string file;                // shown; state and refused rows are called after it
  std::optional<Mapping> mapping;  // none: NDJSON
};

bool is_ndjson(std::string_view file) { return file.ends_with(".ndjson") || file.ends_with(".jsonl"); }

// What the flags say wins over the mapping's own words.
void overrule(Mapping& mapping, const ImportOptions& options) {
  if (!options.name.empty()) mapping.name = options.name;
  if (!options.currency.empty()) mapping.currency = options.currency;
  if (!options.customer.empty()) {
    mapping.customer = options.customer;
    mapping.make_customer = false;
  }
}

Result<std::vector<Job>> plan(const ImportOptions& options) {
  std::vector<Job> jobs;
  if (!options.mapping_file.empty()) {
    BILLING_TRY(mapping, read_mapping(options.mapping_file));
    overrule(mapping, options);
    if (options.files.size() > 1) return refuse(Code::kConfiguration, "with --mapping one file at most is given");
    jobs.push_back({options.files.empty() ? options.mapping_file : options.files[0], std::move(mapping)});
    return jobs;
  }
  if (options.files.empty()) return refuse(Code::kConfiguration, "no file: billing import FILE…, or --mapping FILE");
  for (const std::string& file : options.files) {
    if (is_ndjson(file)) {
      jobs.push_back({file, std::nullopt});
      continue;
    }
    if (options.kind.empty())
      return refuse(Code::kConfiguration,
                    file + ": what is in it? --kind, or --mapping FILE (or a name that ends in .ndjson)");
    BILLING_TRY(kind, parse_kind(options.kind));
    Mapping mapping;
    overrule(mapping, options);
    mapping.steps.emplace_back().kind = kind;
    jobs.push_back({file, std::move(mapping)});
  }
  return jobs;
}

Result<void> add_file(std::string& out, const std::string& file) {
  struct stat status {};
  if (::stat(file.c_str(), &status) != 0) return refuse(Code::kStorageFailure, file + " cannot be read");
  out += fmt::format("{}\n{} {}.{:09}\n", file, status.st_size, status.st_mtim.tv_sec, status.st_mtim.tv_nsec);
  return {};
}

// Says whether a state belongs to these files and this mapping.
Result<std::string> fingerprint(const Job& job, const ImportOptions& options) {
  std::string text;
  if (!job.mapping) {
    BILLING_CHECK(add_file(text, job.file));
  } else {
    if (!options.mapping_file.empty()) {
      BILLING_TRY(mapping, read_text(options.mapping_file, kSmallFileMax));
      text += mapping;
    }
    for (const std::string& word : {job.mapping->name, job.mapping->currency, job.mapping->customer}) text += '\n' + word;
    for (const Step& step : job.mapping->steps) {
      text += '\n' + std::string(kind_text(step.kind)) + ' ';
      const std::string& file = step.file.empty() ? job.file : step.file;
      if (auto added = add_file(text, file); !added) return std::unexpected(std::move(added.error()));
    }
  }
  return crypto::hex(crypto::sha256(text));
}

Result<void> read_url(const std::string& url, SenderOptions& sender) {
  const auto bad = [&] { return refuse(Code::kConfiguration, "'" + url + "' is not http://HOST:PORT"); };
  std::string_view rest = url;
  if (!rest.starts_with("http://")) return bad();
  rest.remove_prefix(7);
  if (rest.ends_with('/')) rest.remove_suffix(1);
  std::size_t colon = rest.rfind(':');
  if (rest.ends_with(']')) colon = std::string_view::npos;
  std::string_view host = rest.substr(0, colon);
  const std::string_view port = colon == std::string_view::npos ? "80" : rest.substr(colon + 1);
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), sender.port);
  if (host.empty() || host.find('/') != std::string_view::npos || error != std::errc{} ||
      end != port.data() + port.size() || sender.port == 0)
    return bad();
  sender.host = host;
  return {};
}

Result<std::string> read_key(const std::string& file) {
  if (file.empty()) return refuse(Code::kConfiguration, "--key-file is missing: a file that holds the bearer key");
  BILLING_TRY(text, read_text(file, 4'096));
  const std::size_t from = text.find_first_not_of(" \t\r\n");
  if (from == std::string::npos) return refuse(Code::kConfiguration, file + " holds no key");
  return text.substr(from, text.find_last_not_of(" \t\r\n") - from + 1);
}

class Import {
 public:
  Import(const ImportOptions& options, SenderOptions sender, Job job)
      : options_(options), sender_(std::move(sender)), job_(std::move(job)) {
    const std::filesystem::path path(job_.file);
    base_ = options.work_dir.empty() ? job_.file : (std::filesystem::path(options.work_dir) / path.filename()).string();
    sender_.state_file = base_ + ".import-state";
  }

  // True when nothing was refused.
  Result<bool> run() {
    begin_ = std::chrono::steady_clock::now();
    BILLING_TRY(print, fingerprint(job_, options_));
    ImportState state;
    state.fingerprint = std::move(print);
    state.url = options_.url;
    resume(state);
    BILLING_CHECK(make_commands());
    const FileForm form = job_.mapping ? FileForm::kConverted : FileForm::kNdjson;
    BILLING_TRY(commands, CommandFile::open(job_.mapping ? commands_file() : job_.file, form));
    BILLING_TRY(refused, RefusedFile::open(base_ + (job_.mapping ? ".refused.csv" : ".refused.ndjson"), form,
                                           state.refused_bytes));
    BILLING_CHECK(save_state(sender_.state_file, state));
    {
      Meter meter("import");
      BILLING_CHECK(send_commands(sender_, commands, refused, state, stopped, meter));
    }
    remove_file(sender_.state_file);
    if (job_.mapping) remove_file(commands_file());
    report(state, refused);
    return state.refused == 0;
  }

  // Writes the commands for reading; sends nothing.
  Result<bool> write_only() {
    if (!job_.mapping) return refuse(Code::kConfiguration, "--write is for CSV: this file holds commands already");
    BILLING_TRY(out, File::open(options_.write_file, File::Mode::kReplace));
    BILLING_TRY(converted, convert_to(out, true));
    fmt::print(stderr, "{}: {} commands from {} rows, {} refused\n", options_.write_file, converted.commands,
               converted.rows, converted.refused);
    return converted.refused == 0;
  }

 private:
  std::string commands_file() const { return base_ + ".import-commands"; }

  // Takes over the state of an earlier run, where there is one of the same input.
  void resume(ImportState& state) {
    if (options_.restart) return;
    const auto earlier = load_state(sender_.state_file);
    if (!earlier) return;
    const bool same = earlier->fingerprint == state.fingerprint && earlier->url == state.url;
    if (!same || (job_.mapping && !file_exists(commands_file()))) {
      fmt::print(stderr, "{}: an earlier run was of another input or service; starting from the beginning\n", job_.file);
      return;
    }
    state = *earlier;
    resumed_ = true;
    fmt::print(stderr, "{}: going on after {} commands that have their answers\n", job_.file, state.answered());
  }

  Result<void> make_commands() {
    if (!job_.mapping || resumed_) return {};
    remove_file(sender_.state_file);  // of another file of commands
    BILLING_TRY(out, File::open(commands_file(), File::Mode::kReplace));
    BILLING_TRY(converted, convert_to(out, false));
    BILLING_CHECK(out.sync());
    fmt::print(stderr, "{}: {} commands from {} rows\n", job_.file, converted.commands, converted.rows);
    return {};
  }

  Result<Converted> convert_to(File& out, bool ndjson) {
    Meter meter("reading");
    ConvertOptions options;
    const std::string folder = std::filesystem::path(ndjson ? options_.write_file : base_).parent_path().string();
    options.folder = folder.empty() ? "." : folder;
    options.memory_bytes_max = options_.sort_memory_bytes_max;
    options.ndjson = ndjson;
    std::uint64_t calls = 0;
    options.progress = [&](std::uint64_t done, std::uint64_t total) {
      meter.show(done, total, ++calls * kRowsPerReport, "rows", 0);
      return !stopped;
    };
    return convert(*job_.mapping, job_.file == options_.mapping_file ? std::string() : job_.file, options, out);
  }

  void report(const ImportState& state, const RefusedFile& refused) const {
    const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - begin_).count();
    fmt::print(stderr, "{}: {} commands in {}.{:01} s: {} new, {} already there, {} refused\n", job_.file,
               state.answered(), ms / 1'000, ms / 100 % 10, state.accepted - state.repeated, state.repeated, state.refused);
    if (state.refused > 0) fmt::print(stderr, "what was refused and why: {}\n", refused.path());
  }

  const ImportOptions& options_;
  SenderOptions sender_;
  Job job_;
  std::string base_;
  bool resumed_ = false;
  std::chrono::steady_clock::time_point begin_;
};

Result<bool> run_all(const ImportOptions& options) {
  BILLING_TRY(jobs, plan(options));
  if (options.in_flight_max < 1 || options.in_flight_max > 65'536)
    return refuse(Code::kConfiguration, "--in-flight is 1 to 65536");
  SenderOptions sender;
  const bool write_only = !options.write_file.empty();
  if (write_only && jobs.size() > 1) return refuse(Code::kConfiguration, "--write takes one file");
  if (!write_only) {
    BILLING_CHECK(read_url(options.url, sender));
    BILLING_TRY(key, read_key(options.key_file));
    sender.key = std::move(key);
  }
  sender.in_flight_max = options.in_flight_max;
  sender.retry_seconds_max = options.retry_seconds_max;
  sender.acks_file = options.acks_file;
  bool none_refused = true;
  for (Job& job : jobs) {
    Import one(options, sender, std::move(job));
    BILLING_TRY(clean, write_only ? one.write_only() : one.run());
    none_refused = none_refused && clean;
  }
  return none_refused;
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

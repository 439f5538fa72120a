#include "ops/export.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <functional>
#include <optional>
#include <utility>

#include "gateway/documents/events.h"
#include "gateway/documents/journal.h"
#include "ops/progress.h"
#include "ops/store.h"

namespace billing::ops {
namespace {

Error problem_of(const std::string& what) { return {Code::kStorageFailure, what + ": " + std::strerror(errno), {}}; }

// Where the text goes: standard output, or a file that takes its name only when it is whole and durable.
class Output {
 public:
  static Result<Output> open(const std::string& name) {
    if (name.empty()) return Output({}, STDOUT_FILENO);
    const std::string part = name + ".part";
    const int file = ::open(part.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (file < 0) return std::unexpected(problem_of(part));
    return Output(name, file);
  }
  Output(Output&& other) noexcept : name_(std::move(other.name_)), file_(std::exchange(other.file_, -1)) {}
  Output(const Output&) = delete;
  Output& operator=(const Output&) = delete;
  Output& operator=(Output&&) = delete;
  ~Output() {
    if (!name_.empty() && file_ >= 0) ::close(file_);
  }

  std::string text() const { return name_.empty() ? "standard output" : name_; }

  Result<void> write(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t written = ::write(file_, bytes.data(), bytes.size());
      if (written < 0 && errno == EINTR) continue;
      if (written < 0) return std::unexpected(problem_of(text()));
      bytes.remove_prefix(static_cast<std::size_t>(written));
    }
    return {};
  }

  Result<void> finish() {
    if (name_.empty()) return {};
    if (::fsync(file_) != 0 || ::close(std::exchange(file_, -1)) != 0) return std::unexpected(problem_of(name_));
    if (::rename((name_ + ".part").c_str(), name_.c_str()) != 0) return std::unexpected(problem_of(name_));
    const std::string directory = std::filesystem::absolute(name_).parent_path();
    const int entry = ::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (entry < 0) return std::unexpected(problem_of(directory));
    const bool synced = ::fsync(entry) == 0;
    const Error problem = synced ? Error{} : problem_of(directory);
    ::close(entry);
    if (!synced) return std::unexpected(problem);
    return {};
  }

 private:
  Output(std::string name, int file) : name_(std::move(name)), file_(file) {}
  std::string name_;  // empty: standard output
  int file_;
};

// Exports with `write`, which says what it wrote in words.
using Write =
    std::function<Result<std::string>(const store::Log&, const documents::Sink&, const documents::OnProgress&)>;

Result<std::string> run(const Config& config, const ExportOrder& order, const std::string& what, const Write& write) {
  BILLING_TRY(log, open_log_for_reading(config));
  BILLING_TRY(output, Output::open(order.output));
  std::string counts;
  {
    Progress progress("exporting the " + what, "events");
    BILLING_TRY(written, write(*log, [&](std::string_view bytes) { return output.write(bytes); },
                               [&](Position done, Position head) { progress.show(done, head); }));
    counts = std::move(written);
  }
  BILLING_CHECK(output.finish());
  return counts + " written to " + output.text();
}

int report(const Result<std::string>& outcome) {
  fmt::print(stderr, "{}\n", outcome ? *outcome : outcome.error().detail);
  return outcome ? 0 : 1;
}

// False, with a word about it on standard error, when the text is not a date. An empty one is none.
bool read_date(std::string_view flag, const std::string& text, std::optional<Date>& date) {
  if (text.empty()) return true;
  const auto parsed = Date::parse(text);
  if (!parsed) {
    fmt::print(stderr, "{} {}: a date is a calendar day written as YYYY-MM-DD\n", flag, text);
    return false;
  }
  date = *parsed;
  return true;
}

}  // namespace

int export_journal(const Config& config, const ExportOrder& order) {
  documents::JournalOptions options;
  if (!read_date("--from", order.from, options.from) || !read_date("--to", order.to, options.to)) return 2;
  if (options.from && options.to && *options.to < *options.from) {
    fmt::print(stderr, "--to {} is before --from {}\n", order.to, order.from);
    return 2;
  }
  return report(run(config, order, "journal",
                    [&](const store::Log& log, const documents::Sink& sink,
                        const documents::OnProgress& progress) -> Result<std::string> {
                      BILLING_TRY(summary, documents::export_journal(log, options, sink, progress));
                      return fmt::format("{} transactions of positions 1 to {}", summary.transactions,
                                         summary.position);
                    }));
}

int export_events(const Config& config, const ExportOrder& order) {
  return report(run(config, order, "events",
                    [](const store::Log& log, const documents::Sink& sink,
                       const documents::OnProgress& progress) -> Result<std::string> {
                      BILLING_TRY(events, documents::export_events(log, sink, progress));
                      return fmt::format("{} events", events);
                    }));
}

}  // namespace billing::ops

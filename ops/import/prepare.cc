#include "ops/import/prepare.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <charconv>
#include <utility>

#include "ledger/crypto/encode.h"
#include "ledger/crypto/sha256.h"
#include "ops/import/files.h"

namespace billing::import {
namespace {

constexpr std::size_t kSmallFileMax = std::size_t{4} << 20U;

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

Result<void> add_file(std::string& out, const std::string& file) {
  struct stat status {};
  if (::stat(file.c_str(), &status) != 0) return refuse(Code::kStorageFailure, file + " cannot be read");
  out += fmt::format("{}\n{} {}.{:09}\n", file, status.st_size, status.st_mtim.tv_sec, status.st_mtim.tv_nsec);
  return {};
}

}  // namespace

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
  for (const auto* words : {&options.expect_rows, &options.expect_totals})
    for (const std::string& word : *words) text += "\nexpect " + word;
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

}  // namespace billing::import

// The one binary. Its commands are here; what they do is in the files beside this one.
#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <map>
#include <memory>

#include "ops/backup.h"
#include "ops/config.h"
#include "ops/export.h"
#include "ops/import/import.h"
#include "ops/prune.h"
#include "ops/recover.h"
#include "ops/restore.h"
#include "ops/serve.h"
#include "ops/settings.h"
#include "ops/verify.h"
#include "ops/version.h"

namespace {

using namespace billing;

// Flags of the settings that a command understands; those that were given override file and environment.
struct SettingFlags {
  std::string file;
  std::map<std::string, std::string, std::less<>> given;

  void add_to(CLI::App& command, const std::vector<std::string_view>& keys) {
    command.add_option("--config", file, "TOML file with settings; see `billing config print`")->envname("BILLING_CONFIG");
    for (const ops::Setting& setting : ops::all_settings()) {
      if (!keys.empty() && std::ranges::find(keys, setting.key) == keys.end()) continue;
      const std::string help = fmt::format("{} [{}; {}]", setting.help, setting.fallback.empty() ? "empty" : setting.fallback,
                                           ops::environment_name(setting));
      command.add_option_function<std::string>(
          std::string(setting.flag), [this, key = std::string(setting.key)](const std::string& value) { given[key] = value; },
          help);
    }
  }
  Result<ops::Settings> load() const {
    return ops::Settings::load(file.empty() ? std::nullopt : std::optional(file), given);
  }
  // Runs `action` with the checked configuration; exit code 2 when it is not valid.
  int with_config(const std::function<int(const ops::Config&)>& action) const {
    return with_both([&](const ops::Config& config, const ops::Settings&) { return action(config); });
  }
  // The same for what serves, or says whether one could: the files that it names are checked too.
  int with_service_config(const std::function<int(const ops::Config&, const ops::Settings&)>& action) const {
    return with_both([&](const ops::Config& config, const ops::Settings& settings) {
      const auto good = ops::check_files(config);
      return good ? action(config, settings) : not_valid(good.error());
    });
  }

 private:
  int with_both(const std::function<int(const ops::Config&, const ops::Settings&)>& action) const {
    auto settings = load();
    auto config = settings ? ops::interpret(*settings) : std::unexpected(settings.error());
    if (!config) return not_valid(config.error());
    return action(*config, *settings);
  }
  static int not_valid(const Error& error) {
    fmt::print(stderr, "{}\n", error.detail);
    return 2;
  }
};

const std::vector<std::string_view> kStoreKeys{"store.data", "store.witness_dir", "kafka.brokers", "kafka.topic"};

void add_config(CLI::App& app, SettingFlags& flags, std::function<int()>& run) {
  auto* config = app.add_subcommand("config", "Look at the configuration: file, then environment, then flags");
  config->require_subcommand(1);
  auto* check = config->add_subcommand("check", "Say whether the configuration is valid");
  flags.add_to(*check, {});
  check->callback([&] {
    run = [&] {
      return flags.with_service_config([](const ops::Config&, const ops::Settings&) {
        fmt::print("the configuration is valid\n");
        return 0;
      });
    };
  });
  auto* print = config->add_subcommand("print", "Print every setting as TOML, with its source; secrets of kafka.security are masked");
  flags.add_to(*print, {});
  print->callback([&] {
    run = [&] {
      auto settings = flags.load();
      if (!settings) {
        fmt::print(stderr, "{}\n", settings.error().detail);
        return 2;
      }
      fmt::print("{}", settings->print());
      return 0;
    };
  });
}

void add_import(CLI::App& app, import::ImportOptions& options, std::function<int()>& run) {
  auto* command = app.add_subcommand(
      "import",
      "Load CSV or NDJSON files into a running service; loading a file twice changes nothing.\n"
      "Exit codes: 0 all rows are in, 3 some were refused (see <file>.refused.*), 1 it could not finish: run it again");
  command->add_option("files", options.files, "CSV files, or NDJSON files of commands");
  command->add_option("--mapping", options.mapping_file, "TOML file that says which column is which field");
  command->add_option("--kind", options.kind,
                      "Of CSV without a mapping: accounts, contacts, users, groups, invoices, credit_notes, payments, "
                      "deposits, refunds, chargebacks or disputes");
  command->add_option("--name", options.name, "Name of this import; part of every id that it makes");
  command->add_option("--customer", options.customer, "Customer to load into (cus_…)");
  command->add_option("--currency", options.currency, "Currency of amounts that name none");
  command->add_option("--url", options.url, "The service")->capture_default_str();
  command->add_option("--key-file", options.key_file, "File with the bearer key");
  command->add_option("--work-dir", options.work_dir, "For state and refused rows; beside the input when absent");
  command->add_option("--acks", options.acks_file, "Write and sync every acknowledged command's id and position here");
  command->add_option("--write", options.write_file, "Write the commands as NDJSON here and send nothing");
  command->add_flag("--dry-run", options.dry_run, "Print what would be booked and what refused, and send nothing");
  command->add_option("--expect-rows", options.expect_rows,
                      "Refuse the file unless it has so many rows: N, or KIND=N for each kind of a mapping");
  command->add_option("--expect-total", options.expect_totals,
                      "Refuse the file unless its rows come to that: AMOUNT, or KIND=AMOUNT");
  command->add_flag("--restart", options.restart, "Begin again instead of going on where an earlier run stopped");
  command->add_option("--retry-seconds-max", options.retry_seconds_max, "Give up after so long without an answer")
      ->capture_default_str();
  command->add_option("--in-flight-max", options.in_flight_max, "Commands sent and not yet answered")
      ->capture_default_str();
  command->callback([&] { run = [&] { return import::run_import(options); }; });
}

void add_export(CLI::App& app, SettingFlags& flags, ops::ExportOrder& export_order, std::function<int()>& run) {
  auto* exported = app.add_subcommand("export", "Write the books of a stopped service for other programs");
  exported->require_subcommand(1);
  auto* journal = exported->add_subcommand("journal", "A journal that hledger, ledger and beancount read");
  flags.add_to(*journal, kStoreKeys);
  journal->add_option("--output,-o", export_order.output, "File to write; standard output when absent");
  journal->add_option("--from", export_order.from, "First posting date, YYYY-MM-DD");
  journal->add_option("--to", export_order.to, "Last posting date, YYYY-MM-DD");
  journal->callback([&] {
    run = [&] { return flags.with_config([&](const ops::Config& config) { return ops::export_journal(config, export_order); }); };
  });
  auto* events = exported->add_subcommand("events", "Every event as a line of JSON");
  flags.add_to(*events, kStoreKeys);
  events->add_option("--output,-o", export_order.output, "File to write; standard output when absent");
  events->callback([&] {
    run = [&] { return flags.with_config([&](const ops::Config& config) { return ops::export_events(config, export_order); }); };
  });

}

void add_recover(CLI::App& app, SettingFlags& flags, ops::RecoverOrder& order, std::function<int()>& run) {
  auto* recover = app.add_subcommand("recover", "Make anew what a stopped service has lost, after a proof that nothing else is");
  recover->require_subcommand(1);
  auto* witness = recover->add_subcommand(
      "witness", "The note of where the log ends. Checks the log, the views and the topic first; without --write it changes nothing");
  flags.add_to(*witness, kStoreKeys);
  witness->add_flag("--write", order.write, "Do it");
  witness->add_option("--lost-after", order.lost_after,
                      "Give up for ever what the witness saw behind this position, at which the log ends");
  witness->callback([&] {
    run = [&] { return flags.with_config([&](const ops::Config& config) { return ops::recover_witness(config, order); }); };
  });
  auto* keys = recover->add_subcommand(
      "keys", "Note of persons whose keys are lost, and in no backup, that they were erased; without --write it only counts them");
  flags.add_to(*keys, kStoreKeys);
  keys->add_flag("--write", order.write, "Do it: their names and contacts can never be read again");
  keys->callback([&] {
    run = [&] { return flags.with_config([&](const ops::Config& config) { return ops::recover_keys(config, order); }); };
  });
  auto* tail = recover->add_subcommand(
      "tail", "Bring back from the topic what a store is behind it, as after a restore; without --write it only says how much");
  flags.add_to(*tail, kStoreKeys);
  tail->add_flag("--write", order.write, "Do it");
  tail->callback([&] {
    run = [&] { return flags.with_config([&](const ops::Config& config) { return ops::recover_tail(config, order); }); };
  });
}

// Answers the command, which says whether it is the one that was given.
CLI::App* add_prune(CLI::App& backup, ops::PruneOrder& order, std::function<int()>& run) {
  auto* prune = backup.add_subcommand(
      "prune",
      "Remove old backups and the files that only they need; without --write it only says which. The newest one stays.\n"
      "Exit codes: 0 done or possible, 1 refused or not finished: run it again, 2 an option is not valid");
  prune->add_option("--to", order.to, "Directory of backups")->required();
  prune->add_option("--keep", order.keep, "So many of the newest stay")->check(CLI::PositiveNumber);
  prune->add_option("--keep-days", order.keep_days, "Those that were made within so many days stay")->check(CLI::PositiveNumber);
  prune->add_flag("--write", order.write, "Do it, once the newest backup is verified");
  prune->callback([&] { run = [&] { return ops::prune(order); }; });
  return prune;
}

void add_backup(CLI::App& app, SettingFlags& flags, ops::BackupOrder& order, ops::PruneOrder& prune_order,
                std::function<int()>& run) {
  auto* backup = app.add_subcommand(
      "backup",
      "Add a backup of a running or stopped service to a directory that holds many; files that it has are not copied again.\n"
      "Exit codes: 0 made, 1 not made and nothing is half done, 2 an option is not valid");
  flags.add_to(*backup, {"store.data", "store.witness_dir"});
  backup->add_option("--to", order.to, "Directory of backups; made when it is missing (required)");
  backup->add_option("--keys-to", order.keys_to,
                     "Directory for the person keys, apart from --to; only the newest copy stays there, so that an erasure holds");
  const CLI::App* const prune = add_prune(*backup, prune_order, run);
  backup->callback([&, prune] {
    if (prune->parsed()) return;
    run = [&] { return flags.with_config([&](const ops::Config& config) { return ops::backup(config, order); }); };
  });
}

void add_restore(CLI::App& app, SettingFlags& flags, ops::RestoreOrder& order, std::function<int()>& run) {
  auto* restore = app.add_subcommand(
      "restore",
      "Make a data directory from a backup; without --write it checks the backup and says what would be restored and lost.\n"
      "Exit codes: 0 done, possible or sound, 1 refused or not sound and nothing is restored, 2 an option is not valid");
  flags.add_to(*restore, {"store.data", "store.witness_dir"});
  restore->add_option("--from", order.from, "Directory of backups")->required();
  restore->add_option("--keys-from", order.keys_from, "Directory with the copy of the person keys");
  restore->add_option("--backup", order.backup, "Name of a backup; the newest when absent");
  restore->add_option("--at", order.at, "Leave out what was recorded after this instant in UTC, e.g. 2026-01-31T23:59:59Z");
  restore->add_option("--position", order.position, "Leave out what stands after this position")->check(CLI::PositiveNumber);
  restore->add_flag("--verify", order.verify, "Check the backup's every byte, record and balance, and restore nothing");
  restore->add_flag("--write", order.write, "Do it; --data must be empty or absent");
  restore->add_flag("--accept-broken-chain", order.accept_broken_chain,
                    "Go on although manifests of other backups are damaged, missing or exchanged");
  restore->callback([&] {
    run = [&] { return flags.with_config([&](const ops::Config& config) { return ops::restore(config, order); }); };
  });
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{
      "Billing Ledger: an event-sourced billing and receivables service.\n\n"
      "Start one with   billing serve --data ./billing-data\n"
      "load data with   billing import --help\n"
      "prove it with    billing verify --data ./billing-data"};
  app.require_subcommand(1);
  const std::string what_runs = fmt::format("billing {} ({}, {})", ops::kVersion, ops::kRevision, ops::kCompiler);
  app.set_version_flag("--version", what_runs, "Print version, revision and compiler");
  app.set_help_all_flag("--help-all", "Help for every command");
  std::function<int()> run;
  SettingFlags flags;

  auto* serve = app.add_subcommand("serve", "Run the service until SIGTERM or SIGINT");
  flags.add_to(*serve, {});
  serve->callback([&] {
    run = [&] {
      return flags.with_service_config([&](const ops::Config& config, const ops::Settings& settings) {
        return ops::serve(config, settings, [&] { return flags.load(); });
      });
    };
  });

  ops::VerifyOrder order;
  auto* verify = app.add_subcommand(
      "verify", "Check every byte, record and view of a stopped service; exit code 0 only when all is well");
  flags.add_to(*verify, kStoreKeys);
  verify->add_flag("--digest", order.digest, "Print the digest of the views");
  verify->add_flag("--drop-damaged-views", order.drop_damaged_views,
                   "Delete views and checkpoints of views that are damaged or differ; the next start rebuilds them. Without it "
                   "nothing is changed");
  verify->callback([&] {
    run = [&] { return flags.with_config([&](const ops::Config& config) { return ops::verify(config, order); }); };
  });

  ops::RecoverOrder recover_order;
  add_recover(app, flags, recover_order, run);
  ops::BackupOrder backup_order;
  ops::PruneOrder prune_order;
  add_backup(app, flags, backup_order, prune_order, run);
  ops::RestoreOrder restore_order;
  add_restore(app, flags, restore_order, run);
  ops::ExportOrder export_order;
  add_export(app, flags, export_order, run);
  import::ImportOptions import_options;
  add_import(app, import_options, run);
  add_config(app, flags, run);
  auto* version = app.add_subcommand("version", "Print version, revision and compiler");
  version->callback([&] {
    run = [&] {
      fmt::print("{}\n", what_runs);
      return 0;
    };
  });

  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& problem) {
    return app.exit(problem) == 0 ? 0 : 2;
  }
  return run();
}

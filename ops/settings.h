// Settings by file (TOML), environment and flag, in this order: the later one wins. One table knows them all.
#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "ledger/base/error.h"

namespace billing::ops {

// One setting. Its place in the file is its key ("server.listen"), its variable BILLING_ and the key in capitals
// (BILLING_SERVER_LISTEN), its flag as given.
struct Setting {
  std::string_view key;
  std::string_view flag;
  std::string_view fallback;
  std::string_view help;
};
std::span<const Setting> all_settings();
std::string environment_name(const Setting& setting);

// Values as texts, each with where it came from.
class Settings {
 public:
  // Reads the file (when given), then the environment, then `flags` (by key). Errors: kConfiguration with file and
  // line for a key that does not exist or a file that is not TOML; for a variable BILLING_… that is no setting.
  static Result<Settings> load(const std::optional<std::string>& file,
                               const std::map<std::string, std::string, std::less<>>& flags);

  const std::string& get(std::string_view key) const;
  // Where the value came from: "default", "file …:12", "environment BILLING_…", "flag --…".
  const std::string& source(std::string_view key) const;
  // Everything under "kafka.security.": librdkafka's own names.
  std::map<std::string, std::string> kafka_security() const { return kafka_security_; }
  // A TOML file that gives these settings, each with its source as a comment; secrets among kafka.security are masked.
  std::string print() const;

 private:
  struct Value {
    std::string text;
    std::string source;
  };
  Result<void> read_file(const std::string& file);
  Result<void> read_environment();
  std::map<std::string, Value, std::less<>> values_;
  std::map<std::string, std::string> kafka_security_;
};

}  // namespace billing::ops

#include "ops/fresh_start.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>

namespace billing::ops {
namespace {

namespace fs = std::filesystem;

bool there(const fs::path& path) {
  std::error_code problem;
  return fs::exists(fs::symlink_status(path, problem));
}

// Takes the lock of the ledger that RocksDB takes, so that no service starts on what is being removed. -1: another has it.
int lock_of(const std::string& ledger) {
  const int file = ::open((ledger + "/LOCK").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (file < 0) return file;
  struct flock lock {};
  lock.l_type = F_WRLCK;
  if (::fcntl(file, F_SETLK, &lock) == 0) return file;
  ::close(file);
  return -1;
}

}  // namespace

FreshStart::FreshStart(const Config& config) : ledger_(config.ledger_dir()), had_ledger_(there(ledger_)) {
  // The ledger last: its lock keeps others away until then.
  for (const std::string& path : {config.admin_key_file, config.witness_dir, config.views_dir(), config.checkpoints_dir(),
                                  config.keys_dir(), config.identity_dir(), config.kafka_dir(), config.data + "/log",
                                  config.ledger_dir()}) {
    if (path.empty() || there(path)) continue;
    made_.push_back(path);
    for (fs::path above = fs::path(path).parent_path(); !above.empty() && !there(above); above = above.parent_path()) {
      above_.push_back(above.string());
    }
  }
  std::ranges::sort(above_, std::ranges::greater{}, &std::string::size);
}

void FreshStart::undo() const {
  if (had_ledger_) return;
  const int lock = there(ledger_) ? lock_of(ledger_) : -1;
  if (there(ledger_) && lock < 0) return;
  std::error_code problem;
  for (const std::string& path : made_) fs::remove_all(path, problem);
  for (const std::string& path : above_) fs::remove(path, problem);
  if (lock >= 0) ::close(lock);
}

}  // namespace billing::ops

// Reads every file of the running service again, slowly, so that a disk that forgets is noticed before somebody asks.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "ledger/store/rocks_log.h"
#include "ledger/store/rocks_tables.h"

namespace billing::ops {

struct ScrubOptions {
  std::chrono::seconds every{24 * 3600};  // a round takes at most about so long, and the next begins so long after it began
  std::function<void(const std::string& what)> on_problem;  // once for each, until a whole round finds none; on the scrub's thread
};

// Since the start. `problem` is the one found last: it goes when a whole round finds none.
struct ScrubStats {
  std::uint64_t rounds = 0;   // that came to their end
  std::uint64_t bytes = 0;    // that were read again
  std::uint64_t problems = 0;
  std::optional<std::string> problem{};
};

// What a round reads: the files of the log and the views (data, write-ahead log, MANIFEST, options) and the witness, and what
// `others` checks (keys, identity). One thread of its own; a file at a time, with pauses that spread a round
// over its time, so that it never takes more of the disk than it must.
class Scrub {
 public:
  using Check = std::function<Result<void>()>;
  Scrub(const store::RocksLog& log, const store::RocksTables& tables, std::vector<Check> others, ScrubOptions options);
  ~Scrub();  // ends within the reading of one file
  Scrub(const Scrub&) = delete;
  Scrub& operator=(const Scrub&) = delete;

  ScrubStats stats() const;

 private:
  void run();
  void round();
  std::vector<store::LiveFile> files() const;
  bool in_use(const store::LiveFile& file) const;
  void found(const std::string& what);
  bool pause(std::chrono::milliseconds time);

  const store::RocksLog& log_;
  const store::RocksTables& tables_;
  const std::vector<Check> others_;
  const ScrubOptions options_;
  mutable std::mutex mutex_;  // guards what follows
  std::condition_variable wake_;
  bool stopping_ = false;
  ScrubStats stats_;
  std::set<std::string> told_;
  std::thread thread_;
};

}  // namespace billing::ops

// One batch: reads lines, feeds the ledger, writes answers; each at its own pace, all within limits.
#pragma once

#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "gateway/api/batch_group.h"
#include "gateway/api/batches.h"
#include "gateway/api/line_reader.h"

namespace billing::api {

class BatchRun;

// Wakes the batches that the ledger had no room for. One thread, which sleeps while there are none.
class BatchPacer {
 public:
  explicit BatchPacer(std::chrono::milliseconds every);
  ~BatchPacer();
  BatchPacer(const BatchPacer&) = delete;
  BatchPacer& operator=(const BatchPacer&) = delete;
  // Calls run->retry() after a while, once.
  void add(std::shared_ptr<BatchRun> run);

 private:
  void work();
  const std::chrono::milliseconds every_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::vector<std::shared_ptr<BatchRun>> waiting_;
  bool stopping_ = false;
  std::thread thread_;
};

struct BatchShared {
  service::Ledger& ledger;
  const codec::PersonKeys& keys;
  const Clock& clock;
  BatchLimits limits;
  BatchPacer& pacer;
};

// Three flows meet here: what was read (connection's thread), answers (the committing thread), what was written
// (connection's thread). pump() parses and feeds; one thread at a time runs it, and a call meanwhile makes it go round
// again. The committing thread never runs it: it renders and hands over, nothing else.
class BatchRun : public std::enable_shared_from_this<BatchRun> {
 public:
  BatchRun(const BatchShared& shared, identity::Principal principal, std::shared_ptr<http::Exchange> exchange);
  void start();
  // The pacer's thread: offers the group again that the ledger had no room for.
  void retry();

 private:
  using Clock_ = std::chrono::steady_clock;
  using GroupPtr = std::shared_ptr<BatchGroup>;

  void pump();
  bool step();                 // one group; false: nothing to do now
  GroupPtr fill();             // parses lines while there is room
  void add_line(BatchGroup& group, const LineReader::Line& line);
  Result<void> parse_line(BatchGroup& group, std::string_view text, std::string& id);
  bool offer(const GroupPtr& group);  // false: the ledger has no room
  void read_more();
  void got(http::ReadResult result);
  void send();                 // writes what is complete, or finishes; takes the lock itself
  void wrote(bool ok);

  const BatchShared& shared_;
  const identity::Principal principal_;

  // Only under pump().
  LineReader reader_;
  GroupPtr blocked_group_;
  Instant now_;  // of the group that is being filled
  Date today_;

  std::mutex mutex_;  // guards what follows
  std::shared_ptr<http::Exchange> exchange_;  // null: the client is gone, or all is said
  std::deque<GroupPtr> groups_;               // not yet sent, in order
  std::size_t lines_waiting_ = 0;
  std::size_t bytes_waiting_ = 0;
  std::size_t unsent_bytes_ = 0;
  std::vector<http::ReadResult> arrived_;     // for pump(); one at most
  bool pumping_ = false;
  bool pump_again_ = false;
  bool reading_ = false;
  bool writing_ = false;
  bool ended_ = false;     // no more input
  std::optional<Error> early_end_;  // why the input ended before its end
  bool drained_ = false;   // and every line of it is in a group
  bool blocked_ = false;   // blocked_group_ waits for the pacer
  Clock_::time_point read_since_{};
  Clock_::time_point blocked_since_{};
  Clock_::duration line_time_{};  // spent reading the line that is not complete yet
};

}  // namespace billing::api

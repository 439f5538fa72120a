// One transactional producer, from fencing to its end: steps 2 to 8 of the protocol in README.md. Internal.
#pragma once

#include <optional>

#include "events/publisher/follower.h"
#include "events/publisher/progress.h"
#include "events/publisher/reader.h"

namespace billing::publisher {

class Session {
 public:
  explicit Session(Shared& shared) : shared_(shared) {}
  // Publishes until something ends it. The producer is handed to the reaper before it returns.
  Trouble run();
  // True once it has committed an event: the next attempt need not wait long.
  bool made_progress() const { return made_progress_; }

 private:
  Outcome<void> run_steps();
  Outcome<void> connect();
  Outcome<void> fence();
  Outcome<void> find_place();
  Outcome<void> await_stable_end();
  Outcome<void> compare(const Tail& tail);
  Outcome<void> claim();
  Outcome<void> publish();
  Outcome<void> one_transaction();
  Outcome<void> fill(store::Head& next, Batch& batch);
  Outcome<void> begin();
  // Commits; `aborted` tells that the transaction was aborted instead and can be sent again.
  Outcome<void> commit(bool& aborted);
  Outcome<void> abort(const std::string& why);
  Outcome<void> check_undisturbed();
  Outcome<void> check_followed();
  // What follows from an error of a transactional call; destroys it.
  Trouble judge(rd_kafka_error_t* error, std::string_view what) const;
  bool stopped() const { return shared_.stop.raised(); }
  const PublisherOptions& options() const { return shared_.options; }

  Shared& shared_;
  std::optional<Client> survey_;
  std::optional<Client> producer_;
  store::Head published_;
  std::uint64_t epoch_ = 0;
  std::int64_t end_offset_ = 0;  // of the topic, before our CLAIM
  std::unique_ptr<Follower> follower_;
  std::uint64_t strangers_ = 0;
  bool unread_ = false;  // that it cannot be read back was told
  int aborts_in_a_row_ = 0;
  bool in_transaction_ = false;
  bool made_progress_ = false;
};

// After our producer was fenced: halts when another writer's CLAIM stands above ours, else asks for another attempt.
Trouble after_fencing(Shared& shared);

}  // namespace billing::publisher

#include "events/publisher/tail.h"

#include <optional>

#include "events/publisher/reader.h"

namespace billing::publisher {
namespace {

constexpr std::chrono::milliseconds kAsk{10'000};
constexpr std::chrono::milliseconds kSlice{200};
constexpr std::chrono::seconds kPatience{30};
constexpr std::int64_t kToldEvery = 10'000;  // offsets

std::unexpected<Error> unanswered(const Trouble& why) { return refuse(Code::kNotAnswered, why.text); }

// Takes the topic's events one after the other.
class Follow {
 public:
  Follow(const store::Head& from, const std::function<bool(const TailEvent&)>& take) : head_(from), start_(from.position), take_(take) {}

  void take(const TopicRecord& record) {
    if (record.kind != TopicRecord::Kind::kEvent || problem_) return;
    report_.topic_end = record.head.position;
    if (record.head.position < head_.position || !more_) return;
    if (record.head.position == head_.position) {
      if (head_.position == start_ && record.head.hash != head_.hash) {
        problem_ = "position " + std::to_string(head_.position) + " is another event in the topic: it is of another history";
      }
      return;
    }
    if (record.head.position != head_.position + 1 || record.previous_hash != head_.hash || recomputed_hash(record) != record.head.hash) {
      problem_ = "position " + std::to_string(record.head.position) + " in the topic does not follow position " +
                 std::to_string(head_.position);
      return;
    }
    TailEvent event;
    event.record.position = record.head.position;
    event.record.format = record.format;
    event.record.flags = record.flags;
    event.record.previous_hash = record.previous_hash;
    event.record.public_part = record.value;
    event.hash = record.head.hash;
    event.personal = record.private_digest != store::Hash{};
    more_ = take_(event);
    if (more_) head_ = record.head;
  }

  const std::optional<std::string>& problem() const { return problem_; }
  const TailReport& report() const { return report_; }

 private:
  store::Head head_;
  const Position start_;
  const std::function<bool(const TailEvent&)>& take_;
  bool more_ = true;
  std::optional<std::string> problem_;
  TailReport report_;
};

}  // namespace

Result<TailReport> read_events_after(const Connection& connection, const store::Head& from,
                                     const std::function<bool(const TailEvent&)>& take,
                                     const std::function<void(std::uint64_t, std::uint64_t)>& progress) {
  BILLING_CHECK(check_connection(connection));
  auto reader = Reader::open(connection);
  if (!reader) return unanswered(reader.error());
  const auto offsets = reader->offsets(kAsk);
  if (!offsets) return unanswered(offsets.error());
  Follow follow(from, take);
  if (offsets->end <= offsets->low) return follow.report();
  if (const auto sought = reader->seek(offsets->low); !sought) return unanswered(sought.error());
  auto moved = std::chrono::steady_clock::now();
  std::int64_t told = offsets->low;
  for (bool past = false; !past && !follow.problem();) {
    const auto step = reader->next(kSlice, [&](const TopicRecord& record) {
      past = record.offset >= offsets->end;  // written since we began
      if (past) return;
      follow.take(record);
      if (progress && record.offset - told >= kToldEvery) {
        told = record.offset;
        progress(static_cast<std::uint64_t>(record.offset - offsets->low), static_cast<std::uint64_t>(offsets->end - offsets->low));
      }
    });
    if (!step) return unanswered(step.error());
    if (*step == Reader::Step::kEnd) break;
    const auto now = std::chrono::steady_clock::now();
    if (*step == Reader::Step::kRecord) moved = now;
    if (now - moved > kPatience) return refuse(Code::kNotAnswered, "reading the topic does not go on");
  }
  if (follow.problem()) return refuse(Code::kCorruptRecord, *follow.problem());
  return follow.report();
}

}  // namespace billing::publisher

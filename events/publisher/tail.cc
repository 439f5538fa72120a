#include "events/publisher/tail.h"

#include <optional>

#include "events/publisher/reader.h"

namespace billing::publisher {
namespace {

constexpr std::chrono::milliseconds kAsk{10'000};
constexpr std::chrono::seconds kPatience{30};
constexpr std::int64_t kToldEvery = 10'000;  // offsets

std::unexpected<Error> unanswered(const Trouble& why) { return refuse(Code::kNotAnswered, why.text); }

// Takes the topic's events one after the other.
class Follow {
 public:
  Follow(const store::Head& from, const std::function<bool(const TailEvent&)>& take) : head_(from), start_(from.position), take_(take) {}

  void take(const TopicRecord& record) {
    if (record.kind != TopicRecord::Kind::kEvent || problem_) return;
    topic_end_ = record.head.position;
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
  Position topic_end() const { return topic_end_; }

 private:
  store::Head head_;
  const Position start_;
  const std::function<bool(const TailEvent&)>& take_;
  bool more_ = true;
  std::optional<std::string> problem_;
  Position topic_end_ = 0;
};

}  // namespace

Result<Position> read_events_after(const Connection& connection, const store::Head& from,
                                   const std::function<bool(const TailEvent&)>& take,
                                   const std::function<void(std::uint64_t, std::uint64_t)>& progress) {
  BILLING_CHECK(check_connection(connection));
  auto reader = Reader::open(connection);
  if (!reader) return unanswered(reader.error());
  const auto offsets = reader->offsets(kAsk);
  if (!offsets) return unanswered(offsets.error());
  Follow follow(from, take);
  if (offsets->end <= offsets->low) return follow.topic_end();
  if (const auto sought = reader->seek(offsets->low); !sought) return unanswered(sought.error());
  std::int64_t told = offsets->low;
  const auto read = read_until(*reader, offsets->end, kPatience, [&](const TopicRecord& record) {
    follow.take(record);
    if (progress && record.offset - told >= kToldEvery) {
      told = record.offset;
      progress(static_cast<std::uint64_t>(record.offset - offsets->low), static_cast<std::uint64_t>(offsets->end - offsets->low));
    }
    return !follow.problem();
  });
  if (!read) return unanswered(read.error());
  if (follow.problem()) return refuse(Code::kCorruptRecord, *follow.problem());
  return follow.topic_end();
}

}  // namespace billing::publisher

#include "ops/import/sender.h"

#include <algorithm>
#include <chrono>
#include <deque>
#include <thread>
#include <utility>

#include "gateway/api/json_input.h"
#include "gateway/http/client.h"

namespace billing::import {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr std::size_t kInFlightBytesMax = std::size_t{8} << 20U;
constexpr std::size_t kPartBytes = std::size_t{64} << 10U;
constexpr milliseconds kSaveEvery{1'000};
constexpr milliseconds kPauseMin{200};
constexpr milliseconds kPauseMax{10'000};

// What the service may answer otherwise in a moment.
bool passing(int status) { return status == 429 || status >= 500; }

// These say that the stream ended early, not that a command was refused.
bool about_the_stream(std::string_view code) { return code == "body-cut-short" || code == "request-too-slow"; }

class Sender {
 public:
  Sender(const SenderOptions& options, CommandFile& commands, RefusedFile& refused, ImportState& state,
         const std::atomic<bool>& stop, Meter& meter)
      : options_(options), commands_(commands), refused_(refused), state_(state), stop_(stop), meter_(meter),
        client_(http::ClientOptions{.host = options.host, .port = options.port}) {}

  Result<void> run() {
    if (!options_.acks_file.empty()) {
      BILLING_TRY(file, File::open(options_.acks_file, File::Mode::kAppend));
      acks_ = std::move(file);
    }
    milliseconds pause = kPauseMin;
    last_answer_ = Clock::now();
    for (;;) {
      const std::uint64_t before = state_.answered();
      auto done = attempt();
      BILLING_CHECK(save());
      if (fatal_) return std::unexpected(std::move(*fatal_));
      if (!done) return done;
      if (settled()) return {};
      if (stop_) return refuse(Code::kShuttingDown, "stopped; the same command goes on from here");
      if (state_.answered() > before) pause = kPauseMin;
      if (Clock::now() - last_answer_ > std::chrono::seconds(options_.retry_seconds_max))
        return refuse(Code::kShuttingDown, "no answer for " + std::to_string(options_.retry_seconds_max) +
                                               " s; the last reason: " + why_ + "; the same command goes on from here");
      meter_.say("trying again in " + std::to_string(pause.count()) + " ms: " + why_);
      wait(pause);
      pause = std::min(pause * 2, kPauseMax);
    }
  }

 private:
  bool settled() const { return ended_ && in_flight_.empty(); }

  void wait(milliseconds pause) {
    const auto until = Clock::now() + pause;
    while (!stop_ && Clock::now() < until) std::this_thread::sleep_for(milliseconds(50));
  }

  // One stream from the first command without an answer. An error is final.
  Result<void> attempt() {
    in_flight_.clear();
    in_flight_bytes_ = 0;
    ended_ = false;
    why_ = "the service ended the answer early";
    BILLING_CHECK(commands_.seek(state_.offset, state_.line));
    auto response = client_.post_stream(
        "/v1/batches", {{"Authorization", "Bearer " + options_.key}, {"Content-Type", "application/x-ndjson"}},
        [this] { return produce(); }, [this](std::string_view line) { return consume(line); });
    if (!response) {
      why_ = response.error().detail;
      return {};
    }
    const int status = response->status;
    if (status < 300) return {};
    why_ = "HTTP " + std::to_string(status) + " " + response->body.substr(0, 300);
    if (passing(status)) return {};
    if (status == 401)
      return refuse(Code::kForbidden, "the service does not take the key (401): is --key-file the right one?");
    return refuse(Code::kForbidden, "the service refused the import: " + why_);
  }

  // The next commands as text; nothing at their end, an empty text while enough are under way.
  std::optional<std::string> produce() {
    if (auto saved = save_if_due(); !saved) fatal_ = std::move(saved.error());
    if (stop_ || fatal_ || ended_) return std::nullopt;
    std::string part;
    while (in_flight_.size() < options_.in_flight_max && in_flight_bytes_ < kInFlightBytesMax &&
           part.size() < kPartBytes) {
      auto item = commands_.next();
      if (!item) {
        fatal_ = std::move(item.error());
        return std::nullopt;
      }
      if (!*item) {
        ended_ = true;
        break;
      }
      if (!(*item)->refusal) part.append((*item)->text).append("\n");
      in_flight_bytes_ += (*item)->text.size();
      in_flight_.push_back(std::move(**item));
      settle_unsent();
    }
    if (part.empty() && ended_) return std::nullopt;
    return part;
  }

  // Rows that are not sent have their answer once all before them have.
  void settle_unsent() {
    while (!in_flight_.empty() && in_flight_.front().refusal) {
      const RowRefusal refusal = *in_flight_.front().refusal;
      finish_front(&refusal);
    }
  }

  // Takes the first command off. Null: accepted.
  void finish_front(const RowRefusal* refusal, bool repeated = false) {
    const Item item = std::move(in_flight_.front());
    in_flight_.pop_front();
    in_flight_bytes_ -= item.text.size();
    Outcome& outcome = state_.kinds[static_cast<std::size_t>(item.portion.kind)];
    if (refusal == nullptr) {
      ++state_.accepted;
      if (repeated) ++state_.repeated;
      (repeated ? outcome.repeated : outcome.booked).add(item.portion.tally);
    } else {
      ++state_.refused;
      outcome.refused.add(item.portion.tally);
      if (auto added = refused_.add(item, *refusal); !added) fatal_ = std::move(added.error());
    }
    state_.offset = item.end_offset;
    state_.line = item.file_line + 1;
  }

  bool consume(std::string_view line) {
    auto answer = parse_answer(line);
    if (!answer || in_flight_.empty()) {
      why_ = answer ? "the service said: " + answer->refusal.detail : answer.error().detail;
      return false;
    }
    const Item& front = in_flight_.front();
    const bool other = !answer->id.empty() && !front.id.empty() && answer->id != front.id;
    if (other || (!answer->accepted && (passing(answer->status) || about_the_stream(answer->refusal.code)))) {
      why_ = other ? "the service answered another command than the next"
                   : answer->refusal.code + " " + answer->refusal.detail;
      return false;
    }
    last_answer_ = Clock::now();
    if (answer->accepted) {
      if (acks_) unsynced_acks_ += answer->id + '\t' + std::to_string(answer->position) + '\n';
      finish_front(nullptr, answer->repeated);
    } else {
      finish_front(&answer->refusal);
    }
    settle_unsent();
    return !fatal_;
  }

  Result<void> save_if_due() {
    BILLING_CHECK(sync_acks());
    meter_.show(state_.offset, commands_.bytes(), state_.answered(), "commands", state_.refused);
    if (Clock::now() - saved_at_ < kSaveEvery) return {};
    return save();
  }

  Result<void> sync_acks() {
    if (unsynced_acks_.empty()) return {};
    BILLING_CHECK(acks_->write(std::exchange(unsynced_acks_, {})));
    return acks_->sync();
  }

  // Refused rows and acknowledgements first: the state must not be ahead of them.
  Result<void> save() {
    BILLING_CHECK(sync_acks());
    BILLING_CHECK(refused_.sync());
    state_.refused_bytes = refused_.bytes();
    saved_at_ = Clock::now();
    return save_state(options_.state_file, state_);
  }

  const SenderOptions& options_;
  CommandFile& commands_;
  RefusedFile& refused_;
  ImportState& state_;
  const std::atomic<bool>& stop_;
  Meter& meter_;
  http::Client client_;
  std::optional<File> acks_;
  std::string unsynced_acks_;
  std::deque<Item> in_flight_;
  std::size_t in_flight_bytes_ = 0;
  bool ended_ = false;
  std::string why_;
  std::optional<Error> fatal_;
  Clock::time_point last_answer_;
  Clock::time_point saved_at_;
};

std::string_view text_of(api::JsonValue object, std::string_view key) {
  if (!object.is(api::JsonKind::kObject) || object.size() == 0) return {};
  api::JsonValue member = object.first();
  for (std::size_t i = 0; i < object.size(); ++i, member = member.next())
    if (member.key() == key && member.is(api::JsonKind::kString)) return member.text();
  return {};
}

// "detail, or else the title (at /body/account)".
std::string reason_of(api::JsonValue problem) {
  std::string_view reason = text_of(problem, "detail");
  if (reason.empty()) reason = text_of(problem, "title");
  const std::string_view pointer = text_of(problem, "pointer");
  return pointer.empty() ? std::string(reason) : std::string(reason) + " (at " + std::string(pointer) + ")";
}

}  // namespace

Result<Answer> parse_answer(std::string_view line) {
  const auto root = api::JsonParser::of_thread().parse(line);
  Answer answer;
  if (root && root->is(api::JsonKind::kObject) && root->size() > 0) {
    api::JsonValue member = root->first();
    for (std::size_t i = 0; i < root->size(); ++i, member = member.next()) {
      if (member.key() == "id") answer.id = member.text();
      if (member.key() == "status" && member.is(api::JsonKind::kInteger)) answer.status = static_cast<int>(member.integer());
      if (member.key() == "position" && member.is(api::JsonKind::kInteger))
        answer.position = static_cast<std::uint64_t>(member.integer());
      if (member.key() == "repeated") answer.repeated = member.is(api::JsonKind::kTrue);
      if (member.key() == "problem") answer.refusal = {std::string(text_of(member, "code")), reason_of(member)};
    }
  }
  if (answer.status < 200 || (answer.status >= 300 && answer.refusal.code.empty()))
    return refuse(Code::kMalformedBody, "a line of the answer is not as expected: " + std::string(line.substr(0, 200)));
  answer.accepted = answer.status < 300;
  return answer;
}

Result<void> send_commands(const SenderOptions& options, CommandFile& commands, RefusedFile& refused, ImportState& state,
                           const std::atomic<bool>& stop, Meter& meter) {
  return Sender(options, commands, refused, state, stop, meter).run();
}

}  // namespace billing::import

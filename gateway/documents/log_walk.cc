#include "gateway/documents/log_walk.h"

#include <algorithm>

#include "ledger/codec/codec.h"

namespace billing::documents {
namespace {

constexpr std::size_t kRecordsPerRead = 8'192;

}  // namespace

Result<void> walk(const store::Log& log, Position head,
                  const std::function<Result<void>(const codec::Envelope&)>& handle, const OnProgress& progress) {
  Position done = 0;
  while (done < head) {
    Result<void> outcome;
    const auto limit = static_cast<std::size_t>(std::min<Position>(kRecordsPerRead, head - done));
    const auto visited = log.read(done + 1, limit, [&](const store::Record& record) {
      const auto envelope = codec::decode(record, nullptr);
      outcome = envelope ? handle(*envelope) : std::unexpected(envelope.error());
      return outcome.has_value();
    });
    BILLING_CHECK(visited);
    BILLING_CHECK(outcome);
    if (*visited == 0) {
      return refuse(Code::kCorruptRecord, "the log ends before position " + std::to_string(done + 1));
    }
    done += *visited;
    if (progress) progress(done, head);
  }
  return {};
}

Result<void> Pieces::flush() {
  if (text_.empty()) return {};
  auto taken = sink_(text_);
  text_.clear();
  return taken;
}

}  // namespace billing::documents

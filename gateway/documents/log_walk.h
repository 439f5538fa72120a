// What both exports do: walk the log and hand its text on in pieces.
#pragma once

#include "gateway/documents/journal.h"
#include "ledger/codec/envelope.h"

namespace billing::documents {

// Calls `handle` for every event from position 1 to `head`; personal data is not decrypted. The first error ends it.
Result<void> walk(const store::Log& log, Position head,
                  const std::function<Result<void>(const codec::Envelope&)>& handle, const OnProgress& progress);

// Collects text and hands it on in pieces of some 64 KiB.
class Pieces {
 public:
  explicit Pieces(const Sink& sink) : sink_(sink) {}
  std::string& text() { return text_; }
  // Hands on what there is, when it is enough for a piece; call it between lines.
  Result<void> pass() { return text_.size() < kPieceBytes ? Result<void>{} : flush(); }
  Result<void> flush();

 private:
  static constexpr std::size_t kPieceBytes = 64U << 10U;
  const Sink& sink_;
  std::string text_;
};

}  // namespace billing::documents

// The gzip content coding (RFC 9110 8.4.1.3) for answers that are made once and sent often.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "gateway/http/message.h"

namespace billing::http {

// The text as one gzip member, compressed as far as it goes: takes its time, so keep what it gives.
std::string gzip(std::string_view text);

// True when the request's Accept-Encoding names gzip (or *) with a weight above 0.
bool accepts_gzip(const Request& request);

// A text in both forms, to be sent whichever the client takes.
class StoredText {
 public:
  explicit StoredText(std::string text)
      : plain_(std::make_shared<const std::string>(std::move(text))), packed_(std::make_shared<const std::string>(gzip(*plain_))) {}
  // Fills shared_body, Content-Encoding and Vary.
  void put_into(Response& response, const Request& request) const;
  const std::string& plain() const { return *plain_; }

 private:
  std::shared_ptr<const std::string> plain_;
  std::shared_ptr<const std::string> packed_;
};

}  // namespace billing::http

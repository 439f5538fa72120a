#include "gateway/http/content_coding.h"

#include <zlib.h>

#include <algorithm>

#include "ledger/base/assert.h"

namespace billing::http {
namespace {

constexpr int kGzip = 16;  // zlib: added to the window's bits, it makes the gzip format

std::string_view trim(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

// The part before `separator`, which is taken off `rest` with it.
std::string_view take(std::string_view& rest, char separator) {
  const auto at = rest.find(separator);
  const auto part = trim(rest.substr(0, at));
  rest = at == std::string_view::npos ? std::string_view{} : rest.substr(at + 1);
  return part;
}

// "q=0", "q=0.0" and so on: not acceptable.
bool refused(std::string_view parameters) {
  while (!parameters.empty()) {
    std::string_view value = take(parameters, ';');
    if (!same_name(take(value, '='), "q")) continue;
    return std::ranges::all_of(trim(value), [](char c) { return c == '0' || c == '.'; });
  }
  return false;
}

}  // namespace

std::string gzip(std::string_view text) {
  z_stream stream{};
  BILLING_ASSERT(deflateInit2(&stream, Z_BEST_COMPRESSION, Z_DEFLATED, kGzip + MAX_WBITS, 9, Z_DEFAULT_STRATEGY) == Z_OK);
  std::string out(deflateBound(&stream, static_cast<uLong>(text.size())), '\0');
  std::string in(text);  // zlib asks for bytes that it might change
  stream.next_in = reinterpret_cast<Bytef*>(in.data());
  stream.avail_in = static_cast<uInt>(in.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  BILLING_ASSERT(deflate(&stream, Z_FINISH) == Z_STREAM_END);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

bool accepts_gzip(const Request& request) {
  bool any = false;
  for (const auto& [name, value] : request.headers) {
    if (!same_name(name, "accept-encoding")) continue;
    std::string_view rest = value;
    while (!rest.empty()) {
      std::string_view coding = take(rest, ',');
      const auto token = take(coding, ';');
      if (same_name(token, "gzip") || same_name(token, "x-gzip")) return !refused(coding);
      if (token == "*") any = !refused(coding);
    }
  }
  return any;
}

void StoredText::put_into(Response& response, const Request& request) const {
  const bool packed = accepts_gzip(request);
  response.shared_body = packed ? packed_ : plain_;
  response.headers.emplace_back("Vary", "Accept-Encoding");
  if (packed) response.headers.emplace_back("Content-Encoding", "gzip");
}

}  // namespace billing::http

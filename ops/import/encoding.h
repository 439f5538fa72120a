// The bytes of a file as UTF-8, whatever encoding it has.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string_view>

#include "ledger/base/error.h"

namespace billing::import {

// Fills a part of `into` and returns the number of bytes; 0 at the end.
using ReadBytes = std::function<Result<std::size_t>(char* into, std::size_t bytes_max)>;

// kByMark: UTF-8, or UTF-16 where the file begins with its mark. The others are said by the mapping.
enum class Encoding : std::uint8_t { kByMark, kUtf8, kUtf16, kUtf16LittleEndian, kUtf16BigEndian, kWindows1252 };

// "utf-8", "utf-16" (by its mark), "utf-16le", "utf-16be", "windows-1252"; "latin-1" is windows-1252, which is what files
// called so hold. Error: kConfiguration.
Result<Encoding> parse_encoding(std::string_view text);

// What `read` gives, as UTF-8 and without a byte order mark. Errors of the reader: those of `read`; kMalformedBody when
// the mark is another encoding's, and for bytes that are no character of UTF-16 or Windows-1252. Bytes that are not UTF-8
// are passed on where UTF-8 is read: whoever takes a text checks it.
ReadBytes as_utf8(ReadBytes read, Encoding encoding);

}  // namespace billing::import

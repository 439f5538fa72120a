// Which files of a data directory a backup copies. Internal to this folder and to `billing backup`.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace billing::ops {

enum class FileUse : std::uint8_t {
  kCopied,
  kLeftOut,  // of a process, or left over by a write that was cut off
  kForeign   // the service writes no file of this name
};

// What a backup does with a file of `ledger`, `identity` or `keys`, by its name alone.
FileUse use_of(std::string_view folder, std::string_view file);

// A name for a message: whatever breaks a line or a terminal is a question mark.
std::string shown_name(std::string_view file);

}  // namespace billing::ops

// Stored bytes of the log, shared by every implementation of it. Layout: docs/storage-format.md.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "ledger/store/log.h"

namespace billing::store {

inline constexpr std::uint8_t kRecordFormat = 1;
// The most that both parts of one record may have together; an event is at most 512 KiB, so this is a net, not a rule.
inline constexpr std::size_t kRecordBytesMax = 8U << 20;

// The key of a position: eight bytes, most significant first, so that keys sort as positions do.
std::string position_key(Position position);
// Error: kCorruptRecord when it has not eight bytes.
Result<Position> parse_position_key(std::string_view key);

// Appends the stored value of `record` (all but its position) to `out`.
void encode_record(const Record& record, std::string& out);
// Reads a stored value into `record`, whose buffers are used again. Error: kCorruptRecord with the position.
Result<void> decode_record(Position position, std::string_view value, Record& record);

// The value of a command's entry (its key is the command's key), 28 bytes, and back. Error: kCorruptRecord.
std::string encode_command(const CommandEntry& entry);
Result<CommandEntry> decode_command(std::string_view key, std::string_view value);

// The head's row, 41 bytes, and back. Error: kCorruptRecord.
std::string encode_head(const Head& head);
Result<Head> decode_head(std::string_view value);

// The head after `records` are appended at `head`. Error: kInternal when they do not continue the chain, have an
// unknown format or are too large: a defect of the writer, refused before anything is written.
Result<Head> chain_after(const Head& head, std::span<const Record> records);

}  // namespace billing::store

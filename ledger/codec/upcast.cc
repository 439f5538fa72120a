#include "ledger/codec/upcast.h"

#include <fmt/format.h>

namespace billing::codec {

// A change of a payload that old bytes do not read as raises kSchemaVersion and adds a step here: one function per
// event and version, called one after the other from the stored version up to today's. There has been none so far, so
// neither the number nor the buffer is needed yet.
Result<std::string_view> upcast(std::uint32_t /*number*/, std::uint32_t schema_version, std::string_view payload,
                                std::string& /*buffer*/) {
  if (schema_version == kSchemaVersion) return payload;
  if (schema_version > kSchemaVersion)
    return refuse(Code::kCorruptRecord,
                  fmt::format("its schema version is {}, this program knows {}: written by a newer version",
                              schema_version, kSchemaVersion));
  return refuse(Code::kCorruptRecord, "it has no schema version");
}

}  // namespace billing::codec

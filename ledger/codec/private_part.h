// The private part of a record: what is personal, encrypted for each person under that person's key.
//
//   1 byte    layout: 1
//   2 bytes   number of entries, big-endian
//   entries, in the order of the event's persons:
//     16 bytes  person id
//      8 bytes  fingerprint of the key: the first bytes of HMAC-SHA-256(key, "billing person key")
//      4 bytes  length of what follows, big-endian
//      n bytes  nonce (12), cipher text, tag (16): AES-256-GCM
//
// The plain text is Protobuf: 1 name, 2 e-mail, 3 phone, 4 postal address. Associated data: stream kind (1 byte),
// stream id (16), stream version (8, big-endian), index of the entry (2, big-endian), person id (16): no entry can be
// moved elsewhere.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "ledger/base/error.h"
#include "ledger/codec/envelope.h"
#include "ledger/codec/person_keys.h"

namespace billing::codec {

// What personal data of an erased person reads as.
inline constexpr std::string_view kErased = "erased";

// Writes the private part of the envelope's event into `out`, empty when it concerns no person. Makes missing keys.
// Errors: kStorageFailure, kInvalidText (not UTF-8), kTooManyItems. Writer thread only.
Result<void> write_private_part(const Envelope& envelope, PersonKeys& keys, std::string& out);

// Fills the personal data of the envelope's event from `bytes`. A person without a key, or whose key was made anew
// after an erasure, reads as kErased; so does everybody when `keys` is null. Error: kCorruptRecord. Any thread.
Result<void> read_private_part(std::string_view bytes, const PersonKeys* keys, Envelope& envelope);

// Whether every person of a private part that is not empty has the key that it names, or was erased; `lost` (may be null) gets
// those that do not. Error: kCorruptRecord.
Result<void> check_private_keys(std::string_view bytes, const PersonKeys& keys, std::vector<PersonId>* lost = nullptr);

}  // namespace billing::codec

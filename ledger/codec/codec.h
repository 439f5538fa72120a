// Envelopes to records and back. The public part is the Protobuf envelope of events/schema; personal data goes to the
// private part, encrypted under a key per person. Old schema versions are upcast here, on read.
#pragma once

#include "ledger/base/error.h"
#include "ledger/codec/envelope.h"
#include "ledger/codec/person_keys.h"
#include "ledger/store/log.h"

namespace billing::codec {

// Fills public_part and private_part of the record (position, format and flags too; not previous_hash). New persons
// get a key, which is durable when this returns. Error: kStorageFailure (person keys), kTooManyItems (over 512 KiB),
// kInvalidText (a text is not UTF-8).
// Writer thread only.
Result<void> encode(const Envelope& envelope, PersonKeys& keys, store::Record& record);

// Error: kCorruptRecord with the position. Personal data of an erased person is the constant "erased". Any thread.
// `keys` may be null: personal data then reads as "erased" too (subscribers, offline tools).
Result<Envelope> decode(const store::Record& record, const PersonKeys* keys);

// Whether every person whose data the record holds has the key that it is encrypted under, or was erased; `lost` (may be null)
// gets those that do not. Any thread. Error: kCorruptRecord with the position and the first of them.
Result<void> check_keys(const store::Record& record, const PersonKeys& keys, std::vector<PersonId>* lost = nullptr);

}  // namespace billing::codec

// Ids that follow from the caller's own keys: the same file under the same name always gives the same ids.
#pragma once

#include <string>
#include <string_view>

#include "ledger/base/ids.h"

namespace billing::import {

// derive_uuid("billing.import/" + kind, import name + line feed + key). The rule never changes: a second load of an old
// file has to give the old ids. ops/import/commands.py has it too.
Uuid derived(std::string_view kind, std::string_view import_name, std::string_view key);

// The id of the object that the caller knows as `key`; a key that is such an id is taken as it is.
template <class AnyId>
std::string object_id(std::string_view import_name, std::string_view key) {
  if (key.starts_with(AnyId::prefix()) && AnyId::parse(key)) return std::string(key);
  return id_text(AnyId::prefix(), derived(AnyId::prefix(), import_name, key));
}

// "invoice.issue-" and 26 characters. `key` is the row's, not its content: equal rows with keys of their own are two.
std::string command_id(std::string_view command, std::string_view import_name, std::string_view key);

}  // namespace billing::import

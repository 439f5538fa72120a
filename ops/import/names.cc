#include "ops/import/names.h"

#include "ledger/crypto/derive.h"

namespace billing::import {

Uuid derived(std::string_view kind, std::string_view import_name, std::string_view key) {
  std::string name(import_name);
  name += '\n';
  name += key;
  return crypto::derive_uuid("billing.import/" + std::string(kind), name);
}

std::string command_id(std::string_view command, std::string_view import_name, std::string_view key) {
  std::string out(command);
  out += '-';
  out += base32(derived("command/" + std::string(command), import_name, key));
  return out;
}

}  // namespace billing::import

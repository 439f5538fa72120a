// The fields of a natural person, the same for contacts and users.
#pragma once

#include <string>
#include <string_view>

#include "gateway/api/commands.h"
#include "gateway/api/fields.h"
#include "ledger/domain/account.h"

namespace billing::api {

// "name" (required), "email" and "phone".
account::Personal read_person(Fields& body, bool email_required);
// The keyed hash of an e-mail address, its ASCII letters taken as lower case.
std::string email_digest(std::string_view email, const ParseEnvironment& environment);

}  // namespace billing::api

// Which accounts an event concerns: the one place that says so.
#pragma once

#include <optional>
#include <vector>

#include "ledger/domain/event.h"

namespace billing::views {

// The account that an event is about, as far as the event itself says it.
std::optional<AccountId> account_of(const Event& event);
// Every account that an event names as concerned, each once; the one that it is about first. Events of an invoice or
// payment that name no account are about the account of that.
std::vector<AccountId> concerned_accounts(const Event& event);

}  // namespace billing::views

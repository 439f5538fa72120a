// The trial balance: debits and credits per currency, ledger and posting day, and the control of the sub-ledgers.
#pragma once

#include "projections/rows.h"
#include "projections/source.h"

namespace billing::views {

namespace trial {
void apply(const codec::Envelope& event, Rows& rows);
}

Result<std::vector<TrialBalance>> read_trial_balance(const Source& source, Date date);
Result<std::vector<TrialBalance>> read_trial_balance_by_month(const Source& source);
Result<std::vector<Control>> read_control(const Source& source);

}  // namespace billing::views

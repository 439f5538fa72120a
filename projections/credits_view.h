// Credit notes, and the unapplied credit of payments and credit notes with the accounts that hold it.
#pragma once

#include "projections/days.h"
#include "projections/model_accounts.h"
#include "projections/rows.h"
#include "projections/source.h"

namespace billing::views {

// A credit note, as far as its event does not say it.
struct CreditNoteRow {
  CustomerId customer{};
  Date document_date{};
  std::int64_t unapplied = 0;
  Changes credit{};       // of unapplied, by day
  Position position = 0;  // of the event that issued it
  static void fields(auto& row, auto& archive) {
    archive(row.customer, row.document_date, row.unapplied, row.credit, row.position);
  }
};
inline Key credit_note_key(const Uuid& id) { return Key(Table::kCreditNote).add(id); }

// What one account holds of the credit of one source, or held once.
struct CreditHolderRow {
  CustomerId customer{};
  std::int64_t amount = 0;
  bool held = false;   // no longer when all of it was used
  Changes by_day{};    // of amount
  static void fields(auto& row, auto& archive) { archive(row.customer, row.amount, row.held, row.by_day); }
};

namespace credits {
void apply(const codec::Envelope& event, Rows& rows);
}

Result<Page<CreditNote>> list_credit_notes(const Source& source, const ListQuery& query);
Result<ListSums> sum_credit_notes(const Source& source, const ListQuery& query);
Result<CreditNoteDetail> read_credit_note(const Source& source, CreditNoteId id);
// What the account holds now, oldest first.
Result<Page<HeldCredit>> list_credits(const Source& source, AccountId account, const PageRequest& page);
// What the account had at the end of a day of the credits that it holds back now.
Result<std::int64_t> held_at(const Source& source, AccountId account, Date date);
Result<std::vector<CreditHolder>> read_holders(const Source& source, const Uuid& source_id);

// Where a payment, credit note or deposit was used: by the event that made it, and by those after.
void add_used(const codec::Envelope& event, const Uuid& id, std::vector<UsedCredit>& used);
Result<std::vector<UsedCredit>> read_used(const Source& source, const codec::Envelope& made, const Uuid& id);

}  // namespace billing::views

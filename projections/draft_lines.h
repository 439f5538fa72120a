// What the sums of a draft need of its lines; the lines themselves are read from their events.
#pragma once

#include "projections/invoices_view.h"

namespace billing::views::draft_lines {

// Adds lines at the end; replaces `count` of them from `first` on. The sums and shares of `row` follow.
void add(InvoiceRow& row, InvoiceId id, const std::vector<Line>& lines, Rows& rows);
void replace(InvoiceRow& row, const invoice::LinesReplaced& replaced, Rows& rows);
// The draft is no more. With `issued`, the shares of `row` get the taxes that were computed at the issue.
void finish(InvoiceRow& row, InvoiceId id, const invoice::Issued* issued, Rows& rows);

}  // namespace billing::views::draft_lines

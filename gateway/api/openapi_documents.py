"""Commands on invoices, credit notes and disputes."""

from openapi_limits import limit
from openapi_parts import (ACC, COUNT, EXTERNAL, INV, ISSUE_EXAMPLE, ITEMS, LINE_EXAMPLE, LINES, ON, REASON, REFERENCE, SHORT, USD, array, body,
                           new_id, ref, route, text, words)

HEADER = dict(id=new_id("InvoiceId"), account=ref("AccountId"), purchase_order=REFERENCE, memo=text("kDescriptionMax"), external_id=EXTERNAL,
              currency=ref("Currency"), kind=words("ad_hoc", "debit") | {"default": "ad_hoc"},
              about=ref("InvoiceId") | {"description": "Of a debit note: the invoice that asked for too little."})
INDEXES = array({"type": "integer", "minimum": 0}, ITEMS, description="Lines of the invoice, from 0.")
DATES = dict(document_date=ref("Date"), due_date=ref("Date"), number=SHORT | {"description": "Of an imported document."})

ISSUE_NEW = body(("account", "currency", "lines"), **HEADER, lines=LINES, **DATES)
ISSUE_DRAFT = body(("draft",), draft=ref("InvoiceId"), currency=ref("Currency"), **DATES)

COMMANDS = {
    "invoice.draft": {"schema": body(("account", "currency"), **HEADER, lines=LINES | {"minItems": 0})},
    "invoice.add_lines": {"schema": body(("invoice", "currency", "lines"), invoice=ref("InvoiceId"), currency=ref("Currency"), lines=LINES)},
    "invoice.replace_lines": {"schema": body(("invoice", "first", "count", "currency", "lines"), invoice=ref("InvoiceId"), first=COUNT | {"description": "From 0."}, count=COUNT,
                                             currency=ref("Currency"), lines=LINES | {"minItems": 0}),
                              "description": "`count` lines of a draft from `first` on are replaced by `lines`; without any they are taken out."},
    "invoice.discard": {"schema": body(("invoice",), invoice=ref("InvoiceId"))},
    "invoice.issue": {"schema": {"anyOf": [ISSUE_NEW, ISSUE_DRAFT]},
                      "description": "Gives the number and books the amounts. Credit that is left is used at once, oldest first."},
    "invoice.void": {"schema": body(("invoice", "reason"), invoice=ref("InvoiceId"), reason=REASON),
                     "description": "A credit note over all that is left of it; the number is kept. Refused while a payment or credit was used on it."},
    "invoice.write_off": {"schema": body(("invoice", "reason"), invoice=ref("InvoiceId"), amount=ref("Money") | {"description": "All that is open when absent."},
                                         tax_relief=ref("Money") | {"description": "The part of it that is tax and may be claimed back."}, reason=REASON, on=ON),
                          "description": "Gives up what is open, or a part of it: bad debt."},
    "invoice.recover": {"schema": body(("invoice", "amount"), invoice=ref("InvoiceId"), amount=ref("Money"), on=ON),
                        "description": "Money is coming in after a write-off: so much is open again, and an ordinary payment may take it."},
    "invoice.charge_late_fees": {"schema": body(("account", "cycle"), id=new_id("InvoiceId"), account=ref("AccountId"), cycle=SHORT | {"examples": ["2026-11"]}, as_of=ON,
                                                flat=ref("Money") | {"description": "For each invoice."}, rate=ref("Decimal") | {"description": "Of the overdue amount: 0.015 is 1.5 %."},
                                                minimum=ref("Money") | {"description": "For each invoice."}, grace_days=COUNT | {"maximum": limit("kGraceDaysMax"), "default": 0}),
                                 "description": "One invoice with a line for each invoice that the account pays and that is overdue by more than `grace_days`: on what is undisputed, once for each cycle, never on late fees."},
    "credit_note.issue": {"schema": body(("account", "currency", "lines", "reason"), id=new_id("CreditNoteId"), account=ref("AccountId"),
                                         invoice=ref("InvoiceId"), currency=ref("Currency"), lines=LINES, reason=REASON,
                                         external_id=EXTERNAL, document_date=ref("Date"), number=DATES["number"]),
                          "description": "Line amounts are positive: what is given back. With `invoice` each line names the line that it reduces."},
    "dispute.open": {"schema": body(("invoice", "reason"), id=new_id("DisputeId"), invoice=ref("InvoiceId"), amount=ref("Money"), reason=REASON,
                                    opened_on=ref("Date"), lines=INDEXES),
                     "description": "Without `amount` over all that is open; with `lines` over what is open of those."},
    "dispute.close": {"schema": body(("dispute", "outcome"), dispute=ref("DisputeId"),
                                     outcome={"type": "string", "enum": ["credited", "rejected", "withdrawn", "paid"]}, closed_on=ref("Date"))},
}

I = "/v1/invoices/{invoice_id}"
ROUTES = [
    route("/v1/invoices", "invoice.issue", "Invoices", "Issue an invoice", ISSUE_EXAMPLE, creates=True),
    route("/v1/invoices/drafts", "invoice.draft", "Invoices", "Draft an invoice", {"account": ACC, "currency": "USD", "lines": [LINE_EXAMPLE]}, creates=True),
    route(I + "/lines", "invoice.add_lines", "Invoices", "Add lines to a draft", {"currency": "USD", "lines": [LINE_EXAMPLE]}, ("invoice",)),
    route(I + "/lines/replace", "invoice.replace_lines", "Invoices", "Replace lines of a draft", {"first": 0, "count": 1, "currency": "USD", "lines": [LINE_EXAMPLE]}, ("invoice",)),
    route(I + "/issue", "invoice.issue", "Invoices", "Issue a draft", {"document_date": "2026-11-23"}, ("draft",), only=("currency", "document_date", "due_date", "number")),
    route(I + "/discard", "invoice.discard", "Invoices", "Discard a draft", {}, ("invoice",)),
    route(I + "/void", "invoice.void", "Invoices", "Void an invoice", {"reason": "billed twice"}, ("invoice",)),
    route(I + "/write-off", "invoice.write_off", "Invoices", "Write an invoice off", {"reason": "insolvent", "amount": USD}, ("invoice",)),
    route(I + "/recover", "invoice.recover", "Invoices", "Recover what was written off", {"amount": USD}, ("invoice",)),
    route("/v1/accounts/{account_id}/late-fees", "invoice.charge_late_fees", "Invoices", "Charge late fees", {"cycle": "2026-11", "rate": "0.015", "minimum": {"amount": "5.00", "currency": "USD"}, "grace_days": 5}, ("account",), creates=True, if_match=False),
    route("/v1/credit-notes", "credit_note.issue", "Credit notes", "Issue a credit note", {"account": ACC, "invoice": INV, "currency": "USD", "reason": "cancelled early", "lines": [{"service_account": ACC, "net": "10.00", "credited_line": 0}]}, creates=True),
    route("/v1/disputes", "dispute.open", "Disputes", "Open a dispute", {"invoice": INV, "reason": "not ordered"}, creates=True),
    route("/v1/disputes/{dispute_id}/close", "dispute.close", "Disputes", "Close a dispute", {"outcome": "withdrawn"}, ("dispute",)),
]

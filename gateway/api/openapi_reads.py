"""Reads of what accounts have beside documents, and reports that are tables: schemas and routes."""

import openapi_lists as lists
from openapi_schemas import (BOOL, COUNT, COVERED, DATE, DATE_OR_NULL, MAYBE, MONEY, OVERDUE, POSITION, SCHEMAS, SUSPENDED, TEXT, VERSION,
                             extended, list_of, nullable, record, ref, words)

ROLE = words("rolled_up", "owner", "payer")
STAGE = {"type": "integer", "minimum": 1, "maximum": 10}
STAGED = {"days_overdue": COUNT, "stage": {"type": "integer", "minimum": 0, "maximum": 10}, "billing_flag": BOOL}
METHOD = words("card", "bank_debit", "cheque", "wire", "cash")
INVOICE_KIND = words("ad_hoc", "debit", "late_fee")
INSTANT_OR_NULL = nullable(ref("Instant"))
POSTAL = record(name=MAYBE, postal_address=ref("PostalAddress"))
CREDIT_HOLDER = record("Who holds what is left of it.", account=ref("AccountId"), amount=MONEY, held=BOOL)


def amended(name, optional=(), **properties):
    """A schema that stands in openapi_schemas.py, with more properties; those in `optional` may be absent."""
    schema = SCHEMAS[name]
    target = schema["allOf"][1] if "allOf" in schema else schema
    target["properties"] |= properties
    target["required"] = [*target["required"], *(p for p in properties if p not in optional)]


def add_schemas():
    SCHEMAS["InvoiceStatus"]["enum"] += ["void", "written_off"]
    amended("Tax", computed=BOOL | {"description": "By us, on the sum of the document's lines."})
    amended("Line", ("late_fee_for",), discount=MONEY, late_fee_for=ref("InvoiceId"))
    amended("Invoice", payer=ref("AccountId"), kind=INVOICE_KIND, about=nullable(ref("InvoiceId")), cycle=MAYBE, written_off=MONEY)
    amended("InvoiceShare", account_number=TEXT, account_name=TEXT)
    amended("AppliedCredit", event=TEXT)
    SCHEMAS["AppliedCredit"]["description"] = "What reduced the invoice; a negative amount was taken back again."
    SCHEMAS["AppliedCredit"]["properties"]["source"] = words("payment", "credit_note", "deposit", "write_off")
    amended("InvoiceDetail", address=nullable(POSTAL),
            voided=nullable(record(on=DATE, reason=TEXT, credit_note=nullable(ref("CreditNoteId")))),
            linked=list_of(record("A debit note about it, or a late fee on it.", invoice=ref("InvoiceId"), number=TEXT, kind=INVOICE_KIND)))
    amended("UsedCredit", event=TEXT)
    amended("CreditNoteDetail", held_by=list_of(CREDIT_HOLDER))
    amended("Payment", status=words("requested", "authorised", "pending", "unknown", "needs_review", "succeeded", "failed", "cancelled", "reversed"),
            reserved=MONEY, refunded=MONEY, charged_back=MONEY, returned=MONEY, settled=nullable(ref("Settled")))
    SCHEMAS["Payment"]["properties"]["posting_date"] = DATE_OR_NULL
    amended("PaymentDetail", held_by=list_of(CREDIT_HOLDER), claims=list_of(ref("Claim")), provider_reference=MAYBE, reason=MAYBE,
            reservations=list_of(record(invoice=ref("InvoiceId"), account=nullable(ref("AccountId")), amount=MONEY)),
            paid_out=list_of(record(on=DATE, amount=MONEY, fee=MONEY)),
            exchange_differences=list_of(record("What was settled turned out to be worth more or less.", on=DATE, kind=words("gain", "loss"), amount=MONEY)))
    amended("Activity", command_id=TEXT, version=VERSION)
    amended("Month", written_off=MONEY)
    amended("AccountDetail", owed=ref("Owed"), standing=ref("Standing"))
    SCHEMAS["AccountSummary"] = extended("Summary", owed=ref("Owed"))
    SCHEMAS.update(NEW_SCHEMAS)
    lists.names(amended)


NEW_SCHEMAS = {
    "PostalAddress": record("As it was given. One that was stored before its parts were kept has all of it in its lines.",
                            lines=list_of({"type": "string"}), postcode=MAYBE, city=MAYBE, region=MAYBE, country=MAYBE),
    "Settled": record("What moved at the bank where it was another currency.", amount=MONEY, rate=ref("Decimal"), source=MAYBE),
    "Claim": record("A refund, chargeback or return of the payment.", kind=words("refund", "chargeback", "return"), id=TEXT,
                    status=words("requested", "pending", "unknown", "needs_review", "succeeded", "failed", "open", "won", "lost"),
                    amount=MONEY, opened_on=DATE, decided_on=DATE_OR_NULL, settled_on=DATE_OR_NULL, with_adjustment=BOOL,
                    credit_note=nullable(ref("CreditNoteId")), code=MAYBE, reference=MAYBE, reason=MAYBE, settled=nullable(ref("Settled"))),
    "OverdueStages": record("The stages in force: the days overdue from which each one counts, and the stage from which on "
                            "`billing_flag` is set (setting `overdue.stage_days`, `overdue.billing_flag_from`).",
                            days=list_of({"type": "integer", "minimum": 1}), billing_flag_from=STAGE),
    "PayerStage": record("The account that pays, and how it stands.", account=ref("AccountId"), **STAGED),
    "Owed": record("What the account must pay as payer, whoever it is for. Stages count the days after the earliest due date of "
                   "what is neither disputed nor suspended nor covered. Several accounts together have no stage: "
                   "`days_overdue`, `stage` and `billing_flag` are null.",
                   as_of=DATE, open=MONEY, disputed=MONEY, overdue=MONEY | OVERDUE, suspended=MONEY | SUSPENDED,
                   covered_by_credit=MONEY | COVERED, earliest_due_date=DATE_OR_NULL,
                   **{name: nullable(kind) for name, kind in STAGED.items()},
                   payer=nullable(ref("PayerStage")) | {"description": "Of an account whose charges another account pays; null where it pays for itself, and for more accounts than one."},
                   stages=ref("OverdueStages")),
    "RolePeriod": record(**{"from": DATE}, role=ROLE),
    "Standing": record("How the account is invoiced at the date, its address, and whether it is frozen.", role=ROLE,
                       next_role=nullable(ref("RolePeriod")), roles=list_of(ref("RolePeriod")), invoiced_by=ref("AccountId"),
                       paid_by=ref("AccountId"), frozen=nullable(record(check=TEXT, detail=MAYBE, since=ref("Instant"))),
                       address=nullable(record(person=ref("PersonId"), name=MAYBE, postal_address=ref("PostalAddress"), version=VERSION))),
    "HeldCredit": record("Unapplied credit that an account holds from one source.", account=ref("AccountId"),
                         source=words("payment", "credit_note"), source_id=TEXT, date=DATE, amount=MONEY,
                         held=BOOL | {"description": "Kept from being applied by itself."}),
    "Deposit": record(id=ref("DepositId"), customer=ref("CustomerId"), account=ref("AccountId"), amount=MONEY, left=MONEY, used=MONEY,
                      returned=MONEY, method=METHOD, reference=MAYBE, received_on=DATE, posting_date=DATE, version=VERSION, position=POSITION),
    "DepositDetail": extended("Deposit", uses=list_of(ref("UsedCredit"))),
    "Plan": record("A promise to pay or an instalment plan. `broken`: less is paid than was due before `as_of`.", id=ref("PlanId"),
                   customer=ref("CustomerId"), account=ref("AccountId"), kind=words("promise", "instalments"),
                   status=words("on_track", "kept", "broken", "cancelled"), amount=MONEY, paid=MONEY, behind=MONEY,
                   instalments=list_of(record(due=DATE, amount=MONEY, paid=MONEY)), invoices=list_of(ref("InvoiceId")), note=MAYBE,
                   agreed_on=DATE, cancelled_on=DATE_OR_NULL, reason=MAYBE, version=VERSION),
    "PaymentMethod": record(id=ref("MethodId"), customer=ref("CustomerId"), account=ref("AccountId"), kind=words("card", "bank_debit"),
                            token=TEXT, brand=MAYBE, last_four=MAYBE, expires=MAYBE, status=words("on_file", "removed"), version=VERSION),
    "Autopay": record("The next draft takes what is due then and not disputed, as far as `at_most`.", method=ref("MethodId"),
                      days_before_due=COUNT, at_most=nullable(MONEY), next_draft=DATE_OR_NULL, next_due_date=DATE_OR_NULL, next_amount=nullable(MONEY)),
    "PaymentMethods": record(items=list_of(ref("PaymentMethod")), autopay=nullable(ref("Autopay"))),
    "Unbooked": record("Something that a provider or bank reported and that could not be booked.", id=ref("UnbookedId"),
                       customer=nullable(ref("CustomerId")), kind=words("receipt", "chargeback", "return", "payment_result", "late_money"),
                       status=words("open", "resolved"), reason=TEXT, detail=MAYBE, reported_object=MAYBE, amount=nullable(MONEY), settled=nullable(ref("Settled")), method=METHOD,
                       reference=MAYBE, on=DATE, queued=ref("Instant"), resolved=INSTANT_OR_NULL, how=MAYBE, version=VERSION),
    "AccountingPeriod": record("A later month is open.", period=TEXT, status=words("closing", "closed"), closing_since=ref("Instant"),
                               closed=INSTANT_OR_NULL, released_lines=COUNT),
}

NAMED = dict(account_number=TEXT, account_name=TEXT, account_name_now=TEXT, account=ref("AccountId"))
ROWS = {
    "StatementLine": record(posting_date=DATE, document_date=DATE_OR_NULL, type=TEXT, number=MAYBE, object=MAYBE, note=MAYBE,
                            currency=TEXT, debit=MONEY, credit=MONEY, balance=MONEY, position=POSITION),
    "PaymentRow": record(received_on=DATE, posting_date=DATE_OR_NULL, **NAMED, status=TEXT, method=METHOD, reference=MAYBE, currency=TEXT,
                         amount=MONEY, refunded=MONEY, charged_back=MONEY, returned=MONEY, unapplied=MONEY, payment=ref("PaymentId")),
    "DepositRow": record(received_on=DATE, posting_date=DATE, **NAMED, method=METHOD, reference=MAYBE, currency=TEXT, amount=MONEY,
                         used=MONEY, returned=MONEY, left=MONEY, deposit=ref("DepositId")),
    "InvoiceRow": record(number=TEXT, kind=INVOICE_KIND, status=ref("InvoiceStatus"), document_date=DATE, posting_date=DATE, due_date=DATE,
                         **NAMED, payer=ref("AccountId"), payer_number=TEXT, payer_name=TEXT, currency=TEXT, net=MONEY, tax=MONEY, total=MONEY, paid=MONEY, credited=MONEY,
                         written_off=MONEY, open=MONEY, invoice=ref("InvoiceId")),
    "CreditRow": record(account_number=TEXT, account_name_now=TEXT, account=ref("AccountId"), date=DATE, source=words("payment", "credit_note"), source_id=TEXT, held=words("true", "false"),
                        currency=TEXT, amount=MONEY),
    "AuditRow": record(recorded=ref("Instant"), position=POSITION, actor=MAYBE, command_id=MAYBE, type=TEXT, object=TEXT, version=VERSION,
                       account=nullable(ref("AccountId")), date=DATE_OR_NULL, number=MAYBE, currency=MAYBE, amount=MAYBE, old=MAYBE,
                       new=MAYBE, note=MAYBE),
    "TaxRow": record(authority=MAYBE, code=MAYBE, rate=nullable(ref("Decimal")) | {"description": "Null: the amounts were given without one."}, currency=TEXT, invoiced_base=MONEY, invoiced_tax=MONEY,
                     credited_base=MONEY, credited_tax=MONEY, base=MONEY, tax=MONEY),
    "RevenueRow": record("`closing` of deferred revenue is what is left; of a revenue ledger what was earned.", ledger={"type": "integer"},
                         name=TEXT, currency=TEXT, opening=MONEY, invoiced=MONEY, released=MONEY, credited=MONEY, closing=MONEY),
}
NEW_SCHEMAS |= ROWS


def table(row, **head):
    return record(**head, items=list_of(ref(row)), next_cursor=MAYBE)


def csv_header(row):
    return ",".join(ROWS[row]["properties"]) + "\r\n"


def reads(query, flag, scope, page, page_of):
    """Entries like those of READS in openapi.py."""
    of_account = "/v1/accounts/{account_id}"

    def items(name):
        return page_of(ref(name))

    return [
        (f"{of_account}/standing", "Accounts", "How an account stands", "Its roles by day, who invoices and pays its charges, its address, and whether it is frozen.", ["as_of"], ref("Standing"), False),
        (f"{of_account}/owed", "Accounts", "What an account owes", "As payer, with the stage of being overdue; with `subtree=true` the sum over all below it, without a stage.", ["as_of", "subtree"], ref("Owed"), False),
        (f"{of_account}/credits", "Credit and deposits", "List unapplied credit", "What the account holds now, oldest first.", page, items("HeldCredit"), False),
        ("/v1/deposits", "Credit and deposits", "List deposits", "By the day of receipt.", lists.parameters(query, flag, scope, page, ["date", "amount", "left", "account_name"], "Reference, account number or account name", date="day of receipt", methods=True), lists.page_with_totals(page_of, "Deposit", "left"), False),
        ("/v1/deposits/{deposit_id}", "Credit and deposits", "Read a deposit", "With what it was used for.", [], ref("DepositDetail"), True),
        (f"{of_account}/payment-methods", "Payment methods", "List payment methods", "Those on file, and the next draft of autopay.", ["as_of"], ref("PaymentMethods"), False),
        ("/v1/payment-methods/{method_id}", "Payment methods", "Read a payment method", "", [], ref("PaymentMethod"), True),
        (f"{of_account}/plans", "Plans", "List promises and instalment plans", "Those agreed by `as_of`, newest first, as they stand then.", ["as_of", *page], items("Plan"), False),
        ("/v1/plans/{plan_id}", "Plans", "Read a plan", "", ["as_of"], ref("Plan"), True),
        ("/v1/unbooked", "Receipts and queue", "List what could not be booked", "Oldest first.", [query("customer", ref("CustomerId"), "Only what is about this customer."), query("all", flag, "Those that are dealt with too."), *page], items("Unbooked"), False),
        ("/v1/unbooked/{unbooked_id}", "Receipts and queue", "Read an entry of the queue", "", [], ref("Unbooked"), True),
        ("/v1/periods", "Periods", "List accounting periods", "Those that are closing or closed, oldest first.", [], items("AccountingPeriod"), False),
    ]


def reports(query, month, scope, page):
    """Entries like those of REPORTS in openapi.py."""
    days = [query("from", DATE, "First day; that of the month of `to` when absent."), query("to", DATE, "Last day; today when absent.")]
    months = [query("from", month, "First month; the last one when absent."), query("to", month, "Last month; this one when absent.")]
    any_day = [query("from", DATE, "First day of recording, in the operator's time zone."), query("to", DATE, "Last day of recording.")]
    listed = [*scope, *days, "format", *page]
    dated = [*scope, *days, query("as_of", DATE, lists.AS_OF), "format", *page]
    balance = dict(currency=ref("Currency"), opening=MONEY, debit=MONEY, credit=MONEY, closing=MONEY)
    return [
        ("/v1/reports/statement", "Statement of account", "Every movement of receivables and unapplied credit of the scope's accounts by posting date, with the balance after it. CSV begins with the opening and ends with the closing balance.", listed, table("StatementLine", **{"from": DATE}, to=DATE, **balance), csv_header("StatementLine")),
        ("/v1/reports/payments", "Payments", "By the day of receipt, newest first.", dated, table("PaymentRow"), csv_header("PaymentRow")),
        ("/v1/reports/deposits", "Deposits", "By the day of receipt, newest first.", dated, table("DepositRow"), csv_header("DepositRow")),
        ("/v1/reports/invoices", "Invoice register", "Issued invoices by document date, newest first.", dated, table("InvoiceRow"), csv_header("InvoiceRow")),
        ("/v1/reports/taxes", "Tax summary", "By authority, code and rate: invoices less credit notes, by posting date. `relief` was claimed back by write-offs.", [*scope, *days, "format"], table("TaxRow", **{"from": DATE}, to=DATE, relief=MONEY), csv_header("TaxRow")),
        ("/v1/reports/revenue", "Revenue", "By ledger and months of posting; first what is deferred: opening, deferred by invoices, released, credited, closing.", [*scope, *months, "format"], table("RevenueRow", **{"from": TEXT}, to=TEXT), csv_header("RevenueRow")),
        ("/v1/reports/credit-balances", "Credit balances", "The unapplied credit that accounts hold now.", [*scope, "format", *page], table("CreditRow"), csv_header("CreditRow")),
        ("/v1/reports/audit", "Audit trail", "Who did what when, newest first.", [*scope, *any_day, "format", *page], table("AuditRow"), csv_header("AuditRow")),
    ]

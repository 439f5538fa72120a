"""The schemas of what the API answers with (the `components.schemas` of openapi.json)."""


def ref(name):
    return {"$ref": f"#/components/schemas/{name}"}


def nullable(schema):
    return {"anyOf": [schema, {"type": "null"}]}


def record(about="", /, optional=(), **properties):
    """An object: every property is always there, but for those named in `optional`."""
    made = {"type": "object", "properties": properties,
            "required": [name for name in properties if name not in optional]}
    if about:
        made["description"] = about
    return made


def list_of(schema):
    return {"type": "array", "items": schema}


def words(*values):
    return {"type": "string", "enum": list(values)}


def extended(name, **properties):
    return {"allOf": [ref(name), record(**properties)]}


def id_schema(prefix):
    return {"type": "string", "pattern": f"^{prefix}_[0-9a-hjkmnp-tv-z]{{26}}$",
            "examples": [f"{prefix}_01hzy3v8m4e6rt5k2xw9c7d0qf"]}


TEXT = {"type": "string"}
MAYBE = {"type": ["string", "null"]}
COUNT = {"type": "integer", "minimum": 0}
BOOL = {"type": "boolean"}
MONEY = ref("Money")
OVERDUE = {"description": "What is open and past its due date, but for what is suspended or covered."}
SUSPENDED = {"description": "Past its due date, but part of a plan that is on track."}
COVERED = {"description": "Past its due date, but covered by free credit of the same payer that waits, e.g. for a payment under way."}
DATE = ref("Date")
DATE_OR_NULL = nullable(DATE)
POSITION = {"type": "integer", "minimum": 0, "description": "Position of the event in the log."}
VERSION = {"type": "integer", "minimum": 0, "description": "Counts the changes of the object."}

IDS = {"CustomerId": "cus", "AccountId": "acc", "InvoiceId": "inv", "CreditNoteId": "crn", "PaymentId": "pay",
       "DisputeId": "dsp", "GroupingId": "gpg", "GroupId": "grp", "UserId": "usr", "PersonId": "per",
       "RefundId": "rfd", "ChargebackId": "cbk", "ReturnId": "ret", "DepositId": "dep", "PlanId": "pln", "MethodId": "pmt",
       "UnbookedId": "ubk"}

SCHEMAS = {name: id_schema(prefix) for name, prefix in IDS.items()} | {
    "Date": {"type": "string", "format": "date", "examples": ["2026-11-23"]},
    "CalendarMonth": {"type": "string", "pattern": "^[0-9]{4}-(0[1-9]|1[0-2])$", "examples": ["2026-11"]},
    "Instant": {"type": "string", "format": "date-time", "examples": ["2026-11-23T03:41:10.000000Z"]},
    "Currency": {"type": "string", "pattern": "^[A-Z]{3}$", "examples": ["USD"]},
    "Decimal": {"type": "string", "pattern": "^-?[0-9]+(\\.[0-9]{1,9})?$", "examples": ["2.55"]},
    "Amount": {"type": "string", "pattern": "^-?[0-9]{1,18}(\\.[0-9]{1,4})?$", "examples": ["249.95"],
               "description": "In the currency's main unit, with no more decimals than it has."},
    "Money": record(amount=ref("Amount"), currency=ref("Currency")) | {"additionalProperties": False},
    "InvoiceStatus": words("draft", "open", "partly_paid", "overdue", "paid", "credited", "discarded"),

    "Customer": record(id=ref("CustomerId"), name=TEXT, currency=ref("Currency"), external_id=MAYBE,
                       created=ref("Instant"), version=VERSION, hierarchy_version=VERSION),
    "Totals": record("What the accounts have at the end of posting day `as_of`: `balance` is `open` less `unapplied_credit`.", balance=MONEY, open=MONEY,
                     unapplied_credit=MONEY, billed=MONEY, credited=MONEY, paid=MONEY),
    "Account": record(id=ref("AccountId"), customer=ref("CustomerId"), number=TEXT, name=TEXT, status=words("open", "closed"),
                      parent=nullable(ref("AccountId")), children=COUNT, opened_on=DATE, closed_on=DATE_OR_NULL,
                      payment_terms_days=COUNT, bill_cycle_day=COUNT, external_id=MAYBE, currency=ref("Currency"),
                      version=VERSION, own=ref("Totals"), subtree=ref("Totals")),
    "AccountDetail": extended("Account", summary=ref("Summary")),
    "Bucket": record(days_late=words("current", "1-30", "31-60", "61-90", "over-90"), open=MONEY, invoices=COUNT),
    "Ageing": record("What is open at the end of posting day `as_of`.", as_of=DATE, currency=ref("Currency"),
                     buckets=list_of(ref("Bucket")), total=MONEY, invoices=COUNT, overdue=MONEY, disputed=MONEY),
    "Summary": record("At the end of posting day `as_of`.", currency=ref("Currency"), accounts=COUNT, totals=ref("Totals"), as_of=DATE,
                      overdue=MONEY | OVERDUE, suspended=MONEY | SUSPENDED, covered_by_credit=MONEY | COVERED,
                      next_due_date=DATE_OR_NULL, ageing=ref("Ageing")),
    "Contact": record(person=ref("PersonId"), role=TEXT, name=TEXT, email=MAYBE, phone=MAYBE),
    "User": record(id=ref("UserId"), customer=ref("CustomerId"), person=ref("PersonId"),
                   role=words("viewer", "payer", "manager", "administrator"), status=words("active", "suspended"),
                   name=TEXT, email=MAYBE, phone=MAYBE, invited=ref("Instant"), version=VERSION),
    "Grouping": record(id=ref("GroupingId"), customer=ref("CustomerId"), name=TEXT, version=VERSION),
    "GroupMember": record(account=ref("AccountId"), with_subtree=BOOL, **{"from": DATE}, until=DATE_OR_NULL),
    "Group": record("`accounts` and `totals` are there with `totals=true`.", optional=("accounts", "totals"),
                    id=ref("GroupId"), name=TEXT, parent=nullable(ref("GroupId")), members=list_of(ref("GroupMember")),
                    accounts=COUNT, totals=ref("Totals")),
    "GroupDetail": extended("Group", summary=ref("Summary")),
    "GroupingDetail": {"allOf": [ref("Grouping"), record(
        "`as_of`, `accounts` and `totals` are there with `totals=true`.", optional=("as_of", "accounts", "totals"),
        as_of=DATE, accounts=COUNT, totals=ref("Totals"), groups=list_of(ref("Group")))]},

    "Period": record("`to` is exclusive.", **{"from": DATE}, to=DATE),
    "Tax": record(authority=TEXT, code=TEXT, rate=nullable(ref("Decimal")) | {"description": "Null: the amount was given without one."}, basis=MONEY, amount=MONEY, exempt_reason=MAYBE),
    "Line": record(optional=("credited_line",), service_account=ref("AccountId"), description=TEXT, product_code=MAYBE,
                   revenue_code={"type": "integer"}, quantity=nullable(ref("Decimal")), unit_price=nullable(ref("Decimal")), net=MONEY, tax=MONEY,
                   service_period=nullable(ref("Period")), taxes=list_of(ref("Tax")), credited_line=COUNT),
    "Invoice": record(id=ref("InvoiceId"), customer=ref("CustomerId"), account=ref("AccountId"), account_name=TEXT,
                      status=ref("InvoiceStatus"), series=MAYBE, number=MAYBE, document_date=DATE, posting_date=DATE_OR_NULL,
                      due_date=DATE_OR_NULL, currency=ref("Currency"), net=MONEY, tax=MONEY, total=MONEY, open=MONEY, paid=MONEY,
                      credited=MONEY, disputed=MONEY, dispute=nullable(ref("DisputeId")), line_count=COUNT,
                      purchase_order=MAYBE, memo=MAYBE, external_id=MAYBE, version=VERSION, position=POSITION),
    "InvoiceShare": record("What one service account has on the invoice.", account=ref("AccountId"), net=MONEY, tax=MONEY,
                           total=MONEY, open=MONEY),
    "AppliedCredit": record(source=words("payment", "credit_note"), source_id=TEXT, account=ref("AccountId"), amount=MONEY,
                            posting_date=DATE, position=POSITION),
    "InvoiceDetail": extended("Invoice", lines=list_of(ref("Line")), shares=list_of(ref("InvoiceShare")),
                              applied=list_of(ref("AppliedCredit")), disputes=list_of(ref("Dispute"))),
    "UsedCredit": record(invoice=ref("InvoiceId"), account=ref("AccountId"), amount=MONEY, posting_date=DATE, position=POSITION),
    "CreditNote": record(id=ref("CreditNoteId"), customer=ref("CustomerId"), account=ref("AccountId"),
                         invoice=nullable(ref("InvoiceId")), series=TEXT, number=TEXT, reason=TEXT, external_id=MAYBE,
                         document_date=DATE, posting_date=DATE, currency=ref("Currency"), net=MONEY, tax=MONEY, total=MONEY,
                         unapplied=MONEY, version=VERSION, position=POSITION),
    "CreditNoteDetail": extended("CreditNote", lines=list_of(ref("Line")), used=list_of(ref("UsedCredit"))),
    "Payment": record(id=ref("PaymentId"), customer=ref("CustomerId"), account=ref("AccountId"), amount=MONEY, unapplied=MONEY,
                      method=words("card", "bank_debit", "cheque", "wire", "cash"), reference=MAYBE, external_id=MAYBE,
                      received_on=DATE, posting_date=DATE, version=VERSION, position=POSITION),
    "PaymentDetail": extended("Payment", used=list_of(ref("UsedCredit"))),
    "Dispute": record(id=ref("DisputeId"), customer=ref("CustomerId"), invoice=ref("InvoiceId"), account=ref("AccountId"),
                      status=words("open", "closed"), amount=MONEY, reason=TEXT, opened_on=DATE, closed_on=DATE_OR_NULL,
                      outcome=nullable(words("credited", "rejected", "withdrawn", "paid")), version=VERSION),
    "Activity": record(position=POSITION, recorded=ref("Instant"), actor=TEXT, type=TEXT,
                       object=record(kind=TEXT, id=TEXT), account=nullable(ref("AccountId")), date=DATE_OR_NULL,
                       amount=nullable(MONEY), number=MAYBE, old=MAYBE, new=MAYBE, note=MAYBE),

    "OpenItem": record("The share that a service account has open on an invoice.", invoice=ref("InvoiceId"), invoice_number=TEXT,
                       account=ref("AccountId"), account_number=TEXT, account_name=TEXT, document_date=DATE, posting_date=DATE,
                       due_date=DATE, days_late=COUNT, billed=MONEY, open=MONEY, disputed=MONEY),
    "LedgerBalance": record(ledger={"type": "integer"}, name=TEXT, debit=MONEY, credit=MONEY, balance=MONEY),
    "TrialBalance": record(optional=("month",), currency=ref("Currency"), month=TEXT, ledgers=list_of(ref("LedgerBalance")),
                           debit=MONEY, credit=MONEY, balanced=BOOL),
    "TrialBalances": record(optional=("as_of",), as_of=DATE, items=list_of(ref("TrialBalance"))),
    "Month": record(month=TEXT, invoiced=MONEY, invoiced_net=MONEY, invoiced_tax=MONEY, credited=MONEY, credited_net=MONEY,
                    credited_tax=MONEY, net=MONEY, tax=MONEY, paid=MONEY, invoices=COUNT, credit_notes=COUNT, payments=COUNT),
    "MonthSeries": record("With `by=account` it names an account, with `by=group` a group.",
                          optional=("account", "group", "number", "name"), account=ref("AccountId"), group=ref("GroupId"),
                          number=TEXT, name=TEXT, months=list_of(ref("Month"))),
    "Monthly": record(**{"from": TEXT}, to=TEXT, currency=ref("Currency"), items=list_of(ref("MonthSeries")), next_cursor=MAYBE),

    "Event": {"type": "object", "required": ["position", "type", "stream", "customer", "recorded"],
              "description": "As published; `type` decides what `payload` holds. Samples: docs/events-reference.md.",
              "properties": {"position": POSITION, "type": {"type": "string", "examples": ["invoice.Issued"]},
                             "stream": record(kind=TEXT, id=TEXT, version=VERSION), "customer": ref("CustomerId"),
                             "recorded": ref("Instant")}},
    "Receipt": record("What an accepted command did.", optional=("id",), position=POSITION, version=VERSION, repeated=BOOL,
                      id={"type": "string", "description": "Of the object that it made."}, events=list_of(ref("Event"))),
    "BatchAnswerLine": record("`position`, `version`, `object_id` of an accepted line, `line` and `problem` of a refused one.",
                              optional=("id", "line", "position", "version", "repeated", "object_id", "problem"), id=TEXT,
                              line={"type": "integer"}, status={"type": "integer"}, position=POSITION, version=VERSION,
                              repeated=BOOL, object_id=TEXT, problem=ref("Problem")),
    "PartState": words("starting", "ready", "degraded", "draining", "failed"),
    "Check": record(name=TEXT, status=words("pass", "warn", "fail"), state=ref("PartState"), detail=TEXT),
    "Readiness": record(optional=("progress",), status=words("ready", "not_ready"), state=ref("PartState"),
                        progress=record("While it starts.", done={"type": "integer"}, of={"type": "integer"}),
                        checks=list_of(ref("Check"))),
}

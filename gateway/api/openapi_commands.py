"""The bodies of all commands, as gateway/api/commands_*.cc reads them, and the routes that take them."""

from openapi_schemas import ref

TEXT = {"type": "string", "minLength": 1}


def text(limit):
    return {"type": "string", "minLength": 1, "maxLength": limit, "description": f"At most {limit} bytes."}


def body(required=(), **properties):
    return {"type": "object", "additionalProperties": False, "required": list(required), "properties": properties}


def new_id(name):
    return ref(name) | {"description": "Made when absent."}


def nullable(schema):
    return {"anyOf": [schema, {"type": "null"}]}


NAME = text(200)
ACCOUNTS = {"type": "array", "items": ref("AccountId"), "minItems": 1, "maxItems": 1000}
TERMS = {"type": "integer", "minimum": 0, "description": "Days from the document date to the due date."}
CYCLE = {"type": "integer", "minimum": 1, "maximum": 31, "description": "Day of the month on which a cycle begins."}
PERSON = {"name": NAME, "email": {"type": "string", "maxLength": 200}, "phone": {"type": "string"}}
ROLE = {"type": "string", "enum": ["viewer", "payer", "manager", "administrator"]}
EXTERNAL = text(200) | {"description": "Your id of it."}

TAX_INPUT = body(("authority", "code", "amount"), authority=TEXT, code=TEXT, rate=ref("Decimal"), basis=ref("Amount"),
                 amount=ref("Amount"), exempt_reason=TEXT)
LINE_INPUT = body(("service_account",), service_account=ref("AccountId"), description=text(500), product_code=TEXT,
                  revenue_code={"type": "integer", "enum": [4000, 4100, 4200, 4900], "default": 4000},
                  quantity=ref("Decimal"), unit_price=ref("Decimal"), net=ref("Amount"),
                  service_period=body(("from", "to"), **{"from": ref("Date")}, to=ref("Date")),
                  taxes={"type": "array", "items": TAX_INPUT, "maxItems": 16},
                  credited_line={"type": "integer", "minimum": 0,
                                 "description": "On a credit note against an invoice: the invoice's line, from 0."})
LINE_INPUT["description"] = "Either `net`, or `quantity` and `unit_price`, or all three. Amounts are in the body's currency."
LINES = {"type": "array", "items": LINE_INPUT, "minItems": 1, "maxItems": 1000}
HEADER = dict(id=new_id("InvoiceId"), account=ref("AccountId"), purchase_order=text(200), memo=text(500), external_id=EXTERNAL,
              currency=ref("Currency"))
DATES = dict(document_date=ref("Date"), due_date=ref("Date"), number=text(64) | {"description": "Of an imported document."})

ISSUE_NEW = body(("account", "currency", "lines"), **HEADER, lines=LINES, **DATES)
ISSUE_DRAFT = body(("draft",), draft=ref("InvoiceId"), currency=ref("Currency"), **DATES)

COMMANDS = {
    "customer.create": {"schema": body(("name", "currency"), id=new_id("CustomerId"), name=NAME, currency=ref("Currency"), external_id=EXTERNAL)},
    "account.open": {"schema": body(("customer", "number", "name"), id=new_id("AccountId"), customer=ref("CustomerId"), number=text(64), name=NAME,
                                    parent=nullable(ref("AccountId")), opened_on=ref("Date"), payment_terms_days=TERMS | {"default": 30},
                                    bill_cycle_day=CYCLE | {"default": 1}, external_id=EXTERNAL),
                     "description": "Under `parent`, or as a root of its customer."},
    "account.rename": {"schema": body(("account", "name"), account=ref("AccountId"), name=NAME, reason=text(500)),
                       "description": "Documents that were issued keep the name of their day."},
    "account.change_terms": {"schema": body(("account",), account=ref("AccountId"), payment_terms_days=TERMS, bill_cycle_day=CYCLE)},
    "account.change_contacts": {"schema": body(("account", "contacts"), account=ref("AccountId"), contacts={
        "type": "array", "maxItems": 100, "items": body(("role", "name"), person=new_id("PersonId"), role=TEXT, **PERSON)}),
        "description": "All contacts as they shall be."},
    "account.close": {"schema": body(("account",), account=ref("AccountId"))},
    "hierarchy.move": {"schema": body(("account", "new_parent"), account=ref("AccountId"), new_parent=nullable(ref("AccountId"))),
                       "description": "From today on; never back-dated. Without a parent it becomes a root of the same customer."},
    "invoice.draft": {"schema": body(("account", "currency"), **HEADER, lines=LINES | {"minItems": 0})},
    "invoice.add_lines": {"schema": body(("invoice", "currency", "lines"), invoice=ref("InvoiceId"), currency=ref("Currency"), lines=LINES)},
    "invoice.discard": {"schema": body(("invoice",), invoice=ref("InvoiceId"))},
    "invoice.issue": {"schema": {"anyOf": [ISSUE_NEW, ISSUE_DRAFT]},
                      "description": "Gives the number and books the amounts. Credit that is left is used at once, oldest first."},
    "credit_note.issue": {"schema": body(("account", "currency", "lines", "reason"), id=new_id("CreditNoteId"), account=ref("AccountId"),
                                         invoice=ref("InvoiceId"), currency=ref("Currency"), lines=LINES, reason=text(500),
                                         external_id=EXTERNAL, document_date=ref("Date"), number=DATES["number"]),
                          "description": "Line amounts are positive: what is given back. With `invoice` each line names the line that it reduces."},
    "payment.record": {"schema": body(("account", "amount", "method"), id=new_id("PaymentId"), account=ref("AccountId"), amount=ref("Money"),
                                      method={"type": "string", "enum": ["card", "bank_debit", "cheque", "wire", "cash"]},
                                      reference=text(200), external_id=EXTERNAL, received_on=ref("Date"),
                                      allocations={"type": "array", "maxItems": 1000,
                                                   "items": body(("invoice", "amount"), invoice=ref("InvoiceId"), amount=ref("Amount"))}),
                       "description": "Without `allocations` the oldest due invoices are paid first; what is left stays as unapplied credit."},
    "dispute.open": {"schema": body(("invoice", "reason"), id=new_id("DisputeId"), invoice=ref("InvoiceId"), amount=ref("Money"), reason=text(500),
                                    opened_on=ref("Date")),
                     "description": "Without `amount` over all that is open."},
    "dispute.close": {"schema": body(("dispute", "outcome"), dispute=ref("DisputeId"),
                                     outcome={"type": "string", "enum": ["credited", "rejected", "withdrawn", "paid"]}, closed_on=ref("Date"))},
    "grouping.create": {"schema": body(("customer", "name"), id=new_id("GroupingId"), customer=ref("CustomerId"), name=NAME)},
    "grouping.rename": {"schema": body(("grouping", "name"), grouping=ref("GroupingId"), name=NAME)},
    "grouping.add_group": {"schema": body(("grouping", "name"), grouping=ref("GroupingId"), id=new_id("GroupId"), name=NAME,
                                          parent=nullable(ref("GroupId")))},
    "grouping.rename_group": {"schema": body(("grouping", "group", "name"), grouping=ref("GroupingId"), group=ref("GroupId"), name=NAME)},
    "grouping.nest_group": {"schema": body(("grouping", "group", "parent"), grouping=ref("GroupingId"), group=ref("GroupId"),
                                           parent=nullable(ref("GroupId"))),
                            "description": "Under another group, or with `null` at the top."},
    "grouping.add_accounts": {"schema": body(("grouping", "group", "accounts"), grouping=ref("GroupingId"), group=ref("GroupId"), accounts=ACCOUNTS,
                                             with_subtree={"type": "boolean", "default": False}, **{"from": ref("Date")})},
    "grouping.remove_accounts": {"schema": body(("grouping", "group", "accounts"), grouping=ref("GroupingId"), group=ref("GroupId"), accounts=ACCOUNTS)},
    "user.invite": {"schema": body(("customer", "role", "name", "email"), id=new_id("UserId"), customer=ref("CustomerId"), role=ROLE, **PERSON)},
    "user.edit": {"schema": body(("user", "name", "email"), user=ref("UserId"), **PERSON)},
    "user.change_role": {"schema": body(("user", "role"), user=ref("UserId"), role=ROLE)},
    "user.suspend": {"schema": body(("user",), user=ref("UserId"), reason=text(500))},
    "user.reinstate": {"schema": body(("user",), user=ref("UserId"))},
}

ID = "_01hzy3v8m4e6rt5k2xw9c7d0qf"
CUS, ACC, INV, GRP, DSP = "cus" + ID, "acc" + ID, "inv" + ID, "grp" + ID, "dsp" + ID
LINE_EXAMPLE = {"service_account": ACC, "description": "Plan Shotgun", "quantity": "1", "unit_price": "249.95",
                "taxes": [{"authority": "US-TN", "code": "SALES", "rate": "0.07", "amount": "17.50"}]}
ISSUE_EXAMPLE = {"account": ACC, "currency": "USD", "document_date": "2026-11-23", "lines": [LINE_EXAMPLE]}


def route(path, command, tag, summary, example, fields=(), creates=False, **more):
    return dict(path=path, command=command, tag=tag, summary=summary, example=example, fields=list(fields), creates=creates, **more)


G = "/v1/groupings/{grouping_id}/groups/{group_id}"
BOTH = ("grouping", "group")
COMMAND_ROUTES = [
    route("/v1/customers", "customer.create", "Customers", "Create a customer", {"name": "Acme Corporation", "currency": "USD"}, creates=True),
    route("/v1/accounts", "account.open", "Accounts", "Open an account", {"customer": CUS, "number": "A-1001", "name": "Head office"}, creates=True),
    route("/v1/accounts/{account_id}/rename", "account.rename", "Accounts", "Rename an account", {"name": "Head office Memphis", "reason": "moved"}, ("account",)),
    route("/v1/accounts/{account_id}/terms", "account.change_terms", "Accounts", "Change an account's terms", {"payment_terms_days": 14}, ("account",)),
    route("/v1/accounts/{account_id}/contacts", "account.change_contacts", "Accounts", "Change an account's contacts", {"contacts": [{"role": "billing", "name": "Pat Doe", "email": "pat@example.com"}]}, ("account",)),
    route("/v1/accounts/{account_id}/close", "account.close", "Accounts", "Close an account", {}, ("account",)),
    route("/v1/accounts/{account_id}/move", "hierarchy.move", "Accounts", "Move an account", {"new_parent": ACC}, ("account",)),
    route("/v1/invoices", "invoice.issue", "Invoices", "Issue an invoice", ISSUE_EXAMPLE, creates=True),
    route("/v1/invoices/drafts", "invoice.draft", "Invoices", "Draft an invoice", {"account": ACC, "currency": "USD", "lines": [LINE_EXAMPLE]}, creates=True),
    route("/v1/invoices/{invoice_id}/lines", "invoice.add_lines", "Invoices", "Add lines to a draft", {"currency": "USD", "lines": [LINE_EXAMPLE]}, ("invoice",)),
    route("/v1/invoices/{invoice_id}/issue", "invoice.issue", "Invoices", "Issue a draft", {"document_date": "2026-11-23"}, ("draft",), only=("currency", "document_date", "due_date", "number")),
    route("/v1/invoices/{invoice_id}/discard", "invoice.discard", "Invoices", "Discard a draft", {}, ("invoice",)),
    route("/v1/credit-notes", "credit_note.issue", "Credit notes", "Issue a credit note", {"account": ACC, "invoice": INV, "currency": "USD", "reason": "cancelled early", "lines": [{"service_account": ACC, "net": "10.00", "credited_line": 0}]}, creates=True),
    route("/v1/payments", "payment.record", "Payments", "Record a payment", {"account": ACC, "amount": {"amount": "249.95", "currency": "USD"}, "method": "wire", "reference": "TT 4711"}, creates=True),
    route("/v1/disputes", "dispute.open", "Disputes", "Open a dispute", {"invoice": INV, "reason": "not ordered"}, creates=True),
    route("/v1/disputes/{dispute_id}/close", "dispute.close", "Disputes", "Close a dispute", {"outcome": "withdrawn"}, ("dispute",)),
    route("/v1/groupings", "grouping.create", "Groups", "Create a grouping", {"customer": CUS, "name": "Regions"}, creates=True),
    route("/v1/groupings/{grouping_id}/rename", "grouping.rename", "Groups", "Rename a grouping", {"name": "Sales regions"}, ("grouping",)),
    route("/v1/groupings/{grouping_id}/groups", "grouping.add_group", "Groups", "Add a group", {"name": "North"}, ("grouping",), creates=True),
    route(G + "/rename", "grouping.rename_group", "Groups", "Rename a group", {"name": "North-East"}, BOTH),
    route(G + "/nest", "grouping.nest_group", "Groups", "Put a group under another", {"parent": GRP}, BOTH),
    route(G + "/accounts", "grouping.add_accounts", "Groups", "Add accounts to a group", {"accounts": [ACC], "with_subtree": True}, BOTH),
    route(G + "/accounts/remove", "grouping.remove_accounts", "Groups", "Remove accounts from a group", {"accounts": [ACC]}, BOTH),
    route("/v1/users", "user.invite", "Users", "Invite a user", {"customer": CUS, "role": "payer", "name": "Pat Doe", "email": "pat@example.com"}, creates=True),
    route("/v1/users/{user_id}/edit", "user.edit", "Users", "Edit a user", {"name": "Pat Roe", "email": "pat@example.com"}, ("user",)),
    route("/v1/users/{user_id}/role", "user.change_role", "Users", "Change a user's role", {"role": "manager"}, ("user",)),
    route("/v1/users/{user_id}/suspend", "user.suspend", "Users", "Suspend a user", {"reason": "left the company"}, ("user",)),
    route("/v1/users/{user_id}/reinstate", "user.reinstate", "Users", "Reinstate a user", {}, ("user",)),
]

RECEIPT_EXAMPLE = {"position": 4711, "version": 1, "repeated": False, "id": INV, "events": []}

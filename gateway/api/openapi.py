#!/usr/bin/env python3
"""Writes openapi.json, the contract of the HTTP API: `python3 gateway/api/openapi.py`; with --check only compares.

Routes and schemas stand here by hand. Problem codes are read from ledger/base/error.h. openapi_test.cc holds the
result against the routes of the binary, tests/e2e/test_openapi.py against the OpenAPI 3.1 schema.
"""

import json
import pathlib
import re
import sys

from openapi_commands import COMMANDS, COMMAND_ROUTES, RECEIPT_EXAMPLE
import openapi_lists as lists
import openapi_reads
from openapi_schemas import SCHEMAS, ref

HERE = pathlib.Path(__file__).resolve().parent
ERRORS = HERE.parents[1] / "ledger/base/error.h"

DESCRIPTION = """Billing and receivables of a provider of services: customers own trees of accounts; invoices, credit \
notes, payments and disputes are recorded as events, each with its balanced postings.

**Key.** Every request under `/v1` carries `Authorization: Bearer <key>`.

**Commands** are POST requests. Each has an `Idempotency-Key` (1 to 255 visible ASCII characters): the same key with \
the same body is answered again and done once; with another body it is refused. `If-Match` with a version that was \
read as `ETag` refuses the command when the object has changed since. An answer means that the events are durable.

**Reads** are answered from views that follow the log, usually by some milliseconds. Each answer says in \
`Ledger-Position` which events it includes. To read what you wrote, send the position of the command's answer as \
`min_position` (or as the request header `Ledger-Position`): the read waits up to 5 seconds for it. `position` \
asks for the answer as of exactly that one, which never changes. Unknown query parameters are refused.

**Amounts** are decimal strings in the currency's main unit: `{"amount":"249.95","currency":"USD"}`. **Days** are \
`YYYY-MM-DD`, **instants** RFC 3339 in UTC. **Ids** are a prefix that names the kind and 26 characters. **Lists** have \
`limit` (1 to 1,000) and an opaque `cursor`, which is `next_cursor` of the answer before, or `previous_cursor` to go \
back; `null` is the end. Open items have no way back.

**Problems** are `application/problem+json` (RFC 9457). `code` is stable and says what was wrong; `pointer` names the \
field.

**Request ids.** Every answer has the header `Request-Id`, and a problem has it as `request_id`: under this id the request \
is found in the service's log. It is the request's own header `Request-Id` where that is 1 to 64 of `A-Z a-z 0-9 . _ -`, \
else one that the service makes."""

TAGS = [
    ("Customers", "A customer owns a forest of accounts in one currency."),
    ("Accounts", "Head offices, sites and departments: figures of their own and of everything below them."),
    ("Groups", "Views that a customer makes of its accounts. They never change who is billed. A total is over the "
               "**set** of accounts: one that is reached on two ways counts once, so the totals of subgroups need "
               "not add up to that of their group."),
    ("Invoices", "Drafts and issued invoices. Issued ones never change."),
    ("Credit notes", "Corrections of invoices, and goodwill."),
    ("Payments", "What was received or asked for, and what it was used for."),
    ("Refunds and chargebacks", "What is paid back of a payment, or taken back by a provider or bank. They are read with their payment."),
    ("Credit and deposits", "Money of an account that no invoice has taken yet. A deposit is no credit until it is used."),
    ("Plans", "Promises to pay and instalments: what was agreed, by day."),
    ("Payment methods", "A provider's tokens on file, and autopay. Never card numbers."),
    ("Receipts and queue", "Money that arrived, and what was reported and could not be booked: nothing is dropped."),
    ("Periods", "The operator's months close in order and never open again."),
    ("Disputes", "Amounts of an invoice that the customer contests."),
    ("Users", "People of a customer who may use the portal."),
    ("Reports", "Sums at a date or by month, as JSON or CSV (`format=csv` or `Accept: text/csv`). Text cells of CSV "
                "that a spreadsheet would take for a formula begin with an apostrophe."),
    ("Events", "Everything that happened, in order."),
    ("Batches", "Many commands in one request."),
    ("Service", "Health, metrics and this description."),
]

PATH_IDS = {
    "customer_id": ("cus", "CustomerId"), "account_id": ("acc", "AccountId"), "invoice_id": ("inv", "InvoiceId"),
    "credit_note_id": ("crn", "CreditNoteId"), "payment_id": ("pay", "PaymentId"),
    "dispute_id": ("dsp", "DisputeId"), "grouping_id": ("gpg", "GroupingId"), "group_id": ("grp", "GroupId"),
    "user_id": ("usr", "UserId"), "refund_id": ("rfd", "RefundId"), "chargeback_id": ("cbk", "ChargebackId"),
    "deposit_id": ("dep", "DepositId"), "plan_id": ("pln", "PlanId"), "method_id": ("pmt", "MethodId"),
    "unbooked_id": ("ubk", "UnbookedId"), "period": ("", "CalendarMonth"),
}


def query(name, schema, description, required=False):
    return {"name": name, "in": "query", "required": required, "description": description, "schema": schema}


TEXT = {"type": "string", "minLength": 1}
FLAG = {"type": "boolean", "default": False}
PARAMETERS = {
    "limit": query("limit", {"type": "integer", "minimum": 1, "maximum": 1000, "default": 100}, "Items at most."),
    "cursor": query("cursor", TEXT, "`next_cursor` of the answer before, or its `previous_cursor`."),
    "as_of": query("as_of", ref("Date"), "The day that the question is about; today when absent."),
    "min_position": query("min_position", {"type": "integer", "minimum": 0},
                          "Wait, up to 5 seconds, until the views have reached this position."),
    "position": query("position", {"type": "integer", "minimum": 1},
                      "Answer with exactly the events up to this position, whatever came later. The first such question may "
                      "answer `past-not-ready` (503): ask again. Not together with `min_position`."),
    "LedgerPosition": {"name": "Ledger-Position", "in": "header", "required": False, "schema": {"type": "integer", "minimum": 0},
                       "description": "The same as `min_position`."},
    "customer": query("customer", ref("CustomerId"), "All accounts of this customer."),
    "account": query("account", ref("AccountId"), "This account; with `subtree=true` all below it too."),
    "subtree": query("subtree", FLAG, "With `account`: all below it too."),
    "grouping": query("grouping", ref("GroupingId"), "Together with `group`: the accounts of that group."),
    "group": query("group", ref("GroupId"), "A group of `grouping`."),
    "format": query("format", {"type": "string", "enum": ["json", "csv"]}, "Goes before the Accept header."),
    "IdempotencyKey": {"name": "Idempotency-Key", "in": "header", "required": True,
                       "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[\\x21-\\x7e]+$"},
                       "description": "Names this command; the same key is done once."},
    "IfMatch": {"name": "If-Match", "in": "header", "required": False, "schema": {"type": "string", "pattern": '^"[0-9]+"$'},
                "description": "The version of the object that this command was made for, as its ETag."},
    "RequestId": {"name": "Request-Id", "in": "header", "required": False,
                  "schema": {"type": "string", "minLength": 1, "maxLength": 64, "pattern": "^[A-Za-z0-9._-]+$"},
                  "description": "The id of this request in the answer and in the service's log; one is made when absent."},
}
SCOPE = ["customer", "account", "subtree", "grouping", "group"]
PAGE = ["limit", "cursor"]


def page_of(schema):
    cursor = {"type": ["string", "null"]}
    return {"type": "object", "required": ["items", "next_cursor"], "additionalProperties": False,
            "properties": {"items": {"type": "array", "items": schema}, "next_cursor": cursor, "previous_cursor": cursor}}


def items_of(name):
    return page_of(ref(name))


HIERARCHY_NODE = {"allOf": [ref("Account"), {"type": "object", "required": ["depth"], "properties": {
    "depth": {"type": "integer", "minimum": 0, "description": "0 for the account that was asked for."}}}]}
NUMBER = query("number", TEXT, "Only the one with this number.")
TOTALS = query("totals", FLAG, "Also the figures of each group and of all accounts together.")
CUSTOMER_REQUIRED = query("customer", ref("CustomerId"), "Whose.", True)

# path, tag, summary, description, parameters, schema of the answer, whether it has an ETag
READS = [
    ("/v1/customers", "Customers", "List customers", "By age.", PAGE + [query("external_id", TEXT, "Only those with this id of yours.")], items_of("Customer"), False),
    ("/v1/customers/{customer_id}", "Customers", "Read a customer", "", [], ref("Customer"), True),
    ("/v1/customers/{customer_id}/summary", "Customers", "Figures of a customer", "Over all its accounts.", ["as_of"], ref("Summary"), False),
    ("/v1/customers/{customer_id}/accounts", "Accounts", "List accounts", "By number.", [NUMBER, query("roots", FLAG, "Only those without a parent, at `as_of`."), "as_of", *PAGE], items_of("Account"), False),
    ("/v1/accounts/{account_id}", "Accounts", "Read an account", "With its figures at a date.", ["as_of"], ref("AccountDetail"), True),
    ("/v1/accounts/{account_id}/summary", "Accounts", "Figures of an account", "Of itself, or of its subtree; with what it owes as payer and its stage of being overdue.", ["as_of", "subtree"], ref("AccountSummary"), False),
    ("/v1/accounts/{account_id}/children", "Accounts", "List the accounts right below", "By age; those of the day, with its figures.", ["as_of", *PAGE], items_of("Account"), False),
    ("/v1/accounts/{account_id}/ancestors", "Accounts", "List the accounts above", "Nearest first; those of the day.", ["as_of"], items_of("Account"), False),
    ("/v1/accounts/{account_id}/hierarchy", "Accounts", "Walk a subtree", "The account and all below it, parents before children, each with its own and its subtree's totals.", [query("depth", {"type": "integer", "minimum": 0, "maximum": 16}, "Levels below the account."), "as_of", *PAGE], page_of(HIERARCHY_NODE), False),
    ("/v1/accounts/{account_id}/contacts", "Accounts", "List an account's contacts", "Persons who were erased read as `erased`.", [], items_of("Contact"), True),
    ("/v1/customers/{customer_id}/groupings", "Groups", "List groupings", "", PAGE, items_of("Grouping"), False),
    ("/v1/groupings/{grouping_id}", "Groups", "Read a grouping", "Its groups with their members, those of before too. With `totals=true` the sums over each set of accounts: the totals of subgroups need not add up, since an account that is reached on two ways counts once.", [TOTALS, "as_of"], ref("GroupingDetail"), True),
    ("/v1/groupings/{grouping_id}/groups/{group_id}", "Groups", "Figures of a group", "Over the set of its accounts, those of the groups within it too.", ["as_of"], ref("GroupDetail"), True),
    ("/v1/invoices", "Invoices", "List invoices", "Those that an account of the scope owns, pays or has a share of, newest document date first.", [*lists.parameters(query, FLAG, SCOPE, PAGE, ["date", "number", "due_date", "amount", "open", "account_name"], "Number, purchase order, account number or account name", due=True, statuses=lists.INVOICE_STATUSES), query("number", TEXT, "With `customer`, and `as_of` at most: only those with exactly this number.")], lists.page_with_totals(page_of, "Invoice", "open"), False),
    ("/v1/invoices/{invoice_id}", "Invoices", "Read an invoice", "With its lines, the part of each service account, what reduced it or was taken back of that, its disputes, and debit notes and late fees that came out of it.", ["as_of"], ref("InvoiceDetail"), True),
    ("/v1/credit-notes", "Credit notes", "List credit notes", "By document date.", lists.parameters(query, FLAG, SCOPE, PAGE, ["date", "number", "amount", "unapplied", "account_name"], "Number, account number or account name"), lists.page_with_totals(page_of, "CreditNote", "unapplied"), False),
    ("/v1/credit-notes/{credit_note_id}", "Credit notes", "Read a credit note", "", [], ref("CreditNoteDetail"), True),
    ("/v1/payments", "Payments", "List payments", "By the day of receipt.", lists.parameters(query, FLAG, SCOPE, PAGE, ["date", "amount", "unapplied", "account_name"], "Reference, account number or account name", date="day of receipt", statuses=lists.PAYMENT_STATUSES, methods=True), lists.page_with_totals(page_of, "Payment", "unapplied"), False),
    ("/v1/payments/{payment_id}", "Payments", "Read a payment", "With what it was used for, its refunds, chargebacks and returns, and who holds what is left.", [], ref("PaymentDetail"), True),
    ("/v1/disputes", "Disputes", "List disputes", "Newest first; with `as_of` those that were opened by then, as they stood.", [CUSTOMER_REQUIRED, "as_of", *PAGE], items_of("Dispute"), False),
    ("/v1/disputes/{dispute_id}", "Disputes", "Read a dispute", "", [], ref("Dispute"), True),
    ("/v1/users", "Users", "List users", "", [CUSTOMER_REQUIRED, *PAGE], items_of("User"), False),
    ("/v1/users/{user_id}", "Users", "Read a user", "", [], ref("User"), True),
    ("/v1/activity", "Events", "What happened lately", "Newest first, for people.", [*SCOPE, *PAGE], items_of("Activity"), False),
]
MONTH = {"type": "string", "pattern": "^[0-9]{4}-[0-9]{2}$"}
REPORTS = [
    ("/v1/reports/ageing", "Ageing", "What is open at the end of posting day `as_of`, by days late.", [*SCOPE, "as_of", "format"], ref("Ageing"), "as_of,currency,days_late,open,invoices\r\n2026-11-23,USD,current,249.95,1\r\n"),
    ("/v1/reports/open-items", "Open items", "The shares behind the ageing, by account and invoice. CSV has all of them.", [*SCOPE, "as_of", "format", *PAGE], items_of("OpenItem"), "as_of,account_number,account_name,account_name_now,invoice_number,document_date,posting_date,due_date,days_late,currency,billed,open,disputed,account,invoice\r\n"),
    ("/v1/reports/trial-balance", "Trial balance", "Debits and credits of each ledger over all customers, by currency; each currency must balance.", ["as_of", query("currency", ref("Currency"), "Only this one."), query("by", {"type": "string", "enum": ["total", "month"]}, "`month`: what was posted in each month."), "format"], ref("TrialBalances"), "currency,month,ledger,name,debit,credit,balance\r\nUSD,,1100,Receivables,249.95,0.00,249.95\r\n"),
    ("/v1/reports/monthly", "Months", "Documents by the month of their document date, payments by that of their posting date. At most 240 months; the last twelve without a range.", [*SCOPE, query("by", {"type": "string", "enum": ["month", "account", "group"]}, "One series, one for each account of the scope, or one for each group of `grouping` (then without other scope)."), query("from", MONTH, "First month."), query("to", MONTH, "Last month."), "format", *PAGE], ref("Monthly"), "month,id,number,name,currency,invoiced,invoiced_net,invoiced_tax,credited,credited_net,credited_tax,net,tax,paid,written_off,invoices,credit_notes,payments\r\n"),
]
openapi_reads.add_schemas()
READS += openapi_reads.reads(query, FLAG, SCOPE, PAGE, page_of)
REPORTS += openapi_reads.reports(query, MONTH, SCOPE, PAGE)


def parameter(entry):
    return entry if isinstance(entry, dict) else {"$ref": f"#/components/parameters/{entry}"}


def path_parameters(path):
    return [{"name": name, "in": "path", "required": True, "schema": ref(PATH_IDS[name][1])}
            for name in re.findall(r"{(\w+)}", path)]


def problems(*statuses):
    return {str(status): {"$ref": f"#/components/responses/Problem{status}"} for status in statuses}


def headers(etag):
    names = ["Ledger-Position"] + (["ETag"] if etag else [])
    return {name: {"$ref": f"#/components/headers/{name}"} for name in names}


def operation_id(method, path):
    words = re.sub(r"{(\w+)}", r"by_\1", path.removeprefix("/v1")).strip("/").replace("/", "_").replace("-", "_").replace(".", "_")
    return f"{method}_{words or 'root'}"


def operation(method, path, tag, summary, description, parameters, responses, **more):
    made = {"operationId": operation_id(method, path), "tags": [tag], "summary": summary}
    if description:
        made["description"] = description
    if parameters:
        made["parameters"] = parameters
    made.update(more)
    made["responses"] = responses
    return made


def read_operation(path, tag, summary, description, parameters, schema, etag, csv=None):
    content = {"application/json": {"schema": schema}}
    if csv:
        content["text/csv"] = {"schema": {"type": "string"}, "example": csv}
    responses = {"200": {"description": "The answer.", "headers": headers(etag), "content": content}}
    every = path_parameters(path) + [parameter(p) for p in parameters] + [parameter(p) for p in ("position", "min_position", "LedgerPosition")]
    return operation("get", path, tag, summary, description, every, responses | problems(400, 401, 403, 404, 422, 429, 500, 503, 504))


def command_operation(route):
    path, name, fields = route["path"], route["command"], route.get("fields", [])
    command = COMMANDS[name]
    schema = {"$ref": f"#/components/schemas/{name}"}
    if fields or "only" in route:
        schema = route_schema(command["schema"], fields, route.get("only"))
    creates = route.get("creates", False)
    body = {"required": bool(schema.get("required")) or not fields,
            "content": {"application/json": {"schema": schema, "example": route["example"]}}}
    versioned = route.get("if_match", bool(fields) or not creates)
    if_match = [parameter("IfMatch")] if versioned else []
    every = path_parameters(path) + [parameter("IdempotencyKey")] + if_match
    answer_headers = headers(True) | ({"Location": {"$ref": "#/components/headers/Location"}} if creates else {})
    responses = {("201" if creates else "200"): {
        "description": "Durable. A repeat of the same command gets the same answer with `repeated`.",
        "headers": answer_headers,
        "content": {"application/json": {"schema": ref("Receipt"), "example": RECEIPT_EXAMPLE}}}}
    if route.get("queues") and not creates:
        responses["201"] = responses["200"] | {
            "description": "Durable, and in the queue: it could not be booked.",
            "headers": answer_headers | {"Location": {"$ref": "#/components/headers/Location"}}}
    return operation("post", path, route["tag"], route["summary"], command.get("description", ""), every,
                     responses | problems(400, 401, 403, 404, 409, 412, 413, 422, 429, 500, 503, 504),
                     requestBody=body, **{"x-command": name})


def route_schema(schema, fields, only):
    """A command's body without what the path says (and with the fields `only`, where the route has but one form)."""
    schema = schema.get("anyOf", [schema])[route_form(schema, only)]
    keep = {k: v for k, v in schema["properties"].items() if k not in fields and (only is None or k in only)}
    return {"type": "object", "additionalProperties": False, "properties": keep,
            "required": [name for name in schema.get("required", []) if name in keep]}


def route_form(schema, only):
    forms = schema.get("anyOf", [schema])
    return len(forms) - 1 if only is not None else 0


BATCH_LINE = {
    "type": "object", "required": ["id", "command", "body"], "additionalProperties": False,
    "properties": {
        "id": {"type": "string", "minLength": 1, "maxLength": 255, "description": "The line's Idempotency-Key."},
        "command": {"type": "string", "enum": sorted(COMMANDS)},
        "body": {"type": "object", "description": "The command's body, with every id in it."}}}


def batch_operation():
    responses = {"200": {
        "description": "One line for each line of the request, in its order, while it comes in. The status is that of the "
                       "request as a whole; each line has its own.",
        "content": {"application/x-ndjson": {
            "schema": ref("BatchAnswerLine"),
            "example": '{"id":"p-1","status":201,"position":12,"version":1,"object_id":"pay_01hzy3v8m4e6rt5k2xw9c7d0qf"}\n'
                       '{"id":"p-2","line":2,"status":422,"problem":{"type":"about:blank","title":"…","status":422,"code":"missing-field","pointer":"/account"}}\n'}}}}
    body = {"required": True, "content": {"application/x-ndjson": {
        "schema": ref("BatchLine"),
        "example": '{"id":"p-1","command":"payment.record","body":{"account":"acc_01hzy3v8m4e6rt5k2xw9c7d0qf","amount":{"amount":"249.95","currency":"USD"},"method":"wire"}}\n'}}}
    return operation("post", "/v1/batches", "Batches", "Give many commands",
                     "A body of any length, one command a line (NDJSON). Each line is decided by itself, in order; a line that is "
                     "refused does not stop the others. Read the answers while you send: when too many are unread, the "
                     "service stops reading.", [], responses | problems(401, 429, 503), requestBody=body)


def events_operation():
    parameters = [query("after", {"type": "integer", "minimum": 0, "default": 0}, "Events behind this position."),
                  parameter("limit"),
                  query("wait", {"type": "integer", "minimum": 0, "maximum": 20, "default": 0},
                        "Seconds to wait for an event when there is none yet.")]
    schema = {"type": "object", "required": ["items", "next_after"], "additionalProperties": False, "properties": {
        "items": {"type": "array", "items": ref("Event")},
        "next_after": {"type": "integer", "description": "Give it as `after` to go on."}}}
    responses = {"200": {"description": "Events in the order of their positions, which have no gaps.", "headers": headers(False),
                         "content": {"application/json": {"schema": schema}}}}
    return operation("get", "/v1/events", "Events", "Follow the events",
                     "Everything that happened, from the log itself. An answer ends early with the event that takes "
                     "it past 256 KiB. Persons appear by their id only.", parameters, responses | problems(400, 401, 403, 422, 429, 500, 503, 504))


def plain(path, summary, description, content_type, schema, more=None, secure=False):
    responses = {"200": {"description": "The answer.", "content": {content_type: {"schema": schema}}}} | (more or {})
    made = operation("get", path, "Service", summary, description, [], responses)
    if not secure:
        made["security"] = []
    return made


def problem_type_operation():
    """Where the `type` of a problem leads."""
    return {"operationId": "get_problem_type", "tags": ["Service"], "summary": "Look a problem up", "security": [],
            "description": "The `type` of a problem: leads to its code in `/docs`.",
            "parameters": [{"name": "code", "in": "path", "required": True, "schema": {"type": "string", "enum": [code for code, _ in error_codes()]}}],
            "responses": {"303": {"description": "To the documentation."}} | problems(404)}


def service_operations():
    text = {"type": "string"}
    page = {"content": {"text/html": {"schema": text}}}
    no_page = {"403": {"description": "Used before, too old, or never given."} | page,
               "429": {"description": "Too many wrong links: wait."} | page, "500": {"description": "The key could not be stored."} | page}
    first = plain("/first-login", "Open the one-time link", "Shows the bearer key of a new installation, once. The link is printed when the service starts.", "text/html", text, no_page)
    first["parameters"] = [query("token", TEXT, "Of the link.", True)]
    ready = {"503": {"description": "A check failed.", "content": {"application/json": {"schema": ref("Readiness")}}}}
    metrics = plain("/metrics", "Read the metrics", "In Prometheus' text format. Open to the key, and to callers on the "
                    "same machine that ask by a name of it (localhost, 127.0.0.1) and do not stand for others (a Forwarded header).", "text/plain", text, problems(401, 429))
    metrics["security"] = [{"bearer": []}, {}]
    return {
        "/livez": {"get": plain("/livez", "Is the process alive", "", "application/json", {"type": "object", "required": ["status"], "properties": {"status": {"const": "alive"}}})},
        "/readyz": {"get": plain("/readyz", "Is the service ready", "`warn` does not make it unready.", "application/json", ref("Readiness"), ready)},
        "/metrics": {"get": metrics},
        "/openapi.json": {"get": plain("/openapi.json", "This description", "", "application/json", {"type": "object"})},
        "/docs": {"get": plain("/docs", "This description, to read", "", "text/html", text)},
        "/first-login": {"get": first},
        "/": {"get": plain("/", "What answers here", "The version, whether the service is ready and where to read on: a page for a browser, text for others.", "text/plain", text)},
        "/problems/{code}": {"get": problem_type_operation()},
    }


def error_codes():
    table = ERRORS.read_text(encoding="utf-8")
    return re.findall(r'X\(\w+, "([a-z0-9-]+)", k[A-Z]\w*, "([^"]+)"\)', table)


def status_of_code():
    """The status of each code, as gateway/api/problem.cc has it: by its kind, or one of its own."""
    rules = (HERE / "problem.cc").read_text(encoding="utf-8")
    of_kind = dict(re.findall(r"case ErrorKind::(k\w+): return (\d+);", rules))
    own = dict(re.findall(r"error\.code == Code::(k\w+)\) return (\d+);", rules))
    rows = re.findall(r'X\((\w+), "([a-z0-9-]+)", (k[A-Z]\w*), "', ERRORS.read_text(encoding="utf-8"))
    return {code: int(own.get(name, of_kind[kind])) for name, code, kind in rows}


PROBLEM_TEXTS = {
    400: "The request is not well-formed.", 401: "No or another key.", 403: "This key may not do that.",
    404: "There is no such object.", 409: "Not in this state of the object.", 412: "The object has changed since it was read.",
    413: "Larger than a limit.", 422: "Well-formed, but not possible as it stands.", 429: "Too many requests.",
    500: "A defect or a broken store.", 503: "Not now; try again with the same key.", 504: "Not in time; ask again with the same key."}


def components():
    codes, statuses = error_codes(), status_of_code()
    problem = {
        "type": "object", "required": ["type", "title", "status", "code"],
        "properties": {
            "type": {"type": "string"}, "title": {"type": "string"}, "status": {"type": "integer"},
            "detail": {"type": "string"},
            "code": {"type": "string", "enum": [code for code, _ in codes],
                     "description": "\n".join(f"- `{code}`: {title}" for code, title in codes),
                     "x-problems": {code: {"status": statuses[code], "title": title} for code, title in codes}},
            "pointer": {"type": "string", "description": "JSON pointer (RFC 6901) to the field."},
            "request_id": {"type": "string", "description": "The header `Request-Id` of the answer; not in a line of a batch."}}}
    schemas = dict(SCHEMAS)
    schemas["Problem"] = problem
    schemas["BatchLine"] = BATCH_LINE
    for name, command in COMMANDS.items():
        schemas[name] = command["schema"]
    request_id = {"Request-Id": {"$ref": "#/components/headers/Request-Id"}}
    responses = {f"Problem{status}": {"description": text, "headers": request_id, "content": {"application/problem+json": {"schema": ref("Problem")}}}
                 for status, text in PROBLEM_TEXTS.items()}
    return {
        "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer"}},
        "parameters": PARAMETERS,
        "headers": {
            "Ledger-Position": {"description": "All events up to this position are in the answer.", "schema": {"type": "integer"}},
            "ETag": {"description": "The object's version, for If-Match.", "schema": {"type": "string"}},
            "Location": {"description": "Where the new object is read.", "schema": {"type": "string"}},
            "Request-Id": {"description": "Names this request in the service's log.", "schema": {"type": "string"}}},
        "responses": responses,
        "schemas": schemas,
    }


def add_request_ids(operations):
    """Every request may bring an id, and every answer has one."""
    for made in operations.values():
        made["parameters"] = [*made.get("parameters", []), parameter("RequestId")]
        for answer in made["responses"].values():
            if "$ref" not in answer:
                answer["headers"] = answer.get("headers", {}) | {"Request-Id": {"$ref": "#/components/headers/Request-Id"}}


def document():
    paths = {}
    for path, tag, summary, description, parameters, schema, etag in READS:
        paths.setdefault(path, {})["get"] = read_operation(path, tag, summary, description, parameters, schema, etag)
    for path, summary, description, parameters, schema, csv in REPORTS:
        paths.setdefault(path, {})["get"] = read_operation(path, "Reports", summary, description, parameters, schema, False, csv)
    for route in COMMAND_ROUTES:
        paths.setdefault(route["path"], {})["post"] = command_operation(route)
    paths["/v1/events"] = {"get": events_operation()}
    paths["/v1/batches"] = {"post": batch_operation()}
    paths |= service_operations()
    for operations in paths.values():
        add_request_ids(operations)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Billing Ledger", "version": "1.0.0", "description": DESCRIPTION},
        "servers": [{"url": "/"}],
        "security": [{"bearer": []}],
        "tags": [{"name": name, "description": text} for name, text in TAGS],
        "paths": paths,
        "components": components(),
    }


def main():
    target = HERE / "openapi.json"
    text = json.dumps(document(), indent=1, ensure_ascii=False) + "\n"
    if "--check" in sys.argv[1:]:
        return 0 if target.read_text(encoding="utf-8") == text else f"{target} is not what openapi.py makes: run it"
    target.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())

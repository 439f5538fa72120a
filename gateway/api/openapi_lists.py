"""The parameters of the lists of documents and payments, and their sums: what list_params.cc takes."""

from openapi_schemas import BOOL, COUNT, DATE, MONEY, record, ref

METHODS = ["card", "bank_debit", "cheque", "wire", "cash"]
INVOICE_STATUSES = ["draft", "open", "partly_paid", "overdue", "paid", "credited", "discarded", "void", "written_off", "disputed"]
PAYMENT_STATUSES = ["requested", "authorised", "pending", "unknown", "needs_review", "succeeded", "failed", "cancelled", "reversed"]
AS_OF = ("What was there at the end of this posting day, as it was then: an object is there from its posting day on; one without "
         "a posting day yet from the day that it was drafted or asked for. Without it: all that is recorded, with today's figures.")


def several(values):
    """Some of the values, with commas between them."""
    return {"type": "array", "items": {"type": "string", "enum": values}, "uniqueItems": True, "minItems": 1}


def several_of(query, name, values, text):
    return query(name, several(values), text) | {"style": "form", "explode": False}


def days(query, name, what):
    return [query(f"{name}_from", DATE, f"First {what}."), query(f"{name}_to", DATE, f"Last {what}.")]


def parameters(query, flag, scope, page, sorts, texts, date="document date", due=False, statuses=None, methods=False):
    made = [*scope, query("as_of", DATE, AS_OF), *days(query, "date", date), *days(query, "posting", "posting date")]
    if due:
        made += days(query, "due", "due date")
    if statuses:
        made.append(several_of(query, "status", statuses, "Any of these, as of `as_of`."
                               + (" `open` takes everything issued that has something open, `disputed` what has an open dispute." if due else "")))
    if methods:
        made.append(several_of(query, "method", METHODS, "Any of these."))
    made.append(query("q", {"type": "string", "minLength": 1, "maxLength": 200}, f"{texts} begins with this, whatever the case of a to z; at most 200 bytes."))
    both = [sign + sort for sort in sorts for sign in ("", "-")]
    made.append(query("sort", {"type": "string", "enum": both, "default": "-date"},
                      "Upwards, or with `-` downwards. Numbers as people count: INV-9 before INV-10. Other than by `date` at most 200,000 entries are sorted."))
    made.append(query("totals", flag, "Also how many entries the filter has, on all pages, and their sums."))
    return [*made, *page]


def page_with_totals(page_of, name, left):
    """A page of a list; `totals` is there with totals=true."""
    page = page_of(ref(name))
    sums = record("Of the whole filter. `exact` false: there are at least as many; counting ends after 200,000.",
                  count=COUNT, exact=BOOL, amount=MONEY, **{left: MONEY})
    return page | {"properties": page["properties"] | {"totals": sums}}


def names(amended):
    """`account_name` is that of the document's day, `account_name_now` that of today."""
    text = {"type": "string"}
    for name in ("Payment", "Deposit", "CreditNote", "Dispute"):
        amended(name, account_number=text, account_name=text, account_name_now=text)
    amended("Invoice", account_number=text, account_name_now=text, payer_number=text, payer_name=text)
    amended("OpenItem", account_name_now=text)
    amended("CreditNote", invoice_number={"type": ["string", "null"]})
    amended("Dispute", invoice_number=text)
    amended("UsedCredit", invoice_number=text)

"""What the bodies of commands and their examples have in common."""

from openapi_limits import limit
from openapi_schemas import nullable, ref, words  # noqa: F401

TEXT = {"type": "string", "minLength": 1}


def text(constant):
    """A text whose longest length, in bytes, is the constant's."""
    most = limit(constant)
    return {"type": "string", "minLength": 1, "maxLength": most, "description": f"At most {most} bytes."}


def array(items, constant, **more):
    """An array that has at most as many elements as the constant says."""
    return {"type": "array", "items": items, "maxItems": limit(constant), **more}


def body(required=(), **properties):
    return {"type": "object", "additionalProperties": False, "required": list(required), "properties": properties}


def new_id(name):
    return ref(name) | {"description": "Made when absent."}


NAME = text("kNameMax")
COUNT = {"type": "integer", "minimum": 0}
EXTERNAL = text("kReferenceMax") | {"description": "Your id of it."}

REASON = text("kReasonMax")
REFERENCE = text("kReferenceMax")
SHORT = text("kNumberMax")
ITEMS = "kItemsMax"
ON = ref("Date") | {"description": "Today when absent."}
METHOD = words("card", "bank_debit", "cheque", "wire", "cash")
ALLOCATIONS = array(body(
    ("invoice", "amount"), invoice=ref("InvoiceId"), amount=ref("Amount"),
    account=ref("AccountId") | {"description": "Only the share of this service account; split over all that is open when absent."}), ITEMS)
RECEIVED_ALLOCATIONS = array(body(
    ("invoice", "amount"), **ALLOCATIONS["items"]["properties"],
    at_most={"type": "boolean", "default": False,
             "description": "Where less than `amount` is open, only that is paid, and what is left is like money without an allocation; else this is refused."}), ITEMS)
SETTLED = body(("amount", "currency"), amount=ref("Amount"), currency=ref("Currency"), rate=ref("Decimal"), source=REFERENCE) | {
    "description": "What moved at the bank, where that was another currency: `amount` is in `currency`, `rate` is its main units for one of the customer's."}

TAX_INPUT = body(("authority", "code"), authority=SHORT, code=SHORT, rate=ref("Decimal"), basis=ref("Amount"),
                 amount=ref("Amount"), exempt_reason=REASON)
TAX_INPUT["description"] = ("With `amount` as its authority wrote it. Without it the tax is computed by `rate`, on the sum of all lines with the "
                            "same authority, code and rate, rounded once; then it has no `basis` of its own.")
LINE_INPUT = body(("service_account",), service_account=ref("AccountId"), description=text("kDescriptionMax"), product_code=SHORT,
                  revenue_code={"type": "integer", "enum": [4000, 4100, 4200, 4900], "default": 4000},
                  quantity=ref("Decimal"), unit_price=ref("Decimal"), net=ref("Amount"),
                  discount=ref("Amount") | {"description": "What is taken off before tax, at most the line; `net` is what is left. Of a line below zero (a piece that is returned) it is taken back, and may be written with either sign."},
                  service_period=body(("from", "to"), **{"from": ref("Date")}, to=ref("Date")),
                  taxes=array(TAX_INPUT, "kTaxesPerLineMax"),
                  credited_line={"type": "integer", "minimum": 0,
                                 "description": "On a credit note against an invoice: the invoice's line, from 0."})
LINE_INPUT["description"] = "Either `net`, or `quantity` and `unit_price`, or all of them. Amounts are in the body's currency."
LINES = array(LINE_INPUT, "kLinesMax", minItems=1)

ID = "_01hzy3v8m4e6rt5k2xw9c7d0qf"
CUS, ACC, INV, GRP, PAY, PMT = (prefix + ID for prefix in ("cus", "acc", "inv", "grp", "pay", "pmt"))
LINE_EXAMPLE = {"service_account": ACC, "description": "Plan Shotgun", "quantity": "1", "unit_price": "249.95",
                "taxes": [{"authority": "US-TN", "code": "SALES", "rate": "0.07", "amount": "17.50"}]}
USD = {"amount": "249.95", "currency": "USD"}
ISSUE_EXAMPLE = {"account": ACC, "currency": "USD", "document_date": "2026-11-23", "lines": [LINE_EXAMPLE]}


def route(path, command, tag, summary, example, fields=(), creates=False, **more):
    """`fields` are those that the path says. `creates`: 201. `if_match=False`: no object whose version could be named."""
    return dict(path=path, command=command, tag=tag, summary=summary, example=example, fields=list(fields), creates=creates, **more)

"""Commands on payments and what is under them, credit, deposits, plans, payment methods, the queue and periods."""

from openapi_limits import limit
from openapi_parts import (ACC, ALLOCATIONS, COUNT, CUS, EXTERNAL, INV, ITEMS, METHOD, ON, PAY, PMT, REASON, RECEIVED_ALLOCATIONS, REFERENCE, SETTLED,
                           SHORT, USD, LINES, array, body, new_id, ref, route, words)

PROVIDER = dict(provider_reference=REFERENCE, reason=REASON, on=ON)
PAYMENT = dict(account=ref("AccountId"), amount=ref("Money"), method=METHOD, reference=REFERENCE, external_id=EXTERNAL)
PROVIDED = words("card", "bank_debit")
REFUND = dict(payment=ref("PaymentId"), refund=ref("RefundId"))
CHARGEBACK = dict(payment=ref("PaymentId"), chargeback=ref("ChargebackId"))
REPORTED = dict(reference=REFERENCE, on=ON)
LEFT = ref("Money") | {"description": "All that is left when absent."}
FLAG = {"type": "boolean", "default": False}
MONTH = ref("CalendarMonth")
QUEUED = "What cannot be booked goes to the queue (`unbooked.Queued`) and is never refused for that: `id` and `Location` are then those of the queue's entry."
INSTALMENT = body(("due", "amount"), due=ref("Date"), amount=ref("Amount"))

COMMANDS = {
    "payment.record": {"schema": body(("account", "amount", "method"), id=new_id("PaymentId"), **PAYMENT, received_on=ref("Date"), allocations=RECEIVED_ALLOCATIONS, settled=SETTLED),
                       "description": "Without `allocations` the oldest due invoices are paid first; what is left stays as unapplied credit."},
    "payment.request": {"schema": body(("account", "amount", "method"), id=new_id("PaymentId"), **(PAYMENT | {"method": PROVIDED}), method_on_file=ref("MethodId"), allocations=ALLOCATIONS),
                        "description": "The payer's wish is with a provider. Nothing is booked, but what it is to pay is reserved: another request for the same money is refused until the outcome is known."},
    "payment.progress": {"schema": body(("payment", "phase"), payment=ref("PaymentId"), phase=words("authorised", "pending", "unknown", "needs_review", "succeeded", "failed", "cancelled"),
                                        **PROVIDER, settled=SETTLED, amount=ref("Money") | {"description": "As the provider reports it; another amount than was requested goes to the queue."}),
                         "description": "What the provider says of a payment that was requested. `succeeded` books it; a repeated report changes nothing. An outcome that is unknown keeps the reservation. "
                                        "`authorised`, `pending`, `succeeded` and `failed` are news of the provider: " + QUEUED},
    "payment.reverse": {"schema": body(("payment", "reason"), payment=ref("PaymentId"), reason=REASON, on=ON),
                        "description": "It was keyed wrongly: all of it is taken back, and what it paid is open again."},
    "payment.reallocate": {"schema": body(("payment", "currency", "allocations"), payment=ref("PaymentId"), currency=ref("Currency"), allocations=ALLOCATIONS, on=ON),
                           "description": "`allocations` say where all of the payment shall be; the rest becomes unapplied credit."},
    "payment.pay_out": {"schema": body(("payment",), payment=ref("PaymentId"), fee=ref("Money"), reference=REFERENCE, on=ON),
                        "description": "The provider has paid it out, less its fee."},
    "payment.record_exchange_difference": {"schema": body(("payment", "kind", "amount"), payment=ref("PaymentId"), kind=words("gain", "loss"), amount=ref("Money"), reference=REFERENCE, on=ON),
                                           "description": "What was settled in another currency turned out to be worth more (`gain`) or less (`loss`) in the customer's currency than the payment's amount. "
                                                          "It may be recorded several times, each time what is new."},
    "refund.request": {"schema": body(("payment", "amount"), payment=ref("PaymentId"), id=new_id("RefundId"), amount=ref("Money"), with_adjustment=FLAG,
                                      adjustment=body(("lines",), invoice=ref("InvoiceId"), lines=LINES), reason=REASON),
                       "description": "Reserves the amount; books when it has succeeded. With an adjustment a credit note of the same amount is issued then: over the `lines`, or as goodwill."},
    "refund.progress": {"schema": body(("payment", "refund", "phase"), **REFUND, phase=words("pending", "unknown", "needs_review", "succeeded", "failed"), **PROVIDER),
                        "description": "What the provider says of it. `succeeded` books it: first from the payment's own unapplied money, then from its newest allocations. "
                                       "`pending`, `succeeded` and `failed` are news of the provider: " + QUEUED},
    "refund.settle": {"schema": body(("payment", "refund"), **REFUND, netted=FLAG | {"description": "The provider kept it back from a pay-out."}, on=ON),
                      "description": "The money has left the bank."},
    "chargeback.open": {"schema": body(("payment", "amount", "code"), payment=ref("PaymentId"), id=new_id("ChargebackId"), amount=ref("Money"), code=SHORT, **REPORTED),
                        "description": "The provider took the money back; what it had paid is open again. " + QUEUED},
    "chargeback.win": {"schema": body(("payment", "chargeback"), **CHARGEBACK, on=ON), "description": "The money is back: it pays what is still open where it was taken from. " + QUEUED},
    "chargeback.lose": {"schema": body(("payment", "chargeback"), **CHARGEBACK, on=ON), "description": QUEUED},
    "return.report": {"schema": body(("payment", "code"), payment=ref("PaymentId"), id=new_id("ReturnId"), amount=ref("Money") | {"description": "All that is left of the payment when absent."},
                                     code=SHORT | {"examples": ["AC04", "R01", "NSF"]}, **REPORTED),
                      "description": "A bank debit came back, or a cheque bounced. " + QUEUED},
    "unbooked.report": {"schema": body(("amount", "method"), id=new_id("UnbookedId"), customer=ref("CustomerId"), account_number=SHORT, amount=ref("Money"), method=METHOD, **REPORTED),
                        "description": "Money has arrived. It is a payment of the account with this number. " + QUEUED},
    "unbooked.assign": {"schema": body(("unbooked", "account"), unbooked=ref("UnbookedId"), account=ref("AccountId")),
                        "description": "The receipt, or the late money, was this account's: it becomes its payment."},
    "unbooked.resolve": {"schema": body(("unbooked", "how"), unbooked=ref("UnbookedId"), how=REASON), "description": "It was dealt with elsewhere, or was nothing."},
    "credit.hold": {"schema": body(("account", "credit", "held", "reason"), account=ref("AccountId"),
                                   credit={"anyOf": [ref("PaymentId"), ref("CreditNoteId")], "description": "What it came from."}, held={"type": "boolean"}, reason=REASON),
                    "description": "Held credit is not used by itself when an invoice is issued."},
    "credit.transfer": {"schema": body(("account", "to"), account=ref("AccountId"), to=ref("AccountId"),
                                       amount=ref("Money") | {"description": "All that is not held when absent."}, reason=REASON),
                        "description": "Unapplied credit becomes that of another account of the customer, oldest first."},
    "credit.apply": {"schema": body(("account",), account=ref("AccountId")), "description": "Uses unapplied credit, oldest first and but for what is held, on what is open."},
    "deposit.receive": {"schema": body(("account", "amount", "method"), id=new_id("DepositId"), account=ref("AccountId"), amount=ref("Money"), method=METHOD, reference=REFERENCE, received_on=ON),
                        "description": "Held apart: it is no credit until it is used."},
    "deposit.use": {"schema": body(("deposit",), deposit=ref("DepositId"), amount=ref("Money") | {"description": "All that is left, as far as something is open, when absent; required with `allocations`."},
                                   allocations=ALLOCATIONS, on=ON),
                    "description": "Pays what is open, the oldest due first without `allocations`."},
    "deposit.return": {"schema": body(("deposit",), deposit=ref("DepositId"), amount=LEFT, reference=REFERENCE, on=ON)},
    "plan.agree": {"schema": body(("account", "kind", "amount", "instalments"), id=new_id("PlanId"), account=ref("AccountId"), kind=words("promise", "instalments"), amount=ref("Money"),
                                  instalments=array(INSTALMENT, "kInstalmentsMax", minItems=1),
                                  invoices=array(ref("InvoiceId"), ITEMS, description="What it is for; all that the account pays when absent."), note=REASON),
                   "description": "What the payer agreed to, by day. The instalments add up to the amount. It moves no money."},
    "plan.cancel": {"schema": body(("plan", "reason"), plan=ref("PlanId"), reason=REASON)},
    "method.add": {"schema": body(("account", "kind", "token", "brand", "last_four"), id=new_id("MethodId"), account=ref("AccountId"), kind=PROVIDED,
                                  token=REFERENCE | {"description": "The provider's. Never a card number: that is refused."}, brand=SHORT,
                                  last_four={"type": "string", "pattern": "^[0-9]{4}$"}, expires=MONTH | {"description": "The last month in which a card is good."}),
                   "description": "A provider's token on file. Numbers of cards are neither taken nor kept."},
    "method.remove": {"schema": body(("payment_method",), payment_method=ref("MethodId")), "description": "Refused while autopay uses it."},
    "method.set_autopay": {"schema": body(("payment_method",), payment_method=ref("MethodId"), days_before_due=COUNT | {"maximum": limit("kDaysBeforeDueMax"), "default": 0},
                                          at_most=ref("Money") | {"description": "For each draft; without limit when absent."}),
                           "description": "The account's invoices are drafted from this method. It takes the place of another one."},
    "method.clear_autopay": {"schema": body(("account",), account=ref("AccountId"))},
    "books.begin_close": {"schema": body(("period",), period=MONTH), "description": "From here on nothing is posted into the month. Months close one after the other, once they are over."},
    "books.release_revenue": {"schema": body(("period", "customer"), period=MONTH, customer=ref("CustomerId")),
                              "description": "What a customer's deferred lines have earned in the month, at most 1,000 lines at a time: repeat it until `nothing-changes`."},
    "books.close": {"schema": body(("period",), period=MONTH), "description": "For ever. Refused while revenue of the month is not released."},
}

A = "/v1/accounts/{account_id}"
P = "/v1/payments/{payment_id}"
R = P + "/refunds/{refund_id}"
C = P + "/chargebacks/{chargeback_id}"
U = "/v1/unbooked/{unbooked_id}"
D = "/v1/deposits/{deposit_id}"
M = "/v1/payment-methods/{method_id}"
B = "/v1/periods/{period}"
OF_REFUND, OF_CHARGEBACK = ("payment", "refund"), ("payment", "chargeback")
CLAIMS, CREDIT, METHODS, QUEUE = "Refunds and chargebacks", "Credit and deposits", "Payment methods", "Receipts and queue"
TEN = {"amount": "10.00", "currency": "USD"}
ROUTES = [
    route("/v1/payments", "payment.record", "Payments", "Record a payment", {"account": ACC, "amount": USD, "method": "wire", "reference": "TT 4711"}, creates=True),
    route("/v1/payments/requests", "payment.request", "Payments", "Request a payment", {"account": ACC, "amount": USD, "method": "card", "method_on_file": PMT}, creates=True),
    route(P + "/progress", "payment.progress", "Payments", "Report the state of a payment", {"phase": "succeeded", "provider_reference": "ch_3PqX"}, ("payment",), queues=True),
    route(P + "/reverse", "payment.reverse", "Payments", "Reverse a payment", {"reason": "keyed to the wrong account"}, ("payment",)),
    route(P + "/reallocate", "payment.reallocate", "Payments", "Move a payment to other invoices", {"currency": "USD", "allocations": [{"invoice": INV, "amount": "249.95"}]}, ("payment",)),
    route(P + "/pay-out", "payment.pay_out", "Payments", "Report a pay-out", {"fee": {"amount": "7.55", "currency": "USD"}, "reference": "po_1N2b"}, ("payment",)),
    route(P + "/exchange-difference", "payment.record_exchange_difference", "Payments", "Record an exchange difference", {"kind": "loss", "amount": {"amount": "1.20", "currency": "USD"}, "reference": "FX 2026-11"}, ("payment",)),
    route(P + "/refunds", "refund.request", CLAIMS, "Request a refund", {"amount": TEN, "adjustment": {"invoice": INV, "lines": [{"service_account": ACC, "net": "10.00", "credited_line": 0}]}, "reason": "outage"}, ("payment",), creates=True),
    route(R + "/progress", "refund.progress", CLAIMS, "Report the state of a refund", {"phase": "succeeded", "provider_reference": "re_3PqX"}, OF_REFUND, queues=True),
    route(R + "/settle", "refund.settle", CLAIMS, "Settle a refund at the bank", {"netted": True}, OF_REFUND),
    route(P + "/chargebacks", "chargeback.open", CLAIMS, "Report a chargeback", {"amount": TEN, "code": "10.4", "reference": "dp_1N2b"}, ("payment",), creates=True, if_match=False),
    route(C + "/win", "chargeback.win", CLAIMS, "Report a chargeback that was won", {"on": "2026-11-23"}, OF_CHARGEBACK, if_match=False, queues=True),
    route(C + "/lose", "chargeback.lose", CLAIMS, "Report a chargeback that was lost", {"on": "2026-11-23"}, OF_CHARGEBACK, if_match=False, queues=True),
    route(P + "/returns", "return.report", CLAIMS, "Report a return", {"code": "NSF", "reference": "cheque 1042"}, ("payment",), creates=True, if_match=False),
    route(A + "/credit/hold", "credit.hold", CREDIT, "Hold credit back", {"credit": PAY, "held": True, "reason": "meant for the next contract"}, ("account",)),
    route(A + "/credit/transfer", "credit.transfer", CREDIT, "Transfer credit", {"to": ACC, "amount": {"amount": "250.00", "currency": "USD"}, "reason": "asked for by the customer"}, ("account",), if_match=False),
    route(A + "/credit/apply", "credit.apply", CREDIT, "Apply credit", {}, ("account",)),
    route("/v1/deposits", "deposit.receive", CREDIT, "Receive a deposit", {"account": ACC, "amount": {"amount": "20.00", "currency": "USD"}, "method": "wire"}, creates=True),
    route(D + "/use", "deposit.use", CREDIT, "Use a deposit", {"amount": TEN, "allocations": [{"invoice": INV, "amount": "10.00"}]}, ("deposit",)),
    route(D + "/return", "deposit.return", CREDIT, "Return a deposit", {"reference": "TT 4712"}, ("deposit",)),
    route("/v1/plans", "plan.agree", "Plans", "Agree on a plan", {"account": ACC, "kind": "instalments", "amount": {"amount": "14.00", "currency": "USD"}, "instalments": [
        {"due": "2026-12-01", "amount": "6.00"}, {"due": "2027-01-01", "amount": "4.00"}, {"due": "2027-02-01", "amount": "4.00"}], "invoices": [INV]}, creates=True),
    route("/v1/plans/{plan_id}/cancel", "plan.cancel", "Plans", "Cancel a plan", {"reason": "two instalments missed"}, ("plan",)),
    route("/v1/payment-methods", "method.add", METHODS, "Add a payment method", {"account": ACC, "kind": "card", "token": "pm_1N2bXqKz", "brand": "visa", "last_four": "4242", "expires": "2028-05"}, creates=True),
    route(M + "/remove", "method.remove", METHODS, "Remove a payment method", {}, ("payment_method",)),
    route(M + "/autopay", "method.set_autopay", METHODS, "Set autopay", {"days_before_due": 3, "at_most": {"amount": "500.00", "currency": "USD"}}, ("payment_method",)),
    route(A + "/autopay/clear", "method.clear_autopay", METHODS, "Clear autopay", {}, ("account",), if_match=False),
    route("/v1/receipts", "unbooked.report", QUEUE, "Report a receipt", {"account_number": "A-1001", "customer": CUS, "amount": USD, "method": "wire", "reference": "TT 4711"}, creates=True),
    route(U + "/assign", "unbooked.assign", QUEUE, "Assign a receipt", {"account": ACC}, ("unbooked",), creates=True),
    route(U + "/resolve", "unbooked.resolve", QUEUE, "Resolve an entry of the queue", {"how": "sent back to the bank"}, ("unbooked",)),
    route(B + "/begin-close", "books.begin_close", "Periods", "Begin to close a month", {}, ("period",), if_match=False),
    route(B + "/release", "books.release_revenue", "Periods", "Release deferred revenue", {"customer": CUS}, ("period",), if_match=False),
    route(B + "/close", "books.close", "Periods", "Close a month", {}, ("period",), if_match=False),
]

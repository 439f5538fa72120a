"""A small world for scenarios: one customer with accounts, told in short commands, asked in cents.

Amounts are texts of the main unit in and `decimal.Decimal` out. Every command is sent over HTTP with a key of its own, and
every question waits for the newest position, so that what is asked is what the commands left.
"""

import datetime
import decimal

from books import made, money


class World:
    def __init__(self, api, name, currency="USD"):
        self.api = api
        self.currency = currency
        self.customer = made(api.post("/v1/customers", {"name": name, "currency": currency}))
        self.position = 0
        self.answer = None

    def do(self, path, body, refused=None):
        """Sends a command; the answer as JSON. With `refused`, the code with which it must be refused."""
        answer = self.api.post(path, body)
        self.answer = answer.json()
        if refused:
            assert answer.status_code >= 400 and self.answer["code"] == refused, answer.text
            return self.answer
        assert answer.status_code in (200, 201), answer.text
        self.position = self.answer["position"]
        return self.answer

    def ask(self, path, **params):
        answer = self.api.get(path, {**params, "min_position": self.position})
        assert answer.status_code == 200, answer.text
        return answer.json()

    def sum(self, amount):
        return {"amount": amount, "currency": self.currency}

    # Commands. What makes an object answers its id.
    def account(self, number, parent=None, **more):
        body = {"customer": self.customer, "number": number, "name": f"Account {number}", "opened_on": "2010-01-01"}
        return self.do("/v1/accounts", {**body, **({"parent": parent} if parent else {}), **more})["id"]

    def family(self):
        """A parent with two children."""
        parent = self.account("P")
        return parent, self.account("C1", parent), self.account("C2", parent)

    @staticmethod
    def line(account, net, *rates, description="Plan", **more):
        """A line with a computed tax for each rate."""
        taxes = [{"authority": "TAX", "code": f"T{n}", "rate": rate} for n, rate in enumerate(rates)]
        return {"service_account": account, "description": description, "net": net, **({"taxes": taxes} if taxes else {}), **more}

    def issue(self, account, *lines, date=None, refused=None, **more):
        body = {"account": account, "currency": self.currency, "lines": list(lines), **more}
        answer = self.do("/v1/invoices", {**body, **({"document_date": date} if date else {})}, refused)
        return answer.get("id")

    def draft(self, account, *lines):
        return self.do("/v1/invoices/drafts", {"account": account, "currency": self.currency, "lines": list(lines)})["id"]

    def issue_draft(self, draft, **more):
        self.do(f"/v1/invoices/{draft}/issue", more)
        return draft

    def credit(self, account, *lines, invoice=None, reason="adjustment", refused=None):
        body = {"account": account, "currency": self.currency, "lines": list(lines), "reason": reason}
        return self.do("/v1/credit-notes", {**body, **({"invoice": invoice} if invoice else {})}, refused).get("id")

    def adjust(self, account, invoice, net, line=0, tax=None, refused=None):
        """A credit note against one line of an invoice."""
        against = {"credited_line": line, "service_account": account, "net": net}
        if tax is not None:
            against["taxes"] = [{"authority": "TAX", "code": "T0", "rate": "0.1", "amount": tax}]
        return self.credit(account, against, invoice=invoice, refused=refused)

    def pay(self, account, amount, method="card", refused=None, **more):
        body = {"account": account, "amount": self.sum(amount), "method": method, **more}
        return self.do("/v1/payments", body, refused).get("id")

    def request(self, account, amount, refused=None, **more):
        body = {"account": account, "amount": self.sum(amount), "method": "card", **more}
        return self.do("/v1/payments/requests", body, refused).get("id")

    def progress(self, payment, phase, refused=None, **more):
        return self.do(f"/v1/payments/{payment}/progress", {"phase": phase, **more}, refused)

    def refund(self, payment, amount, adjustment=False, refused=None):
        """Requested and succeeded at once."""
        answer = self.do(f"/v1/payments/{payment}/refunds",
                         {"amount": self.sum(amount), "with_adjustment": adjustment}, refused)
        if refused:
            return None
        refund = answer["id"]
        self.do(f"/v1/payments/{payment}/refunds/{refund}/progress", {"phase": "succeeded"})
        return refund

    def charge_back(self, payment, amount):
        answer = self.do(f"/v1/payments/{payment}/chargebacks", {"amount": self.sum(amount), "code": "10.4"})
        return answer["id"]

    def exchange_difference(self, payment, kind, amount, refused=None):
        self.do(f"/v1/payments/{payment}/exchange-difference", {"kind": kind, "amount": self.sum(amount)}, refused)

    # Questions.
    def invoice(self, invoice, **params):
        return self.ask(f"/v1/invoices/{invoice}", **params)

    def due(self, invoice):
        return money(self.invoice(invoice)["open"])

    def total(self, invoice):
        return money(self.invoice(invoice)["total"])

    def own(self, account, what):
        return money(self.ask(f"/v1/accounts/{account}")["own"][what])

    def balance(self, account):
        return self.own(account, "balance")

    def unapplied(self, account):
        return self.own(account, "unapplied_credit")

    def ledger(self, code):
        """The balance of a ledger over all customers in this currency."""
        book, = self.ask("/v1/reports/trial-balance", currency=self.currency)["items"]
        return sum(money(one["balance"]) for one in book["ledgers"] if one["ledger"] == code)


def dollars(text):
    return decimal.Decimal(text)


def days_ago(count):
    """The day `count` days before today, as the service counts days in UTC."""
    return (datetime.datetime.now(datetime.UTC).date() - datetime.timedelta(days=count)).isoformat()

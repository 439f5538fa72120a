"""Command files for `billing import` from Python: ids as the importer derives them, NDJSON lines.

Standard library only. Amounts are texts or `decimal.Decimal`; a float is refused.
"""

import decimal
import hashlib
import json

ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"


def derived(kind, import_name, key):
    """26 characters of base32: the rule of ops/import/names.h, which never changes."""
    name = f"billing.import/{kind}\0{import_name}\n{key}".encode()
    value = bytearray(hashlib.sha256(name).digest()[:16])
    value[6] = value[6] & 0x0F | 0x80
    value[8] = value[8] & 0x3F | 0x80
    number = int.from_bytes(value, "big")
    return "".join(ALPHABET[number >> shift & 31] for shift in range(125, -1, -5))


def plain(value):
    """JSON's own kinds stay, decimals become texts, floats are an error."""
    if isinstance(value, float):
        raise TypeError("a float in a command: use decimal.Decimal")
    if isinstance(value, decimal.Decimal):
        return format(value, "f")
    if isinstance(value, dict):
        return {key: plain(one) for key, one in value.items() if one is not None}
    if isinstance(value, (list, tuple)):
        return [plain(one) for one in value]
    return value


class CommandFile:
    """Writes commands of one import; objects are known by keys of the caller's own."""

    def __init__(self, out, import_name, currency):
        self.out = out
        self.import_name = import_name
        self.currency = currency
        self.count = 0

    def id(self, prefix, key):
        return f"{prefix}_{derived(prefix, self.import_name, key)}"

    def command(self, name, key, body):
        """`key` makes the command's id: the same key again is the same command."""
        line = {"id": f"{name}-{derived('command/' + name, self.import_name, key)}", "command": name, "body": plain(body)}
        self.out.write(json.dumps(line, ensure_ascii=False, separators=(",", ":")) + "\n")
        self.count += 1

    def money(self, amount):
        return {"amount": amount, "currency": self.currency}

    def customer(self, key, name):
        self.command("customer.create", key, {"id": self.id("cus", key), "name": name, "currency": self.currency})
        return self.id("cus", key)

    def account(self, customer, key, name, parent=None, opened_on=None, number=None, terms=None, **more):
        self.command("account.open", key, {
            "id": self.id("acc", key), "customer": customer, "number": number or key, "name": name,
            "parent": parent and self.id("acc", parent), "opened_on": opened_on, "payment_terms_days": terms, **more})
        return self.id("acc", key)

    def invoice(self, key, account, lines, date, due=None, number=None, **more):
        self.command("invoice.issue", key, {
            "id": self.id("inv", key), "account": self.id("acc", account), "currency": self.currency,
            "document_date": date, "due_date": due, "number": number, "lines": lines, **more})

    def credit_note(self, key, account, lines, date, reason, number=None, invoice=None):
        self.command("credit_note.issue", key, {
            "id": self.id("crn", key), "account": self.id("acc", account), "currency": self.currency,
            "invoice": invoice and self.id("inv", invoice), "document_date": date, "number": number,
            "reason": reason, "lines": lines})

    def payment(self, key, account, amount, received_on, method="wire", invoice=None, **more):
        allocations = invoice and [{"invoice": self.id("inv", invoice), "amount": amount}]
        self.command("payment.record", key, {
            "id": self.id("pay", key), "account": self.id("acc", account), "amount": self.money(amount),
            "method": method, "received_on": received_on, "allocations": allocations, **more})

    def dispute(self, key, invoice, reason, opened_on, amount=None):
        self.command("dispute.open", key, {
            "id": self.id("dsp", key), "invoice": self.id("inv", invoice), "reason": reason, "opened_on": opened_on,
            "amount": amount and self.money(amount)})

    def grouping(self, customer, key, name):
        self.command("grouping.create", key, {"id": self.id("gpg", key), "customer": customer, "name": name})

    def group(self, grouping, key, name, parent=None):
        self.command("grouping.add_group", key, {
            "grouping": self.id("gpg", grouping), "id": self.id("grp", key), "name": name,
            "parent": parent and self.id("grp", parent)})

    def members(self, grouping, group, accounts, since, with_subtree=False):
        """Up to 1,000 accounts a command."""
        for n in range(0, len(accounts), 1000):
            self.command("grouping.add_accounts", f"{group}\n{n}", {
                "grouping": self.id("gpg", grouping), "group": self.id("grp", group),
                "accounts": [self.id("acc", account) for account in accounts[n:n + 1000]],
                "with_subtree": with_subtree, "from": since})

#!/usr/bin/env python3
"""Demo data: a made-up telecom customer with 18 months of invoices, payments, credit notes and disputes, as commands
for `billing import`. The same --today gives the same file. All names are invented."""

import argparse
import datetime
import decimal
import pathlib
import random
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "import"))

from commands import CommandFile  # noqa: E402

D = decimal.Decimal
CENT = D("0.01")
MONTHS = 18
TAX_RATE = D("0.0825")
PLANS = [("Fibre Business 1G", "PLAN-F1G", "249.95"), ("Fibre Business 300", "PLAN-F300", "149.95"),
         ("Office Voice 20", "PLAN-V20", "89.90"), ("Mobile Team 10", "PLAN-M10", "199.00"),
         ("Shop Connect", "PLAN-SHOP", "29.95")]
EXTRAS = [("Static IP addresses", "ADD-IP", "12.50"), ("Managed firewall", "ADD-FW", "45.00"),
          ("Backup line", "ADD-LTE", "24.90")]
EQUIPMENT = [("Router BX-210", "EQ-BX210", "189.00"), ("Desk phone T40", "EQ-T40", "79.50"),
             ("Switch 24 ports", "EQ-SW24", "312.00")]
TREE = {"Northern Light Bakeries": {
    "Region North": ["Oslo Street Bakery", "Harbour Bakery", "Old Mill Bakery", "Station Kiosk", "Fjord View Cafe"],
    "Region South": ["Market Hall Bakery", "Riverside Cafe", "Cathedral Cafe", "South Gate Kiosk"],
    "Region East": ["Airport Cafe East", "Lakeside Bakery", "University Cafe", "Forest Road Bakery"],
    "Region West": ["Pier Bakery", "Lighthouse Cafe", "West End Kiosk"],
    "Central Services": ["Flour Warehouse", "Logistics Depot"]}}
PEOPLE = [("Astrid Vale", "administrator"), ("Bruno Halvorsen", "manager"), ("Carla Winther", "payer"),
          ("Deniz Falk", "viewer"), ("Edda Lindqvist", "viewer")]


def months_back(today, count):
    """The first day of the month `count` months before that of `today`."""
    index = today.year * 12 + today.month - 1 - count
    return datetime.date(index // 12, index % 12 + 1, 1)


def email(name):
    return name.lower().replace(" ", ".") + "@example.com"


class Demo:
    def __init__(self, commands, today):
        self.commands, self.today = commands, today
        self.random = random.Random(20_260_101)
        self.opened = months_back(today, MONTHS + 1)
        self.happenings = []  # (date, order, key, function): told in the order in which they happened
        self.sites, self.plans, self.account_keys = [], {}, []

    def at(self, date, order, key, tell):
        if date <= self.today:
            self.happenings.append((date, order, key, tell))

    def run(self):
        self.customer = self.commands.customer("customer", "Northern Light Bakeries")
        self.accounts()
        self.people()
        self.groupings()
        for back in range(MONTHS, 0, -1):
            self.month(months_back(self.today, back))
        for *_, tell in sorted(self.happenings, key=lambda one: one[:3]):
            tell()
        self.changes()

    def accounts(self):
        for head, regions in TREE.items():
            self.open(head, "100000", None)
            for r, (region, sites) in enumerate(regions.items(), start=1):
                self.open(region, f"1{r:02}000", head)
                for s, site in enumerate(sites, start=1):
                    self.open(site, f"1{r:02}{s:03}", region, role="payer")
                    self.sites.append(site)
                    self.plans[site] = self.random.sample(PLANS, self.random.choice([1, 2, 2, 3]))

    def open(self, name, number, parent, role=None):
        self.commands.account(self.customer, name, name, parent=parent, opened_on=self.opened.isoformat(), number=number,
                              terms=30, role=role)
        self.account_keys.append(name)

    def people(self):
        for name, role in PEOPLE:
            self.commands.command("user.invite", name, {
                "id": self.commands.id("usr", name), "customer": self.customer, "role": role, "name": name,
                "email": email(name)})
        for account, (name, _) in zip(self.account_keys, PEOPLE):
            self.commands.command("account.change_contacts", account, {
                "account": self.commands.id("acc", account),
                "contacts": [{"person": self.commands.id("per", name), "role": "billing", "name": name,
                              "email": email(name), "phone": "+1 555 0100"}]})

    def groupings(self):
        since = self.opened.isoformat()
        self.commands.grouping(self.customer, "Regions", "Regions")
        for region in list(TREE.values())[0]:
            self.commands.group("Regions", f"Regions/{region}", region)
            self.commands.members("Regions", f"Regions/{region}", [region], since, with_subtree=True)
        self.commands.grouping(self.customer, "Departments", "Departments")
        self.commands.group("Departments", "Departments/Retail", "Retail")
        for kind in ("Bakery", "Cafe", "Kiosk"):
            name = {"Bakery": "Bakeries", "Cafe": "Cafes", "Kiosk": "Kiosks"}[kind]
            self.commands.group("Departments", f"Departments/{name}", name, parent="Departments/Retail")
            self.commands.members("Departments", f"Departments/{name}", [s for s in self.sites if kind in s], since)

    def line(self, site, item, quantity=1, period=None, revenue=None):
        description, code, price = item
        net = (D(price) * D(quantity)).quantize(CENT, decimal.ROUND_HALF_UP)
        tax = (net * TAX_RATE).quantize(CENT, decimal.ROUND_HALF_UP)
        line = {"service_account": self.commands.id("acc", site), "description": description, "product_code": code,
                "quantity": str(quantity), "unit_price": price, "revenue_code": revenue,
                "service_period": period and {"from": period[0].isoformat(), "to": period[1].isoformat()},
                "taxes": [{"authority": "State", "code": "SALES", "rate": str(TAX_RATE), "amount": str(tax)}]}
        return line, net, tax

    def month(self, first):
        following = (first + datetime.timedelta(days=32)).replace(day=1)
        for site in self.sites:
            lines = [self.line(site, plan, 1, (first, following)) for plan in self.plans[site]]
            if self.random.random() < 0.5:
                lines.append(self.line(site, self.random.choice(EXTRAS), 1, (first, following)))
            minutes = self.random.randint(0, 900)
            if minutes:
                lines.append(self.line(site, ("Calls abroad, minutes", "USE-INT", "0.0495"), minutes, None, 4100))
            data = f"{self.random.randint(0, 400)}.{self.random.randint(1, 999):03}"
            lines.append(self.line(site, ("Mobile data, GB", "USE-DATA", "0.35"), data, None, 4100))
            if self.random.random() < 0.06:
                lines.append(self.line(site, self.random.choice(EQUIPMENT), self.random.randint(1, 3)))
            self.document(site, first, lines)

    def document(self, site, date, lines):
        key = f"{site}/{date:%Y-%m}"
        due = date + datetime.timedelta(days=30)
        total = sum((net + tax for _, net, tax in lines), D(0))
        bodies = [line for line, _, _ in lines]
        self.at(date, 0, key, lambda: self.commands.invoice(key, site, bodies, date.isoformat(), due.isoformat(),
                                                            memo=f"Services of {date:%B %Y}"))
        chance = self.random.random()
        if chance < 0.03:  # something was wrong: part of the first line is given back
            gift = {"service_account": self.commands.id("acc", site), "net": "10.00", "credited_line": 0}
            noted = date + datetime.timedelta(days=9)
            self.at(noted, 1, key, lambda: self.commands.credit_note(key, site, [gift], noted.isoformat(),
                                                                     "outage of two days", invoice=key))
            self.pay(key, site, total - D("10.00"), due)
        elif chance < 0.05:
            raised = date + datetime.timedelta(days=12)
            self.at(raised, 1, key, lambda: self.commands.dispute(key, key, "calls that were not ours", raised.isoformat()))
            if self.random.random() < 0.5:
                self.pay(key, site, total, due + datetime.timedelta(days=25))
        elif chance < 0.08:
            self.pay(key, site, (total / 2).quantize(CENT, decimal.ROUND_DOWN), due)  # and the rest is open
        elif chance < 0.10:
            pass  # open and, after a month, overdue
        else:
            late = self.random.random() < 0.15
            self.pay(key, site, total, due + datetime.timedelta(days=self.random.randint(1, 40) if late
                                                               else -self.random.randint(0, 20)))

    def pay(self, key, site, amount, date):
        method = self.random.choice(["wire", "wire", "bank_debit", "card", "cheque"])
        reference = f"remittance {self.random.randint(100_000, 999_999)}"
        self.at(date, 2, key, lambda: self.commands.payment(key, site, str(amount), date.isoformat(), method, invoice=key,
                                                            reference=reference))

    def changes(self):
        """What can only happen today: names, and the place of an account."""
        for old, new in (("Pier Bakery", "Pier Bakery & Deli"), ("Station Kiosk", "Central Station Kiosk")):
            self.commands.command("account.rename", f"{old}/{new}", {
                "account": self.commands.id("acc", old), "name": new, "reason": "new sign over the door"})
        self.commands.command("hierarchy.move", "Forest Road Bakery", {
            "account": self.commands.id("acc", "Forest Road Bakery"),
            "new_parent": self.commands.id("acc", "Region North")})


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--today", type=datetime.date.fromisoformat, default=datetime.date.today(), metavar="YYYY-MM-DD")
    parser.add_argument("--out", default="-", help="file for the commands (default: standard output)")
    options = parser.parse_args()
    out = sys.stdout if options.out == "-" else open(options.out, "w", encoding="utf-8", newline="\n")
    with out:
        Demo(CommandFile(out, "demo", "USD"), options.today).run()


if __name__ == "__main__":
    main()

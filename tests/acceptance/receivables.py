#!/usr/bin/env python3
"""1,277 invoices of 2012, their disputes and payments, in the order in which they happened."""

import csv
import datetime

import real_input


def day(text):
    return datetime.datetime.strptime(text, "%m/%d/%Y").date().isoformat()


def convert(commands, data):
    with open(data / "receivables/receivables.csv", encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    opened = min(day(row["InvoiceDate"]) for row in rows)
    customer = commands.customer("receivables", "Receivables")
    commands.account(customer, "receivables", "Receivables", opened_on=opened)
    countries = {}
    for row in rows:
        countries.setdefault(row["countryCode"], {})[row["customerID"]] = None
    for account in sorted({account for members in countries.values() for account in members}):
        commands.account(customer, account, f"Customer {account}", parent="receivables", opened_on=opened, role="payer")
    commands.grouping(customer, "country", "Country")
    for country, members in sorted(countries.items()):
        commands.group("country", f"country/{country}", country)
        commands.members("country", f"country/{country}", sorted(members), opened)
    # By day; on one day an invoice before its dispute, and both before a payment.
    happenings = []
    for row in rows:
        happenings.append((day(row["InvoiceDate"]), 0, row["invoiceNumber"], row))
        if row["Disputed"] == "Yes":
            happenings.append((day(row["InvoiceDate"]), 1, row["invoiceNumber"], row))
        happenings.append((day(row["SettledDate"]), 2, row["invoiceNumber"], row))
    for date, what, number, row in sorted(happenings, key=lambda one: one[:3]):
        if what == 0:
            line = {"service_account": commands.id("acc", row["customerID"]), "net": row["InvoiceAmount"]}
            commands.invoice(number, row["customerID"], [line], date, due=day(row["DueDate"]), number=number)
        elif what == 1:
            commands.dispute(number, number, "disputed by the customer", date)
        else:
            # In full, to its own invoice: that closes the dispute too.
            commands.payment(number, row["customerID"], row["InvoiceAmount"], date, invoice=number)


if __name__ == "__main__":
    real_input.run(__doc__, "receivables", "USD", convert)

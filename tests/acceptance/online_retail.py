#!/usr/bin/env python3
"""UCI Online Retail as commands: a customer, an account per (CustomerID, country) and a cash account per country under
its root, a grouping of countries, invoices with their own numbers, and free credit notes for the numbers with a C."""

import csv
import lzma

import real_input

OPENED = "2010-12-01"  # the day of the first document
ROOT_KEY = "online-retail"


def account_key(row):
    return f"{row['CustomerID'].removesuffix('.0') or 'cash'}/{row['Country']}"


def line(commands, row, sign):
    return {"service_account": commands.id("acc", account_key(row)), "description": " ".join(row["Description"].split()),
            "product_code": row["StockCode"], "quantity": str(sign * int(row["Quantity"])),
            "unit_price": row["UnitPrice"]}


def convert(commands, data):
    documents, accounts, countries = {}, {}, {}
    with lzma.open(data / "online-retail/online-retail.csv.xz", "rt", encoding="utf-8", newline="") as rows:
        for row in csv.DictReader(rows):
            documents.setdefault(row["InvoiceNo"], []).append(row)
            key = account_key(row)
            if key not in accounts:
                accounts[key] = row
                countries.setdefault(row["Country"], []).append(key)
    customer = commands.customer("online-retail", "Online Retail")
    commands.account(customer, ROOT_KEY, "Online Retail", opened_on=OPENED)
    for key in accounts:
        who, country = key.split("/")
        name = f"Cash sales, {country}" if who == "cash" else f"Customer {who}, {country}"
        commands.account(customer, key, name, parent=ROOT_KEY, opened_on=OPENED, role="payer")
    commands.grouping(customer, "country", "Country")
    for country in sorted(countries):
        commands.group("country", f"country/{country}", country)
        commands.members("country", f"country/{country}", countries[country], OPENED)
    # In the order of the file, which is that of time. Some documents have two times of one day: the first counts.
    for number, rows in documents.items():
        date, account = rows[0]["InvoiceDate"][:10], account_key(rows[0])
        if number.startswith("C"):
            commands.credit_note(number, account, [line(commands, row, -1) for row in rows], date, "returned goods",
                                 number=number)
        else:
            commands.invoice(number, account, [line(commands, row, 1) for row in rows], date, number=number)


if __name__ == "__main__":
    real_input.run(__doc__, "online-retail", "GBP", convert)

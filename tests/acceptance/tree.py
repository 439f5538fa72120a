#!/usr/bin/env python3
"""A real tree of 6,940 nodes as accounts. Leaf number i, in the order of the file, gets an invoice of i cents, so that
n leaves come to n(n+1)/2 cents at the root."""

import csv

import real_input

DATE = "2020-01-01"


def convert(commands, data):
    with open(data / "tree/hs.csv", encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    by_parent = {}
    for row in rows:
        by_parent.setdefault(row["parent_id"], []).append(row)
    customer = commands.customer("hs", "Harmonized System")
    waiting = list(reversed(by_parent[""]))
    while waiting:  # parents first
        row = waiting.pop()
        # A name has up to 200 bytes.
        name = row["name"].encode()[:200].decode(errors="ignore").strip() or row["id"]
        role = None if row["id"] in by_parent else "payer"  # leaves have invoices of their own
        commands.account(customer, row["id"], name, parent=row["parent_id"] or None, opened_on=DATE, role=role)
        waiting.extend(reversed(by_parent.get(row["id"], [])))
    leaves = [row for row in rows if row["id"] not in by_parent]
    for cents, leaf in enumerate(leaves, start=1):
        line = {"service_account": commands.id("acc", leaf["id"]), "net": f"{cents // 100}.{cents % 100:02}"}
        commands.invoice(leaf["id"], leaf["id"], [line], DATE)


if __name__ == "__main__":
    real_input.run(__doc__, "hs", "USD", convert)

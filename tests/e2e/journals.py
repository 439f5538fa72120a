"""The exported journal in three independent checkers: hledger, beancount and ledger."""

import decimal
import os
import subprocess

from books import money


def run_checker(*command):
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, timeout=300,
                          env={**os.environ, "LC_ALL": "C.UTF-8"})
    assert done.returncode == 0, f"{command[0]}: {done.stdout[-2000:]}{done.stderr[-2000:]}"
    return done.stdout


def check_journal(billing_binary, server, folder):
    """Exports the journal of a running server's books (it is stopped for that) and compares every balance."""
    expected = {}
    for book in server.client().get("/v1/reports/trial-balance").json()["items"]:
        assert book["balanced"] and money(book["debit"]) == money(book["credit"])
        for ledger in book["ledgers"]:
            expected[str(ledger["ledger"]), book["currency"]] = money(ledger["balance"])
    assert expected
    server.stop()
    try:
        journal = folder / "books.journal"
        run_checker(billing_binary, "export", "journal", "--data", server.data, "--output", journal)
        run_checker("hledger", "-f", journal, "check")
        run_checker("bean-check", journal)
        found = dict.fromkeys(expected, decimal.Decimal(0))  # hledger shows no account whose balance is zero
        for line in run_checker("hledger", "-f", journal, "balance", "--flat", "--no-total", "-O", "csv",
                                "--layout=bare").splitlines()[1:]:
            account, currency, amount = line.replace('"', "").split(",")
            found[account.split(":")[1].split("-")[0], currency] = decimal.Decimal(amount)
        assert found == expected
        for (code, currency), amount in expected.items():
            balance = run_checker("ledger", "-f", journal, "--flat", "balance", f":{code}-")
            assert amount == 0 or f"{amount} {currency}" in balance, balance
    finally:
        server.start()

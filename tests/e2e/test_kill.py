"""Twenty crashes during a load lose nothing that was acknowledged and leave nothing half done."""

import random
import subprocess

import pytest

from books import Books, Receipts, check_whole, line, load_with_crashes

pytestmark = pytest.mark.slow
CRASHES = 20


def mixed_lines(books, count):
    """Payments and invoices in turn, on all leaves."""
    made = []
    for number in range(count):
        leaf = books.leaves[number % len(books.leaves)]
        amount = f"{1 + number % 97}.{number % 100:02}"
        if number % 2:
            made.append(line("payment.record", books.payment(amount, leaf)))
        else:
            made.append(line("invoice.issue", books.invoice(amount, leaf)))
    return made


def test_twenty_kills_lose_nothing_that_was_acknowledged(ledger_server, billing_binary, tmp_path_factory):
    books = Books(ledger_server.client(), leaves=7)
    lines = mixed_lines(books, 4000)
    receipts = Receipts(tmp_path_factory.mktemp("client") / "receipts")
    pick = random.Random(7)
    broken = []

    def count_broken(_):
        broken.append(len(receipts.all()))

    load_with_crashes(ledger_server, lines, receipts, CRASHES, lambda: pick.uniform(0.0, 0.25), count_broken)
    assert len(broken) == CRASHES and broken[-1] < len(lines), "the load was over before the last kill"

    acknowledged = receipts.all()
    commands = check_whole(ledger_server.client())
    assert {key for key, _ in lines} == acknowledged.keys()
    for key, position in acknowledged.items():
        assert commands[key][-1]["position"] == position, key
    # And nothing that nobody sent: what Books made has keys of its own.
    assert len(commands) == len(lines) + 2 + len(books.leaves)

    ledger_server.stop()
    done = subprocess.run([billing_binary, "verify", "--data", ledger_server.data], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr


def test_what_was_acknowledged_is_answered_as_repeated_after_a_kill(ledger_server):
    books = Books(ledger_server.client())
    api = ledger_server.client()
    first = api.post("/v1/invoices", books.invoice(), "the-key")
    ledger_server.restart(hard=True)
    again = ledger_server.client().post("/v1/invoices", books.invoice(), "the-key")
    assert (first.json()["repeated"], again.json()["repeated"]) == (False, True)
    assert {**again.json(), "repeated": False} == first.json()
    assert len(check_whole(ledger_server.client())["the-key"]) == len(first.json()["events"])

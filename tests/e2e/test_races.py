"""Sixty-four clients at one invoice: whatever order the commands take, nothing is allocated twice and the sums hold."""

import concurrent.futures
import random
import threading

import pytest

from books import check_whole, feed, money
from harness import uuid7
from scenario import World, dollars

CLIENTS = 64
ROUNDS = 12


def at_once(count, work):
    """Runs `work(n)` for n in range(count), all at the same time; the results in order."""
    start = threading.Barrier(count)

    def run(n):
        start.wait(30)
        return work(n)

    with concurrent.futures.ThreadPoolExecutor(count) as pool:
        return list(pool.map(run, range(count)))


def test_clients_that_pay_refund_void_and_credit_one_invoice_never_overdraw_it(ledger_server):
    api = ledger_server.client()
    world = World(api, "Race")
    account = world.account("A")
    invoice = world.issue(account, world.line(account, "1000.00"))
    expected = {"exceeds-captured", "credit-exceeds-line", "invoice-paid", "invoice-void", "allocation-exceeds-open",
                "amount-not-positive"}

    def client(n):
        """A client of its own with a plan of its own; the refusals that it met."""
        mine, pick, refusals, payments = ledger_server.client(), random.Random(n), [], []
        for _ in range(ROUNDS):
            amount = f"{pick.randint(1, 60)}.{pick.randint(0, 99):02}"
            choice = pick.random()
            if choice < 0.45 or not payments:
                body = {"account": account, "amount": world.sum(amount), "method": "card"}
                if pick.random() < 0.5:
                    body["allocations"] = [{"invoice": invoice, "amount": amount}]
                answer = mine.post("/v1/payments", body)
                if answer.status_code == 201:
                    payments.append(answer.json()["id"])
            elif choice < 0.65:
                answer = mine.post(f"/v1/payments/{pick.choice(payments)}/refunds", {"amount": world.sum(amount)})
                if answer.status_code == 201:
                    path = f"/v1/payments/{answer.json()['events'][0]['stream']['id']}/refunds/{answer.json()['id']}/progress"
                    answer = mine.post(path, {"phase": "succeeded"})
            elif choice < 0.9:
                answer = mine.post("/v1/credit-notes", {
                    "account": account, "currency": "USD", "invoice": invoice, "reason": "race",
                    "lines": [{"service_account": account, "net": amount, "credited_line": 0}]})
            else:
                answer = mine.post(f"/v1/invoices/{invoice}/void", {"reason": "race"})
            assert answer.status_code in (200, 201, 409), answer.text
            if answer.status_code == 409:
                refusals.append(answer.json()["code"])
        return refusals

    refusals = {code for found in at_once(CLIENTS, client) for code in found}
    assert refusals <= expected, refusals
    events = list(feed(api))
    check_whole(api)

    # The sums again, from the events alone.
    open_amount = unapplied = 0
    for event in events:
        for posting in event["postings"]:
            if posting["ledger"] == 1100:
                open_amount += money(posting["amount"])
                assert open_amount >= 0, event
            if posting["ledger"] == 2100:
                unapplied -= money(posting["amount"])
                assert unapplied >= 0, event
    world.position = events[-1]["position"]
    assert world.due(invoice) == open_amount
    assert world.unapplied(account) == unapplied
    assert 0 <= open_amount <= dollars("1000")


def test_one_key_fifty_times_in_parallel_is_one_event_and_fifty_equal_answers(ledger_server):
    api = ledger_server.client()
    world = World(api, "Same key")
    account = world.account("A")
    world.issue(account, world.line(account, "100.00"))
    before = len(list(feed(api)))
    key, body = uuid7(), {"account": account, "amount": world.sum("30.00"), "method": "wire"}
    answers = at_once(50, lambda _: ledger_server.client().post("/v1/payments", body, key))
    assert {answer.status_code for answer in answers} == {201}
    bodies = [{**answer.json(), "repeated": None} for answer in answers]
    assert all(one == bodies[0] for one in bodies)
    assert sum(not answer.json()["repeated"] for answer in answers) == 1
    assert len(list(feed(api))) == before + 1
    assert world.balance(account) == dollars("70")


@pytest.mark.parametrize("other", [{"amount": "31.00"}, {"amount": "30.00", "extra": True}])
def test_one_key_with_another_body_is_refused(ledger_server, other):
    world = World(ledger_server.client(), "Other body")
    account = world.account("A")
    key = uuid7()
    body = {"account": account, "amount": world.sum("30.00"), "method": "wire"}
    assert ledger_server.client().post("/v1/payments", body, key).status_code == 201
    changed = {**body, "amount": world.sum(other["amount"])}
    if other.get("extra"):
        changed["reference"] = "another"
    again = ledger_server.client().post("/v1/payments", changed, key)
    assert (again.status_code, again.json()["code"]) == (422, "idempotency-key-reused")

"""What was reported of other billing systems, told to the service over HTTP: late news of providers, contradicting amounts, the
order of numbers, ids of other systems, and repeats that are written differently.
"""

import uuid

import pytest

from books import made
from scenario import World, days_ago, dollars

UNKNOWN = "pay_01m8dee4hcfn3bgtkfn34z4ex1"


@pytest.fixture
def world(ledger_server, request):
    return World(ledger_server.client(), request.node.name)


def queue(world):
    return world.ask("/v1/unbooked", customer=world.customer)["items"]


def test_a_success_after_a_failure_is_queued_and_assigned(world):
    account = world.account("A")
    invoice = world.issue(account, world.line(account, "40.00"), date=days_ago(3))
    for phase in ("failed", "cancelled"):
        payment = world.request(account, "40.00")
        world.progress(payment, phase)
        world.progress(payment, "succeeded", provider_reference="tr_77")
        assert world.answer["id"].startswith("ubk_")
        assert world.ask(f"/v1/unbooked/{world.answer['id']}")["kind"] == "late_money"
    assert [(one["reason"], one["reported_object"] == payment) for one in queue(world)] == [
        ("invalid-transition", False), ("invalid-transition", True)]
    assert world.progress(payment, "succeeded", refused="nothing-changes", provider_reference="tr_77")
    assert world.progress(payment, "unknown", refused="invalid-transition")
    late = queue(world)[1]["id"]
    assigned = world.do(f"/v1/unbooked/{late}/assign", {"account": account})
    assert assigned["id"].startswith("pay_")
    assert world.ask(f"/v1/invoices/{invoice}")["open"]["amount"] == "0.00"
    assert len(queue(world)) == 1


@pytest.mark.parametrize("path, body", [
    ("progress", {"phase": "succeeded"}), ("progress", {"phase": "failed"}),
    ("refunds/rfd_01m8dee4hcfn3bgtkfn34z4ex1/progress", {"phase": "succeeded"}),
    ("chargebacks/cbk_01m8dee4hcfn3bgtkfn34z4ex1/win", {}), ("chargebacks/cbk_01m8dee4hcfn3bgtkfn34z4ex1/lose", {}),
    ("chargebacks", {"amount": {"amount": "1.00", "currency": "USD"}, "code": "x"}), ("returns", {"code": "R01"})])
def test_news_of_an_unknown_payment_is_queued(world, path, body):
    answer = world.api.post(f"/v1/payments/{UNKNOWN}/{path}", body)
    assert answer.status_code == 201, answer.text
    assert answer.json()["id"].startswith("ubk_") and answer.headers["Location"] == f"/v1/unbooked/{answer.json()['id']}"
    world.position = answer.json()["position"]
    assert world.ask(f"/v1/unbooked/{answer.json()['id']}")["reason"] == "unknown-payment"


def test_one_key_and_one_meaning_are_one_command(world):
    account = world.account("A")
    key = str(uuid.uuid4())

    def pay(amount, **more):
        body = {"account": account, "amount": {"amount": amount, "currency": "USD"}, "method": "wire", **more}
        return world.api.post("/v1/payments", body, key)

    first = made(pay("1.00"))
    for answer in (pay("1.00", reference=None), pay("1.0"), pay("1"), pay("1.00", settled=None)):
        assert (answer.json().get("repeated"), answer.json().get("id")) == (True, first), answer.text
    for answer in (pay("1.01"), pay("1.00", reference="x")):
        assert answer.json()["code"] == "idempotency-key-reused"
    assert world.unapplied(account) == dollars("1.00")


@pytest.mark.parametrize("tax, code, pointer", [
    ({"rate": "19"}, "invalid-parameter", "rate"), ({"rate": "19", "amount": "19.00"}, "invalid-parameter", "rate"),
    ({"rate": "0.19", "amount": "19.02"}, "sum-mismatch", "amount"), ({"rate": "0.19", "amount": "1900.00"}, "sum-mismatch", "amount"),
    ({"rate": "0", "amount": "19.00"}, "sum-mismatch", "amount"),
    ({"rate": "0.19", "amount": "9.50", "basis": "50.00"}, "sum-mismatch", "basis"), ({"amount": "19.00", "basis": "99.99"}, "sum-mismatch", "basis")])
def test_a_tax_that_contradicts_its_line_is_refused(world, tax, code, pointer):
    account = world.account("A")
    line = {"service_account": account, "net": "100.00", "taxes": [{"authority": "DE", "code": "UST", **tax}]}
    world.issue(account, line, refused=code)
    assert world.answer["pointer"] == f"/lines/0/taxes/0/{pointer}"
    world.credit(account, line, refused=code)
    world.do("/v1/invoices/drafts", {"account": account, "currency": "USD", "lines": [line]}, refused=code)


def test_a_rate_in_per_cent_is_named_as_such(world):
    account = world.account("A")
    world.issue(account, world.line(account, "100.00", "19"), refused="invalid-parameter")
    assert "per cent" in world.answer["detail"]


def test_a_discount_is_within_its_line_and_a_returned_piece_takes_it_back(world):
    account = world.account("A")

    def piece(quantity, price, **more):
        return {"service_account": account, "quantity": quantity, "unit_price": price, **more}

    world.issue(account, piece("1", "10.00", discount="100.00"), piece("1", "500.00"), refused="invalid-amount")
    assert world.answer["pointer"] == "/lines/0/discount"
    world.issue(account, piece("1", "10.00", discount="-1.00"), refused="invalid-amount")
    for taken_back in ("5.00", "-5.00"):
        world.issue(account, piece("3", "10.00", discount="15.00"), piece("-1", "10.00", discount=taken_back))
        assert world.answer["events"][0]["data"]["total"]["amount"] == "10.00"


def test_the_lowest_number_is_that_of_the_series(world):
    account = world.account("A")
    numbers = ["INV-10", "INV-9", "INV-100"]
    for number in numbers:
        world.issue(account, world.line(account, "5.00"), date=days_ago(9), number=number)
    for paid in ("INV-9", "INV-10", "INV-100"):
        world.pay(account, "5.00", method="wire")
        rows = {one["number"]: one["open"]["amount"] for one in world.ask("/v1/invoices", account=account)["items"]}
        assert rows.pop(paid) == "0.00"
        numbers.remove(paid)
        assert [rows[number] for number in numbers] == ["5.00"] * len(numbers)


def test_an_external_id_is_of_one_object_of_its_kind(world):
    account = world.account("A", external_id="crm-1")
    world.do("/v1/accounts", {"customer": world.customer, "number": "B", "name": "B", "external_id": "crm-1"}, refused="external-id-taken")
    assert world.api.post("/v1/accounts", {"customer": world.customer, "number": "B", "name": "B",
                                           "external_id": "crm-1"}).status_code == 409
    assert (world.answer["detail"], world.answer["pointer"]) == (account, "/external_id")
    invoice = world.issue(account, world.line(account, "5.00"), external_id="crm-1")
    world.issue(account, world.line(account, "5.00"), external_id="crm-1", refused="external-id-taken")
    assert world.answer["detail"] == invoice
    payment = world.pay(account, "1.00", external_id="crm-1")
    world.request(account, "1.00", external_id="crm-1", refused="external-id-taken")
    assert world.answer["detail"] == payment
    other = World(world.api, "other")
    other.account("A", external_id="crm-1")

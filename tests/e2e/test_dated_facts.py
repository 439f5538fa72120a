"""The same dated facts give the same figures of every day: what was reported of other billing systems, told to the service over
HTTP, with the days on which each answer must be right. Dates are relative to today, so that every one lies in the past.
"""

import datetime

import pytest

from books import money, problem
from scenario import World, days_ago, dollars


@pytest.fixture
def world(ledger_server, request):
    return World(ledger_server.client(), request.node.name)


def on(world, account, date):
    """(open, unapplied credit, total of the ageing) at the end of a day."""
    own = world.ask(f"/v1/accounts/{account}", as_of=date)["own"]
    ageing = world.ask("/v1/reports/ageing", customer=world.customer, as_of=date)
    return money(own["open"]), money(own["unapplied_credit"]), money(ageing["total"])


def open_items(world, date):
    return world.ask("/v1/reports/open-items", customer=world.customer, as_of=date)["items"]


@pytest.mark.parametrize("order", ["invoice first", "money first"])
def test_money_that_came_before_the_invoice_is_credit_until_the_invoices_day(world, order):
    account = world.account("A")
    commands = [lambda: world.issue(account, world.line(account, "118.00"), date=days_ago(20)),
                lambda: world.pay(account, "118.00", method="wire", received_on=days_ago(60))]
    for command in commands if order == "invoice first" else reversed(commands):
        command()
    assert on(world, account, days_ago(40)) == (0, dollars("118.00"), 0)
    assert open_items(world, days_ago(40)) == []
    assert on(world, account, days_ago(20)) == (0, 0, 0)


@pytest.mark.parametrize("way", ["reverse", "chargeback", "return", "refund"])
def test_money_that_is_taken_back_before_it_was_used_is_gone_on_that_day(world, way):
    account = world.account("A")
    payment = world.pay(account, "50.00", method="cheque", received_on=days_ago(60))
    invoice = world.issue(account, world.line(account, "50.00"), date=days_ago(30))
    path = f"/v1/payments/{payment}"
    on_day = {"on": days_ago(50)}
    if way == "reverse":
        world.do(f"{path}/reverse", {"reason": "keyed to the wrong payer", **on_day})
    elif way == "chargeback":
        world.do(f"{path}/chargebacks", {"amount": world.sum("50.00"), "code": "10.4", **on_day})
    elif way == "return":
        world.do(f"{path}/returns", {"code": "NSF", **on_day})
    else:
        refund = world.do(f"{path}/refunds", {"amount": world.sum("50.00")})["id"]
        world.do(f"{path}/refunds/{refund}/progress", {"phase": "succeeded", **on_day})
    assert on(world, account, days_ago(51)) == (0, dollars("50.00"), 0)
    assert on(world, account, days_ago(40)) == (0, 0, 0)
    assert on(world, account, days_ago(30)) == (dollars("50.00"), 0, dollars("50.00"))
    assert world.due(invoice) == dollars("50.00")


def test_a_deposit_is_neither_used_nor_returned_before_it_was_received(world):
    account = world.account("A")
    world.issue(account, world.line(account, "20.00"), date=days_ago(60))
    deposit = world.do("/v1/deposits", {"account": account, "amount": world.sum("20.00"), "method": "wire",
                                        "received_on": days_ago(30)})["id"]
    for action in ("return", "use"):
        answer = world.api.post(f"/v1/deposits/{deposit}/{action}", {"on": days_ago(40)})
        assert problem(answer) == (422, "invalid-date"), answer.text
        assert days_ago(30) in answer.json()["detail"]
    world.do(f"/v1/deposits/{deposit}/return", {"on": days_ago(30)})


def first_of_month(months_ago):
    day = datetime.datetime.now(datetime.UTC).date().replace(day=1)
    for _ in range(months_ago):
        day = (day - datetime.timedelta(days=1)).replace(day=1)
    return day


@pytest.mark.parametrize("order", ["noted first", "closed first"])
def test_what_a_month_releases_does_not_depend_on_a_note_of_the_next_one(world, order):
    account = world.account("A")
    month = first_of_month(3)
    until = month + datetime.timedelta(days=90)
    of_month = (first_of_month(2) - month).days
    invoice = world.issue(account, world.line(account, "90.00", service_period={"from": month.isoformat(), "to": until.isoformat()}),
                          date=month.isoformat())

    def note():
        world.do("/v1/credit-notes",
                 {"account": account, "invoice": invoice, "currency": "USD", "reason": "left",
                  "document_date": (first_of_month(2) + datetime.timedelta(days=1)).isoformat(),
                  "lines": [{"service_account": account, "net": "80.00", "credited_line": 0}]})

    def close():
        period = month.isoformat()[:7]
        world.do(f"/v1/periods/{period}/begin-close", {})
        world.do(f"/v1/periods/{period}/release", {"customer": world.customer})
        world.do(f"/v1/periods/{period}/close", {})

    for step in (note, close) if order == "noted first" else (close, note):
        step()
    period = month.isoformat()[:7]
    report = world.ask("/v1/reports/revenue", customer=world.customer, **{"from": period, "to": period})
    closing = {one["ledger"]: money(one["closing"]) for one in report["items"]}
    assert closing == {4000: dollars(of_month), 2300: dollars(90 - of_month)}


def test_a_late_fee_is_for_what_was_overdue_on_its_day(world):
    account = world.account("A", payment_terms_days=0)
    world.issue(account, world.line(account, "100.00"), date=days_ago(60))
    payment = world.pay(account, "100.00", received_on=days_ago(60))
    world.do(f"/v1/payments/{payment}/chargebacks", {"amount": world.sum("100.00"), "code": "13.1", "on": days_ago(2)})
    fee = {"cycle": "m", "rate": "0.015", "as_of": days_ago(20)}
    assert money(world.ask(f"/v1/accounts/{account}/owed", as_of=days_ago(20))["overdue"]) == 0
    world.do(f"/v1/accounts/{account}/late-fees", fee, refused="nothing-overdue")


def test_a_late_fee_of_a_day_on_which_it_was_overdue_is_charged_though_it_is_paid_since(world):
    account = world.account("A", payment_terms_days=0)
    world.issue(account, world.line(account, "100.00"), date=days_ago(60))
    world.pay(account, "100.00", received_on=days_ago(2))
    world.do(f"/v1/accounts/{account}/late-fees", {"cycle": "m", "rate": "0.015", "as_of": days_ago(1)}, refused="nothing-overdue")
    answer = world.do(f"/v1/accounts/{account}/late-fees", {"cycle": "m", "rate": "0.015", "as_of": days_ago(20)})
    issued = answer["events"][0]["data"]
    assert (money(issued["total"]), issued["document_date"]) == (dollars("1.50"), days_ago(20))


def test_of_two_payments_of_one_invoice_the_other_pays_when_the_first_is_returned(world):
    account = world.account("A")
    invoice = world.issue(account, world.line(account, "100.00"), date=days_ago(50))
    first = world.pay(account, "100.00", method="bank_debit", received_on=days_ago(40))
    world.pay(account, "100.00", method="wire", received_on=days_ago(39))
    assert world.unapplied(account) == dollars("100.00")
    world.do(f"/v1/payments/{first}/returns", {"code": "AC04", "on": days_ago(30)})
    assert (world.due(invoice), world.balance(account), world.unapplied(account)) == (0, 0, 0)
    assert world.invoice(invoice)["status"] == "paid"
    assert money(world.ask(f"/v1/accounts/{account}/owed")["overdue"]) == 0
    for date in (days_ago(35), days_ago(30), days_ago(10)):
        assert on(world, account, date)[0] == 0, date

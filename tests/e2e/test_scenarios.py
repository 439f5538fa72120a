"""The scenarios with known numbers, end to end over HTTP, to the cent; and the journal of all of them in three checkers.

Monthly plans Shotgun 249.95 and Pistol 29.95, as in Kill Bill's integration tests; tax and credit-note cases (L…) as in
Lago's scenario specs; the parent and child cases (K…) as in Kill Bill's TestIntegrationParentInvoice.
"""

import decimal

import pytest

from harness import LedgerServer
from journals import check_journal
from scenario import World, days_ago, dollars

SHOTGUN, PISTOL = "249.95", "29.95"


@pytest.fixture(scope="module")
def server(billing_binary, tmp_path_factory):
    """One for all scenarios, each with a customer of its own, so that the last test checks the journal of all."""
    server = LedgerServer(billing_binary, tmp_path_factory.mktemp("scenarios") / "ledger").start()
    yield server
    server.kill()


@pytest.fixture
def world(server, request):
    return World(server.client(), request.node.name)


def test_01_the_parent_pays_its_childrens_charges_once(world):
    parent, child, other = world.family()
    draft = world.draft(parent, world.line(child, SHOTGUN), world.line(other, PISTOL))
    assert world.invoice(draft)["status"] == "draft"
    invoice = world.issue_draft(draft)
    assert world.total(invoice) == dollars("279.90")
    parts = {part["account"]: part["total"]["amount"] for part in world.invoice(invoice)["shares"]}
    assert parts == {child: SHOTGUN, other: PISTOL}
    world.pay(parent, "279.90")
    assert world.due(invoice) == 0
    assert world.balance(parent) == world.balance(child) == world.balance(other) == 0


def test_02_a_childs_credit_before_the_issue_reduces_what_the_parent_pays(world):
    parent, child, _ = world.family()
    draft = world.draft(parent, world.line(child, PISTOL))
    world.credit(child, world.line(child, "10.00"))
    invoice = world.issue_draft(draft)
    assert (world.total(invoice), world.due(invoice)) == (dollars("29.95"), dollars("19.95"))
    world.pay(parent, "19.95")
    assert world.due(invoice) == 0


def test_02_the_same_credit_after_the_parent_paid_stays_with_the_child(world):
    parent, child, _ = world.family()
    invoice = world.issue(parent, world.line(child, PISTOL))
    world.pay(parent, PISTOL)
    world.credit(child, world.line(child, "10.00"))
    assert (world.total(invoice), world.due(invoice)) == (dollars(PISTOL), 0)
    assert (world.unapplied(child), world.balance(parent)) == (dollars("10"), 0)


def test_03_five_adjustments_of_an_unpaid_invoice(world):
    parent, child, _ = world.family()
    invoice = world.issue(parent, world.line(child, SHOTGUN))
    for amount in ("10", "5", "10", "5", "10"):
        world.adjust(child, invoice, amount)
    assert world.due(invoice) == dollars("209.95")
    assert world.balance(child) == dollars("209.95")


def test_04_an_early_cancel_of_an_unpaid_month(world):
    account = world.account("A")
    invoice = world.issue(account, world.line(account, SHOTGUN))
    world.adjust(account, invoice, "233.29")
    assert world.due(invoice) == dollars("16.66")


def test_05_a_childs_credit_is_transferred_to_its_parent(world):
    parent, child, _ = world.family()
    path = f"/v1/accounts/{child}/credit/transfer"
    world.do(path, {"to": parent}, refused="credit-exceeded")
    world.credit(child, world.line(child, "250.00"))
    world.do(path, {"to": parent})
    assert (world.unapplied(child), world.unapplied(parent)) == (0, dollars("250"))
    world.do(f"/v1/accounts/{parent}/credit/transfer", {"to": parent}, refused="nothing-changes")


def test_06_after_unparenting_the_old_parent_still_owes(world):
    parent, child, _ = world.family()
    invoice = world.issue(parent, world.line(child, SHOTGUN))
    world.do(f"/v1/accounts/{child}/move", {"new_parent": None})
    assert world.due(invoice) == dollars(SHOTGUN)
    world.pay(parent, SHOTGUN)
    assert world.due(invoice) == 0
    world.issue(parent, world.line(child, SHOTGUN), refused="other-invoice-owner")
    own = world.issue(child, world.line(child, SHOTGUN))
    assert world.due(own) == dollars(SHOTGUN)


def test_07_a_part_payment_then_the_oldest_first(world):
    account = world.account("A")
    first = world.issue(account, world.line(account, SHOTGUN), date=days_ago(40))
    world.pay(account, "10.00")
    assert world.due(first) == dollars("239.95")
    second = world.issue(account, world.line(account, SHOTGUN), date=days_ago(9))
    world.pay(account, SHOTGUN)
    assert (world.due(first), world.due(second)) == (0, dollars("239.95"))
    assert world.balance(account) == dollars("239.95")


def test_08_refunds_without_and_with_adjustment(world):
    account = world.account("A")
    invoice = world.issue(account, world.line(account, SHOTGUN))
    payment = world.pay(account, SHOTGUN)
    world.refund(payment, "10.00")
    assert world.due(invoice) == dollars("10")
    world.refund(payment, "1.00", adjustment=True)
    world.refund(payment, "10.00", adjustment=True)
    assert world.due(invoice) == dollars("10")
    world.refund(payment, "228.96", refused="exceeds-captured")  # 21 of 249.95 are refunded


def test_09_a_part_payment_is_charged_back_and_won(world):
    account = world.account("A")
    invoice = world.issue(account, world.line(account, SHOTGUN))
    payment = world.pay(account, "10.00")
    chargeback = world.charge_back(payment, "10.00")
    assert world.due(invoice) == dollars(SHOTGUN)
    world.do(f"/v1/payments/{payment}/chargebacks/{chargeback}/win", {})
    assert world.due(invoice) == dollars("239.95")


def test_10_settled_in_euro_charged_back_and_won(world):
    account = world.account("A")
    invoice = world.issue(account, world.line(account, SHOTGUN))
    settled = {"amount": "225.44", "currency": "EUR", "source": "bank"}
    payment = world.pay(account, SHOTGUN, settled=settled)
    assert world.due(invoice) == 0
    chargeback = world.charge_back(payment, SHOTGUN)
    assert world.due(invoice) == dollars(SHOTGUN)
    world.do(f"/v1/payments/{payment}/chargebacks/{chargeback}/win", {})
    assert world.due(invoice) == 0
    world.exchange_difference(payment, "loss", "249.96", refused="loss-exceeds-clearing")
    world.exchange_difference(payment, "loss", "3.20")
    world.exchange_difference(payment, "gain", "2.00")
    assert world.due(invoice) == 0
    assert world.ledger(7900) == dollars("1.20")  # nothing else posts to it
    shown = world.ask(f"/v1/payments/{payment}")["exchange_differences"]
    assert [(one["kind"], one["amount"]["amount"]) for one in shown] == [("loss", "3.20"), ("gain", "2.00")]


@pytest.mark.parametrize("outcome", ["succeeded", "failed"])
def test_11_an_unknown_outcome_blocks_a_second_attempt(world, outcome):
    account = world.account("A")
    invoice = world.issue(account, world.line(account, SHOTGUN), date=days_ago(31), due_date=days_ago(1))
    payment = world.request(account, SHOTGUN)
    world.progress(payment, "unknown")
    world.request(account, SHOTGUN, refused="money-reserved", allocations=[{"invoice": invoice, "amount": SHOTGUN}])
    assert world.due(invoice) == dollars(SHOTGUN)
    world.progress(payment, outcome)
    if outcome == "succeeded":
        assert world.due(invoice) == 0
    else:
        assert world.due(invoice) == dollars(SHOTGUN)
        assert world.invoice(invoice)["status"] == "overdue"
        assert world.request(account, SHOTGUN)


@pytest.mark.parametrize("adjustment, due", [(False, "233.82"), (True, "0")])
def test_12_a_refund_of_29_of_31_days(world, adjustment, due):
    account = world.account("A")
    invoice = world.issue(account, world.line(account, SHOTGUN))
    payment = world.pay(account, SHOTGUN)
    world.refund(payment, "233.82", adjustment)
    assert world.due(invoice) == dollars(due)


def test_13_void_of_an_unpaid_a_paid_and_a_refunded_invoice(world):
    account = world.account("A")
    unpaid = world.issue(account, world.line(account, SHOTGUN))
    world.do(f"/v1/invoices/{unpaid}/void", {"reason": "wrong customer"})
    assert (world.invoice(unpaid)["status"], world.due(unpaid)) == ("void", 0)
    paid = world.issue(account, world.line(account, SHOTGUN))
    payment = world.pay(account, SHOTGUN)
    world.do(f"/v1/invoices/{paid}/void", {"reason": "wrong"}, refused="invoice-paid")
    world.refund(payment, SHOTGUN)
    world.do(f"/v1/invoices/{paid}/void", {"reason": "wrong"})
    assert world.balance(account) == 0


def test_14_credit_beyond_the_invoice_meets_the_next_one(world):
    account = world.account("A")
    invoice = world.issue(account, world.line(account, SHOTGUN))
    world.credit(account, world.line(account, "300.00"))
    assert (world.due(invoice), world.balance(account)) == (0, dollars("-50.05"))
    following = world.issue(account, world.line(account, SHOTGUN))
    world.pay(account, "199.90")
    assert (world.due(following), world.balance(account)) == (0, 0)


def test_15_overdue_stages(world):
    account = world.account("A")
    invoice = world.issue(account, world.line(account, SHOTGUN), date="2012-05-01", due_date="2012-05-31")
    stages = {"2012-06-29": (0, False), "2012-06-30": (1, False), "2012-07-10": (2, True), "2012-07-20": (3, True)}
    for day, expected in stages.items():
        owed = world.ask(f"/v1/accounts/{account}/owed", as_of=day)
        assert (owed["stage"], owed["billing_flag"]) == expected, day
    world.pay(account, SHOTGUN)
    assert world.due(invoice) == 0
    assert world.ask(f"/v1/accounts/{account}/owed")["stage"] == 0


@pytest.mark.parametrize("amount, adjustment, balance", [("7", False, "-3"), ("7", True, "-10"), ("20", False, "10")])
def test_16_a_charge_of_20_becomes_10_after_it_was_paid(world, amount, adjustment, balance):
    account = world.account("A")
    invoice = world.issue(account, world.line(account, "5.00"), world.line(account, "20.00"))
    payment = world.pay(account, "25.00")
    world.adjust(account, invoice, "10.00", line=1)
    assert world.balance(account) == dollars("-10")
    world.refund(payment, amount, adjustment)
    assert world.balance(account) == dollars(balance)


def test_17_a_taxed_line_is_adjusted_with_its_tax(world):
    account = world.account("A")
    given = {**world.line(account, PISTOL), "taxes": [{"authority": "TAX", "code": "T0", "rate": "0.1", "amount": "3.00"}]}
    invoice = world.issue(account, given)
    world.pay(account, "32.95")
    world.adjust(account, invoice, "10.00", tax="1.00")
    assert world.unapplied(account) == dollars("11")


def test_18_the_fifth_chargeback_is_queued(world):
    account = world.account("A")
    world.issue(account, world.line(account, SHOTGUN))
    payment = world.pay(account, SHOTGUN)
    for _ in range(4):
        assert world.charge_back(payment, "50.00").startswith("cbk_")
    assert world.charge_back(payment, "50.00").startswith("ubk_")
    assert world.balance(account) == dollars("200")
    queue = [one for one in world.ask("/v1/unbooked", limit=1000)["items"] if one["customer"] == world.customer]
    assert [(one["kind"], one["reason"]) for one in queue] == [("chargeback", "exceeds-captured")]


def test_19_overpayments_deposits_and_instalments(world):
    account = world.account("A")
    first = world.issue(account, world.line(account, "15.00"))
    world.pay(account, "10.00")
    assert world.due(first) == dollars("5")
    world.pay(account, "5.00")
    world.issue(account, world.line(account, "15.00"))
    world.pay(account, "20.00")
    assert world.unapplied(account) == dollars("5")
    deposit = world.do("/v1/deposits", {"account": account, "amount": world.sum("20.00"), "method": "wire"})["id"]
    assert world.balance(account) == dollars("-5")
    third = world.issue(account, world.line(account, "25.00"))  # 5 of it by the credit
    assert world.due(third) == dollars("20")
    world.do(f"/v1/deposits/{deposit}/use", {})
    assert world.due(third) == 0


def test_19_instalments_of_6_4_and_4_leave_1_of_15(world):
    account = world.account("A")
    invoice = world.issue(account, world.line(account, "15.00"))

    def agree(*parts, refused=None):
        instalments = [{"due": days_ago(-30 * (n + 1)), "amount": part} for n, part in enumerate(parts)]
        return world.do("/v1/plans", {"account": account, "kind": "instalments", "amount": world.sum("14.00"),
                                      "instalments": instalments}, refused)

    agree("6.00", "4.00", "3.00", refused="sum-mismatch")
    agree("6.00", "4.00", "4.00")
    for part in ("6.00", "4.00", "4.00"):
        world.pay(account, part)
    assert world.due(invoice) == dollars("1")


def test_20_credit_notes_take_back_the_tax_of_what_is_left(world):
    account = world.account("A")
    invoice = world.issue(account, world.line(account, "769.00", "0.2"))
    assert world.total(invoice) == dollars("922.80")
    for net, tax, total in (("726.86", "145.37", "872.23"), ("42.14", "8.43", "50.57")):
        note = world.adjust(account, invoice, net)
        body = world.ask(f"/v1/credit-notes/{note}")
        assert (body["tax"]["amount"], body["total"]["amount"]) == (tax, total)
    assert world.due(invoice) == 0


# Lago: (lines as (gross, discount, rates), invoice tax, invoice total, then notes as (line, net, tax, total)).
LAGO = {
    "L04": ([("200.00", None, ["0.25"])], "50.00", "250.00", [(0, "193.33", "48.33", "241.66")]),
    "L05": ([("160.00", None, ["0.25"])], "40.00", "200.00", [(0, "154.67", "38.67", "193.34")]),
    "L06": ([("29.99", None, ["0.2333"])], "7.00", "36.99", [(0, "25.71", "6.00", "31.71")]),
    "L07": ([("100.00", "5.00", ["0.1"]), ("50.00", "2.50", ["0"]), ("30.00", "1.50", ["0.2"]), ("20.00", "1.00", ["0.2"])],
            "19.00", "209.00", []),
    "L09 and L10": ([("179.00", None, ["0.1"]), ("399.00", "250.00", ["0.2"])], "47.70", "375.70",
                    [(1, "98.06", "19.61", "117.67")]),
    "L11": ([("4137.79", "20.00", ["0.1"])], "411.78", "4529.57", []),
    "L23": ([("100.00", None, ["0.2", "0.1"])], "30.00", "130.00", []),
}


@pytest.mark.parametrize("name", LAGO)
def test_lago_cases_of_tax_and_credit_notes(world, name):
    lines, tax, total, notes = LAGO[name]
    account = world.account("A")
    bodies = []
    for gross, discount, rates in lines:
        net = str(decimal.Decimal(gross) - decimal.Decimal(discount or 0))
        body = world.line(account, net, *rates, quantity="1", unit_price=gross)
        bodies.append({**body, **({"discount": discount} if discount else {})})
    invoice = world.issue(account, *bodies)
    found = world.invoice(invoice)
    assert (found["tax"]["amount"], found["total"]["amount"]) == (tax, total)
    for line, net, note_tax, note_total in notes:
        note = world.ask(f"/v1/credit-notes/{world.adjust(account, invoice, net, line)}")
        assert (note["tax"]["amount"], note["total"]["amount"]) == (note_tax, note_total)


# Kill Bill's parent and child cases that are not among the numbered ones above: K01 is 1, K02 and K03 are 2, K04 is 3,
# K05 is 4, K07 is 5.
def test_k06_credit_of_a_cancelled_paid_month_is_used_on_the_next(world):
    parent, child, _ = world.family()
    first = world.issue(parent, world.line(child, SHOTGUN))
    world.pay(parent, SHOTGUN)
    world.adjust(child, first, "241.62")
    assert world.unapplied(child) == dollars("241.62")
    following = world.issue(parent, world.line(child, SHOTGUN))
    assert world.due(following) == dollars("8.33")


def test_the_journal_of_every_scenario_passes_three_checkers_with_our_balances(server, billing_binary, tmp_path):
    check_journal(billing_binary, server, tmp_path)

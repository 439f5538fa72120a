"""What is overdue, over HTTP: plans and free credit that ease it, the stages and their settings, the payer's stage beside one's own."""

import pytest

from books import money
from harness import LedgerServer
from scenario import World, days_ago, dollars


@pytest.fixture
def world(ledger_server, request):
    return World(ledger_server.client(), request.node.name)


def owed(world, account, **params):
    return world.ask(f"/v1/accounts/{account}/owed", **params)


def agree(world, account, amount, due, **more):
    instalment = {"due": due, "amount": amount}
    return world.do("/v1/plans", {"account": account, "kind": "promise", "amount": world.sum(amount), "instalments": [instalment],
                                  **more})["id"]


def test_a_plan_suspends_what_is_overdue_until_it_is_cancelled(world):
    account = world.account("A", payment_terms_days=0)
    world.issue(account, world.line(account, "100.00"), date=days_ago(60))
    before = owed(world, account)
    assert (money(before["overdue"]), before["stage"], before["billing_flag"]) == (dollars("100.00"), 3, True)
    plan = agree(world, account, "80.00", days_ago(-20))
    during = owed(world, account)
    assert (money(during["overdue"]), money(during["suspended"])) == (dollars("20.00"), dollars("80.00"))
    assert during["stage"] == 3, "20.00 of it is in no plan"
    rest = agree(world, account, "20.00", days_ago(-20))
    during = owed(world, account)
    assert (money(during["overdue"]), money(during["suspended"]), during["stage"], during["days_overdue"]) == (0, dollars("100.00"), 0, 0)
    world.do(f"/v1/accounts/{account}/late-fees", {"cycle": "m", "rate": "0.015"}, refused="nothing-overdue")
    summary = world.ask(f"/v1/accounts/{account}/summary")
    assert (money(summary["overdue"]), money(summary["suspended"])) == (0, dollars("100.00"))
    assert money(summary["ageing"]["overdue"]) == dollars("100.00"), "ageing goes by due date alone"
    assert owed(world, account, as_of=days_ago(1))["stage"] == 3, "nothing was agreed yesterday"
    for one in (plan, rest):
        world.do(f"/v1/plans/{one}/cancel", {"reason": "left"})
    assert money(owed(world, account)["overdue"]) == dollars("100.00")
    world.do(f"/v1/accounts/{account}/late-fees", {"cycle": "m", "rate": "0.015"})


def test_free_credit_that_waits_for_a_payment_under_way_covers_what_is_overdue(world):
    account = world.account("A", payment_terms_days=0)
    world.issue(account, world.line(account, "100.00"), date=days_ago(60))
    request = world.request(account, "100.00")
    world.pay(account, "60.00", allocations=[])
    answer = owed(world, account)
    assert (money(answer["overdue"]), money(answer["covered_by_credit"])) == (dollars("40.00"), dollars("60.00"))
    subtree = world.ask(f"/v1/accounts/{account}/summary", subtree="true")
    assert (money(subtree["overdue"]), money(subtree["owed"]["overdue"])) == (dollars("40.00"), dollars("40.00"))
    world.progress(request, "failed")
    answer = owed(world, account)
    assert (money(answer["overdue"]), money(answer["covered_by_credit"])) == (dollars("40.00"), 0)


def test_an_account_shows_the_stage_of_the_account_that_pays_for_it(world):
    parent, child, _ = world.family()
    world.issue(parent, world.line(child, "30.00"), date=days_ago(80), due_date=days_ago(45))
    expected = {"account": parent, "days_overdue": 45, "stage": 2, "billing_flag": True}
    answer = owed(world, child)
    assert answer["payer"] == expected
    assert (answer["stage"], money(answer["open"])) == (0, 0), "what it owes itself"
    assert world.ask(f"/v1/accounts/{child}")["owed"]["payer"] == expected
    assert owed(world, parent)["payer"] is None
    assert owed(world, child, as_of=days_ago(44))["payer"]["stage"] == 0


def test_stages_are_a_setting_that_the_answer_names(billing_binary, tmp_path):
    server = LedgerServer(billing_binary, tmp_path, arguments=["--overdue-stage-days", "10,60", "--overdue-billing-flag-from", "1"])
    server.start()
    world = World(server.client(), "Stages")
    account = world.account("A")
    world.issue(account, world.line(account, "30.00"), date=days_ago(80), due_date=days_ago(45))
    answer = owed(world, account)
    assert answer["stages"] == {"days": [10, 60], "billing_flag_from": 1}
    assert (answer["stage"], answer["billing_flag"]) == (1, True)
    past = world.api.get(f"/v1/accounts/{account}/owed", {"position": world.position})
    assert (past.status_code, past.json()["stage"]) == (200, 1), "a past position has them too"
    server.kill()


def test_without_a_setting_the_stages_begin_after_30_40_and_50_days(world):
    assert owed(world, world.account("A"))["stages"] == {"days": [30, 40, 50], "billing_flag_from": 2}

"""Details of objects: what was given comes back as it was given, what was not is null, and what was deleted is gone."""

import pytest

from scenario import World, days_ago, dollars


@pytest.fixture
def world(ledger_server, request):
    return World(ledger_server.client(), request.node.name)


def test_an_address_comes_back_as_it_was_given(world):
    account = world.account("A")
    given = {"lines": ["Accounts payable", "12 Harbour Road"], "postcode": "38103", "city": "Memphis", "region": "TN", "country": "USA"}
    world.do(f"/v1/accounts/{account}/address", {"name": "Acme", "postal_address": given})
    assert world.ask(f"/v1/accounts/{account}/standing")["address"]["postal_address"] == given
    invoice = world.issue(account, world.line(account, "10.00"))
    world.do(f"/v1/accounts/{account}/address", {"postal_address": {"lines": ["Box 1"], "city": "Oslo"}})
    least = {"lines": ["Box 1"], "postcode": None, "city": "Oslo", "region": None, "country": None}
    assert world.ask(f"/v1/accounts/{account}/standing")["address"]["postal_address"] == least
    assert world.invoice(invoice)["address"]["postal_address"] == given


def test_a_line_without_a_price_and_a_tax_without_a_rate_say_null(world):
    account = world.account("A")
    tax = {"authority": "TAX", "code": "T", "amount": "1.90"}
    line = world.invoice(world.issue(account, world.line(account, "10.00", taxes=[tax])))["lines"][0]
    assert line["quantity"] is None and line["unit_price"] is None and line["taxes"][0]["rate"] is None
    priced = {"service_account": account, "quantity": "2", "unit_price": "5.00", "taxes": [{**tax, "rate": "0.19"}]}
    line = world.invoice(world.issue(account, priced))["lines"][0]
    assert (line["quantity"], line["unit_price"], line["taxes"][0]["rate"]) == ("2", "5", "0.19")


def test_several_accounts_together_have_no_stage(world):
    parent, child, _ = world.family()
    world.issue(parent, world.line(child, "10.00"), date=days_ago(90), due_date=days_ago(60))
    one = world.ask(f"/v1/accounts/{parent}/owed")
    assert (one["days_overdue"], one["stage"], one["billing_flag"]) == (60, 3, True)
    all_of_it = world.ask(f"/v1/accounts/{parent}/owed", subtree="true")
    assert (all_of_it["days_overdue"], all_of_it["stage"], all_of_it["billing_flag"]) == (None, None, None)


def test_a_deleted_group_takes_the_groups_in_it_along_and_leaves_the_accounts(world):
    account = world.account("A")
    invoice = world.issue(account, world.line(account, "10.00"))
    grouping = world.do("/v1/groupings", {"customer": world.customer, "name": "Regions"})["id"]
    north = world.do(f"/v1/groupings/{grouping}/groups", {"name": "North"})["id"]
    city = world.do(f"/v1/groupings/{grouping}/groups", {"name": "City", "parent": north})["id"]
    world.do(f"/v1/groupings/{grouping}/groups/{city}/accounts", {"accounts": [account]})
    before = world.position
    world.do(f"/v1/groupings/{grouping}/groups/{north}/delete", {})
    assert world.ask(f"/v1/groupings/{grouping}")["groups"] == []
    gone = world.api.get(f"/v1/groupings/{grouping}/groups/{city}", {"min_position": world.position})
    assert gone.status_code == 404 and gone.json()["code"] == "unknown-group"
    world.do(f"/v1/groupings/{grouping}/groups/{city}/accounts", {"accounts": [account]}, refused="unknown-group")
    then = world.api.get(f"/v1/groupings/{grouping}", {"position": before})
    assert {group["name"] for group in then.json()["groups"]} == {"North", "City"}
    assert world.due(invoice) == dollars("10.00")
    world.do(f"/v1/groupings/{grouping}/delete", {})
    assert world.ask(f"/v1/customers/{world.customer}/groupings")["items"] == []
    assert world.api.get(f"/v1/groupings/{grouping}", {"min_position": world.position}).status_code == 404
    world.do(f"/v1/groupings/{grouping}/rename", {"name": "Areas"}, refused="unknown-grouping")

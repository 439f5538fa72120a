"""Lists as a screen uses them: of any day, filtered, sorted both ways, in full pages, with counts and sums of the filter."""

import csv
import io

import pytest

from books import money, problem
from scenario import World, days_ago, dollars


@pytest.fixture
def world(ledger_server, request):
    return World(ledger_server.client(), request.node.name)


def numbers(page):
    return [item["number"] for item in page["items"]]


def whole(world, path, limit=3, **params):
    """All items by pages; each page but the last is full."""
    items, cursor = [], None
    while True:
        page = world.ask(path, limit=limit, **params, **({"cursor": cursor} if cursor else {}))
        items += page["items"]
        cursor = page["next_cursor"]
        if cursor is None:
            return items
        assert len(page["items"]) == limit


def test_a_list_of_an_earlier_day_has_the_invoices_of_that_day_as_they_stood(world):
    account = world.account("A")
    early = world.issue(account, world.line(account, "9.00"), date=days_ago(350))
    world.issue(account, world.line(account, "9.00"), date=days_ago(140))
    world.pay(account, "9.00", method="wire", received_on=days_ago(100))
    then = world.ask("/v1/invoices", account=account, as_of=days_ago(331), status="open")["items"]
    assert [(item["id"], item["status"], item["open"]["amount"]) for item in then] == [(early, "open", "9.00")]
    open_items = world.ask("/v1/reports/open-items", account=account, as_of=days_ago(331))["items"]
    assert [item["invoice"] for item in open_items] == [early]
    assert world.ask("/v1/invoices", account=account, as_of=days_ago(351))["items"] == []
    later = world.ask("/v1/invoices", account=account, as_of=days_ago(100), status="paid")["items"]
    assert [item["id"] for item in later] == [early]


def test_payments_of_an_earlier_day_have_what_was_left_of_them_then(world):
    account = world.account("A")
    world.pay(account, "10.00", method="wire", received_on=days_ago(40))
    world.issue(account, world.line(account, "4.00"), date=days_ago(20))
    world.pay(account, "1.00", method="wire", received_on=days_ago(5))
    then = world.ask("/v1/payments", account=account, as_of=days_ago(30), totals="true")
    assert [item["unapplied"]["amount"] for item in then["items"]] == ["10.00"]
    assert then["totals"] == {"count": 1, "exact": True, "amount": world.sum("10.00"), "unapplied": world.sum("10.00")}
    assert {item["unapplied"]["amount"] for item in world.ask("/v1/payments", account=account)["items"]} == {"6.00", "1.00"}


def test_every_page_of_a_filter_is_full_and_its_sums_are_those_of_all_pages(world):
    account = world.account("A")
    for n in range(17):
        world.issue(account, world.line(account, f"{n + 1}.00"), date=days_ago(100 - n))
    world.pay(account, "28.00", method="wire", received_on=days_ago(1))  # the first seven
    paid = whole(world, "/v1/invoices", account=account, status="paid")
    assert len(paid) == 7
    rest = whole(world, "/v1/invoices", limit=4, account=account, status="overdue,open")
    assert len(rest) == 10
    totals = world.ask("/v1/invoices", account=account, status="overdue,open", totals="true", limit=1)["totals"]
    assert totals["count"] == 10 and totals["exact"]
    assert money(totals["open"]) == sum(money(item["open"]) for item in rest)
    some = whole(world, "/v1/invoices", account=account, date_from=days_ago(95), date_to=days_ago(90))
    assert len(some) == 6


@pytest.mark.parametrize("sort, key", [("date", "document_date"), ("due_date", "due_date"), ("number", "number"),
                                       ("amount", "total"), ("open", "open"), ("account_name", "account_name")])
def test_a_list_is_sorted_both_ways(world, sort, key):
    first, second = world.account("A"), world.account("B")
    for n in range(11):
        account = second if n % 3 else first
        world.issue(account, world.line(account, f"{(n * 7) % 11 + 1}.00"), date=days_ago((n * 5) % 13 + 1))
    up = whole(world, "/v1/invoices", customer=world.customer, sort=sort)
    down = whole(world, "/v1/invoices", limit=4, customer=world.customer, sort=f"-{sort}")
    assert [item["id"] for item in up] == [item["id"] for item in reversed(down)]
    values = [money(item[key]) if isinstance(item[key], dict) else item[key] for item in up]
    if sort == "number":
        values = [int("".join(c for c in value if c.isdigit())) for value in values]
    assert values == sorted(values) and len(up) == 11


def test_a_search_finds_beginnings_of_numbers_and_names(world):
    first, second = world.account("A-77"), world.account("B-1")
    one = world.issue(first, world.line(first, "1.00"), purchase_order="PO-9")
    world.issue(second, world.line(second, "2.00"))
    for text in ("a-7", "account a", "po-9"):
        assert [item["id"] for item in world.ask("/v1/invoices", customer=world.customer, q=text)["items"]] == [one], text
    assert world.ask("/v1/invoices", customer=world.customer, q="77")["items"] == []


def test_names_are_those_of_the_document_and_those_of_today(world):
    account = world.account("A")
    world.issue(account, world.line(account, "1.00"))
    world.pay(account, "3.00")
    world.do(f"/v1/accounts/{account}/rename", {"name": "Renamed"})
    for path in ("/v1/invoices", "/v1/payments"):
        item = world.ask(path, account=account)["items"][0]
        assert (item["account_number"], item["account_name"], item["account_name_now"]) == ("A", "Account A", "Renamed"), path
    payment = world.ask("/v1/payments", account=account)["items"][0]["id"]
    used = world.ask(f"/v1/payments/{payment}")["used"]
    assert [use["invoice_number"] for use in used] == numbers(world.ask("/v1/invoices", account=account))


def test_a_list_goes_back_the_way_it_came(world):
    account = world.account("A")
    for _ in range(5):
        world.issue(account, world.line(account, "1.00"))
    first = world.ask("/v1/invoices", account=account, limit=2)
    assert first["previous_cursor"] is None
    second = world.ask("/v1/invoices", account=account, limit=2, cursor=first["next_cursor"])
    assert world.ask("/v1/invoices", account=account, limit=2, cursor=second["previous_cursor"]) == first


def test_a_cursor_of_another_filter_is_refused(world):
    account = world.account("A")
    for _ in range(3):
        world.issue(account, world.line(account, "1.00"))
    cursor = world.ask("/v1/invoices", account=account, limit=1)["next_cursor"]
    for other in ({"status": "open"}, {"sort": "date"}, {"as_of": days_ago(0)}, {"q": "I"}):
        answer = world.api.get("/v1/invoices", {"account": account, "cursor": cursor, **other})
        assert problem(answer) == (422, "invalid-cursor"), other


@pytest.mark.parametrize("params", [{"sort": "colour"}, {"status": "open,open"}, {"status": "open,blue"},
                                    {"date_from": "2026-02-01", "date_to": "2026-01-01"}, {"method": "card"}])
def test_a_filter_that_means_nothing_is_refused(world, params):
    answer = world.api.get("/v1/invoices", {"customer": world.customer, **params})
    assert answer.status_code == 422 and answer.json()["code"] == "invalid-parameter", answer.text


def test_a_table_says_the_same_as_csv_and_as_json(world):
    account = world.account("A")
    world.issue(account, world.line(account, "9.00"))
    world.pay(account, "4.00")
    for name in ("invoices", "payments", "audit"):
        rows = list(csv.DictReader(io.StringIO(world.api.get(
            f"/v1/reports/{name}", {"account": account, "format": "csv", "min_position": world.position}).text)))
        items = world.ask(f"/v1/reports/{name}", account=account)["items"]
        assert len(rows) == len(items) > 0
        for row, item in zip(rows, items, strict=True):
            assert list(row) == list(item)
            for column, cell in row.items():
                value = item[column]
                value = value["amount"] if isinstance(value, dict) else "" if value is None else str(value)
                assert cell.removeprefix("'") == value, (name, column)
    assert dollars("9.00") == sum(money(i["total"]) for i in world.ask("/v1/reports/invoices", account=account)["items"])

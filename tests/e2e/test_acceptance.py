"""The main job on real input: loaded through the public API, every total equal to independently computed ones."""

import collections
import decimal
import hashlib
import pathlib
import subprocess
import sys

import pytest

from harness import ROOT, LedgerServer
from journals import check_journal

ACCEPTANCE = ROOT / "tests/acceptance"


def convert(name, folder, data):
    """The input as commands, NDJSON."""
    out = pathlib.Path(folder) / f"{name}.ndjson"
    subprocess.run([sys.executable, ACCEPTANCE / f"{name}.py", "--out", out, "--data", data], check=True)
    return out


def load(binary, server, file):
    """`billing import`; returns its exit code."""
    return subprocess.run(
        [binary, "import", file, "--url", server.url, "--key-file", server.key_file, "--restart"],
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, timeout=600).returncode


def items(api, path, **params):
    """Every item of a list, page by page."""
    cursor = None
    while True:
        answer = api.get(path, {**params, "limit": 1000, **({"cursor": cursor} if cursor else {})})
        assert answer.status_code == 200, answer.text
        page = answer.json()
        yield from page["items"]
        cursor = page.get("next_cursor")
        if not cursor:
            return


def money(value):
    return decimal.Decimal(value["amount"])


def only(values):
    values = list(values)
    assert len(values) == 1, values
    return values[0]


@pytest.fixture(scope="module")
def loaded(billing_binary, test_data, tmp_path_factory):
    """A server with the three inputs in it."""
    folder = tmp_path_factory.mktemp("acceptance")
    server = LedgerServer(billing_binary, folder / "ledger")
    server.start()
    server.files = {}
    for name in ("receivables", "online_retail", "tree"):
        server.files[name] = convert(name, folder, test_data)
        assert load(billing_binary, server, server.files[name]) == 0, server.log_tail()
    yield server
    server.kill()


@pytest.fixture
def api(loaded):
    return loaded.client()


@pytest.fixture
def customers(api):
    return {customer["name"]: customer["id"] for customer in items(api, "/v1/customers")}


@pytest.fixture(scope="module")
def expected_retail(test_data):
    """kind -> name -> amount."""
    expected = collections.defaultdict(dict)
    for line in (test_data / "online-retail/expected.txt").read_text().splitlines()[1:]:
        kind, name, amount = line.rsplit("|", 2)[0].split("|", 1) + [line.rsplit("|", 1)[1]] \
            if line.count("|") > 2 else line.split("|")
        expected[kind][name] = decimal.Decimal(amount)
    return expected


def test_every_country_of_online_retail_has_its_expected_total(api, customers, expected_retail):
    grouping = only(items(api, f"/v1/customers/{customers['Online Retail']}/groupings"))
    rows = items(api, "/v1/reports/monthly", grouping=grouping["id"], by="group", **{"from": "2010-12", "to": "2011-05"})
    found = {row["name"]: sum(money(month["net"]) for month in row["months"]) for row in rows}
    assert found == expected_retail["country"]


def test_every_month_of_online_retail_has_its_expected_total(api, customers, expected_retail):
    report = api.get("/v1/reports/monthly",
                     {"customer": customers["Online Retail"], "from": "2010-12", "to": "2011-05"}).json()
    found = {month["month"]: money(month["net"]) for row in report["items"] for month in row["months"]}
    assert found == expected_retail["month"]


def test_every_customer_of_online_retail_has_its_expected_balance(api, customers, expected_retail):
    found = collections.defaultdict(decimal.Decimal)
    for account in items(api, f"/v1/customers/{customers['Online Retail']}/accounts"):
        if account["parent"] is None:
            continue
        own, _, _ = account["number"].partition("/")
        found[own if own.isdigit() else ""] += money(account["own"]["balance"])
    assert found == expected_retail["customer"]


def test_online_retail_has_all_its_documents_and_its_balances_sum_to_the_total(api, customers):
    customer = customers["Online Retail"]
    assert sum(1 for _ in items(api, "/v1/invoices", customer=customer)) == 9106
    assert sum(1 for _ in items(api, "/v1/credit-notes", customer=customer)) == 1677
    accounts = list(items(api, f"/v1/customers/{customer}/accounts"))
    assert sum(money(account["own"]["balance"]) for account in accounts) == decimal.Decimal("3706827.64")
    root = only(account for account in accounts if account["parent"] is None)
    subtree = api.get(f"/v1/accounts/{root['id']}").json()["subtree"]
    assert money(subtree["balance"]) == decimal.Decimal("3706827.64")


def test_loading_twice_changes_nothing(billing_binary, loaded, api):
    before = api.get("/v1/events", {"after": 0, "limit": 1}).headers["Ledger-Position"]
    assert load(billing_binary, loaded, loaded.files["online_retail"]) == 0
    assert api.get("/v1/events", {"after": 0, "limit": 1}).headers["Ledger-Position"] == before


def test_ageing_per_country_is_as_expected_at_the_four_dates_after_everything_is_loaded(api, customers, test_data):
    customer = customers["Receivables"]
    grouping = api.get(f"/v1/groupings/{only(items(api, f'/v1/customers/{customer}/groupings'))['id']}").json()
    scopes = {group["name"]: {"grouping": grouping["id"], "group": group["id"]} for group in grouping["groups"]}
    scopes["ALL"] = {"customer": customer}
    date, checked = None, 0
    for line in (test_data / "receivables/expected-aging.txt").read_text().splitlines():
        if line.startswith("#"):
            date = line.split()[-1]
            continue
        country, bucket, count, amount = line.split(",")
        ageing = api.get("/v1/reports/ageing", {**scopes[country], "as_of": date}).json()
        if bucket == "total":
            row = {"open": ageing["total"], "invoices": ageing["invoices"]}
        else:
            row = only(one for one in ageing["buckets"] if one["days_late"] == bucket)
        assert (row["invoices"], money(row["open"])) == (int(count), decimal.Decimal(amount)), f"{date} {line}"
        checked += 1
    assert checked == 44


def test_a_real_tree_sums_to_its_root_and_a_move_there_and_back_leaves_every_node_right(api, customers):
    customer = customers["Harmonized System"]
    accounts = {account["id"]: account for account in items(api, f"/v1/customers/{customer}/accounts")}
    assert len(accounts) == 6940
    root = only(account for account in accounts.values() if account["parent"] is None)
    assert money(api.get(f"/v1/accounts/{root['id']}").json()["subtree"]["balance"]) == decimal.Decimal("157556.91")
    chapters = sorted((a for a in accounts.values() if a["parent"] == root["id"]), key=lambda a: a["number"])
    check_sums(api, customer)
    moved, host = chapters[0], chapters[1]
    for parent in (host["id"], root["id"]):
        answer = api.post(f"/v1/accounts/{moved['id']}/move", {"new_parent": parent})
        assert answer.status_code == 200, answer.text
        api.get(f"/v1/accounts/{root['id']}", {"min_position": answer.json()["position"]})
        check_sums(api, customer)
        assert money(api.get(f"/v1/accounts/{root['id']}").json()["subtree"]["balance"]) == decimal.Decimal("157556.91")
    answer = api.post(f"/v1/accounts/{root['id']}/move", {"new_parent": moved["id"]})
    assert (answer.status_code, answer.json()["code"]) == (409, "hierarchy-cycle")


def check_sums(api, customer):
    """Every node's subtree figure is its own and its children's."""
    accounts = {account["id"]: account for account in items(api, f"/v1/customers/{customer}/accounts")}
    sums = collections.defaultdict(decimal.Decimal)
    for account in accounts.values():
        above = account
        while above:
            sums[above["id"]] += money(account["own"]["balance"])
            above = accounts.get(above["parent"])
    wrong = [a["number"] for a in accounts.values() if money(a["subtree"]["balance"]) != sums[a["id"]]]
    assert not wrong


def test_the_books_balance(api):
    for book in api.get("/v1/reports/trial-balance").json()["items"]:
        assert book["balanced"] and money(book["debit"]) == money(book["credit"])


def test_the_journal_of_the_real_input_passes_three_checkers_with_our_balances(billing_binary, loaded, tmp_path):
    check_journal(billing_binary, loaded, tmp_path)


def test_the_view_digest_is_the_same_after_a_restart_and_a_full_verify(billing_binary, loaded):
    loaded.stop()
    outputs = [subprocess.run([billing_binary, "verify", "--data", loaded.data, "--digest"], capture_output=True,
                              text=True, timeout=300) for _ in range(2)]
    assert [one.returncode for one in outputs] == [0, 0], outputs[0].stdout + outputs[0].stderr
    digests = {hashlib.sha256("".join(line for line in one.stdout.splitlines() if "digest" in line).encode()).digest()
               for one in outputs}
    assert len(digests) == 1

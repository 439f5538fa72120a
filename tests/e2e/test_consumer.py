"""The consumer of docs/events.md, as it stands there, rebuilds the books from the topic of a real broker."""

import collections
import decimal
import inspect
import json
import os
import re
import signal
import sqlite3
import subprocess

import pytest
from confluent_kafka import Producer

import test_scenarios
from books import feed, walk
from harness import ROOT, uuid7, wait_until
from scenario import World, days_ago
from test_kafka import kafka_server, published, read_topic

CONSUMER = ROOT / "docs/examples/consumer.py"
PYTHON = "/usr/bin/python3"  # with Debian's python3-confluent-kafka and python3-protobuf, as the manual says
PLACES = {"USD": 2, "JPY": 0, "KWD": 3, "EUR": 2}

on_a_broker = [pytest.mark.kafka, pytest.mark.slow, pytest.mark.timeout(600)]


def test_the_manual_shows_the_consumer_as_it_is():
    manual = (ROOT / "docs/events.md").read_text(encoding="utf-8")
    assert f"```python\n{CONSUMER.read_text(encoding='utf-8')}```\n" in manual


def test_the_reference_is_what_its_script_makes():
    done = subprocess.run([PYTHON, ROOT / "events/schema/reference.py", "--check"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def scenarios():
    """Every scenario with known numbers, once for each of its parameters: (name, function of a world)."""
    for name, function in inspect.getmembers(test_scenarios, inspect.isfunction):
        names = list(inspect.signature(function).parameters)
        if not name.startswith("test_") or names[0] != "world":
            continue
        sets = [()]
        for mark in getattr(function, "pytestmark", []):
            if mark.name == "parametrize":
                sets = [one if isinstance(one, tuple) else (one,) for one in mark.args[1]]
        for number, values in enumerate(sets):
            yield f"{name} {number}", lambda world, call=function, given=values: call(world, *given)


def what_the_scenarios_leave_out(world):
    """Commands whose events no scenario makes: documents and money, then people, groups and terms."""
    root = world.account("root")
    child, other = world.account("child", root), world.account("other", root, role="payer")
    late = world.issue(root, world.line(root, "80.00", "0.2"), date=days_ago(70), due_date=days_ago(60))
    world.do(f"/v1/accounts/{root}/late-fees", {"cycle": "c-1", "flat": world.sum("5.00")})
    world.do(f"/v1/invoices/{late}/write-off", {"reason": "bankrupt", "amount": world.sum("50.00")})
    world.do(f"/v1/invoices/{late}/recover", {"amount": world.sum("30.00")})
    disputed = world.issue(other, world.line(other, "40.00"))
    dispute = world.do("/v1/disputes", {"invoice": disputed, "reason": "never ordered"})["id"]
    world.do(f"/v1/disputes/{dispute}/close", {"outcome": "rejected"})
    draft = world.draft(root, world.line(child, "10.00"))
    world.do(f"/v1/invoices/{draft}/lines", {"currency": "USD", "lines": [world.line(root, "3.00")]})
    world.do(f"/v1/invoices/{draft}/lines/replace", {"first": 0, "count": 1, "currency": "USD", "lines": []})
    world.do(f"/v1/invoices/{draft}/discard", {})
    paid = world.pay(other, "25.00", method="wire")
    world.do(f"/v1/payments/{paid}/reallocate", {"currency": "USD", "allocations": []})
    world.do(f"/v1/payments/{paid}/reverse", {"reason": "typing mistake"})
    card = world.pay(other, "60.00")
    world.do(f"/v1/payments/{card}/pay-out", {"fee": world.sum("1.20")})
    refund = world.refund(card, "6.00")
    world.do(f"/v1/payments/{card}/refunds/{refund}/settle", {})
    lost = world.charge_back(card, "5.00")
    world.do(f"/v1/payments/{card}/chargebacks/{lost}/lose", {})
    world.do(f"/v1/payments/{world.pay(other, '9.00', method='cheque')}/returns", {"code": "NSF"})
    asked = world.do(f"/v1/payments/{card}/refunds", {"amount": world.sum("2.00")})["id"]
    world.do(f"/v1/payments/{card}/refunds/{asked}/progress", {"phase": "pending"})
    note = world.credit(child, world.line(child, "12.00"))
    world.do(f"/v1/accounts/{child}/credit/hold", {"credit": note, "held": True, "reason": "asked for"})
    deposit = world.do("/v1/deposits", {"account": other, "amount": world.sum("20.00"), "method": "cash"})["id"]
    world.do(f"/v1/deposits/{deposit}/return", {"amount": world.sum("7.00")})
    receipt = world.do("/v1/receipts", {"account_number": "nobody's", "amount": world.sum("33.00"), "method": "wire"})["id"]
    world.do(f"/v1/unbooked/{receipt}/assign", {"account": other})

    world.do(f"/v1/accounts/{child}/rename", {"name": "Renamed"})
    world.do(f"/v1/accounts/{child}/terms", {"payment_terms_days": 10})
    world.do(f"/v1/accounts/{child}/role", {"role": "owner"})
    world.do(f"/v1/accounts/{child}/contacts", {"contacts": [{"role": "billing", "name": "Ada Private", "email": "ada@example.org"}]})
    world.do(f"/v1/accounts/{child}/address", {"name": "Ada Private", "postal_address": {"lines": ["5 Private Street"]}})
    user = world.do("/v1/users", {"customer": world.customer, "role": "viewer", "name": "Ada Private", "email": "ada@example.org"})["id"]
    world.do(f"/v1/users/{user}/suspend", {"reason": "left"})
    grouping = world.do("/v1/groupings", {"customer": world.customer, "name": "Regions"})["id"]
    group = world.do(f"/v1/groupings/{grouping}/groups", {"name": "North"})["id"]
    world.do(f"/v1/groupings/{grouping}/groups/{group}/accounts", {"accounts": [child]})
    world.do(f"/v1/groupings/{grouping}/groups/{group}/delete", {})
    world.do(f"/v1/groupings/{grouping}/delete", {})
    method = world.do("/v1/payment-methods", {"account": other, "kind": "card", "token": "tok", "brand": "visa",
                                              "last_four": "4242", "expires": "2030-05"})["id"]
    world.do(f"/v1/payment-methods/{method}/autopay", {})
    world.do(f"/v1/accounts/{world.account('empty')}/close", {})


def closed_month(world):
    """Revenue that is deferred, and released for the first month that closes. What comes later is posted after that month."""
    account = world.account("A")
    world.issue(account, {**world.line(account, "93.00"), "service_period": {"from": days_ago(200), "to": days_ago(0)}},
                date=days_ago(200))
    month = days_ago(200)[:7]
    world.do(f"/v1/periods/{month}/begin-close", {})
    world.do(f"/v1/periods/{month}/release", {"customer": world.customer})


def yen(world):
    account = world.account("A")
    world.issue(account, world.line(account, "5000"), world.line(account, "301"))
    world.pay(account, "2000")


def figures_of(text):
    """What the consumer printed: (accounts, ledgers), in minor units."""
    accounts, ledgers = {}, {}
    for one in text.splitlines():
        kind, *values = one.split("\t")
        if kind == "account":
            accounts[tuple(values[:2])] = tuple(int(value) for value in values[2:])
        elif kind == "ledger":
            ledgers[int(values[0]), values[1]] = tuple(int(value) for value in values[2:])
    return accounts, ledgers


def minor(value):
    return int(decimal.Decimal(value["amount"]).scaleb(PLACES[value["currency"]]))


def check_figures(api, text):
    """Every account and every ledger of the service has what the consumer says, and the other way round."""
    accounts, ledgers = figures_of(text)
    seen, moved = 0, 0
    for customer in walk(api, "/v1/customers"):
        for account in walk(api, f"/v1/customers/{customer['id']}/accounts"):
            own = api.get(f"/v1/accounts/{account['id']}").json()["own"]
            expected = tuple(minor(own[name]) for name in ("open", "unapplied_credit", "balance"))
            found = accounts.pop((account["id"], customer["currency"]), (0, 0, 0))
            assert found == expected, account
            seen, moved = seen + 1, moved + any(expected)
    assert accounts == {} and seen > 40 and moved > 20
    expected = {}
    for book in api.get("/v1/reports/trial-balance").json()["items"]:
        for ledger in book["ledgers"]:
            expected[ledger["ledger"], book["currency"]] = tuple(minor(ledger[name]) for name in ("debit", "credit", "balance"))
    assert ledgers == expected
    totals = collections.Counter()
    for (_, currency), (_, _, balance) in ledgers.items():
        totals[currency] += balance
    assert not any(totals.values())


class Reader:
    """The consumer as a program of its own, with a file of its own."""

    def __init__(self, generated, broker, store, topic):
        self.command = [PYTHON, CONSUMER, "--brokers", broker.bootstrap, "--store", store, "--topic", topic]
        self.environment = {**os.environ, "PYTHONPATH": str(generated)}
        self.store = store

    def run(self):
        return subprocess.run(self.command, env=self.environment, capture_output=True, text=True, timeout=120, check=False)

    def figures(self):
        done = self.run()
        assert done.returncode == 0, done.stderr
        return done.stdout

    def refusal(self):
        done = self.run()
        assert done.returncode == 1 and done.stderr.count("\n") == 1, done.stderr
        return done.stderr

    def follow(self):
        return subprocess.Popen([*self.command, "--follow"], env=self.environment, stdout=subprocess.DEVNULL)

    def position(self):
        try:
            return sqlite3.connect(self.store).execute("SELECT position FROM progress").fetchone()[0]
        except (sqlite3.OperationalError, TypeError):
            return 0


@pytest.fixture(scope="module")
def generated(tmp_path_factory):
    """The classes of the messages, by the line of the manual."""
    out = tmp_path_factory.mktemp("generated")
    line, = re.findall(r"^protoc .*--python_out=generated .*$", (ROOT / "docs/events.md").read_text(encoding="utf-8"), re.M)
    subprocess.run(line.replace("=generated", f"={out}"), shell=True, cwd=ROOT, check=True)
    return out


@pytest.fixture(scope="module")
def loaded(billing_binary, kafka_broker, tmp_path_factory, generated):
    """A running service whose books are in a topic, and a consumer that was killed and started while they grew."""
    topic = "rebuilt"
    folder = tmp_path_factory.mktemp("rebuilt")
    server = kafka_server(billing_binary, kafka_broker, folder, topic).start(ready_s=60)
    reader = Reader(generated, kafka_broker, folder / "books.sqlite", topic)
    process, before = None, 0
    stories = [("yen", yen), ("rest", what_the_scenarios_leave_out), *scenarios(), ("closed", closed_month)]
    try:
        for number, (name, story) in enumerate(stories):
            story(World(server.client(), name, "JPY" if name == "yen" else "USD"))
            if number % 12 == 3:
                if process:
                    wait_until(lambda: reader.position() > before, 60, "the consumer goes on from its own place")
                    process.send_signal(signal.SIGKILL)
                    process.wait(10)
                before = reader.position()
                process = reader.follow()
            if number == len(stories) // 2:
                server.restart(hard=True, ready_s=60)  # another CLAIM in the middle
        wait_until(published(server), 60, "everything published")
    finally:
        if process:
            process.kill()
            process.wait(10)
    yield server, topic, reader
    server.kill()


def mark(test):
    for one in on_a_broker:
        test = one(test)
    return test


@mark
def test_the_consumer_rebuilds_every_balance_though_it_was_killed_on_its_way(loaded, kafka_broker, generated, tmp_path):
    server, topic, reader = loaded
    first = reader.position()
    assert 0 < first
    killed = reader.figures()
    check_figures(server.client(), killed)
    assert reader.figures() == killed
    assert Reader(generated, kafka_broker, tmp_path / "fresh.sqlite", topic).figures() == killed
    seen = {event["type"] for event in feed(server.client())}
    moving = {path.stem for path in (ROOT / "tests/fixtures/samples").glob("*.json")
              if json.loads(path.read_text(encoding="utf-8"))["postings"]}
    assert moving - seen == set(), "no command of this test makes them"


@mark
def test_no_contact_address_or_user_is_readable_in_the_topic(loaded, kafka_broker):
    _, topic, _ = loaded
    records = read_topic(kafka_broker, topic)
    everything = b"".join((record.value() or b"") + repr(record.headers()).encode() for record in records)
    assert b"Renamed" in everything
    for private in (b"Ada Private", b"ada@example.org", b"5 Private Street"):
        assert private not in everything


def copy(broker, records, topic):
    """A topic with these (key, value, headers)."""
    broker.create_topic(topic)
    producer = Producer({"bootstrap.servers": broker.bootstrap, "compression.codec": "lz4"})
    for key, value, headers in records:
        producer.produce(topic, value, key, headers=headers, partition=0)
        producer.poll(0)
    assert producer.flush(60) == 0
    return topic


@mark
def test_the_consumer_refuses_gaps_damage_and_another_history_and_skips_duplicates(loaded, kafka_broker, generated, tmp_path):
    _, topic, whole = loaded
    good = [(record.key(), record.value(), record.headers()) for record in read_topic(kafka_broker, topic)]
    figures = whole.figures()

    def reader(name, records, store=None):
        return Reader(generated, kafka_broker, store or tmp_path / f"{name}.sqlite",
                      copy(kafka_broker, records, f"{name}-{uuid7()}"))

    assert reader("doubled", good[:60] + good[40:]).figures() == figures
    assert "a gap: position 50 follows 48" in reader("gap", [one for one in good if dict(one[2]).get("ledger-position") != b"49"]).refusal()
    key, value, headers = good[40]
    assert "is damaged" in reader("damaged", [*good[:40], (key, value[:-1] + bytes([value[-1] ^ 1]), headers), *good[41:]]).refusal()
    zombie = [(name, b"0" if name == "ledger-epoch" else one) for name, one in headers]
    assert "a writer that was replaced" in reader("zombie", [*good[:40], (key, value, zombie), *good[41:]]).refusal()

    # A topic that was made anew from the same log has the same positions at other offsets.
    half = reader("half", good[: len(good) // 2])
    half.figures()
    anew = reader("anew", [good[0]] * 7 + good, half.store)
    assert anew.figures() == figures
    # And one with another history is noticed, at the last position that was handled, or where it does not reach it.
    other = tmp_path / "other.sqlite"
    assert reader("start", good[:100], other).run().returncode == 0
    with sqlite3.connect(other) as db:
        db.execute("UPDATE progress SET hash = ?", ("ab" * 32,))
    assert "another history" in reader("changed", good, other).refusal()

"""Clients that are slow or want too much: the service's memory stays within its settings, and others are served."""

import contextlib
import re
import socket
import sys
import time

import pytest

from books import made
from harness import ROOT, LedgerServer, wait_until

sys.path.insert(0, str(ROOT / "tests"))

from faults.slow_readers import CLOSED_S_MAX, FEED, GoodReads, SlowReader, fill_feed  # noqa: E402

GREEDY = "127.0.0.2"  # the address that the greedy clients call from; the tests' own is 127.0.0.1
GOOD_READ_S_MAX = 5   # of any, on a machine that compiles besides
CONNECTION_KIB = 64   # what a connection may take besides bodies that count


@pytest.fixture
def server(billing_binary, tmp_path):
    """A service with small limits, that trusts no proxy."""
    server = LedgerServer(billing_binary, tmp_path / "ledger", arguments=[
        "--trusted-proxies", "", "--connections-max", "700", "--connections-per-address-max", "500",
        "--memory-mb", "16", "--memory-per-address-mb", "8"])
    server.start()
    yield server
    server.kill()


def rss_kib(server):
    with open(f"/proc/{server.process.pid}/status", encoding="ascii") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmRSS:"))


def metric(server, name):
    page = server.client().get("/metrics", headers={"Authorization": f"Bearer {server.admin_key}"}).text
    return float(re.search(f"^{re.escape(name)} (.*)$", page, re.M)[1])


def first_bytes(reader):
    reader.socket.settimeout(10)
    return reader.socket.recv(2000)


def connect(server):
    """A connection from GREEDY that takes next to nothing until it is read."""
    one = socket.socket()
    one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    one.settimeout(10)
    one.bind((GREEDY, 0))
    one.connect(("127.0.0.1", server.port))
    return one


@contextlib.contextmanager
def slow_readers(server, path, count):
    """Connections that ask for `path` and do not read the answer."""
    readers = []
    try:
        for _ in range(count):
            readers.append(SlowReader(server, path, address=GREEDY))
        yield readers
    finally:
        for one in readers:
            one.socket.close()


@contextlib.contextmanager
def good_reads(server):
    """A client beside them, none of whose reads is lost or takes for ever; its p99 before and since is printed."""
    good = GoodReads(server)
    time.sleep(1)
    since = time.monotonic()
    try:
        yield good
    finally:
        good.end()
    print(f"good reads: p99 {good.p99(0, since) * 1e3:.0f} ms before, {good.p99(since) * 1e3:.0f} ms during")
    assert good.lost() == []
    assert good.longest(since) < GOOD_READ_S_MAX


def check_closed(readers):
    """Each is at an end for its own kernel, 15 s after its answer began at the latest."""
    wait_until(lambda: all([one.look() for one in readers]), 40, "all are closed")
    assert max(one.open_for() for one in readers) <= CLOSED_S_MAX


def good_traffic(server):
    """What the others do meanwhile."""
    api = server.client()
    customer = api.post("/v1/customers", {"name": "Good", "currency": "USD"})
    assert api.get(f"/v1/customers/{made(customer)}", {"min_position": customer.json()["position"]}).status_code == 200
    # Where readers of the feed fill its queue, they are refused at once as long as they do: it is tried again.
    wait_until(lambda: api.get("/v1/events", {"after": 0, "limit": 1000}).status_code == 200, 10, "the feed answers")
    assert api.get("/openapi.json").status_code == 200


def check_withstood(server, path, count, counted_mib):
    """`count` slow readers take no more than `counted_mib` and a connection each, others are served, and all are cut."""
    good_traffic(server)
    before = rss_kib(server)
    with good_reads(server), slow_readers(server, path, count) as readers:
        begun = time.monotonic()
        wait_until(lambda: metric(server, "billing_http_connections_open") > count, 10, "all are connected")
        good_traffic(server)
        grown = rss_kib(server) - before
        assert grown < counted_mib * 1024 + count * CONNECTION_KIB, f"{grown} KiB more"
        check_closed(readers)
        wait_until(lambda: metric(server, "billing_http_connections_open") < 10, 5, "the service has closed them too")
        assert time.monotonic() - begun > 5, "they were held, not refused"
        good_traffic(server)
    assert metric(server, "billing_http_memory_bytes") == 0


def test_slow_readers_of_a_text_that_is_the_same_for_all_share_it(server):
    check_withstood(server, "/openapi.json", 400, 0)
    assert metric(server, 'billing_http_memory_refused_total{limit="address"}') == 0


def test_slow_readers_of_the_feed_get_what_one_address_may_have(server):
    fill_feed(server.client())
    with slow_readers(server, FEED, 100) as readers:
        wait_until(lambda: metric(server, 'billing_http_memory_refused_total{limit="address"}') > 0, 10, "some are refused")
        assert metric(server, "billing_http_memory_bytes") <= 8 << 20
        good_traffic(server)
        refused = [head for head in map(first_bytes, readers) if head.startswith(b"HTTP/1.1 503 ")]
        assert 50 < len(refused) < 100
        assert all(b"\r\nRetry-After: 1\r\n" in head and b"\r\nConnection: close\r\n" in head for head in refused)
        # Those that found the queue of the feed full, and those whose answer found no memory.
        assert {code for head in refused for code in re.findall(rb'"code":"([a-z-]+)"', head)} <= {b"server-busy", b"too-many-reads"}
        assert any(b"server-busy" in head for head in refused)


def test_the_memory_of_slow_readers_of_the_feed_is_bounded_and_they_are_cut(server):
    fill_feed(server.client())
    good_traffic(server)
    before = rss_kib(server)
    with good_reads(server), slow_readers(server, FEED, 400) as readers:
        good_traffic(server)
        grown = rss_kib(server) - before
        assert grown < (16 + 25) * 1024, f"{grown} KiB more"
        check_closed(readers)
    assert metric(server, "billing_http_memory_bytes") == 0


def test_readers_whose_answer_is_in_the_kernel_or_drips_are_closed_too(server):
    fill_feed(server.client())
    with contextlib.ExitStack() as held:
        readers = []
        for number in range(40):
            readers.append(SlowReader(server, FEED if number % 2 else "/v1/events?after=0&limit=200", number % 4 > 1, GREEDY))
            held.callback(readers[-1].socket.close)
            time.sleep(0.02)  # the feed's queue has room for each
        check_closed(readers)


def test_slow_readers_leave_room_for_the_bodies_of_requests(billing_binary, tmp_path):
    # A proxy's address has no limit of its own: only that of all holds.
    server = LedgerServer(billing_binary, tmp_path / "proxied", arguments=["--memory-mb", "16"]).start()
    try:
        fill_feed(server.client())
        with slow_readers(server, FEED, 64) as readers:
            wait_until(lambda: metric(server, 'billing_http_memory_refused_total{limit="server"}') > 0, 10, "some are refused")
            assert metric(server, "billing_http_memory_bytes") <= 12 << 20
            lines = b'{"id":"x"}\n' * 10_000
            answer = server.client().request("POST", "/v1/batches", data=lines, headers={"Content-Type": "application/x-ndjson"})
            assert answer.status_code != 503, answer.text[:300]
            customer = {"name": "n", "currency": "USD", "external_id": "x" * 60_000}
            assert server.client().post("/v1/customers", customer).status_code == 422
            assert not all(one.look() for one in readers)
    finally:
        server.kill()


def test_one_address_cannot_take_all_connections(server):
    with contextlib.ExitStack() as held:
        connections = [held.enter_context(connect(server)) for _ in range(600)]
        wait_until(lambda: metric(server, 'billing_http_connections_refused_total{limit="address"}') == 100, 10, "100 are refused")
        assert metric(server, "billing_http_connections_open") <= 510
        good_traffic(server)
        # Those beyond are told so, or closed without a word where too many come at a time.
        last = connections[-1].recv(2000)
        assert last == b"" or b"too-many-connections" in last

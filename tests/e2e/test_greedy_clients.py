"""Clients that are slow or want too much: the service's memory stays within its settings, and others are served."""

import contextlib
import json
import re
import socket
import time

import pytest

from books import made
from harness import LedgerServer, uuid7, wait_until

GREEDY = "127.0.0.2"  # the address that the greedy clients call from; the tests' own is 127.0.0.1
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
    head = f"GET {path} HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {server.admin_key}\r\n\r\n".encode()
    readers = []
    try:
        for _ in range(count):
            readers.append(connect(server))
            readers[-1].sendall(head)
        yield readers
    finally:
        for one in readers:
            one.close()


def good_traffic(server):
    """What the others do meanwhile."""
    api = server.client()
    customer = made(api.post("/v1/customers", {"name": "Good", "currency": "USD"}))
    assert api.get(f"/v1/customers/{customer}", {"min_position": 1}).status_code == 200
    assert api.get("/v1/events", {"after": 0, "limit": 1000}).status_code == 200
    assert api.get("/openapi.json").status_code == 200


def fill_feed(api, count=500):
    """More events than one answer of the feed has."""
    lines = "".join(json.dumps({"id": uuid7(), "command": "customer.create", "body": {"name": "n" * 150, "currency": "USD"}}) + "\n"
                    for _ in range(count))
    answer = api.request("POST", "/v1/batches", data=lines, headers={"Content-Type": "application/x-ndjson"})
    assert answer.status_code == 200 and len(answer.text.splitlines()) == count, answer.text[:500]
    assert len(api.get("/v1/events", {"after": 0, "limit": 1000}).json()["items"]) < count


def check_withstood(server, path, count, counted_mib):
    """`count` slow readers take no more than `counted_mib` and a connection each, others are served, and all are cut."""
    good_traffic(server)
    before = rss_kib(server)
    with slow_readers(server, path, count):
        begun = time.monotonic()
        wait_until(lambda: metric(server, "billing_http_connections_open") > count, 10, "all are connected")
        good_traffic(server)
        grown = rss_kib(server) - before
        assert grown < counted_mib * 1024 + count * CONNECTION_KIB, f"{grown} KiB more"
        # Each has to take its part in 10 seconds.
        wait_until(lambda: metric(server, "billing_http_connections_open") < 10, 30, "all are closed")
        assert time.monotonic() - begun > 5, "they were held, not refused"
        good_traffic(server)
    assert metric(server, "billing_http_memory_bytes") == 0


def test_slow_readers_of_a_text_that_is_the_same_for_all_share_it(server):
    check_withstood(server, "/openapi.json", 400, 0)
    assert metric(server, 'billing_http_memory_refused_total{limit="address"}') == 0


def test_slow_readers_of_the_feed_get_what_one_address_may_have(server):
    fill_feed(server.client())
    with slow_readers(server, "/v1/events?after=0&limit=1000", 100) as readers:
        wait_until(lambda: metric(server, 'billing_http_memory_refused_total{limit="address"}') > 0, 10, "some are refused")
        assert metric(server, "billing_http_memory_bytes") <= 8 << 20
        good_traffic(server)
        refused = [head for head in (one.recv(2000) for one in readers) if head.startswith(b"HTTP/1.1 503 ")]
        assert 50 < len(refused) < 100
        assert all(b"\r\nRetry-After: 1\r\n" in head and b'"code":"server-busy"' in head for head in refused)


def test_the_memory_of_slow_readers_of_the_feed_is_bounded_and_they_are_cut(server):
    fill_feed(server.client())
    good_traffic(server)
    before = rss_kib(server)
    with slow_readers(server, "/v1/events?after=0&limit=1000", 400):
        good_traffic(server)
        grown = rss_kib(server) - before
        assert grown < (16 + 25) * 1024, f"{grown} KiB more"
        wait_until(lambda: metric(server, "billing_http_connections_open") < 10, 30, "all are closed")
    assert metric(server, "billing_http_memory_bytes") == 0


def test_one_address_cannot_take_all_connections(server):
    with contextlib.ExitStack() as held:
        connections = [held.enter_context(connect(server)) for _ in range(600)]
        wait_until(lambda: metric(server, 'billing_http_connections_refused_total{limit="address"}') == 100, 10, "100 are refused")
        assert metric(server, "billing_http_connections_open") <= 510
        good_traffic(server)
        # Those beyond are told so, or closed without a word where too many come at a time.
        last = connections[-1].recv(2000)
        assert last == b"" or b"too-many-connections" in last

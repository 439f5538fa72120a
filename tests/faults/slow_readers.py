"""Clients that take next to nothing of what they asked for: they are closed soon, and others do not notice them."""

import fcntl
import json
import resource
import socket
import struct
import termios
import threading
import time

import requests

from books import made
from harness import uuid7

from .campaign import Outcome, run_cases
from .load import Judge
from .memory import resident_kib
from .process import Server

SUITE = "slow-readers"
CLOSED_S_MAX = 15  # from the beginning of the answer, for which it may have to wait its turn
GIVEN_UP_S = 30
MEMORY_MB = 64
CONNECTION_KIB = 96  # what a connection may take besides bodies that count
FEED = "/v1/events?after=0&limit=1000"
PATHS = (FEED, "/openapi.json")
DRIP_BYTES = 50  # that every second reader takes in a second
ESTABLISHED = 1


def run(order, progress=None):
    """CI 200 readers, soak 2,000. `--count` is a number of readers."""
    count = order.size(200, 2_000)
    return run_cases(order, SUITE, 1, lambda case: one(order, case, count), progress)


def one(order, case, count):
    outcome = Outcome(SUITE, runs=1, faults=count)
    judge = Judge(outcome, order.again(SUITE, case))
    allow_files(2 * count + 500)
    server = Server(order.binary, order.folder / f"slow-readers-{case}", arguments=[
        "--memory-mb", str(MEMORY_MB), "--connections-max", str(count + 500)]).start()
    readers, good = [], None
    try:
        fill_feed(server.client())
        good = GoodReads(server)
        time.sleep(3)
        before, since = resident_kib(server.process.pid), time.monotonic()
        for number in range(count):
            readers.append(SlowReader(server, PATHS[number % 2], drips=number // 2 % 2 == 1))
        highest = before
        round_ = time.monotonic()
        while not all([one_.look() for one_ in readers]) and max(one_.open_for() for one_ in readers) < GIVEN_UP_S:
            highest = max(highest, resident_kib(server.process.pid))
            time.sleep(max(0.0, round_ + 1 - time.monotonic()))
            round_ = time.monotonic()
        good.end()
        late = sum(1 for one_ in readers if not one_.closed or one_.open_for() > CLOSED_S_MAX)
        longest = max(one_.open_for() for one_ in readers)
        last = max((one_.closed or time.monotonic()) - one_.begun for one_ in readers)
        if late:
            judge.find("a slow reader is not closed", f"{late:,} of {count:,} not within {CLOSED_S_MAX} s")
        if highest - before > MEMORY_MB * 1024 + count * CONNECTION_KIB:
            judge.find("memory is not bounded", f"{(highest - before) / 1024:,.0f} MiB more")
        for what in good.lost():
            judge.find("a good read is lost", what)
        refused = sum(1 for one_ in readers if one_.closed and one_.open_for() < 3)
        outcome.notes.append(
            f"{count:,} readers, {refused:,} of them refused: closed {longest:.1f} s after the answer began at most, "
            f"{last:.1f} s after it was asked for; good reads p99 {good.p99(0, since) * 1e3:,.0f} ms before, "
            f"{good.p99(since) * 1e3:,.0f} ms during, longest {good.longest(since) * 1e3:,.0f} ms; "
            f"{(highest - before) / 1024:,.0f} MiB more")
        server.stop()
    finally:
        if good:
            good.end()
        for one_ in readers:
            one_.socket.close()
        server.kill()
    return outcome


def allow_files(count):
    """This process and those that it starts may open so many files."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < count:
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(count, hard), hard))


def fill_feed(api, count=500):
    """More events than one answer of the feed has."""
    lines = "".join(json.dumps({"id": uuid7(), "command": "customer.create", "body": {"name": "n" * 150, "currency": "USD"}}) + "\n"
                    for _ in range(count))
    answer = api.request("POST", "/v1/batches", data=lines, headers={"Content-Type": "application/x-ndjson"})
    assert answer.status_code == 200 and len(answer.text.splitlines()) == count, answer.text[:500]
    assert len(api.get(FEED).json()["items"]) < count


class SlowReader:
    """A connection that has asked for `path`, has a small receive buffer, and takes nothing, or drips."""

    def __init__(self, server, path, drips=False, address="127.0.0.1"):
        self.drips, self.answered, self.closed = drips, None, None
        self.socket = socket.socket()
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        self.socket.settimeout(10)
        self.socket.bind((address, 0))
        self.socket.connect(("127.0.0.1", server.port))
        self.begun = time.monotonic()
        self.socket.sendall(f"GET {path} HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {server.admin_key}\r\n\r\n".encode())
        self.socket.setblocking(False)

    def look(self):
        """Notes when the answer begins, and when the kernel knows that the connection is ended, whatever there is to be read before
        its end. Whether it is."""
        if self.closed:
            return True
        now = time.monotonic()
        gone = self.socket.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 1)[0] != ESTABLISHED
        if not self.answered and (gone or readable_bytes(self.socket)):
            self.answered = now
        if gone:
            self.closed = now
        elif self.drips:
            try:
                self.socket.recv(DRIP_BYTES)
            except OSError:  # nothing there, or the connection is gone: the next look shows it
                pass
        return gone

    def open_for(self):
        """Seconds from the beginning of the answer to the end of the connection, or to now."""
        return (self.closed or time.monotonic()) - (self.answered or self.begun)


def readable_bytes(connection):
    return struct.unpack("i", fcntl.ioctl(connection, termios.FIONREAD, b"\0" * 4))[0]


class GoodReads:
    """A client that reads one small object fifty times a second, from now until `end`."""

    def __init__(self, server):
        self.api = server.client()
        self.customer = made(self.api.post("/v1/customers", {"name": "Good", "currency": "USD"}))
        self.seen = []  # (began, seconds, status or what went wrong)
        self.ended = threading.Event()
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def run(self):
        while not self.ended.is_set():
            began = time.monotonic()
            try:
                status = self.api.get(f"/v1/customers/{self.customer}", timeout=30).status_code
            except requests.RequestException as problem:
                status = repr(problem)
            self.seen.append((began, time.monotonic() - began, status))
            time.sleep(0.02)

    def end(self):
        self.ended.set()
        self.thread.join(40)

    def lost(self):
        return [f"{status} after {seconds:.2f} s" for _, seconds, status in self.seen if status != 200]

    def between(self, since, until=float("inf")):
        return sorted(seconds for began, seconds, _ in self.seen if since <= began < until) or [0.0]

    def p99(self, since, until=float("inf")):
        found = self.between(since, until)
        return found[int(len(found) * 0.99)]

    def longest(self, since):
        return self.between(since)[-1]

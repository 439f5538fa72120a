"""Five times what the service takes: it refuses the rest at once, takes about as much as before, and loses nothing.

The clients are open loop: a command is sent when its time has come, whatever became of those before it. They run in processes of
their own (`python -m faults.open_loop`), which speak HTTP without a library, to be quick enough.
"""

import collections
import json
import os
import pathlib
import re
import selectors
import socket
import subprocess
import sys
import time

import requests

from harness import ROOT, uuid7

from .campaign import Outcome, run_cases
from .load import Judge, make_books
from .memory import resident_kib
from .process import Server, library
from .slow_readers import CONNECTION_KIB, allow_files

SUITE = "open-loop"
PROCESSES = 2
CLOSED_CONNECTIONS = 2_000  # of each process: two full batches in all, one that is synced and one that waits
OPEN_CONNECTIONS_MAX = 4_000  # more in all than what waits for two syncs, so that commands queue behind them
SYNC_MS = 2_500  # a disk so slow that it is the limit, and not the processors, of which the clients take their part
QUEUE_MS_MAX = 250  # of commands that wait for a place in a batch
TIMES = 5
REFUSAL_S_MAX = 1.0  # p99
MEMORY_MB = 64
EVENT_KIB = 4  # of memory that a command may leave behind: state, views and tables not written yet
REST_S = 15  # for answers after the last command was sent


def run(order, progress=None):
    """CI 10 s closed loop and 10 s open loop, soak 20 s and 60 s."""
    library(order.folder, "slow_sync")
    closed_s, open_s = (20, 60) if order.soak else (10, 10)
    return run_cases(order, SUITE, order.size(1, 1), lambda case: one(order, case, closed_s, open_s), progress)


def one(order, case, closed_s, open_s):
    outcome = Outcome(SUITE, runs=1)
    judge = Judge(outcome, order.again(SUITE, case))
    allow_files(2 * PROCESSES * OPEN_CONNECTIONS_MAX + 500)
    folder = order.folder / f"open-loop-{case}"
    slow = order.folder / f"open-loop-{case}.slow"
    server = Server(order.binary, folder, arguments=[
        "--memory-mb", str(MEMORY_MB), "--queue-ms-max", str(QUEUE_MS_MAX),
        "--connections-max", str(PROCESSES * OPEN_CONNECTIONS_MAX + 100)], environment={
            "LD_PRELOAD": str(library(order.folder, "slow_sync")), "FAULTS_DIRECTORY": str(folder / "data"),
            "FAULTS_WHEN": str(slow), "FAULTS_SYNC_MS": str(SYNC_MS)}).start()
    try:
        books = make_books(server)
        slow.touch()
        first = phase(server, books, folder, 0, closed_s, judge)
        capacity = len(first.times(201)) / first.elapsed
        before = resident_kib(server.process.pid)
        flood = phase(server, books, folder, TIMES * capacity, open_s, judge)
        slow.unlink()
        accepted, refused = flood.times(201), flood.times(503)
        goodput = len(accepted) / flood.elapsed
        outcome.faults += len(refused)
        if not accepted or not first.times(201):
            judge.find("nothing was looked at", f"{len(accepted)} commands were accepted")
        for status, count in (first.statuses + flood.statuses).items():
            if status not in (201, 429, 503):
                judge.find("an answer that nobody expects", f"{status}: {count:,} times")
        if not refused:  # the disk is the limit, whatever the machine is
            judge.find("nothing is refused", f"{flood.sent / open_s:,.0f}/s were sent, {capacity:,.0f}/s were reached before")
        elif share(refused, 0.99) > REFUSAL_S_MAX:
            judge.find("a refusal comes late", f"p99 {share(refused, 0.99):.2f} s of {len(refused):,}")
        most = MEMORY_MB * 1024 + PROCESSES * OPEN_CONNECTIONS_MAX * CONNECTION_KIB + len(accepted) * EVENT_KIB
        if flood.highest_kib - before > most:
            judge.find("memory is not bounded", f"{(flood.highest_kib - before) / 1024:,.0f} MiB more")
        if not flood.lived:
            judge.find("no answer of /livez", "not once while the commands came")
        known = {key: (position, "") for key, position in (first.receipts | flood.receipts).items()}
        commands = judge.whole(server.client(), known)
        outcome.notes.append(
            f"{TIMES} times {capacity:,.0f} commands/s for {open_s} s, {flood.sent / open_s:,.0f}/s of them sent: "
            f"{goodput:,.0f}/s accepted ({goodput / max(capacity, 1):.0%} of the capacity), p50 "
            f"{share(accepted, 0.5) * 1e3:,.0f} ms, p99 {share(accepted, 0.99) * 1e3:,.0f} ms; {len(refused):,} refused, p99 "
            f"{share(refused, 0.99) * 1e3:,.0f} ms; {flood.unanswered:,} without an answer; "
            f"{(flood.highest_kib - before) / 1024:,.0f} MiB more")
        if len(commands) < len(known):
            judge.find("an acknowledged command is not in the ledger", f"{len(commands):,} of {len(known):,}")
        server.stop()
    finally:
        server.kill()
    return outcome


def share(times, part):
    return sorted(times)[min(int(len(times) * part), len(times) - 1)] if times else 0.0


class Phase:
    """What the processes of one phase saw."""

    def __init__(self):
        self.seconds = collections.defaultdict(list)  # status -> seconds from sending to the answer
        self.statuses = collections.Counter()
        self.receipts = {}  # key -> position
        self.sent = self.unanswered = self.highest_kib = self.lived = 0
        self.elapsed = 1.0  # until the last answer

    def times(self, status):
        return self.seconds[status]


def phase(server, books, folder, rate, seconds, judge):
    """So many commands a second in all, or as many as are answered for 0."""
    result = Phase()
    orders = [{"port": server.port, "key": server.admin_key, "body": json.dumps(books.payment("1.00", books.leaves[number])),
               "rate": rate / PROCESSES, "seconds": seconds, "out": str(folder / f"flood-{number}-{rate:.0f}"),
               "connections": OPEN_CONNECTIONS_MAX if rate else CLOSED_CONNECTIONS} for number in range(PROCESSES)]
    running = [subprocess.Popen([sys.executable, "-m", "faults.open_loop", json.dumps(one_)],
                                env={**os.environ, "PYTHONPATH": f"{ROOT}/tests:{ROOT}/tests/e2e"}) for one_ in orders]
    api, deadline = server.client(), time.monotonic() + seconds + REST_S + 30
    while any(one_.poll() is None for one_ in running) and time.monotonic() < deadline:
        result.highest_kib = max(result.highest_kib, resident_kib(server.process.pid))
        try:
            result.lived += api.get("/livez", timeout=5).status_code == 200
        except requests.RequestException as problem:
            judge.find("no answer of /livez", problem)
        time.sleep(0.1)
    for one_, given in zip(running, orders):
        if one_.poll() != 0:
            one_.kill()
            judge.find("broken", f"a client ended with {one_.returncode}")
            continue
        seen = json.loads(pathlib.Path(given["out"]).read_text())
        result.sent += seen["sent"]
        result.unanswered += seen["unanswered"]
        result.elapsed = max(result.elapsed, seen["elapsed"])
        result.receipts |= seen["receipts"]
        for status, times in seen["seconds"].items():
            result.seconds[int(status)] += times
            result.statuses[int(status)] += len(times)
    return result


class Flood:
    """The client of one process."""

    def __init__(self, given):
        self.given, self.selector = given, selectors.DefaultSelector()
        self.head = (f"POST /v1/payments HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {given['key']}\r\n"
                     f"Content-Type: application/json\r\nContent-Length: {len(given['body'])}\r\nIdempotency-Key: ")
        self.free, self.busy = [], {}  # connections; those that wait: connection -> (key, sent at, bytes so far)
        self.seconds, self.receipts = collections.defaultdict(list), {}
        self.sent = self.unanswered = 0

    def run(self):
        began, rate = time.monotonic(), self.given["rate"]
        end, due = began + self.given["seconds"], 0
        while (now := time.monotonic()) < end:
            if rate:
                while began + due / rate <= now:  # those that were missed are sent now: the rate is kept
                    due += 1
                    self.send()
            else:
                while len(self.busy) < self.given["connections"]:
                    self.send()
            self.receive(min(0.01, max(0.0, began + due / rate - time.monotonic())) if rate else 0.01)
        while self.busy and time.monotonic() < end + REST_S:
            self.receive(0.1)
        self.unanswered += len(self.busy)
        elapsed = time.monotonic() - began
        pathlib.Path(self.given["out"]).write_text(json.dumps(
            {"seconds": self.seconds, "receipts": self.receipts, "sent": self.sent, "unanswered": self.unanswered,
             "elapsed": elapsed}))

    def send(self):
        """One command on a connection that waits for nothing. Where there is none and may be no further one, it is left out."""
        if not self.free and len(self.busy) >= self.given["connections"]:
            return
        connection = self.free.pop() if self.free else self.connect()
        key = uuid7()
        self.busy[connection] = (key, time.monotonic(), b"")
        try:
            connection.send(f"{self.head}{key}\r\n\r\n{self.given['body']}".encode())
            self.sent += 1
        except OSError:
            self.drop(connection)

    def connect(self):
        connection = socket.create_connection(("127.0.0.1", self.given["port"]), timeout=10)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection.setblocking(False)
        self.selector.register(connection, selectors.EVENT_READ)
        return connection

    def drop(self, connection):
        self.selector.unregister(connection)
        connection.close()
        if self.busy.pop(connection, None):
            self.unanswered += 1
        elif connection in self.free:
            self.free.remove(connection)

    def receive(self, seconds):
        for ready, _ in self.selector.select(seconds):
            connection = ready.fileobj
            try:
                some = connection.recv(65536)
            except OSError:
                some = b""
            if not some or connection not in self.busy:
                self.drop(connection)
                continue
            key, since, had = self.busy[connection]
            answer = had + some
            self.busy[connection] = (key, since, answer)
            head, blank, body = answer.partition(b"\r\n\r\n")
            length = re.search(rb"\r\nContent-Length: (\d+)", head)
            if not blank or not length or len(body) < int(length[1]):
                continue
            del self.busy[connection]
            self.free.append(connection)
            self.seconds[int(head[9:12])].append(time.monotonic() - since)
            if head[9:12] == b"201":
                self.receipts[key] = json.loads(body)["position"]
            if b"\r\nConnection: close" in head:
                self.drop(connection)


if __name__ == "__main__":
    wanted = json.loads(sys.argv[1])
    allow_files(wanted["connections"] + 100)
    Flood(wanted).run()

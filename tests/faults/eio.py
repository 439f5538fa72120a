"""The nth call of a kind fails: nothing hangs or aborts, nothing acknowledged is lost, no read is wrong."""

import collections
import shutil
import time

import requests

from books import money

from .campaign import Outcome, first_line, run_cases
from .load import Judge, Load, Receipts, make_books
from .process import Server, library, verify

SUITE = "eio"
KINDS = ("write", "sync", "read", "rename", "open", "allocate")
NTH_CI = 120  # n is drawn below it
NTH_SOAK = 2_000
LOAD_S = 1.0
SETTINGS = ["--views-checkpoint-interval", "100"]


def run(order, progress=None):
    """CI 25 cases; soak the first 1,000 calls of each kind, from the start and from the load on."""
    library(order.folder, "eio")
    base = seeded(order)
    total = run_cases(order, SUITE, order.size(25, NTH_SOAK * len(KINDS)), lambda case: one(order, base, case), progress)
    counted = collections.Counter(total.notes)
    total.notes = [", ".join(f"{count:,} {what}" for what, count in sorted(counted.items()))]
    return total


def seeded(order):
    """A stopped ledger with a few hundred events, from which each case begins: (its books, its receipts)."""
    server = Server(order.binary, order.folder / "eio-base", arguments=SETTINGS).start()
    books = make_books(server)
    receipts = Receipts(order.folder / "eio-base.receipts")
    load = Load(server, books, receipts, order.seed).start()
    time.sleep(0.5)
    load.stop()
    server.restart()
    server.stop()
    return books, receipts.all()


def one(order, base, case):
    books, acknowledged = base
    outcome, pick = Outcome(SUITE, runs=1), order.random(SUITE, case)
    again = order.again(SUITE, case)
    judge = Judge(outcome, again)
    kind = KINDS[case % len(KINDS)]
    # Counted from the start of the program, or from the beginning of the load on; small numbers more often.
    at_start = case // len(KINDS) % 2 == 0
    nth = case // len(KINDS) // 2 + 1 if order.soak else int(NTH_CI ** pick.random())
    sticky, error = pick.random() < 0.5, pick.choice(("EIO", "EIO", "ENOSPC"))
    what = f"{kind} {nth} {'' if at_start else 'of the load '}fails with {error} {'from then on' if sticky else 'once'}"
    folder = order.folder / f"eio-{case}"
    shutil.copytree(order.folder / "eio-base", folder, symlinks=True)
    fault_log = order.folder / f"eio-{case}.log"
    receipts = Receipts(order.folder / f"eio-{case}.receipts")
    begin = order.folder / f"eio-{case}.begin"
    if at_start:
        begin.touch()
    server = Server(order.binary, folder, arguments=SETTINGS, environment={
        "FAULTS_WHEN": str(begin),
        "LD_PRELOAD": str(library(order.folder, "eio")), "FAULTS_DIRECTORY": str(folder / "data"), "FAULTS_KIND": kind,
        "FAULTS_NTH": str(nth), "FAULTS_STICKY": "1" if sticky else "0", "FAULTS_ERROR": error, "FAULTS_LOG": str(fault_log)})

    def find(kind_, detail):
        where = fault_log.read_text().split()[-1] if fault_log.exists() else "no fault"
        where = where.removeprefix(str(folder) + "/")
        outcome.find(kind_, f"{what} ({where}): {detail}", again, kind)

    ended = server.try_start()
    if ended is not None:
        outcome.notes.append("refused at start")
        if ended <= 0:
            find("start hangs or aborts", f"{ended}: {server.said[-600:]}")
        elif not server.refused_with_a_file():
            outcome.undetected += 1
            find("start refused without the file's name", server.said[-400:])
    else:
        begin.touch()
        under_load(server, books, receipts, judge, find, pick)
        status = server.end()
        if status is None:
            find("no end within 30 s of SIGTERM", server.said[-400:])
        elif status < 0:
            find("aborts", f"{status}: {server.said[-600:]}")
        outcome.notes.append("went on" if not server.refused else "refused commands")
    if fault_log.exists():
        outcome.faults += 1
    else:
        outcome.notes[-1] = "fault not reached"

    server.environment = {}
    known = {**acknowledged, **receipts.all()}
    ended = server.try_start()
    if ended is not None:
        find("no start after the fault is gone", f"{ended}: {server.said[-600:]}")
        outcome.lost += len(receipts.known)
    else:
        judge.whole(server.client(), known)
        if server.end() != 0:
            find("no clean end after the fault is gone", server.said[-400:])
        status, output = verify(order.binary, server.data)
        if status != 0:
            find("verify after the fault is gone", output[-600:])
    receipts.close()
    if not order.keep:
        shutil.rmtree(folder)
    return outcome


def under_load(server, books, receipts, judge, find, pick):
    """A short load with reads beside it. What is answered must be right or a refusal."""
    server.refused = False
    load = Load(server, books, receipts, pick.random(), clients=2, give_up=True, pause_s=0.005,
                allowed=(429, 500, 503)).start()
    deadline = time.monotonic() + LOAD_S
    seen = 0
    api = server.client()
    while time.monotonic() < deadline and server.running():
        seen = read(api, seen, find)
        time.sleep(0.02)
    try:
        load.stop()
    except AssertionError as hang:
        find("hangs", hang)
        return
    for answer in load.wrong:
        judge.find("an answer that nobody expects", answer)
    if not server.running():
        find("ends by itself", f"{server.process.returncode}: {server.said[-600:]}")
        return
    failed = [code for (status, code) in load.refused]
    server.refused = bool(failed)
    if load.refused:
        check_ready(api, books, receipts, find)


def check_ready(api, books, receipts, find):
    """Refusals go on, and readiness says so, or all is well again."""

    def is_refused():
        answer = api.post("/v1/payments", books.payment("1.00"))
        if answer.status_code == 201:
            receipts.add(answer.request.headers["Idempotency-Key"], answer.json()["position"], "")
            return ""
        return f"{answer.status_code} {answer.text[:200]}"

    # The store may be opened anew between the refusal and the question: then the next command is taken.
    if is_refused() and (ready := api.get("/readyz")).status_code == 200 and (again := is_refused()):
        find("refuses commands and calls itself ready", f"{again}, {ready.text[:300]}")


def read(api, seen, find):
    """A report and the newest events; positions only grow."""
    try:
        answer = api.get("/v1/reports/trial-balance")
        if answer.status_code == 200:
            for book in answer.json()["items"]:
                if not book["balanced"] or sum(money(one["balance"]) for one in book["ledgers"]) != 0:
                    find("a read is wrong", answer.text[:300])
        elif answer.status_code < 500:
            find("a read is refused otherwise than by 5xx", answer.text[:300])
        answer = api.get("/v1/events", {"after": max(seen - 1, 0), "limit": 100})
        if answer.status_code == 200:
            positions = [event["position"] for event in answer.json()["items"]]
            if positions != list(range(max(seen - 1, 0) + 1, max(seen - 1, 0) + 1 + len(positions))) or (seen and not positions):
                find("a read is wrong", f"events after {seen - 1}: {first_line(positions)}")
            return max([seen, *positions])
    except requests.RequestException as problem:
        if isinstance(problem, requests.Timeout):
            find("a read hangs", problem)
    return seen

"""The clock jumps: times recorded never go back, documents have the operator's day, nothing ends."""

import datetime
import math
import time
import zoneinfo

from books import feed
from harness import uuid7

from .campaign import Outcome, run_cases
from .load import Judge, Receipts, answer_digest, make_books
from .process import Server, library, verify

SUITE = "clock"
ZONE = zoneinfo.ZoneInfo("America/New_York")
# Moments of UTC at which something happens in this zone. The clock is set to a second before, so that it crosses them.
MOMENTS = {what: datetime.datetime.fromisoformat(moment + "+00:00").timestamp() for what, moment in {
    "summer time begins": "2027-03-14T07:00:00", "summer time ends": "2027-11-07T06:00:00",
    "a month ends": "2027-02-01T05:00:00", "a leap day begins": "2028-02-29T05:00:00", "a year ends": "2028-01-01T05:00:00",
    "the 31st bit": "2038-01-19T03:14:08", "beyond 2038": "2041-07-01T12:00:00"}.items()}
COMMANDS = 10
STAY_S = 2.0
BEFORE_S = 0.75  # at least; offsets are whole seconds, so it is up to a second more


def run(order, progress=None):
    """CI 1 history of jumps, soak 50; each visits all moments in an order of its own, with jumps back between."""
    library(order.folder, "clock")
    return run_cases(order, SUITE, order.size(1, 50), lambda case: one(order, case), progress)


def one(order, case):
    outcome, pick, again = Outcome(SUITE, runs=1), order.random(SUITE, case), order.again(SUITE, case)
    judge = Judge(outcome, again)
    folder = order.folder / f"clock-{case}"
    folder.mkdir()
    offset = folder / "offset"
    offset.write_text("0")
    server = Server(order.binary, folder, arguments=[
        "--time-zone", str(ZONE), "--clock-ahead-days-max", "0", "--clock-behind-hours-max", "0"], environment={
        "LD_PRELOAD": str(library(order.folder, "clock")), "FAULTS_CLOCK": str(offset)})
    receipts = Receipts(order.folder / f"clock-{case}.receipts")
    days = {}  # command -> the days that it may have
    try:
        server.start()
        books = make_books(server)
        for what, goal in plan(pick, order.soak):
            seconds = offset_to(goal)
            replace(offset, seconds)
            outcome.faults += 1
            start = time.time() + seconds
            work(server, books, receipts, pick, seconds, days, judge, what)
            check_crossed(what, start, time.time() + seconds, judge)
        server.restart(hard=pick.random() < 0.5)  # on a clock that may be before what is stored
        work(server, books, receipts, pick, seconds, days, judge, "after a restart")
        judge.whole(server.client(), receipts.all())
        recorded = ""
        for event in feed(server.client()):
            if event["recorded"] < recorded:
                judge.find("a time goes back", f"position {event['position']}: {event['recorded']} after {recorded}")
            recorded = event["recorded"]
            allowed = days.get(event["command"]["id"])
            # What follows in the same command, as credit that meets an invoice of a later day, has a day of its own.
            if allowed and event["command"]["index"] == 0 and event["posting_date"] not in allowed:
                judge.find("a wrong day", f"position {event['position']}: {event['posting_date']}, should be {sorted(allowed)}")
        if server.end() != 0:
            judge.find("no clean end", server.said[-400:])
        status, output = verify(order.binary, server.data)
        if status != 0:
            judge.find("verify", output[-600:])
    finally:
        server.kill()
        receipts.close()
    return outcome


def plan(pick, soak):
    """(what, the time to which the clock is set; None: the machine's) of each jump."""
    moments = list(MOMENTS.items())
    pick.shuffle(moments)
    steps = []
    for what, moment in moments:
        hours = pick.randint(1, 30)
        steps += [(what, moment - BEFORE_S), (f"{hours} hours back", moment - hours * 3600)]
        if soak:
            steps.append((f"{hours} hours on", moment + hours * 3600))
        if pick.random() < 0.3:
            steps.append(("back to today", None))
    return steps


def offset_to(goal):
    """Whole seconds by which the clock is ahead, so that it shows `goal` or up to a second before."""
    return 0 if goal is None else math.floor(goal - time.time())


def check_crossed(what, start, end, judge):
    """Commands came before the moment and after it."""
    if what in MOMENTS and not start < MOMENTS[what] <= end:
        judge.find("the moment was not met",
                   f"{what}: the clock went from {start - MOMENTS[what]:+.2f} to {end - MOMENTS[what]:+.2f} s of it")


def replace(offset, seconds):
    """In one step, so that nobody reads half a number."""
    new = offset.with_suffix(".new")
    new.write_text(str(seconds))
    new.rename(offset)


def today(seconds):
    return datetime.datetime.fromtimestamp(time.time() + seconds, ZONE).date().isoformat()


def work(server, books, receipts, pick, seconds, days, judge, what):
    api, began = server.client(), time.monotonic()
    for number in range(COMMANDS):
        key, leaf = uuid7(), pick.choice(books.leaves)
        path, body = [("/v1/payments", books.payment("1.00", leaf)), ("/v1/invoices", books.invoice("2.00", leaf))][number % 2]
        before = today(seconds)
        answer = api.post(path, body, key)
        if answer.status_code != 201:
            judge.find("a command is refused", f"{what}: {answer.status_code} {answer.text[:300]}")
            continue
        days[key] = {before, today(seconds)}
        receipts.add(key, answer.json()["position"], answer_digest(answer.json()))
        time.sleep(max(0.0, began + STAY_S * (number + 1) / COMMANDS - time.monotonic()))
    ready = api.get("/readyz")
    if ready.status_code != 200:
        judge.find("not ready", f"{what}: {ready.text[:300]}")

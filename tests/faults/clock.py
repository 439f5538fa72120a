"""The clock jumps: times recorded never go back, documents have the operator's day, nothing ends."""

import datetime
import time
import zoneinfo

from books import feed
from harness import uuid7

from .campaign import Outcome, run_cases
from .load import Judge, Receipts, answer_digest, make_books
from .process import Server, library, verify

SUITE = "clock"
ZONE = zoneinfo.ZoneInfo("America/New_York")
# Moments of UTC at which something happens some seconds later, in this zone.
MOMENTS = {
    "summer time begins": "2027-03-14T06:59:58", "summer time ends": "2027-11-07T05:59:58",
    "a month ends": "2027-02-01T04:59:58", "a leap day begins": "2028-02-29T04:59:58", "a year ends": "2028-01-01T04:59:58",
    "the 31st bit": "2038-01-19T03:14:05", "beyond 2038": "2041-07-01T12:00:00"}
COMMANDS = 10
STAY_S = 2.0


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
        for what, seconds in plan(pick, order.soak):
            replace(offset, seconds)
            outcome.faults += 1
            work(server, books, receipts, pick, seconds, days, judge, what)
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
    """(what, offset in seconds) of each jump."""
    now = datetime.datetime.now(datetime.timezone.utc)
    jumps = [(what, int((datetime.datetime.fromisoformat(moment + "+00:00") - now).total_seconds()) - 1)
             for what, moment in MOMENTS.items()]
    pick.shuffle(jumps)
    steps = []
    for what, seconds in jumps:
        hours = pick.randint(1, 30)
        steps += [(what, seconds), (f"{hours} hours back", seconds - hours * 3600)]
        if soak:
            steps.append((f"{hours} hours on", seconds + hours * 3600))
        if pick.random() < 0.3:
            steps.append(("back to today", 0))
    # The moments are met to the second only while the plan is fresh: each step says how long after `now` it comes.
    return [(what, seconds - int(number * STAY_S) if what in MOMENTS else seconds) for number, (what, seconds) in enumerate(steps)]


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

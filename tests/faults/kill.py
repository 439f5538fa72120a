"""kill -9 under load: what was acknowledged is there exactly once, nothing is half done, the log has no gap."""

import shutil
import time

from harness import LedgerServer

from .campaign import Outcome, run_cases
from .load import Judge, Load, Receipts, answer_digest, make_books
from .process import verify

SUITE = "kill"
CYCLES = 25  # of one ledger; then a new one
REPEATS = 100  # commands that are sent again after each kill
VERIFY_EVERY = 5


def run(order, progress=None):
    """CI 5 kills, soak 1,000. A case is a ledger with up to 25 of them."""
    kills = order.size(5, 1_000)
    ready = []
    total = run_cases(order, SUITE, -(-kills // CYCLES),
                      lambda case: ledger(order, case, min(CYCLES, kills - case * CYCLES), ready), progress)
    if ready:
        ready.sort()
        total.notes.append(f"ready after a kill within {ready[len(ready) // 2]:.2f} s (median), {ready[-1]:.2f} s (longest)")
    return total


def ledger(order, case, kills, ready):
    """`kills` kills of one ledger. `ready` gets the seconds of each start after one."""
    outcome, pick = Outcome(SUITE), order.random(SUITE, case)
    judge = Judge(outcome, order.again(SUITE, case))
    folder, clients = order.folder / f"kill-{case}", order.folder / f"kill-{case}-clients"
    clients.mkdir(parents=True)
    server = LedgerServer(order.binary, folder).start()
    receipts = Receipts(clients / "receipts")
    books = make_books(server)
    known = judge.whole(server.client(), {}).keys()  # what the books were made with
    try:
        for number in range(kills):
            sent = cut_load(server, books, receipts, judge, pick)
            known |= sent.keys()
            outcome.runs += 1
            outcome.faults += 1
            started = time.monotonic()
            server.start(ready_s=60)
            ready.append(time.monotonic() - started)
            settle(server.client(), sent, receipts, judge)
            strangers = judge.whole(server.client(), receipts.all()).keys() - known
            if strangers:
                judge.find("nobody sent it", sorted(strangers)[0])
            chosen = pick.sample(sorted(sent), min(REPEATS, len(sent)))
            judge.repeated(server.client(), {key: sent[key] for key in chosen if key in receipts.known}, receipts.all())
            if (number + 1) % VERIFY_EVERY == 0 or number + 1 == kills:
                server.stop()
                status, output = verify(order.binary, server.data)
                if status != 0:
                    judge.find("verify", output)
                server.start(ready_s=60)
        if not receipts.known:
            judge.find("nothing was looked at", "no command was acknowledged")
        server.stop()
    finally:
        server.kill()
        receipts.close()
    if not outcome.findings and not order.keep:
        shutil.rmtree(folder)
        shutil.rmtree(clients)
    return outcome


def cut_load(server, books, receipts, judge, pick):
    """A load that is cut by SIGKILL at a random moment after it began; what was sent."""
    load = Load(server, books, receipts, pick.random()).start()
    time.sleep(pick.uniform(0.05, 0.6))
    server.kill()
    load.stop()
    for what in load.wrong:
        judge.find("an answer that nobody expects", what)
    return load.sent


def settle(api, sent, receipts, judge):
    """What was in doubt when the kill came is sent again: whether it was booked before or not, it counts from now on."""
    for key, command in sent.items():
        if key in receipts.known:
            continue
        answer = api.post(command.path, command.body, key)
        if answer.status_code in (200, 201):
            receipts.add(key, answer.json()["position"], answer_digest(answer.json()))
        else:
            judge.find("in doubt and refused", f"{key}: {answer.text[:300]}")

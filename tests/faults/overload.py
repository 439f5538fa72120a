"""64 clients at one account: no update is lost, what was answered before is seen by what is asked later."""

import collections
import decimal
import random
import threading
import time

from books import feed, money
from harness import uuid7

from .campaign import Outcome, run_cases
from .load import Judge, Receipts, answer_digest, make_books
from .process import Server

SUITE = "overload"
CLIENTS = 64


def run(order, progress=None):
    """CI 1 history of 5 seconds, soak 100 of 20 seconds."""
    return run_cases(order, SUITE, order.size(1, 100), lambda case: one(order, case, 20 if order.soak else 5), progress)


def one(order, case, seconds):
    outcome, pick = Outcome(SUITE, runs=1), order.random(SUITE, case)
    judge = Judge(outcome, order.again(SUITE, case))
    server = Server(order.binary, order.folder / f"overload-{case}").start()
    books = make_books(server, leaves=1)
    receipts = Receipts(order.folder / f"overload-{case}.receipts")
    history, shed, wrong, lock = [], collections.Counter(), [], threading.Lock()
    end = time.monotonic() + seconds

    def client(seed):
        """Commands and reads in turn. History: (kind, began, ended, position, what)."""
        mine, choice = [], random.Random(seed)
        try:
            ask(server.client(), mine, choice)
        except Exception as problem:  # a client that is gone would see nothing that is wrong
            with lock:
                wrong.append(f"{type(problem).__name__}: {problem}")
        with lock:
            history.extend(mine)

    def ask(api, mine, choice):
        own = 0
        while time.monotonic() < end:
            began = time.monotonic()
            if choice.random() < 0.5:
                key, amount = uuid7(), f"{choice.randint(1, 9)}.{choice.randint(0, 99):02}"
                answer = api.post("/v1/payments", books.payment(amount, books.leaves[0]), key)
                if answer.status_code == 201:
                    own = answer.json()["position"]
                    receipts.add(key, own, answer_digest(answer.json()))
                    mine.append(("command", began, time.monotonic(), own, decimal.Decimal(amount)))
                    continue
            else:
                answer = api.get(f"/v1/accounts/{books.leaves[0]}", {"min_position": own} if own else None)
                if answer.status_code == 200:
                    shown = int(answer.headers["Ledger-Position"])
                    mine.append(("read", began, time.monotonic(), shown, money(answer.json()["own"]["unapplied_credit"])))
                    if shown < own:
                        judge.find("a client does not see what it wrote", f"position {shown} after {own}")
                    own = shown
                    continue
            with lock:
                if answer.status_code in (429, 503):
                    shed[answer.status_code, answer.json()["code"]] += 1
                else:
                    wrong.append(f"{answer.status_code}: {answer.text[:300]}")

    threads = [threading.Thread(target=client, args=(pick.random(),), daemon=True) for _ in range(CLIENTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(seconds + 60)
        if thread.is_alive():
            judge.find("hangs", "a client got no answer")
    for what in wrong:
        judge.find("an answer that nobody expects", what)
    check_history(history, list(feed(server.client())), judge)
    judge.whole(server.client(), receipts.all())
    commands = sum(1 for one_ in history if one_[0] == "command")
    if not 0 < commands < len(history):
        judge.find("nothing was looked at", outcome.notes)
    outcome.faults += len(threads)
    outcome.notes.append(f"{commands:,} commands and {len(history) - commands:,} reads in {seconds} s, refused {dict(shed) or 0}")
    server.stop()
    receipts.close()
    return outcome


def check_history(history, events, judge):
    """Linearizable: the order of positions is one in which the answers could have been given.

    A command takes effect at its position: between its beginning and its end. A read shows the sum at its position exactly.
    """
    sums, total = {0: decimal.Decimal(0)}, decimal.Decimal(0)
    for event in events:
        for posting in event["postings"]:
            if posting["ledger"] == 2100:
                total -= money(posting["amount"])
        sums[event["position"]] = total
    for kind, _, _, position, what in history:
        if kind == "read" and sums[position] != what:
            judge.find("a read is wrong", f"{what} at position {position}, the events say {sums[position]}")
    commands = sorted((one_ for one_ in history if one_[0] == "command"), key=lambda one_: one_[3])
    if len({one_[3] for one_ in commands}) != len(commands):
        judge.find("an update is lost", "two commands have one position")
    if commands and sum(one_[4] for one_ in commands) != total:
        judge.find("an update is lost", f"acknowledged {sum(one_[4] for one_ in commands)}, the events say {total}")
    # Nothing that ended before another one began has a higher position.
    latest = 0.0
    for _, began, ended, position, _ in reversed(commands):
        if latest and ended > 0 and latest < began:
            judge.find("the order is not that of time", f"position {position} began after a higher one had ended")
        latest = min(latest, ended) if latest else ended

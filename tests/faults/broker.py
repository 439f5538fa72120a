"""The broker goes away and comes back: no command is refused, and the topic has every event once and in order."""

import os
import signal
import time

from books import feed
from harness import KafkaBroker, wait_until
from test_kafka import check_topic, kafka_server, published, verify

from .campaign import Outcome, run_cases, where
from .load import Judge, Load, Receipts, make_books

SUITE = "broker"
# (how, seconds): away at a stretch, or flapping.
CI = (("flapping", 20),)
SOAK = (("flapping", 600), ("away", 600), ("away", 3_600))
CAUGHT_UP_S_MAX = 600


def run(order, progress=None):
    """CI 20 seconds of a flapping broker; soak 10 minutes of that, then away for 10 and 60 minutes."""
    cases = SOAK if order.soak else CI
    broker = KafkaBroker(order.folder).up()
    order.jobs = 1  # one broker
    try:
        return run_cases(order, SUITE, order.count or len(cases),
                         lambda case: one(order, broker, case, *cases[case % len(cases)]), progress)
    finally:
        broker.command("wipe")


def one(order, broker, case, how, seconds):
    outcome, pick, again = Outcome(SUITE, runs=1), order.random(SUITE, case), order.again(SUITE, case)
    judge = Judge(outcome, again)
    topic = f"faults-{order.seed}-{case}"
    server = kafka_server(order.binary, broker, order.folder / f"broker-{case}", topic).start(ready_s=60)
    receipts = Receipts(order.folder / f"broker-{case}.receipts")
    books = make_books(server)
    load = Load(server, books, receipts, pick.random(), clients=3, pause_s=0.01 if seconds < 60 else 0.1).start()
    try:
        deadline = time.monotonic() + seconds
        while (left := deadline - time.monotonic()) > 0:
            outcome.faults += 1
            if how == "flapping" and pick.random() < 0.4:
                os.kill(broker.pid(), signal.SIGSTOP)
                try:
                    time.sleep(pick.uniform(0.5, min(8.0, seconds / 4)))
                finally:
                    os.kill(broker.pid(), signal.SIGCONT)
            else:
                broker.kill()
                time.sleep(min(left, pick.uniform(0.5, seconds / 5)) if how == "flapping" else left)
                broker.up()
            time.sleep(pick.uniform(0.5, 3.0))
    finally:
        load.stop()
        broker.up()
    for code, count in load.refused.items():
        judge.find("commands are refused while the broker is away", f"{code}: {count}")
    for what in load.wrong:
        judge.find("an answer that nobody expects", what)
    began = time.monotonic()
    wait_until(published(server), CAUGHT_UP_S_MAX, "everything published")
    expected = list(feed(server.client()))
    outcome.notes.append(f"{how} {seconds} s: {len(expected):,} events, "
                         f"all published {time.monotonic() - began:.1f} s after the load's end")
    judge.whole(server.client(), receipts.all())
    server.stop()
    try:
        check_topic(broker, topic, expected)
    except AssertionError as problem:
        judge.find("the topic is not the log", where(problem))
    status, output = verify(order.binary, server, broker, topic)
    if status != 0:
        judge.find("verify", output[-600:])
    receipts.close()
    return outcome

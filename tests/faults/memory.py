"""A steady load at four fifths of what the service takes; its resident memory over time."""

import pathlib
import statistics
import time

from .campaign import Outcome, run_cases
from .load import Judge, Load, Receipts, make_books
from .process import Server

SUITE = "memory"
CLIENTS = 4
PEAK_S = 5
SHARE = 0.8
GROWTH_MAX = 1.10  # of the median of the last quarter over the second quarter's,
JUDGED_S = 1_800  # in a run of so many seconds; in a shorter one it is the warm-up that grows


def run(order, progress=None):
    """CI 30 seconds, soak 120 minutes. `--count` is a number of minutes."""
    seconds = 60 * order.count if order.count else 7_200 if order.soak else 30
    return run_cases(order, SUITE, 1, lambda case: one(order, case, seconds), progress)


def one(order, case, seconds):
    outcome, pick = Outcome(SUITE, runs=1), order.random(SUITE, case)
    judge = Judge(outcome, order.again(SUITE, case))
    server = Server(order.binary, order.folder / f"memory-{case}").start()
    books = make_books(server)
    receipts = Receipts(order.folder / f"memory-{case}.receipts")
    peak = Load(server, books, receipts, pick.random(), CLIENTS).start()
    time.sleep(PEAK_S)
    rate = len(peak.stop().sent) / PEAK_S
    # Each client waits after each command so long that all of them come to the share.
    load = Load(server, books, receipts, pick.random(), CLIENTS, pause_s=CLIENTS / rate * (1 / SHARE - 1)).start()
    samples, began = [], time.monotonic()
    while (at := time.monotonic() - began) < seconds:
        samples.append((at, resident_kib(server.process.pid)))
        time.sleep(min(10, max(0.5, seconds / 1_000)))
    load.stop()
    for what in peak.wrong + load.wrong + [f"{code}: {count}" for code, count in load.refused.items()]:
        judge.find("an answer that nobody expects", what)
    judge.whole(server.client(), receipts.all())
    quarter = len(samples) // 4
    second = statistics.median(kib for _, kib in samples[quarter:2 * quarter])
    last = statistics.median(kib for _, kib in samples[-quarter:])
    half = samples[len(samples) // 2:]
    slope = statistics.linear_regression([at / 60 for at, _ in half], [kib for _, kib in half]).slope
    outcome.notes.append(
        f"{len(load.sent) / seconds:,.0f} commands/s of {rate:,.0f} for {seconds:,} s: resident {second / 1024:,.0f} MiB in the "
        f"second quarter, {last / 1024:,.0f} MiB in the last, {slope:,.0f} KiB a minute in the second half")
    if grows(seconds, second, last):
        judge.find("memory grows", outcome.notes[-1])
    server.stop()
    receipts.close()
    return outcome


def grows(seconds, second, last):
    """Whether that is a finding: the medians of the second and the last quarter of so many seconds."""
    return seconds >= JUDGED_S and last > second * GROWTH_MAX


def resident_kib(pid):
    """VmRSS of a process."""
    for one_ in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
        if one_.startswith("VmRSS:"):
            return int(one_.split()[1])
    return 0

"""A disk of 48 MiB fills up: commands are refused, reads go on, and with space there is writing again without a restart."""

import collections
import dataclasses
import json
import os
import pathlib
import shutil
import subprocess
import sys
import time

import requests

from books import line, stream_batch
from harness import ROOT, uuid7

from .campaign import Order, Outcome, run_cases
from .load import Judge, Load, Receipts, answer_digest, make_books
from .process import Server, verify

SUITE = "disk"
DISK = "48m"
FLOOR_MB = 8
BACK_S_MAX = 10  # that writing may take after there is space
WAYS = ("below the floor", "to the last byte", "by the load")


def run(order, progress=None):
    """CI 3 runs, soak 200. Runs in a mount namespace of its own, so that it needs no rights and leaves no mount."""
    if __name__ != "__main__":
        return in_namespace(order)
    return run_cases(order, SUITE, order.size(3, 200), lambda case: one(order, case), progress)


def in_namespace(order):
    given = json.dumps({key: str(value) if isinstance(value, pathlib.Path) else value
                        for key, value in dataclasses.asdict(order).items()})
    done = subprocess.run(["unshare", "--user", "--map-root-user", "--mount", sys.executable, "-m", "faults.disk", given],
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, check=False,
                          env={**os.environ, "PYTHONPATH": f"{ROOT}/tests:{ROOT}/tests/e2e"})
    if done.returncode != 0:
        outcome = Outcome(SUITE)
        outcome.find("broken", done.stderr[-1500:], order.again(SUITE, 0))
        return outcome
    return Outcome(**json.loads(done.stdout.splitlines()[-1]))


def one(order, case):
    outcome, pick, again = Outcome(SUITE, runs=1), order.random(SUITE, case), order.again(SUITE, case)
    judge = Judge(outcome, again)
    way = WAYS[case % len(WAYS)]
    folder = order.folder / f"disk-{case}"
    disk = folder / "disk"
    disk.mkdir(parents=True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={DISK}", "billing-faults", disk], check=True)
    receipts = Receipts(folder / "receipts")
    server = Server(order.binary, folder, arguments=["--free-space-floor-mb", str(FLOOR_MB)])
    server.data = disk / "data"
    try:
        fill_and_free(order, server, disk, way, judge, receipts, pick)
        outcome.faults += 1
    finally:
        server.kill()
        receipts.close()
        subprocess.run(["umount", "--lazy", disk], check=True)
    if not order.keep:
        shutil.rmtree(folder)
    return outcome


def fill_and_free(order, server, disk, way, judge, receipts, pick):
    def find(kind, detail):
        judge.outcome.find(kind, f"{way}: {detail}", judge.again, way)

    server.start()
    books, api = make_books(server), server.client()
    load = Load(server, books, receipts, pick.random(), clients=3, give_up=True, pause_s=0.002).start()
    time.sleep(pick.uniform(0.1, 1.0))
    ballast = disk / "ballast"
    if way == "by the load":
        for status, count in fill_by_load(server, books, receipts, pick).items():
            find("an answer that nobody expects", f"{count:,} lines of batches got {status}")
    else:
        fill_by_ballast(ballast, disk, 0 if way == "to the last byte" else pick.randrange(1 << 19, (FLOOR_MB - 1) << 20))

    # The last byte may be gone before the floor is noticed: then a write fails, and the store is opened anew once there is space.
    expected = {"storage-full", *(("read-only", "outcome-unknown") if way == "to the last byte" else ())}
    deadline = time.monotonic() + 10
    while not any(code in expected for _, code in load.refused) and time.monotonic() < deadline and server.running():
        time.sleep(0.05)
    time.sleep(pick.uniform(0.2, 1.5))
    if not server.running():
        return find("ends by itself", f"{server.process.returncode}: {server.said[-800:]}")
    others = {f"{status} {code}": count for (status, code), count in load.refused.items() if code not in expected}
    if others:
        find("commands are refused otherwise than for lack of space", others)
    if not load.refused:
        find("commands are not refused", f"{shutil.disk_usage(disk).free} bytes are free")
    ready = api.get("/readyz")
    if ready.status_code != 503 or "full" not in ready.text:
        find("readyz does not say that the disk is full", ready.text[:400])
    for path in ("/v1/reports/trial-balance", "/v1/events?after=0&limit=10", f"/v1/accounts/{books.root}"):
        answer = api.get(path)
        if answer.status_code != 200:
            find("a read is refused", f"{path}: {answer.text[:300]}")

    if way == "by the load":
        subprocess.run(["mount", "-o", "remount,size=256m", disk], check=True)
    else:
        ballast.unlink()
    freed = time.monotonic()
    while (status := attempt(api, books, receipts)) != 201 and time.monotonic() - freed < BACK_S_MAX:
        time.sleep(0.1)
    if status != 201:
        find(f"no writing within {BACK_S_MAX} s of space", f"{status} {api.get('/readyz').text[:400]}")
    load.stop()
    for what in load.wrong:
        find("an answer that nobody expects", what)
    if status == 201 and api.get("/readyz").status_code != 200:
        find("not ready after there is space", api.get("/readyz").text[:400])
    if server.end() != 0:
        find("no clean end", server.said[-400:])
    status, output = verify(order.binary, server.data)
    if status != 0:
        find("verify", output[-600:])
    if server.try_start() is not None:
        return find("no start afterwards", server.said[-600:])
    judge.whole(server.client(), receipts.all())
    if server.end() != 0:
        find("no clean end", server.said[-400:])


def attempt(api, books, receipts):
    key = uuid7()
    try:
        answer = api.post("/v1/payments", books.payment("1.00"), key)
    except requests.RequestException as problem:
        return str(problem)
    if answer.status_code == 201:
        receipts.add(key, answer.json()["position"], answer_digest(answer.json()))
    return answer.status_code


def fill_by_ballast(ballast, disk, left):
    """Writes zeros until `left` bytes are free, or there is no more space."""
    with ballast.open("wb", buffering=0) as file:
        try:
            while (more := shutil.disk_usage(disk).free - left) > 0:
                file.write(bytes(min(more, 1 << 20)))
        except OSError:
            pass


def fill_by_load(server, books, receipts, pick):
    """Large invoices in batches until they are refused; what was acknowledged is kept. The statuses that are neither, counted."""
    strange = collections.Counter()
    for _ in range(100):
        lines = []
        for _ in range(100):
            leaf = pick.choice(books.leaves)
            body = books.invoice("1.00", leaf)
            body["lines"] = [{"service_account": leaf, "net": "1.00", "description": pick.randbytes(200).hex()}
                             for _ in range(60)]
            lines.append(line("invoice.issue", body)[1])
        full = False
        for answer in stream_batch(server, lines):
            if answer["status"] in (200, 201):
                receipts.add(answer["id"], answer["position"], "")
            elif answer["status"] == 503:
                full = True
            else:
                strange[answer["status"]] += 1
        if full:
            break
    return strange


if __name__ == "__main__":
    wanted = json.loads(sys.argv[1])
    wanted.update(binary=pathlib.Path(wanted["binary"]), folder=pathlib.Path(wanted["folder"]))
    print(json.dumps(dataclasses.asdict(run(Order(**wanted)))))

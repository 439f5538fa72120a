"""Damage to any file of a data directory is found, or changes no answer: there is no silently wrong one.

A case damages one file of a copy of a stopped service's directory. Then `billing verify` runs, which must change nothing, and
`billing serve`. Each must refuse and say what, or the answers to a fixed set of questions must be those from before.
"""

import contextlib
import hashlib
import json
import os
import shutil
import subprocess
import sys

from books import feed, line, stream_batch
from harness import ROOT

from .campaign import Outcome, first_line, run_cases
from .load import make_books
from .process import Server, tree_digest, verify

SUITE = "corruption"
PAGE = 4096
KINDS = ("bit flip", "zeroed page", "cut short", "cut to nothing", "another of its kind", "an older copy",
         "another ledger's", "removed", "garbage appended")
INTERVAL = ["--views-checkpoint-interval", "300"]


def run(order, progress=None):
    """CI 150 cases, soak 10,000."""
    base = Base(order)
    total = run_cases(order, SUITE, order.size(150, 10_000), lambda case: damage(order, base, case), progress)
    found = sum(1 for note in total.notes if note == "detected")
    harmless = sum(1 for note in total.notes if note == "harmless")
    total.notes = [f"{found:,} detected, {harmless:,} harmless, {total.undetected:,} neither"]
    return total


class Base:
    """A stopped ledger with all kinds of files, an older copy of it, and another ledger with the same files."""

    def __init__(self, order):
        self.folder = order.folder / "corruption-base"
        self.server = self.make(order, "mine", rounds=2)
        self.other = self.make(order, "other", rounds=1).data
        self.data = self.server.data
        self.older = self.folder / "older"
        self.server.start()
        self.answers = questions(self.server.client())
        self.server.stop()
        # RocksDB's text logs say nothing that anyone reads back.
        self.files = sorted(str(path.relative_to(self.data)) for path in self.data.rglob("*")
                            if path.is_file() and path.relative_to(self.data).parts[0] != "log")

    def make(self, order, name, rounds):
        server = Server(order.binary, self.folder / name, arguments=INTERVAL).start()
        demo = self.folder / f"{name}.ndjson"
        today = "2026-06-15" if name == "mine" else "2026-05-15"
        subprocess.run([sys.executable, ROOT / "ops/demo/demo.py", "--out", demo, "--today", today], check=True)
        subprocess.run([server.binary, "import", demo, "--url", server.url, "--key-file", server.key_file], check=True,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=120)
        for round_ in range(rounds):
            books = make_books(server, leaves=3, name=f"Round {round_}")
            lines = []
            for number in range(150):
                leaf = books.leaves[number % 3]
                lines.append(line("invoice.issue", books.invoice(f"{number + 1}.00", leaf))[1])
                lines.append(line("payment.record", books.payment(f"{number + 1}.00", leaf))[1])
            assert {answer["status"] for answer in stream_batch(server, lines)} == {201}
            server.stop()
            if round_ == 0 and rounds == 2:
                shutil.copytree(server.data, self.folder / "older", symlinks=True)
            if round_ + 1 < rounds:
                server.start()
        return server


def questions(api):
    """The answers to a fixed set of questions, none of which depends on the day: question -> status and digest of the body."""
    asked = {}

    def ask(path, **params):
        answer = api.get(path, params)
        asked[f"{path} {json.dumps(params, sort_keys=True)}"] = (answer.status_code, hashlib.sha256(answer.content).hexdigest())
        return answer

    head = int(ask("/v1/events", after=0, limit=1).headers.get("Ledger-Position", 0))
    ask("/v1/reports/trial-balance", as_of="2026-06-01", min_position=head)
    for position in (head // 4, head // 2, head - 1):
        ask("/v1/reports/trial-balance", as_of="2030-01-01", position=position)
    customers = ask("/v1/customers", limit=100)
    for customer in customers.json().get("items", []) if customers.status_code == 200 else []:
        key = customer["id"]
        ask("/v1/users", customer=key)
        ask(f"/v1/customers/{key}/accounts", limit=100)
        ask(f"/v1/customers/{key}/groupings")
        ask("/v1/reports/ageing", customer=key, as_of="2026-06-01")
        ask("/v1/invoices", customer=key, limit=100, as_of="2026-06-01")
        ask("/v1/payments", customer=key, limit=100, as_of="2026-06-01")
        accounts = api.get(f"/v1/customers/{key}/accounts", {"limit": 5})
        for account in accounts.json().get("items", []) if accounts.status_code == 200 else []:
            ask(f"/v1/accounts/{account['id']}/contacts")
            ask(f"/v1/accounts/{account['id']}")
    events = hashlib.sha256()
    try:
        for event in feed(api):
            events.update(json.dumps(event, sort_keys=True).encode())
        asked["events"] = (200, events.hexdigest())
    except AssertionError as problem:
        asked["events"] = (500, first_line(problem))
    return asked


def damage(order, base, case):
    """One case: a file, a kind of damage, a place."""
    outcome, pick = Outcome(SUITE, runs=1, faults=1), order.random(SUITE, case)
    folder = order.folder / f"corruption-{case}"
    shutil.copytree(base.server.folder, folder, symlinks=True)
    data = folder / "data"
    # First the folder, then the file, so that the few files of keys and witness get their share.
    tops = sorted({name.partition("/")[0] for name in base.files})
    for _ in range(1_000):
        top = pick.choice(tops)
        name = pick.choice([one for one in base.files if one.startswith(top + "/")])
        kind = pick.choice(KINDS)
        how = apply(base, data, name, kind, pick)
        if how:
            break
    else:
        raise AssertionError("no damage found")
    what = f"{name}: {how}"
    again = order.again(SUITE, case)

    def find(kind_, detail):
        outcome.undetected = 1
        outcome.find(kind_, f"{what}: {detail}", again, f"{top}/{kind_of(name)}")

    before = tree_digest(data)
    status, output = verify(order.binary, data)
    if status is None or status < 0:
        find("verify hangs or aborts", f"{status} {output[-500:]}")
    if tree_digest(data) != before:
        find("verify changes something", output[-300:])
    seen_by_verify = status != 0
    if seen_by_verify and not output.strip():
        find("verify says nothing", status)

    server = Server(order.binary, folder, arguments=INTERVAL)
    ended = server.try_start()
    wrong = ""
    if ended is None:
        try:
            asked = questions(server.client())
            differ = [question for question in base.answers if asked.get(question) != base.answers[question]]
            differ += [question for question in asked if question not in base.answers]
            wrong = f"{len(differ)} of {len(base.answers)} answers differ, the first: {differ[0]}" if differ else ""
        except (OSError, KeyError, ValueError, AssertionError) as problem:
            wrong = f"no answers: {problem}"
        ended_with = server.end()
        if ended_with != 0:
            find("no clean end", ended_with)
        if wrong:
            find("silently wrong answer" + ("" if seen_by_verify else ", verify says all is well"), wrong)
    elif ended <= 0:
        find("serve hangs or aborts", f"{ended} {server.said[-500:]}")
    else:
        if not server.refused_with_a_file():
            find("refused without a file's name", server.said[-300:])
        if not seen_by_verify:
            find("serve refuses what verify calls good", first_line(server.said.splitlines()[-1]))
    outcome.notes.append("missed" if outcome.undetected else "detected" if seen_by_verify or ended is not None else "harmless")
    if not order.keep:
        shutil.rmtree(folder)
    return outcome


def apply(base, data, name, kind, pick):
    """Damages `name` below `data`; what was done, or "" when this kind does not change this file."""
    path = data / name
    was = path.read_bytes()
    size = len(was)
    now, how = was, kind
    if kind == "bit flip" and size:
        bit = int(pick.random() * size * 8)
        now = was[:bit // 8] + bytes([was[bit // 8] ^ 1 << bit % 8]) + was[bit // 8 + 1:]
        how = f"bit {bit} of {size} bytes flipped"
    elif kind == "zeroed page" and size:
        page = int(pick.random() * -(-size // PAGE)) * PAGE
        end = min(size, page + PAGE)
        now, how = was[:page] + bytes(end - page) + was[end:], f"bytes {page} to {end} of {size} are zeros"
    elif kind == "cut short" and size > 1:
        length = max(1, int(pick.random() * size))
        now, how = was[:length], f"cut from {size} to {length} bytes"
    elif kind == "cut to nothing":
        now = b""
    elif kind == "another of its kind":
        found = [one for one in base.files if one != name and kind_of(one) == kind_of(name)]
        if found:
            other = pick.choice(found)
            now, how = (base.data / other).read_bytes(), f"has the bytes of {other}"
    elif kind in ("an older copy", "another ledger's"):
        other = (base.older if kind == "an older copy" else base.other) / name
        if other.exists():
            now, how = other.read_bytes(), f"is {kind}"
    elif kind == "removed":
        path.unlink()
        return "removed"
    elif kind == "garbage appended":
        now, how = was + pick.randbytes(pick.randrange(1, 2 * PAGE)), "garbage appended"
    if now == was:
        return ""
    with contextlib.suppress(FileNotFoundError):
        mode = path.stat().st_mode
        path.unlink()  # a hard link elsewhere keeps its bytes, as another file does
    path.write_bytes(now)
    path.chmod(mode)
    return how


def kind_of(name):
    """What a file is, without its number and place."""
    base = os.path.basename(name)
    for ending in (".sst", ".log"):
        if base.endswith(ending):
            return ending
    return base.partition("-")[0]

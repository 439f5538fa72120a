"""What every suite shares: its order, its outcome, the line and the table that are printed."""

import concurrent.futures
import dataclasses
import pathlib
import random
import time
import traceback

COLUMNS = ("suite", "runs", "faults injected", "acknowledged lost", "duplicated", "undetected", "seconds")


@dataclasses.dataclass
class Order:
    """What to run: the program, a folder for its files, the seed, how much, and which case alone (None: all)."""

    binary: pathlib.Path
    folder: pathlib.Path
    seed: int = 1
    soak: bool = False
    count: int | None = None
    case: int | None = None
    jobs: int = 1
    keep: bool = False

    def size(self, ci, soak):
        """How many runs: what was asked for, else that of the size."""
        return self.count or (soak if self.soak else ci)

    def random(self, suite, case):
        """The same sequence for the same suite, seed and case, on every machine."""
        return random.Random(f"{suite}/{self.seed}/{case}")

    def again(self, suite, case):
        """The command that repeats one case alone."""
        return " ".join(["ops/faults", "--suite", suite, *(["--soak"] if self.soak else []),
                         *(["--count", str(self.count)] if self.count else []),
                         "--seed", str(self.seed), "--case", str(case)])


@dataclasses.dataclass
class Outcome:
    """The sums of a suite. `findings` are what must not be: (kind, subject, what, the command that repeats it)."""

    suite: str
    runs: int = 0
    faults: int = 0
    lost: int = 0
    duplicated: int = 0
    undetected: int = 0
    seconds: float = 0
    findings: list = dataclasses.field(default_factory=list)
    notes: list = dataclasses.field(default_factory=list)

    def add(self, other):
        for name in ("runs", "faults", "lost", "duplicated", "undetected"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.findings += other.findings
        self.notes += other.notes

    def find(self, kind, what, again, subject=""):
        self.findings.append((kind, subject, str(what).strip(), again))

    def groups(self):
        """Findings of one kind about one subject, as the first of them with their number."""
        found = {}
        for kind, subject, what, again in self.findings:
            found.setdefault((kind, subject), []).append((what, again))
        return [(": ".join(filter(None, key)), len(all_), *all_[0]) for key, all_ in sorted(found.items())]

    def cells(self):
        return (self.suite, f"{self.runs:,}", f"{self.faults:,}", self.lost, self.duplicated, self.undetected,
                f"{self.seconds:,.0f}")

    def line(self):
        return ", ".join(f"{name} {cell}" for name, cell in zip(COLUMNS, self.cells())) + (
            f", {len(self.findings)} findings" if self.findings else "")


def run_cases(order, suite, count, one, progress=None):
    """`one(case)` for each case of `count`, `order.jobs` at a time; each answers an Outcome. The sum of them."""
    total, started = Outcome(suite), time.monotonic()
    cases = range(count) if order.case is None else [order.case]
    with concurrent.futures.ThreadPoolExecutor(order.jobs) as pool:
        waiting = {pool.submit(one, case): case for case in cases}
        for done in concurrent.futures.as_completed(waiting):
            try:
                total.add(done.result())
            except Exception as problem:  # a case that ends in an exception is a finding, not the end of the campaign
                total.runs += 1
                total.find("broken", f"{type(problem).__name__}: {problem}", order.again(suite, waiting[done]))
            if progress:
                progress(total)
    total.seconds = time.monotonic() - started
    return total


def table(outcomes):
    """The outcomes as a table in Markdown, with notes and findings below it."""
    rows = ["| " + " | ".join(COLUMNS) + " |", "|---" * len(COLUMNS) + "|"]
    rows += ["| " + " | ".join(str(cell) for cell in outcome.cells()) + " |" for outcome in outcomes]
    notes = [f"- {outcome.suite}: {note}" for outcome in outcomes for note in outcome.notes]
    findings = [f"- {outcome.suite}, {kind} ({count:,} times): {first_line(what)}\n  `{again}`"
                for outcome in outcomes for kind, count, what, again in outcome.groups()]
    parts = ["\n".join(rows), "\n".join(notes), "Findings:\n\n" + "\n".join(findings) if findings else ""]
    return "\n\n".join(part for part in parts if part) + "\n"


def where(problem):
    """An assertion that failed, in one line: its place, its text and what it says."""
    last = traceback.extract_tb(problem.__traceback__)[-1]
    return f"{pathlib.Path(last.filename).name}:{last.lineno}: {last.line}: {problem}"


def first_line(text):
    return str(text).strip().splitlines()[0][:400] if str(text).strip() else ""

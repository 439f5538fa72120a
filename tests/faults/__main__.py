"""`ops/faults`: see there."""

import argparse
import importlib
import os
import pathlib
import shutil
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/e2e"))

from .campaign import Order, table  # noqa: E402

SUITES = ("kill", "corruption", "disk", "eio", "broker", "clock", "overload", "open-loop", "slow-readers", "memory")
ABOUT = """Faults on purpose, against the real program. Each suite prints one line: its runs, the faults that it injected, and what
must be zero: acknowledged commands that were lost, commands that were booked twice, damage that nobody noticed.

    ops/faults                                  every suite as continuous integration runs it, some minutes
    ops/faults --soak --report FILE             every suite at full size (hours); the table goes to FILE as Markdown
    ops/faults --suite corruption --count 500   so many runs of one suite
    ops/faults --suite corruption --case 17     one case again; a finding prints its command

    kill        kill -9 under load                     disk       a disk that fills up
    corruption  a damaged, lost or exchanged file      eio        the nth call of a kind fails
    broker      Kafka goes away and comes back         clock      the clock jumps
    overload    64 clients at one account              memory     a steady load; resident memory
    open-loop   five times what it takes               slow-readers  clients that do not take their answers

Status: 0 nothing found, 1 something was, 2 wrong arguments, 130 interrupted."""


def parse(arguments):
    parser = argparse.ArgumentParser(prog="ops/faults", description=ABOUT, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--suite", choices=(*SUITES, "all"), action="append", help="which, repeatable (default all)")
    parser.add_argument("--soak", action="store_true", help="full size")
    parser.add_argument("--count", type=int, metavar="N", help="runs of each suite, instead of the size's")
    parser.add_argument("--seed", type=int, default=1, metavar="S", help="of everything that is random (default 1)")
    parser.add_argument("--case", type=int, metavar="N", help="this case alone")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, metavar="N", help="cases at once (default: the cores)")
    parser.add_argument("--report", type=pathlib.Path, metavar="FILE", help="writes the table there, as Markdown")
    parser.add_argument("--binary", type=pathlib.Path, metavar="FILE",
                        default=pathlib.Path(os.environ.get("BILLING_BINARY") or ROOT / "build/release/ops/billing"),
                        help="the program (default env BILLING_BINARY, then the one of preset release)")
    parser.add_argument("--keep", type=pathlib.Path, metavar="DIR", help="runs below this folder and leaves all files there")
    options = parser.parse_args(arguments)
    if (options.count or 1) < 1 or options.jobs < 1 or (options.case or 0) < 0:
        parser.error("--count and --jobs are at least 1, --case is not negative")
    if not os.access(options.binary, os.X_OK):
        parser.error(f"no program {options.binary}: build it with cmake --preset release and "
                     "cmake --build --preset release --target billing")
    return options


def main(arguments):
    options = parse(arguments)
    names = SUITES if not options.suite or "all" in options.suite else options.suite
    folder = options.keep or pathlib.Path(tempfile.mkdtemp(prefix="billing-faults-"))
    outcomes = []
    try:
        for name in names:
            order = Order(options.binary.resolve(), folder.resolve(), options.seed, options.soak, options.count, options.case,
                          options.jobs, options.keep is not None)
            outcome = importlib.import_module("." + name.replace("-", "_"), __package__).run(order)
            outcomes.append(outcome)
            print(outcome.line(), flush=True)
            for note in outcome.notes:
                print(f"  {note}")
            for kind, count, what, again in outcome.groups():
                print(f"  {kind} ({count:,} times): {what[:1000]}\n    again: {again}", flush=True)
            if options.report:
                options.report.write_text(table(outcomes), encoding="utf-8")
    except KeyboardInterrupt:
        print("\nops/faults: interrupted", file=sys.stderr)
        return 130
    finally:
        if not options.keep:
            shutil.rmtree(folder, ignore_errors=True)
    return 1 if any(outcome.findings for outcome in outcomes) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

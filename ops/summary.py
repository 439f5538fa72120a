"""Adds up what ops/test ran. Reads tab-separated lines from stdin:

    junit NAME XML LOG STATUS    a test runner: its JUnit file, its log, its exit status
    step  NAME LOG               a step that failed (configure, build, ...): counts as one failure

Prints what failed, why and where to read more; then, alone on the last line, "N passed, N failed, N skipped".
Status 1 if anything failed or nothing passed. A runner that left no readable file, or ended badly with no failed test, is a failure.
"""

import re
import sys
import xml.etree.ElementTree as xml

MESSAGE_LINES = 12


def skip_is_meant(case, skipped):
    """CTest says "notrun" both of a test that skipped itself and of one whose binary is missing."""
    if case.get("status") != "notrun":
        return True
    return (skipped.get("message") or "").startswith("SKIP_")


def brief(element, case):
    """The telling lines of a failure: its own text, else the end of what the test printed."""
    text = (element.text or "").strip() if element is not None else ""
    if not text:
        text = (case.findtext("system-out") or "").strip()
    if not text and element is not None:
        text = element.get("message") or ""
    return excerpt(text, r": Failure$|ERROR: \w+Sanitizer|: runtime error:|Falsifiable after")


def excerpt(text, telling):
    """A few lines of a long output: from the first that matches `telling`, else the last ones."""
    lines = [line for line in text.splitlines() if line.strip()]
    first = next((index for index, line in enumerate(lines) if re.search(telling, line)), None)
    return lines[-MESSAGE_LINES:] if first is None else lines[first:first + MESSAGE_LINES]


def step_excerpt(log):
    try:
        with open(log, encoding="utf-8", errors="replace") as text:
            return excerpt(text.read(), r"\berror\b.*:|CMake Error|^ERROR|^E: |\[ERROR\]")
    except OSError as error:
        return [str(error)]


def read_runner(path):
    """(passed, skipped, [(test, lines)]) of one JUnit file."""
    passed, skipped_count, failures = 0, 0, []
    for case in xml.parse(path).getroot().iter("testcase"):
        name = "::".join(part for part in (case.get("classname"), case.get("name")) if part)
        if case.get("classname") == case.get("name"):
            name = case.get("name")
        bad = next((e for e in case if e.tag in ("failure", "error")), None)
        skipped = case.find("skipped")
        if bad is not None or case.get("status") == "fail":
            failures.append((name, brief(bad, case)))
        elif skipped is not None and not skip_is_meant(case, skipped):
            failures.append((name, [skipped.get("message") or "not run"]))
        elif skipped is not None or case.get("status") in ("disabled", "notrun"):
            skipped_count += 1
        else:
            passed += 1
    return passed, skipped_count, failures


def main(lines):
    passed = failed = skipped = 0
    told = []
    for line in lines:
        kind, name, *rest = line.rstrip("\n").split("\t")
        if kind == "step":
            failed += 1
            told.append((f"{name} (log: {rest[0]})", step_excerpt(rest[0])))
            continue
        path, log, status = rest
        try:
            more_passed, more_skipped, failures = read_runner(path)
        except (OSError, xml.ParseError) as error:
            more_passed, more_skipped, failures = 0, 0, [(f"no readable result, status {status}", [str(error)])]
        if status != "0" and not failures:
            failures = [(f"ended with status {status} though no test failed", [])]
        print(f"{name}: {more_passed} passed, {len(failures)} failed, {more_skipped} skipped")
        passed, skipped, failed = passed + more_passed, skipped + more_skipped, failed + len(failures)
        told += [(f"{name}: {test} (log: {log})", why) for test, why in failures]
    if told:
        print("\nfailed:")
        for what, why in told:
            print(f"  {what}")
            for text in why:
                print(f"      {text}")
        print()
    print(f"{passed} passed, {failed} failed, {skipped} skipped")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main([line for line in sys.stdin if line.strip()]))

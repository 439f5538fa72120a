"""The limits of the API, read from the code that keeps them: a number stands in one place."""

import pathlib
import re

ROOT = pathlib.Path(__file__).resolve().parents[2]
CONSTANT = re.compile(r"^(?:inline )?constexpr [\w:]+ (k\w+) = ([\d']+);", re.MULTILINE)


def read_constants():
    """Every integer constant of the deciders and the parsers, by name. One name with two values is an error."""
    found = {}
    for folder in ("ledger/domain", "gateway/api"):
        for file in sorted((ROOT / folder).iterdir()):
            if file.suffix not in (".h", ".cc") or file.stem.endswith("_test"):
                continue
            for name, value in CONSTANT.findall(file.read_text(encoding="utf-8")):
                number = int(value.replace("'", ""))
                if found.setdefault(name, number) != number:
                    raise SystemExit(f"{file}: {name} is {number} here and {found[name]} elsewhere")
    return found


CONSTANTS = read_constants()


def limit(name):
    """The value of the constant."""
    return CONSTANTS[name]

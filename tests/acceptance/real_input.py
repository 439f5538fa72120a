"""What the converters of this folder share: where the data is, how they are called."""

import argparse
import os
import pathlib
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "ops/import"))

from commands import CommandFile  # noqa: E402


def data_folder():
    return pathlib.Path(os.environ.get("BILLING_TEST_DATA", ROOT.parent / "shared/data"))


def run(description, name, currency, convert):
    """`convert(commands, data)` writes the commands; status 77 (skipped) when the data is not there."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--out", required=True, help="NDJSON for `billing import`")
    parser.add_argument("--data", type=pathlib.Path, default=data_folder(), help="default: BILLING_TEST_DATA")
    options = parser.parse_args()
    try:
        with open(options.out, "w", encoding="utf-8", newline="\n") as out:
            commands = CommandFile(out, name, currency)
            convert(commands, options.data)
    except FileNotFoundError as missing:
        print(f"skipped: {missing.filename} is not there", file=sys.stderr)
        sys.exit(77)
    print(f"{options.out}: {commands.count} commands", file=sys.stderr)

"""`billing import` against the real server: twice is once, refused rows, going on after a kill."""

import csv
import json
import os
import pathlib
import signal
import subprocess
import sys

from harness import ROOT, wait_until

sys.path.insert(0, str(ROOT / "ops/import"))
from commands import CommandFile, derived  # noqa: E402

MAPPING = """
name = "acme"
currency = "EUR"
customer = { key = "acme", name = "Acme" }
[[step]]
kind = "accounts"
file = "accounts.csv"
[[step]]
kind = "invoices"
file = "invoices.csv"
[step.line]
amount = { column = "amount", decimal = ",", thousands = "." }
[[step]]
kind = "payments"
file = "payments.csv"
"""


def start(server, *arguments):
    return subprocess.Popen([str(server.binary), "import", "--url", server.url, "--key-file", str(server.key_file),
                             *map(str, arguments)], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def load(server, *arguments, seconds=120):
    process = start(server, *arguments)
    output, _ = process.communicate(timeout=seconds)
    return process.returncode, output


def head(server):
    answer = server.client().get("/v1/events", params={"after": 0, "limit": 1})
    assert answer.status_code == 200, answer.text
    return int(answer.headers["Ledger-Position"])


def write_csv(folder):
    (folder / "acme.toml").write_text(MAPPING)
    (folder / "accounts.csv").write_text(
        "key,name,parent_key,opened_on,role\nroot,Head,,2024-01-01,\nA,Käthe,root,2024-01-01,payer\n")
    (folder / "invoices.csv").write_text(
        "number,account_key,date,description,amount\r\n"
        '7,A,2024-02-01,"a, ""b""","1.000,50"\r\n8,A,2024-02-01,x,"1,00"\r\n7,A,2024-02-01,same,"0,50"\r\n'
        "9,nobody,2024-02-01,x,5\r\n10,A,2024-02-01,x,five\r\n")
    (folder / "payments.csv").write_text(
        "key,account_key,amount,received_on,invoice_key\np1,A,1000.00,2024-02-10,7\np2,A,1.00,2024-02-11,\n")
    return folder / "acme.toml"


def test_csv_loads_and_says_what_was_refused(ledger_server, tmp_path):
    mapping = write_csv(tmp_path)
    status, output = load(ledger_server, "--mapping", mapping)
    assert status == 3, output
    with open(tmp_path / "acme.toml.refused.csv", newline="") as file:
        refused = {int(row["line"]): row["code"] for row in csv.DictReader(file)}
    assert refused == {5: "unknown-account", 6: "invalid-amount"}
    assert not (tmp_path / "acme.toml.import-state").exists()
    customer = f"cus_{derived('cus', 'acme', 'acme')}"
    invoices = ledger_server.client().get(
        "/v1/invoices", params={"customer": customer, "min_position": head(ledger_server)}).json()
    assert "1001.00" in json.dumps(invoices), invoices


def test_loading_twice_changes_nothing(ledger_server, tmp_path):
    mapping = write_csv(tmp_path)
    load(ledger_server, "--mapping", mapping)
    before = head(ledger_server)
    status, output = load(ledger_server, "--mapping", mapping)
    assert status == 3
    assert ": 0 new, 7 already there, 2 refused" in output
    assert head(ledger_server) == before


def test_a_wrong_key_ends_it_at_once(ledger_server, tmp_path):
    mapping = write_csv(tmp_path)
    (tmp_path / "other.key").write_text("blk_live_nonsense\n")
    status, output = load_with_key(ledger_server, tmp_path / "other.key", mapping)
    assert status == 1
    assert "--key-file" in output


def load_with_key(server, key_file, mapping):
    done = subprocess.run([str(server.binary), "import", "--url", server.url, "--key-file", str(key_file), "--mapping",
                           str(mapping)], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=60)
    return done.returncode, done.stdout


def many_payments(path, count):
    with open(path, "w", encoding="utf-8") as out:
        commands = CommandFile(out, "many", "USD")
        customer = commands.customer("c", "Many")
        commands.account(customer, "A", "A", opened_on="2024-01-01")
        for n in range(count):
            commands.payment(f"p{n}", "A", "1.00", "2024-01-02")  # equal rows with keys of their own
        return commands.count


def test_it_goes_on_after_a_kill_of_either_side(ledger_server, tmp_path):
    path, acks = tmp_path / "many.ndjson", tmp_path / "acks"
    count = many_payments(path, 30_000)
    process = start(ledger_server, path, "--acks", acks)
    wait_until(lambda: acks.exists() and acks.stat().st_size > 50_000, 60, "acknowledgements")
    ledger_server.restart(hard=True)  # the importer waits and goes on
    size = acks.stat().st_size
    wait_until(lambda: acks.stat().st_size > size + 50_000, 60, "acknowledgements after the restart")
    process.kill()
    process.communicate(timeout=20)
    status, output = load(ledger_server, path, "--acks", acks)
    assert status == 0, output
    assert "going on after" in output
    assert not pathlib.Path(f"{path}.import-state").exists()
    lines = acks.read_text().splitlines()
    assert len({line.split("\t")[0] for line in lines}) == count
    # Each command is one event: the head says that none was booked twice.
    assert head(ledger_server) >= count
    before = head(ledger_server)
    status, output = load(ledger_server, path)
    assert status == 0 and f"0 new, {count} already there" in output
    assert head(ledger_server) == before


def test_it_stops_on_sigterm_with_its_state_saved(ledger_server, tmp_path):
    path, acks = tmp_path / "many.ndjson", tmp_path / "acks"
    many_payments(path, 30_000)
    process = start(ledger_server, path, "--acks", acks)
    wait_until(lambda: acks.exists() and acks.stat().st_size > 50_000, 60, "acknowledgements")
    process.send_signal(signal.SIGTERM)
    output, _ = process.communicate(timeout=30)
    assert process.returncode == 1, output
    assert os.path.exists(f"{path}.import-state")
    status, output = load(ledger_server, path)
    assert status == 0 and "going on after" in output

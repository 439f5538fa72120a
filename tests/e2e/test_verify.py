"""`billing verify` finds every flipped byte and names the file, and changes nothing unless it is told to."""

import re
import shutil
import subprocess

import pytest

from books import Books, check_whole, line, stream_batch
from harness import LedgerServer


def verify(binary, data, *arguments):
    """(exit code, output)."""
    done = subprocess.run([binary, "verify", "--data", data, *arguments], text=True, timeout=120,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    return done.returncode, done.stdout


def serve_for(binary, data, seconds):
    """(exit code, output) of a server that should not start; the code is None when it ran for `seconds`."""
    command = [binary, "serve", "--data", data, "--listen", "127.0.0.1:0", "--admin-key-file", data.parent / "admin.key"]
    try:
        done = subprocess.run(command, text=True, timeout=seconds, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        return done.returncode, done.stdout
    except subprocess.TimeoutExpired as late:
        return None, (late.stdout or b"").decode()


def digest(binary, data):
    status, output = verify(binary, data, "--digest")
    assert status == 0, output
    return re.search(r"digest ([0-9a-f]{64})", output).group(1)


@pytest.fixture(scope="module")
def stopped(billing_binary, tmp_path_factory):
    """A cleanly stopped server with a little of everything in two generations of files."""
    server = LedgerServer(billing_binary, tmp_path_factory.mktemp("verify") / "ledger").start()
    books = Books(server.client(), leaves=3)
    for round_ in range(2):
        lines = []
        for number in range(150):
            leaf = books.leaves[number % 3]
            lines.append(line("invoice.issue", books.invoice(f"{number + 1}.00", leaf))[1])
            lines.append(line("payment.record", books.payment(f"{number + 1}.00", leaf))[1])
        assert {answer["status"] for answer in stream_batch(server, lines)} == {201}
        server.stop() if round_ else server.restart()
    yield server
    server.kill()


@pytest.fixture
def copy(stopped, tmp_path):
    """A function that makes a fresh copy of the stopped server's data."""

    def make():
        target = tmp_path / "ledger"
        shutil.rmtree(target, ignore_errors=True)
        shutil.copytree(stopped.folder, target)
        return target / "data"

    return make


def flip(path, offset):
    with path.open("r+b") as file:
        file.seek(offset)
        byte = file.read(1)
        file.seek(offset)
        file.write(bytes([byte[0] ^ 0x10]))


def files_of(data, folder):
    return sorted(path.name for path in (data / folder).iterdir() if path.is_file() and path.stat().st_size)


def test_a_cleanly_stopped_ledger_verifies(billing_binary, stopped):
    assert digest(billing_binary, stopped.data) == digest(billing_binary, stopped.data)


@pytest.mark.slow
@pytest.mark.parametrize("folder", ["ledger", "views", "witness"])
def test_one_flipped_byte_in_any_file_is_found_and_named(billing_binary, stopped, copy, folder):
    names, missed = files_of(stopped.data, folder), []
    assert names
    for name in names:
        data = copy()
        path = data / folder / name
        flip(path, path.stat().st_size // 2)
        status, output = verify(billing_binary, data)
        if status != 1 or f"{folder}/{name}" not in output:
            missed.append((name, status, output))
        if folder == "views":
            assert path.exists() and "--drop-damaged-views" in output, output
    assert missed == []


@pytest.mark.parametrize("place", ["first", "last"])
def test_a_flip_at_either_end_of_a_ledger_file_is_found(billing_binary, stopped, copy, place):
    missed = []
    for name in files_of(stopped.data, "ledger"):
        data = copy()
        path = data / "ledger" / name
        flip(path, 0 if place == "first" else path.stat().st_size - 1)
        status, output = verify(billing_binary, data)
        if status != 1 or f"ledger/{name}" not in output:
            missed.append((name, status, output))
    assert missed == []


def test_a_missing_file_is_found(billing_binary, stopped, copy):
    for name in [one for one in files_of(stopped.data, "ledger") if one.endswith((".sst", ".log", ".sha256"))]:
        data = copy()
        (data / "ledger" / name).unlink()
        status, output = verify(billing_binary, data)
        # The end of the log can only be missed by what the witness saw.
        assert status == 1 and (name in output or "the log has lost its end" in output), output


def test_damaged_views_are_deleted_and_rebuilt_equal(billing_binary, stopped, copy):
    data, before = copy(), digest(billing_binary, stopped.data)
    victim = max((data / "views").glob("*.sst"), key=lambda path: path.stat().st_size)
    flip(victim, victim.stat().st_size // 2)
    status, output = verify(billing_binary, data, "--drop-damaged-views")
    assert status == 1 and victim.name in output
    assert not (data / "views").exists()
    server = LedgerServer(billing_binary, data.parent)
    check_whole(server.start().client())
    server.stop()
    assert digest(billing_binary, data) == before


def contents(folder):
    return {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_verify_changes_nothing_unless_it_is_told_to(billing_binary, copy):
    data = copy()
    whole = contents(data)
    assert verify(billing_binary, data)[0] == 0
    assert contents(data) == whole
    victim = max((data / "views").glob("*.sst"), key=lambda path: path.stat().st_size)
    flip(victim, victim.stat().st_size // 2)
    damaged = contents(data)
    status, output = verify(billing_binary, data)
    assert status == 1 and "left as they are" in output, output
    assert contents(data) == damaged


def test_a_server_on_damaged_views_rebuilds_them(billing_binary, stopped, copy):
    before = digest(billing_binary, stopped.data)
    for share in (0.01, 0.5, 0.99):
        data = copy()
        for victim in (data / "views").glob("*.sst"):
            flip(victim, int(victim.stat().st_size * share))
        server = LedgerServer(billing_binary, data.parent)
        check_whole(server.start().client())
        assert "the views were damaged and are rebuilt" in server.log_tail(), share
        server.stop()
        assert digest(billing_binary, data) == before


def test_a_server_on_a_damaged_ledger_refuses_to_start_and_says_why(billing_binary, stopped, copy):
    started = []
    for name in [one for one in files_of(stopped.data, "ledger") if one.endswith((".sst", ".log"))]:
        data = copy()
        path = data / "ledger" / name
        flip(path, path.stat().st_size // 2)
        status, output = serve_for(billing_binary, data, 8)
        # Of a write-ahead file RocksDB names the folder only.
        named = f"ledger/{name}" in output or (name.endswith(".log") and f"opening {data}/ledger" in output)
        if status is None or status <= 0 or not named:
            started.append((name, status, output))
    assert started == []


def test_a_running_service_is_not_verified(billing_binary, ledger_server):
    status, output = verify(billing_binary, ledger_server.data)
    assert status == 2 and "running service" in output
    assert ledger_server.client().get("/readyz").status_code == 200


def test_a_folder_without_a_ledger_is_not_verified(billing_binary, tmp_path):
    status, output = verify(billing_binary, tmp_path / "nowhere")
    assert status == 2 and "no ledger" in output


def test_a_second_server_on_the_same_data_refuses_to_start(billing_binary, ledger_server):
    status, output = serve_for(billing_binary, ledger_server.data, 20)
    assert status == 1 and "another process has this store open" in output, output
    assert ledger_server.client().get("/readyz").status_code == 200

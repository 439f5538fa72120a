"""What a service that lost its witness says, and how it is brought back."""

import shutil
import subprocess

import pytest

from harness import LedgerServer
from scenario import World


@pytest.fixture
def server(billing_binary, tmp_path):
    """A stopped one with some books."""
    made = LedgerServer(billing_binary, tmp_path).start()
    world = World(made.client(), "Ada Ltd")
    world.issue(world.account("A"), world.line(world.ask(f"/v1/customers/{world.customer}/accounts")["items"][0]["id"], "10.00"))
    made.stop()
    return made


def recover(server, *flags):
    done = subprocess.run([server.binary, "recover", "witness", "--data", server.data, *flags], text=True, capture_output=True,
                          timeout=60, check=False)
    return done.returncode, done.stdout + done.stderr


def refusal(server):
    """What a start that must fail says."""
    done = subprocess.run(server.command(), text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=60, check=False)
    assert done.returncode != 0, done.stdout
    return done.stdout


def zero(path, begin, end):
    content = bytearray(path.read_bytes())
    content[begin:end] = bytes(end - begin)
    path.write_bytes(content)


def starts(server):
    assert server.start().client().get("/v1/customers").json()["items"][0]["name"] == "Ada Ltd"
    server.stop()


def test_a_witness_with_one_of_its_two_places_torn_is_enough(server):
    for begin in (0, 4096):
        zero(server.data / "witness/witness", begin, begin + 4096)
        starts(server)
    assert recover(server)[0] == 0


@pytest.mark.parametrize("how", ["lost", "both places torn"])
def test_a_witness_is_made_anew_by_the_command_that_the_refusal_names(server, how):
    witness = server.data / "witness/witness"
    witness.unlink() if how == "lost" else zero(witness, 0, 8192)
    assert "billing recover witness" in refusal(server)
    before = witness.read_bytes() if witness.exists() else None
    status, output = recover(server)
    assert status == 0 and "nothing is changed" in output and "whose hash is the log's" in output, output
    assert (witness.read_bytes() if witness.exists() else None) == before
    status, output = recover(server, "--write")
    assert status == 0 and "is made anew at position" in output, output
    starts(server)


def test_no_witness_is_made_for_a_log_that_has_less_than_its_views_saw(server, tmp_path):
    older = tmp_path / "older"
    shutil.copytree(server.data / "ledger", older)
    World(server.start().client(), "Bob Ltd")
    server.stop()
    shutil.rmtree(server.data / "ledger")
    older.rename(server.data / "ledger")
    (server.data / "witness/witness").unlink()
    status, output = recover(server, "--write")
    assert status == 1 and "1 acknowledged event is missing" in output, output
    assert not (server.data / "witness/witness").exists()


def test_a_log_with_less_than_its_views_saw_is_not_served_and_the_views_stay_as_evidence(server, tmp_path):
    older, witness = tmp_path / "older", (server.data / "witness/witness").read_bytes()
    shutil.copytree(server.data / "ledger", older)
    World(server.start().client(), "Bob Ltd")
    server.stop()
    shutil.rmtree(server.data / "ledger")
    older.rename(server.data / "ledger")
    (server.data / "witness/witness").write_bytes(witness)
    assert "they have seen position 4, the log ends at 3: 1 acknowledged event is missing" in refusal(server)
    views = sorted(path.name for path in (server.data / "views").iterdir())
    done = subprocess.run([server.binary, "verify", "--drop-damaged-views", "--data", server.data], text=True, capture_output=True,
                          timeout=60, check=False)
    assert done.returncode == 1 and "1 acknowledged event is missing" in done.stdout, done.stdout
    assert {name for name in views if name.endswith(".sst")} <= {path.name for path in (server.data / "views").iterdir()}


def test_a_damaged_log_gets_no_witness(server):
    victim = max((server.data / "ledger").glob("*.log"), key=lambda path: path.stat().st_size)
    content = bytearray(victim.read_bytes())
    content[len(content) // 2] ^= 0x10
    victim.write_bytes(content)
    (server.data / "witness/witness").unlink()
    status, output = recover(server, "--write")
    assert status == 1 and "restore a backup" in output, output
    assert not (server.data / "witness/witness").exists()

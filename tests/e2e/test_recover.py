"""What a service says that lost its witness, keys of persons or part of its files, and how it is brought back."""

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


def lose_the_end(server, tmp_path):
    """The log of before the last events, their views gone too: only the witness has seen them. How many they are."""
    older = tmp_path / "older"
    shutil.copytree(server.data / "ledger", older)
    World(server.start().client(), "Bob Ltd")
    server.stop()
    shutil.rmtree(server.data / "ledger")
    shutil.rmtree(server.data / "views")
    shutil.rmtree(server.data / "checkpoints", ignore_errors=True)
    older.rename(server.data / "ledger")
    return 1


def test_a_witness_that_saw_more_is_made_anew_only_by_an_operator_who_names_where_the_log_ends(server, tmp_path):
    lose_the_end(server, tmp_path)
    assert "the log has lost its end: the witness saw position 4, the store ends at 3" in refusal(server)
    before = (server.data / "witness/witness").read_bytes()
    for flags in ((), ("--write",), ("--write", "--lost-after", "2")):
        status, output = recover(server, *flags)
        assert status == 1 and "1 events that were acknowledged are missing" in output and "--lost-after 3" in output, output
        assert (server.data / "witness/witness").read_bytes() == before, flags
    status, output = recover(server, "--write", "--lost-after", "3")
    assert status == 0 and "is made anew at position 3" in output, output
    starts(server)


def test_a_lost_witness_beside_lost_keys_is_made_anew_and_then_the_keys_are_dealt_with(with_persons):
    server, _ = with_persons
    (server.data / "witness/witness").unlink()
    shutil.rmtree(server.data / "keys")
    refusal(server)
    status, output = recover(server, "--write")
    assert status == 0 and "whose key is missing" in output, output
    done = subprocess.run([server.binary, "recover", "keys", "--data", server.data, "--write"], text=True, capture_output=True,
                          timeout=60, check=False)
    assert done.returncode == 0 and "2 persons are noted as erased" in done.stdout, done.stdout
    starts(server)


def test_verify_goes_on_without_the_witness_and_drops_views_that_stand_in_the_way_of_a_new_one(server):
    (server.data / "witness/witness").unlink()
    victim = max((server.data / "views").glob("*.sst"), key=lambda path: path.stat().st_size)
    zero(victim, 0, victim.stat().st_size)
    status, output = recover(server, "--write")
    assert status == 1 and "verify --drop-damaged-views" in output, output
    done = subprocess.run([server.binary, "verify", "--drop-damaged-views", "--data", server.data], text=True, capture_output=True,
                          timeout=60, check=False)
    assert done.returncode == 1 and "there is no witness" in done.stdout and "views: deleted" in done.stdout, done.stdout
    assert recover(server, "--write")[0] == 0
    starts(server)


def test_a_damaged_log_gets_no_witness(server):
    victim = max((server.data / "ledger").glob("*.log"), key=lambda path: path.stat().st_size)
    content = bytearray(victim.read_bytes())
    content[len(content) // 2] ^= 0x10
    victim.write_bytes(content)
    (server.data / "witness/witness").unlink()
    status, output = recover(server, "--write")
    assert status == 1 and "restore a backup" in output, output
    assert not (server.data / "witness/witness").exists()


def verified(server):
    done = subprocess.run([server.binary, "verify", "--data", server.data], text=True, capture_output=True, timeout=60, check=False)
    return done.returncode, done.stdout + done.stderr


def contents(folder):
    return {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture
def with_persons(billing_binary, tmp_path):
    """A stopped one with the contacts of two accounts, and how `keys` was after the first."""
    server = LedgerServer(billing_binary, tmp_path).start()
    world = World(server.client(), "Ada Ltd")
    world.accounts = []
    for name in ("Ada Private", "Bob Private"):
        world.accounts.append(world.account(name[0]))
        world.do(f"/v1/accounts/{world.accounts[-1]}/contacts", {"contacts": [{"role": "billing", "name": name}]})
        if name.startswith("Ada"):
            shutil.copytree(server.data / "keys", tmp_path / "older-keys")
    server.stop()
    return server, world


def lose_keys(server, how):
    keys, file = server.data / "keys", server.data / "keys/person.keys"
    size = file.stat().st_size
    if how == "removed":
        shutil.rmtree(keys)
    elif how == "cut":
        file.write_bytes(file.read_bytes()[:size - 128])
    elif how == "zeroed at the end":
        zero(file, size - 128, size)
    else:
        shutil.rmtree(keys)
        shutil.copytree(server.folder / "older-keys", keys)


@pytest.mark.parametrize("how", ["removed", "cut", "zeroed at the end", "an older copy"])
def test_a_lost_key_of_a_person_is_refused_and_named_and_its_backup_brings_it_back(with_persons, tmp_path, how):
    server, world = with_persons
    shutil.copytree(server.data / "keys", tmp_path / "backup")
    lose_keys(server, how)
    left = contents(server.data / "keys")
    said = refusal(server)
    assert "the key of person per_" in said and "restore person.keys and epoch.key from their backup" in said, said
    status, output = verified(server)
    assert status == 1 and "keys: position" in output and "per_" in output, output
    assert contents(server.data / "keys") == left, "neither changes what is left"
    shutil.rmtree(server.data / "keys", ignore_errors=True)
    shutil.copytree(tmp_path / "backup", server.data / "keys")
    status, output = verified(server)
    assert status == 0 and "keys: 2 of persons, 0 erased; everybody whose data the ledger holds has the key" in output, output
    client = server.start().client()
    names = [client.get(f"/v1/accounts/{account}/contacts").json()["items"][0]["name"] for account in world.accounts]
    assert names == ["Ada Private", "Bob Private"]
    server.stop()


def test_a_damaged_digest_of_the_admin_key_is_refused_and_named(server):
    file = next((server.data / "identity").iterdir())
    content = file.read_text()
    file.write_text(("1" if content[0] == "0" else "0") + content[1:])
    assert str(file) in refusal(server)
    status, output = verified(server)
    assert status == 1 and f"identity: {file}" in output, output


def test_a_stray_write_ahead_log_is_refused_and_ends_no_process(server):
    own = next((server.data / "ledger").glob("*.log"))
    for name in ("000900.log", "000901.log"):
        shutil.copy(own, server.data / "ledger" / name)
    said = refusal(server)
    assert "would end the process" in said, said
    status, output = verified(server)
    assert status == 1 and "would end the process" in output, output
    for name in ("000900.log", "000901.log"):
        (server.data / "ledger" / name).unlink()
    starts(server)

"""What a backup does with damaged or foreign keys and with stray files, and what a restore says of them."""

import re
import shutil
import threading

import pytest

from books import Books, feed
from harness import LedgerServer
from test_backup import Site, billing, filled, must, postings, send, site  # noqa: F401 (fixtures)


def name_person(server, name):
    """A person of this name, in a contact of a new account."""
    api = server.client()
    answer = api.post(f"/v1/accounts/{Books(api, leaves=0).root}/contacts", {"contacts": [{"role": "billing", "name": name}]})
    assert answer.status_code in (200, 201), answer.text


def cut_last_person(site):
    path = site.server.data / "keys/person.keys"
    path.write_bytes(path.read_bytes()[:-128])


@pytest.fixture
def two_persons(site):
    """A stopped service with two persons, whose keys are copied."""
    name_person(site.server, "Ada")
    name_person(site.server, "Grace")
    site.made = site.backup()
    site.server.stop()
    return site


def refused_backup(site, *more):
    code, output = billing(site.binary, "backup", "--data", site.server.data, "--to", site.to, *more)
    assert code == 1 and "no backup is made" in output, output
    return output


def test_keys_that_have_lost_a_person_do_not_replace_the_good_copy(two_persons):
    cut_last_person(two_persons)
    assert "the copy before is kept" in refused_backup(two_persons, "--keys-to", two_persons.keys_to)
    assert "of 2 the data can be read; the others were erased" in two_persons.restore("--write")[1]


def test_keys_of_a_stopped_service_are_compared_with_its_log(two_persons, tmp_path):
    cut_last_person(two_persons)
    output = refused_backup(two_persons, "--keys-to", tmp_path / "empty")
    assert re.search(r"position \d+: \S+: the key of person per_\w+ is missing", output)
    assert [path.name for path in (tmp_path / "empty").iterdir()] == ["lock"]


def test_two_ledgers_do_not_share_a_directory_of_keys(two_persons, billing_binary, tmp_path):
    other = LedgerServer(billing_binary, tmp_path / "other")
    other.start()
    try:
        name_person(other, "Mary")
        code, output = billing(billing_binary, "backup", "--data", other.data, "--to", tmp_path / "other-backups", "--keys-to",
                               two_persons.keys_to)
    finally:
        other.stop()
    assert code == 1 and "it is of other keys than the service's" in output
    assert "of 2 the data can be read" in two_persons.restore("--write")[1]


def test_stray_files_are_left_out_and_told_and_backups_go_on(site):
    name_person(site.server, "Ada")
    for stray in ("identity/admin.key.sha256~", "identity/.x.swp", "keys/person.keys.old", "keys/.person.keys.swp"):
        (site.server.data / stray).write_text("stray")
    for _ in range(2):
        output = must(site.binary, "backup", "--data", site.server.data, "--to", site.to, "--keys-to", site.keys_to)
        assert set(re.findall(r"warning: (\S+) is left out", output)) == {
            "identity/admin.key.sha256~", "identity/.x.swp", "keys/person.keys.old", "keys/.person.keys.swp"}
    (copy,) = site.keys_to.glob("keys-*")
    assert {path.name for path in copy.iterdir()} == {"manifest", "person.keys", "epoch.key"}
    data, _ = site.restore("--write")
    must(site.binary, "verify", "--data", data)


def test_lost_keys_are_told_apart_from_erased_ones_and_before_anything_is_written(site):
    name_person(site.server, "Ada")
    site.backup()
    name_person(site.server, "Grace")
    must(site.binary, "backup", "--data", site.server.data, "--to", site.to)
    data, output = site.restore(status=1)
    assert "2 are named, of 1 the data can be read; of 1 the keys are lost" in output
    assert "`billing recover keys` gives them up" in output and not data.exists()
    data, output = site.restore("--write")
    assert "of 1 the keys are lost" in output
    assert "1 lost" in must(site.binary, "recover", "keys", "--data", data)


def test_keys_of_another_ledger_are_refused_by_their_history(two_persons, billing_binary, tmp_path):
    other = LedgerServer(billing_binary, tmp_path / "other")
    other.start()
    name_person(other, "Mary")
    alien = Site(other, tmp_path / "alien")
    alien.backup()
    other.stop()
    code, output = billing(billing_binary, "restore", "--from", two_persons.to, "--keys-from", alien.keys_to, "--data",
                           tmp_path / "new/data", "--write")
    assert code == 1 and "these keys are of another ledger" in output
    assert not (tmp_path / "new").exists()


def test_what_was_recorded_before_a_backup_was_made_is_in_it(site):
    books, ended = Books(site.server.client(), leaves=1), threading.Event()

    def load():
        while not ended.is_set():
            send(site.server, postings(books, 20))

    sender = threading.Thread(target=load)
    sender.start()
    try:
        made = [site.backup() for _ in range(3)]
    finally:
        ended.set()
        sender.join(60)
    events = list(feed(site.server.client()))
    for one in made:
        said = re.search(r"lost is: whatever was written after (\S+)", site.restore("--backup", one.name)[1]).group(1)
        assert [event["position"] for event in events if event["recorded"] < said and event["position"] > one.position] == []


def test_files_that_a_crash_left_over_are_no_damage(filled):
    filled.server.stop()
    ledger = filled.server.data / "ledger"
    shutil.copy(next(ledger.glob("*.sst")), ledger / "999999.sst")
    shutil.copy(next(ledger.glob("OPTIONS-*")), ledger / "OPTIONS-999998")
    filled.backup()
    output = filled.restore("--verify", keys=False)[1]
    assert "999999.sst: the MANIFEST does not list it" in output and "verified: all is well" in output
    data, _ = filled.restore("--write")
    with filled.serving(data) as copy:
        assert len(list(feed(copy))) == filled.made.position


def test_a_witness_on_another_device_is_put_there_and_one_that_was_cut_off_does_not_block(filled, tmp_path):
    apart = tmp_path / "witness"
    _, output = filled.restore("--witness-dir", apart)
    assert f"its witness into {apart}" in output and not apart.exists()
    data, _ = filled.restore("--witness-dir", apart, "--write")
    assert {path.name for path in apart.iterdir()} == {"witness"}
    assert not (data / "witness").exists() and not (data / "unfinished-restore").exists()
    must(filled.binary, "verify", "--data", data, "--witness-dir", apart)
    # Cut off between the witness and the name of the directory.
    digest = must("sha256sum", apart / "witness").split()[0]
    half = data.with_name("data.half")
    data.rename(half)
    (half / "unfinished-restore").write_text(
        f"A restore writes into a directory of this name that ends in .half; there nothing is of use.\nwitness {digest}\n")
    filled.restore("--witness-dir", apart, "--write", data=data)
    must(filled.binary, "verify", "--data", data, "--witness-dir", apart)
    # Of any other ledger it stays.
    assert "a ledger has its witness there" in filled.restore("--witness-dir", apart, "--write", status=2)[1]


def test_a_witness_in_its_usual_place_may_be_named_and_one_elsewhere_in_the_data_directory_may_not(filled, tmp_path):
    data = tmp_path / "named/data"
    assert "it lies in --data" in filled.restore("--witness-dir", data / "other", "--write", data=data, status=2)[1]
    filled.restore("--witness-dir", data / "witness", "--write", data=data)
    must(filled.binary, "verify", "--data", data)


def test_a_lock_that_cannot_be_opened_is_not_told_as_another_process(filled):
    filled.server.stop()
    lock = filled.server.data / "ledger/LOCK"
    lock.unlink()
    lock.mkdir()
    assert f"{lock}: it cannot be opened: Is a directory" in refused_backup(filled)

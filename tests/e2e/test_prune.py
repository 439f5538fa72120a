"""`billing backup prune`: what stays can be restored, whatever happens."""

import re
import subprocess
import time

import pytest

from books import Books, feed
from test_backup import billing, must, postings, send, site  # noqa: F401 (fixtures)


@pytest.fixture
def five(site):
    """A site with five backups, each of a longer ledger, and new data files in each."""
    books = Books(site.server.client(), leaves=1)
    site.made = []
    for _ in range(5):
        send(site.server, postings(books, 20))
        site.made.append(site.backup())
    return site


def prune(site, *more, status=0):
    return must(site.binary, "backup", "prune", "--to", site.to, *more, status=status)


def marked(site):
    return sorted(path.parent.name for path in site.to.glob("backups/*/pruned"))


def expect_restored(site, made):
    data, output = site.restore("--backup", made.name, "--write", keys=False)
    assert f"{made.position} events, every hash, version, sequence and balance holds; head {made.head}" in output
    must(site.binary, "verify", "--data", data)


def test_a_dry_run_says_what_would_go_and_changes_nothing(five):
    before = five.stored()
    output = prune(five, "--keep", 2)
    assert re.findall(r"^goes: (\S+)$", output, re.MULTILINE) == [one.name for one in five.made[:3]]
    assert re.search(r"nothing is changed; with --write 3 backups and [1-9]\d* files go \([1-9]\d* bytes\)", output)
    assert five.stored() == before and marked(five) == []


def test_pruned_backups_are_refused_by_name_and_kept_ones_are_restored(five):
    before = five.stored()
    output = prune(five, "--keep", 2, "--write")
    assert "pruned: 3 backups" in output and five.stored() < before
    assert marked(five) == sorted(one.name for one in five.made[:3])
    for one in five.made[:3]:
        assert "it was pruned" in five.restore("--backup", one.name, "--write", status=2)[1]
    for one in five.made[3:]:
        expect_restored(five, one)
    assert "verified: all is well" in five.restore("--verify", keys=False)[1]


def test_backups_and_prunes_take_turns(five):
    books = Books(five.server.client(), leaves=1)
    for _ in range(3):
        prune(five, "--keep", 2, "--write")
        send(five.server, postings(books, 20))
        five.made.append(five.backup())
    assert five.made[-1].number == "8"
    for one in five.made[-3:]:
        expect_restored(five, one)
    assert "verified: all is well" in five.restore("--verify", keys=False)[1]


def test_the_newest_stays_and_what_is_young_stays(five):
    assert "pruned: 0 backups and 0 files" in prune(five, "--keep-days", 1, "--write")
    prune(five, "--keep", 1, "--write")
    assert "pruned: 0 backups and 0 files" in prune(five, "--keep", 1, "--write")
    expect_restored(five, five.made[-1])


def test_one_that_is_killed_is_finished_by_the_next(five):
    for delay in range(8):
        process = subprocess.Popen([five.binary, "backup", "prune", "--to", five.to, "--keep", str(max(2, 5 - delay)), "--write"],
                                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(delay * 0.004)
        process.kill()
        process.wait(10)
        for one in five.made[-2:]:
            assert "files: " in five.restore("--backup", one.name, keys=False)[1]
    prune(five, "--keep", 2, "--write")
    assert "and 0 files" in prune(five, "--keep", 2)
    for one in five.made[-2:]:
        expect_restored(five, one)


def test_marks_without_a_removal_are_finished_by_the_next(five):
    (five.to / "backups" / five.made[0].name / "pruned").touch()
    assert "it was pruned" in five.restore("--backup", five.made[0].name, status=2)[1]
    assert "pruned: 1 backups" in prune(five, "--keep", 3, "--write")
    for one in five.made[2:]:
        expect_restored(five, one)


def test_nothing_is_pruned_while_a_manifest_cannot_be_read(five):
    (five.to / "backups" / five.made[1].name / "manifest").write_text("nonsense")
    before = five.stored()
    assert "which files they need is not known" in prune(five, "--keep", 1, "--write", status=1)
    assert five.stored() == before and marked(five) == []


def test_nothing_is_pruned_while_the_newest_backup_is_damaged(five):
    manifest = (five.to / "backups" / five.made[-1].name / "manifest").read_text()
    victim = five.to / "files" / re.search(r"^([0-9a-f]{64})  ledger/\d+\.sst", manifest, re.MULTILINE).group(1)
    content = bytearray(victim.read_bytes())
    content[len(content) // 2] ^= 1
    victim.write_bytes(content)
    before = five.stored()
    assert f"file: {victim} is damaged" in prune(five, "--keep", 1, "--write", status=1)
    assert five.stored() == before and marked(five) == []


def test_options_that_do_not_fit_are_refused(five):
    for options in ([], ["--keep", 1, "--keep-days", 1], ["--keep", 0], ["--keep", "many"]):
        code, _ = billing(five.binary, "backup", "prune", "--to", five.to, *options)
        assert code == 2, options
    code, output = billing(five.binary, "backup", "prune", "--to", five.folder / "nowhere", "--keep", 1)
    assert code == 1 and "there are no backups here" in output
    assert billing(five.binary, "backup")[0] == 2

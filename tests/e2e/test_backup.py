"""`billing backup` beside a running service, and `billing restore` to an exact position."""

import contextlib
import itertools
import re
import shutil
import signal
import subprocess
import threading

import pytest

from books import Books, check_whole, feed, line, stream_batch
from harness import LedgerServer, wait_until


def billing(binary, *arguments):
    """(exit code, output)."""
    done = subprocess.run([binary, *map(str, arguments)], text=True, timeout=120, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, check=False)
    return done.returncode, done.stdout


def must(binary, *arguments, status=0):
    code, output = billing(binary, *arguments)
    assert code == status, output
    return output


class Made:
    """What a backup said of itself."""

    def __init__(self, output):
        self.name, self.number = re.search(r"backup (\S+) is made, number (\d+)", output).groups()
        self.position, self.head = re.search(r"positions 1 to (\d+), head ([0-9a-f]{64})", output).groups()
        self.position = int(self.position)
        self.files, self.new = map(int, re.search(r"files: (\d+), of which (\d+) are new", output).groups())


class Site:
    """A data directory, with places for backups, keys and restored copies."""

    def __init__(self, server, folder):
        self.server, self.binary = server, server.binary
        self.to, self.keys_to, self.folder = folder / "backups", folder / "keys-apart", folder
        self.copies = itertools.count(1)

    def backup(self, *more):
        return Made(must(self.binary, "backup", "--data", self.server.data, "--to", self.to, "--keys-to", self.keys_to, *more))

    def restore(self, *more, status=0, keys=True, data=None):
        """(directory, output)."""
        data = data or self.folder / f"restored-{next(self.copies)}" / "data"
        keys_from = ["--keys-from", self.keys_to] if keys else []
        output = must(self.binary, "restore", "--from", self.to, *keys_from, "--data", data, *more, status=status)
        return data, output

    @contextlib.contextmanager
    def serving(self, data):
        """A client of a service on a restored directory, with the key of the first one."""
        copy = LedgerServer(self.binary, data.parent)
        assert copy.data == data
        shutil.copy(self.server.key_file, copy.key_file)
        copy.start()
        try:
            yield copy.client()
        finally:
            copy.stop()

    def stored(self):
        return {path.name for path in (self.to / "files").iterdir()}


@pytest.fixture
def site(ledger_server, tmp_path):
    return Site(ledger_server, tmp_path / "site")


def postings(books, count):
    """Lines of invoices and of payments that pay them, in turn."""
    lines = []
    for number in range(count):
        lines.append(line("invoice.issue", books.invoice(f"{number % 90 + 1}.00")))
        lines.append(line("payment.record", books.payment(f"{number % 70 + 1}.50", books.leaves[0])))
    return lines


def send(server, lines):
    answers = stream_batch(server, [data for _, data in lines])
    assert {answer["status"] for answer in answers} == {201}
    return answers


def trial_balance(api, **params):
    answer = api.get("/v1/reports/trial-balance", params)
    assert answer.status_code == 200, answer.text
    return answer.json()["items"]


@pytest.mark.slow
def test_each_backup_made_under_load_is_restored_to_its_exact_position(site):
    books = Books(site.server.client(), leaves=1)
    ended = threading.Event()

    def load():
        while not ended.is_set():
            send(site.server, postings(books, 100))

    sender = threading.Thread(target=load)
    sender.start()
    try:
        made = [site.backup() for _ in range(5)]
    finally:
        ended.set()
        sender.join(60)
    live = site.server.client()
    events = list(feed(live))
    positions = [one.position for one in made]
    assert positions == sorted(positions) and len(set(positions)) > 1, "nothing was written between the backups"
    assert positions[-1] < len(events)
    for one in made:
        data, output = site.restore("--backup", one.name, "--write")
        assert f"{one.position} events, every hash, version, sequence and balance holds; head {one.head}" in output
        with site.serving(data) as copy:
            assert list(feed(copy)) == events[:one.position]
            check_whole(copy)
            assert trial_balance(copy, min_position=one.position) == trial_balance(live, position=one.position)


@pytest.fixture
def filled(site):
    """A site with one backup of some books."""
    send(site.server, postings(Books(site.server.client(), leaves=1), 40))
    site.made = site.backup()
    return site


def ends_of_commands(events):
    return [event["position"] for event in events if event["command"]["index"] + 1 == event["command"]["count"]]


def test_a_ledger_is_restored_to_the_very_event_that_is_asked_for(filled):
    live = filled.server.client()
    events = list(feed(live))
    last = ends_of_commands(events)[len(ends_of_commands(events)) // 2]
    data, output = filled.restore("--position", last, "--write")
    assert f"left out are: {len(events) - last} events, positions {last + 1} to {len(events)}" in output
    with filled.serving(data) as copy:
        assert list(feed(copy)) == events[:last]
        assert trial_balance(copy, min_position=last) == trial_balance(live, position=last)
    must(filled.binary, "verify", "--data", data)


def test_a_ledger_is_restored_to_an_instant(filled):
    send(filled.server, postings(Books(filled.server.client(), leaves=1), 5))
    filled.backup()
    events = list(feed(filled.server.client()))
    instant = events[filled.made.position - 1]["recorded"]
    expected = sum(event["recorded"] <= instant for event in events)
    assert filled.made.position <= expected < len(events)
    data, output = filled.restore("--at", instant, "--write")
    assert f"restored is: positions 1 to {expected}, the newest event of {instant}" in output
    with filled.serving(data) as copy:
        assert list(feed(copy)) == events[:expected]


def test_a_command_that_is_restored_is_a_repeat_and_one_that_is_left_out_is_not(filled):
    live, root = filled.server.client(), Books(filled.server.client(), leaves=0)
    for key in ("kept", "left-out"):
        assert live.post("/v1/payments", root.payment(), key).status_code == 201
    end = filled.backup().position
    data, _ = filled.restore("--position", ends_of_commands(feed(live))[-2], "--write")
    with filled.serving(data) as copy:
        assert copy.post("/v1/payments", root.payment(), "kept").json()["repeated"]
        again = copy.post("/v1/payments", root.payment(), "left-out").json()
        assert not again["repeated"] and again["position"] == end


def test_no_ledger_is_cut_inside_of_a_command(filled):
    inside = next(event for event in feed(filled.server.client()) if event["command"]["index"] + 1 < event["command"]["count"])
    data, output = filled.restore("--position", inside["position"], "--write", status=2)
    assert "inside of a command" in output and not data.exists()


def test_a_dry_run_says_what_it_would_do_and_does_nothing(filled):
    data, output = filled.restore("--position", 3)
    assert "restored is: positions 1 to 3" in output and "nothing is changed" in output
    assert not data.parent.exists()


def test_nothing_is_restored_over_what_is_there(filled, tmp_path):
    there = tmp_path / "there"
    there.mkdir()
    (there / "letter").write_text("dear")
    _, output = filled.restore("--write", data=there, status=2)
    assert "not an empty directory" in output
    assert [path.name for path in there.iterdir()] == ["letter"]


def test_an_empty_directory_is_restored_into(filled, tmp_path):
    there = tmp_path / "there/data"
    there.mkdir(parents=True)
    filled.restore("--write", data=there)
    with filled.serving(there) as copy:
        assert len(list(feed(copy))) == filled.made.position


@pytest.mark.parametrize("how", ["damaged", "missing"])
@pytest.mark.parametrize("order", [["--verify"], [], ["--write"]], ids=["verify", "dry run", "write"])
def test_a_file_that_is_not_as_it_was_backed_up_is_named(filled, how, order):
    victim = max((filled.to / "files").iterdir(), key=lambda path: path.stat().st_size)
    content = bytearray(victim.read_bytes())
    content[len(content) // 2] ^= 0x10
    victim.unlink() if how == "missing" else victim.write_bytes(content)
    data, output = filled.restore(*order, keys=order != ["--verify"], status=1)
    assert f"file: {victim} is {how}" in output
    assert not data.parent.exists()


def test_a_sound_backup_is_verified_without_a_service(filled):
    filled.server.stop()
    assert "verified: all is well" in filled.restore("--verify", keys=False)[1]


def test_a_missing_manifest_is_noticed_and_an_operator_may_go_on(filled):
    filled.backup()
    shutil.rmtree(filled.to / "backups" / filled.made.name)
    assert "the one with number 1 is missing" in filled.restore(status=1)[1]
    filled.restore("--accept-broken-chain", "--write")
    code, output = billing(filled.binary, "backup", "--data", filled.server.data, "--to", filled.to)
    assert code == 1 and "name a new directory" in output


def test_a_second_backup_copies_only_what_is_new(filled):
    before = filled.stored()
    unchanged = filled.backup()
    assert (unchanged.new, filled.stored()) == (0, before)
    send(filled.server, postings(Books(filled.server.client(), leaves=1), 5))
    more = filled.backup()
    assert 0 < more.new < more.files
    assert before < filled.stored() and len(filled.stored() - before) == more.new
    data, _ = filled.restore("--write")
    with filled.serving(data) as copy:
        assert len(list(feed(copy))) == more.position


def test_a_stopped_service_is_backed_up_and_unchanged_by_it(filled):
    filled.server.stop()
    before = {path: path.stat().st_mtime_ns for path in (filled.server.data / "ledger").iterdir()}
    made = filled.backup()
    assert {path: path.stat().st_mtime_ns for path in (filled.server.data / "ledger").iterdir()} == before
    assert made.position == filled.made.position
    data, _ = filled.restore("--write")
    must(filled.binary, "verify", "--data", data)


def test_personal_data_needs_the_backup_and_the_keys(site):
    api = site.server.client()
    books = Books(api, leaves=0)
    contact = {"contacts": [{"role": "billing", "name": "Ada Lovelace", "email": "ada@example.com"}]}
    answer = api.post(f"/v1/accounts/{books.root}/contacts", contact)
    assert answer.status_code in (200, 201), answer.text
    site.backup()
    assert list(site.to.rglob("*.key*")) == [path for path in site.to.rglob("*") if "person" in path.name] == []
    for keys, name, said in ((True, "Ada Lovelace", "1 are named, of 1 the data can be read"),
                             (False, "erased", "1 are named, of 0 the data can be read")):
        data, output = site.restore("--write", keys=keys)
        assert said in output and ("does not start" in output) != keys
        if not keys:
            assert "1 lost" in must(site.binary, "recover", "keys", "--data", data)
            must(site.binary, "recover", "keys", "--data", data, "--write")
        with site.serving(data) as copy:
            assert copy.get(f"/v1/accounts/{books.root}/contacts").json()["items"][0]["name"] == name


def test_keys_do_not_lie_with_the_ledger_and_nothing_in_the_data_directory(site):
    data = site.server.data
    for to, keys_to in ((site.to, site.to), (site.to, site.to / "keys"), (site.to / "ledger", site.to), (data / "b", site.to),
                        (site.to, data / "b")):
        code, output = billing(site.binary, "backup", "--data", data, "--to", to, "--keys-to", keys_to)
        assert code == 2 and ("--keys-to" in output or "--to" in output), output
        assert not site.to.exists() and not (data / "b").exists()


def test_a_backup_that_is_killed_leaves_the_target_usable_and_no_snapshot(filled):
    snapshots = filled.server.data / "snapshots"
    for number in range(5):
        send(filled.server, postings(Books(filled.server.client(), leaves=1), 5))
        process = subprocess.Popen([filled.binary, "backup", "--data", filled.server.data, "--to", filled.to],
                                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        # From the moment on at which the service has a snapshot for it; a little later each time.
        wait_until(lambda: any(snapshots.iterdir()), 30, "a snapshot")
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(number * 0.01)
        process.kill()
        process.wait(10)
        wait_until(lambda: not any(snapshots.iterdir()), 30, "the end of the snapshot")
        assert process.returncode in (-signal.SIGKILL, 0)
    made = filled.backup()
    assert "verified: all is well" in filled.restore("--verify", keys=False)[1]
    assert not (filled.to / "files/unfinished").exists()
    data, _ = filled.restore("--write")
    with filled.serving(data) as copy:
        assert len(list(feed(copy))) == made.position


FULL_DISK = r"""
mount -t tmpfs -o size=200k none "$2" || exit 99
"$1" backup --data "$3" --to "$2/b" ; echo "first: $?"
ls -A "$2/b/backups" "$2/b/files" | grep -e half -e unfinished -e T.*Z ; echo "left: $?"
mount -o remount,size=64m "$2" || exit 99
"$1" backup --data "$3" --to "$2/b" ; echo "second: $?"
"$1" restore --verify --from "$2/b" ; echo "verify: $?"
"""


def test_a_full_target_is_told_and_a_backup_is_made_once_there_is_space(filled, tmp_path):
    target = tmp_path / "small"
    target.mkdir()
    send(filled.server, postings(Books(filled.server.client(), leaves=1), 400))
    done = subprocess.run(["unshare", "--user", "--map-root-user", "--mount", "sh", "-c", FULL_DISK, "sh", filled.binary, target,
                           filled.server.data], text=True, timeout=120, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    if done.returncode == 99 or "first: " not in done.stdout:
        pytest.skip("no file system of its own for the target: " + done.stdout)
    assert "no backup is made, for there is no space left; those that were there are as they were" in done.stdout, done.stdout
    for said in ("first: 1", "left: 1", "second: 0", "verified: all is well", "verify: 0"):
        assert said in done.stdout, done.stdout


def test_a_service_that_is_killed_leaves_no_snapshot_for_its_next_run(filled):
    left = filled.server.data / "snapshots/9"
    left.mkdir()
    filled.server.restart(hard=True)
    assert not left.exists()
    filled.backup()


def test_a_ledger_that_is_not_there_is_not_backed_up(billing_binary, tmp_path):
    code, output = billing(billing_binary, "backup", "--data", tmp_path / "nowhere", "--to", tmp_path / "backups")
    assert code == 1 and "there is no ledger here" in output

"""Questions as of a position: what was answered once is answered again, byte for byte, whatever came later."""

import subprocess

import pytest

from books import problem
from harness import LedgerServer, wait_until
from scenario import World, days_ago

INTERVAL = 40  # events between two checkpoints


@pytest.fixture
def server(billing_binary, tmp_path):
    server = LedgerServer(billing_binary, tmp_path / "ledger", arguments=["--views-checkpoint-interval", str(INTERVAL),
                                                                          "--views-checkpoints-max", "8"])
    yield server.start()
    server.kill()


class Told:
    """A customer with a tree, groups and documents; every question with its answer at the position it was asked."""

    def __init__(self, server):
        self.world = World(server.client(), "Ada Ltd")
        self.root, self.north, self.south = self.family()
        self.grouping = self.world.do("/v1/groupings", {"customer": self.world.customer, "name": "Regions"})["id"]
        self.group = self.world.do(f"/v1/groupings/{self.grouping}/groups", {"name": "Cold"})["id"]
        self.members([self.north])
        self.then = []

    def family(self):
        root = self.world.account("P")
        return root, self.world.account("N", root, role="payer"), self.world.account("S", root, role="payer")

    def members(self, accounts):
        self.world.do(f"/v1/groupings/{self.grouping}/groups/{self.group}/accounts", {"accounts": accounts})

    def go_on(self, rounds):
        for number in range(rounds):
            for account in (self.north, self.south):
                self.world.issue(account, self.world.line(account, f"{number + 10}.00", "0.2"))
                self.world.pay(account, "5.00")
            self.world.do(f"/v1/accounts/{self.south}/rename", {"name": f"South {self.world.position}"})
        # Recorded now, dated back: it changes figures as of days that were asked about before.
        self.world.issue(self.north, self.world.line(self.north, "99.00"), date=days_ago(40), due_date=days_ago(20))

    def questions(self):
        root, customer, past = self.root, {"customer": self.world.customer}, days_ago(10)
        group = {"grouping": self.grouping, "group": self.group}
        yield f"/v1/accounts/{root}/summary", {"subtree": "true"}
        yield f"/v1/accounts/{root}/summary", {"subtree": "true", "as_of": past}
        yield f"/v1/accounts/{root}/hierarchy", {}
        yield f"/v1/accounts/{root}/hierarchy", {"as_of": past}
        yield "/v1/reports/ageing", customer
        yield "/v1/reports/ageing", {**customer, "as_of": past}
        yield "/v1/reports/ageing", group
        yield f"/v1/groupings/{self.grouping}", {"totals": "true"}
        yield "/v1/reports/statement", {"account": root, "subtree": "true", "from": days_ago(60), "to": days_ago(0)}
        yield "/v1/invoices", {**customer, "limit": 1000}
        yield "/v1/invoices", {**group, "limit": 1000}
        yield "/v1/reports/trial-balance", {}

    def ask_now(self):
        """Asks everything at the newest position, and keeps the answers."""
        answers = []
        for path, params in self.questions():
            answer = self.world.api.get(path, {**params, "min_position": self.world.position})
            assert answer.status_code == 200, answer.text
            assert int(answer.headers["Ledger-Position"]) == self.world.position
            answers.append(answer.content)
        self.then.append((self.world.position, answers))

    def check(self, api):
        """Every answer that was ever given is given again."""
        for position, answers in self.then:
            for (path, params), before in zip(self.questions(), answers):
                again = past(api, path, {**params, "position": position})
                assert again.headers["Ledger-Position"] == str(position)
                assert again.content == before, f"{path} {params} at {position}"


def past(api, path, params):
    """The answer, asked again while its rows are being made."""
    found = []

    def there():
        found[:] = [api.get(path, params)]
        return found[0].status_code != 503

    wait_until(there, 30, lambda: found[0].text)
    assert found[0].status_code == 200, found[0].text
    return found[0]


def checkpoints(server):
    return sorted(path for path in (server.data / "view-checkpoints").iterdir() if path.name.isdigit())


def tell(server):
    told = Told(server)
    for rounds in (2, 12, 9):
        told.go_on(rounds)
        told.ask_now()
    told.go_on(4)
    return told


def verify(binary, data, *flags):
    done = subprocess.run([binary, "verify", "--data", data, *flags], text=True, timeout=120, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT)
    return done.returncode, done.stdout


def test_what_was_answered_is_answered_again_also_after_a_crash_and_a_restart(server):
    told = tell(server)
    told.check(told.world.api)
    for (path, params), before in zip(told.questions(), told.then[0][1]):
        assert told.world.api.get(path, {**params, "min_position": told.world.position}).content != before, path
    wait_until(lambda: len(checkpoints(server)) >= 3, 10, "checkpoints")
    told.check(server.restart(hard=True).client())
    server.restart()
    assert len(checkpoints(server)) >= 3
    told.check(server.client())


def test_a_position_that_cannot_be_answered_is_refused(server):
    api = server.client()
    World(api, "Ada Ltd")
    assert problem(api.get("/v1/customers", {"position": 0})) == (422, "invalid-parameter")
    assert problem(api.get("/v1/customers", {"position": 1, "min_position": 1})) == (422, "invalid-parameter")
    assert problem(api.get("/v1/customers", {"position": 99})) == (504, "position-not-reached")
    assert past(api, "/v1/customers", {"position": 1}).json()["items"][0]["name"] == "Ada Ltd"


def test_a_flipped_byte_in_a_checkpoint_is_named_and_never_answers_wrongly(billing_binary, server):
    told = tell(server)
    told.ask_now()
    server.stop()
    assert verify(billing_binary, server.data)[0] == 0
    first, *_, last = checkpoints(server)
    damaged = []
    for checkpoint, suffix in ((first, ".sst"), (last, "")):
        # Data files are shared with the views; a copy takes the damage alone.
        path = next(one for one in checkpoint.iterdir() if one.name.endswith(suffix) and one.stat().st_size
                    and (suffix or one.name.startswith("MANIFEST")))
        content = bytearray(path.read_bytes())
        content[len(content) // 2] ^= 0x10
        path.unlink()
        path.write_bytes(content)
        damaged.append(path)
    status, output = verify(billing_binary, server.data)
    assert status == 1 and all(f"{path.parent.name}/{path.name}" in output for path in damaged), output
    assert first.exists() and last.exists()
    verify(billing_binary, server.data, "--drop-damaged-views")
    assert not first.exists() and not last.exists()
    told.check(server.start().client())


def test_a_server_on_a_damaged_checkpoint_drops_it_and_says_so(server):
    told = tell(server)
    server.stop()
    victim = checkpoints(server)[1]
    (victim / "CURRENT").write_text("MANIFEST-999999\n")
    server.start()
    wait_until(lambda: f'"checkpoint_dropped","message":"a checkpoint of the views was damaged and is dropped","position":{int(victim.name)},'
               in server.log_tail(), 10, server.log_tail)
    assert not victim.exists()
    told.check(server.client())


def test_rebuilt_views_make_their_checkpoints_anew(server):
    told = tell(server)
    told.ask_now()
    before = [path.name for path in checkpoints(server)]
    server.stop()
    for path in (server.data / "views").glob("*.sst"):
        content = bytearray(path.read_bytes())
        content[len(content) // 2] ^= 0x10
        path.write_bytes(content)
    server.start()
    assert "the views were damaged and are rebuilt" in server.log_tail()
    assert "backup" not in server.log_tail(), "views need none"
    wait_until(lambda: [path.name for path in checkpoints(server)] == before, 20, lambda: checkpoints(server))
    told.check(server.client())


def test_the_metrics_tell_of_past_positions(server):
    told = tell(server)
    told.check(told.world.api)
    page = told.world.api.get("/metrics").text
    values = dict(line.rsplit(" ", 1) for line in page.splitlines() if line.startswith("billing_past"))
    assert float(values['billing_past_jobs_total{outcome="done"}']) >= 3
    assert float(values["billing_past_events_total"]) > 0 and float(values["billing_past_results"]) == 2

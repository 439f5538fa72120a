"""The service as its operator and its reader meet it: health, metrics, keys, settings, totals, personal data."""

import os
import re
import shutil
import subprocess
import time

import pytest
import requests

from books import Books, check_whole, feed, made, money, problem
from harness import LedgerServer, wait_until
from scenario import World


def run(binary, *arguments, environment=None, seconds=30):
    """(exit code, output)."""
    done = subprocess.run([binary, *arguments], text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=seconds,
                          env={**os.environ, **(environment or {})}, stdin=subprocess.DEVNULL)
    return done.returncode, done.stdout


# Health and metrics

def test_livez_and_readyz_want_no_key(ledger_server):
    nobody = ledger_server.client("")
    assert nobody.get("/livez").json()["status"] == "alive"
    ready = nobody.get("/readyz")
    assert ready.status_code == 200
    assert {check["name"]: check["status"] for check in ready.json()["checks"]} == {
        "process": "pass", "store": "pass", "views": "pass"}


def test_promtool_finds_nothing_wrong_with_the_metrics(api):
    if shutil.which("promtool") is None:
        pytest.skip("no promtool")
    Books(api)
    done = subprocess.run(["promtool", "check", "metrics"], input=api.get("/metrics").text, text=True, timeout=30,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    assert (done.returncode, done.stdout) == (0, "")


def test_metrics_show_balanced_books(api):
    books = {currency: Books(api, currency) for currency in ("USD", "KWD")}
    for one in books.values():
        for body in (one.payment("7.00"), one.payment("30.00")):
            made(api.post("/v1/payments", body))
        position = api.post("/v1/invoices", one.invoice("20.00", one.root)).json()["position"]
    api.get("/v1/customers", {"min_position": position})
    values = dict(line.rsplit(" ", 1) for line in api.get("/metrics").text.splitlines() if not line.startswith("#") and line)
    for name in ("trial_balance", "receivables_control_difference", "credit_control_difference"):
        found = {key: value for key, value in values.items() if key.startswith(f"billing_{name}_minor_units")}
        assert len(found) == 2 and set(found.values()) == {"0"}, found
    assert values["billing_log_position"] == str(position)


def test_metrics_show_what_waits_to_be_booked_and_for_how_long(api):
    def values():
        return dict(line.rsplit(" ", 1) for line in api.get("/metrics").text.splitlines() if not line.startswith("#") and line)
    before = float(values()["billing_unbooked_open"])
    made(api.post("/v1/receipts", {"amount": {"amount": "5.00", "currency": "USD"}, "method": "wire", "reference": "nobody's"}))
    # The queue is read again every ten seconds.
    wait_until(lambda: float(values()["billing_unbooked_open"]) == before + 1, 20, "the queue has one more")
    now = values()
    assert 0 < float(now["billing_unbooked_oldest_seconds"]) < 3600


def test_commands_are_counted_under_what_became_of_them_and_long_polls_apart(api):
    def value(name):
        lines = [line for line in api.get("/metrics").text.splitlines() if line.startswith(name + " ")]
        return float(lines[0].split()[-1]) if lines else 0

    accepted = value('billing_commands_total{outcome="accepted"}')
    body = {"name": "A", "currency": "USD"}
    for _ in range(3):
        assert api.post("/v1/customers", body, idempotency_key="once").status_code == 201
    assert api.post("/v1/accounts/acc_01hzy3v8m4e6rt5k2xw9c7d0qf/close", {}).status_code == 404
    assert value('billing_commands_total{outcome="accepted"}') == accepted + 1
    assert value('billing_commands_total{outcome="repeated"}') == 2
    assert value('billing_commands_total{outcome="refused"}') == 1
    assert value('billing_refusals_total{code="unknown-account"}') == 1
    assert value("billing_accounts_frozen") == 0
    assert value('billing_store_free_floor_bytes{database="log"}') == 64 << 20
    assert value('billing_writer_queue_limit_commands{lane="single"}') > 0
    position = value("billing_log_position")
    assert api.get("/v1/events", {"after": int(position), "wait": 1}).json()["items"] == []
    assert value('billing_http_long_poll_duration_seconds_count{method="GET",route="/v1/events"}') == 1
    assert value('billing_http_request_duration_seconds_count{method="GET",route="/v1/events"}') == 0
    assert api.get("/v1/customers", {"min_position": int(position) + 1}, timeout=15).status_code == 504
    assert value('billing_http_long_poll_duration_seconds_count{method="GET",route="/v1/customers"}') == 1, "it waited for a position"


def test_metrics_want_the_key_from_behind_a_proxy(ledger_server):
    assert ledger_server.client("").get("/metrics").status_code == 200
    for header in ("X-Forwarded-For", "Forwarded", "X-Real-IP", "Via"):
        assert ledger_server.client("").get("/metrics", headers={header: "203.0.113.7"}).status_code == 401, header


# Keys

@pytest.mark.parametrize("path", ["/v1/customers", "/v1/events", "/v1/reports/trial-balance"])
def test_nothing_under_v1_is_told_without_the_key(ledger_server, path):
    right = ledger_server.admin_key
    for headers in ({}, {"Authorization": "Bearer "}, {"Authorization": f"Bearer {right}x"}, {"Authorization": f"Basic {right}"},
                    {"Authorization": f"Bearer {right[:-1]}{'0' if right[-1] != '0' else '1'}"}):
        answer = ledger_server.client("").get(path, headers=headers)
        assert problem(answer) == (401, "unauthenticated"), headers
        assert "WWW-Authenticate" in answer.headers


def test_commands_without_the_key_do_nothing(ledger_server):
    nobody = ledger_server.client("")
    assert problem(nobody.post("/v1/customers", {"name": "A", "currency": "USD"})) == (401, "unauthenticated")
    assert nobody.request("POST", "/v1/batches", data=b"{}\n").status_code == 401
    assert list(feed(ledger_server.client())) == []


def test_guessing_keys_is_limited_and_the_right_key_goes_on(ledger_server):
    guesser = ledger_server.client("blk_live_guess")
    statuses = [guesser.get("/v1/customers").status_code for _ in range(30)]
    assert statuses[:20] == [401] * 20 and statuses[-1] == 429
    assert ledger_server.client().get("/v1/customers").status_code == 200


class LinkServer(LedgerServer):
    """Without a key file: the first start prints a link."""

    def command(self):
        command = super().command()
        at = command.index("--admin-key-file")
        return command[:at] + command[at + 2:]


def test_what_stops_writing_is_seen_in_answers_readiness_and_log_alike_and_heals_without_a_restart(billing_binary, tmp_path):
    server = LedgerServer(billing_binary, tmp_path).start()
    api, data = server.client(), server.data
    world = World(api, "Ada Ltd")
    away = data.with_name("away")
    data.rename(away)
    time.sleep(0.2)  # the free space is asked ten times a second
    refused = api.post("/v1/customers", {"name": "Bob Ltd", "currency": "USD"})
    ready = api.get("/readyz")
    away.rename(data)
    assert (refused.status_code, refused.json()["code"]) == (503, "storage-full")
    check = next(one for one in ready.json()["checks"] if one["name"] == "store")
    assert ready.status_code == 503 and check["status"] == "fail" and "store.free_space_floor_mb" in check["detail"]
    wait_until(lambda: '"store_full"' in server.log_tail(), 10, server.log_tail)
    assert api.get("/readyz").status_code == 200, "who is not ready is sent no command that would make it so"
    world.account("A")
    assert api.get("/readyz").status_code == 200
    wait_until(lambda: '"store_writing"' in server.log_tail(), 10, server.log_tail)
    server.stop()


def test_a_witness_may_have_a_file_system_of_its_own(billing_binary, tmp_path):
    (tmp_path / "disk/lost+found").mkdir(parents=True)
    server = LedgerServer(billing_binary, tmp_path, arguments=["--witness-dir", str(tmp_path / "disk")]).start()
    server.stop()
    assert (tmp_path / "disk/witness").exists()


@pytest.mark.parametrize("left", ["views", "view-checkpoints", "keys", "witness"])
def test_a_ledger_that_is_gone_beside_what_it_left_is_not_begun_anew(billing_binary, tmp_path, left):
    server = LedgerServer(billing_binary, tmp_path).start()
    user = {"customer": World(server.client(), "Ada Ltd").customer, "role": "viewer", "name": "Ada", "email": "ada@example.org"}
    assert server.client().post("/v1/users", user).status_code == 201
    server.stop()
    kept = tmp_path / "kept"
    kept.mkdir()
    for path in server.data.iterdir():
        if path.name != left:
            path.rename(kept / path.name)
    made = server.data / left / f"{40:020}"  # as the first checkpoint is named
    if left == "view-checkpoints":
        made.mkdir()
    for command in (["serve", "--data", server.data, "--admin-key-file", server.key_file], ["config", "check", "--data", server.data]):
        status, output = run(billing_binary, *command)
        assert status != 0 and "there is no ledger in" in output and f"/{left}/" in output and "is of one" in output, output
    assert sorted(path.name for path in server.data.iterdir()) == [left]
    if left == "view-checkpoints":
        made.rmdir()
    for path in kept.iterdir():
        path.rename(server.data / path.name)
    assert server.start().client().get("/v1/customers").json()["items"][0]["name"] == "Ada Ltd"
    server.stop()


def test_the_first_login_link_works_once(billing_binary, tmp_path):
    server = LinkServer(billing_binary, tmp_path / "ledger").start()
    wait_until(lambda: "/first-login?token=" in server.log.read_text(), 5, server.log_tail)
    link = re.search(r"http://\S*/first-login\?token=\S+", server.log.read_text()).group(0)
    nobody = server.client("")
    assert requests.head(link, timeout=10).status_code < 500  # looking does not use it up
    wrong = nobody.get("/first-login?token=wrong")
    assert 400 <= wrong.status_code < 500 and "blk_live" not in wrong.text
    first = requests.get(link, timeout=10)
    key = re.search(r"blk_live_[A-Za-z0-9_-]+", first.text).group(0)
    assert first.status_code == 200 and "no-store" in first.headers["Cache-Control"]
    again = requests.get(link, timeout=10)
    assert 400 <= again.status_code < 500 and "blk_live" not in again.text
    assert server.client(key).get("/v1/customers").status_code == 200
    server.restart()
    assert server.client(key).get("/v1/customers").status_code == 200
    assert server.log.read_text().count("first-login?token") == 1
    assert key.encode() not in b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    server.kill()


# Settings and the command line

def test_a_misspelt_setting_is_refused_with_its_line(billing_binary, tmp_path):
    file = tmp_path / "billing.toml"
    file.write_text('[server]\nlisten = "127.0.0.1:1"\n\n[store]\ndatta = "x"\n')
    status, output = run(billing_binary, "config", "check", "--config", file)
    assert status != 0 and "datta" in output and re.search(r"\b5\b", output), output


@pytest.mark.parametrize("text", ['[server]\nlisten = "nowhere"\n', "[server]\nthreads = 1000\n", "not toml", "[server]\nthreads = []\n",
                                  '[operator]\ntime_zone = "Mars/Olympus"\n', '[overdue]\nstage_days = "30,30"\n',
                                  '[overdue]\nstage_days = "0,30"\n', '[overdue]\nstage_days = ""\n', '[overdue]\nstage_days = "30,"\n',
                                  '[overdue]\nstage_days = "1,2,3,4,5,6,7,8,9,10,11"\n', '[overdue]\nbilling_flag_from = 4\n',
                                  '[overdue]\nbilling_flag_from = 0\n'])
def test_a_wrong_value_is_refused(billing_binary, tmp_path, text):
    file = tmp_path / "billing.toml"
    file.write_text(text)
    assert run(billing_binary, "config", "check", "--config", file)[0] != 0
    status, output = run(billing_binary, "serve", "--config", file, "--data", tmp_path / "data")
    assert status != 0 and output.strip()
    assert not (tmp_path / "data").exists()


WRONG = {  # what `serve` refuses, and the name that the refusal must have in it
    "log.level": '[log]\nlevel = "loud"\n',
    "server.listen": '[server]\nlisten = "localhost:8080"\n',
    "server.connections_max": "[server]\nconnections_max = 0\n",
    "server.connections_per_address_max": "[server]\nconnections_per_address_max = 0\n",
    "server.trusted_proxies": '[server]\ntrusted_proxies = "10.0.0.0/33"\n',
    "server.memory_mb": "[server]\nmemory_mb = 0\n",
    "server.memory_per_address_mb": "[server]\nmemory_per_address_mb = 0\n",
    "server.queue_ms_max": "[server]\nqueue_ms_max = 0\n",
    "store.data": '[store]\ndata = ""\n',
    "kafka.brokers": '[kafka]\nbrokers = "127.0.0.1"\n',
    "kafka.topic": '[kafka]\ntopic = "a b"\n',
    "kafka.min_insync": "[kafka]\nreplication_factor = 1\nmin_insync = 2\n",
    "sasl.invented": '[kafka.security]\n"sasl.invented" = "x"\n',
    "acks": '[kafka.security]\nacks = "0"\n',
    "security.protocol": '[kafka.security]\n"security.protocol" = "carrier-pigeon"\n',
    "kafka.security": '[kafka.security]\nsasl.username = "a key with a point is quoted"\n',
    "identity.new_link": '[identity]\nnew_link = "perhaps"\n',
    "views.past_memory_mb": "[views]\npast_memory_mb = -1\n",
}


@pytest.mark.parametrize("name", WRONG)
def test_config_check_and_serve_refuse_the_same_and_name_the_setting(billing_binary, tmp_path, name):
    file = tmp_path / "billing.toml"
    file.write_text(WRONG[name])
    checked = run(billing_binary, "config", "check", "--config", file)
    assert checked[0] == 2 and name in checked[1], checked
    # A flag goes before the file: only where the data directory is not what is wrong.
    served = run(billing_binary, "serve", "--config", file, *([] if name == "store.data" else ["--data", tmp_path / "data"]))
    assert served == checked
    assert sorted(path.name for path in tmp_path.iterdir()) == ["billing.toml"]


@pytest.mark.parametrize("brokers", ["none", "embedded", "a:1", "a:1,b.example:2,[::1]:9092", "127.0.0.1:9092"])
def test_config_check_takes_these_brokers(billing_binary, brokers):
    assert run(billing_binary, "config", "check", "--kafka", brokers)[0] == 0


@pytest.mark.parametrize("brokers", ["", "a", "a:", ":1", "a:0", "a:70000", "a:1,", "a:1,,b:2", "a b:1", "::1:9092", "http://a:1"])
def test_config_check_refuses_these_brokers(billing_binary, brokers):
    status, output = run(billing_binary, "config", "check", "--kafka", brokers)
    assert status == 2 and "kafka.brokers" in output, output


def test_files_that_serve_would_refuse_are_refused_by_config_check(billing_binary, tmp_path):
    key, plain = tmp_path / "key", tmp_path / "file"
    plain.write_text("")
    for content, mode in (("no key", 0o600), ("blk_live_" + "0" * 30, 0o644)):
        key.write_text(content)
        key.chmod(mode)
        for command in (("config", "check"), ("serve", "--data", tmp_path / "data")):
            status, output = run(billing_binary, *command, "--admin-key-file", key)
            assert status == 2 and "identity.admin_key_file" in output, output
    status, output = run(billing_binary, "config", "check", "--data", plain)
    assert status == 2 and "store.data" in output
    status, output = run(billing_binary, "config", "check", "--witness-dir", plain)
    assert status == 2 and "store.witness_dir" in output
    assert not (tmp_path / "data").exists()


def everything(folder):
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))


def test_a_failed_start_leaves_nothing_behind(billing_binary, ledger_server, tmp_path):
    there = tmp_path / "there"
    there.mkdir()
    arguments = ["--data", there / "new" / "data", "--admin-key-file", there / "keys" / "admin.key",
                 "--witness-dir", there / "elsewhere" / "witness"]
    (there / "keys").mkdir()
    before = everything(there)
    # The port is taken: found before anything is made.
    status, output = run(billing_binary, "serve", *arguments, "--listen", f"127.0.0.1:{ledger_server.port}")
    assert status == 1 and "server.listen" in output, output
    assert everything(there) == before
    # The key file cannot be written: found when the ledger is made and open already.
    (there / "keys").rmdir()
    before = everything(there)
    status, output = run(billing_binary, "serve", *arguments, "--listen", "127.0.0.1:0")
    assert status == 1 and "identity.admin_key_file" in output, output
    assert everything(there) == before


def test_a_failed_start_leaves_a_ledger_that_was_there_as_it_was(billing_binary, ledger_server, tmp_path):
    Books(ledger_server.client())
    ledger_server.stop()
    data = ledger_server.data
    before = everything(data)
    status, output = run(billing_binary, "serve", "--data", data, "--listen", "127.0.0.1:0",
                         "--admin-key-file", tmp_path / "no" / "such" / "folder" / "key")
    assert status == 1, output
    assert [name for name in before if not (data / name).exists() and name.startswith(("ledger/CURRENT", "identity", "keys"))] == []
    check_whole(ledger_server.start().client())


def test_a_flag_beats_the_environment_which_beats_the_file(billing_binary, tmp_path):
    file = tmp_path / "billing.toml"
    file.write_text("[server]\nthreads = 3\n")

    def threads(*arguments, **environment):
        status, output = run(billing_binary, "config", "print", *arguments, environment=environment)
        assert status == 0, output
        return re.search(r'^threads = "?(\d+)', output, re.MULTILINE).group(1)

    assert threads() == "2"
    assert threads("--config", file) == "3"
    assert threads(BILLING_CONFIG=str(file)) == "3"
    assert threads("--config", file, BILLING_SERVER_THREADS="4") == "4"
    assert threads("--config", file, "--threads", "5", BILLING_SERVER_THREADS="4") == "5"


def test_secrets_are_masked(billing_binary, tmp_path):
    file = tmp_path / "billing.toml"
    file.write_text('[kafka]\nbrokers = "b:9093"\n[kafka.security]\n"sasl.username" = "ann"\n"sasl.password" = "hunter2"\n')
    status, output = run(billing_binary, "config", "print", "--config", file)
    assert status == 0 and "hunter2" not in output and "sasl.password" in output and "b:9093" in output, output


def test_what_config_print_prints_is_a_configuration(billing_binary, tmp_path):
    file = tmp_path / "printed.toml"
    file.write_text(run(billing_binary, "config", "print")[1])
    status, output = run(billing_binary, "config", "check", "--config", file)
    assert status == 0, output


def test_help_teaches(billing_binary):
    status, output = run(billing_binary, "--help")
    assert status == 0
    for word in ("serve", "verify", "config", "version", "import", "billing serve --data"):
        assert word in output, word
    status, output = run(billing_binary, "serve", "--help")
    assert status == 0 and "--listen" in output and "BILLING_SERVER_LISTEN" in output and "127.0.0.1:8080" in output


def test_a_wrong_command_line_is_refused_with_a_hint(billing_binary):
    for arguments in ((), ("sreve",), ("serve", "--nonsense")):
        status, output = run(billing_binary, *arguments)
        assert (status != 0 or arguments == ()) and "help" in output, arguments


def test_version_tells_what_runs(billing_binary):
    status, output = run(billing_binary, "version")
    assert status == 0 and output.startswith("billing ") and len(output.splitlines()) == 1
    assert run(billing_binary, "--version") == (0, output)


def test_the_root_answers_a_person(ledger_server):
    nobody = ledger_server.client("")
    text = nobody.get("/", headers={"Accept": "*/*"})
    assert text.status_code == 200 and text.headers["Content-Type"].startswith("text/plain")
    assert "Billing Ledger" in text.text and "/docs" in text.text and "ready" in text.text and "not ready" not in text.text
    page = nobody.get("/", headers={"Accept": "text/html"})
    for link in set(re.findall(r'href="([^"]+)"', page.text)):
        assert nobody.get(link).status_code == 200, link


def test_the_type_of_a_problem_leads_to_the_documentation(ledger_server):
    nobody = ledger_server.client("")
    kind = nobody.get("/v1/customers").json()["type"]
    answer = nobody.get(kind)
    assert answer.status_code == 303
    page, _, anchor = answer.headers["Location"].partition("#")
    assert anchor == "problem-unauthenticated" and nobody.get(page).status_code == 200


def test_a_port_that_is_taken_is_told(billing_binary, ledger_server, tmp_path):
    other = LedgerServer(billing_binary, tmp_path / "other")
    other.port = ledger_server.port
    status, output = run(billing_binary, *other.command()[1:])
    assert status != 0 and str(other.port) in output and "in use" in output.lower(), output


def test_a_server_stops_on_sigterm_while_clients_hold_connections(ledger_server):
    api = ledger_server.client()
    api.get("/v1/customers")
    ledger_server.stop(10)


# What readers see

def test_totals_of_the_hierarchy_are_right_at_once_after_a_move(api):
    books = Books(api)
    branch, other = books.open("branch", books.root), books.open("other", books.root)
    leaf = books.open("moving", branch)
    made(api.post("/v1/invoices", books.invoice("20.00", leaf)))
    for parent, expected in ((other, (0, 20, 20)), (None, (0, 0, 0)), (leaf, None), (branch, (20, 0, 20))):
        answer = api.post(f"/v1/accounts/{leaf}/move", {"new_parent": parent})
        if expected is None:
            assert problem(answer) == (409, "hierarchy-cycle")
            continue
        assert answer.status_code == 200, answer.text
        position = answer.json()["position"]
        found = [money(api.get(f"/v1/accounts/{account}", {"min_position": position}).json()["subtree"]["balance"])
                 for account in (branch, other, books.root)]
        assert tuple(found) == expected
    check_whole(api)


def test_a_group_is_a_set(api):
    books = Books(api, leaves=3)
    for number, leaf in enumerate(books.leaves):
        made(api.post("/v1/invoices", books.invoice(f"{10 ** number}.00", leaf)))
    grouping = made(api.post("/v1/groupings", {"customer": books.customer, "name": "Regions"}))
    base = f"/v1/groupings/{grouping}/groups"
    top = made(api.post(base, {"name": "Top"}))
    subs = [made(api.post(base, {"name": name, "parent": top})) for name in ("One", "Two")]
    first, second, _ = books.leaves
    for group, accounts in ((subs[0], [first, second]), (subs[1], [second]), (top, [first])):
        answer = api.post(f"{base}/{group}/accounts", {"accounts": accounts})
        assert answer.status_code == 200, answer.text

    def balances():
        position = list(feed(api))[-1]["position"]
        groups = {group: api.get(f"{base}/{group}", {"min_position": position}) for group in (*subs, top)}
        return [money(groups[group].json()["summary"]["totals"]["balance"]) for group in (*subs, top)]

    assert balances() == [11, 10, 11]  # each account once, although reached on several ways
    assert api.post(f"{base}/{subs[0]}/accounts/remove", {"accounts": [second]}).status_code == 200
    assert balances() == [1, 10, 11]
    assert api.post(f"{base}/{subs[1]}/accounts/remove", {"accounts": [second]}).status_code == 200
    assert balances() == [1, 0, 1]
    assert problem(api.post(f"{base}/{top}/nest", {"parent": subs[0]})) == (409, "group-cycle")


def test_a_rename_tells_the_old_and_the_new_name(api):
    books = Books(api)
    old = api.get(f"/v1/accounts/{books.root}").json()["name"]
    answer = api.post(f"/v1/accounts/{books.root}/rename", {"name": "Ünïcode & Söhne", "reason": "merger"})
    data = list(feed(api))[-1]
    assert data["type"] == "account.Renamed" and answer.json()["events"] == [data]
    assert {name: data["data"][name] for name in ("old_name", "new_name", "reason")} == {
        "old_name": old, "new_name": "Ünïcode & Söhne", "reason": "merger"}


def test_personal_data_is_neither_in_the_feed_nor_in_the_clear_on_disk(api, ledger_server):
    books = Books(api, name="A company whose name is no secret")
    secrets = ["zed.unique@example.com", "Zedekiah Unique", "+15550104477", "con.unique@example.com", "Connie Unique"]
    made(api.post("/v1/users", {"customer": books.customer, "role": "viewer", "name": secrets[1], "email": secrets[0],
                                "phone": secrets[2]}))
    answer = api.post(f"/v1/accounts/{books.root}/contacts",
                      {"contacts": [{"role": "billing", "name": secrets[4], "email": secrets[3]}]})
    assert answer.status_code == 200, answer.text
    seen = api.get("/v1/users", {"customer": books.customer, "min_position": answer.json()["position"]}).text \
        + api.get(f"/v1/accounts/{books.root}/contacts").text
    assert all(one in seen for one in secrets), seen
    told = api.get("/v1/events", {"after": 0}).text + api.get("/v1/activity", {"customer": books.customer}).text
    assert [one for one in secrets if one in told] == []

    def on_disk():
        return {path: path.read_bytes().lower() for path in ledger_server.folder.rglob("*") if path.is_file()}

    def found(files):
        return [(one, str(path)) for path, content in files.items() for one in secrets if one.lower().encode() in content]

    assert found(on_disk()) == []
    ledger_server.stop()
    files = on_disk()
    assert found(files) == []
    assert any(b"a company whose name is no secret" in content for content in files.values()), "the search sees nothing"
    ledger_server.start()
    again = ledger_server.client().get("/v1/users", {"customer": books.customer}).text
    assert secrets[0] in again

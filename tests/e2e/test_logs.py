"""The log, the ids of requests and the access log, as an operator meets them."""

import json
import re
import signal
import subprocess
import time

import pytest

from books import Books, made, problem
from harness import LedgerServer, wait_until
from log_lines import line, lines

CANARIES = ["Zedekiah Canary", "zed.canary@example.org", "+15550199477", "REF-canary-77", "DESC-canary-5", "Canary & Sons", "reason-canary"]


def start(binary, folder, *arguments, **settings):
    """A server whose settings file has these of [log]; server.settings is that file."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "billing.toml"
    write(file, **settings)
    server = LedgerServer(binary, folder, arguments=["--config", str(file), *arguments])
    server.settings = file
    return server.start()


def write(file, **settings):
    file.write_text("[log]\n" + "".join(f"{name} = {json.dumps(value)}\n" for name, value in settings.items()))


def reload(server):
    server.process.send_signal(signal.SIGHUP)


# Lines

def test_the_log_is_a_json_object_a_line_from_the_first_to_the_last(billing_binary, tmp_path):
    server = start(billing_binary, tmp_path, level="debug")
    server.stop()
    found = lines(server)
    assert [one["event"] for one in found if one["event"] in ("starting", "ready", "stopping", "stopped")] == [
        "starting", "ready", "stopping", "stopped"]
    for one in found:
        assert list(one)[:3] == ["time", "level", "event"], one
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", one["time"]), one
        assert one["level"] in ("debug", "info", "warning", "error") and re.fullmatch(r"[a-z_]+", one["event"]), one
    began = line(server, "starting")
    assert began["version"] and began["data"] == str(server.data)
    sources = line(server, "settings")
    assert sources["file"] == "log.level" and "store.data" in sources["flags"] and "identity.admin_key_file" in sources["flags"]
    assert line(server, "ready")["url"] == server.url


def test_a_plain_log_is_for_people(billing_binary, tmp_path):
    server = start(billing_binary, tmp_path, format="plain")
    server.stop()
    assert re.search(r"^\S+Z info    ready: requests are served url=http://127", server.log.read_text(), re.MULTILINE)


def test_a_refused_key_is_told_with_its_network_and_not_with_the_key_and_repeats_are_counted(billing_binary, tmp_path):
    server = start(billing_binary, tmp_path)
    guesser = server.client("blk_live_canary")
    for _ in range(60):
        guesser.get("/v1/customers")
    wait_until(lambda: lines(server, "request_refused_by_limit"), 10, server.log_tail)
    server.stop()
    refused, limited, left_out = (lines(server, event) for event in ("key_refused", "request_refused_by_limit", "lines_left_out"))
    assert len(refused) == 20 and {one["address"] for one in refused} == {"127.0.0.0/24"} and {one["code"] for one in refused} == {"unauthenticated"}
    assert len(limited) == 20 and {(one["status"], one["code"], one["route"]) for one in limited} == {(429, "too-many-requests", "/v1/customers")}
    assert [(one["of"], one["lines"]) for one in left_out] == [("request_refused_by_limit", 20)]
    assert "canary" not in server.log.read_text()


def test_slow_requests_and_commits_are_told_and_long_polls_are_not(billing_binary, tmp_path):
    server = start(billing_binary, tmp_path)
    # Not from the start: the many questions whether it is ready yet would be as many lines.
    write(server.settings, slow_request_ms=0, slow_commit_ms=0)
    reload(server)
    line(server, "settings_read")
    api = server.client()
    api.get("/v1/events", {"after": 0, "wait": 1}, headers={"Request-Id": "polls"})
    made(api.post("/v1/customers", {"name": "A", "currency": "USD"}, headers={"Request-Id": "commands"}))
    slow = line(server, "request_slow", request_id="commands")
    assert (slow["route"], slow["method"], slow["status"], slow["address"]) == ("/v1/customers", "POST", 201, "127.0.0.0/24")
    assert slow["duration_us"] > 0
    assert lines(server, "commit_slow")[-1]["events"] == 1
    server.stop()
    assert [one for one in lines(server, "request_slow") if one["request_id"] == "polls"] == []
    usual = start(billing_binary, tmp_path / "usual")
    made(usual.client().post("/v1/customers", {"name": "A", "currency": "USD"}))
    usual.stop()
    assert lines(usual, "request_slow") + lines(usual, "commit_slow") == []


def test_a_full_disk_is_told_when_it_begins_and_when_it_ends(billing_binary, tmp_path):
    server = start(billing_binary, tmp_path)
    away = server.data.with_name("away")
    server.data.rename(away)
    low = line(server, "space_low")
    away.rename(server.data)
    assert low["level"] == "error" and low["free_bytes"] < low["floor_bytes"] == 64 << 20
    line(server, "space_enough")
    server.stop()


# Request ids

def test_each_answer_has_the_id_of_its_request_and_a_problem_says_it_too(ledger_server, api):
    assert api.get("/v1/customers", headers={"Request-Id": "My.id-7_x"}).headers["Request-Id"] == "My.id-7_x"
    ids = set()
    for path in ("/livez", "/v1/customers", "/v1/nothing", "/v1/accounts/acc_01hzy3v8m4e6rt5k2xw9c7d0qf", "/docs"):
        answer = api.get(path)
        ids.add(answer.headers["Request-Id"])
        if answer.status_code >= 400:
            assert answer.json()["request_id"] == answer.headers["Request-Id"]
    assert len(ids) == 5 and all(re.fullmatch("[0-9a-f]{16}", one) for one in ids), ids
    nobody = ledger_server.client("").get("/v1/customers", headers={"Request-Id": "x" * 65})
    assert problem(nobody) == (401, "unauthenticated") and re.fullmatch("[0-9a-f]{16}", nobody.json()["request_id"])
    batch = api.request("POST", "/v1/batches", data=b"{}\n", headers={"Request-Id": "batch"})
    assert batch.status_code == 200 and batch.headers["Request-Id"] == "batch"


# The access log

def test_the_access_log_names_routes_keys_and_sizes(billing_binary, tmp_path):
    server = start(billing_binary, tmp_path, access=True)
    api = server.client()
    account = Books(api).root
    api.get(f"/v1/accounts/{account}?as_of=2026-01-01", headers={"Request-Id": "one"})
    one = line(server, "request", request_id="one")
    assert (one["method"], one["route"], one["status"], one["address"], one["key"]) == (
        "GET", "/v1/accounts/{account_id}", 200, "127.0.0.0/24", "admin-key")
    assert one["bytes_in"] > 0 and one["bytes_out"] > 0 and one["duration_us"] > 0 and one["level"] == "info"
    server.client("").get("/v1/customers", headers={"Request-Id": "two"})
    two = line(server, "request", request_id="two")
    assert (two["status"], two["code"], two["key"]) == (401, "unauthenticated", "")
    api.request("POST", "/v1/batches", data=b"{}\n", headers={"Request-Id": "three"})
    assert line(server, "request", request_id="three")["key"] == "admin-key"
    metrics = api.get("/metrics").text
    assert "\nbilling_log_dropped_lines_total 0\n" in metrics
    assert account not in server.log.read_text() and "2026-01-01" not in server.log.read_text()
    server.stop()


def test_without_the_setting_there_is_no_access_log(ledger_server, api):
    api.get("/v1/customers")
    ledger_server.stop()
    assert lines(ledger_server, "request") == []


def test_a_log_that_nobody_reads_holds_up_no_request(billing_binary, tmp_path):
    server = LedgerServer(billing_binary, tmp_path, arguments=["--log-access", "true"])
    server.process = subprocess.Popen(server.command(), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                      stderr=subprocess.PIPE, cwd=tmp_path)
    wait_until(server.ready_or_ended, 30, "ready")
    api = server.client()
    # A pipe takes 64 KiB and 4,096 lines wait: these are more.
    for _ in range(6_000):
        assert api.get("/livez").status_code == 200
    dropped = re.search(r"^billing_log_dropped_lines_total (\d+)$", api.get("/metrics").text, re.MULTILINE)
    assert int(dropped.group(1)) > 500
    server.kill()
    server.process.stderr.close()


# Personal data and secrets

def test_no_key_name_address_or_reference_is_in_any_line(billing_binary, tmp_path):
    server = start(billing_binary, tmp_path, level="debug", access=True, slow_request_ms=0, slow_commit_ms=0)
    api = server.client()
    name, email, phone, reference, description, company, reason = CANARIES
    books = Books(api, name=company)
    made(api.post("/v1/users", {"customer": books.customer, "role": "viewer", "name": name, "email": email, "phone": phone}))
    assert api.post(f"/v1/accounts/{books.root}/contacts", {"contacts": [{"role": "billing", "name": name, "email": email}]}).status_code == 200
    made(api.post("/v1/payments", books.payment("7.00") | {"reference": reference}))
    made(api.post("/v1/receipts", {"amount": {"amount": "5.00", "currency": "USD"}, "method": "wire", "reference": reference}))
    assert api.post(f"/v1/accounts/{books.root}/rename", {"name": company + " Ltd", "reason": reason}).status_code == 200
    # In places where they do not belong, so that they are refused.
    bad = [api.get("/v1/customers", {"external_id": email}), api.get("/v1/customers", {email: name}), api.get(f"/v1/customers/{email}"),
           api.get(f"/{name}"), api.post("/v1/customers", {"name": company, "currency": email}), api.post("/v1/customers", {email: name}),
           api.request("POST", "/v1/customers", data=name.encode()),
           api.get("/v1/customers", headers={"Authorization": f"Bearer {server.admin_key}x"}),
           api.get("/v1/customers", headers={"Request-Id": email}), api.get("/v1/customers", headers={"Cookie": name, "User-Agent": email}),
           api.post("/v1/customers", {"name": company, "currency": "USD"}, idempotency_key=reference),
           api.post("/v1/customers", {"name": name, "currency": "USD"}, idempotency_key=reference),
           api.request("POST", "/v1/batches", data=json.dumps({"id": reference, "command": email, "body": {"name": name}}).encode() + b"\n"),
           api.request("PATCH", f"/v1/users/{email}", data=description.encode()), api.get(f"/first-login?token={reference}"),
           api.get(f"/v1/customers?%ff={reference}")]
    assert {answer.status_code for answer in bad} >= {400, 401, 404, 422}
    assert len(api.get("/v1/events", {"after": 0}).json()["items"]) > 3
    server.stop()
    text = server.log.read_text()
    assert len(lines(server, "request")) >= len(bad), "the search sees nothing"
    secrets = [*CANARIES, server.admin_key, "canary", "zed.", "%20Canary"]
    assert [one for one in secrets if one.lower() in text.lower()] == []


# Settings that change

def test_hup_takes_what_can_change_and_says_what_waits_for_a_restart(billing_binary, tmp_path):
    server = start(billing_binary, tmp_path, level="info")
    api = server.client()
    server.settings.write_text('[log]\naccess = true\nslow_request_ms = 0\n[server]\nthreads = 3\n[kafka.security]\n"sasl.password" = "hunter2"\n')
    reload(server)
    line(server, "settings_read")
    assert {(one["key"], one["from"], one["to"]) for one in lines(server, "setting_changed")} == {
        ("log.access", "false", "true"), ("log.slow_request_ms", "1000", "0")}
    assert {(one["key"], one.get("to")) for one in lines(server, "setting_waits")} == {("server.threads", "3"), ("kafka.security", None)}
    api.get("/v1/customers", headers={"Request-Id": "after"})
    line(server, "request", request_id="after")
    line(server, "request_slow", request_id="after")
    write(server.settings, level="error")
    reload(server)
    wait_until(lambda: ("log.access", "false") in {(one["key"], one["to"]) for one in lines(server, "setting_changed")}, 10, server.log_tail)
    time.sleep(0.2)
    api.get("/v1/customers", headers={"Request-Id": "quiet"})
    server.stop()
    assert "quiet" not in server.log.read_text() and lines(server, "stopped") == []
    assert "hunter2" not in server.log.read_text()


@pytest.mark.parametrize("text", ["[log]\nlevel = \"loud\"\n", "not toml", "[log]\nlevell = \"info\"\n"])
def test_hup_with_a_file_that_is_not_valid_changes_nothing(billing_binary, tmp_path, text):
    server = start(billing_binary, tmp_path, access=True)
    server.settings.write_text(text)
    reload(server)
    refused = line(server, "settings_refused")
    assert refused["level"] == "error" and "billing config check" in refused["message"] and refused["why"]
    server.client().get("/livez", headers={"Request-Id": "still"})
    line(server, "request", request_id="still")
    server.settings.unlink()
    reload(server)
    wait_until(lambda: len(lines(server, "settings_refused")) == 2, 10, server.log_tail)
    server.stop()

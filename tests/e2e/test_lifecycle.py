"""How a service starts and stops: what it answers meanwhile, and what it tells whoever started it."""

import http.client
import json
import os
import re
import signal
import socket
import threading
import time

import pytest
import requests

from books import RawRequest
from harness import LedgerServer, wait_until
from log_lines import line, lines


@pytest.fixture
def draining_server(billing_binary, tmp_path):
    """A server that drains for two seconds."""
    server = LedgerServer(billing_binary, tmp_path / "ledger", arguments=["--drain-seconds", "2"])
    server.drain = ()
    server.start()
    yield server
    server.kill()


def terminate(server):
    server.process.send_signal(signal.SIGTERM)
    line(server, "draining")


class Polling(threading.Thread):
    """A GET on a thread of its own."""

    def __init__(self, client, path, **params):
        super().__init__(daemon=True)
        self.client, self.path, self.params, self.answer = client, path, params, None
        self.start()

    def run(self):
        self.answer = self.client.get(self.path, self.params, timeout=60)


def customer_in_two_parts(server):
    """A slow upload: its first part is sent; (the request, the second part)."""
    body = json.dumps({"name": "Slow Ltd", "currency": "USD"}).encode()
    request = RawRequest(server, "/v1/customers", len(body), ["Content-Type: application/json", "Idempotency-Key: slow"])
    request.send(body[:10])
    return request, body[10:]


# The end

def test_a_draining_service_says_so_and_serves_until_it_stops(draining_server):
    api = draining_server.client()
    terminate(draining_server)
    ready = api.get("/readyz")
    assert (ready.status_code, ready.json()["status"], ready.json()["state"]) == (503, "not_ready", "draining")
    assert ready.json()["checks"][0]["name"] == "process" and ready.json()["checks"][0]["state"] == "draining"
    # A new connection, too.
    fresh = draining_server.client()
    assert fresh.get("/livez").status_code == 200
    assert fresh.post("/v1/customers", {"name": "Late Ltd", "currency": "USD"}).status_code == 201
    assert draining_server.process.wait(20) == 0
    assert [one["event"] for one in lines(draining_server) if one["event"] in ("draining", "stopping", "stopped")] == [
        "draining", "stopping", "stopped"]
    api = draining_server.start().client()
    assert [one["name"] for one in api.get("/v1/customers").json()["items"]] == ["Late Ltd"]


def test_a_stop_answers_long_polls_and_finishes_what_is_under_way(draining_server):
    poll = Polling(draining_server.client(), "/v1/events", after=0, wait=20)
    waits = Polling(draining_server.client(), "/v1/customers", min_position=1)
    upload, rest = customer_in_two_parts(draining_server)
    batch = RawRequest(draining_server, "/v1/batches", 1_000, ["Content-Type: application/x-ndjson"])
    first = json.dumps({"id": "b-1", "command": "customer.create", "body": {"name": "Batch Ltd", "currency": "USD"}}).encode() + b"\n"
    time.sleep(0.3)
    began = time.monotonic()
    terminate(draining_server)
    line(draining_server, "stopping")
    poll.join(10)
    waits.join(10)
    assert time.monotonic() - began < 10, "it waited for the polls' own time"
    assert poll.answer.status_code == 200 and poll.answer.json()["items"] == []
    assert waits.answer.status_code == 504 and waits.answer.json()["code"] == "position-not-reached"
    upload.send(rest)
    assert upload.answer().status == 201
    batch.send(first)
    batch.send(b" " * (1_000 - len(first) - 1) + b"\n")
    answered = batch.answer()
    assert answered.status == 200 and json.loads(answered.read().splitlines()[0])["status"] == 201
    assert draining_server.process.wait(20) == 0
    names = [one["name"] for one in draining_server.start().client().get("/v1/customers").json()["items"]]
    assert sorted(names) == ["Batch Ltd", "Slow Ltd"]


def test_what_does_not_finish_is_cut_after_the_time_that_is_set(billing_binary, tmp_path):
    server = LedgerServer(billing_binary, tmp_path, arguments=["--stop-seconds-max", "1"]).start()
    upload, _ = customer_in_two_parts(server)
    began = time.monotonic()
    terminate(server)
    assert server.process.wait(20) == 0
    assert 1 <= time.monotonic() - began < 8
    with pytest.raises((OSError, http.client.HTTPException)):
        upload.answer()


def test_a_second_signal_stops_at_once(billing_binary, tmp_path):
    server = LedgerServer(billing_binary, tmp_path, arguments=["--stop-seconds-max", "600"]).start()
    upload, _ = customer_in_two_parts(server)
    terminate(server)
    line(server, "stopping")
    time.sleep(0.5)
    assert server.running(), "it waits for the upload"
    server.process.send_signal(signal.SIGTERM)
    assert server.process.wait(8) == 0
    line(server, "stopping_at_once")
    upload.close()


def test_a_second_signal_ends_the_drain_too(billing_binary, tmp_path):
    server = LedgerServer(billing_binary, tmp_path, arguments=["--drain-seconds", "600"])
    server.drain = ()
    server.start()
    terminate(server)
    server.process.send_signal(signal.SIGINT)
    assert server.process.wait(8) == 0
    assert line(server, "stopping")["seconds_max"] == 0


# The start

def test_a_service_that_starts_is_alive_and_says_how_far_it_is(billing_binary, tmp_path):
    server = LedgerServer(billing_binary, tmp_path).start()
    user = {"customer": server.client().post("/v1/customers", {"name": "A", "currency": "USD"}).json()["id"],
            "role": "viewer", "name": "Ada", "email": "ada@example.org"}
    assert server.client().post("/v1/users", user).status_code == 201
    server.stop()
    # The start hangs where it opens this file, until somebody opens the other end; then it fails, for it is no such file.
    keys = server.data / "keys/person.keys"
    kept = keys.read_bytes()
    keys.unlink()
    os.mkfifo(keys)
    server.begin()
    nobody = server.client("")

    def answered(path):
        try:
            return nobody.get(path)
        except requests.RequestException:
            return None

    wait_until(lambda: answered("/livez") is not None, 20, server.log_tail)
    assert nobody.get("/livez").status_code == 200
    ready = nobody.get("/readyz")
    assert (ready.status_code, ready.json()["state"]) == (503, "starting"), ready.text
    assert [(one["name"], one["state"]) for one in ready.json()["checks"]] == [("process", "starting")]
    for method, path in (("GET", "/v1/customers"), ("POST", "/v1/batches"), ("GET", "/metrics"), ("GET", "/"), ("DELETE", "/x/y")):
        refused = nobody.request(method, path, data=b"x" * 100_000 if method == "POST" else None)
        assert (refused.status_code, refused.json()["code"], refused.headers["Retry-After"]) == (503, "starting", "1"), refused.text
        assert refused.json()["request_id"] == refused.headers["Request-Id"]
    with open(keys, "wb"):
        assert server.process.wait(20) == 1
    assert line(server, "start_failed")["code"] == "corrupt-record"
    keys.unlink()
    keys.write_bytes(kept)
    keys.chmod(0o600)
    assert server.start().client().get("/v1/users", {"customer": user["customer"]}).json()["items"][0]["name"] == "Ada"
    server.stop()


def test_a_service_that_is_asked_to_stop_while_it_starts_stops_at_once(billing_binary, tmp_path):
    server = LedgerServer(billing_binary, tmp_path).start()
    assert server.client().post("/v1/customers", {"name": "A", "currency": "USD"}).status_code == 201
    server.stop()
    keys = server.data / "keys/person.keys"
    kept = keys.read_bytes()
    for asked in (signal.SIGTERM, signal.SIGINT):
        keys.unlink()
        os.mkfifo(keys)  # the start hangs where it opens this
        starts = len(lines(server, "starting"))
        server.begin()
        wait_until(lambda: len(lines(server, "starting")) > starts, 20, server.log_tail)
        server.process.send_signal(asked)
        assert server.process.wait(5) == 0
        keys.unlink()
        keys.write_bytes(kept)
        keys.chmod(0o600)
    assert server.start().client().get("/v1/customers").json()["items"][0]["name"] == "A"
    server.stop()


# Whoever started it

class Manager:
    """The socket to which a service tells its state."""

    def __init__(self, path):
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(path)
        self.socket.setblocking(False)
        self.heard = []

    def hear(self):
        while True:
            try:
                self.heard.append(self.socket.recv(4096).decode())
            except BlockingIOError:
                return self.heard

    def wait_for(self, pattern, seconds=20):
        wait_until(lambda: any(re.search(pattern, one) for one in self.hear()), seconds, lambda: f"{pattern}: {self.heard}")


@pytest.mark.parametrize("abstract", [False, True])
def test_the_manager_is_told_of_the_start_the_reload_and_the_end(billing_binary, tmp_path, abstract):
    path = f"@billing-test-{os.getpid()}" if abstract else str(tmp_path / "notify")
    manager = Manager(path.replace("@", "\0"))
    server = LedgerServer(billing_binary, tmp_path / "ledger", environment={"NOTIFY_SOCKET": path},
                          arguments=["--stop-seconds-max", "300"])
    server.start()
    manager.wait_for(r"^READY=1\nSTATUS=Serving on http://127")
    assert manager.heard[0].startswith("STATUS=Starting: ") and "WATCHDOG=1" not in manager.heard
    manager.heard.clear()
    server.process.send_signal(signal.SIGHUP)
    manager.wait_for("^READY=1$")
    assert re.fullmatch(r"RELOADING=1\nMONOTONIC_USEC=\d+", manager.heard[0]), manager.heard
    server.stop()
    # So long as the settings allow, and a minute more.
    manager.wait_for(r"^STOPPING=1\nSTATUS=Stopping\nEXTEND_TIMEOUT_USEC=360000000$")


def test_the_watchdog_hears_of_a_service_that_goes_on_and_not_of_one_that_hangs(billing_binary, tmp_path):
    manager = Manager(str(tmp_path / "notify"))
    server = LedgerServer(billing_binary, tmp_path / "ledger",
                          environment={"NOTIFY_SOCKET": str(tmp_path / "notify"), "WATCHDOG_USEC": "1000000"}).start()
    wait_until(lambda: manager.hear().count("WATCHDOG=1") >= 4, 20, lambda: str(manager.heard))
    server.process.send_signal(signal.SIGSTOP)
    time.sleep(0.5)
    manager.hear()
    manager.heard.clear()
    time.sleep(1.5)
    assert manager.hear() == []
    server.process.send_signal(signal.SIGCONT)
    manager.wait_for("^WATCHDOG=1$")
    server.stop()
    assert [one for one in lines(server, "part_hangs")] == []

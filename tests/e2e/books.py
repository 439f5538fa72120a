"""What the black-box tests share: objects to post on, streamed batches, and what must hold of every ledger."""

import collections
import decimal
import http.client
import json
import os
import socket
import threading

from harness import uuid7


class Books:
    """One customer with a root account and leaves below it, made through the API."""

    def __init__(self, api, currency="USD", leaves=1, name=None):
        self.api = api
        self.currency = currency
        self.customer = made(api.post("/v1/customers", {"name": name or f"Customer {uuid7()}", "currency": currency}))
        self.root = self.open("root")
        self.leaves = [self.open(f"leaf-{number}", parent=self.root) for number in range(leaves)]

    def open(self, number, parent=None, name=None):
        """A new account that was opened long ago; its id. Below another one it has and pays invoices of its own."""
        body = {"customer": self.customer, "number": number, "name": name or f"Account {number}", "opened_on": "2020-01-01"}
        return made(self.api.post("/v1/accounts", {**body, **({"parent": parent, "role": "payer"} if parent else {})}))

    def payment(self, amount="12.00", account=None, **more):
        """The body of a payment."""
        return {"account": account or self.root, "amount": {"amount": amount, "currency": self.currency},
                "method": "wire", **more}

    def invoice(self, net="20.00", account=None, **more):
        """The body of an invoice with one line."""
        leaf = account or (self.leaves[0] if self.leaves else self.root)
        return {"account": leaf, "currency": self.currency, "lines": [{"service_account": leaf, "net": net}], **more}


def made(answer):
    """The id of the object that a command made."""
    assert answer.status_code == 201, answer.text
    return answer.json()["id"]


def money(value):
    return decimal.Decimal(value["amount"])


def problem(answer):
    """(status, code) of a refusal."""
    assert answer.headers["Content-Type"] == "application/problem+json", answer.text
    body = answer.json()
    assert body["status"] == answer.status_code
    return answer.status_code, body["code"]


def walk(api, path, limit=100, **params):
    """Every item of a list, part by part."""
    cursor = None
    while True:
        answer = api.get(path, {**params, "limit": limit, **({"cursor": cursor} if cursor else {})})
        assert answer.status_code == 200, answer.text
        page = answer.json()
        assert len(page["items"]) <= limit
        yield from page["items"]
        cursor = page["next_cursor"]
        if cursor is None:
            return


def feed(api, after=0):
    """Every event of the log, in its order."""
    while True:
        answer = api.get("/v1/events", {"after": after, "limit": 1000})
        assert answer.status_code == 200, answer.text
        page = answer.json()
        yield from page["items"]
        if not page["items"]:
            return
        after = page["next_after"]


def check_feed(events):
    """Positions, versions and customer sequences count up without a gap; commands are whole and exist once.

    Answers command id -> its events.
    """
    sequences, versions, commands = collections.Counter(), collections.Counter(), collections.defaultdict(list)
    for number, event in enumerate(events, 1):
        assert event["position"] == number
        sequences[event["customer"]] += 1
        assert event["customer_sequence"] == sequences[event["customer"]], event
        stream = (event["stream"]["kind"], event["stream"]["id"])
        versions[stream] += 1
        assert event["stream"]["version"] == versions[stream], event
        commands[event["command"]["id"]].append(event)
        assert sum(decimal.Decimal(posting["amount"]["amount"]) for posting in event["postings"]) == 0, event
    for command, group in commands.items():
        count = group[0]["command"]["count"]
        assert [event["command"]["index"] for event in group] == list(range(count)), f"command {command}"
        first = group[0]["position"]
        assert [event["position"] for event in group] == list(range(first, first + count)), f"command {command}"
    return commands


def check_whole(api):
    """The feed is without gaps and every book balances. Answers command id -> its events."""
    commands = check_feed(feed(api))
    last = max((event["position"] for group in commands.values() for event in group), default=0)
    answer = api.get("/v1/reports/trial-balance", {"min_position": last} if last else None)
    assert answer.status_code == 200, answer.text
    for book in answer.json()["items"]:
        assert book["balanced"] and money(book["debit"]) == money(book["credit"]), book
        assert sum(money(one["balance"]) for one in book["ledgers"]) == 0
    return commands


def line(command, body, key=None):
    """One line of a batch: (its id, its bytes)."""
    key = key or uuid7()
    return key, json.dumps({"id": key, "command": command, "body": body}).encode() + b"\n"


class RawRequest:
    """A POST over a socket of its own, for bodies that an HTTP library would not send."""

    def __init__(self, server, path, length, headers=(), timeout_s=60):
        self.socket = socket.create_connection(("127.0.0.1", server.port), timeout=timeout_s)
        head = [f"POST {path} HTTP/1.1", f"Host: 127.0.0.1:{server.port}", f"Authorization: Bearer {server.admin_key}",
                f"Content-Length: {length}", "Connection: close", *headers]
        self.socket.sendall("\r\n".join(head).encode() + b"\r\n\r\n")

    def send(self, data):
        self.socket.sendall(data)

    def end(self):
        """No more comes from here; the answer can still be read."""
        self.socket.shutdown(socket.SHUT_WR)

    def answer(self):
        """The answer's head is read; its body can be read as it comes."""
        response = http.client.HTTPResponse(self.socket, method="POST")
        response.begin()
        return response

    def close(self):
        self.socket.close()


def stream_batch(server, lines, on_answers=None):
    """Sends the lines (bytes each) in one batch and reads the answers at the same time.

    Answers the list of answers, parsed. A connection that breaks ends it early: what came whole by then is answered.
    `on_answers` is called with each burst of answers as it comes.
    """
    body = b"".join(lines)
    answers, rest = [], b""
    try:
        request = RawRequest(server, "/v1/batches", len(body), ["Content-Type: application/x-ndjson"])
    except OSError:
        return answers

    def send():
        try:
            request.send(body)
        except OSError:
            pass  # the reader sees it too

    sender = threading.Thread(target=send, daemon=True)
    sender.start()
    try:
        response = request.answer()
        assert response.status == 200, response.read()
        while chunk := response.read1(65536):
            *complete, rest = (rest + chunk).split(b"\n")
            burst = [json.loads(one) for one in complete]
            if burst and on_answers:
                on_answers(burst)
            answers += burst
    except (OSError, http.client.HTTPException):
        pass
    finally:
        request.close()
        sender.join(10)
        assert not sender.is_alive()
    return answers


class Receipts:
    """A client's file of what was acknowledged: `id position` a line, on disk before it counts."""

    def __init__(self, path):
        self.file = open(path, "a+", encoding="utf-8")

    def add(self, answers):
        for answer in answers:
            assert answer["status"] in (200, 201), answer
            self.file.write(f"{answer['id']} {answer['position']}\n")
        self.file.flush()
        os.fsync(self.file.fileno())

    def all(self):
        """id -> position; an id that was acknowledged again has the position that it had before."""
        found = {}
        self.file.seek(0)
        for one in self.file:
            key, position = one.split()
            assert found.setdefault(key, int(position)) == int(position), f"{key} moved"
        return found


def load_with_crashes(server, lines, receipts, crashes, pick_delay_s, between=None):
    """Sends `lines` (pairs of `line`) until all are acknowledged, while the server is killed `crashes` times.

    Each round sends what is not acknowledged yet, in order: a part of it for as long as kills are due. The kill comes
    `pick_delay_s()` seconds after the first answer of its round. `between(round)` runs while the server is down.
    """
    pending = list(lines)
    for crash in range(crashes):
        share = max(1, min(2 * len(pending) // (crashes - crash + 1), len(pending) * 3 // 4))
        timers = []

        def first_then_kill(burst):
            receipts.add(burst)
            if not timers:
                timers.append(threading.Timer(pick_delay_s(), server.kill))
                timers[0].start()

        stream_batch(server, [data for _, data in pending[:share]], first_then_kill)
        if timers:
            timers[0].join(20)
        server.kill()
        if between:
            between(crash)
        server.start(ready_s=60)
        known = receipts.all()
        pending = [one for one in pending if one[0] not in known]
    stream_batch(server, [data for _, data in pending], receipts.add)
    known = receipts.all()
    assert [key for key, _ in lines if key not in known] == []

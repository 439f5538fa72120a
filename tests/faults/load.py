"""A load of mixed commands from several clients that goes on over crashes, and what must hold of it afterwards."""

import collections
import hashlib
import json
import os
import random
import threading
import time

import requests

from books import Books, feed, check_feed, money
from harness import uuid7

from .campaign import where

WAIT_S_MAX = 30  # that one command may go on without an answer


class Receipts:
    """The clients' file of acknowledgements, a JSON object a line, on disk before it counts. Any thread."""

    def __init__(self, path):
        self.file = open(path, "a+", encoding="utf-8")
        self.lock = threading.Lock()
        self.known = {}

    def add(self, key, position, digest):
        with self.lock:
            self.file.write(json.dumps({"key": key, "position": position, "digest": digest}) + "\n")
            self.file.flush()
            os.fsync(self.file.fileno())
            self.known[key] = (position, digest)

    def all(self):
        """key -> (position, digest of the answer), read back from the file."""
        with self.lock:
            self.file.seek(0)
            return {one["key"]: (one["position"], one["digest"]) for one in map(json.loads, self.file)}

    def close(self):
        self.file.close()


def answer_digest(answer):
    """Of a command's answer, but for the mark that says whether it is a repeat."""
    return hashlib.sha256(json.dumps({**answer, "repeated": None}, sort_keys=True).encode()).hexdigest()


class Command:
    """One command with its key, sent again with the same key until it is answered."""

    def __init__(self, books, pick):
        self.key = uuid7()
        leaf, amount = pick.choice(books.leaves), f"{pick.randint(1, 99)}.{pick.randint(0, 99):02}"
        kind = pick.random()
        if kind < 0.5:
            self.path, self.body = "/v1/payments", books.payment(amount, leaf)
        elif kind < 0.85:
            self.path, self.body = "/v1/invoices", books.invoice(amount, leaf)
        else:
            self.path, self.body = f"/v1/accounts/{leaf}/rename", {"name": f"Site {self.key}"}


class Load:
    """`clients` threads that send commands until `stop`. A broken connection or a 503 is tried again with the same key.

    `refused` counts answers whose status is `allowed` by (status, code); `wrong` has any other that is no acknowledgement, as
    500, which says that something broke: only a suite that breaks it allows that. With
    `give_up` a command that is refused or gets no answer is left where it is, and the client makes a new one.
    """

    def __init__(self, server, books, receipts, seed, clients=4, give_up=False, pause_s=0.0, allowed=(429, 503)):
        self.server, self.books, self.receipts = server, books, receipts
        self.give_up, self.pause_s, self.allowed = give_up, pause_s, allowed
        self.sent, self.refused, self.wrong = {}, collections.Counter(), []
        self.broken = 0  # connections that ended without an answer
        self.ended = threading.Event()
        self.lock = threading.Lock()
        self.threads = [threading.Thread(target=self.run, args=(random.Random(f"{seed}/{number}"),), daemon=True)
                        for number in range(clients)]

    def start(self):
        for thread in self.threads:
            thread.start()
        return self

    def stop(self, seconds=WAIT_S_MAX + 10):
        self.ended.set()
        for thread in self.threads:
            thread.join(seconds)
            assert not thread.is_alive(), "a client got no answer and no end of its connection: the service hangs"
        return self

    def run(self, pick):
        try:
            self.send_all(pick)
        except Exception as problem:  # a client that is gone would see nothing that is wrong
            with self.lock:
                self.wrong.append(f"{type(problem).__name__}: {problem}")

    def send_all(self, pick):
        api = self.server.client()
        api.timeout_s = WAIT_S_MAX
        while not self.ended.is_set():
            command = Command(self.books, pick)
            with self.lock:
                self.sent[command.key] = command
            while not self.send(api, command) and not self.give_up and not self.ended.is_set():
                time.sleep(0.02)
            if self.pause_s:
                time.sleep(self.pause_s)

    def send(self, api, command):
        """Whether it was acknowledged."""
        try:
            answer = api.post(command.path, command.body, command.key)
            body = answer.json()
        except requests.Timeout:
            with self.lock:
                self.wrong.append(f"no answer within {WAIT_S_MAX} s: {command.path}")
            return False
        except (requests.RequestException, ValueError):
            with self.lock:
                self.broken += 1
            time.sleep(0.02)
            return False
        if answer.status_code in (200, 201):
            self.receipts.add(command.key, body["position"], answer_digest(body))
            return True
        with self.lock:
            if answer.status_code in self.allowed:
                self.refused[answer.status_code, body["code"]] += 1
            else:
                self.wrong.append(f"{answer.status_code}: {answer.text[:300]}")
        return False


class Judge:
    """Compares what was acknowledged with what the service has."""

    def __init__(self, outcome, again):
        self.outcome, self.again = outcome, again

    def find(self, kind, what):
        self.outcome.find(kind, what, self.again)

    def whole(self, api, receipts):
        """The log is gapless, commands are whole and single, books balance, all that was acknowledged is there."""
        try:
            commands = check_feed(feed(api))
        except AssertionError as problem:
            self.find("log not whole", where(problem))
            return {}
        lost = [key for key, (position, _) in receipts.items()
                if key not in commands or commands[key][-1]["position"] != position]
        self.outcome.lost += len(lost)
        if lost:
            self.find("acknowledged and lost", f"{len(lost)} of {len(receipts)}, the first {lost[0]}")
        last = max((event["position"] for group in commands.values() for event in group), default=0)
        answer = api.get("/v1/reports/trial-balance", {"min_position": last} if last else None)
        if answer.status_code != 200:
            self.find("no trial balance", answer.text)
        elif not all(book["balanced"] and sum(money(one["balance"]) for one in book["ledgers"]) == 0
                     for book in answer.json()["items"]):
            self.find("books do not balance", answer.text)
        return commands

    def repeated(self, api, commands, receipts):
        """Each of `commands` (key -> Command), sent again, is answered as the first time and marked as repeated."""
        for key, command in commands.items():
            answer = api.post(command.path, command.body, key)
            if answer.status_code not in (200, 201):
                self.find("a repeat is refused", f"{key}: {answer.status_code} {answer.text[:300]}")
            elif answer.json()["repeated"] is not True:
                self.outcome.duplicated += 1
                self.find("booked twice", f"{key} at {receipts[key][0]} and {answer.json()['position']}")
            elif answer_digest(answer.json()) != receipts[key][1]:
                self.find("a repeat is answered otherwise", f"{key} at {receipts[key][0]}")


def make_books(server, leaves=5, name=None):
    return Books(server.client(), leaves=leaves, name=name)

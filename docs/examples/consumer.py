"""Rebuilds the books from the topic alone: what each account has open, its unapplied credit, its balance, and the trial balance.

    python3 consumer.py --brokers 127.0.0.1:9092 --store books.sqlite [--topic billing.events] [--follow]

The figures stand in an SQLite file, together with the position up to which they count. Run it again, after whatever end,
and it goes on from there. At the topic's end it prints the figures, in minor units; with --follow it waits for more.
Status 1 and one line on stderr: the topic is not the history that the file has, or is damaged.
"""

import argparse
import hashlib
import sqlite3
import sys

from confluent_kafka import Consumer, KafkaError, TopicPartition

from events.schema.envelope_pb2 import Envelope

RECEIVABLES, UNAPPLIED_CREDIT = 1100, 2100
TABLES = """
CREATE TABLE IF NOT EXISTS progress (position INTEGER, hash TEXT, epoch INTEGER, next_offset INTEGER);
CREATE TABLE IF NOT EXISTS sequence (customer TEXT PRIMARY KEY, last INTEGER);
CREATE TABLE IF NOT EXISTS moved (ledger INTEGER, currency TEXT, account TEXT, item TEXT, debit INTEGER, credit INTEGER,
                                  PRIMARY KEY (ledger, currency, account, item));
INSERT INTO progress SELECT 0, printf('%064d', 0), 0, 0 WHERE NOT EXISTS (SELECT * FROM progress);
"""
MOVE = """INSERT INTO moved VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE
          SET debit = debit + excluded.debit, credit = credit + excluded.credit"""
ACCOUNTS = """SELECT account, currency, sum(iif(ledger = ?1, debit - credit, 0)), sum(iif(ledger = ?2, credit - debit, 0))
              FROM moved WHERE ledger IN (?1, ?2) GROUP BY account, currency ORDER BY account, currency"""
LEDGERS = "SELECT ledger, currency, sum(debit), sum(credit) FROM moved GROUP BY ledger, currency ORDER BY currency, ledger"


def id_text(prefix, raw):
    """The text form of an id: 16 bytes as 26 digits of Crockford's base32."""
    value = int.from_bytes(raw, "big")
    return f"{prefix}_" + "".join("0123456789abcdefghjkmnpqrstvwxyz"[value >> 5 * n & 31] for n in range(25, -1, -1))


class Books:
    """The figures and the place that they count up to, changed together or not at all."""

    def __init__(self, path):
        self.db = sqlite3.connect(path)
        self.db.executescript(TABLES)
        self.position, self.hash, self.epoch, self.offset = self.db.execute("SELECT * FROM progress").fetchone()

    def take(self, record):
        """One record of the topic, in the topic's order. What was handled before is skipped."""
        headers = {name: value.decode() for name, value in record.headers() or []}
        epoch = int(headers["ledger-epoch"])
        if "ledger-position" not in headers:  # a CLAIM: another writer goes on from here
            self.epoch = max(self.epoch, epoch)
        else:
            self.take_event(record.value(), headers, epoch)
        self.offset = record.offset() + 1

    def take_event(self, value, headers, epoch):
        position = int(headers["ledger-position"])
        parts = (headers["ledger-previous-hash"], headers["ledger-format"], value.hex(), headers["ledger-private-digest"])
        if hashlib.sha256(bytes.fromhex("".join(parts))).hexdigest() != headers["ledger-hash"]:
            raise SystemExit(f"position {position} is damaged: its hash is another one")
        if position == self.position and headers["ledger-hash"] != self.hash:
            raise SystemExit(f"position {position} has another hash than the one that was handled: another history")
        if position <= self.position:
            return  # a duplicate
        if position > self.position + 1:
            raise SystemExit(f"a gap: position {position} follows {self.position}")
        if headers["ledger-previous-hash"] != self.hash:
            raise SystemExit(f"position {position} does not go on from the one that was handled: another history")
        if epoch < self.epoch:
            raise SystemExit(f"position {position} comes from a writer that was replaced")
        event = Envelope.FromString(value)
        self.count(id_text("cus", event.customer), event.customer_sequence)
        self.post(event)
        self.position, self.hash, self.epoch = position, headers["ledger-hash"], epoch

    def count(self, customer, number):
        last = self.db.execute("SELECT last FROM sequence WHERE customer = ?", (customer,)).fetchone() or (0,)
        if number != last[0] + 1:
            raise SystemExit(f"a gap: event {number} of {customer} follows {last[0]}")
        self.db.execute("INSERT OR REPLACE INTO sequence VALUES (?, ?)", (customer, number))

    def post(self, event):
        """All that moves money, whatever the event is: a type that is not known here posts like any other."""
        for posting in event.postings:
            account = id_text("acc", posting.account) if posting.HasField("account") else ""
            self.db.execute(MOVE, (posting.ledger, posting.currency or event.currency, account, posting.item.hex(),
                                   max(posting.amount, 0), max(-posting.amount, 0)))

    def commit(self):
        self.db.execute("UPDATE progress SET position = ?, hash = ?, epoch = ?, next_offset = ?",
                        (self.position, self.hash, self.epoch, self.offset))
        self.db.commit()

    def show(self):
        print(f"position\t{self.position}")
        for account, currency, open_amount, unapplied in self.db.execute(ACCOUNTS, (RECEIVABLES, UNAPPLIED_CREDIT)):
            print("account", account, currency, open_amount, unapplied, open_amount - unapplied, sep="\t")
        for ledger, currency, debit, credit in self.db.execute(LEDGERS):
            print("ledger", ledger, currency, debit, credit, debit - credit, sep="\t")


def first_offset(consumer, topic, books):
    """Where to read from. The offset that was kept is a short cut: a topic that was made anew has the same positions at other
    offsets. If the next event is not there, the topic is read from its beginning, and positions tell what was handled."""
    consumer.assign([TopicPartition(topic, 0, books.offset)])
    while (record := consumer.poll(30.0)) is not None and record.error() is None:
        position = dict(record.headers() or []).get("ledger-position")
        if position is not None:
            return books.offset if int(position) == books.position + 1 else 0
    return books.offset


def bursts(consumer, topic, books):
    """Committed records in their order, many at once, and whether the topic's end was reached."""
    consumer.assign([TopicPartition(topic, 0, first_offset(consumer, topic, books))])
    while True:
        found = consumer.consume(1000, 1.0)
        ends = [one for one in found if one.error() is not None]
        for one in ends:
            if one.error().code() != KafkaError._PARTITION_EOF:
                raise SystemExit(str(one.error()))
        yield [one for one in found if one.error() is None], bool(ends)


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--brokers", required=True)
    options.add_argument("--store", required=True)
    options.add_argument("--topic", default="billing.events")
    options.add_argument("--follow", action="store_true")
    options = options.parse_args()
    books = Books(options.store)
    consumer = Consumer({
        "bootstrap.servers": options.brokers, "group.id": "books", "enable.auto.commit": False,
        "isolation.level": "read_committed", "auto.offset.reset": "earliest", "enable.partition.eof": True})
    for burst, at_end in bursts(consumer, options.topic, books):
        for record in burst:
            books.take(record)
        books.commit()
        if at_end:
            books.show()
            sys.stdout.flush()
            if not options.follow:
                break
    consumer.close()


if __name__ == "__main__":
    main()

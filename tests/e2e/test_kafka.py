"""The topic has every event once and in order, whatever crashes: the server, the broker."""

import hashlib
import json
import random
import subprocess
import sys
import time
import types

import pytest
from confluent_kafka import Consumer, KafkaError, TopicPartition

from books import Books, Receipts, check_whole, feed, line, load_with_crashes, stream_batch
from harness import ROOT, LedgerServer, uuid7, wait_until

pytestmark = [pytest.mark.kafka, pytest.mark.slow, pytest.mark.timeout(400)]
CRASHES = 20


def read_topic(broker, topic, seconds=60):
    """Every committed record of partition 0 up to its end."""
    reader = Consumer({
        "bootstrap.servers": broker.bootstrap, "group.id": uuid7(), "isolation.level": "read_committed", "log_level": 0,
        "enable.auto.commit": False, "auto.offset.reset": "earliest", "enable.partition.eof": True})
    reader.assign([TopicPartition(topic, 0, 0)])
    records, deadline = [], time.monotonic() + seconds
    try:
        while time.monotonic() < deadline:
            for message in reader.consume(1000, 0.5):
                if message.error() is None:
                    records.append(message)
                elif message.error().code() == KafkaError._PARTITION_EOF:
                    return records
        raise AssertionError(f"no end of {topic} within {seconds} s; {len(records)} records so far")
    finally:
        reader.close()


def varint(data, at):
    value = shift = 0
    while True:
        value |= (data[at] & 0x7F) << shift
        shift, at = shift + 7, at + 1
        if data[at - 1] < 0x80:
            return value, at


def fields(data):
    """Field number -> last value, of one protobuf message: what a subscriber without our schema can see."""
    found, at = {}, 0
    while at < len(data):
        tag, at = varint(data, at)
        if tag & 7 == 0:
            found[tag >> 3], at = varint(data, at)
        elif tag & 7 == 2:
            size, at = varint(data, at)
            found[tag >> 3], at = data[at:at + size], at + size
        else:
            raise AssertionError(f"wire type {tag & 7}")
    return found


def event_of(record):
    """Headers and the envelope's first fields (numbers as in events/schema/envelope.proto)."""
    headers = {name: value.decode() for name, value in record.headers()}
    envelope = fields(record.value())
    return types.SimpleNamespace(
        headers=headers, value=record.value(), key=record.key(), position=envelope[1], customer=envelope[5],
        sequence=envelope[6], type=envelope[7].decode(), command=envelope[13].decode())


def check_topic(broker, topic, expected):
    """The topic's events are exactly `expected` (those of /v1/events), chained by their hashes. Answers the claims."""
    claims, events = [], []
    for record in read_topic(broker, topic):
        headers = dict(record.headers())
        if "ledger-position" in headers:
            events.append((event_of(record), len(claims)))
        else:
            assert "ledger-claim" in headers and headers["ce_type"] == b"billing.ledger.Claimed.v1"
            claims.append({name: value.decode() for name, value in headers.items()})
    assert [one.position for one, _ in events] == list(range(1, len(expected) + 1))
    previous, sequences = bytes(32), {}
    epochs = [int(claim["ledger-epoch"]) for claim in claims]
    assert epochs == sorted(set(epochs))
    for (one, claimed), event in zip(events, expected):
        headers = one.headers
        assert int(headers["ledger-position"]) == one.position == event["position"]
        assert (one.type, one.command) == (event["type"], event["command"]["id"])
        assert one.key == one.customer and headers["ce_subject"] == event["customer"]
        own = hashlib.sha256(previous + bytes.fromhex(headers["ledger-format"]) + one.value
                             + bytes.fromhex(headers["ledger-private-digest"])).digest()
        assert headers["ledger-previous-hash"] == previous.hex() and headers["ledger-hash"] == own.hex(), one.position
        sequences[one.customer] = sequences.get(one.customer, 0) + 1
        assert one.sequence == int(headers["ledger-customer-sequence"]) == sequences[one.customer]
        assert epochs[claimed - 1] == int(headers["ledger-epoch"]), "an event of a writer that was replaced"
        previous = own
    return claims


def kafka_server(binary, broker, folder, topic):
    return LedgerServer(binary, folder / "ledger", broker.bootstrap, [
        "--kafka-topic", topic, "--kafka-transactional-id", topic, "--kafka-replication-factor", "1",
        "--kafka-min-insync", "1"])


def published(server):
    """Whether the topic has everything, as the service tells."""
    def all_there():
        lines = server.client().get("/metrics").text.splitlines()
        lag = [one.split()[1] for one in lines if one.startswith("billing_publisher_lag_events ")]
        assert lag, "no metric tells how far the topic is behind"
        return lag == ["0"]
    return all_there


def verify(binary, server, broker, topic):
    done = subprocess.run([binary, "verify", "--data", server.data, "--kafka", broker.bootstrap, "--kafka-topic", topic],
                          text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=120)
    return done.returncode, done.stdout


def commands_of(name, folder, data):
    """The commands of real input, as pairs of id and line."""
    out = folder / f"{name}.ndjson"
    subprocess.run([sys.executable, ROOT / f"tests/acceptance/{name}.py", "--out", out, "--data", data], check=True)
    return [(json.loads(one)["id"], one) for one in out.read_bytes().splitlines(keepends=True)]


@pytest.fixture(scope="module")
def commands(tmp_path_factory, test_data):
    """2,946 commands."""
    return commands_of("receivables", tmp_path_factory.mktemp("input"), test_data)


@pytest.fixture(scope="module")
def retail(tmp_path_factory, test_data):
    """13,637 commands with 209,029 lines."""
    return commands_of("online_retail", tmp_path_factory.mktemp("input"), test_data)


def test_every_event_is_in_the_topic_once_and_in_order(billing_binary, kafka_broker, tmp_path, commands):
    topic = "all-events"
    server = kafka_server(billing_binary, kafka_broker, tmp_path, topic).start(ready_s=60)
    answers = stream_batch(server, [data for _, data in commands])
    assert len(answers) == len(commands) and {answer["status"] for answer in answers} <= {200, 201}
    check_whole(server.client())
    expected = list(feed(server.client()))
    wait_until(published(server), 60, "everything published")
    server.stop()
    assert len(check_topic(kafka_broker, topic, expected)) == 1
    status, output = verify(billing_binary, server, kafka_broker, topic)
    assert status == 0, output


@pytest.mark.parametrize("input_name", ["commands", "retail"])
def test_crashes_of_server_and_broker_leave_no_gap_and_no_duplicate(
        billing_binary, kafka_broker, tmp_path, input_name, request):
    commands = request.getfixturevalue(input_name)
    topic = f"crashes-{input_name}"
    server = kafka_server(billing_binary, kafka_broker, tmp_path, topic).start(ready_s=60)
    receipts = Receipts(tmp_path / "receipts")
    pick = random.Random(11)

    def broker_too(crash):
        if crash == CRASHES // 2:
            kafka_broker.kill()
            kafka_broker.up()

    try:
        load_with_crashes(server, commands, receipts, CRASHES, lambda: pick.uniform(0.0, 0.5), broker_too)
    finally:
        kafka_broker.up()
    whole = check_whole(server.client())
    for key, position in receipts.all().items():
        assert whole[key][-1]["position"] == position
    assert len(whole) == len(commands)
    expected = list(feed(server.client()))
    wait_until(published(server), 90, "everything published")
    server.stop()
    claims = check_topic(kafka_broker, topic, expected)
    assert 2 <= len(claims) <= CRASHES + 1
    status, output = verify(billing_binary, server, kafka_broker, topic)
    assert status == 0, output


def test_the_service_goes_on_while_the_broker_is_down_and_publishes_later(billing_binary, kafka_broker, tmp_path):
    topic = "broker-down"
    server = kafka_server(billing_binary, kafka_broker, tmp_path, topic).start(ready_s=60)
    books = Books(server.client())
    try:
        kafka_broker.kill()
        lines = [line("payment.record", books.payment(f"{number + 1}.00"))[1] for number in range(200)]
        assert {answer["status"] for answer in stream_batch(server, lines)} == {201}
    finally:
        kafka_broker.up()
    wait_until(published(server), 90, "everything published")
    expected = list(feed(server.client()))
    server.stop()
    check_topic(kafka_broker, topic, expected)


def test_verify_finds_a_topic_that_is_not_the_ledgers(billing_binary, kafka_broker, tmp_path):
    servers = {}
    for topic in ("mine", "theirs"):
        server = servers[topic] = kafka_server(billing_binary, kafka_broker, tmp_path / topic, topic).start(ready_s=60)
        Books(server.client())
        wait_until(published(server), 60, "everything published")
        server.stop()
    status, output = verify(billing_binary, servers["mine"], kafka_broker, "theirs")
    assert status == 1 and "topic" in output, output
    kafka_broker.create_topic("empty")
    status, output = verify(billing_binary, servers["mine"], kafka_broker, "empty")
    assert status == 1 and "topic" in output, output

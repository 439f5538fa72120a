"""The topic has every event once and in order, whatever crashes: the server, the broker."""

import hashlib
import json
import os
import random
import shutil
import subprocess
import sys
import time
import types

import pytest
from confluent_kafka import Consumer, KafkaError, Producer, TopicPartition

from books import Books, Receipts, check_whole, feed, line, load_with_crashes, stream_batch
from harness import ROOT, LedgerServer, die_with_parent, uuid7, wait_until

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
        "--kafka-topic", topic, "--kafka-replication-factor", "1",
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


def start_unready(server):
    """The process of a server that does not become ready."""
    with server.log.open("ab") as log:
        return subprocess.Popen(server.command(), stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT,
                                cwd=server.folder, preexec_fn=die_with_parent(os.getpid()))


def answers(server):
    try:
        return server.client().get("/livez").status_code == 200
    except OSError:
        return False


def recover_tail(server, *flags):
    done = subprocess.run([server.binary, "recover", "tail", "--data", server.data, "--kafka", server.kafka, *server.arguments[:2], *flags],
                          text=True, capture_output=True, timeout=120, check=False)
    return done.returncode, done.stdout + done.stderr


def refused_as_fork(server, never=None):
    answer = server.client().post("/v1/customers", {"name": "B", "currency": "USD"})
    assert answer.status_code != never, answer.text
    return answer.status_code == 503 and answer.json()["code"] == "history-forked"


def test_an_older_copy_of_the_store_takes_no_command_while_the_topic_is_ahead(billing_binary, kafka_broker, tmp_path):
    server = kafka_server(billing_binary, kafka_broker, tmp_path / "now", "restored").start(ready_s=60)
    Books(server.client())
    wait_until(published(server), 60, "everything published")
    server.stop()
    shutil.copytree(server.data, tmp_path / "older")
    server.start(ready_s=60)
    books = Books(server.client())
    wait_until(published(server), 60, "everything published")
    expected = list(feed(server.client()))
    server.stop()

    shutil.rmtree(server.data)
    shutil.copytree(tmp_path / "older", server.data)
    process = start_unready(server)
    try:
        wait_until(lambda: answers(server), 60, "it serves")
        wait_until(lambda: refused_as_fork(server, never=201), 60, "it has started, and took no command meanwhile")
        head = server.client().get("/v1/customers").headers["Ledger-Position"]
        ready = server.client().get("/readyz")
        assert ready.status_code == 503 and "another history" in ready.text, ready.text
        assert server.client().get("/v1/customers").status_code == 200, "reads go on"
        assert 'billing_publisher_forked 1' in server.client().get("/metrics").text
        assert server.client().get("/v1/customers").headers["Ledger-Position"] == head
    finally:
        process.kill()
        process.wait(10)
    check_topic(kafka_broker, "restored", expected)

    status, output = recover_tail(server)
    assert status == 0 and "nothing is changed; with --write are brought back" in output, output
    status, output = recover_tail(server, "--write")
    assert status == 0 and "brought back:" in output, output
    assert verify(billing_binary, server, kafka_broker, "restored")[0] == 0
    server.start(ready_s=60)
    assert list(feed(server.client())) == expected, "what was acknowledged is there again"
    again = server.client().post("/v1/payments", books.payment("1.00"), idempotency_key="new-after-the-restore")
    assert again.status_code == 201, again.text
    repeated = expected[-1]["command"]["id"]
    answer = server.client().post("/v1/payments", books.payment("1.00"), idempotency_key=repeated)
    assert answer.json()["code"] == "idempotency-key-reused", answer.text
    wait_until(published(server), 60, "everything published")
    expected = list(feed(server.client()))
    server.stop()
    check_topic(kafka_broker, "restored", expected)


def test_a_log_that_lost_its_end_is_brought_back_from_the_topic_and_its_witness_proves_it(billing_binary, kafka_broker, tmp_path):
    server = kafka_server(billing_binary, kafka_broker, tmp_path / "now", "lost-end").start(ready_s=60)
    Books(server.client())
    wait_until(published(server), 60, "everything published")
    server.stop()
    shutil.copytree(server.data / "ledger", tmp_path / "older")
    server.start(ready_s=60)
    Books(server.client())
    wait_until(published(server), 60, "everything published")
    expected = list(feed(server.client()))
    server.stop()
    shutil.rmtree(server.data / "ledger")
    shutil.copytree(tmp_path / "older", server.data / "ledger")
    status, output = verify(billing_binary, server, kafka_broker, "lost-end")
    assert status == 1 and f"the log has lost its end: the witness saw position {len(expected)}" in output, output
    status, output = recover_tail(server, "--write")
    assert status == 0 and "brought back:" in output, output
    assert verify(billing_binary, server, kafka_broker, "lost-end")[0] == 0
    server.start(ready_s=60)
    assert list(feed(server.client())) == expected, "what was acknowledged is there again"
    server.stop()


def test_a_tail_with_personal_data_is_brought_back_up_to_it(billing_binary, kafka_broker, tmp_path):
    server = kafka_server(billing_binary, kafka_broker, tmp_path / "now", "personal").start(ready_s=60)
    books = Books(server.client())
    wait_until(published(server), 60, "everything published")
    server.stop()
    shutil.copytree(server.data / "ledger", tmp_path / "older")
    server.start(ready_s=60)
    client = server.client()
    assert client.post("/v1/payments", books.payment("1.00")).status_code == 201
    contacts = {"contacts": [{"role": "billing", "name": "Ada Private"}]}
    assert client.post(f"/v1/accounts/{books.root}/contacts", contacts).status_code == 200
    wait_until(published(server), 60, "everything published")
    head = int(client.get("/v1/customers").headers["Ledger-Position"])
    server.stop()
    for gone in ("ledger", "witness", "views", "view-checkpoints"):
        shutil.rmtree(server.data / gone, ignore_errors=True)
    shutil.copytree(tmp_path / "older", server.data / "ledger")
    done = subprocess.run([billing_binary, "recover", "witness", "--data", server.data, "--write"], text=True, capture_output=True,
                          timeout=60, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    status, output = recover_tail(server, "--write")
    assert status == 1 and "brought back: 1 events" in output, output
    assert f"not brought back: positions {head} to {head}; position {head}: it holds personal data" in output, output


def test_of_two_services_on_one_topic_the_older_stops_taking_commands(billing_binary, kafka_broker, tmp_path):
    first = kafka_server(billing_binary, kafka_broker, tmp_path / "first", "two").start(ready_s=60)
    Books(first.client())
    wait_until(published(first), 60, "everything published")
    first.stop()
    shutil.copytree(tmp_path / "first", tmp_path / "second")
    first.start(ready_s=60)
    wait_until(published(first), 60, "it has claimed the topic")
    second = kafka_server(billing_binary, kafka_broker, tmp_path / "second", "two").start(ready_s=60)
    wait_until(lambda: refused_as_fork(first), 20, "the older one takes no more commands, though it had nothing to publish")
    assert Books(second.client())
    wait_until(published(second), 60, "everything published")
    expected = list(feed(second.client()))
    second.stop()
    first.kill()
    check_topic(kafka_broker, "two", expected)


def test_a_record_of_another_writer_stops_the_service(billing_binary, kafka_broker, tmp_path):
    server = kafka_server(billing_binary, kafka_broker, tmp_path / "mine", "foreign").start(ready_s=60)
    Books(server.client())
    wait_until(published(server), 60, "everything published")
    copied = [record for record in read_topic(kafka_broker, "foreign") if dict(record.headers()).get("ledger-position")][-1]
    producer = Producer({"bootstrap.servers": kafka_broker.bootstrap, "acks": "all"})
    producer.produce("foreign", value=copied.value(), key=copied.key(), headers=copied.headers(), partition=0)
    assert producer.flush(30) == 0
    wait_until(lambda: refused_as_fork(server), 20, "a record that it did not write")
    server.kill()

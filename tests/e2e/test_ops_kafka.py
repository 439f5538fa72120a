"""What the publisher relies on, proven on the broker of ops/kafka: transactions, isolation, fencing, recovery."""

import os
import signal
import subprocess
import sys
import time

import pytest
from confluent_kafka import Consumer, KafkaError, KafkaException, Producer, TopicPartition

from harness import ROOT, KafkaBroker, runs, uuid7, wait_until

pytestmark = pytest.mark.kafka


def producer(broker, transactional_id):
    made = Producer({
        "bootstrap.servers": broker.bootstrap, "transactional.id": transactional_id, "acks": "all", "linger.ms": 0,
        "retry.backoff.ms": 50, "transaction.timeout.ms": 10_000, "message.timeout.ms": 9_000, "log_level": 0})
    made.init_transactions(30)
    return made


def send(client, topic, values):
    for value in values:
        client.produce(topic, value=value, key=b"customer", partition=0)
    assert client.flush(20) == 0


def commit(client, topic, values):
    client.begin_transaction()
    send(client, topic, values)
    client.commit_transaction(20)


def read_all(broker, topic, isolation="read_committed", seconds=30):
    """Every record of partition 0 up to its end, as this isolation level shows it."""
    reader = Consumer({
        "bootstrap.servers": broker.bootstrap, "group.id": uuid7(), "isolation.level": isolation, "log_level": 0,
        "enable.auto.commit": False, "auto.offset.reset": "earliest", "enable.partition.eof": True})
    reader.assign([TopicPartition(topic, 0, 0)])
    values, deadline = [], time.monotonic() + seconds
    try:
        while time.monotonic() < deadline:
            message = reader.poll(0.2)
            if message is None:
                continue
            if message.error() is None:
                values.append(message.value())
            elif message.error().code() == KafkaError._PARTITION_EOF:
                return values
        raise AssertionError(f"no end of {topic} within {seconds} s; {len(values)} records so far")
    finally:
        reader.close()


def test_committed_records_are_read_in_order(kafka_broker):
    topic = kafka_broker.create_topic("in-order")
    writer = producer(kafka_broker, "in-order")
    expected = [b"%d" % number for number in range(500)]
    commit(writer, topic, expected[:200])
    commit(writer, topic, expected[200:])
    assert read_all(kafka_broker, topic) == expected


def test_aborted_records_are_hidden_from_committed_readers_only(kafka_broker):
    topic = kafka_broker.create_topic("aborted")
    writer = producer(kafka_broker, "aborted")
    commit(writer, topic, [b"kept-1"])
    writer.begin_transaction()
    send(writer, topic, [b"dropped"])
    writer.abort_transaction(20)
    commit(writer, topic, [b"kept-2"])
    assert read_all(kafka_broker, topic) == [b"kept-1", b"kept-2"]
    assert read_all(kafka_broker, topic, "read_uncommitted") == [b"kept-1", b"dropped", b"kept-2"]


def test_a_new_producer_fences_the_older_one(kafka_broker):
    topic = kafka_broker.create_topic("fenced")
    zombie = producer(kafka_broker, "fenced")
    zombie.begin_transaction()
    send(zombie, topic, [b"zombie"])
    writer = producer(kafka_broker, "fenced")
    commit(writer, topic, [b"writer"])
    with pytest.raises(KafkaException) as refusal:
        zombie.commit_transaction(20)
    assert refusal.value.args[0].code() in (KafkaError._FENCED, KafkaError.PRODUCER_FENCED, KafkaError.INVALID_PRODUCER_EPOCH)
    assert read_all(kafka_broker, topic) == [b"writer"]


def test_a_killed_broker_keeps_what_was_committed_and_nothing_else(kafka_broker):
    topic = kafka_broker.create_topic("killed")
    expected = [b"%d" % number for number in range(100)]
    writer = producer(kafka_broker, "killed")
    commit(writer, topic, expected)
    writer.begin_transaction()
    send(writer, topic, [b"in flight"])
    try:
        kafka_broker.kill()
        assert not kafka_broker.running()
    finally:
        kafka_broker.up()
    # The same transactional id again: its open transaction is aborted before anything new is written.
    successor = producer(kafka_broker, "killed")
    commit(successor, topic, [b"after"])
    assert read_all(kafka_broker, topic) == [*expected, b"after"]


def test_up_twice_and_a_clean_stop_keep_the_data(kafka_broker):
    topic = kafka_broker.create_topic("stopped")
    commit(producer(kafka_broker, "stopped"), topic, [b"1"])
    pid = kafka_broker.pid()
    kafka_broker.up()
    assert kafka_broker.pid() == pid
    try:
        kafka_broker.down()
        assert kafka_broker.command("status")[0] == 3
    finally:
        kafka_broker.up()
    assert read_all(kafka_broker, topic) == [b"1"]


def test_the_broker_dies_with_its_owner(tmp_path):
    broker = KafkaBroker(tmp_path)
    owner = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(170)"])
    try:
        broker.must("up", "--port", str(broker.port), "--owner", str(owner.pid))
        pid = broker.pid()
        os.kill(owner.pid, signal.SIGKILL)
        owner.wait(10)
        wait_until(lambda: not runs(pid), 20, "end of the broker after its owner's")
    finally:
        owner.kill()
        owner.wait(10)
        broker.command("wipe")


def test_wipe_refuses_a_directory_that_up_did_not_make(tmp_path):
    (tmp_path / "precious").write_text("x")
    done = subprocess.run([ROOT / "ops/kafka", "wipe", "--data", tmp_path], capture_output=True, text=True, timeout=20)
    assert done.returncode == 1
    assert "not made by ops/kafka" in done.stderr
    assert (tmp_path / "precious").exists()

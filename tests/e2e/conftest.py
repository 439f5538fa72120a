"""Fixtures of the black-box tests; the classes behind them are in harness.py."""

import os
import pathlib
import shutil

import pytest

from harness import ROOT, KafkaBroker, LedgerServer, free_ports


@pytest.fixture(scope="session")
def billing_binary():
    """The server under test: env BILLING_BINARY, else the one of preset dev."""
    path = pathlib.Path(os.environ.get("BILLING_BINARY") or ROOT / "build/dev/ops/billing").resolve()
    if not os.access(path, os.X_OK):
        pytest.fail(f"no program {path}; build it with: cmake --preset dev && cmake --build --preset dev")
    return path


@pytest.fixture
def free_port():
    """A port on 127.0.0.1 that nobody listens on."""
    return free_ports()


@pytest.fixture
def ledger_server(billing_binary, tmp_path):
    """A running server with an empty ledger and no Kafka. stop(), kill(), restart(hard=True) are there to be used."""
    server = LedgerServer(billing_binary, tmp_path / "ledger")
    server.start()
    yield server
    server.kill()


@pytest.fixture
def api(ledger_server):
    """An HTTP client of `ledger_server` with the administrator's key."""
    return ledger_server.client()


@pytest.fixture(scope="session")
def kafka_broker(tmp_path_factory):
    """One broker for all tests. Use topic names of your own; a test that stops it starts it again."""
    if shutil.which("java") is None:
        pytest.skip("no java: no broker")
    broker = KafkaBroker(tmp_path_factory.mktemp("broker"))
    try:
        broker.up()
        yield broker
    finally:
        broker.command("wipe")


@pytest.fixture(scope="session")
def test_data():
    """The folder of the shared test data."""
    path = pathlib.Path(os.environ.get("BILLING_TEST_DATA") or ROOT / "../shared/data").resolve()
    if not path.is_dir():
        pytest.skip(f"no test data at {path} (env BILLING_TEST_DATA)")
    return path

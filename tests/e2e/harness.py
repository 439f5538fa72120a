"""The processes that black-box tests run against, and an HTTP client for them.

Every process started here dies with the test run: it asks the kernel for SIGKILL when its parent dies, and the
interpreter's exit stops it as well. The broker, which `ops/kafka` detaches, is watched by that script instead.
"""

import atexit
import ctypes
import os
import pathlib
import random
import secrets
import signal
import socket
import stat
import subprocess
import time
import uuid

import requests

ROOT = pathlib.Path(__file__).resolve().parents[2]
LIBC = ctypes.CDLL(None, use_errno=True)
PR_SET_PDEATHSIG = 1
# Below the range that the kernel gives to outgoing connections, so that none of those takes a port we chose.
PORTS = range(20000, 32000)


def free_ports(count=1):
    """The first of `count` neighbouring ports on 127.0.0.1 that nobody listens on."""
    for _ in range(200):
        first = random.choice(PORTS)
        sockets = []
        try:
            for port in range(first, first + count):
                sockets.append(socket.socket())
                sockets[-1].bind(("127.0.0.1", port))
            return first
        except OSError:
            continue
        finally:
            for bound in sockets:
                bound.close()
    raise RuntimeError(f"no {count} free neighbouring ports")


def uuid7():
    """A time-ordered id, as a string: what clients should send as Idempotency-Key."""
    value = (time.time_ns() // 1_000_000) << 80 | secrets.randbits(80)
    value = value & ~(0xF << 76) | 7 << 76
    value = value & ~(0x3 << 62) | 2 << 62
    return str(uuid.UUID(int=value))


def wait_until(condition, seconds, what):
    """Polls `condition` until it is true; fails with `what` (text, or a function that makes it) after `seconds`."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {seconds} s: {what() if callable(what) else what}")
        time.sleep(0.02)


def die_with_parent(parent):
    """A preexec_fn that kills the child when its parent thread is gone."""

    def ask():
        LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        if os.getppid() != parent:
            os.kill(os.getpid(), signal.SIGKILL)

    return ask


class Client:
    """HTTP with a bearer key. Paths are relative to the server; answers are `requests.Response`, never raised."""

    def __init__(self, base_url, key=None, timeout_s=10):
        self.base_url = base_url
        self.key = key
        self.timeout_s = timeout_s
        self.session = requests.Session()
        self.session.trust_env = False

    def request(self, method, path, **arguments):
        headers = dict(arguments.pop("headers", None) or {})
        if self.key and "Authorization" not in headers:
            headers["Authorization"] = f"Bearer {self.key}"
        arguments.setdefault("timeout", self.timeout_s)
        arguments.setdefault("allow_redirects", False)
        return self.session.request(method, self.base_url + path, headers=headers, **arguments)

    def get(self, path, params=None, **arguments):
        return self.request("GET", path, params=params, **arguments)

    def send(self, method, path, body=None, idempotency_key=None, **arguments):
        """A command. Without a key of the caller's, a new one; pass "" to send none."""
        headers = dict(arguments.pop("headers", None) or {})
        key = uuid7() if idempotency_key is None else idempotency_key
        if key:
            headers["Idempotency-Key"] = key
        return self.request(method, path, json=body, headers=headers, **arguments)

    def post(self, path, body=None, idempotency_key=None, **arguments):
        return self.send("POST", path, body, idempotency_key, **arguments)

    def put(self, path, body=None, idempotency_key=None, **arguments):
        return self.send("PUT", path, body, idempotency_key, **arguments)

    def patch(self, path, body=None, idempotency_key=None, **arguments):
        return self.send("PATCH", path, body, idempotency_key, **arguments)

    def delete(self, path, idempotency_key=None, **arguments):
        return self.send("DELETE", path, None, idempotency_key, **arguments)


class LedgerServer:
    """`billing serve` on a data directory that outlives restarts."""

    drain = ("--drain-seconds", "0")  # no load balancer has to notice

    def __init__(self, binary, folder, kafka="none", arguments=(), environment=None):
        self.binary = pathlib.Path(binary)
        self.folder = pathlib.Path(folder)
        self.data = self.folder / "data"
        self.key_file = self.folder / "admin.key"
        self.log = self.folder / "server.log"
        self.port = free_ports()
        self.kafka = kafka
        self.arguments = list(arguments)
        self.environment = dict(environment or {})
        self.process = None
        self.folder.mkdir(parents=True, exist_ok=True)
        atexit.register(self.kill)

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    def log_tail(self, lines=30):
        text = self.log.read_text(errors="replace") if self.log.exists() else ""
        return "\n".join(text.splitlines()[-lines:])

    def command(self):
        return [str(self.binary), "serve", "--data", str(self.data), "--listen", f"127.0.0.1:{self.port}",
                "--kafka", self.kafka, "--admin-key-file", str(self.key_file), *self.drain, *self.arguments]

    def begin(self):
        """Starts the server and waits for nothing."""
        assert not self.running(), "the server runs already"
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self.command(), stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT, cwd=self.folder,
                env={**os.environ, **self.environment}, preexec_fn=die_with_parent(os.getpid()))

    def start(self, ready_s=30):
        """Starts the server and waits for /readyz; an early end shows the log's tail."""
        self.begin()
        wait_until(self.ready_or_ended, ready_s, lambda: f"ready at {self.url}\n{self.log_tail()}")
        assert self.running(), f"billing serve ended with {self.process.returncode}:\n{self.log_tail()}"
        return self

    def ready_or_ended(self):
        if not self.running():
            return True
        try:
            return Client(self.url, timeout_s=2).get("/readyz").status_code == 200
        except requests.RequestException:
            return False

    def running(self):
        return self.process is not None and self.process.poll() is None

    def stop(self, seconds=20):
        """SIGTERM; the server must end by itself and with status 0."""
        if not self.running():
            return
        self.process.send_signal(signal.SIGTERM)
        try:
            status = self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.kill()
            raise AssertionError(f"no end within {seconds} s of SIGTERM:\n{self.log_tail()}") from None
        assert status == 0, f"status {status} after SIGTERM:\n{self.log_tail()}"

    def kill(self):
        """SIGKILL, as a crash would."""
        if self.running():
            self.process.kill()
            self.process.wait(10)

    def restart(self, hard=False, ready_s=30):
        if hard:
            self.kill()
        else:
            self.stop()
        return self.start(ready_s)

    @property
    def admin_key(self):
        """The bearer key that the first start made; nobody but its owner may read the file."""
        mode = stat.S_IMODE(self.key_file.stat().st_mode)
        assert mode == 0o600, f"{self.key_file} has mode {mode:o}"
        return self.key_file.read_text().strip()

    def client(self, key=None):
        """A client with `key`, or as administrator."""
        return Client(self.url, self.admin_key if key is None else key)


class KafkaBroker:
    """A real broker, by `ops/kafka`, that ends with this process at the latest."""

    def __init__(self, folder):
        self.data = pathlib.Path(folder) / "kafka"
        self.port = free_ports(2)
        atexit.register(self.kill)

    @property
    def bootstrap(self):
        return f"127.0.0.1:{self.port}"

    def command(self, *arguments, seconds=200):
        done = subprocess.run([str(ROOT / "ops/kafka"), *arguments, "--data", str(self.data)], text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, timeout=seconds)
        return done.returncode, done.stdout

    def must(self, *arguments, seconds=200):
        status, output = self.command(*arguments, seconds=seconds)
        assert status == 0, f"ops/kafka {' '.join(arguments)}: status {status}\n{output}"
        return output

    def up(self):
        self.must("up", "--port", str(self.port), "--owner", str(os.getpid()))
        return self

    def down(self):
        self.must("down")

    def running(self):
        return self.command("status")[0] == 0

    def pid(self):
        return int((self.data / "broker.pid").read_text())

    def kill(self):
        """SIGKILL, as a crash would; no wait but for the process to be gone."""
        try:
            pid = self.pid()
            if str(self.data / "server.properties").encode() not in pathlib.Path(f"/proc/{pid}/cmdline").read_bytes():
                return
            os.kill(pid, signal.SIGKILL)
        except (OSError, ValueError):
            return
        wait_until(lambda: not runs(pid), 10, f"end of broker {pid}")

    def create_topic(self, name, partitions=1):
        from confluent_kafka.admin import AdminClient, NewTopic

        admin = AdminClient({"bootstrap.servers": self.bootstrap})  # must outlive the future
        admin.create_topics([NewTopic(name, partitions, 1)])[name].result(20)
        return name


def runs(pid):
    """Whether any of its threads is left: after a kill the first one may be gone while the others still hold the ports."""
    def alive(stat):
        try:
            return stat.read_text().rpartition(")")[2].split()[0] not in "ZX"
        except OSError:
            return False

    return any(alive(stat) for stat in pathlib.Path(f"/proc/{pid}/task").glob("*/stat"))

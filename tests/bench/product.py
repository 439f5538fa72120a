"""The server as the bench starts, stops, kills and asks it."""
import http.client, json, pathlib, signal, socket, subprocess, sys, time


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def cpu_seconds(pid):
    """CPU that a process has used so far, user and system, to the nanosecond where the kernel counts it."""
    total = 0
    for task in pathlib.Path(f"/proc/{pid}/task").iterdir():
        try:
            total += int((task / "schedstat").read_text().split()[0])
        except (OSError, IndexError):
            pass  # a thread that ended meanwhile
    return total / 1e9


def high_water_kib(pid):
    return next(int(line.split()[1]) for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines() if line.startswith("VmHWM"))


def size_of(folder):
    return sum(file.stat().st_blocks * 512 for file in pathlib.Path(folder).rglob("*") if file.is_file())


class Product:
    """The server on its own data directory."""

    def __init__(self, binary, folder):
        self.binary, self.folder, self.port = binary, pathlib.Path(folder), free_port()
        self.key_file = self.folder.parent / "admin.key"
        self.process = None

    def start(self):
        """Returns the seconds until /readyz said ready: it answers others while it opens."""
        begin = time.monotonic()
        log = open(self.folder.parent / "server.log", "ab")
        self.process = subprocess.Popen(
            [self.binary, "serve", "--data", self.folder, "--listen", f"127.0.0.1:{self.port}", "--kafka", "none",
             "--admin-key-file", self.key_file], stdout=log, stderr=log)
        while True:
            try:
                if self.status("/readyz") == 200:
                    break
            except OSError:
                pass
            if self.process.poll() is not None or time.monotonic() - begin > 600:
                sys.exit(f"the server does not start, see {log.name}")
            time.sleep(0.01)
        self.key = self.key_file.read_text().strip()
        return time.monotonic() - begin

    def stop(self):
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(60)
            except subprocess.TimeoutExpired:
                self.process.kill()

    def kill(self):
        self.process.kill()
        self.process.wait()

    def status(self, path):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        connection.request("GET", path)
        answer = connection.getresponse()
        answer.read()
        connection.close()
        return answer.status

    def get(self, path, key=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        connection.request("GET", path, headers={"Authorization": f"Bearer {key}"} if key else {})
        answer = connection.getresponse()
        text = answer.read().decode()
        connection.close()
        return text

    def post(self, path, body, command=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)
        headers = {"Authorization": f"Bearer {self.key}"} | ({"Idempotency-Key": command} if command else {})
        connection.request("POST", path, body, headers)
        answer = connection.getresponse()
        text = answer.read()
        return text if answer.status < 400 else sys.exit(f"{path}: {answer.status} {text.decode()[:500]}")

    def metrics(self):
        values = {}
        for line in self.get("/metrics").splitlines():
            if not line.startswith("#"):
                name, _, value = line.rpartition(" ")
                values[name] = float(value)
        return values

    def caught_up(self, give_up_after=600):
        """Waits until every view shows the head; the seconds that took."""
        begin = time.monotonic()
        while time.monotonic() - begin < give_up_after:
            values = self.metrics()
            if values["billing_log_position"] == values['billing_view_position{view="views"}']:
                return time.monotonic() - begin
            time.sleep(0.02)
        sys.exit("the views did not catch up")

    def prepare(self, count, file):
        """One customer, `count` accounts; their ids go to `file`. Returns an answer of a single payment."""
        self.customer = json.loads(self.post("/v1/customers", json.dumps({"name": "Bench", "currency": "USD"}), "bench-customer"))["id"]
        lines = "".join(json.dumps({"id": f"account-{i}", "command": "account.open", "body": {
            "customer": self.customer, "number": f"B{i:06}", "name": f"Account {i}"}}) + "\n" for i in range(count))
        ids = [json.loads(line)["object_id"] for line in self.post("/v1/batches", lines).splitlines()]
        file.write_text("".join(f"{one}\n" for one in ids))
        payment = {"account": ids[0], "amount": {"amount": "12.34", "currency": "USD"}, "method": "wire"}
        return self.post("/v1/payments", json.dumps(payment), "bench-payment")

"""The program's commands as the suites use them: verify, a start that may be refused, digests of a tree."""

import hashlib
import os
import pathlib
import shutil
import subprocess
import time

from harness import ROOT, LedgerServer, die_with_parent, free_ports

VERIFY_S_MAX = 120


def verify(binary, data, *arguments, environment=None):
    """(status, output) of `billing verify`; the status is None when it did not end in time."""
    try:
        done = subprocess.run([str(binary), "verify", "--data", str(data), *arguments], stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=VERIFY_S_MAX,
                              env={**os.environ, **(environment or {})}, preexec_fn=die_with_parent(os.getpid()))
        return done.returncode, done.stdout.decode(errors="replace")
    except subprocess.TimeoutExpired as late:
        return None, (late.stdout or b"").decode(errors="replace")


class Server(LedgerServer):
    """A server whose start may fail, and that may end in any way."""

    def try_start(self, ready_s=30):
        """None when it answers, else its status (-99 when it neither answers nor ends), with its log in `said`.

        Each start has a port of its own: one that somebody else took meanwhile must not look like a refusal.
        """
        self.port = free_ports()
        self.log.unlink(missing_ok=True)
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self.command(), stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT, cwd=self.folder,
                env={**os.environ, **self.environment}, preexec_fn=die_with_parent(os.getpid()))
        deadline = time.monotonic() + ready_s
        while not self.ready_or_ended():
            if time.monotonic() > deadline:
                return None if self.running() and self.answers() else -99
            time.sleep(0.01)
        return None if self.running() else self.process.returncode

    def answers(self):
        """Whether it answers at all, ready or not."""
        try:
            return self.client().get("/livez", timeout=5).status_code == 200
        except OSError:
            return False

    @property
    def said(self):
        return self.log.read_text(errors="replace") if self.log.exists() else ""

    def refused_with_a_file(self):
        """Whether what says why it did not start names a file or folder below the data directory.

        That is a line start_failed, or, before the log begins, a line that is no JSON. Other lines name the directory always.
        """
        return any(f"{self.data}/" in one for one in self.said.splitlines() if '"start_failed"' in one or not one.startswith("{"))

    def end(self, seconds=30):
        """SIGTERM; its status, or None when it hangs (it is killed then)."""
        if self.running():
            self.process.terminate()
            try:
                self.process.wait(seconds)
            except subprocess.TimeoutExpired:
                self.kill()
                return None
        return self.process.returncode


def library(folder, name):
    """tests/faults/<name>.c, compiled for LD_PRELOAD."""
    path = folder / f"{name}.so"
    if not path.exists():
        compiler = shutil.which("clang-19") or shutil.which("cc") or "cc"
        subprocess.run([compiler, "-shared", "-fPIC", "-O1", "-o", path, ROOT / f"tests/faults/{name}.c"], check=True)
    return path


def tree_digest(folder):
    """Of every name, kind, mode and byte below a folder."""
    sum_ = hashlib.sha256()
    for path in sorted(pathlib.Path(folder).rglob("*")):
        sum_.update(f"{path.relative_to(folder)}\0{path.lstat().st_mode:o}\0".encode())
        if path.is_file():
            sum_.update(hashlib.sha256(path.read_bytes()).digest())
    return sum_.hexdigest()

"""The unit for systemd and the manual's installation say the same."""

import re
import shutil
import subprocess

import pytest

from harness import ROOT

UNIT = ROOT / "ops/systemd/billing.service"
USERS = ROOT / "ops/systemd/billing.sysusers.conf"
MANUAL = (ROOT / "docs/operations.md").read_text()


def service():
    """Assignments of the unit's section [Service]; the last one of a name."""
    section = UNIT.read_text().split("[Service]")[1].split("[Install]")[0]
    return dict(re.findall(r"^(\w+)=(.*)$", section, re.MULTILINE))


def test_the_service_runs_as_a_user_that_is_always_there():
    unit, (user, home) = service(), re.search(r'^u (\S+) - "[^"]+" (\S+) -$', USERS.read_text(), re.MULTILINE).groups()
    assert (unit["User"], unit["Group"]) == (user, user) and "DynamicUser" not in unit
    assert home == f"/var/lib/{unit['StateDirectory']}" and unit["StateDirectoryMode"] == "0700"


def test_what_is_printed_for_a_terminal_reaches_no_journal():
    assert service()["StandardOutput"] == "null" and service()["StandardError"] == "journal"


def test_the_manual_installs_the_user_and_keeps_the_settings_from_others():
    assert "ops/systemd/billing.sysusers.conf /etc/sysusers.d/billing.conf" in MANUAL and "systemd-sysusers" in MANUAL
    assert "install -m 0640 -o root -g billing" in MANUAL and "/etc/billing/billing.toml" in service()["ExecStart"]
    for command in re.findall(r"^(.*billing (?:backup|restore) .*)$", MANUAL.split("## Back up")[1].split("## Verify")[0], re.MULTILINE):
        assert command.startswith("sudo -u billing billing "), command


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="no systemd-analyze")
def test_systemd_understands_the_unit(tmp_path):
    # With programs that are there: the service's own need not be installed.
    text = UNIT.read_text().replace("/usr/local/bin/billing", "/bin/true")
    (tmp_path / "billing.service").write_text(text)
    done = subprocess.run(["systemd-analyze", "verify", "--man=no", tmp_path / "billing.service"], text=True, capture_output=True,
                          timeout=60, check=False)
    assert "billing.service:" not in done.stderr, done.stderr

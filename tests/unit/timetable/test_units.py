"""The units that are written: what they must say, and what systemd thinks of them."""

import shutil
import subprocess
from pathlib import Path

import pytest

from zalo_alert.errors import UsageError
from zalo_alert.timetable.grammar import read_timetable
from zalo_alert.timetable.units import Service, service_text, timer_text, unit_word

TRUE = shutil.which("true") or "/bin/true"
PLACES = ["/var/lib/zalo-alert", "/home/truc/phòng chống", "/tmp/100%/x", "/srv/a$b"]


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("account", [("root", "root"), ("", "")], ids=["system", "user"])
def test_systemd_finds_no_fault(place, account, tmp_path):
    if shutil.which("systemd-analyze") is None:
        pytest.skip("there is no systemd-analyze here")
    service = Service(
        "zalo-alert DT-1 100% (Vietnam's time)", [TRUE, "schedule", "fire", "dt-1", "--workspace", place], Path(place), account
    )
    (tmp_path / "dt.service").write_text(service_text(service), encoding="utf-8")
    for number, text in enumerate(("mon,thu 07:30", "monthly 1,last 08:00", "every 2 min", "2026-12-05 07:30")):
        name = "dt.timer" if not number else f"dt{number}.timer"
        (tmp_path / name).write_text(timer_text("x", read_timetable(text)) + "# \n", encoding="utf-8")
        if number:
            (tmp_path / f"dt{number}.service").write_text(service_text(service), encoding="utf-8")
    names = [str(path) for path in sorted(tmp_path.iterdir())]
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", *names], capture_output=True, text=True, check=False, timeout=60
    )
    if "Failed to" in done.stderr and str(tmp_path) not in done.stderr and "dt" not in done.stderr:
        pytest.skip(f"systemd-analyze can't work here: {done.stderr[:200]}")

    assert [line for line in done.stderr.splitlines() if "dt" in line] == []


def test_a_system_unit_is_the_owners_and_may_write_its_workspace_alone():
    text = service_text(Service("x", [TRUE], Path("/var/lib/zalo-alert"), ("zalo-alert", "zalo-alert")))

    wanted = [
        "User=zalo-alert",
        "ReadWritePaths=-/var/lib/zalo-alert",
        "ProtectSystem=strict",
        "ProtectHome=yes",
        "PrivateTmp=yes",
    ]
    wanted += ["NoNewPrivileges=yes", "CapabilityBoundingSet=", "RestartPreventExitStatus=1 2 3 10 11 14"]
    for line in wanted:
        assert f"\n{line}\n" in text
    assert "Environment" not in text


def test_a_persons_unit_asks_nothing_that_only_root_may():
    text = service_text(Service("x", [TRUE], Path("/home/truc/pctt")))

    assert not {"User=", "CapabilityBoundingSet=", "ProtectSystem=", "PrivateTmp=", "After=network"} & {
        line.partition("=")[0] + "=" for line in text.splitlines()
    }
    assert "\nNoNewPrivileges=yes\n" in text


def test_words_are_quoted_for_systemd():
    assert [unit_word(word) for word in ("a", "a b", "100%", "$HOME", 'say "x"', "")] == [
        "a", '"a b"', "100%%", "$$HOME", '"say \\"x\\""', '""',
    ]  # fmt: skip
    with pytest.raises(UsageError):
        unit_word("a\nExecStart=/bin/evil")

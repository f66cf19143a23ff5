"""The files for an office's machine: what they must say, and what the programs that read them think of them."""

import configparser
import os
import re
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from tools.packages import debian

DEPLOY = Path(__file__).parent.parent.parent / "deploy"
UNITS = (
    "zalo-alert-resume@.service", "zalo-alert-refresh.service", "zalo-alert-watchdog.service", "zalo-alert-wall.service",
    "zalo-alert-webhook.service", "zalo-alert-consents.service", "zalo-alert-followers.service", "zalo-alert-backup.service",
    "zalo-alert-retention.service",
)  # fmt: skip
TIMERS = (
    "zalo-alert-refresh.timer", "zalo-alert-watchdog.timer", "zalo-alert-followers.timer", "zalo-alert-backup.timer",
    "zalo-alert-retention.timer",
)  # fmt: skip
MORE_WRITABLE = {"zalo-alert-backup.service": " -/var/backups/zalo-alert"}  # where that is, if anywhere
PYTHON = "/opt/zalo-alert/bin/python"

pytestmark = pytest.mark.skipif(os.name != "posix", reason="files for Linux")


def text_of(name):
    return (DEPLOY / name).read_text(encoding="utf-8")


def unit(name):
    parser = configparser.ConfigParser(interpolation=None, strict=True)
    parser.optionxform = str  # type: ignore[method-assign,assignment]
    parser.read_string(text_of(name))
    return parser


@pytest.mark.parametrize("name", UNITS)
def test_a_unit_is_the_accounts_own_and_may_write_its_workspace_alone(name):
    service = unit(name)["Service"]

    assert (service["User"], service["Group"]) == ("zalo-alert", "zalo-alert")
    assert service["ProtectSystem"] == "strict"
    assert service["ReadWritePaths"] == f"/var/lib/zalo-alert{MORE_WRITABLE.get(name, '')}"
    assert (service["NoNewPrivileges"], service["CapabilityBoundingSet"], service["ProtectHome"]) == ("yes", "", "yes")
    assert service["ExecStart"].startswith(f"{PYTHON} -I -m zalo_alert ")
    assert not {"Environment", "EnvironmentFile"} & set(service), "secrets stand in the secrets file"


def test_what_goes_on_by_itself_does_not_override_a_stop():
    service = unit("zalo-alert-resume@.service")["Service"]

    assert service["ExecStart"].endswith(" send %i --yes")
    assert service["Restart"] == "on-abnormal"


def test_every_unit_is_looked_at():
    assert {path.name for path in DEPLOY.iterdir() if path.suffix in (".service", ".timer")} == {*UNITS, *TIMERS}


def test_the_door_is_started_again_unless_its_settings_are_wrong():
    service = unit("zalo-alert-webhook.service")["Service"]

    assert (service["Restart"], service["RestartPreventExitStatus"], service["SuccessExitStatus"]) == ("always", "2 11", "130")
    assert service["ExecStart"].endswith(" webhook")


@pytest.mark.parametrize("name", [*UNITS, *TIMERS])
def test_systemd_reads_a_unit(name, tmp_path):
    if shutil.which("systemd-analyze") is None:
        pytest.skip("there is no systemd-analyze here")
    for path in DEPLOY.glob("*.service"):  # the program of an office's machine is not on this one
        found = path.read_text(encoding="utf-8").replace(PYTHON, "/bin/true")
        (tmp_path / path.name).write_text(found, encoding="utf-8")
    for path in DEPLOY.glob("*.timer"):
        shutil.copy(path, tmp_path)
    named = tmp_path / name.replace("@.", "@DT-TW-261124-01.")
    if named.name != name:
        (tmp_path / name).rename(named)
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", str(named)], capture_output=True, text=True, check=False, timeout=60
    )
    if "Failed to" in done.stderr and str(tmp_path) not in done.stderr:
        pytest.skip(f"systemd-analyze can't work here: {done.stderr[:200]}")
    assert [line for line in done.stderr.splitlines() if named.stem in line] == []


def test_sudo_lets_officers_run_one_command_and_keeps_no_environment():
    lines = [line for line in text_of("zalo-alert.sudoers").splitlines() if line and not line.startswith("#")]

    assert [line for line in lines if not line.startswith(("Defaults", "Cmnd_Alias"))] == [
        "%zalo-officers ALL = (zalo-alert : zalo-alert) ZALO_ALERT_OFFICE"
    ]
    assert "Cmnd_Alias ZALO_ALERT_OFFICE = /usr/local/bin/zalo-alert-office" in lines
    assert any("env_reset, !setenv" in line for line in lines)
    assert 'Defaults!ZALO_ALERT_OFFICE env_keep = "TERM", env_check = "TERM"' in lines
    assert not any("NOPASSWD" in line or "SETENV:" in line for line in lines)


def test_sudo_reads_it():
    visudo = shutil.which("visudo", path=f"{os.environ['PATH']}:/usr/sbin:/sbin")
    if visudo is None:
        pytest.skip("there is no visudo here")
    done = subprocess.run([visudo, "-cf", str(DEPLOY / "zalo-alert.sudoers")], capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stdout + done.stderr


def test_secrets_and_runs_are_the_accounts_alone():
    rows = [line.split() for line in text_of("zalo-alert.tmpfiles").splitlines() if not line.startswith("#")]
    modes = {row[1]: row[2:5] for row in rows}

    assert modes["/var/lib/zalo-alert"] == ["0700", "zalo-alert", "zalo-alert"]
    assert modes["/etc/zalo-alert/secrets.env"] == ["0600", "zalo-alert", "zalo-alert"]
    assert "/usr/sbin/nologin" in text_of("zalo-alert.sysusers")


# --- the officers' command ---------------------------------------------------------------------------------------------------


class Office:
    """The officers' command, called as by sudo."""

    def __init__(self, command, folder):
        self.command, self.folder = command, folder

    def __call__(self, *words, stdin="", **environ):
        given = {**os.environ, "SUDO_USER": "dung", **environ}
        return subprocess.run([self.command, *words], input=stdin, capture_output=True, text=True, check=False, env=given)


@pytest.fixture
def office(tmp_path):
    """The officers' command as if this account were the office's; the program says what it was given."""
    python = tmp_path / "python"
    python.write_text('#!/bin/sh\nfor word in "$@"; do echo "$word"; done\nenv\n', encoding="utf-8")
    python.chmod(0o755)
    workspace = tmp_path / "workspace"
    (workspace / "campaigns").mkdir(parents=True)
    (workspace / "campaigns" / "c.yaml").touch()
    (tmp_path / "secrets.env").write_text("SECRET=value\n", encoding="utf-8")
    (workspace / "campaigns" / "link.yaml").symlink_to(tmp_path / "secrets.env")
    own = subprocess.run(["id", "-un"], capture_output=True, text=True, check=True).stdout.strip()
    changes = {"ACCOUNT=zalo-alert": f"ACCOUNT={own}", "/var/lib/zalo-alert": str(workspace), PYTHON: str(python)}
    script = text_of("zalo-alert-office")
    for before, after in changes.items():
        assert before in script
        script = script.replace(before, after)
    command = tmp_path / "zalo-alert-office"
    command.write_text(script, encoding="utf-8")
    command.chmod(0o755)

    return Office(command, workspace)


def test_the_officers_command_is_a_program():
    assert stat.S_IMODE((DEPLOY / "zalo-alert-office").stat().st_mode) & 0o111


def test_it_runs_the_program_with_nothing_of_the_callers_environment(office):
    done = office("submit", "campaigns/c.yaml", "--as", "Vũ Dũng", ZALO_ALERT_OAUTH_URL="https://elsewhere", PYTHONPATH="/tmp")

    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[:7] == ["-I", "-m", "zalo_alert", "submit", "campaigns/c.yaml", "--as", "Vũ Dũng"]
    assert "ZALO_ALERT_" not in done.stdout
    assert "PYTHONPATH" not in done.stdout
    assert "LOGNAME=dung" in done.stdout


@pytest.mark.parametrize(
    "words",
    [
        (),
        ("init", "."),
        ("export", "-"),
        ("backup", "make", "campaigns"),
        ("restore", "campaigns/c.yaml"),
        ("retention", "--yes"),
        ("archive", "DT-1"),
        ("schedule", "install", "campaigns/c.yaml"),
        ("articles", "hide", "campaigns/c.yaml"),
        ("followers", "export", "x.csv"),
        ("accounts", "login"),
        ("plan", "campaigns/c.yaml", "--workspace", "/home/dung"),
        ("plan", "campaigns/c.yaml", "--workspace=/home/dung"),
        ("plan", "campaigns/c.yaml", "--allow-outside", "/etc"),
        ("plan", "campaigns/c.yaml", "--log-file", "zalo-alert.yaml"),
        ("plan", "campaigns/c.yaml", "--log-file=lists/staff.txt"),
        ("log", "--file", "../secrets.env"),
        ("validate", "../secrets.env"),
        ("validate", "/etc/passwd"),
        ("validate", "campaigns/link.yaml"),
        ("plan", "campaigns/c.yaml", "--recipients=../secrets.env"),
        ("put", "zalo-alert.yaml"),
        ("put", "campaigns/../zalo-alert.yaml"),
        ("put", "campaigns/.hidden"),
        ("put", "campaigns/a b"),
        ("put", "campaigns/"),
    ],
)
def test_it_refuses_what_would_lead_elsewhere(office, words):
    done = office(*words)

    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.startswith("zalo-alert-office: ")


@pytest.mark.parametrize(
    "words", [("runs", "--open", "--since", "2026-11-01"), ("archive", "list"), ("schedule", "list"), ("articles", "list")]
)
def test_what_only_shows_is_for_officers(office, words):
    done = office(*words)

    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[3 : 3 + len(words)] == list(words)


def test_it_puts_a_whole_file_in_place_of_another_also_of_a_link(office):
    done = office("put", "campaigns/link.yaml", stdin="code: DT-1\n")
    path = office.folder / "campaigns" / "link.yaml"

    assert done.returncode == 0, done.stderr
    assert (path.is_symlink(), path.read_text(encoding="utf-8")) == (False, "code: DT-1\n")
    assert sorted(file.name for file in path.parent.iterdir()) == ["c.yaml", "link.yaml"]


# --- the container -----------------------------------------------------------------------------------------------------------

CONTAINER = DEPLOY / "Containerfile"


def test_nothing_is_wrong_with_the_containers_file():
    hadolint = Path(sys.executable).with_name("hadolint")
    if not hadolint.exists():
        pytest.skip("there is no hadolint here")
    done = subprocess.run([hadolint, CONTAINER], capture_output=True, text=True, check=False)

    assert (done.returncode, done.stdout) == (0, "")


def test_the_container_has_no_rights_no_secrets_and_what_is_pinned():
    text = CONTAINER.read_text(encoding="utf-8")
    lines = text.splitlines()

    assert lines[-2:] == ['ENTRYPOINT ["zalo-alert"]', 'CMD ["--help"]']
    assert "USER 10001:10001" in lines
    assert "--require-hashes --only-binary :all: -r runtime.lock" in text
    assert any(line.startswith("HEALTHCHECK ") for line in lines)
    assert not [line for line in lines if line.startswith(("ENV", "ARG")) and any(word in line for word in ("TOKEN", "SECRET"))]


def test_only_what_is_named_goes_into_the_container():
    ignored = (DEPLOY.parent / ".containerignore").read_text(encoding="utf-8")

    rules = [line for line in ignored.splitlines() if not line.startswith("#")]
    assert rules == ["*", "!deploy/runtime.lock", "!build/dist/*.whl"]
    assert (DEPLOY.parent / ".dockerignore").read_text(encoding="utf-8") == ignored


# --- the packages ------------------------------------------------------------------------------------------------------------


def test_the_lock_of_the_packages_is_a_part_of_the_tested_one():
    locks = (DEPLOY.parent / "requirements.lock", DEPLOY / "runtime.lock")
    tested, packed = (pins(path.read_text(encoding="utf-8")) for path in locks)

    assert packed <= tested
    assert not [pin for pin in packed if pin.startswith(("pytest", "mypy", "ruff", "shiv", "hatchling"))]


def pins(lock):
    """Return each pin of a lock with its marker and its hashes."""
    return {pin.strip() for pin in re.split(r"\n(?=[A-Za-z0-9])", lock)}


@pytest.mark.parametrize("name", debian.SCRIPTS)
def test_a_shell_reads_the_packages_scripts(name, tmp_path, monkeypatch):
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1580601600")
    debian.lay_control(tmp_path, {"version": "1", "architecture": "amd64", "libc": "2.28"})
    script = tmp_path / "DEBIAN" / name

    assert "#SENDING#" not in script.read_text(encoding="utf-8")
    assert subprocess.run(["sh", "-n", script], check=False).returncode == 0


def test_the_package_names_the_python_it_was_built_for(tmp_path, monkeypatch):
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1580601600")
    debian.lay_control(tmp_path, {"version": "1", "architecture": "amd64", "libc": "2.28"})
    control = (tmp_path / "DEBIAN" / "control").read_text(encoding="utf-8")

    assert f"Depends: python{sys.version_info[0]}.{sys.version_info[1]}, libc6 (>= 2.28), " in control


def test_the_packaged_officers_command_and_its_rule_agree(tmp_path):
    for name in ("zalo-alert-office", "zalo-alert.sudoers"):
        text = debian.moved(text_of(name))
        assert "/usr/bin/zalo-alert-office" in text
        assert "/usr/local" not in text


def sending_refused(words, folder):
    """Whether an upgrade is refused while a process of these words runs, under a stand-in for /proc."""
    process = folder / "proc" / "17"
    process.mkdir(parents=True)
    (process / "cmdline").write_bytes(b"\0".join(word.encode() for word in words) + b"\0")
    script = text_of("debian/sending").replace("/proc", str(folder / "proc")) + "\nrefuse_while_sending\n"
    return subprocess.run(["sh", "-c", script], capture_output=True, text=True, check=False)


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ((PYTHON, "-I", "-m", "zalo_alert", "send", "DT-1", "--yes"), 1),
        ((PYTHON, "-I", "/usr/bin/zalo-alert", "resume", "DT-1"), 1),
        ((PYTHON, "-I", "-m", "zalo_alert", "webhook"), 0),
        (("/usr/bin/vi", "send", "x"), 0),
    ],
)
def test_no_version_is_changed_under_an_alert_that_is_being_sent(tmp_path, words, code):
    done = sending_refused(words, tmp_path)

    assert done.returncode == code
    assert ("an alert is being sent" in done.stderr) == bool(code)

"""The product without its shell: the scripts of docs/scripting.md, and a run that is killed and goes on."""

import inspect
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import zalo_alert
from zalo_alert.operations.workspace import Workspace
from zalo_alert.sandbox.synthetic import write_followers

PAGE = Path(__file__).parents[2] / "docs" / "scripting.md"
DRILL, LOOK, CRASH, SERVE = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
WITHOUT_SHELL = """
import sys  # rich is not asked for: where click is installed, httpx loads it for a command line of its own
shell = [name for name in sys.modules if name.split(".")[0] == "typer" or name.startswith("zalo_alert.cli")]
assert not shell, shell
"""
PEOPLE = 1500
PACED = 9000  # a minute: ten seconds for all


@pytest.fixture
def folder(tmp_path, sandbox):
    Workspace.create(tmp_path)
    write_followers(tmp_path / "followers.csv", PEOPLE)
    set_rate(tmp_path, 6_000_000)
    return tmp_path


def set_rate(folder, per_minute):
    config = folder / "zalo-alert.yaml"
    config.write_text(re.sub(r"app_per_minute: \d+", f"app_per_minute: {per_minute}", config.read_text()), encoding="utf-8")


def start(script, folder, sandbox):
    environ = os.environ | sandbox.environ("pctt")
    command = [sys.executable, "-W", "error", "-c", script + WITHOUT_SHELL]
    return subprocess.Popen(command, cwd=folder, env=environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def run(script, folder, sandbox):
    child = start(script, folder, sandbox)
    out, err = child.communicate(timeout=60)
    assert child.returncode == 0, err
    return out


def test_a_drill_is_sent_in_ten_lines_and_looked_at(folder, sandbox):
    assert f"{PEOPLE} accepted; everyone" in run(DRILL, folder, sandbox)
    assert f"{PEOPLE} people, {PEOPLE} requests" in run(LOOK, folder, sandbox)
    assert sandbox.stats()["people"] == PEOPLE


@pytest.mark.kill
def test_a_killed_run_goes_on_and_accounts_for_everyone(folder, sandbox, wait_until):
    set_rate(folder, PACED)
    child = start(DRILL, folder, sandbox)
    wait_until(lambda: sandbox.stats()["accepted"] > 50)
    child.kill()
    child.communicate()
    set_rate(folder, 6_000_000)
    said = run(CRASH, folder, sandbox)

    accepted, unknown = map(int, re.findall(r"(\d+) accepted, (\d+) unknown", said)[0])
    assert accepted + unknown == PEOPLE
    assert sandbox.stats()["twice"] == 0
    assert len((folder / "everyone.ndjson").read_bytes().splitlines()) == PEOPLE


def test_a_sandbox_is_served_and_examined(folder, sandbox):
    run(DRILL, folder, sandbox)
    assert "all well" in run(SERVE, folder, sandbox)


def test_the_door_has_these_signatures():
    methods = {name: one for name, one in vars(Workspace).items() if inspect.isfunction(one) and not name.startswith("_")}
    names = {name: [*inspect.signature(one).parameters][1:] for name, one in methods.items()}
    assert names == {
        "account": ["name"],
        "after_action": ["names", "at"],
        "all_clear": ["names", "agree", "wording", "observer"],
        "book": ["account"],
        "cancel": ["name", "observer"],
        "check_accounts": ["names", "on_result"],
        "check_fit": ["draft"],
        "correct": ["name", "agree", "wording", "observer"],
        "draft": ["campaign", "recipients", "outside", "observer", "despite_never"],
        "examine": ["campaign", "observer", "online"],
        "export": ["target", "name", "states", "as_marks"],
        "log": ["name", "since"],
        "export_book": ["target", "account"],
        "export_person": ["user_id", "target", "account"],
        "fold_receipts": ["step", "observer"],
        "forget": ["user_id", "account", "observer"],
        "freeze": ["campaign", "agree", "observer", "recipients", "occurrence", "orders", "outside"],
        "full_report": ["name"],
        "import_events": ["account", "observer"],
        "import_followers": ["source", "account", "name", "origin", "rejects", "observer"],
        "log_in": ["account", "show_link", "ask_address", "observer", "app"],
        "monthly": ["month", "at"],
        "open_approval": ["run"],
        "open_break_glass": ["run"],
        "person": ["user_id", "account"],
        "plan": ["campaign", "recipients"],
        "receipt_status": ["run"],
        "rehearse": ["draft", "observer"],
        "prepare_submission": ["order", "name", "agree", "observer"],
        "refusals": ["account"],
        "reject": ["run", "reason", "signer"],
        "report": ["name"],
        "resume": ["name", "orders", "observer"],
        "run": ["name"],
        "run_to_read": ["name"],
        "run_to_resume": ["name"],
        "send": ["run", "orders", "observer", "opening"],
        "shortfalls": ["report"],
        "sitrep": ["order"],
        "status": ["name"],
        "stop": ["name", "observer"],
        "submit": ["order", "signer", "agree", "observer"],
        "take_submission": ["run", "signature"],
        "sync": ["account", "observer", "most_details"],
        "token_standings": [],
    }
    assert [*inspect.signature(zalo_alert.parse).parameters] == ["text", "file", "is_frozen"]
    assert [*inspect.signature(zalo_alert.serve_sandbox).parameters] == ["options", "port", "tls"]

"""What the README shows is true: its commands run as written, its tables are complete."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from typer.main import get_command

from zalo_alert.cli.app import app, load_commands
from zalo_alert.errors import ExitCode

README = (Path(__file__).parent.parent.parent / "README.md").read_text(encoding="utf-8")
load_commands()


@pytest.mark.slow
@pytest.mark.kill
def test_every_command_in_it_runs_as_written(empty_desk):
    blocks = [block for block in re.findall(r"```sh\n(.*?)```", README, re.DOTALL) if "make " not in block]
    script = "trap 'kill $(jobs -p)' EXIT\n" + "\n".join(blocks)
    environ = empty_desk.environ | {"PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}", "COLUMNS": "160"}
    done = subprocess.run(
        ["bash"], input=script, cwd=empty_desk.folder, env=environ, capture_output=True, text=True, timeout=300, check=False
    )
    talk = done.stdout + done.stderr
    assert "Traceback" not in talk, talk
    assert "Usage:" not in talk, talk
    errors = [line for line in talk.splitlines() if line.startswith("error:")]
    assert all("without an accepted message" in line for line in errors), talk
    assert "DT-CUA-TOI-01 (Exercise): open" in done.stdout  # after the kill
    assert "DT-CUA-TOI-01 is sound" in done.stdout
    desk = empty_desk.folder / "thuc-hanh"
    assert len((desk / "everyone.csv").read_text(encoding="utf-8").splitlines()) > 100
    assert (desk / "campaign.schema.json").exists()
    assert (desk / "log.jsonl").read_text(encoding="utf-8").count('"type":"report"') == 1


def test_the_table_of_exit_codes_is_the_codes():
    written = {int(code) for code in re.findall(r"^\| (\d+) \|", README, re.MULTILINE)}
    assert written == {int(code) for code in ExitCode}


def commands(group, path=()):
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from commands(command, (*path, name))
        else:
            yield " ".join((*path, name)), command


@pytest.mark.parametrize(("name", "command"), list(commands(get_command(app))))
def test_every_command_explains_itself_with_an_example(name, command):
    assert command.help
    assert f"Example: zalo-alert {name}" in command.help
    assert all(getattr(parameter, "help", "") for parameter in command.params if parameter.name not in ("json", "workspace"))


def test_every_command_stands_in_the_readme():
    missing = [name for name, _ in commands(get_command(app)) if f"zalo-alert {name}" not in README]
    assert missing == []

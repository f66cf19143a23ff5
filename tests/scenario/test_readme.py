"""What the README and the pages show is true: commands run as written, tables are complete, links lead somewhere."""

import contextlib
import json
import os
import re
import socket
import subprocess
import sys
import threading
import unicodedata
from pathlib import Path
from typing import NamedTuple

import pytest
import yaml
from typer.main import get_command

from zalo_alert.cli.app import app, load_commands
from zalo_alert.errors import ExitCode

pytestmark = pytest.mark.english

ROOT = Path(__file__).parent.parent.parent
DOCS = ROOT / "docs"
README = (ROOT / "README.md").read_text(encoding="utf-8")
PAGES = {str(path.relative_to(ROOT)): path.read_text(encoding="utf-8") for path in sorted(DOCS.rglob("*.md"))} | {
    "README.md": README
}
BLOCK = re.compile(r"^```sh\b([^\n]*)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
EXPECTED = re.compile(r"^(?P<command>.*?) +# exit code (?P<code>\d+)", re.MULTILINE)
load_commands()


class Block(NamedTuple):
    """A block of shell commands; `aside` when the page has its reader type them in a second terminal."""

    text: str
    aside: bool


def blocks(page):
    found = [Block(text, "title=" in info) for info, text in BLOCK.findall(page)]
    assert len(found) == page.count("```sh"), "a block is not closed"
    return found


def begins_with_nothing(page):
    return any(block.aside for block in blocks(page))


def script(page):
    """Return the blocks as one script, each as it stands; what a second terminal writes is there before the first goes on."""
    lines = ["trap 'trap - ERR; kill $(jobs -p) 2> /dev/null' EXIT", 'trap \'echo "$? $BASH_COMMAND" >> "$FAILURES"\' ERR']
    for block in blocks(page):
        if block.aside:
            lines += [f"{block.text.rstrip()} &", 'until [ -n "$(find . -name sandbox.env -size +0)" ]; do sleep 0.05; done']
        else:
            lines.append(block.text)
    return "\n".join(lines)


DOOR = f"""#!{sys.executable} -IS
import json, os, socket, sys
line = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
line.connect(os.environ["DOOR"])
asked = {{"words": sys.argv[1:], "cwd": os.getcwd(), "env": dict(os.environ)}}
socket.send_fds(line, [json.dumps(asked).encode()], [0, 1, 2])
sys.exit(int(line.recv(16) or b"1"))
"""


class Door:
    """A `zalo-alert` on the PATH whose commands are forked, as those of the other tests are: they cost no imports.

    Args:
        forks: See `Desk`.
        folder: Where the program and its socket are.
    """

    def __init__(self, forks, folder):
        self._forks = forks
        program = folder / "zalo-alert"
        program.write_text(DOOR, encoding="utf-8")
        program.chmod(0o700)
        self.environ = {"PATH": f"{folder}{os.pathsep}{os.environ['PATH']}", "DOOR": str(folder / "door")}
        self._line = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._line.bind(self.environ["DOOR"])
        self._line.listen()
        threading.Thread(target=self._open, daemon=True).start()

    def _open(self):
        while True:
            try:
                caller, _ = self._line.accept()
            except OSError:  # it is closed
                return
            threading.Thread(target=self._serve, args=(caller,), daemon=True).start()

    def _serve(self, caller):
        data, handles, _, _ = socket.recv_fds(caller, 1 << 20, 3)
        asked = json.loads(data)
        streams = dict(zip(("stdin", "stdout", "stderr"), handles, strict=True))
        child = self._forks(asked["words"], cwd=asked["cwd"], env=asked["env"], **streams)
        for handle in handles:
            os.close(handle)
        threading.Thread(target=self._tell, args=(caller, child), daemon=True).start()
        caller.recv(1)  # until the program has ended, by itself or killed: then so does what it stands for
        if child.poll() is None:
            child.terminate()
        caller.close()

    def _tell(self, caller, child):
        child.wait()
        with contextlib.suppress(OSError):  # nobody waits for it any more
            caller.send(str(child.returncode if child.returncode >= 0 else 128 - child.returncode).encode())

    def close(self):
        self._line.shutdown(socket.SHUT_RDWR)
        self._line.close()


@pytest.fixture
def run(tmp_path):
    """Run a page's blocks for a desk; return what they said, and each command that did not end with 0, with its exit code."""
    doors = []

    def run_page(page, desk, folder):
        (own := tmp_path / "own").mkdir()
        doors.append(Door(desk.forks, own))
        (own / "page.sh").write_text(script(page), encoding="utf-8")
        (own / "failures.txt").touch()
        environ = desk.environ | doors[-1].environ | {"FAILURES": str(own / "failures.txt"), "COLUMNS": "160"}
        done = subprocess.run(
            ["bash", own / "page.sh"], stdin=subprocess.DEVNULL, cwd=folder, env=environ, capture_output=True, text=True,
            timeout=120, check=False,
        )  # fmt: skip
        return done.stdout + done.stderr, (own / "failures.txt").read_text(encoding="utf-8").splitlines()

    yield run_page
    for door in doors:
        door.close()


@pytest.mark.slow
@pytest.mark.parametrize(
    "name",
    [pytest.param(name, marks=[] if name == "README.md" else pytest.mark.long) for name, page in PAGES.items() if blocks(page)],
)
def test_every_command_of_a_page_runs_as_written(name, run, request, tmp_path):
    page, folder = PAGES[name], tmp_path / "empty"
    folder.mkdir()
    if begins_with_nothing(page):
        desk = request.getfixturevalue("empty_desk")
    else:  # the practice workspace, as the first campaign leaves it, but faster
        desk = request.getfixturevalue("desk").at(request.getfixturevalue("sandbox"))
        folder = desk.folder

    talk, failures = run(page, desk, folder)

    assert "Traceback" not in talk, talk
    assert failures == [f"{code} {command}" for block in blocks(page) for command, code in EXPECTED.findall(block.text)], talk
    for file in folder.glob("*/everyone.csv"):  # the first campaign: stopped, resumed, accounted for
        rows = file.read_text(encoding="utf-8").splitlines()[1:]
        assert len(rows) > 400
        assert all(",accepted," in row for row in rows), talk


def test_a_page_that_fails_is_found_out(run, empty_desk, tmp_path):
    page = "```sh\ncd /\nzalo-alert status      # exit code 11\nzalo-alert stop nothing\nzalo-alert places search Huế\n```\n"

    talk, failures = run(page, empty_desk, tmp_path)

    assert failures == ["11 zalo-alert status", "11 zalo-alert stop nothing"]
    assert "new:46" in talk
    assert EXPECTED.findall(page) == [("zalo-alert status", "11")]


def test_what_a_page_shows_of_a_campaign_stands_in_it():
    for name, file, number in (
        ("docs/first-campaign.md", "dien-tap-bao.yaml", 0),
        ("docs/broadcast.md", "loan-tin-bao.yaml", 0),
        ("docs/campaigns.md", "bao-so-7.yaml", -1),
    ):
        shown = re.findall(r"```yaml\n(.*?)```", PAGES[name], re.DOTALL)
        assert shown[number] in (ROOT / "campaigns" / file).read_text(encoding="utf-8"), name


@pytest.mark.parametrize("name", ["README.md", "docs/troubleshooting.md", "docs/vi/xu-ly-su-co.md"])
def test_the_exit_codes_of_a_page_are_the_codes(name):
    written = re.findall(r"^## (\d+) ·" if "## 0 ·" in PAGES[name] else r"^\| (\d+) \|", PAGES[name], re.MULTILINE)
    assert sorted(map(int, written)) == sorted(ExitCode)


def test_the_readme_is_short():
    assert len(README.splitlines()) <= 150
    assert max(map(len, README.splitlines())) <= 130


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


def test_every_command_stands_on_a_page():
    missing = [name for name, _ in commands(get_command(app)) if not any(f"zalo-alert {name}" in page for page in PAGES.values())]
    assert missing == []


def anchors(page):
    """Return what links may point to within a page: its headings, as the site names them."""
    for heading in re.findall(r"^#+ (.*)$", page, re.MULTILINE):
        plain = unicodedata.normalize("NFKD", heading).encode("ascii", "ignore").decode()
        yield re.sub(r"[\s-]+", "-", re.sub(r"[^\w\s-]", "", plain).strip().lower())


def targets(name):
    prose = re.sub(r"^```.*?^```", "", PAGES[name], flags=re.DOTALL | re.MULTILINE)
    return [link for link in re.findall(r"\]\(([^)\s]+)\)", prose) if "://" not in link]


@pytest.mark.parametrize("name", PAGES)
def test_every_link_leads_somewhere(name):
    for link in targets(name):
        path, _, anchor = link.partition("#")
        target = ((ROOT / name).parent / path).resolve() if path else ROOT / name
        assert target.exists(), link
        if anchor:
            assert anchor in set(anchors(PAGES[str(target.relative_to(ROOT))])), link


def entries(nav):
    for entry in nav:
        for _, value in entry.items() if isinstance(entry, dict) else [("", entry)]:
            yield from entries(value) if isinstance(value, list) else [value]


def test_every_page_is_in_the_navigation():
    site = yaml.safe_load((DOCS / "site" / "mkdocs.yml").read_text(encoding="utf-8"))
    assert {f"docs/{entry}" for entry in entries(site["nav"])} == set(PAGES) - {"README.md"}

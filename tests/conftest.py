"""No test may leave the machine; scenario tests get a desk: a workspace, and the command line in a process of its own."""

import json
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

from zalo_alert.book import Book
from zalo_alert.foundation.clock import SystemClock
from zalo_alert.operations.scaffold import create
from zalo_alert.sandbox import synthetic
from zalo_alert.sandbox.base import Options
from zalo_alert.sandbox.server import Sandbox, running
from zalo_alert.testing import drill

sys.path.insert(0, str(Path(__file__).parent))  # pytest imports files by their path alone
import as_windows
import forking
import office
import output_lines
import pseudo

OA = "388613280878808645"
PATIENCE_S = 60.0
POLL_S = 0.003

TEMPLATES = ("298001", "311219", "311299", "99")  # more of the sandbox's, and one that is none
CS, TEMPLATE = "{type: cs}", '{type: template, template_id: "311203", data: {ma_tin: "{{ code }}"}}'


# A change is judged by the same examples each time it is judged; `make fuzz` looks for new ones.
settings.register_profile("suite", derandomize=True, deadline=None, print_blob=True)
settings.register_profile("fuzz", max_examples=1000, deadline=None, print_blob=True)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "suite"))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leave out what a Python that shows itself as Windows can't be asked; see `tests/as_windows`."""
    for item in items if os.environ.get("AS_WINDOWS") else []:
        if why := as_windows.LEFT_OUT.get(item.name.partition("[")[0]):
            item.add_marker(pytest.mark.skip(reason=why))


@pytest.fixture(autouse=True)
def _loopback_only(monkeypatch: pytest.MonkeyPatch) -> None:
    real = socket.socket.connect

    def connect(self: socket.socket, address: Any) -> None:
        if self.family in (socket.AF_INET, socket.AF_INET6) and address[0] not in ("127.0.0.1", "::1", "localhost"):
            raise AssertionError(f"a test tried to reach {address}")
        real(self, address)

    monkeypatch.setattr(socket.socket, "connect", connect)


CERTIFICATES = os.environ.get("SSL_CERT_FILE")  # those of the machine, before any workspace said which it trusts


@pytest.fixture(autouse=True)
def _own_certificates() -> None:
    """Forget whose certificates a workspace within this process trusted: a sandbox's are gone when it ends."""
    if CERTIFICATES is None:
        os.environ.pop("SSL_CERT_FILE", None)
    else:
        os.environ["SSL_CERT_FILE"] = CERTIFICATES


@dataclass(frozen=True)
class Result:
    """What a command said, and how it ended."""

    code: int
    out: str
    err: str

    @property
    def facts(self) -> list[dict[str, Any]]:
        """The JSON lines of stdout."""
        return [json.loads(line) for line in self.out.splitlines()]

    def fact(self, type_: str) -> dict[str, Any]:
        """The last fact of a type."""
        return [fact for fact in self.facts if fact["type"] == type_][-1]

    @property
    def said(self) -> str:
        """Everything, with lines joined, as the terminal's width breaks them anywhere."""
        return " ".join((self.out + "\n" + self.err).split())


class Desk:
    """An officer's desk: a folder with a workspace, and the command line; `forks` starts it without loading anything anew.

    `SITE` among its variables is a `sitecustomize.py` that is run before the command is.
    """

    forks: "type[subprocess.Popen[bytes]] | None" = None

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.environ = {name: value for name, value in os.environ.items() if not name.startswith("ZALO_ALERT_")}
        self.environ |= {"COLUMNS": "200", "NO_COLOR": "1", "ZALO_ALERT_LANG": "en"}
        if os.environ.get("AS_WINDOWS"):
            self.as_windows()
        self._children: list[subprocess.Popen[bytes]] = []
        self._words: dict[int, list[str]] = {}

    def as_windows(self) -> "Desk":
        """Have commands see what Windows would show them; see `tests/as_windows`."""
        self.environ |= as_windows.ENVIRON
        return self

    def at(self, sandbox: Sandbox) -> "Desk":
        """Point the desk at a sandbox."""
        self.environ |= sandbox.environ("pctt")
        return self

    def start(self, *words: str, **pipes: Any) -> "subprocess.Popen[bytes]":
        """Start a command and go on."""
        given: dict[str, Any] = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE} | pipes
        own = {name for name in self.environ if name.startswith("PYTHON") and self.environ[name] != os.environ.get(name)}
        own -= {"PYTHONIOENCODING"}  # a fork opens its streams as this says
        if self.forks and not own:
            child = self.forks(list(words), cwd=self.folder, env=self.environ, **given)
        else:  # Python itself is to be told something as it starts
            command = [sys.executable, "-m", "zalo_alert", *words]
            site = {"PYTHONPATH": str(Path(self.environ["SITE"]).parent)} if "SITE" in self.environ else {}
            child = subprocess.Popen(command, cwd=self.folder, env=self.environ | site, start_new_session=True, **given)
        self._children.append(child)
        self._words[child.pid] = list(words)
        return child

    def ended(self, child: "subprocess.Popen[bytes]", stdin: bytes | None = None) -> Result:
        """Wait for a command's end; one that a person can cause never ends in a traceback."""
        out, err = child.communicate(stdin, timeout=PATIENCE_S)
        result = Result(child.returncode, *self._read(out.decode(), err.decode(), child.args))
        assert "Traceback" not in result.err, result.err
        assert not set("⟨⟩") & {*result.out, *result.err}, "steps are said as commands, whoever listens"
        words = self._words[child.pid]
        if "--json" in words and child.returncode >= 0:
            output_lines.check(words, result.out, result.err)
        return result

    def _read(self, out: str, err: str, words: Any) -> tuple[str, str]:
        if not os.environ.get("PSEUDO"):
            return out, err
        if sys.executable in words or "demo" in words:  # a process, or one of its own, that doesn't know the odd letters
            return out, err
        is_data = {"--json", "export", "schema", "preview", "-"} & set(words)
        found = [*pseudo.leaks(err), *([] if is_data else pseudo.leaks(out))]
        if found:
            with Path(os.environ["PSEUDO"]).open("a", encoding="utf-8") as file:
                file.writelines(f"{line}\n" for line in found)
        return pseudo.read_back(out), pseudo.read_back(err)

    def run(self, *words: str, stdin: bytes | str | None = None) -> Result:
        """Run a command to its end."""
        data = stdin.encode() if isinstance(stdin, str) else stdin
        child = self.start(*words, stdin=subprocess.DEVNULL if data is None else subprocess.PIPE)
        return self.ended(child, data)

    def campaign(self, name: str = "c.yaml", **changes: str) -> str:
        """Write a campaign; see `drill`."""
        (self.folder / name).write_text(drill(SystemClock().now(), **changes), encoding="utf-8")
        return name

    def configure(self, old: str, new: str) -> None:
        """Change the workspace's config."""
        config = self.folder / "zalo-alert.yaml"
        text = config.read_text(encoding="utf-8")
        assert old in text
        config.write_text(text.replace(old, new), encoding="utf-8")

    def go_live(self) -> "Desk":
        """Make the workspace what `init --profile live` would have made of it, with the accounts it has."""
        self.configure("profile: drill", "profile: live")
        (self.folder / ".zalo-alert" / "profile").write_text("live\n", encoding="utf-8")
        return self

    def states(self, *words: str) -> dict[str, str]:
        """Everyone's state, as exported."""
        result = self.run("export", "-", *words)
        assert result.code == 0, result.err
        return {row["user_id"]: row["state"] for row in (json.loads(line) for line in result.out.splitlines())}

    def close(self) -> None:
        """End what is still running."""
        for child in self._children:
            if child.poll() is None:
                child.kill()
            child.communicate()


def list_for_drills(folder: Path, *templates: str) -> None:
    """Let the drills of a workspace use some templates beside those of the shipped examples."""
    config = folder / "zalo-alert.yaml"
    listed = "".join(f'"{template}", ' for template in templates)
    config.write_text(config.read_text(encoding="utf-8").replace("  templates: [", f"  templates: [{listed}"), encoding="utf-8")


def until(is_so: Callable[[], Any]) -> None:
    """Wait until something is so; fail when it never becomes so."""
    limit_s = time.monotonic() + PATIENCE_S
    while not is_so():
        assert time.monotonic() < limit_s, "waited in vain"
        time.sleep(POLL_S)


@pytest.fixture(scope="session", autouse=True)
def _mother() -> Iterator[None]:
    """Commands are forked where the system can fork."""
    if not hasattr(os, "fork"):
        yield
        return
    made: list[forking.Mother] = []

    class Forks:
        """Makes the mother when the first command is started."""

        def __call__(self, *words: Any, **given: Any) -> Any:
            if not made:
                made.append(forking.Mother())
            return forking.popen(made[0])(*words, **given)

    Desk.forks = Forks()  # type: ignore[assignment]
    yield
    Desk.forks = None
    for mother in made:
        mother.close()


@pytest.fixture(scope="session")
def _books(tmp_path_factory: pytest.TempPathFactory) -> Callable[[int], Path]:
    made: dict[int, Path] = {}

    def of(people: int) -> Path:
        if people not in made:
            folder = tmp_path_factory.mktemp(f"book-{people}")
            create(folder, SystemClock().now(), app_per_minute=6_000_000)
            list_for_drills(folder, *TEMPLATES)
            synthetic.write_followers(folder / "followers.csv", people)
            book = Book(folder / ".zalo-alert" / "book" / OA)
            book.import_rows(folder / "followers.csv", "followers.csv", rejects=folder / "r.csv", clock=SystemClock())
            made[people] = folder
        return made[people]

    return of


@pytest.fixture
def desk_of(_books: Callable[[int], Path], tmp_path: Path) -> Iterator[Callable[[int], Desk]]:
    """A desk whose follower book holds so many people."""
    desks = []

    def of(people: int) -> Desk:
        shutil.copytree(_books(people), tmp_path / "desk")
        desks.append(Desk(tmp_path / "desk"))
        return desks[-1]

    yield of
    for desk in desks:
        desk.close()


@pytest.fixture
def desk(desk_of: Callable[[int], Desk]) -> Desk:
    """A desk with a small book."""
    return desk_of(1000)


@pytest.fixture
def officers(desk: Desk, tmp_path: Path) -> office.Officers:
    """The officers of the small desk."""
    return office.Officers(desk.folder, tmp_path / "keys")


@pytest.fixture
def tls_sandbox() -> Iterator[Sandbox]:
    """A sandbox over TLS, which a live workspace can rehearse with."""
    with running(Options(app_per_minute=0), tls=True) as started:
        yield started


@pytest.fixture
def live_desk(desk: Desk, tls_sandbox: Sandbox) -> Desk:
    """The small desk as a live workspace, whose hosts are this machine."""
    desk.at(tls_sandbox).go_live()
    return desk


@pytest.fixture
def empty_desk(tmp_path: Path) -> Iterator[Desk]:
    """A desk without a workspace."""
    found = Desk(tmp_path)
    yield found
    found.close()


@pytest.fixture
def sandbox_with() -> Iterator[Callable[..., Sandbox]]:
    """Start sandboxes with some options; no limits unless said otherwise."""
    open_ = []

    def start(**options: Any) -> Sandbox:
        context = running(Options(**({"app_per_minute": 0} | options)))
        open_.append(context)
        return context.__enter__()

    yield start
    for context in open_:
        context.__exit__(None, None, None)


@pytest.fixture
def sandbox(sandbox_with: Callable[..., Sandbox]) -> Sandbox:
    """A sandbox without faults."""
    return sandbox_with()


@pytest.fixture
def wait_until() -> Callable[[Callable[[], Any]], None]:
    """See `until`."""
    return until

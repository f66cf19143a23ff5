"""Administrators of OAs, each at a browser: they open a link, choose an OA on the sandbox's page, and come back with a code.

With a browser goes the tree that they administer: a workspace whose OAs have not consented yet.
"""

import csv
import json
import re
import socket
import subprocess
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.error import HTTPError
from urllib.parse import parse_qs, urlencode, urlsplit
from urllib.request import HTTPRedirectHandler, OpenerDirector, ProxyHandler, Request, build_opener

if TYPE_CHECKING:
    from conftest import Desk

    from zalo_alert.sandbox.server import Sandbox

APP = "360846524940903967"
THANKS = "Đã nhận, xin cảm ơn"
_PHONE = "0912345678"


class _Stays(HTTPRedirectHandler):
    def redirect_request(self, *_: object) -> None:
        return None


def _opener(*handlers: object) -> OpenerDirector:
    return build_opener(ProxyHandler({}), *handlers)  # type: ignore[arg-type]


def allowed(link: str, oa_id: str) -> str:
    """Where the browser is sent once its administrator has allowed the app for an OA."""
    parts = urlsplit(link)
    form = {name: values[0] for name, values in parse_qs(parts.query).items()} | {"oa_id": oa_id}
    status, page, headers = _asked(Request(parts._replace(query="").geturl(), urlencode(form).encode()))
    if status != 302:
        raise AssertionError(page[:500])
    return headers["location"]


def opened(address: str, method: str = "GET") -> tuple[int, str, dict[str, str]]:
    """Status, text and headers of a page, in a browser that follows nothing."""
    return _asked(Request(address, method=method))


def _asked(request: Request) -> tuple[int, str, dict[str, str]]:
    try:
        answer = _opener(_Stays).open(request, timeout=60)
    except HTTPError as exc:
        answer = exc
    with answer:
        return answer.status or 0, answer.read().decode(), {name.lower(): value for name, value in answer.headers.items()}


def title_of(page: str) -> str:
    """What a page says in its largest letters."""
    found = re.search("<h1>(.*?)</h1>", page)
    return found[1] if found else ""


def consent(rows: Iterable[dict[str, str]], at_once: int = 4) -> list[str]:
    """Have the administrators of some links consent; what the page says to each."""
    with ThreadPoolExecutor(at_once) as browsers:
        return list(browsers.map(lambda row: title_of(opened(allowed(row["link"], row["oa_id"]))[1]), rows))


def links_in(path: Path) -> list[dict[str, str]]:
    """The rows of a file of links."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def until(is_so: Callable[[], Any]) -> None:
    """Wait until something is so."""
    limit_s = time.monotonic() + 60
    while not is_so():
        assert time.monotonic() < limit_s, "waited in vain"
        time.sleep(0.005)


def unused() -> int:
    """A port that nobody listens on."""
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class Stopped(NamedTuple):
    """How `accounts consents` ended."""

    code: int
    facts: list[dict[str, Any]]
    err: str

    @property
    def said(self) -> str:
        """Everything."""
        return f"{self.facts} {self.err}"


class Tree:
    """A workspace with an OA for the country, some for provinces and communes, of which none has consented."""

    _said: Path
    door: "subprocess.Popen[bytes]"

    def __init__(self, desk: "Desk", sandbox: "Sandbox") -> None:
        self.desk, self.sandbox = desk, sandbox
        self.callback = f"http://127.0.0.1:{unused()}/consent"
        self.write(sandbox.accounts[1:])
        desk.configure("limits:", "accounts_file: accounts.csv\nlimits:")
        hosts = {name: value for name, value in sandbox.environ("pctt").items() if name.endswith("_URL")}
        desk.environ |= hosts | {f"ZALO_ALERT_APP_{APP}_SECRET": sandbox.credentials.app_secret}

    def write(self, accounts: Sequence[Any], name: str = "accounts.csv") -> None:
        """Write a file of accounts."""
        with (self.desk.folder / name).open("w", encoding="utf-8", newline="") as file:
            rows = csv.writer(file)
            rows.writerow(["id", "oa_id", "app_id", "level", "areas", "oa.name", "phone"])
            rows.writerows([one.id, one.oa_id, one.app_id, one.level, one.areas[0], one.name, _PHONE] for one in accounts)

    def invite(self, *words: str, file: str = "links.csv") -> list[dict[str, str]]:
        """Write links, and read them."""
        result = self.desk.run("accounts", "invite", *words, "--output", file, "--callback", self.callback, "--json")
        assert result.code == 0, result.err
        return links_in(self.desk.folder / file)

    def open(self, *words: str) -> dict[str, Any]:
        """Begin to take answers; returns what the door says of itself once it is open."""
        self._said = self.desk.folder.parent / f"consents-{unused()}"
        with self._said.open("wb") as said:  # no pipe: nobody reads it until the end
            self.door = self.desk.start("accounts", "consents", "--json", *words, stdout=said)
        until(lambda: self.door.poll() is not None or self._facts("consents"))
        return self._facts("consents")[0]

    def stop(self) -> Stopped:
        """Stop with Ctrl-C; how it ended, and what was said since it began."""
        self.door.send_signal(2)
        _, err = self.door.communicate(timeout=60)
        assert b"Traceback" not in err, err.decode()
        return Stopped(self.door.returncode, self._facts(), err.decode())

    def _facts(self, type_: str = "") -> list[dict[str, Any]]:
        lines = self._said.read_text(encoding="utf-8").splitlines(keepends=True)
        facts = [json.loads(line) for line in lines if line.endswith("\n")]
        return [fact for fact in facts if type_ in ("", fact["type"])]

    def missing(self) -> list[str]:
        """Who is missing, as the command says."""
        facts = self.desk.run("accounts", "missing", "--json").facts
        return [fact["account"] for fact in facts if fact["type"] == "consent-missing"]

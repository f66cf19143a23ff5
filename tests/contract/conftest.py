"""A caller of the sandbox: the API's own calls over HTTP, with one account's token."""

import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from zalo_alert.sandbox.base import Account, Options
from zalo_alert.sandbox.server import Sandbox, running


class Caller:
    """Calls as one account does."""

    def __init__(self, client: httpx.Client, sandbox: Sandbox, account: Account) -> None:
        self._client, self.sandbox, self.account = client, sandbox, account
        self.token = account.credentials.access_token

    def get(self, path: str, **data: Any) -> dict[str, Any]:
        """Ask the OA host: what is asked goes as one JSON parameter."""
        return self.raw("GET", f"{path}?data={quote(json.dumps(data))}" if data else path).json()

    def plain(self, path: str, **query: Any) -> dict[str, Any]:
        """Ask the business host, with plain parameters."""
        return self.raw("GET", path, params=query).json()

    def post(self, path: str, **body: Any) -> dict[str, Any]:
        """Post a JSON body."""
        return self.raw("POST", path, json=body).json()

    def raw(self, method: str, path: str, **more: Any) -> httpx.Response:
        """Call, and return the whole answer."""
        headers = {"access_token": self.token} | more.pop("headers", {})
        return self._client.request(method, self.sandbox.url + path, headers=headers, **more)

    def say(self, user: str, text: str = "xin chào") -> dict[str, Any]:
        """Send a consultation message."""
        return self.post("/v3.0/oa/message/cs", recipient={"user_id": user}, message={"text": text})

    def people(self, count: int = 50) -> list[str]:
        """List the first people."""
        return [row["user_id"] for row in self.get("/v3.0/oa/user/getlist", offset=0, count=count)["data"]["users"]]

    def grant(self, **form: str) -> dict[str, Any]:
        """Ask for tokens; what is not said is right."""
        form = {"app_id": self.account.app_id, "grant_type": "refresh_token"} | form
        secret = form.pop("secret", self.account.credentials.app_secret)
        return self._client.post(self.sandbox.url + "/v4/oa/access_token", data=form, headers={"secret_key": secret}).json()


@pytest.fixture(scope="session")
def _client() -> Iterator[httpx.Client]:
    # One for all: a new one reads its certificates each time.
    with httpx.Client(trust_env=False) as found:
        yield found


@pytest.fixture
def caller(_client: httpx.Client) -> Callable[..., Caller]:
    """Call a sandbox as one of its accounts, the first unless said otherwise."""
    return lambda sandbox, number=0: Caller(_client, sandbox, sandbox.accounts[number])


class Listener(ThreadingHTTPServer):
    """Hears events, and answers with `status`."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Hearing)
        self.status = 200
        self.heard: list[tuple[dict[str, str], bytes]] = []
        self.url = f"http://127.0.0.1:{self.server_port}/zalo?from=sandbox"

    @property
    def events(self) -> list[dict[str, Any]]:
        return [json.loads(body) for _, body in self.heard]


class _Hearing(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Listener

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        self.server.heard.append(({name.lower(): value for name, value in self.headers.items()}, body))
        self.send_response(self.server.status)
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def listener() -> Iterator[Listener]:
    """Somebody who hears events."""
    with Listener() as found:
        threading.Thread(target=found.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        yield found
        found.shutdown()


@pytest.fixture(scope="module")
def shared() -> Iterator[Sandbox]:
    """A sandbox without faults or limits, for tests that leave no trace."""
    with running(Options(app_per_minute=0)) as found:
        yield found


@pytest.fixture(scope="module")
def strict() -> Iterator[Sandbox]:
    """The same at noon, with approved templates alone."""
    with running(Options(app_per_minute=0, templates="strict", at="2026-09-18T12:00:00+07:00")) as found:
        yield found

"""The sandbox on a loopback port, in a process of its own that ends with whoever started it.

Owns starting it, asking it, and its end.
"""

import asyncio
import gc
import os
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.parse import quote
from urllib.request import Request as Ask
from urllib.request import urlopen

import orjson

from zalo_alert.errors import Cure, RunSuspended, UsageError
from zalo_alert.foundation import machine
from zalo_alert.foundation.os_errors import reason
from zalo_alert.language import _
from zalo_alert.sandbox.base import Account, Credentials, Options, environ, hosts
from zalo_alert.sandbox.connection import connections
from zalo_alert.sandbox.courier import Courier
from zalo_alert.sandbox.state import State
from zalo_alert.sandbox.world import accounts

HOST = "127.0.0.1"
START_TIMEOUT_S = 20.0
_JSON = {"content-type": "application/json"}


class Counter:
    """What a running sandbox tells of itself; enough for whoever did not start it.

    Args:
        url: Where it listens.
        authority: Vouches for its certificate; None where it speaks plain HTTP.
    """

    def __init__(self, url: str, authority: Path | None = None) -> None:
        self.url, self.authority = url, authority
        self._tls = ssl.create_default_context(cafile=str(authority)) if authority else None

    def stats(self) -> dict[str, Any]:
        """Count what was received."""
        stats: dict[str, Any] = orjson.loads(self._get("/_sandbox/stats"))
        return stats

    def reached(self) -> dict[str, int]:
        """Return how often each person was reached."""
        return self._people("/_sandbox/reached")

    def lost(self) -> dict[str, int]:
        """Return how often each person was reached by a message whose answer never said so."""
        return self._people("/_sandbox/lost")

    def receipts(self) -> list[dict[str, Any]]:
        """Tell of every message that was accepted while somebody listened what was told of it, and what was heard."""
        return [orjson.loads(line) for line in self._get("/_sandbox/receipts").splitlines()]

    def _people(self, path: str) -> dict[str, int]:
        rows = (orjson.loads(line) for line in self._get(path).splitlines())
        return {line["id"]: line["times"] for line in rows}

    def change(self, **options: Any) -> None:
        """Change faults and limits while it runs."""
        self._get("/_sandbox/options", orjson.dumps(options))

    def tick(self, seconds: float) -> None:
        """Let some seconds pass at once."""
        self._get(f"/_sandbox/tick?seconds={seconds}", b"")

    def happen(self, event_name: str, **fields: Any) -> dict[str, Any]:
        """Make something happen without the app's doing, and return the event that tells of it; see `life`."""
        answer: dict[str, Any] = orjson.loads(self._get("/_sandbox/event", orjson.dumps({"event_name": event_name, **fields})))
        return answer

    def wave(self, event_name: str, **fields: Any) -> int:
        """Make many people do something, see `waves`; return how many."""
        answer = orjson.loads(self._get("/_sandbox/wave", orjson.dumps({"event_name": event_name, **fields})))
        people: int = answer["people"]
        return people

    def crowd(self, **fields: Any) -> dict[str, Any]:
        """Make many people ask, see `crowds`; return how many people and questions, and `last_in_s`."""
        crowd: dict[str, Any] = orjson.loads(self._get("/_sandbox/crowd", orjson.dumps(fields)))
        return crowd

    def questions(self) -> dict[str, Any]:
        """Count what was asked, and what of it was answered, and how fast."""
        questions: dict[str, Any] = orjson.loads(self._get("/_sandbox/questions"))
        return questions

    def answers(self) -> list[dict[str, Any]]:
        """Tell of everyone who has asked each question with its answers, and what they were sent beside."""
        return [orjson.loads(line) for line in self._get("/_sandbox/answers").splitlines()]

    def broadcasts(self) -> list[dict[str, Any]]:
        """Tell of every broadcast whom it has reached, by Zalo's number of their former province."""
        broadcasts: list[dict[str, Any]] = orjson.loads(self._get("/_sandbox/broadcasts"))
        return broadcasts

    def webhooks(self) -> dict[str, Any]:
        """Tell how far the events are."""
        webhooks: dict[str, Any] = orjson.loads(self._get("/_sandbox/webhooks"))
        return webhooks

    def _get(self, path: str, body: bytes | None = None) -> bytes:
        with urlopen(Ask(self.url + path, data=body, headers=_JSON), timeout=60, context=self._tls) as answer:
            content: bytes = answer.read()
        return content


class Sandbox(Counter):
    """A running sandbox as its owner sees it; `credentials` are the first account's.

    Args:
        url: Where it listens.
        accounts: Its OAs.
        authority: Vouches for its certificate; None where it speaks plain HTTP.
        oa_secrets: Whether events are signed with a secret of the "oa" or of the "app".
    """

    def __init__(self, url: str, accounts: list[Account], authority: Path | None = None, oa_secrets: str = "oa") -> None:
        super().__init__(url, authority)
        self.accounts, self._oa_secrets = accounts, oa_secrets
        self.credentials = accounts[0].credentials

    def consent(self, account: str = "") -> None:
        """Start a new chain of tokens, as an administrator's consent in the browser does; the first account's by default."""
        account = account or self.accounts[0].id
        fresh = Credentials(**orjson.loads(self._get(f"/_sandbox/consent?account={quote(account)}", b"")))
        self.accounts = [own._replace(credentials=fresh) if own.id == account else own for own in self.accounts]
        self.credentials = self.accounts[0].credentials

    def renew_secret(self, account: str = "") -> str:
        """Have an account's events signed with a fresh secret from now on, the first one's by default; return it.

        What `environ` tells stays as it was: whoever listens must learn of it as from the console.
        """
        account = account or self.accounts[0].id
        answer: dict[str, str] = orjson.loads(self._get(f"/_sandbox/secret?account={quote(account)}", b""))
        return answer["oa_secret"]

    def environ(self, account: str) -> dict[str, str]:
        """Return the environment variables that point a client here; an unknown account has the first one's secrets."""
        own = next((own for own in self.accounts if own.id == account), self.accounts[0])
        return hosts(self.url, self.authority) | self._secrets(own._replace(id=account))

    def environs(self) -> dict[str, str]:
        """Return the same for every account."""
        variables = hosts(self.url, self.authority)
        for account in self.accounts:
            variables |= self._secrets(account)
        return variables

    def _secrets(self, account: Account) -> dict[str, str]:
        return environ(account.id, account.credentials, account.app_id if self._oa_secrets == "app" else "")

    def rename(self, first: str) -> None:
        """Give the first account another id, as the config that points here names it."""
        self.accounts = [self.accounts[0]._replace(id=first), *self.accounts[1:]]


@contextmanager
def running(options: Options, *, port: int = 0, tls: bool = False) -> Iterator[Sandbox]:
    """Run a sandbox for as long as the block lasts.

    Args:
        options: Limits and faults.
        port: Where it listens; 0 chooses a free one.
        tls: Speak TLS, with a certificate of its own making; see `Sandbox.authority`.

    Raises:
        UsageError: The port is taken.
        RunSuspended: It does not start.
    """
    own_port = _free_port(port)
    offices = accounts(options)
    with _authority(tls=tls) as (authority, certificate):
        # The child reads its orders from a pipe, not from its arguments: they hold secrets; and it ends when the pipe does.
        start = {
            "options": options.as_json(), "accounts": [account.as_json() for account in offices], "port": own_port,
            "certificate": certificate,
        }  # fmt: skip
        told = [one.without_tokens() for one in offices] if options.unconsented else offices
        sandbox = Sandbox(f"http{'s' if tls else ''}://{HOST}:{own_port}", told, authority, options.oa_secrets)
        with _child(orjson.dumps(start, option=orjson.OPT_APPEND_NEWLINE)) as child:
            _await(sandbox, child)
            yield sandbox


@contextmanager
def _child(orders: bytes) -> "Iterator[subprocess.Popen[bytes]]":
    # Ctrl-C in a terminal is for whoever started it, who still wants to ask what was received.
    child = subprocess.Popen([sys.executable, "-m", "zalo_alert.sandbox"], stdin=subprocess.PIPE, **machine.own_session())
    assert child.stdin
    try:
        child.stdin.write(orders)
        child.stdin.flush()
        yield child
    finally:
        with suppress(OSError):
            child.stdin.close()
        try:
            child.wait(timeout=5)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()


@contextmanager
def _authority(*, tls: bool) -> Iterator[tuple[Path | None, str]]:
    """Make an authority that lasts as long as the block; yield its file, and this machine's key and certificate, in PEM."""
    if not tls:
        yield None, ""
        return
    import trustme  # a quarter of a second, for those who ask for TLS

    authority = trustme.CA(organization_name="zalo-alert sandbox")
    with tempfile.TemporaryDirectory(prefix="zalo-sandbox-") as folder:
        written = Path(folder) / "sandbox-ca.pem"
        authority.cert_pem.write_to_path(str(written))
        yield written, authority.issue_cert(HOST, "localhost", "::1").private_key_and_cert_chain_pem.bytes().decode()


def _free_port(wanted: int) -> int:
    with closing(socket.socket()) as probe:
        if not machine.is_windows():  # where it would share a port with whoever has it
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, wanted))
        except (OSError, OverflowError) as exc:
            raise UsageError(
                _("port {port} can't be used: {why}", port=wanted, why=reason(exc) if isinstance(exc, OSError) else exc),
                hint=_("leave {option} out to have a free one chosen", option=Cure.OPTION(port=True)),
            ) from exc
        port: int = probe.getsockname()[1]
        return port


def _await(sandbox: Sandbox, child: "subprocess.Popen[bytes]") -> None:
    limit_s = time.monotonic() + START_TIMEOUT_S
    while time.monotonic() < limit_s and child.poll() is None:
        try:
            sandbox.stats()
        except OSError:
            time.sleep(0.02)
        else:
            return
    raise RunSuspended(_("the sandbox does not start"), hint=_("see what it printed"))


# --- the child ---------------------------------------------------------------------------------------------------------


def serve() -> None:
    """Run the child's side: orders from stdin, and the end with it."""
    gc.set_threshold(50_000, 10, 100)  # what is kept here is kept to the end: looking through it took a tenth of the time
    start = orjson.loads(sys.stdin.buffer.readline())
    offices = [Account.from_json(fields) for fields in start["accounts"]]
    state = State(Options(**start["options"]), offices)
    tls = _serving(start["certificate"]) if start["certificate"] else None
    threading.Thread(target=_end_with_parent, daemon=True).start()
    try:
        import uvloop
    except ImportError:
        asyncio.run(_serve(state, start["port"], tls))
        return
    uvloop.run(_serve(state, start["port"], tls))


def _end_with_parent() -> None:
    # Nothing of the sandbox outlives it, so there is nothing to put in order.
    sys.stdin.buffer.read()
    os._exit(0)


def _serving(certificate: str) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with tempfile.TemporaryDirectory() as folder:  # OpenSSL reads keys from files alone
        path = Path(folder) / "key.pem"
        path.write_text(certificate, encoding="ascii")
        context.load_cert_chain(path)
    return context


async def _serve(state: State, port: int, tls: ssl.SSLContext | None) -> None:
    protocol = connections(state.answer, state.world)
    server = await asyncio.get_running_loop().create_server(protocol, HOST, port, backlog=4096, ssl=tls)
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(server.serve_forever())
        tasks.create_task(Courier(state.world, state.webhooks).run())

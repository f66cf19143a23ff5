"""The shipped configurations of nginx and Caddy with the real servers: what they pass, what they refuse, how they break off."""

import http.client
import socket
import socketserver
import ssl
import threading

import doors
import orjson
import proxies
import pytest
import trustme

from tests.webhook_events import APP, said
from zalo_alert.foundation.secret import Secret
from zalo_alert.inbound.journal import read_journal
from zalo_alert.inbound.signature import mac_of

pytestmark = pytest.mark.long

MOST_BYTES = 1024 * 1024
PATIENCE_S = 30.0
BROKEN_OFF = (http.client.RemoteDisconnected, ConnectionResetError, BrokenPipeError)
ANSWER = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok"


class Upstream(socketserver.ThreadingTCPServer):
    """Stands where the door would: keeps every request as it came, byte for byte, and answers each with 200.

    Args:
        port: Where.
    """

    daemon_threads = allow_reuse_address = True

    def __init__(self, port: int) -> None:
        self.requests: list[tuple[bytes, bytes]] = []
        self.is_deaf = threading.Event()
        super().__init__(("127.0.0.1", port), _Caller)
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()


class _Caller(socketserver.StreamRequestHandler):
    server: Upstream

    def handle(self):
        self.connection.settimeout(PATIENCE_S)
        while head := self._head():
            lengths = [line.split(b":")[1] for line in head.lower().splitlines() if line.startswith(b"content-length:")]
            body = self.rfile.read(int(lengths[0])) if lengths else self._chunks() if b"chunked" in head.lower() else b""
            if lengths and len(body) < int(lengths[0]):  # cut off on the way
                return
            self.server.requests.append((head, body))
            if self.server.is_deaf.is_set():
                self.rfile.read(1)  # until the other side has had enough
                return
            self.wfile.write(ANSWER)

    def _head(self):
        lines = []
        try:
            while (line := self.rfile.readline()) not in (b"\r\n", b""):
                lines.append(line)
        except OSError:  # nobody asked anything any more
            return b""
        return b"".join(lines)

    def _chunks(self):
        body = b""
        while size := int(self.rfile.readline(), 16):
            body += self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()
        return body


@pytest.fixture(scope="session")
def authority():
    return trustme.CA()


@pytest.fixture
def port():
    """Where the door would listen."""
    return proxies.free_port()


class Front:
    """A proxy as Zalo sees it.

    Args:
        port: Where it listens.
        authority: Whose certificate it has.
    """

    def __init__(self, port: int, authority: trustme.CA) -> None:
        self._port, self._tls = port, ssl.create_default_context()
        authority.configure_trust(self._tls)

    def open(self) -> ssl.SSLSocket:
        plain = socket.create_connection(("127.0.0.1", self._port), 20)
        return self._tls.wrap_socket(plain, server_hostname=proxies.DOMAIN)

    def say(self, data: bytes) -> bytes:
        """Send bytes as they are; return everything that comes back until the other side closes or says no more."""
        with self.open() as line:
            line.settimeout(1)
            answer = b""
            try:
                line.sendall(data)
                while piece := line.recv(65536):
                    answer += piece
            except OSError:  # nothing more is said
                pass
            return answer

    def ask(self, method: str, target: str, body: bytes | None = None, **headers: str) -> int:
        """Ask once, as `http.client` does; return the status."""
        line = http.client.HTTPConnection(proxies.DOMAIN, timeout=20)
        line.sock = self.open()
        try:
            line.request(method, target, body, headers)
            return line.getresponse().status
        finally:
            line.close()


@pytest.fixture(params=list(proxies.PROXIES))
def front(request, tmp_path, port, authority):
    """A real proxy with the shipped configuration, before a port."""
    if proxies.find(request.param) is None:
        pytest.skip(f"there is no {request.param} here")
    certificate, own = tmp_path / "certificate.pem", proxies.free_port()
    authority.issue_cert(proxies.DOMAIN).private_key_and_cert_chain_pem.write_to_path(str(certificate))
    with proxies.PROXIES[request.param](tmp_path, port, own, certificate):
        yield Front(own, authority)


@pytest.fixture
def upstream(port):
    with Upstream(port) as started:
        yield started
        started.shutdown()


def test_an_event_comes_through_byte_for_byte_with_its_headers(front, upstream):
    body = b'{"app_id":"1",  "text":"b\xc3\xa3o s\xe1\xbb\x91 7",\n"timestamp":"1"}'
    sent = {"X-ZEvent-Signature": "mac=ab", "User-Agent": "ZaloWebhook", "Content-Type": "application/json"}

    assert front.ask("POST", "/zalo", body, **sent) == 200
    (head, got) = upstream.requests[0]
    assert got == body
    assert head.startswith(b"POST /zalo HTTP/1.1\r\n")
    for name, value in sent.items():
        assert f"{name}: {value}".lower().encode() in head.lower()


def test_the_header_of_a_retry_comes_through_although_nginx_drops_underscores(front, upstream):
    front.ask("POST", "/zalo", b"{}", num_retry="2")

    assert b"num_retry: 2" in upstream.requests[0][0].lower()


def test_a_body_may_be_a_mebibyte(front, upstream):
    assert front.ask("POST", "/zalo", b"x" * MOST_BYTES) == 200
    assert [len(body) for _, body in upstream.requests] == [MOST_BYTES]


def test_a_longer_one_is_refused(front, upstream):
    try:
        status = front.ask("POST", "/zalo", b"x" * (MOST_BYTES + 1))
    except BROKEN_OFF:  # Caddy 2.6 takes it for a fault of the door's
        status = 413

    assert status == 413
    assert upstream.requests == []


@pytest.mark.parametrize("target", ["/", "/zalo_verifierAbC-9_d.html"])
def test_what_shows_whose_the_domain_is_comes_through(front, upstream, target):
    assert front.ask("GET", target) == 200
    assert upstream.requests[0][0].startswith(f"GET {target} HTTP/1.1\r\n".encode())


@pytest.mark.parametrize(
    ("method", "target"),
    [
        ("PUT", "/zalo"), ("DELETE", "/zalo"), ("POST", "/"), ("POST", "/zalo/more"), ("POST", "/zalo2"),
        ("GET", "/status"), ("GET", "/zalo_verifier.txt"),
        ("GET", "/zalo_verifier/../status.html"), ("POST", "/zalo_verifier.html"),
        ("GET", "/.zalo-alert/inbound/door.json"), ("GET", "/index.html"),
    ],
)  # fmt: skip
def test_nothing_else_does(front, upstream, method, target):
    answer = front.say(f"{method} {target} HTTP/1.1\r\nHost: {proxies.DOMAIN}\r\nContent-Length: 0\r\n\r\n".encode())

    assert not answer.startswith(b"HTTP/1.1 2")
    assert upstream.requests == []


def test_a_door_that_is_closed_is_an_empty_reply_and_no_502(front, port):
    with pytest.raises(BROKEN_OFF):
        front.ask("POST", "/zalo", b"{}")


def test_a_door_that_does_not_answer_is_an_empty_reply_within_what_zalo_waits(front, upstream):
    upstream.is_deaf.set()
    with pytest.raises(BROKEN_OFF):
        front.ask("POST", "/zalo", b"{}")
    assert len(upstream.requests) == 1, "an event that may have been stored is not sent again by the proxy"


def test_a_door_that_comes_back_is_used_at_once(front, port):
    for _ in range(3):
        with pytest.raises(BROKEN_OFF):
            front.ask("POST", "/zalo", b"{}")
    with Upstream(port) as back:
        assert front.ask("POST", "/zalo", b"{}") == 200
        back.shutdown()


def test_connections_to_the_door_are_kept(front, upstream):
    for _ in range(5):
        front.ask("POST", "/zalo", b"{}")

    assert len(upstream.requests) == 5
    assert all(b"connection: close" not in head.lower() for head, _ in upstream.requests)


SMUGGLED = b"GET /inner HTTP/1.1\r\nHost: inner\r\n\r\n"
CHUNKED = b"0\r\n\r\n" + SMUGGLED


def event(*lines: bytes, body: bytes = b"") -> bytes:
    head = (b"POST /zalo HTTP/1.1", b"Host: " + proxies.DOMAIN.encode(), *lines)
    return b"\r\n".join(head) + b"\r\n\r\n" + body


@pytest.mark.parametrize(
    "data",
    [
        event(b"Content-Length: 5", b"Transfer-Encoding: chunked", body=CHUNKED),
        event(b"Transfer-Encoding: chunked", b"Content-Length: %d" % len(CHUNKED), body=CHUNKED),
        event(b"Content-Length: 0", b"Content-Length: %d" % len(SMUGGLED), body=SMUGGLED),
        event(b"Content-Length: +%d" % len(SMUGGLED), body=SMUGGLED),
        event(b"Content-Length: 0x10", body=SMUGGLED),
        event(b"Transfer-Encoding: xchunked", body=CHUNKED),
        event(b"Transfer-Encoding : chunked", b"Content-Length: %d" % len(CHUNKED), body=CHUNKED),
        event(b"Transfer-Encoding:\x0bchunked", b"Content-Length: %d" % len(CHUNKED), body=CHUNKED),
        event(b"Transfer-Encoding: chunked, identity", body=CHUNKED),
        event(b"X: a\rTransfer-Encoding: chunked", b"Content-Length: 0", body=CHUNKED),
        event(b"Transfer-Encoding: chunked", body=b"0;\nGET /inner HTTP/1.1\r\n\r\n\r\n" + SMUGGLED),
    ],
)
def test_nothing_is_smuggled_past_a_proxy(front, upstream, data):
    front.say(data)

    assert all(head.startswith(b"POST /zalo HTTP/1.1\r\n") for head, _ in upstream.requests)
    assert all(b"/inner" not in head for head, _ in upstream.requests)
    for head, _ in upstream.requests:
        framing = [line for line in head.lower().splitlines() if line.startswith((b"content-length", b"transfer-encoding"))]
        assert len(framing) == 1, head


def test_a_head_of_more_than_sixteen_kilobytes_is_refused(front, upstream):
    front.say(event(b"X: " + b"a" * 40_000, b"Content-Length: 2", body=b"{}"))

    assert upstream.requests == []


# --- with a real door behind -------------------------------------------------------------------------------------------------


def told(front, number):
    """Tell an event as Zalo does; return the status."""
    body = said(message={"msg_id": f"m{number}", "text": "nước lên"})
    mac = mac_of(APP, body, b"1787209817225", Secret(doors.SECRET))
    return front.ask("POST", "/zalo", body, **{"X-ZEvent-Signature": f"mac={mac}", "num_retry": "1"})


def test_a_real_door_behind_a_proxy_is_open_closed_dead_and_back(front, port, desk, wait_until):
    desk.environ[f"ZALO_ALERT_APP_{APP}_OA_SECRET"] = doors.SECRET
    in_the_way = desk.folder / ".zalo-alert" / "inbound" / "journal"
    in_the_way.parent.mkdir(parents=True)
    in_the_way.touch()  # where a folder is to be: nothing can be stored
    with doors.open_door(desk, listen=f"127.0.0.1:{port}") as door:
        with pytest.raises(BROKEN_OFF):
            told(front, 1)
        in_the_way.unlink()
        wait_until(lambda: answers(front, 2) == 200)
        door.child.kill()
        door.child.wait()
        with pytest.raises(BROKEN_OFF):
            told(front, 3)
    with doors.open_door(desk, listen=f"127.0.0.1:{port}"):
        assert told(front, 3) == 200
        assert front.ask("GET", "/zalo") == 200
        assert front.ask("GET", "/") == 200

    stored = read_journal(in_the_way.parent, None, 10)
    assert [event.tries for event in stored] == [1] * len(stored)
    assert {orjson.loads(event.body)["message"]["msg_id"] for event in stored} >= {"m2", "m3"}


def answers(front, number):
    try:
        return told(front, number)
    except BROKEN_OFF:
        return 0

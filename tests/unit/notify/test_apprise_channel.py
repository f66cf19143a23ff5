"""E-mail, webhooks and other services: what fails there is said in a word, without a secret, and keeps nobody waiting."""

import json
import socket
import threading
import time
from contextlib import contextmanager
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from zalo_alert.foundation.clock import VIETNAM
from zalo_alert.foundation.secret import Secret
from zalo_alert.notify.apprise_channel import AppriseChannel
from zalo_alert.notify.base import Event, Letter, Message

AT = datetime(2026, 9, 18, 14, 0, tzinfo=VIETNAM)
LETTER = Letter(Message(Event.HALTED, "DT-1", AT, "", is_urgent=True), "DT-1 tạm ngừng", "hết tiền")


class Webhook:
    """Answers every call with a status, and keeps what it was sent."""

    def __init__(self):
        self.bodies, self.paths = [], []
        self.status, self.location, self.url, self.base = 200, "", "", ""


@pytest.fixture
def webhook():
    kept = Webhook()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            kept.paths.append(self.path)
            kept.bodies.append(self.rfile.read(int(self.headers["content-length"])))
            self.send_response(kept.status if self.path == "/in" else 200)
            if kept.location and self.path == "/in":
                self.send_header("location", kept.location)
            self.send_header("content-length", "0")
            self.end_headers()

        do_GET = do_POST  # noqa: N815

        def log_message(self, *words):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    kept.url = f"json://pctt:hunter2@127.0.0.1:{server.server_port}/in"
    kept.base = f"http://127.0.0.1:{server.server_port}"
    yield kept
    server.shutdown()
    server.server_close()


@contextmanager
def swallowing():
    """A host that accepts connections and never says a word; yields its port."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def channel(tmp_path, patience_s=20.0, **urls):
    return AppriseChannel([(name, Secret(url)) for name, url in urls.items()], tmp_path, patience_s)


def test_a_webhook_is_called(tmp_path, webhook):
    told = channel(tmp_path, wall=webhook.url).send(LETTER)
    body = json.loads(webhook.bodies[0])

    assert told == [("wall", "")]
    assert (body["title"], body["message"], body["type"]) == ("DT-1 tạm ngừng", "hết tiền", "warning")


def test_a_server_that_fails_is_named_by_its_status(tmp_path, webhook):
    webhook.status = 500

    assert channel(tmp_path, wall=webhook.url).send(LETTER) == [("wall", "it was refused with HTTP 500")]


def test_a_redirect_is_not_followed(tmp_path, webhook):
    webhook.status, webhook.location = 302, f"{webhook.base}/elsewhere"
    told = channel(tmp_path, wall=webhook.url).send(LETTER)

    assert told == [("wall", "it was refused with HTTP 302")]
    assert webhook.paths == ["/in"]


@pytest.mark.slow
def test_a_mail_host_that_swallows_connections_keeps_no_other_from_being_told(tmp_path, webhook):
    with swallowing() as port:
        mail = f"mailto://pctt:hunter2@127.0.0.1:{port}?smtp=127.0.0.1&from=a@x.vn&to=b@x.vn&rto=60&cto=60"
        begun_s = time.monotonic()
        told = channel(tmp_path, 4.0, mail=mail, wall=webhook.url).send(LETTER)

    assert time.monotonic() - begun_s < 30
    assert told == [("mail", "no answer within 4 s"), ("wall", "")]


def test_who_gives_up_waits_no_longer(tmp_path):
    with swallowing() as port:
        slow = channel(tmp_path, 60.0, mail=f"json://127.0.0.1:{port}/?rto=60&cto=60")
        threading.Timer(1.0, slow.abandon).start()
        begun_s = time.monotonic()
        ((name, trouble),) = slow.send(LETTER)

    assert time.monotonic() - begun_s < 30
    assert (name, bool(trouble)) == ("mail", True)


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("", "ZALO_ALERT_NOTIFY_MAIL_URL is not set"),
        ("nothing://hunter2", "the address is none that apprise knows"),
        ("hunter2", "the address is none that apprise knows"),
        ("json://pctt:hunter2@127.0.0.1:1/", "it was refused, or nobody could be reached there"),
    ],
    ids=["missing", "unknown", "no-address", "nobody"],
)
def test_why_it_failed_is_said_without_the_address(tmp_path, url, why):
    slow = channel(tmp_path, mail=url)

    assert slow.send(LETTER) == [("mail", why)]
    assert "hunter2" not in repr(vars(slow))

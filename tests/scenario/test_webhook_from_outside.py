"""Clients that are not ours at the door: what they need is written on Zalo's pages, and nothing of this package is in them."""

import http.client
import json
import shutil
import socket
import ssl
import subprocess
import sys
import time
from contextlib import closing

import doors
import pytest
import trustme

from tests.webhook_events import APP, OA
from zalo_alert.foundation.database import Database

KEEP = [sys.executable, "-c", "import sys; open('told.jsonl', 'ab').write(sys.stdin.buffer.read() + b'\\n')"]
TEXT = "Nước lên tới mái nhà, xin cứu giúp"


@pytest.fixture
def told_desk(desk):
    """A desk whose workspace knows the secret of its app."""
    desk.environ[f"ZALO_ALERT_APP_{APP}_OA_SECRET"] = doors.SECRET
    return desk


@pytest.fixture
def journal(told_desk):
    """Return the names and bodies of the events that the journal holds."""

    def read():
        found = []
        for path in sorted((told_desk.folder / ".zalo-alert" / "inbound" / "journal").glob("*.db")):
            with closing(Database(path)) as database:
                found += database.rows("SELECT name, body, repeats FROM event ORDER BY seq")
        return found

    return read


def event(number=1):
    """Write an event as Zalo's page shows it, with blanks and a line break of its own."""
    stamp = str(time.time_ns() // 1_000_000)
    message = {"text": TEXT, "msg_id": f"96d3cdf3af15046{number}"}
    fields = {"app_id": APP, "sender": {"id": "246845883529197922"}, "recipient": {"id": OA}, "event_name": "user_send_text"}
    return (json.dumps({**fields, "message": message, "timestamp": stamp}, ensure_ascii=False, indent=1) + "\n").encode(), stamp


def signed_by_openssl(body, stamp, secret=doors.SECRET):
    said = subprocess.run(
        ["openssl", "dgst", "-sha256", "-r"], input=APP.encode() + body + stamp.encode() + secret.encode(), capture_output=True,
        check=True, timeout=60,
    )  # fmt: skip
    return said.stdout.split()[0].decode()


def posted_by_curl(url, path, mac):
    said = subprocess.run(
        ["curl", "--silent", "--show-error", "--max-time", "20", "--data-binary", f"@{path}", "--output", "-", "--write-out",
         "\n%{http_code}", "--header", "Content-Type: application/json", "--header", f"X-ZEvent-Signature: mac={mac}", url],
        capture_output=True, check=True, timeout=60, env={"PATH": "/usr/bin:/bin", "no_proxy": "127.0.0.1"},
    )  # fmt: skip
    return int(said.stdout.rsplit(b"\n", 1)[1])


@pytest.mark.slow
@pytest.mark.skipif(not (shutil.which("curl") and shutil.which("openssl")), reason="there is no curl here, or no openssl")
def test_curl_with_a_signature_by_openssl_gets_through_and_its_event_stands_in_the_journal(told_desk, journal, tmp_path):
    body, stamp = event()
    path = tmp_path / "event.json"
    path.write_bytes(body)
    with doors.open_door(told_desk) as door:
        right, wrong = signed_by_openssl(body, stamp), signed_by_openssl(body, stamp, "another")
        codes = [posted_by_curl(door.url, path, mac) for mac in (right, wrong, right.upper())]

    assert codes == [200, 403, 200]
    assert journal() == [("user_send_text", body, 1)]


@pytest.mark.slow
def test_a_door_with_its_own_certificate_refuses_connections_while_it_can_not_store(told_desk, journal, tmp_path, wait_until):
    authority, chain = trustme.CA(), tmp_path / "chain.pem"
    authority.issue_cert("localhost").private_key_and_cert_chain_pem.write_to_path(str(chain))
    with (told_desk.folder / "zalo-alert.yaml").open("a", encoding="utf-8") as file:
        file.write(f'webhook: {{certificate: "{chain}", key: "{chain}"}}\nnotify: {json.dumps({"command": KEEP})}\n')
    tls, told = ssl.create_default_context(), told_desk.folder / "told.jsonl"
    authority.configure_trust(tls)
    in_the_way = told_desk.folder / ".zalo-alert" / "inbound" / "journal"
    in_the_way.parent.mkdir(parents=True)
    in_the_way.touch()  # where a folder is to be: nothing can be stored
    with doors.open_door(told_desk) as door:
        with pytest.raises((http.client.RemoteDisconnected, ConnectionError)):
            post(door.port, tls, event(1))
        wait_until(lambda: is_refused(door.port))
        wait_until(told.exists)
        in_the_way.unlink()
        wait_until(lambda: not is_refused(door.port))
        sent = [event(2), event(3)]
        answers = [post(door.port, tls, one) for one in sent]

    assert answers == [200, 200]
    assert [json.loads(line)["event"] for line in told.read_text(encoding="utf-8").splitlines()] == ["webhook-storage"]
    assert {body for body, _stamp in sent} <= {body for _name, body, _repeats in journal()}


def post(port, tls, signed):
    body, stamp = signed
    line = http.client.HTTPSConnection("localhost", port, timeout=20, context=tls)
    try:
        line.request("POST", "/zalo", body, {"X-ZEvent-Signature": f"mac={signed_by_openssl(body, stamp)}"})
        return line.getresponse().status
    finally:
        line.close()


def is_refused(port):
    try:
        socket.create_connection(("127.0.0.1", port), 20).close()
    except ConnectionRefusedError:
        return True
    return False

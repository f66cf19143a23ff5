"""`zalo-alert webhook` as a process: its lines, signals and files; what it acknowledged is on the disk, whatever happens."""

import json
import os
import shutil
import signal
import socket
import subprocess
import threading
from contextlib import contextmanager, suppress
from functools import partial
from urllib.parse import urlsplit

import pytest

from tests.conftest import until
from tests.open_door import SECRET, signed
from tests.webhook_events import APP, OA, said
from zalo_alert.inbound.journal import read_journal
from zalo_alert.inbound.parked import Parked
from zalo_alert.inbound.worker_sight import worker_sight

ANSWER_S = 30.0


@pytest.fixture
def office(empty_desk):
    """A workspace whose one account has a secret."""
    desk = empty_desk
    (desk.folder / "zalo-alert.yaml").write_text(
        f'profile: drill\nsecrets_file: secrets.env\naccounts:\n  - {{id: pctt, oa_id: "{OA}", app_id: "{APP}"}}\n',
        encoding="utf-8",
    )
    write_secret(desk, SECRET)
    return desk


def write_secret(desk, secret):
    draft = desk.folder / "draft"
    draft.touch(mode=0o600)
    draft.write_text(f"ZALO_ALERT_PCTT_OA_SECRET={secret}\n", encoding="ascii")
    draft.replace(desk.folder / "secrets.env")


class Webhook:
    """A running webhook, and its lines."""

    def __init__(self, desk, *words):
        self.desk = desk
        self.child = desk.start("webhook", "--json", "--listen", "127.0.0.1:0", *words)
        self.first = json.loads(self.child.stdout.readline())
        self.port = urlsplit(self.first["url"]).port
        self.lines = [self.first]

    def ask(self, request):
        with socket.create_connection(("127.0.0.1", self.port), timeout=ANSWER_S) as connection:
            connection.sendall(request)
            return connection.recv(65_536)

    def next_line(self):
        self.lines.append(json.loads(self.child.stdout.readline()))
        return self.lines[-1]

    def end(self, number=signal.SIGTERM):
        self.child.send_signal(number)
        return self.desk.ended(self.child)


def inbound(desk):
    return desk.folder / ".zalo-alert" / "inbound"


def stored(desk):
    return [event.body for event in read_journal(inbound(desk), None, 100_000)]


def numbered(number):
    return said(message={"text": "x", "msg_id": f"m{number}"})


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["Ctrl-C", "SIGTERM"])
def test_it_is_stopped_like_send_with_everything_acknowledged_on_the_disk(office, number):
    webhook = Webhook(office, "--no-worker")
    assert webhook.ask(signed(said())).startswith(b"HTTP/1.1 200 ")
    result = webhook.end(number)

    assert result.code == 130
    assert stored(office) == [said()]
    assert json.loads(result.err.splitlines()[-1])["cause"] == "interrupted"
    sight = json.loads((inbound(office) / "door.json").read_bytes())
    assert (sight["acknowledged"], sight["stopped_ms"] > 0) == (1, True)
    assert [path.stat().st_mode & 0o077 for path in inbound(office).rglob("*")] == [0] * len(list(inbound(office).rglob("*")))


def test_a_client_of_others_gets_through(office, tmp_path):
    if not (shutil.which("curl") and shutil.which("openssl")):
        pytest.skip("needs curl and openssl")
    body = tmp_path / "body"
    body.write_bytes(said())
    webhook = Webhook(office, "--no-worker")
    text = APP.encode() + said() + b"1787209817225" + SECRET.encode()
    digest = subprocess.run(["openssl", "dgst", "-sha256", "-r"], input=text, capture_output=True, check=True).stdout.split()[0]
    header = f"X-ZEvent-Signature: mac={digest.decode()}"
    curl = [
        "curl",
        "-sS",
        "--noproxy",
        "*",
        "-w",
        "%{http_code}",
        "-H",
        header,
        "--data-binary",
        f"@{body}",
        webhook.first["url"],
    ]
    done = subprocess.run(curl, capture_output=True, text=True, check=True)
    webhook.end()

    assert done.stdout == "200"
    assert stored(office) == [said()]


def test_one_door_a_workspace(office):
    webhook = Webhook(office, "--no-worker")
    second = office.run("webhook", "--json", "--listen", "127.0.0.1:0", "--no-worker")
    assert second.code == 12
    assert "served by another process" in second.said
    assert webhook.ask(signed(said())).startswith(b"HTTP/1.1 200 ")
    assert webhook.end().code == 130


def test_a_taken_port_and_what_is_no_address_end_in_a_sentence(office):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        result = office.run("webhook", "--listen", f"127.0.0.1:{port}")
    assert (result.code, f"port {port} on 127.0.0.1 is taken" in result.said) == (2, True)
    nowhere = office.run("webhook", "--listen", "somewhere")
    assert (nowhere.code, "127.0.0.1:8080" in nowhere.said) == (2, True)


def test_without_a_secret_it_says_which_and_keeps_what_comes(office):
    write_secret(office, "")
    webhook = Webhook(office, "--no-worker")
    assert webhook.first["without_secret"] == 1
    assert f"ZALO_ALERT_APP_{APP}_OA_SECRET" in webhook.next_line()["message"]
    assert webhook.ask(signed(said())).startswith(b"HTTP/1.1 200 ")
    webhook.end()

    ring = Parked(inbound(office))
    assert (stored(office), ring.counts().waiting) == ([], 1)
    ring.close()


def test_a_new_secret_is_taken_without_dropping_anybody(office):
    webhook = Webhook(office, "--no-worker")
    with socket.create_connection(("127.0.0.1", webhook.port), timeout=ANSWER_S) as connection:
        connection.sendall(signed(said()))
        assert connection.recv(1000).startswith(b"HTTP/1.1 200 ")
        write_secret(office, "another")
        while "read anew" not in webhook.next_line().get("message", ""):
            pass
        connection.sendall(signed(numbered(2)))
        assert connection.recv(1000).startswith(b"HTTP/1.1 200 ")  # the new one may be mistyped: it is kept, and told
        connection.sendall(signed(numbered(1), "another"))
        assert connection.recv(1000).startswith(b"HTTP/1.1 200 ")
        connection.sendall(signed(numbered(3)))
        assert connection.recv(1000).startswith(b"HTTP/1.1 403 ")
    webhook.end()

    assert stored(office) == [said(), numbered(1)]


def test_a_broken_config_changes_nothing(office):
    webhook = Webhook(office, "--no-worker")
    (office.folder / "zalo-alert.yaml").write_text("profile: [", encoding="utf-8")
    assert "the old ones go on" in webhook.next_line()["message"]
    assert webhook.ask(signed(said())).startswith(b"HTTP/1.1 200 ")
    webhook.end()


@pytest.mark.skipif(os.name != "posix", reason="Windows has no SIGHUP")
def test_sighup_reads_everything_anew(office):
    webhook = Webhook(office, "--no-worker")
    webhook.child.send_signal(signal.SIGHUP)
    assert webhook.next_line()["message"] == "read anew: 1 account"
    webhook.end()


def worker_pid(state):
    sight = worker_sight(state)
    return sight.pid if sight else 0


def handled(state):
    sight = worker_sight(state)
    return sight.handled if sight else 0


def test_the_worker_goes_beside_it_and_again_when_it_dies(office):
    state = office.folder / ".zalo-alert"
    webhook = Webhook(office)
    webhook.ask(signed(said()))
    until(lambda: handled(state) == 1)
    first = worker_pid(state)
    os.kill(first, signal.SIGKILL)
    while "worker ended" not in webhook.next_line().get("message", ""):
        pass
    webhook.ask(signed(numbered(1)))
    until(lambda: worker_pid(state) != first and handled(state) == 1)
    second = worker_pid(state)
    webhook.end()

    with pytest.raises(ProcessLookupError):
        os.kill(second, 0)


class Courier(threading.Thread):
    """Sends numbered events over one connection until it breaks, and keeps which were acknowledged."""

    def __init__(self, port, first):
        super().__init__(daemon=True)
        self.port, self.first, self.acknowledged = port, first, []

    def run(self):
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=ANSWER_S) as connection:
                for number in range(self.first, self.first + 100_000):
                    connection.sendall(signed(numbered(number)))
                    if not connection.recv(1000).startswith(b"HTTP/1.1 200 "):
                        return
                    self.acknowledged.append(number)
        except OSError:
            return


def all_acknowledged(couriers):
    return all(len(courier.acknowledged) >= 10 for courier in couriers)


@pytest.mark.kill
def test_what_was_acknowledged_survives_a_kill_and_nothing_is_stored_twice(office):
    for kill in range(3):
        webhook = Webhook(office, "--no-worker")
        couriers = [Courier(webhook.port, (kill * 4 + number) * 100_000) for number in range(4)]
        for courier in couriers:
            courier.start()
        until(partial(all_acknowledged, couriers))
        webhook.child.kill()
        webhook.child.wait(ANSWER_S)
        for courier in couriers:
            courier.join(ANSWER_S)
        kept = stored(office)
        acknowledged = {numbered(number) for courier in couriers for number in courier.acknowledged}

        assert acknowledged <= set(kept)
        assert len(kept) == len(set(kept))


@contextmanager
def mounted(folder, size):
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder)]
    if subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("needs the right to mount a small file system")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


def fill(path):
    """Fill a disk with a file."""
    with path.open("wb", buffering=0) as file, suppress(OSError):
        while True:
            file.write(b"x" * 4096)


def send_until_cut_off(webhook):
    """Send events one by one until nobody answers; return those that were acknowledged: a log has a little room left."""
    number = 0
    with suppress(ConnectionError):
        while webhook.ask(signed(numbered(number + 1))).startswith(b"HTTP/1.1 200 "):
            number += 1
    return range(1, number + 1)


@pytest.mark.mount
def test_a_full_disk_closes_the_door_and_space_opens_it_again(office, tmp_path):
    with mounted(tmp_path / "small", "2m") as small:
        (office.folder / ".zalo-alert").mkdir(mode=0o700)
        inbound(office).symlink_to(small)
        small.chmod(0o700)
        webhook = Webhook(office, "--no-worker")
        assert webhook.ask(signed(numbered(0))).startswith(b"HTTP/1.1 200 ")
        fill(small / "filler")
        acknowledged = [0, *send_until_cut_off(webhook)]
        assert "the disk is full" in webhook.next_line()["message"]
        with pytest.raises(ConnectionRefusedError):
            webhook.ask(signed(numbered(200_000)))
        (small / "filler").unlink()
        assert "open again" in webhook.next_line()["message"]
        assert webhook.ask(signed(numbered(300_000))).startswith(b"HTTP/1.1 200 ")
        webhook.end()
        kept = stored(office)

    assert {numbered(number) for number in [*acknowledged, 300_000]} <= set(kept)

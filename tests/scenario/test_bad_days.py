"""Bad days of the machine and the network: each ends in a clear sentence and the right code, and nobody is lost."""

import os
import signal
import socket
import subprocess
import threading
from contextlib import contextmanager

import pytest
from office import ANY_HOUR, campaign_of_test

from zalo_alert.models import State
from zalo_alert.sandbox.agreement import compare
from zalo_alert.sandbox.base import Options
from zalo_alert.sandbox.server import running

pytestmark = pytest.mark.long

MOUNTS = os.name == "posix" and hasattr(os, "geteuid") and os.geteuid() == 0


@pytest.fixture
def tls():
    """A sandbox that a live workspace may speak to."""
    with running(Options(app_per_minute=0), tls=True) as found:
        yield found


@pytest.fixture
def live(desk, tls):
    """A desk whose calls may take a proxy, as a drill's never do."""
    for name in ("NO_PROXY", "no_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"):
        desk.environ.pop(name, None)
    desk.go_live()
    return desk.at(tls)


def through(desk, url):
    """Let a desk's calls take a proxy."""
    desk.environ["HTTPS_PROXY"] = desk.environ["https_proxy"] = url


@pytest.fixture
def begun(desk, sandbox, wait_until):
    """A run that was killed on its way."""
    desk.at(sandbox).configure("app_per_minute: 6000000", "app_per_minute: 12000")
    child = desk.start("send", desk.campaign(), "--yes")
    wait_until(lambda: sandbox.stats()["accepted"] > 100)
    child.send_signal(signal.SIGKILL)
    child.communicate()
    desk.configure("app_per_minute: 12000", "app_per_minute: 6000000")
    return desk


def unused():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


@contextmanager
def answering(answer):
    """A proxy that says the same to everyone."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve():
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            with connection:
                connection.settimeout(5)
                data = b""
                while b"\r\n\r\n" not in data and (piece := connection.recv(65_536)):  # it is asked for a tunnel
                    data += piece
                connection.sendall(answer)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    yield f"http://officer:geheim@127.0.0.1:{listener.getsockname()[1]}"
    listener.shutdown(socket.SHUT_RDWR)
    listener.close()
    thread.join()


def page(status, body=b"<html>who are you?</html>"):
    return b"HTTP/1.1 %b\r\ncontent-type: text/html\r\ncontent-length: %d\r\nconnection: close\r\n\r\n%b" % (
        status, len(body), body,
    )  # fmt: skip


def agreed(desk, sandbox):
    agreement = compare(((person, State(state)) for person, state in desk.states().items()), sandbox.reached())
    assert agreement.problems == []
    return agreement.people


def test_a_dead_proxy_is_named_and_nobody_is_lost(live):
    through(live, f"http://officer:geheim@127.0.0.1:{unused()}")
    result = live.run("send", campaign_of_test(live, 1000), "--yes", *ANY_HOUR)
    assert result.code == 13
    assert "through the proxy 127.0.0.1:" in result.said
    assert "geheim" not in result.said
    assert set(live.states().values()) <= {"pending", "deferred"}


def test_a_proxy_that_wants_a_password_halts_at_once_and_nobody_is_in_doubt(live, tls):
    with answering(page(b"407 Proxy Authentication Required")) as url:
        through(live, url)
        result = live.run("send", campaign_of_test(live, 1000), "--yes", *ANY_HOUR)
    assert result.code == 13
    assert "a proxy refuses to pass messages on" in result.said
    assert set(live.states().values()) <= {"pending", "deferred"}
    del live.environ["HTTPS_PROXY"], live.environ["https_proxy"]
    assert live.run("resume").code == 0
    assert agreed(live, tls) == {State.ACCEPTED: 1000}


def test_a_proxy_that_answers_with_a_page_of_its_own_halts_and_nobody_is_in_doubt(live, tls):
    with answering(page(b"200 OK")) as url:
        through(live, url)
        result = live.run("send", campaign_of_test(live, 1000), "--yes", *ANY_HOUR)
    assert result.code == 13
    assert "through the proxy 127.0.0.1:" in result.said
    assert set(live.states().values()) <= {"pending", "deferred"}
    assert tls.stats()["requests"] == 0


def test_a_drill_goes_round_every_proxy(desk, sandbox):
    proxy = f"http://127.0.0.1:{unused()}"
    desk.at(sandbox).environ |= dict.fromkeys(("HTTP_PROXY", "http_proxy", "ALL_PROXY"), proxy)
    del desk.environ["ZALO_ALERT_PCTT_ACCESS_TOKEN"]  # so that the token's renewal is tried too
    assert desk.run("send", desk.campaign(), "--yes").code == 0
    assert sandbox.stats()["people"] == 1000


@pytest.mark.mount
@pytest.mark.kill
@pytest.mark.skipif(not MOUNTS, reason="needs the right to mount")
def test_a_read_only_disk_is_said_by_every_command_and_nobody_is_written_to(begun, sandbox):
    state = str(begun.folder / ".zalo-alert")
    before = sandbox.stats()["requests"]
    if subprocess.run(["mount", "--bind", state, state], capture_output=True, check=False).returncode:
        pytest.skip("needs the right to mount")
    try:
        subprocess.run(["mount", "-o", "remount,bind,ro", state], check=True)
        for words in (("resume",), ("send", begun.campaign("d.yaml", code="DT-2"), "--yes")):
            result = begun.run(*words)
            assert result.code in (11, 13), (words, result.said)
            assert ".zalo-alert" in result.said
        assert begun.run("status").code in (0, 13)  # SQLite may need to write before it can read
    finally:
        subprocess.run(["umount", "-l", state], check=True)
    assert sandbox.stats()["requests"] == before
    assert begun.run("resume").code == 3
    assert sum(agreed(begun, sandbox).values()) == 1000


def cut(path, share):
    with path.open("rb+") as file:
        file.truncate(int(path.stat().st_size * share))


@pytest.mark.kill
@pytest.mark.parametrize("share", [0.0, 0.97])
def test_a_ledger_cut_short_by_a_power_failure_is_said_and_nobody_is_written_to(begun, sandbox, share):
    assert begun.run("stop").code == 0  # folds the log into the file, so that the file is all there is
    folder = begun.folder / ".zalo-alert" / "runs" / "DT-1"
    (folder / "run.db-wal").unlink(missing_ok=True)
    (folder / "run.db-shm").unlink(missing_ok=True)
    cut(folder / "run.db", share)
    before = sandbox.stats()["requests"]
    result = begun.run("resume")
    assert result.code == 13, result.said
    assert "run.db" in result.said
    assert sandbox.stats()["requests"] == before


@pytest.mark.kill
def test_a_log_cut_short_loses_what_was_last_written_and_no_more_than_is_said(begun, sandbox):
    cut(begun.folder / ".zalo-alert" / "runs" / "DT-1" / "run.db-shm", 0.0)
    assert begun.run("resume").code == 3
    assert agreed(begun, sandbox)[State.UNKNOWN] > 0


def test_a_clock_that_is_an_hour_off_is_said(desk, sandbox):
    with answering(page(b"200 OK\r\ndate: Wed, 25 Nov 2020 01:00:00 GMT", b'{"error":0,"data":{"message_id":"1"}}')) as url:
        desk.at(sandbox).environ["ZALO_ALERT_OPENAPI_URL"] = "http://" + url.rpartition("@")[2]
        result = desk.run("send", desk.campaign(), "--yes")
    assert result.code == 0
    assert "clock is" in result.said
    assert "minutes ahead of the server's" in result.said
    assert result.said.count("set the clock") == 1

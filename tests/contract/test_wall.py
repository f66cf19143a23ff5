"""The wall screen over real sockets: what it shows, whom it answers, and that nobody can hold it up."""

import http.client
import json
import os
import select
import signal
import socket
import time
from contextlib import closing, contextmanager, suppress
from urllib.parse import urlsplit

import pytest

from tests.wall_runs import begin, freeze_run, make_workspace, settle
from zalo_alert.foundation.clock import SystemClock
from zalo_alert.models import State
from zalo_alert.wall.guard import HEADERS, MOST_QUERY
from zalo_alert.wall.password import TRIES
from zalo_alert.wall.server import MOST_HEADERS, MOST_OF_ONE

pytestmark = pytest.mark.long

NOW = SystemClock().now()
PASSWORD = "bốn từ dễ gõ 1987"
PATIENCE_S = 30


class Wall:
    """A wall screen in a process of its own."""

    def __init__(self, desk, child, url):
        self.desk, self.child, self.url = desk, child, url
        self.port = urlsplit(url).port

    def ask(self, path="/", method="GET", headers=None, body=None):
        """Ask once; return status, headers and text."""
        with closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE_S)) as connection:
            connection.request(method, path, body, headers or {})
            answer = connection.getresponse()
            return answer.status, dict(answer.headers), answer.read().decode()

    def send(self, raw):
        """Send bytes as they are, and return what comes back until the server hangs up or is silent."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE_S) as connection:
            with suppress(OSError):
                connection.sendall(raw)
            return _rest(connection)

    @contextmanager
    def listening(self, path="/events", headers=None):
        """Listen to the stream; yields what reads the next event."""
        with closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE_S)) as connection:
            connection.request("GET", path, headers=headers or {})
            answer = connection.getresponse()
            assert answer.status == 200, answer.read()

            def next_event():
                while not (line := answer.readline()).startswith(b"data: "):
                    assert line, "the stream has ended"
                return json.loads(line.removeprefix(b"data: "))

            yield next_event


def _rest(connection):
    text = b""
    with suppress(OSError):
        while piece := connection.recv(65_536):
            text += piece
    return text


@pytest.fixture
def folder(empty_desk):
    return make_workspace(empty_desk.folder / "workspace", NOW)


@pytest.fixture
def open_wall(empty_desk, folder):
    walls = []

    def start(*words):
        child = empty_desk.start("watch", "--web", "--port", "0", "--json", "--workspace", str(folder), *words)
        line = child.stdout.readline()
        assert line, child.stderr.read()
        walls.append(Wall(empty_desk, child, json.loads(line)["url"]))
        return walls[-1]

    yield start
    for wall in walls:
        if wall.child.poll() is None:
            wall.child.send_signal(signal.SIGTERM)
            wall.child.communicate(timeout=PATIENCE_S)


@pytest.fixture
def wall(open_wall):
    return open_wall()


# --- what it shows ---


def test_the_page_says_how_every_run_goes_and_escapes_what_is_a_strangers(folder, open_wall):
    run = freeze_run(folder, NOW, "DT-1", headline="DIỄN TẬP <script>alert(1)</script>")
    settle(run, NOW, {State.ACCEPTED: 30})
    wall = open_wall()
    with wall.listening() as next_event:
        next_event()  # the first look is over
        status, headers, page = wall.ask()

    assert status == 200
    assert headers["content-type"] == "text/html; charset=utf-8"
    assert "DT-1" in page
    assert "DIỄN TẬP" in page
    assert "&lt;script&gt;" in page
    assert "<script>alert" not in page
    assert 'lang="vi"' in page
    assert 'lang="en"' in wall.ask("/?lang=en")[2].split("<head>")[0]


def test_every_answer_has_the_headers_that_bind_a_browser(wall):
    for path in ("/", "/runs", "/static/wall.js", "/nowhere", "/?run=%3Cb%3E"):
        _, headers, _ = wall.ask(path)
        assert {name: headers[name] for name in HEADERS if name != "cache-control"} == {
            name: value for name, value in HEADERS.items() if name != "cache-control"
        }
    assert "unsafe" not in HEADERS["content-security-policy"]


def test_what_is_settled_is_told_within_two_seconds(folder, open_wall):
    run = freeze_run(folder, NOW, "DT-1")
    begin(run, NOW)
    wall = open_wall()
    with run.locked(), wall.listening() as next_event:
        while "200" not in next_event()["parts"].get("cards", ""):
            pass
        settle(run, NOW, {State.ACCEPTED: 77})
        settled_s = time.monotonic()
        while "77" not in next_event()["parts"].get("cards", ""):
            pass
        took_s = time.monotonic() - settled_s

    assert took_s <= 2.5  # a busy machine


def test_an_event_holds_only_what_has_changed(folder, open_wall):
    freeze_run(folder, NOW, "DT-1")
    wall = open_wall()
    with wall.listening() as next_event:
        first, second, third = next_event(), next_event(), next_event()

    assert {"cards", "map", "places"} <= first["parts"].keys()
    assert "map" not in second["parts"].keys() & third["parts"].keys()
    assert third["parts"].keys() <= {"clock", "deadlines", "cards"}


def test_all_other_runs_are_a_page_away(folder, open_wall):
    freeze_run(folder, NOW, "DT-1")
    wall = open_wall()
    with wall.listening() as next_event:
        next_event()

    assert "DT-1" in wall.ask("/runs")[2]
    for page in ("0", "-1", "99999999999999999999", "١", "x"):
        assert wall.ask(f"/runs?page={page.encode().hex() if not page.isascii() else page}")[0] == 200


# --- whom it answers ---


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1", "127.0.0.1:1", "", "localhost.evil.example", "127.0.0.1:80@evil"])
def test_another_name_is_not_answered(wall, host):
    status, _, text = wall.ask(headers={"Host": host})

    assert (status, "DT-" in text) == (421, False)


def test_two_names_are_none(wall):
    answer = wall.send(f"GET / HTTP/1.1\r\nHost: 127.0.0.1:{wall.port}\r\nHost: evil.example\r\n\r\n".encode())

    assert answer.split()[1] in (b"400", b"421")


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Dest": "script"},
        {"Sec-Fetch-Site": "same-site", "Sec-Fetch-Mode": "cors", "Sec-Fetch-Dest": "empty"},
        {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "iframe"},
    ],
)
def test_what_another_sites_page_asks_for_is_refused(wall, headers):
    assert wall.ask("/events", headers=headers)[0] == 403


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "CONNECT", "FROB"])
def test_it_can_only_be_looked_at(wall, method):
    assert wall.ask("/", method)[0] == 405


@pytest.mark.parametrize(
    "path",
    [
        "/static/../app.py", "/static/..%2fapp.py", "/static/%2e%2e/%2e%2e/zalo-alert.yaml", "/static//etc/passwd",
        "/static/wall.html.j2", "/static/", "//evil.example/", "/.zalo-alert/tokens.db", "/static/wall.css%00.js",
    ],
)  # fmt: skip
def test_no_way_leads_out_of_what_is_served(wall, path):
    status, _, text = wall.ask(path)

    assert status == 404
    assert "oa_id" not in text
    assert "root:" not in text


def test_the_address_of_a_run_that_there_is_not_shows_the_others(folder, open_wall):
    freeze_run(folder, NOW, "DT-1")
    wall = open_wall()

    assert wall.ask("/?run=../../etc&lang=xx")[0] == 200
    assert wall.ask(f"/?run={'x' * MOST_QUERY}")[0] == 414


# --- the password ---


@pytest.fixture
def locked(empty_desk, open_wall):
    empty_desk.environ["ZALO_ALERT_WALL_PASSWORD"] = PASSWORD
    return open_wall()


def log_in(wall, typed, **headers):
    from urllib.parse import urlencode

    form = {"Content-Type": "application/x-www-form-urlencoded", **headers}
    return wall.ask("/login", "POST", form, urlencode({"password": typed}))


def test_who_has_not_typed_the_password_sees_nothing(locked):
    assert locked.ask("/")[0:2][0] == 303
    assert locked.ask("/")[1]["location"] == "/login"
    for path in ("/events", "/static/wall.js"):
        assert locked.ask(path)[0] == 401
    assert locked.ask("/runs")[0] == 303


def test_who_has_typed_it_sees_all_and_no_script_or_other_site_gets_at_the_cookie(locked):
    status, headers, _ = log_in(locked, PASSWORD)
    cookie = headers["set-cookie"]

    assert (status, headers["location"]) == (303, "/")
    assert "HttpOnly" in cookie
    assert "SameSite=strict" in cookie
    assert locked.ask("/", headers={"Cookie": cookie.split(";")[0]})[0] == 200


@pytest.mark.parametrize(
    "cookie",
    ["", "zalo-alert-wall=", "zalo-alert-wall=1.2.3", "zalo-alert-wall=" + "9" * 4000, "=;;=; zalo-alert-wall", "\x7f=1"],
)
def test_a_bad_cookie_opens_nothing(locked, cookie):
    assert locked.ask("/events", headers={"Cookie": cookie})[0] == 401


def test_wrong_passwords_are_told_and_then_slowed_down(locked):
    statuses = [log_in(locked, f"wrong {n}")[0] for n in range(TRIES)]
    status, headers, page = log_in(locked, PASSWORD)

    assert statuses == [403] * TRIES
    assert status == 429
    assert 0 < int(headers["retry-after"]) <= 60
    assert "wrong 0" not in page


@pytest.mark.parametrize("body", ["", "password", "password=", "a=1&" * 10, "password=" + "x" * 5000, "\udcff"])
def test_a_form_of_no_use_is_a_wrong_password(locked, body):
    answer = locked.ask("/login", "POST", {"Content-Type": "text/plain"}, body.encode(errors="surrogateescape"))

    assert answer[0] == 403


def test_another_sites_form_does_not_log_in(locked):
    assert log_in(locked, PASSWORD, Origin="https://evil.example")[0] == 403


# --- nobody holds it up ---


def test_too_many_headers_are_refused(wall):
    head = f"GET / HTTP/1.1\r\nHost: 127.0.0.1:{wall.port}\r\n"

    assert wall.send(f"{head}X: {'x' * MOST_HEADERS * 4}".encode()).split()[1:2] == [b"400"]
    assert wall.ask()[0] == 200


@pytest.mark.parametrize(
    "raw", [b"\0" * 100, b"GET\r\n\r\n", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", b"GET / HTTP/9.9\r\n\r\n"]
)
def test_what_is_no_http_is_refused(wall, raw):
    assert wall.send(raw).split()[1:2] in ([b"400"], [b"421"])
    assert wall.ask()[0] == 200


def test_of_many_connections_some_are_hung_up_on_and_the_others_are_answered(wall):
    held = [socket.create_connection(("127.0.0.1", wall.port), timeout=PATIENCE_S) for _ in range(MOST_OF_ONE + 40)]
    try:
        select.select(held, [], [], PATIENCE_S)
        closed = [one for one in held if select.select([one], [], [], 0)[0]]
        assert closed, "nobody was hung up on"
    finally:
        for one in held:
            one.close()
    with wall.listening() as next_event:
        assert next_event()
    assert wall.ask()[0] == 200


@pytest.mark.slow
@pytest.mark.long
def test_who_never_says_what_they_want_is_hung_up_on(wall):
    with socket.create_connection(("127.0.0.1", wall.port), timeout=PATIENCE_S) as connection:
        connection.sendall(b"GET / HTTP/1.1\r\nHost: 127")
        connection.settimeout(0.5)
        began_s = time.monotonic()
        with suppress(ConnectionError):
            while time.monotonic() - began_s < PATIENCE_S:
                connection.sendall(b"x")
                with suppress(TimeoutError):
                    if not connection.recv(1):
                        break
        assert time.monotonic() - began_s < PATIENCE_S


# --- how it begins and ends ---


@pytest.mark.skipif(os.name != "posix", reason="a signal as Ctrl-C sends it")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_ends_cleanly_while_somebody_looks_on(wall, number):
    with wall.listening() as next_event:
        next_event()
        wall.child.send_signal(number)
        _out, err = wall.child.communicate(timeout=PATIENCE_S)

    assert wall.child.returncode == 0
    assert b"Traceback" not in err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--host", "192.168.255.254"), "it has no password"),
        (("--host", "0.0.0.0"), "stands for every network"),
        (("--host", "8.8.8.8"), "can be reached from the internet"),
        (("--host", "wall"), "is no address of a network card"),
        (("--tls-cert", "c.pem"), "go together"),
        (("--tls-cert", "c.pem", "--tls-key", "k.pem"), "can't use the certificate"),
    ],
)
def test_what_is_wrong_is_said_before_anything_listens(empty_desk, folder, words, said):
    result = empty_desk.run("watch", "--web", "--workspace", str(folder), *words)

    assert result.code in (2, 11)
    assert said in result.err
    assert "→" in result.err


def test_a_short_password_is_none(empty_desk, folder):
    empty_desk.environ["ZALO_ALERT_WALL_PASSWORD"] = "bao-7"
    result = empty_desk.run("watch", "--web", "--workspace", str(folder))

    assert (result.code, "shorter than 12" in result.err, "bao-7" in result.err) == (11, True, False)


def test_a_port_in_use_is_told(empty_desk, folder, wall):
    result = empty_desk.run("watch", "--web", "--workspace", str(folder), "--port", str(wall.port))

    assert result.code == 2
    assert f"port {wall.port} on 127.0.0.1 is taken" in result.err


def test_no_workspace_is_told(empty_desk):
    assert empty_desk.run("watch", "--web", "--workspace", str(empty_desk.folder)).code == 11


# --- at the terminal ---


@pytest.mark.skipif(os.name != "posix", reason="a signal as Ctrl-C sends it")
def test_without_a_browser_each_open_run_is_a_line_until_none_is_open(empty_desk, folder):
    freeze_run(folder, NOW, "DT-1")
    child = empty_desk.start("watch", "--json", "--workspace", str(folder))
    told = json.loads(child.stdout.readline())
    child.send_signal(signal.SIGINT)
    _out, err = child.communicate(timeout=PATIENCE_S)

    assert (told["type"], told["run"], told["goes"], told["audience"]) == ("watched", "DT-1", "not-begun", 200)
    assert (child.returncode, b"Traceback" in err) == (0, False)


def test_with_no_run_open_it_says_so_and_ends(empty_desk, folder):
    result = empty_desk.run("watch", "--workspace", str(folder))

    assert (result.code, "no run is open" in result.err) == (0, True)

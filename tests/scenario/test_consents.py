"""A tree of OAs that consents: links for all, answers on one address, who is missing, and whatever else comes to that address."""

import csv
import json
import re
import socket
import sqlite3
import stat
from contextlib import closing
from datetime import datetime
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from administrators import APP, THANKS, Tree, allowed, consent, links_in, opened, title_of, unused

from zalo_alert.foundation.clock import VIETNAM

pytestmark = pytest.mark.long

AGAIN, WRONG, UNKNOWN = "Xin làm lại một lần nữa", "Chưa đúng Official Account", "Liên kết không đúng"


@pytest.fixture
def tree_of(desk, sandbox_with):
    def tree(oas=3, **options):
        return Tree(desk, sandbox_with(oas=oas, **options))

    return tree


def state_of(link):
    return parse_qs(urlsplit(link).query)["state"][0]


def pairs(tree):
    with closing(sqlite3.connect(tree.desk.folder / ".zalo-alert" / "tokens.db")) as db:
        return db.execute("SELECT oa_id, access FROM pair").fetchall()


def back_to(tree, **query):
    return f"{tree.callback}?{urlencode(query)}"


def test_a_tree_consents_and_the_rest_is_missing_by_province(tree_of):
    tree = tree_of(40)
    links = tree.invite("--all")
    begun = tree.open()
    pages = consent(links[:-3])
    stopped = tree.stop()

    assert begun["missing"] == len(links) == 40
    assert set(pages) == {THANKS}
    assert stopped.code == 130
    assert "37 consents were taken" in stopped.said
    assert sorted(tree.missing()) == sorted(row["account"] for row in links[-3:])
    again = tree.invite("--missing", file="again.csv")
    assert [row["account"] for row in again] == [row["account"] for row in links[-3:]]
    assert tree.desk.run("accounts", "check", links[5]["account"], links[20]["account"]).code == 0
    by_province = tree.desk.run("accounts", "missing", "--by", "province", "--json").facts
    assert sum(row["missing"] for row in by_province) == 3
    assert sum(row["consented"] for row in by_province) == 37
    log = tree.desk.run("audit", "show", "--json")
    assert [fact["event"] for fact in log.facts if fact.get("event") in ("invite", "token-login")].count("token-login") == 37


def test_links_are_private_whole_and_safe_in_a_spreadsheet(tree_of):
    tree = tree_of(2)
    odd = tree.sandbox.accounts[1]._replace(name="=HYPERLINK(1)")
    tree.write([odd])
    rows = tree.invite("--all")
    file = tree.desk.folder / "links.csv"

    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert file.read_bytes().startswith(b"\xef\xbb\xbfaccount,")
    assert rows[1]["name"] == "'=HYPERLINK(1)"
    assert rows[1]["province"] == "Hà Nội"
    states = [state_of(row["link"]) for row in rows]
    kept = b"".join(path.read_bytes() for path in (tree.desk.folder / ".zalo-alert").rglob("*") if path.is_file())
    assert len(set(states)) == 2
    assert not any(state.encode() in kept for state in states), "a link can't be made of what is on the disk"


def test_who_chooses_another_oa_is_told_so_and_nothing_is_kept(tree_of):
    tree = tree_of(3)
    first, second = tree.invite("--all")[:2]
    tree.open()
    status, page, _ = opened(allowed(first["link"], second["oa_id"]))
    honest = allowed(first["link"], second["oa_id"])
    lying = honest.replace(f"oa_id={second['oa_id']}", f"oa_id={first['oa_id']}")  # the token itself says whose it is
    told = title_of(opened(lying)[1])

    assert (status, title_of(page), told) == (403, WRONG, WRONG)
    assert first["oa_id"] in page
    assert pairs(tree) == []
    assert consent([first, second]) == [THANKS, THANKS]
    assert {oa_id for oa_id, _ in pairs(tree)} == {first["oa_id"], second["oa_id"]}
    result = tree.stop()
    wrong = [fact for fact in result.facts if fact.get("reply") == "wrong-oa"]
    assert {fact["account"] for fact in wrong} == {first["account"]}
    events = [fact["event"] for fact in tree.desk.run("audit", "show", "--json").facts if fact.get("event") == "refused"]
    assert len(events) == 1, "told once, however often it is tried"


def test_a_page_loaded_again_asks_zalo_nothing_and_a_second_consent_wins(tree_of):
    tree = tree_of(1)
    (row,) = tree.invite("--all")
    tree.open()
    address = allowed(row["link"], row["oa_id"])
    pages = [title_of(opened(address)[1]) for _ in range(3)]
    first = pairs(tree)
    asked = tree.sandbox.stats()["requests"]
    opened(address)
    again = consent([row])
    tree.stop()

    assert pages == [THANKS] * 3
    assert tree.sandbox.stats()["requests"] - asked <= 6
    assert again == [THANKS]
    assert len(pairs(tree)) == 1
    assert pairs(tree) != first
    assert tree.desk.run("accounts", "check").code == 0


def test_what_is_no_answer_to_a_link_is_turned_away(tree_of):
    tree = tree_of(2)
    row = tree.invite("--all")[0]
    tree.open()
    state, other = state_of(row["link"]), "x" * 43
    cases = {
        back_to(tree, state=other, code="c"): (404, UNKNOWN),
        back_to(tree, state="short", code="c"): (404, UNKNOWN),
        back_to(tree, code="c"): (404, UNKNOWN),
        f"{tree.callback}?state={state}&state={other}&code=c": (404, UNKNOWN),
        back_to(tree, state=state, code="c" * 5000): (404, UNKNOWN),
        back_to(tree, state=state, code="c", oa_id="x"): (404, UNKNOWN),
        back_to(tree, state=state): (400, "Quý vị chưa cho phép"),
        back_to(tree, state=state, error="-14012", error_name="x"): (400, "Quý vị chưa cho phép"),
        back_to(tree, state=state, code="made-up", oa_id=row["oa_id"]): (400, AGAIN),
        tree.callback.replace("/consent", "/other") + f"?state={state}&code=c": (404, ""),
        tree.callback.replace("/consent", "/"): (404, ""),
    }
    found = {address: (status, title_of(page)) for address in cases for status, page, _ in [opened(address)]}
    methods = [opened(back_to(tree, state=state, code="c"), method)[0] for method in ("HEAD", "OPTIONS", "DELETE")]
    _, page, headers = opened(back_to(tree, state=other, code="<script>alert(1)</script>"))
    thanked = consent([row])
    result = tree.stop()

    assert found == cases
    assert methods == [405] * 3
    assert "script" not in page
    assert headers["content-security-policy"].startswith("default-src 'none'")
    assert (headers["referrer-policy"], headers["cache-control"], headers["x-frame-options"]) == (
        "no-referrer",
        "no-store",
        "DENY",
    )
    assert "http" not in re.sub("<!doctype html>", "", page), "nothing from anywhere else"
    assert thanked == [THANKS]
    assert state not in result.said
    assert "made-up" not in result.said


def test_a_link_may_be_tried_ten_times_in_ten_minutes(tree_of):
    tree = tree_of(2)
    first, second = tree.invite("--all")
    tree.open()
    state = state_of(first["link"])
    titles = [title_of(opened(back_to(tree, state=state, code=f"c{n}"))[1]) for n in range(12)]

    assert titles == [AGAIN] * 10 + ["Đã thử quá nhiều lần"] * 2
    assert consent([second]) == [THANKS], "nobody else waits for it"
    tree.stop()


@pytest.mark.parametrize("fault", ["cut-before", "cut-after", "html-after", "503-before"])
def test_whose_answer_is_lost_at_zalo_is_asked_to_open_the_link_again(tree_of, fault):
    tree = tree_of(1, consent_fault=fault)
    (row,) = tree.invite("--all")
    tree.open()
    lost = consent([row])
    kept = pairs(tree)
    tree.sandbox.change(consent_fault="")
    again = consent([row])
    tree.stop()

    assert lost == ["Zalo chưa trả lời"]
    assert kept == []
    assert again == [THANKS]


def test_links_end_and_older_ones_hold_on(tree_of):
    tree = tree_of(2)
    first = tree.invite("--all", "--days", "1")[0]
    second = tree.invite("--all", file="second.csv")[0]
    with closing(sqlite3.connect(tree.desk.folder / ".zalo-alert" / "tokens.db")) as db, db:
        db.execute("UPDATE invitation SET ends_at_s = ends_at_s - 86401")
    tree.open()
    status, page, _ = opened(allowed(first["link"], first["oa_id"]))
    told = consent([second])
    tree.stop()

    assert (status, title_of(page)) == (410, "Liên kết đã hết hạn")
    assert f"{datetime.now(VIETNAM):%Y}" in page
    assert told == [THANKS]


def test_an_oa_that_is_gone_from_the_workspace_is_told_and_a_new_one_is_taken_without_a_restart(tree_of, wait_until):
    tree = tree_of(4)
    gone = tree.sandbox.accounts[3]
    rows = {row["account"]: row for row in tree.invite("--all")}
    tree.open()
    tree.write(tree.sandbox.accounts[1:3])
    wait_until(lambda: title_of(opened(allowed(rows[gone.id]["link"], gone.oa_id))[1]) == "Liên kết không còn dùng")
    assert consent([rows["pctt"]]) == [THANKS]
    tree.stop()


IMPOSSIBLE = [
    ((), 2, "nobody is said to be invited"),
    (("nobody",), 11, 'no account "nobody"'),
    (("--all", "--callback", "nowhere"), 2, "no address"),
    (("--all", "--callback", "http://[x/c"), 2, "no address"),
    (("--all", "--callback", "https://a.vn/consent?x=1"), 2, "no query"),
    (("--all", "--callback", "https://a.vn"), 2, "must have a path"),
    (("--all", "--callback", "http://a.vn/consent"), 2, "is not https"),
    (("--all", "--days", "0"), 2, "--days"),
    (("--areas", "Atlantis"), 10, "Atlantis"),
    (("--all", "--areas", "old:01", "--app", "1"), 2, "no OA fits"),
    (("--all", "--output", "nowhere/links.csv"), 10, "nowhere"),
    (("--all", "--accounts-file", "no.csv"), 11, "no.csv"),
    (("--all", "--accounts-file", "strange.csv"), 10, "not in the workspace"),
    (("--all", "--accounts-file", "twice.csv"), 11, "stands twice"),
]


def test_what_is_wrong_with_an_invitation_is_said_and_nothing_is_written(tree_of):
    tree = tree_of(3)
    tree.write([tree.sandbox.accounts[1]._replace(oa_id="1234567890")], "strange.csv")
    tree.write([tree.sandbox.accounts[1]] * 2, "twice.csv")
    for words, code, said in IMPOSSIBLE:
        result = tree.desk.run("accounts", "invite", "--callback", tree.callback, *words)

        assert (result.code, said in result.said) == (code, True), (words, result.said)
        assert not (tree.desk.folder / "links.csv").exists()


def test_only_some_of_the_tree_are_invited(tree_of):
    tree = tree_of(40)
    tree.write(tree.sandbox.accounts[1:4], "some.csv")
    commune = next(one for one in tree.sandbox.accounts if one.level == "commune")

    assert len(tree.invite("--all", "--accounts-file", "some.csv")) == 3
    assert [row["account"] for row in tree.invite("--areas", commune.areas[0], file="b.csv")] == [commune.id]
    assert len(tree.invite("--areas", "all", file="c.csv")) == 40
    assert len(tree.invite("--areas", "new:01", file="d.csv")) >= 1
    assert [row["account"] for row in tree.invite("pctt", commune.id, file="e.csv")] == ["pctt", commune.id]


def test_a_file_of_links_is_never_written_over(tree_of):
    tree = tree_of(1)
    tree.invite("--all")
    before = (tree.desk.folder / "links.csv").read_bytes()
    result = tree.desk.run("accounts", "invite", "--all", "--callback", tree.callback)

    assert result.code == 10
    assert "was not touched" in result.said
    assert (tree.desk.folder / "links.csv").read_bytes() == before


def test_zalo_is_asked_before_letters_go_out_for_nothing(tree_of):
    tree = tree_of(1, redirect_uri="https://registered.example/consent")
    unregistered = tree.desk.run("accounts", "invite", "--all", "--callback", tree.callback)
    tree.sandbox.change(redirect_uri="")
    tree.desk.environ[f"ZALO_ALERT_APP_{APP}_SECRET"] = ""
    bare = tree.desk.run("accounts", "invite", "--all", "--callback", tree.callback)

    assert (unregistered.code, bare.code) == (11, 11)
    assert "-14003" in unregistered.said
    assert f"ZALO_ALERT_APP_{APP}_SECRET" in bare.said
    assert not (tree.desk.folder / "links.csv").exists()


def test_a_clock_that_is_wrong_makes_no_links_that_end_at_once(tree_of):
    tree = tree_of(1, at="2030-01-01T00:00:00+07:00")
    result = tree.desk.run("accounts", "invite", "--all", "--callback", tree.callback)

    assert result.code == 11
    assert "have the network set the clock" in result.said


def test_the_door_says_what_keeps_it_from_opening(tree_of):
    tree = tree_of(1)
    without = tree.desk.run("accounts", "consents")
    tree.invite("--all")
    with closing(socket.socket()) as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        held = tree.desk.run("accounts", "consents", "--listen", f"127.0.0.1:{port}")
    odd = tree.desk.run("accounts", "consents", "--listen", "here")
    tree.desk.environ[f"ZALO_ALERT_APP_{APP}_SECRET"] = ""
    bare = tree.desk.run("accounts", "consents")

    assert (without.code, held.code, odd.code, bare.code) == (2, 2, 2, 11)
    assert "accounts invite --missing" in without.said
    assert f"port {port}" in held.said


def test_missing_oas_stand_in_a_file_for_the_phone(tree_of):
    tree = tree_of(3)
    tree.invite("pctt")
    result = tree.desk.run("accounts", "missing", "--output", "missing.csv")
    rows = links_in(tree.desk.folder / "missing.csv")

    assert result.code == 0
    assert "3 of 3 OAs are missing" in result.said
    assert {row["account"]: bool(row["link_until"]) for row in rows} == {
        one.id: one.id == "pctt" for one in tree.sandbox.accounts
    }
    assert {row["phone"] for row in rows} == {"", "0912345678"}
    assert tree.desk.run("accounts", "missing", "--by", "colour").code == 2


def test_doctor_says_how_many_have_not_consented(tree_of):
    tree = tree_of(12)
    result = tree.desk.run("doctor", "--offline", "--json")
    (check,) = [fact for fact in result.facts if fact.get("about") == "consents"]

    assert check["grade"] == "fail"
    assert "12 of 12 OAs have not consented" in check["message"]
    assert "accounts invite --missing" in check["cure"]


def test_slow_and_large_requests_are_cut_off_and_others_are_served(tree_of):
    tree = tree_of(1)
    (row,) = tree.invite("--all")
    tree.open()
    port = urlsplit(tree.callback).port
    slow = [socket.create_connection(("127.0.0.1", port)) for _ in range(50)]
    for one in slow:
        one.sendall(b"GET /consent?state=")
    with closing(socket.create_connection(("127.0.0.1", port))) as large:
        large.sendall(b"GET /consent?state=" + b"x" * 20_000 + b" HTTP/1.1\r\nhost: a\r\n\r\n")
        status = large.recv(100).split(b" ")[1]
    with closing(socket.create_connection(("127.0.0.1", port))) as body:
        body.sendall(b"POST /consent HTTP/1.1\r\nhost: a\r\ncontent-length: 9999999\r\n\r\n")
        posted = body.recv(100).split(b" ")[1]

    assert (status, posted) == (b"431", b"413")
    assert consent([row]) == [THANKS]
    for one in slow:
        one.close()
    tree.stop()


def test_a_drill_s_links_lead_to_this_machine_alone_and_a_live_one_s_over_tls(live_desk):
    live_desk.configure("limits:", f'apps: [{{id: "{APP}", redirect_uri: "http://127.0.0.1:{unused()}/cb"}}]\nlimits:')
    rehearsed = live_desk.run("accounts", "invite", "--all", "--json")
    assert rehearsed.code == 0, rehearsed.err
    far = live_desk.run("accounts", "invite", "--all", "--callback", "http://office.example.vn/c", "--output", "b.csv")

    assert far.code == 2
    assert "is not https" in far.said
    assert json.loads(rehearsed.out.splitlines()[-1])["links"] == 1
    with (live_desk.folder / "links.csv").open(encoding="utf-8-sig", newline="") as file:
        assert len(list(csv.DictReader(file))) == 1

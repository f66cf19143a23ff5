"""What is carried between two officers, and what a run keeps of them, damaged or made up: a sentence, and nothing signed."""

import json
import shutil
import sqlite3
from contextlib import closing

import pytest
from office import submit

from zalo_alert.approval.request import canonical, read_request
from zalo_alert.errors import InputInvalid
from zalo_alert.operations.card import card_of_request

pytestmark = pytest.mark.long  # whole processes, one after another

CODE = "DT-1"
SIGNED = {"at": "2026-11-26T10:00:00+07:00", "by": "An"}


def request(signed=SIGNED, **what):
    return canonical({"format": 1, "type": "request", "what": {"run": "x", "audience": {"people": 1}, **what}, "signed": signed})


def read_by_nobody():
    whole = {
        "code": "x", "status": "Actual", "profile": "live", "rehearsal": False, "event": "bao", "risk_level": 4,
        "urgency": "Expected", "audience": {"people": 1, "provinces": [["Huế", 1]]},
        "texts": {"first": [{"text": "Bão"}]}, "hosts": {}, "ready": {}, "expires": "2026-11-26T10:00:00+07:00", "onset": None,
    }  # fmt: skip
    others = {
        "event": [], "expires": 7, "onset": "tomorrow", "hosts": [], "texts": {"first": ["Bão"]}, "overrides": 3, "ready": None,
        "audience": {"people": 1, "provinces": [1]},
    }  # fmt: skip
    yield from (request(**{**whole, name: value}) for name, value in others.items())
    yield from (
        request(**{field: value for field, value in whole.items() if field != name}) for name in whole if name != "audience"
    )


DAMAGED = [
    b"", b"[]", b"\xef\xbb\xbf{}", b'{"format":1,"x":NaN}', b'{"format":1,"x":"\\ud800"}', b"\xff\xd8\xff\xe0", b"[" * 100_000,
    request(deep=None).replace(b"null", b"[" * 400 + b"]" * 400), request().replace(b'"people":1', b'"people":' + b"9" * 400),
    request().replace(b'"run":"x"', b'"run":"x","run":"x"'), request({**SIGNED, "at": "0001-01-01T00:00:00"}),
    request({"at": "0001-01-01T00:00:00+23:59", "by": "An"}), request().replace(b",", b",\r\n"), *read_by_nobody(),
]  # fmt: skip


@pytest.mark.parametrize("text", DAMAGED)
def test_a_request_that_can_not_be_read_is_not_signed(text):
    with pytest.raises(InputInvalid, match="no request for approval"):
        card_of_request(read_request(text))


@pytest.mark.parametrize("state", ["sended", ""])
def test_a_state_that_there_is_not_is_told(desk, sandbox, state):
    assert desk.at(sandbox).run("send", desk.campaign(), "--yes").code == 0
    with closing(sqlite3.connect(desk.folder / ".zalo-alert" / "runs" / CODE / "run.db")) as database:
        database.execute("UPDATE state SET name = ?", (state,))
        database.commit()
    for words in (("status", CODE), ("resume", CODE), ("correct", CODE, "--yes"), ("reject", CODE, "--reason", "x")):
        result = desk.run(*words)
        assert (result.code, "a state that there is not" in result.said) == (13, True), (words, result.said)
    assert desk.run("send", desk.campaign(code="DT-2"), "--yes").code == 0
    listed = desk.run("runs", "--json")
    assert (listed.code, [run["run"] for run in listed.facts if run["type"] == "run"]) == (13, ["DT-2"])


def test_a_public_key_alone_names_nobody_in_the_log(live_desk, officers, tls_sandbox):
    path = live_desk.campaign(areas="[new:46]")
    people = live_desk.run("plan", path, "--json").fact("plan")["people"]
    assert submit(live_desk, officers, path, CODE, people).code == 0
    shutil.copy(f"{officers.key('An')}.pub", live_desk.folder / "an.pub")
    as_an = live_desk.run("reject", CODE, "--reason", "x", "--key", "an.pub")
    by_cuc = live_desk.run("reject", CODE, "--reason", "the level is wrong", "--key", officers.key("Cuc"))
    lines = [json.loads(line) for line in (live_desk.folder / ".zalo-alert" / "audit.log").read_text("utf-8").splitlines()]

    assert (as_an.code, by_cuc.code) == (11, 0), as_an.err
    assert [line["who"] for line in lines if line["event"] == "run-rejected"] == ["Cuc"]

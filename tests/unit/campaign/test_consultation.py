"""Consultation messages with pictures, files and buttons; hashed numbers; proofs: what goes onto the wire, who is told what."""

import asyncio
import hashlib
import hmac
import os
from pathlib import Path
from typing import Any

import orjson
import pytest

from zalo_alert.campaign import attachments, parse
from zalo_alert.campaign.render import Renderer
from zalo_alert.delivery.channels.attachments import Attachments
from zalo_alert.delivery.channels.content import RouteContent
from zalo_alert.delivery.channels.wrappers import RejectMissingValue, ReuploadExpired
from zalo_alert.delivery.channels.zalo import Composer, ZaloChannel
from zalo_alert.errors import CampaignInvalid, InputInvalid, RunSuspended
from zalo_alert.foundation.secret import Secret
from zalo_alert.models import Accepted, Deferred, FollowerId, Reason, Recipient, Rejected
from zalo_alert.operations.commands import spoken
from zalo_alert.runs.facts import RunPlace
from zalo_alert.testing import FakeClock, drill
from zalo_alert.zalo.base import Host, Reply
from zalo_alert.zalo.endpoints import endpoint

PLACES = [RunPlace("new:46", "Huế", None, 1)]
PERSON = Recipient(7, FollowerId("1002893352839501541"), 0, 0, "84912345678", "An")
PNG = b"\x89PNG\r\n\x1a\nrest"


def parsed(routes, **more):
    return parse.parse(drill(FakeClock().now(), routes=routes, **more).encode(), "c.yaml")


def body(routes, enclosure=None):
    given = parsed(routes)
    content = RouteContent(Renderer(given), given, 0, PLACES, enclosure)
    composed = Composer(given.routes[0], content, "mark").compile()(PERSON)
    assert isinstance(composed, bytes)
    return orjson.loads(composed)


def test_buttons_open_addresses_call_numbers_and_ask_back():
    routes = (
        '[{type: cs, buttons: [{title: Bản đồ, url: "https://pctt.vn/a"}, {title: Gọi, phone: "84243733"},'
        ' {title: An toàn, query: "AN TOAN"}]}]'
    )
    with pytest.raises(CampaignInvalid):
        parsed(routes)  # too few digits
    message = body(routes.replace("84243733", "84243733664"))["message"]
    assert message["text"].startswith("DIỄN TẬP Huế")
    assert message["attachment"] == {
        "type": "template",
        "payload": {
            "buttons": [
                {"title": "Bản đồ", "type": "oa.open.url", "payload": {"url": "https://pctt.vn/a"}},
                {"title": "Gọi", "type": "oa.open.phone", "payload": {"phone_code": "84243733664"}},
                {"title": "An toàn", "type": "oa.query.show", "payload": "AN TOAN"},
            ]
        },
    }


def test_a_picture_is_an_address_or_an_upload_never_both():
    (element,) = body('[{type: cs, image: "https://pctt.vn/bao.png"}]')["message"]["attachment"]["payload"]["elements"]
    assert element == {"media_type": "image", "url": "https://pctt.vn/bao.png"}
    uploaded = Attachments(lambda account: _said(f"id-{account}"), 1)
    asyncio.run(uploaded.prepare([0]))
    (element,) = body("[{type: cs, image: bao.png}]", uploaded)["message"]["attachment"]["payload"]["elements"]
    assert element == {"media_type": "image", "attachment_id": "id-0"}


def test_a_file_goes_instead_of_the_text():
    uploaded = Attachments(lambda account: _said("tok"), 1)
    asyncio.run(uploaded.prepare([0]))
    assert body("[{type: cs, file: ke-hoach.pdf}]", uploaded)["message"] == {
        "attachment": {"type": "file", "payload": {"token": "tok"}}
    }


async def _said(what):
    return what


def test_a_hashed_number_leaves_as_its_digest_and_a_trial_says_so():
    routes = '[{type: phone, template_id: "1", hashed: true, mode: development, data: {a: b}}]'
    assert endpoint(parsed(routes).routes[0]) == (Host.BUSINESS, "/message/template/hashphone")
    assert body(routes) == {
        "hash_phone": hashlib.sha256(b"84912345678").hexdigest(),
        "template_id": "1",
        "template_data": {"a": "b"},
        "tracking_id": "mark-7",
        "mode": "development",
    }


@pytest.mark.parametrize(
    ("routes", "said"),
    [
        ("[{type: cs, hashed: true}]", "is only for phone"),
        ('[{type: phone, template_id: "1", image: a.png}]', "is only for cs"),
        ("[{type: cs, image: a.png, file: b.pdf}]", "exclude each other"),
        ("[{type: cs, image: ../a.png}]", "beside the campaign"),
        ("[{type: cs, image: /etc/a.png}]", "beside the campaign"),
        ("[{type: cs, image: a.gif}]", "should end in .jpg"),
        ("[{type: cs, file: a.exe}]", "should end in .pdf"),
        ("[{type: cs, file: a.pdf, buttons: [{title: x, query: y}]}]", "carries no buttons"),
        ("[{type: cs, buttons: [{title: x}]}]", "does one thing"),
        ("[{type: cs, buttons: [{query: x}]}]", "is missing"),
        ("[{type: cs, buttons: [{title: x, url: ftp://x}]}]", "is not a valid address"),
        (f"[{{type: cs, buttons: [{', '.join(['{title: x, query: y}'] * 6)}]}}]", "a message takes 5"),
        (f"[{{type: cs, buttons: [{{title: {'x' * 101}, query: y}}]}}]", "1 to 100 characters"),
    ],
)
def test_what_cannot_be_is_told_with_its_place(routes, said):
    with pytest.raises(CampaignInvalid) as caught:
        parsed(routes)
    assert any(said in str(problem) for problem in caught.value.problems)


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.png", None, "can't read"),
        ("a.png", b"GIF89a", "is no png file"),
        ("a.png", b"", "is no png file"),
        ("a.png", PNG + bytes(1 << 20), "larger than 1 MB"),
        ("a.pdf", b"%PDF" + bytes(5 << 20), "larger than 5 MB"),
    ],
)
def test_a_file_that_zalo_would_refuse_is_refused_here(tmp_path, name, content, said):
    if content is not None:
        (tmp_path / name).write_bytes(content)
    kind = "image" if name.endswith("png") else "file"
    with pytest.raises(InputInvalid, match=said):
        attachments.read(parsed(f"[{{type: cs, {kind}: {name}}}]"), tmp_path)


def test_a_file_is_read_from_beside_the_campaign(tmp_path):
    (tmp_path / "anh").mkdir()
    (tmp_path / "anh" / "a.png").write_bytes(PNG)
    assert attachments.read(parsed("[{type: cs, image: anh/a.png}]"), tmp_path) == {"anh/a.png": PNG}


def put(folder, name, content=PNG):
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(content)
    return folder / name


PICTURE = parsed("[{type: cs, image: a.png}]")


def test_a_link_out_of_the_workspace_is_refused_unless_it_is_named(tmp_path):
    elsewhere, beside = put(tmp_path / "away", "a.png"), tmp_path / "ws" / "campaigns"
    beside.mkdir(parents=True)
    (beside / "a.png").symlink_to(elsewhere)
    workspace = {"workspace": tmp_path / "ws"}
    with pytest.raises(InputInvalid, match="outside the workspace") as caught:
        attachments.read(PICTURE, beside, **workspace)
    assert f"--allow-outside {elsewhere}" in spoken(caught.value.hint)
    for allowed in (elsewhere, elsewhere.parent):
        assert attachments.read(PICTURE, beside, **workspace, outside=[allowed]) == {"a.png": PNG}
    with pytest.raises(InputInvalid, match="outside"):
        attachments.read(PICTURE, beside, **workspace, outside=[tmp_path / "awa"])


def test_a_link_within_the_workspace_is_followed_to_a_file_of_its_kind_alone(tmp_path):
    put(tmp_path, "pictures/b.png")
    put(tmp_path, "secrets.env", b"TOKEN=abc")
    put(tmp_path, ".zalo-alert/tokens.csv", b"TOKEN=abc")
    (tmp_path / "campaigns").mkdir()
    (tmp_path / "campaigns" / "a.png").symlink_to(tmp_path / "pictures" / "b.png")
    assert attachments.read(PICTURE, tmp_path / "campaigns", workspace=tmp_path) == {"a.png": PNG}
    leak = tmp_path / "campaigns" / "leak.csv"
    for target in ("secrets.env", ".zalo-alert/tokens.csv"):
        leak.unlink(missing_ok=True)
        leak.symlink_to(tmp_path / target)
        with pytest.raises(InputInvalid, match="is a link to"):
            attachments.read(parsed("[{type: cs, file: leak.csv}]"), tmp_path / "campaigns", workspace=tmp_path)


@pytest.mark.parametrize("kind", ["pipe", "device", "folder", "circle"])
def test_what_is_no_plain_file_is_refused_and_never_waited_for(tmp_path, kind):
    path, outside = tmp_path / "a.png", []
    if kind == "pipe":
        os.mkfifo(path)
    elif kind == "device":
        (tmp_path / "zero.png").symlink_to("/dev/zero")
        path, outside = tmp_path / "zero.png", [Path("/dev")]
    elif kind == "folder":
        path.mkdir()
    else:
        path.symlink_to(path)
    with pytest.raises(InputInvalid, match=r"plain file|link to"):
        attachments.read(parsed(f"[{{type: cs, image: {path.name}}}]"), tmp_path, outside=outside)


class Forgetful:
    """A channel whose server knows a file by its newest id only."""

    def __init__(self, enclosure):
        self.enclosure, self.good, self.sent = enclosure, "", []

    async def send(self, recipient):
        used = self.enclosure.id_of(recipient.account)
        await asyncio.sleep(0)
        if used != self.good:
            return Deferred(Reason.BAD_MESSAGE, -100)
        self.sent.append(recipient.number)
        return Accepted("m")


def test_a_file_that_zalo_forgot_is_uploaded_once_for_everyone_and_nobody_is_asked_twice():
    uploads = []

    async def upload(account):
        uploads.append(account)
        await asyncio.sleep(0)
        bare.good = f"id-{len(uploads)}"
        return bare.good

    enclosure = Attachments(upload, 1)
    bare = Forgetful(enclosure)

    async def go():
        await enclosure.prepare([0])
        bare.good = "forgotten"
        channel = ReuploadExpired(bare, enclosure)
        return await asyncio.gather(*(channel.send(PERSON._replace(number=number)) for number in range(20)))

    assert set(map(type, asyncio.run(go()))) == {Accepted}
    assert len(uploads) == 2
    assert sorted(bare.sent) == list(range(20))


def test_a_file_that_cannot_be_uploaded_again_leaves_the_refusal_as_it_was():
    async def upload(account):
        raise RunSuspended("no answer")

    enclosure = Attachments(upload, 1)
    forgetful = Forgetful(enclosure)
    forgetful.good = "newer"
    outcome = asyncio.run(ReuploadExpired(forgetful, enclosure).send(PERSON))
    assert outcome == Deferred(Reason.BAD_MESSAGE, -100)
    assert enclosure.refusal == "no answer"


def test_a_call_proves_the_app_secret_where_the_app_asks_for_it():
    seen = []

    async def post(url, headers, content):
        seen.append(dict(headers))
        return Reply(200, b'{"error":0,"data":{"message_id":"1"}}')

    class Access:
        token = "tok"

        async def renew(self, stale):
            return False

    given: dict[str, Any] = {"compose": lambda person: b"{}", "post": post, "access": [Access()], "on_exhausted": print}
    asyncio.run(ZaloChannel("http://x", Host.OPENAPI, **given, app_secrets=[Secret("s")]).send(PERSON))
    asyncio.run(ZaloChannel("http://x", Host.OPENAPI, **given, app_secrets=[Secret("")]).send(PERSON))
    assert seen[0]["appsecret_proof"] == hmac.new(b"s", b"tok", "sha256").hexdigest()
    assert "appsecret_proof" not in seen[1]


NAMED = '[{type: template, template_id: "311299", data: {ten: "{{ name }}"}}]'


def complained(code, person, reason=Reason.BAD_MESSAGE):
    """Say what a channel makes of a complaint about a person's message."""
    given = parsed(NAMED)
    content = RouteContent(Renderer(given), given, 0, PLACES)

    class Complaining:
        async def send(self, recipient):
            return Deferred(reason, code)

    return asyncio.run(RejectMissingValue(Complaining(), content.misses_value).send(person))


@pytest.mark.parametrize("name", ["", " ", "\u3164"])
@pytest.mark.parametrize("code", [-1122, -1124, -112, -132, -201])
def test_a_complaint_about_a_value_that_a_person_lacks_is_that_person_s(name, code):
    assert complained(code, PERSON._replace(name=name)) == Rejected(Reason.NO_VALUE, code)


@pytest.mark.parametrize(
    ("code", "name", "reason"),
    [
        (-1122, "An", Reason.BAD_MESSAGE),
        (-109, "", Reason.BAD_MESSAGE),
        (-131, "", Reason.BAD_MESSAGE),
        (-32, "", Reason.THROTTLED),
    ],
)
def test_any_other_complaint_stays_the_message_s(code, name, reason):
    assert complained(code, PERSON._replace(name=name), reason) == Deferred(reason, code)


def test_only_a_route_that_leaves_a_gap_may_lack_anything():
    for data, may in (("{{ name }}", True), ('{{ name|default("bạn") }}', False), ("{{ code }}", False)):
        given = parsed(NAMED.replace('"{{ name }}"', f"'{data}'"))
        assert RouteContent(Renderer(given), given, 0, PLACES).may_miss_value is may


@pytest.mark.parametrize(("kind", "called"), [("promotion", "promotion"), ("transaction", "transaction_event")])
def test_an_older_message_type_carries_headline_and_text_in_elements(kind, called):
    payload = body(f"[{{type: {kind}}}]")["message"]["attachment"]["payload"]

    assert (payload["template_type"], payload["language"]) == (called, "VI")
    header, text = payload["elements"]
    assert header == {"type": "header", "content": parsed(f"[{{type: {kind}}}]").headline, "align": "left"}
    assert text["type"] == "text"
    assert "\n" not in text["content"]

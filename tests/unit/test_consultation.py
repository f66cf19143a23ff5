"""Consultation messages with pictures, files and buttons; hashed numbers; proofs: what goes onto the wire, who is told what."""

import asyncio
import hashlib
import hmac

import orjson
import pytest

from zalo_alert import campaign, enclosed
from zalo_alert.channels.content import RouteContent
from zalo_alert.channels.enclosures import Enclosures
from zalo_alert.channels.stack import Enclosing
from zalo_alert.channels.zalo import Composer, ZaloChannel, endpoint
from zalo_alert.errors import CampaignInvalid, InputInvalid, RunSuspended
from zalo_alert.models import Accepted, Deferred, Reason, Recipient
from zalo_alert.render import Renderer
from zalo_alert.runs import RunPlace
from zalo_alert.settings import Secret
from zalo_alert.testing import FakeClock, drill
from zalo_alert.zalo.base import Host, Reply

PLACES = [RunPlace("new:46", "Huế", None, 1)]
PERSON = Recipient(7, "1002893352839501541", 0, 0, "84912345678", "An")
PNG = b"\x89PNG\r\n\x1a\nrest"


def parsed(routes, **more):
    return campaign.parse(drill(FakeClock().now(), routes=routes, **more).encode(), "c.yaml")


def body(routes, enclosure=None):
    given = parsed(routes)
    content = RouteContent(Renderer(given), given, 0, PLACES, enclosure)
    return orjson.loads(Composer(given.routes[0], content, "mark").compiled()(PERSON))


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
    uploaded = Enclosures(lambda account: _said(f"id-{account}"), 1)
    asyncio.run(uploaded.prepare([0]))
    (element,) = body("[{type: cs, image: bao.png}]", uploaded)["message"]["attachment"]["payload"]["elements"]
    assert element == {"media_type": "image", "attachment_id": "id-0"}


def test_a_file_goes_instead_of_the_text():
    uploaded = Enclosures(lambda account: _said("tok"), 1)
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
        ("[{type: cs, buttons: [{title: x, url: ftp://x}]}]", "is no address"),
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
        enclosed.read(parsed(f"[{{type: cs, {kind}: {name}}}]"), tmp_path)


def test_a_file_is_read_from_beside_the_campaign(tmp_path):
    (tmp_path / "anh").mkdir()
    (tmp_path / "anh" / "a.png").write_bytes(PNG)
    assert enclosed.read(parsed("[{type: cs, image: anh/a.png}]"), tmp_path) == {"anh/a.png": PNG}


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

    enclosure = Enclosures(upload, 1)
    bare = Forgetful(enclosure)

    async def go():
        await enclosure.prepare([0])
        bare.good = "forgotten"
        channel = Enclosing(bare, enclosure)
        return await asyncio.gather(*(channel.send(PERSON._replace(number=number)) for number in range(20)))

    assert set(map(type, asyncio.run(go()))) == {Accepted}
    assert len(uploads) == 2
    assert sorted(bare.sent) == list(range(20))


def test_a_file_that_cannot_be_uploaded_again_leaves_the_refusal_as_it_was():
    async def upload(account):
        raise RunSuspended("no answer")

    enclosure = Enclosures(upload, 1)
    forgetful = Forgetful(enclosure)
    forgetful.good = "newer"
    outcome = asyncio.run(Enclosing(forgetful, enclosure).send(PERSON))
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

    given = {"compose": lambda person: b"{}", "post": post, "access": [Access()], "on_exhausted": print}
    asyncio.run(ZaloChannel("http://x", Host.OPENAPI, **given, app_secrets=[Secret("s")]).send(PERSON))
    asyncio.run(ZaloChannel("http://x", Host.OPENAPI, **given, app_secrets=[Secret("")]).send(PERSON))
    assert seen[0]["appsecret_proof"] == hmac.new(b"s", b"tok", "sha256").hexdigest()
    assert "appsecret_proof" not in seen[1]

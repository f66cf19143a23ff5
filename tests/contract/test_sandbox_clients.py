"""The sandbox against what others wrote: a client of another house, and requests with the bytes of their answers."""

import json
import re
from pathlib import Path
from urllib.parse import quote

import pytest
import requests
import zalo_sdk
from zalo_sdk.oa.Client import Client as OaClient
from zalo_sdk.oa.ZaloMessage import ZaloMessageBody, ZaloRecipient
from zalo_sdk.zns.Client import Client as ZnsClient
from zalo_sdk.zns.Client import ZNSTemplateStatus

GROUPS = json.loads((Path(__file__).parent.parent / "data" / "zalo-pairs.json").read_text(encoding="utf-8"))
SHAPES = {
    "<hex>": "[0-9a-f]{20}", "<ms>": "[0-9]{13}", "<n>": "[0-9]+", "<day>": "[0-3][0-9]/[01][0-9]/[0-9]{4}",
    "<token>": "[A-Za-z0-9_-]{20,}", "<text>": '[^"]*',
}  # fmt: skip


@pytest.mark.parametrize("group", GROUPS, ids=[group["name"] for group in GROUPS])
def test_answers_are_the_documented_bytes(sandbox_with, caller, group):
    call = caller(sandbox_with(**group["options"]))
    secrets, account = call.account.credentials, call.account
    own = {"$OA": account.oa_id, "$APP": account.app_id, "$REFRESH": secrets.refresh_token, "$USER": "1002893352839501541"}

    def filled(value):
        text = json.dumps(value)
        for name, known in own.items():
            text = text.replace(name, known)
        return json.loads(text)

    for pair in group["pairs"]:
        headers = {"access_token": pair.get("token", call.token), "secret_key": secrets.app_secret}
        body = filled(pair.get("json"))
        if "get" in pair:
            query = f"?data={quote(json.dumps(filled(pair['data'])))}" if "data" in pair else ""
            answer = call.raw("GET", pair["get"] + query, headers=headers)
        elif "post" in pair:
            answer = call.raw("POST", pair["post"], json=body, headers=headers)
        else:
            answer = call.raw("POST", pair["form"], data=body, headers=headers)
        expected = re.escape(filled(pair["answer"]))
        for mark, shape in SHAPES.items():
            expected = expected.replace(re.escape(mark), shape)
        assert answer.status_code == 200
        assert re.fullmatch(expected, answer.text), (pair, answer.text)


# --- the other house's client -----------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def house():
    """A sandbox of an agency with ten followers."""
    from zalo_alert.sandbox.base import Options
    from zalo_alert.sandbox.server import running

    with running(Options(app_per_minute=0, followers=10, legacy="accept", at="2026-09-18T14:00:00+07:00")) as found:
        yield found


@pytest.fixture
def oa(house):
    account = house.accounts[0]
    secrets = account.credentials
    return OaClient(account.app_id, secrets.app_secret, secrets.access_token, secrets.refresh_token, endpoint_prefix=house.url)


@pytest.fixture
def zns(house):
    account = house.accounts[0]
    secrets = account.credentials
    return ZnsClient(account.app_id, secrets.app_secret, secrets.access_token, secrets.refresh_token, endpoint_prefix=house.url)


class Raw:
    """What that client hands on as it is."""

    def __init__(self, **fields):
        self.fields = fields

    def toDict(self):  # noqa: N802 - the client's own name
        return self.fields


def attachment(template_type="media", **element):
    return Raw(type="template", payload={"template_type": template_type, "elements": [element]})


@pytest.fixture
def user(oa):
    return oa.get_list({"offset": 0, "count": 50})["data"]["users"][0]["user_id"]


def test_another_client_sends_every_kind_of_message(oa, user):
    to = ZaloRecipient(user_id=user)
    token = oa.upload_file(b"%PDF", "file", "a.pdf", "application/pdf")["data"]["token"]
    image = oa.upload_file(b"\x89PNG", "image", "a.png", "image/png")["data"]["attachment_id"]
    bodies = [
        ZaloMessageBody(text="xin chào"),
        ZaloMessageBody(text="vâng", quote_message_id="m"),
        ZaloMessageBody(text="bản đồ", attachment=attachment(media_type="image", url="https://x.vn/a.jpg")),
        ZaloMessageBody(text="bản đồ", attachment=attachment(media_type="image", attachment_id=image)),
        ZaloMessageBody(attachment=attachment(media_type="sticker", attachment_id="s")),
        ZaloMessageBody(attachment=attachment("request_user_info", title="A", subtitle="B", image_url="https://x.vn/a.jpg")),
        ZaloMessageBody(attachment=Raw(type="file", payload={"token": token})),
    ]
    for body in bodies:
        assert oa.send_message(to, body)["data"]["user_id"] == user
    for category, kind in (("transaction", "transaction_event"), ("media", "promotion")):
        body = ZaloMessageBody(attachment=attachment(kind, type="header", content="Bão"))
        assert oa.send_message(to, body, category=category)["error"] == 0


def test_another_client_reacts_and_writes_to_people_without_a_name(oa, user):
    action = Raw(react_icon="/-strong", react_message_id="m")
    assert oa.send_message(ZaloRecipient(user_id=user), action=action, category="action")["error"] == 0


def test_another_client_reads_people_tags_and_quotas(oa, user):
    assert oa.get_user_detail(user)["data"]["user_id"] == user
    assert oa.get_profile(user)["data"]["user_id"] == user
    assert oa.get_followers({"offset": 0, "count": 5})["data"]["total"] == 10
    oa.tag_follower(user, "Khach Q1")
    assert "Khach Q1" in oa.get_tags_of_oa()["data"]
    oa.rm_follower_from_tag(user, "Khach Q1")
    oa.rm_tag("Khach Q1")
    assert oa.get_zalo_oa_quotas("OA", "cs", "sub_quota")["data"][0]["total"] == 2000
    assert oa.get_zalo_user_quotas(user)["data"]["promotion"]["monthly_total"] == 4
    assert oa.get_free_response_quota("m")["data"]["type"] == "active"


def test_another_client_sends_by_phone_and_lists_templates(zns):
    listed = zns.get_template_list(0, 10, ZNSTemplateStatus.Enabled)["data"]
    sent = zns.send_zns_message("84912345678", str(listed[0]["templateId"]), {"ma_tin": "A"}, tracking_id="t")
    assert sent["data"]["quota"]["dailyQuota"].isdigit()


def test_another_client_understands_the_refusals(oa, zns):
    with pytest.raises(zalo_sdk.ZaloOAException, match="-201"):
        oa.send_message(ZaloRecipient(user_id="x"), ZaloMessageBody(text="x"))
    with pytest.raises(zalo_sdk.ZaloException, match="-108"):
        zns.send_zns_message("0912", "311203", {}, tracking_id="t")
    zns.access_token = "old"
    with pytest.raises(zalo_sdk.ZaloOAAuthTokenExpiredException):
        zns.get_template_list(0, 10)


def test_another_client_renews_its_tokens(sandbox, monkeypatch):
    account = sandbox.accounts[0]
    secrets = account.credentials
    client = OaClient(
        account.app_id, secrets.app_secret, secrets.access_token, secrets.refresh_token, endpoint_prefix=sandbox.url
    )
    real = requests.post
    # Its host for tokens is fixed in its code.
    monkeypatch.setattr(requests, "post", lambda url, **more: real(url.replace("https://oauth.zaloapp.com", sandbox.url), **more))
    access, refresh, _ = client.refresh_acccess_token()
    assert access != secrets.access_token
    assert refresh != secrets.refresh_token
    assert client.send_message(ZaloRecipient(user_id="1"), ZaloMessageBody(text="x"))["error"] == 0
    client.refresh_token = secrets.refresh_token
    with pytest.raises(zalo_sdk.ZaloOAException, match="-14014"):
        client.refresh_acccess_token()

"""Consent, codes and tokens that live once, as OAuth v4 has them, with every way to lose one."""

from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from zalo_alert.sandbox.oauth import challenge

BACK = "http://127.0.0.1:9/back?x=1"
VERIFIER = "v" * 43


@pytest.fixture
def consent():
    def allow(call, **more):
        asked = {"app_id": call.account.app_id, "redirect_uri": BACK, "oa_id": call.account.oa_id} | more
        answer = httpx.post(call.sandbox.url + "/v4/oa/permission", data=asked)
        assert answer.status_code == 302, answer.text
        return {name: values[0] for name, values in parse_qs(urlsplit(answer.headers["location"]).query).items()}

    return allow


def test_the_consent_page_shows_the_apps_oas_and_leads_back_with_a_code(sandbox_with, caller, consent):
    call = caller(sandbox_with(oas=3, apps=2), 0)
    asked = {"app_id": call.account.app_id, "redirect_uri": BACK, "state": '"><b>'}
    page = httpx.get(call.sandbox.url + "/v4/oa/permission", params=asked)
    shown = [account.oa_id in page.text for account in call.sandbox.accounts]
    back = consent(call, state="s 1")

    assert page.headers["content-type"].startswith("text/html")
    assert shown == [True, False, True]
    assert "<b>" not in page.text.split("</h1>")[1].replace(f"<b>{call.account.app_id}</b>", "")
    assert back | {"code": ""} == {"x": "1", "code": "", "oa_id": call.account.oa_id, "state": "s 1"}


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({"app_id": "1"}, -14002),
        ({"redirect_uri": ""}, -14003),
        ({"redirect_uri": "ftp://x"}, -14003),
        ({"redirect_uri": "http://[x"}, -14003),
        ({"redirect_uri": "https://other.example/"}, -14003),
    ],
)
def test_a_consent_that_is_asked_for_wrongly_is_refused(sandbox_with, caller, asked, code):
    call = caller(sandbox_with(redirect_uri=BACK))
    asked = {"app_id": call.account.app_id, "redirect_uri": BACK} | asked
    assert httpx.get(call.sandbox.url + "/v4/oa/permission", params=asked).json()["error"] == code


def test_another_apps_oa_cannot_be_consented_for(sandbox_with, caller):
    call = caller(sandbox_with(oas=2, apps=2))
    asked = {"app_id": call.account.app_id, "redirect_uri": BACK, "oa_id": call.sandbox.accounts[1].oa_id}
    assert httpx.post(call.sandbox.url + "/v4/oa/permission", data=asked).json()["error"] == -14002


def test_a_code_gives_tokens_once(sandbox, caller, consent):
    call = caller(sandbox)
    code = consent(call)["code"]
    first = call.grant(grant_type="authorization_code", code=code)
    again = call.grant(grant_type="authorization_code", code=code)

    assert first["expires_in"] == "90000"
    assert again["error"] == -14005
    assert call.say("1")["error"] == -220  # consent ends the pair of before
    call.token = first["access_token"]
    assert call.say("1")["error"] == 0


def test_a_code_lives_ten_minutes(sandbox, caller, consent):
    call = caller(sandbox)
    code = consent(call)["code"]
    sandbox.tick(600)
    assert call.grant(grant_type="authorization_code", code=code)["error"] == -14005


@pytest.mark.parametrize(("verifier", "error"), [(VERIFIER, None), ("x" * 43, -14005), ("", -14005)])
def test_a_challenge_needs_its_verifier(sandbox, caller, consent, verifier, error):
    call = caller(sandbox)
    code = consent(call, code_challenge=challenge(VERIFIER))["code"]
    assert call.grant(grant_type="authorization_code", code=code, code_verifier=verifier).get("error") == error


def test_a_challenge_is_the_hash_in_base64_without_padding():
    assert challenge("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk") == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"  # RFC 7636


def test_a_refresh_kills_the_old_pair_at_once_and_a_second_use_is_refused(sandbox, caller):
    call = caller(sandbox)
    old = call.account.credentials
    fresh = call.grant(refresh_token=old.refresh_token)
    again = call.grant(refresh_token=old.refresh_token)

    assert call.say("1")["error"] == -220
    assert call.plain("/message/quota")["error"] == -124
    assert set(again) == {"error", "error_name", "error_reason", "error_description", "ref_doc"}
    assert again["error"] == -14014
    call.token = fresh["access_token"]
    assert call.say("1")["error"] == 0


@pytest.mark.parametrize(
    ("form", "code"),
    [
        ({"grant_type": "password"}, -14018),
        ({"app_id": "1"}, -14002),
        ({"secret": "wrong"}, -14004),
        ({"refresh_token": "wrong"}, -14014),
        ({"grant_type": "authorization_code"}, -14005),
    ],
)
def test_a_wrong_request_for_tokens_is_refused_and_changes_nothing(sandbox, caller, form, code):
    call = caller(sandbox)
    assert call.grant(**{"refresh_token": call.account.credentials.refresh_token} | form)["error"] == code
    assert call.say("1")["error"] == 0


def test_a_refresh_token_of_another_app_is_refused(sandbox_with, caller):
    sandbox = sandbox_with(oas=2, apps=2)
    other = sandbox.accounts[1].credentials.refresh_token
    assert caller(sandbox).grant(refresh_token=other)["error"] == -14014


def test_tokens_grow_old_with_the_sandboxs_clock(sandbox, caller):
    call = caller(sandbox)
    sandbox.tick(25 * 3600)
    assert call.say("1")["error"] == -220
    assert call.plain("/message/quota")["error"] == -124
    sandbox.tick(90 * 86_400)
    assert call.grant(refresh_token=call.account.credentials.refresh_token)["error"] == -14014


@pytest.mark.parametrize("fault", ["cut-before", "cut-after", "500-before", "500-after", "html-before", "html-after"])
def test_a_refresh_may_be_lost_before_or_after_it_counts(sandbox_with, caller, fault):
    call = caller(sandbox_with(refresh_fault=fault))
    form = {"refresh_token": call.account.credentials.refresh_token}
    with pytest.raises((httpx.TransportError, ValueError)):
        call.grant(**form)
    call.sandbox.change(refresh_fault="")
    executed = fault.endswith("after")

    assert call.say("1")["error"] == (-220 if executed else 0)
    assert call.grant(**form).get("error") == (-14014 if executed else None)


def test_a_slow_refresh_counts_before_its_answer(sandbox_with, caller):
    call = caller(sandbox_with(refresh_delay_ms=60_000))
    form = {"refresh_token": call.account.credentials.refresh_token, "app_id": call.account.app_id, "grant_type": "refresh_token"}
    with pytest.raises(httpx.ReadTimeout):
        httpx.post(
            call.sandbox.url + "/v4/oa/access_token",
            data=form,
            headers={"secret_key": call.account.credentials.app_secret},
            timeout=0.2,
        )
    assert call.say("1")["error"] == -220


def test_an_app_that_demands_a_proof_gets_one_or_refuses(sandbox_with, caller):
    import hashlib
    import hmac

    call = caller(sandbox_with(appsecret_proof=True))
    secrets = call.account.credentials
    right = hmac.new(secrets.app_secret.encode(), secrets.access_token.encode(), hashlib.sha256).hexdigest()
    for proof, codes in ((right, (0, 0)), ("wrong", (-242, -1241)), ("", (-242, -1241))):
        headers = {"appsecret_proof": proof} if proof else {}
        found = [call.raw("GET", path, headers=headers).json()["error"] for path in ("/v2.0/oa/getoa", "/message/quota")]
        assert tuple(found) == codes

"""A live workspace against the sandbox: over TLS or not at all, by every client that the tool has."""

import asyncio
import json
import signal
from pathlib import Path

import httpx
import pytest
from office import agree

from zalo_alert.sandbox.base import Options
from zalo_alert.sandbox.server import running
from zalo_alert.zalo.base import NotSent
from zalo_alert.zalo.post_pyreqwest import PyreqwestPost
from zalo_alert.zalo.post_sockets import SocketPost


@pytest.fixture(scope="module")
def tls():
    with running(Options(), tls=True) as found:
        yield found


def test_live_never_speaks_plainly_not_even_to_this_machine(desk, sandbox):
    desk.at(sandbox).go_live()
    result = desk.run("send", desk.campaign(), "--yes")
    assert result.code == 11, result.err
    assert "sandbox --tls" in result.said
    assert sandbox.stats()["requests"] == 0


def test_live_is_rehearsed_over_tls_from_end_to_end(desk, officers, tls):
    desk.at(tls).go_live()
    (desk.folder / "lists").mkdir(exist_ok=True)
    checked = desk.run("doctor", "--json")
    assert checked.code == 0, checked.err
    hosts = [fact for fact in checked.facts if fact["type"] == "check" and fact["about"] == "hosts"]
    assert [fact["grade"] for fact in hosts] == ["warn"] * 3
    assert "nobody is reached" in hosts[0]["message"]
    agree(desk, officers, desk.campaign(), "DT-1", 1000, ("Cuc", "An"))
    result = desk.run("send", "DT-1", "--yes")
    assert result.code == 0, result.err
    assert "REHEARSAL" in result.said
    assert tls.stats()["people"] == 1000
    for words, fact in ((("status",), "status"), (("report",), "report"), (("runs",), "run")):
        assert desk.run(*words, "--json").fact(fact)["rehearsal"] is True
        assert "REHEARSAL" in desk.run(*words).said


def test_a_drill_is_no_rehearsal(desk, sandbox):
    assert desk.at(sandbox).run("send", desk.campaign(), "--yes").code == 0
    assert desk.run("report", "--json").fact("report")["rehearsal"] is False
    assert "REHEARSAL" not in desk.run("runs").said


def test_certificates_that_are_gone_are_told_before_anything_is_sent(desk, officers, tls):
    desk.at(tls).go_live()
    before = tls.stats()["requests"]
    desk.environ["SSL_CERT_FILE"] = str(desk.folder / "gone.pem")
    agree(desk, officers, desk.campaign(code="DT-GONE"), "DT-GONE", 1000, ("Cuc", "An"))
    result = desk.run("send", "DT-GONE", "--yes")
    assert result.code == 11
    assert "gone.pem can't be read" in result.said
    assert tls.stats()["requests"] == before


@pytest.mark.parametrize("make", [SocketPost, PyreqwestPost])
def test_every_post_trusts_what_the_environment_names(tls, make, monkeypatch):
    headers = (("access_token", tls.credentials.access_token), ("content-type", "application/json"))

    async def posted():
        post = make(connections=1)
        try:
            return await post(
                f"{tls.url}/v3.0/oa/message/cs", headers, b'{"recipient":{"user_id":"11111"},"message":{"text":"x"}}'
            )
        finally:
            await post.close()

    monkeypatch.delenv("SSL_CERT_FILE", raising=False)
    with pytest.raises(NotSent):
        asyncio.run(posted())
    monkeypatch.setenv("SSL_CERT_FILE", str(tls.authority))
    assert b'"error":0' in asyncio.run(posted()).body


@pytest.mark.kill
def test_the_command_prints_what_to_paste_and_what_it_wrote_serves_at_once(empty_desk):
    empty_desk.environ["SSL_CERT_FILE"] = "the machine's own.pem"
    child = empty_desk.start("sandbox", "--tls", "--write-to", "ws", "--json")
    told = json.loads(child.stdout.readline())
    authority = Path(told["environ"]["SSL_CERT_FILE"])
    assert told["url"].startswith("https://127.0.0.1:")
    assert authority.read_text(encoding="ascii").startswith("-----BEGIN CERTIFICATE-----")
    assert "PRIVATE KEY" not in authority.read_text(encoding="ascii")
    result = empty_desk.run("accounts", "check", "--workspace", "ws")  # nothing pasted: the secrets file names the authority
    assert result.code == 0, result.err
    context = httpx.create_ssl_context(verify=True)
    context.load_verify_locations(authority)
    with httpx.Client(verify=context, trust_env=False) as client:
        assert client.get(told["url"]).status_code == 200
    child.send_signal(signal.SIGINT)
    child.communicate(timeout=20)
    assert not authority.exists()

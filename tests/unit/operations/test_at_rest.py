"""A workspace that rests: whatever would reach Zalo, the public or the officers is refused, before anything is written."""

import ast
import asyncio
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

import zalo_alert
from zalo_alert.articles import store as article_store
from zalo_alert.backup.age_keys import Lock
from zalo_alert.calendar import store as calendar_store
from zalo_alert.errors import RunBusy, WorkspaceRests
from zalo_alert.foundation.clock import SystemClock
from zalo_alert.foundation.secret import Secret
from zalo_alert.inbound.consent_answer import ConsentAnswer, Reply
from zalo_alert.inbound.only_one import held
from zalo_alert.models import AccountId
from zalo_alert.operations import articles, consents
from zalo_alert.operations.accounts import refresh_tokens
from zalo_alert.operations.article_due import do_due
from zalo_alert.operations.backup import BackupOrder, back_up
from zalo_alert.operations.connect import Connections, connected
from zalo_alert.operations.consent_taking import ConsentTaker
from zalo_alert.operations.inbox import Inbox
from zalo_alert.operations.invite import InviteOrder, invite
from zalo_alert.operations.login import log_in
from zalo_alert.operations.loop import run_loop
from zalo_alert.operations.scaffold import create
from zalo_alert.operations.schedule import Order, Schedules
from zalo_alert.operations.schedule_fire import fire
from zalo_alert.operations.state import state_folder
from zalo_alert.operations.sync import sync_followers
from zalo_alert.operations.tell import Post
from zalo_alert.operations.watchdog import try_out
from zalo_alert.operations.workspace import SILENT, Workspace
from zalo_alert.settings.load import load
from zalo_alert.settings.rest_mark import Rest, RestMark, keep_rest, read_rest
from zalo_alert.timetable.entry import Entry, Means
from zalo_alert.zalo.invitations import Invitation, InvitationStore, digest_of
from zalo_alert.zalo.token_store import TokenStore

APP, OA = "360846524940903967", "388613280878808645"
NOW = SystemClock().now()
URL = "http://127.0.0.1:9"
STATE = Secret("s" * 43)
# Who only asks: what Zalo says of an OA, its quotas, its articles, the time. Whoever is added here must change nothing.
READERS = {"accounts", "article_calendar", "article_listing", "doctor", "guards", "preflight", "publishing"}


@pytest.fixture(params=[Rest.ASLEEP, Rest.SEALED, Rest.SEALING])
def workspace(tmp_path, request):
    create(tmp_path, NOW)
    environ = {f"ZALO_ALERT_{name}_URL": URL for name in ("OPENAPI", "BUSINESS", "OAUTH")}
    settings = load(tmp_path, environ | {f"ZALO_ALERT_APP_{APP}_SECRET": "secret", "ZALO_ALERT_PCTT_ACCESS_TOKEN": "token"})
    keep_rest(state_folder(settings), RestMark(request.param, NOW, backed_up_at=NOW, folder="/old"))
    return Workspace(tmp_path, settings.environ)


def fired(home):
    settings = home.settings
    entry = Entry(
        "a", str(settings.workspace.resolve()), "daily 06:00", Means.CRON, NOW, "zalo-alert-a", task="backup", words=("x",)
    )
    fire(entry, settings, home.runs, lambda entry, key: pytest.fail("it was done"), lambda notice: None)


class Nobody:
    """Hears of nobody's consent."""

    def on_notice(self, notice):
        pytest.fail(notice.sentence)

    def on_verdict(self, verdict, tally):
        pytest.fail("a consent was taken")


def job(home):
    return articles.Job("tin", home.settings.accounts[0])


WAYS = {
    "publish": lambda home: articles.publish_agreed(home.settings, [job(home)], articles.Telling()),
    "hide": lambda home: articles.hide_agreed(home.settings, [job(home)], articles.Telling()),
    "calendar": lambda home: do_due(home, home.folder / "none.yaml", NOW),
    "consents": lambda home: consents.take_consents(home.folder, home.settings.environ, None, Nobody()),
    "invite": lambda home: invite(home.settings, InviteOrder(home.folder / "links.csv")),
    "login": lambda home: log_in(home.settings, home.settings.accounts[0], pytest.fail, None),
    "refresh": lambda home: refresh_tokens(home.settings, home.settings.accounts, 0.0, print, print),
    "sync": lambda home: sync_followers(home.settings, home.settings.accounts[0], SILENT),
    "inbox": lambda home: Inbox(home.settings, SystemClock()).answer("YC-1", "An", "a text"),
    "tell": lambda home: Post(home.settings),
    "try-out": lambda home: try_out(home.settings),
    "install": lambda home: Schedules(home.settings).prepare(Order(task="refresh"), print),
    "fire": fired,
}


@pytest.mark.parametrize("way", WAYS)
def test_nothing_reaches_anybody_and_nothing_is_written(workspace, way):
    before = sorted(path for path in workspace.folder.rglob("*") if path.is_file())
    with pytest.raises(WorkspaceRests):
        WAYS[way](workspace)
    assert sorted(path for path in workspace.folder.rglob("*") if path.is_file()) == before


def test_what_asks_is_answered_and_what_changes_is_not(workspace):
    asked = []

    def zalo(request):
        asked.append(request.url.path)
        return httpx.Response(200, json={"error": 0, "data": {"oaid": OA}})

    async def go():
        async with httpx.AsyncClient(transport=httpx.MockTransport(zalo)) as http:
            settings, store = workspace.settings, TokenStore(workspace.settings.state_dir)
            with closing(store), Connections(settings, http, store).api(settings.accounts[0]) as api:
                await api.get("/asks")
                for change in (api.post("/a", {}), api.change("/b", {}), api.upload("/c", "x.png", b"x", "image/png")):
                    with pytest.raises(WorkspaceRests):
                        await change

    run_loop(go())
    assert asked == ["/asks"]


def test_nobody_is_connected_but_to_ask(workspace):
    async def go(**more):
        async with connected(workspace.settings, **more) as zalo:
            return zalo

    with pytest.raises(WorkspaceRests):
        run_loop(go())
    assert run_loop(go(reads=True))


def test_only_who_asks_is_connected_while_a_workspace_rests():
    found = {
        path.stem
        for path in Path(zalo_alert.__file__).parent.rglob("*.py")
        if "connected(" in (text := path.read_text(encoding="utf-8"))
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "connected" and node.keywords
    }
    assert found == READERS


def test_a_consent_is_not_taken_from_whoever_sends(workspace):
    settings, now_s = workspace.settings, NOW.timestamp()
    troubles: list[str] = []
    link = Invitation(digest_of(STATE.reveal()), AccountId("pctt"), APP, OA, "https://a.vn/consent", Secret("salt"), now_s,
                      now_s + timedelta(days=1).total_seconds())  # fmt: skip

    async def go():
        transport = httpx.MockTransport(lambda request: pytest.fail("Zalo was asked"))
        async with httpx.AsyncClient(transport=transport) as http:
            with closing(TokenStore(settings.state_dir)) as store, closing(InvitationStore(settings.state_dir)) as links:
                links.add([link], now_s)
                taker = ConsentTaker(Connections(settings, http, store), links, SystemClock(), troubles.append)
                return await taker.take(ConsentAnswer("/consent", STATE, Secret("code"), OA))

    assert asyncio.run(go()).reply is Reply.UNSTORED
    assert len(troubles) == 1


# --- sealed while something goes on -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("lock", [article_store.LOCK, calendar_store.LOCK])
def test_nothing_is_handed_over_while_articles_are_published(tmp_path, lock):
    create(tmp_path / "w", NOW)
    settings = load(tmp_path / "w", {})
    order = BackupOrder(
        tmp_path / "b.age", Lock(passphrase=Secret("a passphrase of some length")), hand_over="the machine is old"
    )

    with held(state_folder(settings) / lock, 0.0, lambda: RunBusy("")), pytest.raises(RunBusy, match="are being published"):
        back_up(order, settings)

    assert list(tmp_path.glob("b.age*")) == []
    assert read_rest(settings.state_dir) is None, "it is not left half sealed"

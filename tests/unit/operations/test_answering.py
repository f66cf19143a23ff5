"""Answers from the worker's database to a sandbox, over real sockets: with tokens, proxies' absence, and the shared rate."""

from contextlib import closing
from pathlib import Path

import pytest

from tests.outboxes import answer, database, put, tallied
from zalo_alert.errors import SettingsInvalid
from zalo_alert.foundation.clock import SystemClock
from zalo_alert.inbound.inbound_store import open_store
from zalo_alert.models import Rank
from zalo_alert.operations.answering import READ_AGAIN_S, KnownAccounts, answering
from zalo_alert.operations.scaffold import create
from zalo_alert.outbox.answer import Button
from zalo_alert.outbox.store import Outbox
from zalo_alert.settings.load import load
from zalo_alert.testing import FakeClock

OA, APP, OTHER_OA = "388613280878808645", "360846524940903967", "388613280878808646"
OTHER_APP = "460846524940903967"
NOW_MS = round(SystemClock().now().timestamp() * 1000)


def fresh(user_id, **more):
    return answer(user_id, made_ms=NOW_MS, expires_ms=NOW_MS + 600_000, **more)


@pytest.fixture
def state(tmp_path):
    create(tmp_path, SystemClock().now())
    return tmp_path / ".zalo-alert"


def over(db, count):
    return lambda: sum(tallied(db).values()) >= count


def test_answers_reach_people_by_the_calls_for_each(state, tmp_path, sandbox, wait_until):
    settings, notes = load(tmp_path, sandbox.environ("pctt")), list[str]()
    buttons = (Button("Lệ phí", payload="le-phi"), Button("Bản đồ", url="https://x.vn"), Button("Gọi", phone="84900000001"))
    with database(state) as db, answering(settings, SystemClock(), notes.append) as wake:
        put(db, fresh("246845883529197922", buttons=buttons, quote="m1"), fresh("246845883529197923"))
        put(db, fresh("7788990011", conversation="c1"))
        wake()
        wait_until(over(db, 3))
        assert tallied(db) == {("accepted", ""): 3}
    assert (sandbox.reached(), notes) == ({"246845883529197922": 1, "246845883529197923": 1}, [])


def test_a_token_that_dies_is_renewed(state, tmp_path, sandbox_with, wait_until):
    sandbox = sandbox_with(token_dies_after=1)
    with database(state) as db, answering(load(tmp_path, sandbox.environ("pctt")), SystemClock(), print) as wake:
        put(db, *(fresh(str(10**10 + user)) for user in range(5)))
        wake()
        wait_until(over(db, 5))
        assert tallied(db) == {("accepted", ""): 5}
    assert set(sandbox.reached().values()) == {1}


def test_what_is_put_by_another_process_leaves_too(state, tmp_path, sandbox, wait_until):
    with database(state) as db, answering(load(tmp_path, sandbox.environ("pctt")), SystemClock(), print):
        with closing(open_store(state)) as theirs, theirs.transaction():
            Outbox(theirs).put(fresh("246845883529197922", rank=Rank.OFFICER, file="case:TD-1", seq=1))
        wait_until(over(db, 1))
        assert tallied(db) == {("accepted", ""): 1}
    assert sandbox.reached() == {"246845883529197922": 1}


def test_answers_that_a_refusal_meets_are_over_with_its_code(state, tmp_path, sandbox_with, wait_until):
    sandbox = sandbox_with(refuse_code=-230)
    with database(state) as db, answering(load(tmp_path, sandbox.environ("pctt")), SystemClock(), print) as wake:
        put(db, fresh("246845883529197922"))
        wake()
        wait_until(over(db, 1))
        assert db.rows("SELECT state, reason, code FROM outbox") == [("rejected", "not-this-route", -230)]


def test_a_drill_answers_nobody_beyond_this_machine(state, tmp_path, wait_until):
    notes = list[str]()
    environ = {"ZALO_ALERT_OPENAPI_URL": "https://openapi.zalo.me"}
    with database(state) as db, answering(load(tmp_path, environ), SystemClock(), notes.append) as wake:
        put(db, fresh("246845883529197922"))
        wake()
        wait_until(lambda: db.rows("SELECT 1 FROM outbox_held"))
    assert "openapi.zalo.me" in notes[0]


def test_an_account_added_since_can_speak_after_a_while(state, tmp_path):
    clock, config = FakeClock(), tmp_path / "zalo-alert.yaml"
    accounts = KnownAccounts(load(tmp_path, {}), clock)
    assert accounts.of((OA, "")).oa_id == accounts.of((OA, APP)).oa_id == OA
    config.write_text(config.read_text(encoding="utf-8").replace(OA, OTHER_OA), encoding="utf-8")
    with pytest.raises(SettingsInvalid, match=f"no account speaks for OA {OTHER_OA}: its answers wait"):
        accounts.of((OTHER_OA, ""))
    clock.move(READ_AGAIN_S)
    assert accounts.of((OTHER_OA, "")).oa_id == OTHER_OA
    with pytest.raises(SettingsInvalid, match=f"no account speaks for OA {OTHER_OA} through app 36: its answers wait"):
        accounts.of((OTHER_OA, "36"))


def test_an_oa_that_nobody_knows_has_the_rate_of_an_app(state: Path, tmp_path: Path) -> None:
    accounts = KnownAccounts(load(tmp_path, {}), FakeClock())
    assert accounts.lane(OA, "") == accounts.lane(OA, APP) != accounts.lane(OA, "36")
    assert accounts.lane("1", "36").app == "app:36"


def change(config: Path, old: str, new: str) -> None:
    text = config.read_text(encoding="utf-8")
    assert old in text
    config.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_a_second_app_of_an_oa_speaks_for_it(state: Path, tmp_path: Path) -> None:
    change(tmp_path / "zalo-alert.yaml", f'"{APP}"', f'"{APP}", more_apps: ["{OTHER_APP}"]')
    accounts = KnownAccounts(load(tmp_path, {}), FakeClock())
    assert accounts.of((OA, OTHER_APP)).app_id == OTHER_APP
    assert accounts.lane(OA, OTHER_APP).app == f"app:{OTHER_APP}"
    assert accounts.lane(OA, OTHER_APP).oa == accounts.lane(OA, "").oa


def test_the_share_of_calls_for_help_is_read_anew_while_answers_leave(state: Path, tmp_path: Path) -> None:
    clock = FakeClock()
    accounts = KnownAccounts(load(tmp_path, {}), clock)
    assert accounts.sos_share() == 0.2
    change(tmp_path / "zalo-alert.yaml", "app_per_minute: 4000", "app_per_minute: 4000, sos_share: 35")
    assert accounts.sos_share() == 0.2
    clock.move(READ_AGAIN_S)
    assert accounts.sos_share() == 0.35

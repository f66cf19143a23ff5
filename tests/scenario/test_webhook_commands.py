"""`webhook status`, `recheck`, `replay` and `tail`, over what a door and a worker left on the disk."""

from contextlib import closing
from datetime import timedelta

import pytest
from filelock import FileLock

from tests.webhook_events import APP, OA, PERSON, receipt, said
from zalo_alert.answers.lookup_store import Guest, LookupStore
from zalo_alert.foundation.clock import SystemClock
from zalo_alert.foundation.layout import RATES
from zalo_alert.foundation.secret import Secret
from zalo_alert.inbound.door_sight import DoorSight, tell_sight
from zalo_alert.inbound.event import read_event, receipts_of
from zalo_alert.inbound.inbound_store import folder_of, open_store
from zalo_alert.inbound.journal import Arrival, Journal
from zalo_alert.inbound.parked import Parked, ParkedEvent
from zalo_alert.inbound.receipt_lane import ReceiptLane
from zalo_alert.inbound.secret_uses import SecretUses
from zalo_alert.inbound.signature import mac_of
from zalo_alert.inbound.worker import Worker
from zalo_alert.models import Rank
from zalo_alert.pacing import rates_file

SECRET = f"ZALO_ALERT_APP_{APP}_OA_SECRET"
NOW = SystemClock().now()
NOW_MS = int(NOW.timestamp() * 1000)


def arrival(body, at_ms=NOW_MS):
    return Arrival(read_event(body, "ab"), body, at_ms, 0)


def now_said(**changes):
    return said(timestamp=str(NOW_MS), **changes)


@pytest.fixture
def inbound(desk):
    """The folder of a door that runs, with a text, its copy, somebody who leaves, and two receipts; all of it handled."""
    state_dir = desk.folder / ".zalo-alert"
    folder = folder_of(state_dir)
    desk.environ[SECRET], desk.environ[f"{SECRET}_NEXT"] = "old", "new"
    with closing(Journal(folder)) as journal, closing(ReceiptLane(folder, str)) as lane:
        leaves = now_said(event_name="unfollow", oa_id=OA, follower={"id": PERSON}, message=None)
        journal.append([arrival(now_said()), arrival(now_said()), arrival(leaves)])
        lane.append(receipts_of(receipt("user_seen_message", {"msg_ids": ["a", "b"]})), NOW_MS)
        lane.append(receipts_of(receipt("user_received_message", {"msg_id": "a"})), NOW_MS)
    with closing(Worker(state_dir, lambda oa: oa == OA)) as worker:
        worker.step()
    tell_sight(folder, DoorSight(7, "127.0.0.1:8080", NOW_MS - 60_000, NOW_MS, acknowledged=5, last_ms=NOW_MS, commit_p99_ms=4.2))
    with closing(SecretUses(folder)) as uses:
        uses.keep({("pctt", f"{SECRET}_NEXT"): NOW_MS})
    with FileLock(folder / "door.lock"):
        yield folder


def test_numbers_of_today_add_up(desk, inbound):
    result = desk.run("webhook", "status", "--json")
    fact = result.fact("webhook-status")
    assert result.code == 0
    assert (fact["stored"], fact["repeated"], fact["waiting"], fact["adds_up"]) == (2, 1, 0, True)
    assert (fact["classes"], fact["receipts"]) == ({"filed": 1, "unfollowed": 1}, {"seen": 1, "received": 1})
    assert fact["words_kept"] == 1
    assert [(one["variable"], one["replaced"], one["used"]) for one in fact["secrets"]] == [(SECRET, True, f"{SECRET}_NEXT")]
    assert fact["problems"] == []


def test_people_read_the_same(desk, inbound):
    out = desk.run("webhook", "status").out
    assert "worker: not running" in out
    assert "1 copy ·" in out
    assert "filed 1 · unfollowed 1 · receipts: delivered 1 · receipts: seen 1 = 4" in out
    assert f"{SECRET} is being replaced: {SECRET}_NEXT was right" in out


def test_whoever_asked_before_a_look_up_opened_is_counted_until_they_are_answered(desk, inbound):
    with closing(open_store(inbound.parent)) as db, db.transaction():
        for person in ("1", "2"):
            LookupStore(db).remember(Guest("diem-thi", "388613280878808645", person), "m", "02001234", "15/3/2008", 1)

    result = desk.run("webhook", "status", "--json")
    assert (result.fact("lookup-remembered")["lookup"], result.fact("lookup-remembered")["questions"]) == ("diem-thi", 2)
    assert "2 questions wait for the opening of diem-thi" in desk.run("webhook", "status").out


def test_an_alert_that_look_ups_wait_for_is_named(desk, inbound, monkeypatch):
    monkeypatch.setattr(rates_file, "ALIVE_S", 3600.0)
    with closing(rates_file.RatesFile(inbound.parent / RATES)) as rates, rates.transaction():
        wanting = [("app:1", Rank.LATER), (f"app:{APP}", Rank.IMMEDIATE), (f"oa:{OA}", Rank.IMMEDIATE)]
        rates.want(wanting, SystemClock().monotonic_s())

    assert desk.run("webhook", "status", "--json").fact("webhook-status")["alerting_apps"] == [APP]
    assert f"an Immediate alert is being sent with app {APP}: its look-ups stand still" in desk.run("webhook", "status").out


def test_an_alert_that_was_sent_is_not(desk, inbound):
    with closing(rates_file.RatesFile(inbound.parent / RATES)) as rates, rates.transaction():
        rates.want([(f"app:{APP}", Rank.IMMEDIATE)], SystemClock().monotonic_s() - 10 * rates_file.ALIVE_S)

    assert desk.run("webhook", "status", "--json").fact("webhook-status")["alerting_apps"] == []


def test_what_calls_for_a_person_is_named(desk, inbound):
    body = now_said()
    with closing(Parked(inbound)) as parked, closing(Journal(inbound)) as journal:
        parked.append([ParkedEvent(APP, OA, "wrong secret", "mac=ab", 0, NOW_MS, body)])
        journal.append([arrival(now_said(message={"msg_id": "m2", "text": "x"}), NOW_MS - 300_000)])
    tell_sight(inbound, DoorSight(7, "127.0.0.1:8080", NOW_MS, NOW_MS, closed_ms=NOW_MS, closed_why="the disk is full"))
    result = desk.run("webhook", "status", "--json")
    fact = result.fact("webhook-status")
    assert result.code == 3
    assert len(fact["problems"]) == 3
    assert fact["lag_s"] >= 300
    assert (fact["closed"], fact["parked"]) == (True, 1)


def test_a_clock_that_was_ahead_is_named(desk, inbound):
    with closing(Journal(inbound)) as journal:
        journal.append([arrival(now_said(message={"msg_id": "m5", "text": "x"}), NOW_MS + 9 * 86_400_000)])
    assert "takes all events until that day" in desk.run("webhook", "status", "--json").fact("webhook-status")["problems"][0]


def test_a_workspace_without_a_webhook(desk):
    result = desk.run("webhook", "status", "--json")
    assert result.code == 3
    assert result.fact("webhook-status")["pid"] is None
    assert not (desk.folder / ".zalo-alert" / "inbound").exists()
    out = desk.run("webhook", "status").out
    assert "today: nothing has come" in out
    assert "secrets: none is set" in out
    assert "nothing is parked" in desk.run("webhook", "recheck").out
    assert "no event has come yet" in desk.run("webhook", "tail").err
    assert "no webhook has run here yet" in desk.run("receipts", "status").err
    assert "all that have come are folded" in desk.run("receipts", "fold").out
    assert "no webhook has run here yet" in desk.run("followers", "import", "--from-events").err


def test_a_code_of_a_site_is_written_alone(desk):
    result = desk.run("webhook", "--site-verification", '<meta content="SzkI8">')
    assert result.code == 2
    assert "write the code alone" in result.err


def test_parked_events_are_let_in_once_the_secret_is_right(desk, inbound):
    body = now_said(message={"msg_id": "m9", "text": "cứu"})
    mac = mac_of(APP, body, str(NOW_MS).encode(), Secret("new"))
    with closing(Parked(inbound)) as parked:
        parked.append([ParkedEvent(APP, OA, "wrong secret", header, 0, NOW_MS, body) for header in (f"mac={mac}", "mac=ab")])
    fact = desk.run("webhook", "recheck", "--json").fact("webhook-recheck")
    assert (fact["let_in"], fact["waiting"]) == (1, 1)
    assert desk.run("webhook", "recheck", "--json").fact("webhook-recheck")["let_in"] == 0
    assert desk.run("webhook", "status", "--json").fact("webhook-status")["waiting"] == 1


def test_a_replay_brings_back_what_was_lost(desk, inbound):
    with closing(open_store(desk.folder / ".zalo-alert")) as store:
        store.run("DELETE FROM person")
    hour = ("--from", (NOW - timedelta(hours=1)).isoformat(), "--to", (NOW + timedelta(hours=1)).isoformat())
    tried = desk.run("webhook", "replay", *hour, "--dry-run", "--json").fact("webhook-replay")
    assert (tried["dry_run"], tried["counts"]) == (True, {"user_send_text": 1, "unfollow": 1})
    for _ in range(2):
        done = desk.run("webhook", "replay", *hour, "--json").fact("webhook-replay")
        assert done["counts"] == {"filed": 1, "unfollowed": 1}
        with closing(open_store(desk.folder / ".zalo-alert")) as store:
            assert store.rows("SELECT user_id, followed FROM person") == [(PERSON, 0)]
    assert "  unfollowed  1" in desk.run("webhook", "replay", *hour).out
    assert desk.run("webhook", "status", "--json").fact("webhook-status")["adds_up"]


def test_a_replay_of_no_time_is_refused(desk, inbound):
    assert desk.run("webhook", "replay", "--from", "14:10", "--to", "14:00").code == 2
    result = desk.run("webhook", "replay", "--from", "soon")
    assert result.code == 2
    assert "write it like 14:00" in result.err
    assert desk.run("webhook", "replay", "--from", "0:00", "--dry-run").code == 0


def test_what_was_said_is_read_without_obeying_it(desk, inbound):
    text = "\x1b[31m[red]nước\n\u202elên"
    with closing(Journal(inbound)) as journal:
        journal.append([arrival(now_said(message={"msg_id": "m3", "text": text}))])
    result = desk.run("webhook", "tail")
    assert r"\x1b[31m[red]nước\x0a\u202elên" in result.out
    assert PERSON not in result.out
    facts = [fact for fact in desk.run("webhook", "tail", "--json").facts if fact["type"] == "webhook-event"]
    assert [fact["name"] for fact in facts] == ["user_send_text", "unfollow", "user_send_text"]
    assert facts[-1]["text"] == text
    assert len({fact["person"] for fact in facts}) == 1


def test_a_tail_of_one_account(desk, inbound):
    with closing(Journal(inbound)) as journal:
        journal.append([arrival(now_said(recipient={"id": "17"}, message={"msg_id": "m4", "text": "x"}))])
    names = [fact["account"] for fact in desk.run("webhook", "tail", "--json").facts if fact["type"] == "webhook-event"]
    assert names == ["pctt", "pctt", "17"]
    only = desk.run("webhook", "tail", "--oa", "pctt", "--json").facts
    assert len([fact for fact in only if fact["type"] == "webhook-event"]) == 2
    assert desk.run("webhook", "tail", "--oa", "nobody").code == 11


@pytest.mark.parametrize(
    "words", ["webhook status", "receipts status", "people stops", f"people show pctt {PERSON}", "followers import --from-events"]
)
def test_a_folder_that_nobody_can_look_into_is_named(desk, words):
    state_dir = desk.folder / ".zalo-alert"
    state_dir.mkdir(exist_ok=True)
    (state_dir / "inbound").symlink_to("inbound")  # leads nowhere, for whoever runs this
    result = desk.run(*words.split())
    assert result.code == 13
    assert "check the disk and the folder's permissions" in result.err

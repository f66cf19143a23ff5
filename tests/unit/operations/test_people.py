"""One person over everything that is kept: found, copied, forgotten until nothing is left but a mark that goes on refusing."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import orjson
import pytest

from tests.inbound_work import NOW_MS, OA, body, keep, tally, text, work
from zalo_alert.audit.log import NAME
from zalo_alert.errors import SettingsInvalid
from zalo_alert.foundation.clock import SystemClock
from zalo_alert.foundation.pseudonyms import Marks
from zalo_alert.inbound.event import Receipt, ReceiptKind
from zalo_alert.inbound.inbound_store import folder_of
from zalo_alert.inbound.journal import read_journal
from zalo_alert.inbound.parked import Parked, ParkedEvent
from zalo_alert.inbound.receipt_lane import ReceiptLane
from zalo_alert.models import Reason
from zalo_alert.operations.people import account_of, export_person, forget_person, person_facts, refusals
from zalo_alert.operations.scaffold import create
from zalo_alert.operations.state import book_of
from zalo_alert.planning.said_to_us import SaidToUs
from zalo_alert.runs.store import Runs
from zalo_alert.settings.load import load
from zalo_alert.settings.model import Settings

THEY, OTHER = "2468458835291979221", "2468458835291979333"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    create(tmp_path, SystemClock().now())
    settings = load(tmp_path, {})
    listed = tmp_path / "list.csv"
    listed.write_text(f"user_id,city\n{THEY},Huế\n{OTHER},Huế\n", encoding="utf-8")
    book_of(settings.account(None), settings).import_rows(listed, "list", rejects=tmp_path / "r.csv", clock=SystemClock())
    state = settings.state_dir
    tag = {"name": "x", "user_ids": [OTHER, THEY]}
    info = {"name": "Lê Thị Tư", "phone": "84912345678"}
    work(
        state, text("nước lên tới mái", NOW_MS, THEY), body("user_submit_info", NOW_MS, THEY, info=info),
        text("nhà tôi cũng vậy", NOW_MS, OTHER), body("add_user_to_tag", NOW_MS, "", tag=tag), text("dừng", NOW_MS, THEY),
        text("dài " * 2000, NOW_MS, THEY),
    )  # fmt: skip
    keep(state, text("chưa đọc tới", NOW_MS, THEY))
    with closing(ReceiptLane(folder_of(state), Marks(state).joinable)) as lane:
        lane.append(
            [receipt(THEY, ReceiptKind.RECEIVED), receipt(THEY, ReceiptKind.SEEN), receipt(OTHER, ReceiptKind.SEEN)], NOW_MS
        )
    with closing(Parked(folder_of(state))) as parked:
        parked.append([ParkedEvent("360846524940903967", OA, "mac", "mac=0", 0, NOW_MS, text("nữa", NOW_MS, THEY))])
    return settings


def receipt(person: str, kind: ReceiptKind) -> Receipt:
    return Receipt(part=0, oa=OA, person=person, kind=kind, msg_id="m", tracking_id="", at_ms=NOW_MS, text_digest=b"")


def runs_of(settings: Settings) -> Runs:
    return Runs(settings.state_dir / "runs")


def files_naming(folder: Path, person: str) -> Iterator[str]:
    for path in folder.rglob("*"):
        if path.is_file() and person.encode() in path.read_bytes():
            yield path.name


def test_it_is_found_wherever_they_stand(settings: Settings) -> None:
    facts = person_facts(settings, settings.account(None), runs_of(settings), THEY)

    assert facts.events == {"user_send_text": 4, "user_submit_info": 1, "add_user_to_tag": 1}
    assert facts.receipts == {"received": 1, "seen": 1}
    assert (facts.traces.parked, facts.has_opted_out, facts.book["city"]) == (1, True, "Huế")
    assert (facts.told["name"], facts.known["last_in_ms"]) == ("Lê Thị Tư", NOW_MS)
    assert THEY not in facts.mark


def test_a_copy_holds_all_of_it_and_the_log_says_who_took_it(settings: Settings, tmp_path: Path) -> None:
    target = tmp_path / "ho-so.json"
    export_person(settings, settings.account(None), runs_of(settings), THEY, target)

    copy = orjson.loads(target.read_bytes())
    assert len(copy["events"]) == 6
    assert "nước lên tới mái" in copy["events"][0]["body"]
    assert copy["book"]["city"] == "Huế"
    assert target.stat().st_mode & 0o077 == 0
    assert b'"export"' in (settings.state_dir / NAME).read_bytes()


def test_nothing_is_left_of_whoever_is_forgotten(settings: Settings) -> None:
    account, inbound = settings.account(None), folder_of(settings.state_dir)
    before, stored = tally(settings.state_dir), len(read_journal(inbound, None, 100))
    assert list(files_naming(settings.state_dir, THEY))

    removed = forget_person(settings, account, runs_of(settings), THEY)

    assert (removed.rows, removed.traces.events, removed.traces.receipts, removed.traces.parked) == (1, 6, 2, 1)
    assert (removed.left, removed.is_marked) == (0, True)
    assert list(files_naming(inbound, THEY)) == []
    assert list(files_naming(inbound, "nước lên tới mái")) == []
    assert list(files_naming(inbound, "dài dài dài")) == []
    assert OTHER in str(read_journal(inbound, None, 100))
    assert (tally(settings.state_dir), len(read_journal(inbound, None, 100))) == (before, stored)
    again = forget_person(settings, account, runs_of(settings), THEY)
    assert (again.rows, sum(again.traces), again.left) == (0, 0, 0)


def test_an_opt_out_outlives_them_until_they_take_it_back(settings: Settings) -> None:
    forget_person(settings, settings.account(None), runs_of(settings), THEY)

    def reason() -> Reason | None:
        with closing(SaidToUs(settings.state_dir, {OA}, "warning")) as said:
            said.begin()
            return said.reason_of(THEY)

    assert reason() is Reason.OPTED_OUT
    assert [stop.user_id for stop in refusals(settings)] == [""]
    work(settings.state_dir, text("MO LAI", NOW_MS + 1, THEY))
    assert reason() is None


def test_the_log_tells_of_them_by_their_mark(settings: Settings) -> None:
    removed = forget_person(settings, settings.account(None), runs_of(settings), THEY)

    line = orjson.loads((settings.state_dir / NAME).read_bytes().splitlines()[-1])
    assert (line["event"], line["facts"]["person"], line["facts"]["events"]) == ("forget", removed.mark, 6)
    assert THEY not in str(line)


def test_an_oa_is_known_by_either_id(settings: Settings) -> None:
    assert account_of(settings, OA) == account_of(settings, settings.account(None).id)
    with pytest.raises(SettingsInvalid):
        account_of(settings, "1")

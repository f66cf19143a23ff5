"""What came through the webhook, folded into the book: the latest state, once, from where the book heard last."""

from datetime import UTC, datetime
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from tests.inbound_work import NOW_MS, body, text, work
from zalo_alert.foundation.clock import SystemClock
from zalo_alert.foundation.notices import Notice
from zalo_alert.operations.book_events import EventsImport, import_events, import_events_if_due
from zalo_alert.operations.scaffold import create
from zalo_alert.operations.state import book_of
from zalo_alert.settings.load import load
from zalo_alert.settings.model import Settings

ONE, TWO, THREE, STRANGER = (f"100000000000000600{n}" for n in range(1, 5))
DAY_MS = 86_400_000


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    create(tmp_path, SystemClock().now())
    listed = tmp_path / "list.csv"
    rows = [f"{person},Huế,2026-01-0{n},1,2026-01-05" for n, person in enumerate((ONE, TWO, THREE), start=1)]
    listed.write_text("\n".join(["user_id,city,last_interaction_at,is_follower,updated_at", *rows]), encoding="utf-8")
    settings = load(tmp_path, {})
    book_of(settings.account(None), settings).import_rows(listed, "list", rejects=tmp_path / "r.csv", clock=SystemClock())
    return settings


def people(settings: Settings) -> dict[str, dict[str, object]]:
    target = settings.workspace / "out.parquet"
    book_of(settings.account(None), settings).export(target)
    return {row["user_id"]: row for row in pq.read_table(target).to_pylist()}


def fold(settings: Settings) -> EventsImport:
    return import_events(settings, settings.account(None))


def test_it_hears_of_everything_once(settings: Settings) -> None:
    work(
        settings.state_dir,
        body("unfollow", NOW_MS, ONE),
        body("follow", NOW_MS, STRANGER),
        body("user_submit_info", NOW_MS, TWO, info={
            "name": "Lê Thị Tư", "phone": "84912345678",
            "full_address": {"user_city": "Gia Lai", "user_ward": "Phường Quy Nhơn", "user_address": "12 Lê Lợi"},
        }),
        text("nước lên", NOW_MS, THREE),
        text("xin chào", NOW_MS, "1000000000000009999"),
    )  # fmt: skip

    done = fold(settings)

    assert (done.following, done.left, done.told, done.heard) == (1, 1, 1, 1)
    book = people(settings)
    assert {who: row["is_follower"] for who, row in book.items()} == {ONE: False, TWO: True, THREE: True, STRANGER: True}
    assert (book[TWO]["name"], book[TWO]["phone"], book[TWO]["city"]) == ("Lê Thị Tư", "84912345678", "Gia Lai")
    assert str(book[TWO]["place"]).endswith(":52")
    heard_at = datetime.fromtimestamp(NOW_MS / 1000, UTC).replace(tzinfo=None)
    assert [book[who]["last_interaction_at"] for who in (TWO, THREE, STRANGER)] == [heard_at] * 3
    assert book[ONE]["city"] == "Huế"
    again = fold(settings)
    assert again.report is None
    assert people(settings) == book


def test_who_comes_back_is_there_again_and_later_events_alone_are_read(settings: Settings) -> None:
    work(settings.state_dir, body("unfollow", NOW_MS, ONE), body("unfollow", NOW_MS, TWO))
    fold(settings)
    work(settings.state_dir, body("follow", NOW_MS + DAY_MS, ONE), arrived_ms=NOW_MS + DAY_MS)
    done = fold(settings)

    assert (done.following, done.left) == (1, 0)
    assert {who: row["is_follower"] for who, row in people(settings).items()} == {ONE: True, TWO: False, THREE: True}


def test_after_a_rollback_it_hears_of_it_again(settings: Settings) -> None:
    work(settings.state_dir, body("unfollow", NOW_MS, ONE))
    fold(settings)
    book_of(settings.account(None), settings).rollback()
    assert people(settings)[ONE]["is_follower"]

    assert fold(settings).left == 1
    assert not people(settings)[ONE]["is_follower"]


def test_another_list_in_between_keeps_what_was_heard(settings: Settings, tmp_path: Path) -> None:
    work(settings.state_dir, body("unfollow", NOW_MS, ONE))
    fold(settings)
    (tmp_path / "more.csv").write_text("user_id\n1000000000000007777\n", encoding="utf-8")
    book_of(settings.account(None), settings).import_rows(
        tmp_path / "more.csv", "more", rejects=tmp_path / "r", clock=SystemClock()
    )

    assert fold(settings).report is None
    assert not people(settings)[ONE]["is_follower"]


def test_a_plan_has_it_done_once_a_day_and_is_told(settings: Settings) -> None:
    told = list[Notice]()
    account = settings.account(None)
    import_events_if_due(settings, account, told.append)
    assert told == []
    work(settings.state_dir, body("unfollow", NOW_MS, ONE))

    import_events_if_due(settings, account, told.append)
    work(settings.state_dir, body("unfollow", NOW_MS, TWO))
    import_events_if_due(settings, account, told.append)

    assert len(told) == 1
    assert [row["is_follower"] for row in people(settings).values()].count(False) == 1


def test_a_book_that_is_being_changed_keeps_no_plan_from_being_made(settings: Settings) -> None:
    told, account = list[Notice](), settings.account(None)
    work(settings.state_dir, body("unfollow", NOW_MS, ONE))
    book = book_of(account, settings)
    with book._generations.locked():
        import_events_if_due(settings, account, told.append)

    assert len(told) == 1
    assert "another process" in told[0].sentence

"""An OA's list, got out piece by piece: nobody is lost in silence, whatever Zalo answers, and whenever it is cut off."""

import asyncio
import json
from contextlib import closing
from datetime import date, timedelta
from typing import Any

import pytest

from zalo_alert.errors import RunBusy, RunSuspended
from zalo_alert.language import Language, _, catalogue_of, joined, said_in
from zalo_alert.sync import pieces
from zalo_alert.sync.crawler import DETAIL_AGAIN_S, STALE_S, details, walk
from zalo_alert.sync.pieces import NO_DAY, Piece
from zalo_alert.sync.result import judge_list, write_list
from zalo_alert.sync.store import FAILED, CrawlStore
from zalo_alert.testing import FakeClock
from zalo_alert.zalo import users as people
from zalo_alert.zalo.base import Host
from zalo_alert.zalo.client import Refused

TODAY = FakeClock().now().date()
OA = "388613280878808645"


def quiet(what, done, whole):
    pass


class Official:
    """An OA that answers as Zalo does: `people` are ids with the day of their last interaction and their tags."""

    def __init__(self, people, tags=()):
        self.people, self.tags = people, list(tags)
        self.asked, self.known = [], {}
        self.days_heeded = True
        self.twist = lambda asked, answer: answer  # what goes wrong

    async def get(self, path, data=None, *, host=Host.OPENAPI):
        await asyncio.sleep(0)
        self.asked.append((path, data))
        if path.endswith("gettagsofoa"):
            return {"error": 0, "data": self.tags}
        answer = self.detail(data["user_id"]) if path.endswith("detail") else self.listed(data)
        return self.twist(data, answer)

    def listed(self, asked):
        assert 0 <= asked["offset"] <= 9951
        found = self.matching(asked.get("tag_name"), asked.get("last_interaction_period"))
        shown = found[asked["offset"] : asked["offset"] + asked["count"]]
        return {"error": 0, "data": {"total": len(found), "users": [{"user_id": user} for user in shown]}}

    def matching(self, tag, period):
        if (tag, period) not in self.known:
            first, last = (
                (date(*map(int, text.split("_"))) for text in period.split(":"))
                if period and self.days_heeded
                else (None, date.max)
            )
            self.known[tag, period] = [
                user
                for user, day, tags in self.people
                if (first is None or (day is not None and first <= day <= last)) and (not tag or tag in tags)
            ]
        return self.known[tag, period]

    @staticmethod
    def detail(user):
        return {"error": 0, "data": {"user_id": user, "display_name": "An", "shared_info": {"city": "Huế", "phone": 0}}}


def crowd(number, days=400, tag_every=0):
    return [
        (str(10**18 + i), TODAY - timedelta(days=i * i % days), ("ven-biển",) if tag_every and i % tag_every == 0 else ())
        for i in range(number)
    ]


@pytest.fixture
def store(tmp_path):
    with closing(CrawlStore(tmp_path, OA)) as found:
        yield found


def walked(official, store, clock=None):
    return asyncio.run(walk(official, store, clock or FakeClock(), quiet, None))


def rows(store):
    write_list(store)
    return {row["user_id"]: row for row in map(json.loads, store.list.read_text(encoding="utf-8").splitlines())}


# --- pieces ----------------------------------------------------------------------------------------------------------------


def test_a_piece_falls_into_halves_down_to_a_day_and_then_into_tags():
    whole: Any
    older: Any
    newer: Any
    (whole,) = pieces.cut(Piece(), ("a", "b"), TODAY)
    older, newer = pieces.cut(whole, ("a", "b"), TODAY)
    day = Piece("", TODAY, TODAY)

    assert (whole.first.year, whole.last) == (1970, TODAY + timedelta(days=1))
    assert (older.first, newer.last, newer.first - older.last) == (whole.first, whole.last, timedelta(days=1))
    assert pieces.cut(day, ("a", "b"), TODAY) == [Piece("a", TODAY, TODAY), Piece("b", TODAY, TODAY)]
    assert pieces.cut(Piece("a", TODAY, TODAY), ("a", "b"), TODAY) == []
    assert Piece("a", date(2026, 9, 1), date(2026, 9, 18)).period == "2026_09_01:2026_09_18"


# --- walking ---------------------------------------------------------------------------------------------------------------


def test_everyone_of_a_small_oa_is_listed_with_tags_and_recent_days(store):
    official = Official(crowd(230, tag_every=3), ["ven-biển"])
    walked(official, store)
    found = rows(store)

    assert set(found) == {user for user, _, _ in official.people}
    for user, day, tags in official.people:
        assert found[user].get("tags", []) == list(tags)
        recent = TODAY - day <= timedelta(days=7)
        assert found[user].get("last_interaction_at") == (day.isoformat() if recent else None)
    assert judge_list(store).is_whole


@pytest.mark.slow
def test_an_oa_above_the_limit_is_cut_by_days_and_no_day_is_dated_too_late(store):
    official = Official(crowd(23_000))
    walked(official, store)
    found = rows(store)

    assert set(found) == {user for user, _, _ in official.people}
    assert judge_list(store).is_whole
    assert all(found[user]["last_interaction_at"] <= day.isoformat() for user, day, _ in official.people)
    assert len(official.asked) < 23_000 / 50 * 2.2  # Zalo's limit of the whole is listed too: 200 calls


@pytest.mark.slow
def test_a_day_above_the_limit_is_cut_by_tags_and_the_rest_is_told(store):
    busy = TODAY - timedelta(days=30)
    official = Official([(str(10**18 + i), busy, ("a",) if i % 2 else ()) for i in range(25_000)], ["a"])
    walked(official, store)
    found = judge_list(store)

    assert [(cut.piece, cut.total) for cut in found.cut] == [(f"{busy}", 25_000), (f"{busy}, tag a", 12_500)]
    assert found.cut[0].known == found.people == store.count()
    assert found.missing == 25_000 - found.people > 0
    assert not found.is_whole
    assert "tags" not in next(
        iter(rows(store).values())
    )  # some of its people are not shown: a part of the tags is worse than none


@pytest.mark.slow
def test_a_day_that_its_tags_complete_is_not_told(store):
    busy = TODAY - timedelta(days=30)
    official = Official([(str(10**18 + i), busy, ("ab"[i % 2],)) for i in range(15_000)], ["a", "b"])
    walked(official, store)

    assert judge_list(store).is_whole
    assert len(rows(store)) == 15_000


def test_people_of_no_day_are_missed_aloud(store):
    dated = crowd(11_000)
    official = Official(dated + [(str(2 * 10**18 + i), None, ()) for i in range(500)])
    walked(official, store)
    found = judge_list(store)

    assert store.count() == 11_000
    assert (found.missing, found.is_whole) == (500, False)


def test_a_server_that_ignores_days_is_not_asked_for_each_of_them(store):
    official = Official(crowd(10_600, tag_every=2), ["ven-biển"])
    official.days_heeded = False
    walked(official, store)
    found = judge_list(store)

    assert len(official.asked) < 400
    assert not found.are_days_heeded
    assert [cut.total for cut in found.cut] == [10_600]
    assert not any("last_interaction_at" in row for row in rows(store).values())


@pytest.mark.slow
@pytest.mark.parametrize("total", [None, "many", -1, 7, 10**15, True])
def test_a_total_that_is_wrong_or_missing_loses_nobody(store, total):
    official = Official(crowd(10_400, days=90))

    def twist(asked, answer):
        if "user_id" not in asked:
            answer["data"]["total"] = total
        return answer

    official.twist = twist
    walked(official, store)

    assert store.count() == 10_400
    assert len(official.asked) < 2500


def test_doubles_too_many_and_nonsense_on_a_page_do_no_harm(store):
    official = Official(crowd(130))

    def twist(asked, answer):
        users = answer["data"]["users"]
        if asked.get("offset") == 0 and users:
            more = official.listed({"offset": 0, "count": 130})["data"]["users"]
            answer["data"]["users"] = [*users, *more, {"user_id": "abc"}, {"user_id": None}, {}, 7, {"user_id": 10**18 + 5}]
        return answer

    with_no_day = NO_DAY.period
    official.twist = lambda asked, answer: answer if asked.get("last_interaction_period") == with_no_day else twist(asked, answer)
    walked(official, store)

    assert store.count() == 130


def test_a_page_that_comes_again_ends_its_piece_aloud(store):
    official = Official(crowd(300))
    first = official.listed({"offset": 0, "count": 50})
    official.twist = lambda asked, answer: first if "last_interaction_period" not in asked else answer
    walked(official, store)

    assert [why for _, why in judge_list(store).failed] == ["the same people stand on two pages"]
    assert not judge_list(store).is_whole


def test_one_piece_that_can_not_be_had_is_named_and_the_others_are_listed(store):
    official = Official(crowd(120, tag_every=4), ["ven-biển"])

    def twist(asked, answer):
        if asked.get("tag_name"):
            raise Refused(Host.OPENAPI, -201, "tag_name is invalid!")
        return answer

    official.twist = twist
    walked(official, store)

    assert store.count() == 120
    assert [piece for piece, _ in judge_list(store).failed] == ["all days, tag ven-biển"]


@pytest.mark.parametrize("answer", [{"error": 0}, {"error": 0, "data": []}, {"error": 0, "data": {"total": 5}}])
def test_an_answer_that_is_none_halts_the_walk(store, answer):
    official = Official(crowd(120))
    official.twist = lambda asked, found: answer
    with pytest.raises(RunSuspended, match="can't be read"):
        walked(official, store)


def test_a_free_oa_is_told_what_it_lacks(store):
    official = Official(crowd(3))

    def twist(asked, answer):
        raise Refused(Host.OPENAPI, -224, "upgrade")

    official.twist = twist
    with pytest.raises(RunSuspended, match="paid package") as caught:
        walked(official, store)
    assert "followers import" in caught.value.hint


# --- cut off, and begun again ----------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_a_walk_that_is_cut_off_goes_on_and_asks_for_no_page_twice(tmp_path):
    official, whole = Official(crowd(12_000)), Official(crowd(12_000))
    with closing(CrawlStore(tmp_path / "whole", OA)) as store:
        walked(whole, store)

    def twist(asked, answer):
        if len(official.asked) % 40 == 0:
            raise RunSuspended("Zalo can't be reached")
        return answer

    official.twist = twist
    cuts, before = 0, []
    while True:
        with closing(CrawlStore(tmp_path / "cut", OA)) as store:
            try:
                before.append(walked(official, store))
                break
            except RunSuspended:
                cuts += 1
    with closing(CrawlStore(tmp_path / "cut", OA)) as store:
        assert set(rows(store)) == {user for user, _, _ in official.people}
        assert judge_list(store).is_whole
    assert cuts > 5
    assert before[0] > 0
    assert len(official.asked) - len(whole.asked) <= 33 * cuts  # what was under way, and no more


def test_whoever_moves_on_while_the_list_is_read_is_found_again(store):
    official, clock = Official(crowd(10_300, days=60)), FakeClock()
    last = official.people[-1][0]

    def twist(asked, answer):
        if len(official.asked) == 30:
            official.people[-1] = (last, TODAY + timedelta(days=1), ())
            official.known.clear()
            clock.move(86_400)
        return answer

    official.twist = twist
    walked(official, store, clock)

    assert last in rows(store)
    assert store.count() == 10_300


def test_a_list_of_last_week_is_begun_again(store):
    clock, official = FakeClock(), Official(crowd(60))
    walked(official, store, clock)
    assert walked(official, store, clock) == 60
    asked = len(official.asked)
    clock.move(STALE_S + 1)
    assert walked(official, store, clock) == 0
    assert len(official.asked) == 2 * asked


def test_two_syncs_of_one_oa_at_once_are_refused(store, tmp_path):
    with store.locked(), closing(CrawlStore(tmp_path, OA)) as other, pytest.raises(RunBusy), other.locked():
        pass


# --- details ---------------------------------------------------------------------------------------------------------------


def detailed(official, store, clock, most=100):
    return asyncio.run(details(official, store, clock, most, quiet))


def test_details_are_asked_for_once_a_month_the_longest_waiting_first(store):
    official, clock = Official(crowd(30)), FakeClock()
    ids = [user for user, _, _ in official.people]
    for number in range(3):
        walked(official, store, clock)
        store.want(ids, clock.now().timestamp() - DETAIL_AGAIN_S)
        official.asked.clear()
        detailed(official, store, clock, most=12)
        assert len({asked["user_id"] for _, asked in official.asked}) == (12, 12, 6)[number]
        assert rows(store)[official.asked[0][1]["user_id"]]["city"] == "Huế"
        store.end()


def test_details_that_are_cut_off_go_on(store):
    official, clock = Official(crowd(30)), FakeClock()
    walked(official, store, clock)
    store.want([user for user, _, _ in official.people], 0)
    official.asked.clear()

    def twist(asked, answer):
        if len(official.asked) == 20:
            raise RunSuspended("Zalo can't be reached")
        return answer

    official.twist = twist
    with pytest.raises(RunSuspended):
        detailed(official, store, clock)
    write_list(store)
    assert detailed(official, store, clock) == 0
    assert not store.list.exists()  # it lacks what was asked for since
    assert store.count_detailed() == 30


def test_one_person_who_can_not_be_asked_about_fails_alone_and_too_many_halt(store):
    official, clock = Official(crowd(60)), FakeClock()
    walked(official, store, clock)
    store.want([user for user, _, _ in official.people], 0)
    odd = official.people[7][0]
    official.twist = lambda asked, answer: {"error": 0, "data": 1} if asked["user_id"] == odd else answer
    assert detailed(official, store, clock) == 1
    assert store.count_detailed() == 59

    store.end()
    walked(Official(official.people), store, clock)
    store.want([user for user, _, _ in official.people], clock.now().timestamp() + 1)
    official.twist = lambda asked, answer: {"error": 0, "data": 1}
    with pytest.raises(RunSuspended, match="can't be read"):
        detailed(official, store, clock)


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ({"display_name": "An"}, {"name": "An"}),
        ({"shared_info": None, "tags_and_notes_info": 3}, {}),
        ({"shared_info": {"phone": 0, "city": "", "name": ""}, "display_name": "An"}, {"name": "An"}),
        ({"shared_info": {"phone": 84912345678, "name": "Lê An"}}, {"phone": "84912345678", "name": "Lê An"}),
        ({"shared_info": {"phone": "0912345678"}}, {"phone": "0912345678"}),
        ({"user_last_interaction_date": "04/10/2025"}, {"last_interaction_at": "04/10/2025"}),
        ({"user_is_follower": False}, {"is_follower": False}),
        ({"tags_and_notes_info": {"tag_names": ["a", 3, "b"]}}, {"tags": ["a", "b"]}),
        ({"user_id_by_app": "x", "shared_info": {"city": ["Huế"]}}, {}),
    ],
)
def test_details_are_read_whatever_is_missing_in_them(data, expected):
    official: Any = Official([])
    official.twist = lambda asked, answer: {"error": 0, "data": data}
    assert asyncio.run(people.ask_detail(official, "1002893352839501541")) == expected


@pytest.mark.parametrize("code", [-213, -201])
def test_whoever_has_left_is_no_follower(code):
    official: Any = Official([])

    def twist(asked, answer):
        raise Refused(Host.OPENAPI, code, "")

    official.twist = twist
    assert asyncio.run(people.ask_detail(official, "1002893352839501541")) == {"is_follower": False}


def test_a_person_is_forgotten_here_too(store):
    official = Official(crowd(5, tag_every=1), ["ven-biển"])
    walked(official, store)
    gone = official.people[2][0]
    store.want([gone], 0)
    write_list(store)
    store.forget(gone)

    assert gone not in rows(store)
    assert store.list_wanted(10) == []


def test_why_a_piece_was_given_up_is_kept_as_a_sentence(store):
    store.add(Piece("Huế"))
    store.fail(Piece("Huế"), _("the same people stand on two pages"))
    (status,) = store.pieces(FAILED)
    assert status.why == "the same people stand on two pages"
    vietnamese = catalogue_of(Language.VI)
    assert (
        said_in(joined((str(status.piece), status.why), ": "), vietnamese) == "mọi ngày, nhãn Huế: hai trang có cùng những người"
    )

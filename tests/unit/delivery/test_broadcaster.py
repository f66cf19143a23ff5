"""A broadcast step by step: what it may reach, what it says, and that no kill and no lost answer makes a second one."""

import asyncio
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest

from zalo_alert.campaign.parse import parse
from zalo_alert.campaign.render import Renderer
from zalo_alert.delivery import broadcaster as broadcasts
from zalo_alert.delivery.broadcaster import Broadcaster, OaSession, make_order
from zalo_alert.errors import CampaignInvalid, Interrupted, RunSuspended, RunUnfinished
from zalo_alert.foundation.clock import VIETNAM
from zalo_alert.foundation.database import Database
from zalo_alert.foundation.secret import Secret
from zalo_alert.ledger.broadcasts import Broadcasts, BroadcastStatus, Step
from zalo_alert.models import State
from zalo_alert.pacing.pace import Pace
from zalo_alert.places import FORMER_PROVINCES, WHOLE_COUNTRY, aim, all_of, area, name_target
from zalo_alert.settings.model import Hosts
from zalo_alert.testing import FakeClock, drill
from zalo_alert.zalo.articles import build_body, next_opening
from zalo_alert.zalo.base import Host, NoAnswer
from zalo_alert.zalo.client import ApiClient, RateGate, Refused

DAY = datetime(2026, 9, 18, 14, 0, tzinfo=VIETNAM)
ROUTE = '{type: broadcast, cover: "https://x.vn/a.jpg", author: PCTT}'


def campaign(routes=f"[{ROUTE}]", **changes):
    return parse(drill(DAY, routes=routes, **changes).encode(), "c.yaml")


# --- whom it can be aimed at -----------------------------------------------------------------------------------------------


def test_a_province_of_today_becomes_its_predecessors_and_all_needs_no_filter():
    gia_lai = sorted(old.zalo_city for old in FORMER_PROVINCES if old.new_code == "52")
    assert aim(area("new:52")).cities == tuple(gia_lai) == (18, 33)
    assert aim(area("old:52")) == ((18,), area("old:52"), ())
    assert aim(all_of(map(area, ["old:01", "region:tay-nguyen - old:68"]))).cities == (9, 17, 19, 31, 33)
    everyone = aim(area("all"))
    assert everyone.cities is None
    assert "unknown place" in everyone.beyond[0]


@pytest.mark.parametrize(
    ("selector", "cities", "said"),
    [
        ("ward:00004", (9,), "all of former Hà Nội is reached, not Phường Ba Đình, Hà Nội alone"),
        ("new:01 - ward:00004", (9,), "Phường Ba Đình, Hà Nội, taken out of former Hà Nội, is reached too"),
        ("all - new:01", (*range(9), *range(10, 64)), "people whose place Zalo does not know are not reached"),
    ],
)
def test_what_cannot_be_said_exactly_is_widened_and_told(selector, cities, said):
    found = aim(area(selector))
    assert found.cities == cities
    assert said in found.beyond


@pytest.mark.parametrize(
    ("selectors", "name"),
    [
        (["all"], WHOLE_COUNTRY),
        (["new:46", "old:52"], "Huế, Bình Định (Gia Lai)"),
        (["region:tay-nguyen", "ward:00004"], "Tây Nguyên, Phường Ba Đình, Hà Nội"),
        (["region:tay-nguyen - old:68"], "Kon Tum (Quảng Ngãi), Gia Lai, Đắk Lắk, Đắk Nông (Lâm Đồng)"),
    ],
)
def test_the_places_of_one_message_to_all_are_named_as_the_campaign_means_them(selectors, name):
    areas = [area(selector) for selector in selectors]
    assert name_target(areas, all_of(areas)) == name


# --- what it says ----------------------------------------------------------------------------------------------------------


def test_the_article_is_the_headline_and_the_paragraphs_of_the_text():
    found = campaign(areas="[new:46]")
    text = "[DIỄN TẬP] {{ place }}\n\n  Dòng một.\nDòng hai.\n \nHẾT TIN DIỄN TẬP"
    made = Renderer(replace(found, text=text)).article("Huế")
    assert made.title == "DIỄN TẬP"
    assert made.description == "[DIỄN TẬP] Huế [DIỄN TẬP]"  # shown without the rest, so marked on both sides by itself
    assert made.paragraphs == ("[DIỄN TẬP] Huế", "Dòng một.\nDòng hai.", "HẾT TIN DIỄN TẬP")


def faults(text):
    with pytest.raises(CampaignInvalid) as caught:
        parse(text.encode(), "c.yaml")
    return [str(problem) for problem in caught.value.problems]


@pytest.mark.parametrize(
    ("routes", "place", "said"),
    [
        ("[{type: broadcast, author: PCTT}]", "routes[0]", "needs a cover"),
        ('[{type: broadcast, cover: "https://x.vn/a.jpg"}]', "routes[0]", "needs an author"),
        ("[{type: broadcast, cover: bia.gif, author: PCTT}]", "routes[0].cover", "should end in"),
        ("[{type: broadcast, cover: ../bia.jpg, author: PCTT}]", "routes[0].cover", "beside the campaign"),
        (f"[{{type: broadcast, cover: bia.jpg, author: {'x' * 51}}}]", "routes[0].author", "1 to 50"),
        (f"[{{type: broadcast, cover: a.jpg, author: P, description: {'x' * 301}}}]", "routes[0].description", "takes 300"),
        (f"[{ROUTE}, {{type: cs}}, {ROUTE}]", "routes[2]", "second broadcast"),
        ('[{type: broadcast, cover: a.jpg, author: P, template_id: "1"}]', "routes[0]", "takes neither template_id"),
        ("[{type: cs, cover: a.jpg}]", "routes[0].cover", "only for broadcast"),
        ("[{type: cs, article: a.md}]", "routes[0].article", "only for broadcast"),
        ("[{type: broadcast, article: a.md, author: PCTT}]", "routes[0].author", "own file says it"),
        ("[{type: broadcast, article: ../a.md}]", "routes[0].article", "beside the campaign"),
        ("[{type: broadcast, article: a.docx}]", "routes[0].article", "ending in .md"),
        ('[{type: broadcast, cover: a.jpg, author: P, description: "chào {{ name }}"}]', "routes[0].description", "{{ name }}"),
    ],
)
def test_every_fault_of_a_broadcast_is_listed_with_its_place(routes, place, said):
    found = faults(drill(DAY, routes=routes))
    assert any(f"  {place}  " in line and said in line and line.startswith("c.yaml:11:") for line in found), found


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("{areas: [all]}", "{from: recipients}", "can't go to a list of people"),
        ("{areas: [all]}", "{areas: [all], list: to-truc}", "can't go to a list of people"),
        ("headline: DIỄN TẬP", f"headline: DIỄN TẬP {'x' * 150}", "an article's title takes 150"),
        ("headline: DIỄN TẬP", "headline: Không phải diễn tập", 'must not say "khong phai dien tap"'),
        ("DIỄN TẬP {{ place }}", "DIỄN TẬP {{ name }}", "leave it out"),
    ],
)
def test_what_an_article_cannot_hold_is_refused(old, new, said):
    text = drill(DAY, routes=f"[{ROUTE}]")
    assert old in text
    assert any(said in line for line in faults(text.replace(old, new)))


def test_routes_are_told_by_where_they_stand_in_the_file():
    found = campaign(f"[{{type: cs}}, {ROUTE}, {{type: promotion}}]")
    assert [found.written_at(number) for number in range(len(found.routes))] == [0, 2]


# --- when ------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("now", "opens"),
    [
        ("2026-09-18T05:59:59+07:00", "2026-09-18T06:00:00+07:00"),
        ("2026-09-18T06:00:00+07:00", "2026-09-18T06:00:00+07:00"),
        ("2026-09-18T21:59:59+07:00", "2026-09-18T21:59:59+07:00"),
        ("2026-09-18T22:00:00+07:00", "2026-09-19T06:00:00+07:00"),
        ("2026-09-18T15:30:00+00:00", "2026-09-19T06:00:00+07:00"),
    ],
)
def test_by_night_none_goes_out(now, opens):
    assert next_opening(datetime.fromisoformat(now)) == datetime.fromisoformat(opens)


# --- step by step ----------------------------------------------------------------------------------------------------------


class Killed(BaseException):
    """The power fails."""


class Bare:
    """An account's token, as it is."""

    refusal, is_passing = "", False

    def __init__(self, token):
        self.token = token

    async def renew(self, stale):
        return False


class TickingClock(FakeClock):
    """Time that passes at the sandbox, too."""

    def __init__(self, sandbox):
        super().__init__(DAY)
        self.sandbox = sandbox

    def move(self, seconds):
        super().move(seconds)
        if self.sandbox:
            self.sandbox.tick(seconds)


class Bench:
    """One broadcast against a sandbox, and the power switch: `cut` counts the writes and calls until it fails."""

    def __init__(self, path, sandbox, clock=None, cut=None, **changes):
        self.path, self.sandbox, self.clock, self.cut = path, sandbox, clock or TickingClock(sandbox), cut
        self.order = make_order(campaign(**changes))
        self.told, self.answers, self.covers, self.on_page = [], {}, [], ""
        if not path.exists():
            Broadcasts.create(path, ["pctt"]).close()

    def go(self, **how):
        return asyncio.run(self._go(**how))

    def killed_at(self, moment):
        try:
            self.go(cut=moment)
        except* Killed:
            is_killed = True
        else:
            is_killed = False
        return is_killed

    async def _go(self, *, cut=None, stopped=False, retry_unknown=False):
        self.cut = cut
        ledger: Any = Broadcasts(Database(self.path))  # Any, as its `put` is replaced
        put = ledger.put
        ledger.put = lambda standing: self._switch() or put(standing) or self._switch()
        try:
            broadcaster = Broadcaster(ledger, self.order, self._connect, clock=self.clock, on_note=self.told.append)
            if retry_unknown:
                broadcaster.retry_unknown()
            if stopped:
                broadcaster.stop()
            await broadcaster.run()
        finally:
            (self.standing,) = ledger.all()
            ledger.close()

    def _switch(self):
        if self.cut is not None:
            self.cut -= 1
            if self.cut < 0:
                raise Killed

    @asynccontextmanager
    async def _connect(self, account):
        async with httpx.AsyncClient(trust_env=False) as client:
            hosts = Hosts(self.sandbox.url, self.sandbox.url, self.sandbox.url)
            gate = RateGate(Pace(None), self.clock.monotonic_s, lambda: self.clock.now().timestamp())
            control: Any = ApiClient(client, hosts, Bare(self.sandbox.credentials.access_token), app_secret=Secret(""), gate=gate)
            control.post = self._through(control.post)
            control.query = self._through(control.query)

            async def content(anew):
                self.covers.append(anew)
                return build_body(self.order.article, "PCTT", "https://x.vn/a.jpg")

            yield OaSession(control, content, self.on_page)

    def _through(self, call):
        async def cut(path, body, **more):
            self._switch()
            said = self.answers.pop(path, None)
            if isinstance(said, BaseException) and not isinstance(said, NoAnswer):
                raise said
            answer = await call(path, body, **more)
            if isinstance(said, NoAnswer):
                raise said
            self._switch()
            return answer

        return cut


@pytest.fixture
def day(sandbox_with):
    return sandbox_with(at=DAY.isoformat(), broadcasts=1000)


CREATE, VERIFY, POST = "/v2.0/article/create", "/v2.0/article/verify", "/v2.0/oa/message"


@pytest.mark.slow
def test_a_kill_at_any_write_or_call_leaves_no_second_broadcast(tmp_path, day):
    sent, moments, unknown = 0, 0, 0
    while True:
        bench = Bench(tmp_path / f"{moments}.db", day)
        if not bench.killed_at(moments):
            break  # so many moments there are, and none is left
        bench.go()
        bench.go()
        found = len(day.broadcasts()) - sent
        assert found <= 1, moments
        assert bench.standing.state in (State.ACCEPTED, State.UNKNOWN)
        if bench.standing.state is State.ACCEPTED:
            assert found == 1
        else:
            unknown += 1
            bench.go(retry_unknown=True)
            assert bench.standing.state is State.ACCEPTED
        sent, moments = len(day.broadcasts()), moments + 1

    assert moments > 15
    assert 0 < unknown < moments / 2


def test_an_article_that_stands_on_the_page_already_is_sent_and_not_made_again(tmp_path, day):
    first = Bench(tmp_path / "a.db", day)
    first.go()
    second = Bench(tmp_path / "b.db", day)
    second.on_page = first.standing.article_id
    second.go()

    assert second.standing.state is State.ACCEPTED
    assert second.standing.article_id == first.standing.article_id
    assert second.covers == []
    assert len(day.broadcasts()) == 2


@pytest.mark.slow
@pytest.mark.parametrize(("path", "step"), [(CREATE, Step.ARTICLE), (POST, Step.POST)])
def test_an_answer_that_never_came_is_repeated_only_when_told_to(path, step, tmp_path, day):
    bench = Bench(tmp_path / "b.db", day)
    bench.answers[path] = NoAnswer("ReadTimeout")
    bench.go()
    bench.go()

    assert (bench.standing.state, bench.standing.step) == (State.UNKNOWN, step)
    assert len(day.broadcasts()) == (step is Step.POST)
    assert isinstance(broadcasts.verdict("r", [bench.standing]), RunUnfinished)
    bench.go(retry_unknown=True)
    assert bench.standing.state is State.ACCEPTED
    assert len(day.broadcasts()) == 1 + (step is Step.POST)
    assert ("second time" in broadcasts.describe(bench.standing)) == (step is Step.POST)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("path", "code", "state"),
    [
        (CREATE, -223, State.DEFERRED),
        (CREATE, -201, State.REJECTED),
        (CREATE, -210, State.REJECTED),
        (CREATE, -1, State.UNKNOWN),
        (VERIFY, -201, State.REJECTED),
        (POST, -211, State.DEFERRED),
        (POST, -234, State.DEFERRED),
        (POST, -321, State.DEFERRED),
        (POST, -233, State.REJECTED),
        (POST, -99999, State.DEFERRED),
        (POST, -1, State.UNKNOWN),
    ],
)
def test_a_refusal_is_final_or_waits_and_is_told_with_its_code(path, code, state, tmp_path, day):
    bench = Bench(tmp_path / "b.db", day)
    bench.answers[path] = Refused(Host.OPENAPI, code, "no")
    bench.go()

    assert bench.standing.state is state
    assert str(code) in bench.standing.why
    assert day.broadcasts() == []
    wanted = RunSuspended if state is State.DEFERRED else RunUnfinished
    assert isinstance(broadcasts.verdict("r", [bench.standing]), wanted)
    if state is State.DEFERRED:
        bench.go()
        assert bench.standing.state is State.ACCEPTED


def test_a_cover_that_zalo_has_forgotten_is_uploaded_again(tmp_path, day):
    bench = Bench(tmp_path / "b.db", day)
    bench.answers[CREATE] = Refused(Host.OPENAPI, -100, "attachment_id was expired")
    bench.go()
    assert bench.covers == [False, True]
    assert bench.standing.state is State.ACCEPTED


@pytest.mark.slow
def test_an_article_that_takes_too_long_is_asked_for_again_by_resume(tmp_path, day):
    day.change(article_ms=3_600_000)  # the sandbox's own clock goes on, on a slow machine far
    bench = Bench(tmp_path / "b.db", day, FakeClock(DAY))
    bench.go()
    assert (bench.standing.state, bench.standing.step) == (State.DEFERRED, Step.VERIFY)
    assert "within 2 min" in bench.standing.why

    token = bench.standing.token
    day.tick(3600)
    bench.go()
    assert bench.standing.state is State.ACCEPTED
    assert bench.standing.token == token
    assert len(day.broadcasts()) == 1


def test_by_night_it_waits_for_the_morning_and_no_article_is_made(tmp_path, day):
    clock = FakeClock(DAY.replace(hour=23))
    bench = Bench(tmp_path / "b.db", day, clock, expires=(DAY + timedelta(days=1)).isoformat())
    bench.go()
    assert (bench.standing.state, bench.standing.step) == (State.DEFERRED, Step.ARTICLE)
    assert bench.standing.due_at_s == DAY.replace(day=19, hour=6).timestamp()

    clock.move(8 * 3600)
    bench.clock = TickingClock(None)
    bench.clock.move(24 * 3600)
    bench.go()
    assert bench.standing.state is State.EXPIRED
    assert day.broadcasts() == []


def test_one_whose_every_hour_is_night_expires_at_once(tmp_path, day):
    late = DAY.replace(hour=23)
    bench = Bench(tmp_path / "b.db", day, FakeClock(late), expires=(late + timedelta(hours=3)).isoformat())
    bench.go()
    assert bench.standing.state is State.EXPIRED
    assert "by night" in bench.standing.why


def test_stopped_it_takes_no_step(tmp_path, day):
    bench = Bench(tmp_path / "b.db", day)
    bench.go(stopped=True)
    assert bench.standing == BroadcastStatus("pctt")
    assert isinstance(broadcasts.verdict("r", [bench.standing]), Interrupted)


def test_a_server_out_of_reach_puts_it_off(tmp_path, day):
    bench = Bench(tmp_path / "b.db", day)
    bench.answers[POST] = RunSuspended("Zalo can't be reached", hint="check the network")
    bench.go()
    assert (bench.standing.state, bench.standing.step) == (State.DEFERRED, Step.POST)
    bench.go()
    assert len(day.broadcasts()) == 1

"""A month's calendar through the command line: checked, done when its time has come, once on each page."""

from datetime import timedelta

import pytest
from article_files import write_article, write_calendar
from daytime import DAY, NIGHT, Office

from zalo_alert.foundation.clock import SystemClock

A, B = "article: phong-tranh-bao.md", "article: mua-lu.md"


@pytest.fixture
def office(desk, sandbox_with):
    office = Office(desk, sandbox_with(at=DAY.isoformat()))
    write_article(desk.folder)
    write_article(desk.folder, "mua-lu", title="Kỹ năng mùa lũ")
    return office


def due(office, file, *words):
    return office.run("articles", "calendar", file, "--due", *words)


def stands(office, file):
    result = office.run("articles", "calendar", file)
    assert result.code == 0, result.err
    return [fact["stands"] for fact in result.facts if fact["type"] == "calendar-entry"]


def steps(result):
    return [(fact["step"], fact["article"], fact["ok"]) for fact in result.facts if fact["type"] == "calendar-step"]


def shown(office):
    listed = office.run("articles", "list")
    return {fact["article"]: fact["shown"] for fact in listed.facts if fact["type"] == "article"}


def test_a_month_is_shown_and_what_is_due_is_done_once(office):
    file = write_calendar(office.desk.folder, f"{A}, at: 2026-09-18 14:00", f"{B}, at: 2026-09-19 07:30")
    before = stands(office, file)
    first, again = due(office, file), due(office, file)

    assert before == ["due", "planned"]
    assert (first.code, steps(first)) == (0, [("publish", "phong-tranh-bao.md", True)])
    assert (again.code, steps(again)) == (0, [])
    assert stands(office, file) == ["done", "planned"]
    assert shown(office) == {"phong-tranh-bao": 1}


def test_a_changed_hour_does_not_publish_again(office):
    due(office, write_calendar(office.desk.folder, f"{A}, at: 2026-09-18 13:50"))
    again = due(office, write_calendar(office.desk.folder, f"{A}, at: 2026-09-18 14:00"))

    assert (again.code, steps(again)) == (0, [])


def test_what_was_missed_is_caught_up_within_a_day_and_then_left_out_once(office):
    file = write_calendar(office.desk.folder, f"{A}, at: 2026-09-18 13:00", f"{B}, at: 2026-09-18 15:00")
    due(office, file)
    office.move(DAY + timedelta(hours=26))
    late, again = due(office, file), due(office, file)

    assert (late.code, steps(late)) == (3, [("skip", "mua-lu.md", False)])
    assert (again.code, steps(again)) == (0, [])
    assert stands(office, file) == ["done", "missed"]


def test_what_is_to_be_skipped_is_not_caught_up(office):
    file = write_calendar(office.desk.folder, f"{A}, at: 2026-09-18 12:00", head="missed: skip\n")

    assert steps(due(office, file)) == [("skip", "phong-tranh-bao.md", False)]
    assert shown(office) == {}


def test_an_article_is_hidden_when_its_last_day_is_over(office):
    file = write_calendar(office.desk.folder, f"{A}, at: 2026-09-18 14:00, hide_at: 2026-09-20")
    due(office, file)
    office.move(DAY + timedelta(days=2, hours=11))

    assert steps(due(office, file)) == [("hide", "phong-tranh-bao.md", True)]
    assert stands(office, file) == ["hidden"]


def test_a_broadcast_is_a_run_of_its_own_and_goes_out_once(office):
    file = write_calendar(office.desk.folder, f"{A}, at: 2026-09-18 14:00, broadcast: true, event: bao")
    first, again = due(office, file), due(office, file)

    assert first.code == 0, first.err
    assert steps(first) == [("publish", "phong-tranh-bao.md", True), ("broadcast", "phong-tranh-bao.md", True)]
    assert steps(again) == []
    assert len(office.sandbox.broadcasts()) == 1
    assert office.run("report", "TT-2609-PHONG-TRANH-BAO").fact("report")["broadcast"][0]["state"] == "accepted"


def test_a_broadcast_that_is_caught_up_by_night_waits_for_the_morning(office):
    file = write_calendar(office.desk.folder, f"{A}, at: 2026-09-18 21:30, broadcast: true, event: bao")
    office.move(NIGHT)
    night = due(office, file)
    office.move(NIGHT + timedelta(hours=7, minutes=10))
    morning = due(office, file)

    assert steps(night) == [("publish", "phong-tranh-bao.md", True), ("broadcast", "phong-tranh-bao.md", False)]
    assert night.code == 3
    assert (morning.code, steps(morning)) == (0, [("broadcast", "phong-tranh-bao.md", True)])


def test_more_broadcasts_than_the_package_has_are_refused_with_their_lines(desk, sandbox_with):
    office = Office(desk, sandbox_with(at=DAY.isoformat()))
    desk.configure("limits: {", "limits: {broadcasts_a_month: 1, ")
    for name in ("phong-tranh-bao", "mua-lu"):
        write_article(desk.folder, name, title=name)
    file = write_calendar(
        desk.folder, *(f"{each}, at: 2026-09-2{n}, broadcast: true, event: bao" for n, each in enumerate((A, B)))
    )
    refused = office.desk.run("articles", "calendar", file)
    desk.configure("broadcasts_a_month: 1", "broadcasts_a_month: 2")
    asked = office.run("articles", "calendar", file, "--online")

    assert refused.code == 10, refused.err
    assert "broadcast is broadcast 2 of pctt in this month, and its package has 1" in refused.said
    assert asked.fact("broadcasts-left")["left"] > 2


def test_two_at_once_do_it_once(office):
    file = write_calendar(office.desk.folder, f"{A}, at: 2026-09-18 14:00")
    going = [office.desk.start("articles", "calendar", file, "--due", "--json") for _n in range(2)]
    codes = sorted(office.desk.ended(each).code for each in going)

    assert codes in ([0, 12], [0, 0])
    assert shown(office) == {"phong-tranh-bao": 1}


def test_faults_of_a_calendar_and_its_articles_keep_all_of_it_from_being_done(office):
    write_article(office.desk.folder, "hong", text="no head")
    file = write_calendar(
        office.desk.folder, f"{A}, at: 2026-09-18 14:00", "article: hong.md, at: 2026-09-31 07:30",
        "article: khong-co.md, at: 2026-09-20",
    )  # fmt: skip
    result = due(office, file)

    assert result.code == 10
    for said in ("31/09/2026 does not exist", "hong.md:1:1", "can't read articles/khong-co.md"):
        assert said in result.said
    assert shown(office) == {}


def test_in_a_live_workspace_a_month_is_approved_once_and_just_that_is_done(live_desk, officers, tls_sandbox):
    desk, now = live_desk, SystemClock().now()
    write_article(desk.folder)
    file = write_calendar(desk.folder, f'{A}, at: "{now:%Y-%m-%d %H:%M}"', month=f"{now:%Y-%m}")
    said = (desk.folder / file).read_text(encoding="utf-8")

    def act(*words, **given):
        return desk.run("articles", *words, "--json", **given)

    before = act("calendar", file, "--due")
    submitted = act("submit", file, "--key", officers.key("Dung"), stdin="1\n")
    unsigned = act("calendar", file, "--due")
    approved = act("approve", "--key", officers.key("Cuc"), stdin="1\n")
    at_once = act("publish", "articles/phong-tranh-bao.md")
    write_article(desk.folder, title="Khác")
    changed = act("calendar", file, "--due")
    write_article(desk.folder)
    (desk.folder / file).write_text(f"# {said}", encoding="utf-8")
    rewritten = act("calendar", file, "--due")
    (desk.folder / file).write_text(said, encoding="utf-8")
    done = act("calendar", file, "--due")

    assert [result.code for result in (submitted, approved, done)] == [0, 0, 0], done.err
    assert {result.code for result in (before, unsigned, at_once, changed, rewritten)} == {10}
    assert "no second officer has agreed to" in changed.err
    assert steps(done) == [("publish", "phong-tranh-bao.md", True)]

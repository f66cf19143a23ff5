"""A calendar file: every fault at once with its place, and where each entry stands at an instant."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zalo_alert.calendar.month import NOTHING, Done, Missed, Stands, standing
from zalo_alert.calendar.read import Around, ArticleFacts, read
from zalo_alert.errors import CampaignInvalid, InputInvalid
from zalo_alert.foundation.clock import VIETNAM
from zalo_alert.models import AccountId
from zalo_alert.settings.model import Account

ACCOUNTS = (
    Account(AccountId("bo"), "1", "9"),
    Account(AccountId("hue"), "2", "9", "province", ("new:46",)),
    Account(AccountId("phu-xuan"), "3", "9", "commune", ("ward:19774",)),
)
NAMES = ("a.md", "b.md", "c.md", "d.md", "e.md")


def at(text):
    return datetime.fromisoformat(text).replace(tzinfo=VIETNAM)


def read_article(name):
    if name not in NAMES:
        raise InputInvalid(f"can't read {name}")
    return ArticleFacts(f"Title of {name}", name[0] * 64)


def month(entries, head="month: 2026-12\n", **around):
    text = f"{head}entries:\n" + "".join(f"  - {{{entry}}}\n" for entry in entries)
    return read(text.encode(), "lich.yaml", Around(ACCOUNTS, read_article, **around))


def faults(entries, **given):
    with pytest.raises(CampaignInvalid) as caught:
        month(entries, **given)
    return [(problem.line, problem.field, str(problem.message)) for problem in caught.value.problems]


def test_entries_stand_in_the_order_of_their_times_with_their_accounts():
    found = month([
        'article: b.md, at: "2026-12-05 18:00", accounts: [bo]',
        "article: a.md, at: 2026-12-05, areas: [new:46]",
        "articles: [c.md, d.md], weekly: mon 08:15, accounts: [hue]",
    ])  # fmt: skip

    assert [(entry.article, f"{entry.at:%d %H:%M}", entry.accounts) for entry in found.entries] == [
        ("a.md", "05 07:30", ("hue", "phu-xuan")),
        ("b.md", "05 18:00", ("bo",)),
        ("c.md", "07 08:15", ("hue",)),
        ("d.md", "14 08:15", ("hue",)),
    ]
    assert found.missed is Missed.CATCH_UP


def test_without_accounts_an_article_appears_on_every_page():
    (entry,) = month(["article: a.md, at: 2026-12-05"]).entries

    assert entry.accounts == ("bo", "hue", "phu-xuan")


def test_a_last_day_without_an_hour_is_shown_to_its_end():
    (entry,) = month(["article: a.md, at: 2026-12-05, hide_at: 2026-12-20"]).entries

    assert entry.hide_at == at("2026-12-21")


FAULTS = {
    "31 February": ('at: "2026-02-31 07:30", article: a.md', "at", "31/02/2026 does not exist"),
    "another month": ('at: "2026-11-05 07:30", article: a.md', "at", "is not in 2026-12"),
    "no hour": ('at: "2026-12-05 24:30", article: a.md', "at", "24:30 is no hour of a day"),
    "as people write it": ('at: "5/12/2026 7h30", article: a.md', "at", "like 2026-12-05 07:30"),
    "by night": ('at: "2026-12-05 22:00", article: a.md, broadcast: true, event: bao', "at", "by night no broadcast may go out"),
    "no such day of the week": ("weekly: mo 07:30, articles: [a.md]", "weekly", "should be a day of the week"),
    "more than the month has": (
        "weekly: mon, articles: [a.md, b.md, c.md, d.md, e.md]",
        "articles",
        "are 5, and the month has 4",
    ),
    "no file": ("at: 2026-12-05, article: z.md", "article", "can't read z.md"),
    "elsewhere": ("at: 2026-12-05, article: ../a.md", "article", "beside the calendar"),
    "unknown account": ("at: 2026-12-05, article: a.md, accounts: [heu]", "accounts[0]", 'no account "heu" is configured'),
    "unknown place": ('at: 2026-12-05, article: a.md, areas: ["new:99"]', "areas[0]", "new:99"),
    "nobody there": ("at: 2026-12-05, article: a.md, areas: [new:44]", "areas", "no account writes to these areas alone"),
    "hidden before": ("at: 2026-12-05, article: a.md, hide_at: 2026-12-04", "hide_at", "comes before the article appears"),
    "no time": ("article: a.md", "", "needs one of the two: at, or weekly"),
    "no article": ("at: 2026-12-05", "", "names no article"),
    "no hazard": ("at: 2026-12-05, article: a.md, broadcast: true", "", "needs an event"),
    "an unknown one": ("at: 2026-12-05, article: a.md, broadcast: true, event: boa", "event", '"boa" is not a known hazard'),
    "a key of none": ("at: 2026-12-05, article: a.md, braodcast: true", "braodcast", "is not a key of this file"),
}


@pytest.mark.parametrize(("entry", "field", "said"), FAULTS.values(), ids=FAULTS)
def test_a_fault_is_told_with_its_place(entry, field, said):
    ((line, named, message),) = faults([entry])

    assert (line, named) == (3, f"entries[0].{field}" if field else "entries[0]")
    assert said in message


def test_all_faults_are_told_at_once():
    entries = [entry for entry, _field, _said in FAULTS.values()]

    assert {line for line, _field, _message in faults(entries)} == set(range(3, 3 + len(entries)))


def test_a_page_shows_an_article_once():
    ((line, field, message),) = faults(["article: a.md, at: 2026-12-05, accounts: [bo]", "article: a.md, at: 2026-12-06"])

    assert (line, field) == (4, "entries[1].article")
    assert "stands on line 3 already for bo" in message


def test_no_oa_sends_more_broadcasts_than_its_package_has():
    entries = [f"article: {name}, at: 2026-12-0{n}, broadcast: true, event: bao" for n, name in enumerate(NAMES[:3], 1)]
    entries[1] += ", accounts: [bo]"
    found = faults(entries, most_broadcasts=2)

    assert [(line, message) for line, _field, message in found] == [
        (5, "is broadcast 3 of bo in this month, and its package has 2")
    ]
    assert len(month(entries, most_broadcasts=3).entries) == 3


def test_a_day_that_is_past_is_a_fault_before_the_month_is_begun():
    entries = ["article: a.md, at: 2026-12-05"]

    assert "is past" in faults(entries, oldest_of=lambda month: at("2026-12-06"))[0][2]
    assert month(entries).entries


@pytest.mark.parametrize("text", [b"", b"\xff", b"- a", b"month: 2026-12", b"month: 2026-13\nentries: []", b"entries: 3"])
def test_what_is_no_calendar_has_faults(text):
    with pytest.raises(CampaignInvalid):
        read(text, "lich.yaml", Around(ACCOUNTS, read_article))


@given(st.lists(st.dictionaries(
    st.sampled_from(["article", "articles", "at", "weekly", "accounts", "areas", "broadcast", "event", "hide_at"]),
    st.sampled_from(["a.md", "[a.md]", "mon 25:99", "2026-12-31", "9999-99-99", "true", "[bo]", "['']", "[all]", "{}", "''"]),
    min_size=1,
), max_size=4))  # fmt: skip
def test_whatever_is_typed_is_a_month_or_faults(entries):
    try:
        found = month([", ".join(f"{key}: {value}" for key, value in entry.items()) for entry in entries])
    except CampaignInvalid as exc:
        assert exc.problems  # noqa: PT017  either is right
    else:
        assert all(entry.accounts for entry in found.entries)


HOURS = {
    -1: (Stands.PLANNED, Stands.PLANNED), 0: (Stands.DUE, Stands.DUE), 2: (Stands.LATE, Stands.MISSED),
    23: (Stands.LATE, Stands.MISSED), 24: (Stands.MISSED, Stands.MISSED),
}  # fmt: skip


@pytest.mark.parametrize("hours", HOURS)
def test_what_is_missed_is_caught_up_within_a_day_or_skipped(hours):
    (entry,) = month(["article: a.md, at: 2026-12-05"]).entries
    now = entry.at + timedelta(hours=hours)

    assert tuple(standing(entry, NOTHING, missed, now) for missed in (Missed.CATCH_UP, Missed.SKIP)) == HOURS[hours]


def test_what_is_done_stays_done_and_what_is_given_up_stays_so():
    (entry,) = month(["article: a.md, at: 2026-12-05"]).entries
    now = entry.at + timedelta(minutes=5)

    assert standing(entry, Done(now), Missed.SKIP, now + timedelta(days=9)) is Stands.DONE
    assert standing(entry, Done(now, hidden_at=now), Missed.SKIP, now) is Stands.HIDDEN
    assert standing(entry, Done(skipped_at=now), Missed.CATCH_UP, now) is Stands.MISSED

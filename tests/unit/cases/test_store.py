"""Cases as the database keeps them."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from zalo_alert.cases.case import NOWHERE, Asker, CaseKind, CaseState, Entry, Origin, Who
from zalo_alert.cases.store import MOST_ENTRIES, Cases
from zalo_alert.inbound.cases_forgotten import count_cases, forget_cases
from zalo_alert.inbound.inbound_store import open_store

ASKER = Asker("388613280878808645", "246845883529197922")
AT_MS = 1_796_000_000_000
EVENT = Origin("2026-11-28.db", 7)


@pytest.fixture
def cases(tmp_path: Path) -> Iterator[Cases]:
    with closing(open_store(tmp_path)) as db:
        yield Cases(db)


def said(text: str, at_ms: int = AT_MS, origin: Origin = NOWHERE, who: Who = Who.CITIZEN) -> Entry:
    return Entry(at_ms, who, "lan" if who is Who.OFFICER else "", "text", text, origin=origin)


def test_an_event_begins_one_case_of_a_kind(cases: Cases) -> None:
    first = cases.open(CaseKind.TALK, ASKER, EVENT, AT_MS)
    assert cases.open(CaseKind.TALK, ASKER, EVENT, AT_MS) == first
    assert cases.open(CaseKind.DATA_REQUEST, ASKER, EVENT, AT_MS).no != first.no
    assert cases.find(first.no) == first


def test_numbers_of_a_day_go_up_whoever_is_forgotten(cases: Cases) -> None:
    first = cases.open(CaseKind.TALK, ASKER, EVENT, AT_MS)
    cases._db.run("DELETE FROM cases")
    second = cases.open(CaseKind.TALK, ASKER, EVENT._replace(seq=8), AT_MS)
    assert (first.no[:-1], second.no[:-1]) == ("TD-261130-0001", "TD-261130-0002")


def test_an_event_stands_in_a_case_once(cases: Cases) -> None:
    case = cases.open(CaseKind.TALK, ASKER, EVENT, AT_MS)
    assert [cases.add(case, said("câu hỏi", origin=EVENT)) for _ in range(2)] == [1, 0]
    assert [entry.text for entry in cases.entries(case)] == ["câu hỏi"]


def test_a_case_that_is_written_into_again_is_open_again(cases: Cases) -> None:
    case = cases.open(CaseKind.TALK, ASKER, EVENT, AT_MS)
    assert cases.answered(case, "lan", AT_MS + 1000)
    answered = cases.find(case.no)
    assert answered
    assert (answered.state, answered.officer, answered.answered_ms) == (CaseState.ANSWERED, "lan", AT_MS + 1000)
    cases.add(answered, said("còn nữa", AT_MS + 2000))
    again = cases.find(case.no)
    assert again
    assert (again.state, again.heard_ms, again.officer) == (CaseState.OPEN, AT_MS + 2000, "lan")


def test_whoever_saw_an_earlier_state_changes_nothing(cases: Cases) -> None:
    case = cases.open(CaseKind.TALK, ASKER, EVENT, AT_MS)
    assert cases.take(case, "lan", AT_MS)
    assert not cases.take(case, "minh", AT_MS)
    assert not cases.close(case, "minh", AT_MS)
    now = cases.find(case.no)
    assert now
    assert now.officer == "lan"


def test_a_closed_case_is_nobodys_and_is_listed_on_request(cases: Cases) -> None:
    case = cases.open(CaseKind.TALK, ASKER, EVENT, AT_MS)
    assert cases.of_person(ASKER, CaseKind.TALK) == case
    cases.close(case, "lan", AT_MS)
    assert cases.of_person(ASKER, CaseKind.TALK) is None
    assert not cases.listed()
    assert [case.no for case in cases.listed(with_closed=True)] == [case.no]


def test_what_waited_longest_is_listed_first(cases: Cases) -> None:
    late = cases.open(CaseKind.TALK, ASKER, EVENT, AT_MS + 5)
    early = cases.open(CaseKind.TALK, ASKER._replace(person="77777"), Origin("x", 1), AT_MS)
    cases.answered(cases.open(CaseKind.TALK, ASKER._replace(person="88888"), Origin("x", 2), AT_MS - 5), "lan", AT_MS)
    assert [case.no for case in cases.listed()][:2] == [early.no, late.no]
    assert not cases.listed(CaseKind.DATA_REQUEST)


def test_a_case_takes_no_more_than_anybody_reads(cases: Cases) -> None:
    case = cases.open(CaseKind.TALK, ASKER, EVENT, AT_MS)
    cases._db.run("INSERT INTO entry VALUES (?, ?, 0, 'citizen', '', 'text', '', '', '', 0)", (case.key, MOST_ENTRIES))
    assert cases.add(case, said("một câu")) == 0
    assert cases.add(cases.open(CaseKind.TALK, ASKER, EVENT._replace(seq=9), AT_MS), said("x" * 9000)) == 1


def test_days_that_have_passed_are_seen(cases: Cases) -> None:
    case = cases.open(CaseKind.DATA_REQUEST, ASKER, EVENT, AT_MS, due_ms=AT_MS + 10, done_due_ms=AT_MS + 100)
    assert [case.is_overdue(AT_MS + passed) for passed in (10, 11)] == [False, True]
    cases.answered(case, "lan", AT_MS + 5)
    answered = cases.find(case.no)
    assert answered
    assert [answered.is_overdue(AT_MS + passed) for passed in (11, 101)] == [False, True]


def test_how_long_answers_took_is_known(cases: Cases) -> None:
    case = cases.open(CaseKind.TALK, ASKER, EVENT, AT_MS)
    cases.add(case, said("trả lời", AT_MS + 60_000, who=Who.OFFICER))
    cases.open(CaseKind.TALK, ASKER, EVENT._replace(seq=8), AT_MS)
    assert cases.waits_ms(ASKER.oa, 10) == [60_000]


def test_what_was_said_in_a_case_goes_when_it_was_closed_long_ago(cases: Cases) -> None:
    closed = cases.open(CaseKind.TALK, ASKER, EVENT, AT_MS)
    cases.add(closed, said("câu hỏi"))
    cases.close(closed, "lan", AT_MS + 10)
    cases.open(CaseKind.TALK, ASKER, EVENT._replace(seq=8), AT_MS)
    assert [cases.empty(closed_before_ms=AT_MS + before) for before in (10, 11, 12)] == [0, 1, 0]
    kept = cases.find(closed.no)
    assert kept
    assert (kept.asker.person, kept.officer, cases.entries(kept)) == ("", "", [])
    assert len(cases.listed()) == 1


def test_of_somebody_who_is_forgotten_numbers_and_days_are_left(cases: Cases) -> None:
    case = cases.open(CaseKind.TALK, ASKER, EVENT, AT_MS)
    cases.add(case, said("câu hỏi"))
    other = cases.open(CaseKind.TALK, ASKER._replace(person="77777"), EVENT._replace(seq=8), AT_MS)
    cases.add(other, said("câu khác"))
    assert count_cases(cases._db, ASKER.oa, ASKER.person) == 1
    forget_cases(cases._db, ASKER.oa, ASKER.person)
    assert count_cases(cases._db, ASKER.oa, ASKER.person) == 0
    kept = cases.find(case.no)
    assert kept
    assert (kept.state, kept.asker.person, cases.entries(kept)) == (CaseState.CLOSED, "", [])
    assert len(cases.entries(other)) == 1

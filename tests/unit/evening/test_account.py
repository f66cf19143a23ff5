"""What the played morning of scores is judged by, over a record that is written by hand."""

from datetime import UTC, datetime

import pytest

from bench.evening.account import BEFORE, OFFICER, RULES, SHARP, account
from bench.evening.pages import waits_table
from bench.evening.plot import drawn

OPENS = datetime(2026, 7, 16, 1, 0, tzinfo=UTC)
OPENS_MS = round(OPENS.timestamp() * 1000)
NOTED = "Đã ghi yêu cầu của bạn."


def score(number):
    return f"Thí sinh An, số báo danh {number}:"


def person(text, asked_s, answers=(), others=()):
    """Somebody's question; answers are (seconds after it, text), others (seconds after the opening, text)."""
    question = {"text": text, "asked_ms": OPENS_MS + asked_s * 1000, "answers": [{"ms": s * 1000, "text": t} for s, t in answers]}
    return {"questions": [question], "others": [{"at_ms": OPENS_MS + s * 1000, "text": t} for s, t in others]}


def record(*people, expired=0):
    """A play in which an alert goes to ten people, one a second from the tenth on."""
    times = [at for one in people for at in _times(one)]
    accepted = [(float(at), min(10, max(0, at - 10)) + sum(time <= at for time in times)) for at in range(31)]
    status = {"type": "webhook-status", "answers": {"expired": expired}}
    rule = {"type": "answers-rule", "rule": "diem-thi/found", "expired": expired, "withheld": 0}
    return {
        "opens": OPENS.isoformat(), "accepted": accepted, "commands": {"send": [9.0, 20.0]}, "answers": list(people),
        "report": [rule], "plan_s": 9.0, "looks": [(25.0, [status])],
    }  # fmt: skip


def _times(one):
    (question,) = one["questions"]
    yield from ((question["asked_ms"] + answer["ms"] - OPENS_MS) / 1000 for answer in question["answers"])
    yield from ((other["at_ms"] - OPENS_MS) / 1000 for other in one["others"])


EARLY = person("tra điểm 01000001 1/1/2008", -60, [(1, NOTED)], [(2, score("01000001"))])
AT_ONCE = person("tra điểm 01000002 1/1/2008", 0, [(4, score("01000002"))])
LATE = person("tra điểm 01000003 1/1/2008", 0, [(25, score("01000003"))])
NEVER = person("tra điểm 01000004 1/1/2008", 0)
CITIZEN = person("mất hộ chiếu", 11, [(1, "Mời anh chị …")])
CALLER = person("gặp cán bộ", 12, [(1, "Cán bộ trả lời …")], [(22, "Mời anh chị gọi …")])


def test_each_group_waits_since_its_own_time():
    made = account(record(EARLY, AT_ONCE, LATE, CITIZEN, CALLER), 60)
    assert made.waits(BEFORE)[:3] == (1, 1, 2.0)  # since the opening
    assert made.waits(SHARP) == (2, 2, 25.0, 25.0, 25.0)
    assert made.waits(RULES).max_s == 1.0
    assert made.waits(OFFICER).max_s == 10.0
    assert made.faults == []


def test_the_alert_is_what_went_to_nobody_who_asked():
    alert = account(record(AT_ONCE, LATE, CITIZEN), 60).alert
    assert (alert.people, alert.first_s, alert.last_s, alert.lookups) == (10, 11.0, 20.0, 0)


@pytest.mark.parametrize(
    ("people", "fault"),
    [
        ((LATE, person("tra điểm 01000005 1/1/2008", 0, [(1, score("01000005")), (2, "again")])), "1 told twice"),
        ((LATE, person("tra điểm 01000005 1/1/2008", -9, [(1, NOTED)], [(1, score("01000005"))] * 2)), "1 told twice"),
        ((LATE, person("tra điểm 01000005 1/1/2008", 0, [(1, score("01000006"))])), "1 told wrongly"),
        ((LATE, NEVER), "1 lost"),
        ((LATE, person("tra điểm 01000005 1/1/2008", 0, [(15, score("01000005"))])), "1 look-ups beside the alert"),
    ],
)
def test_what_must_not_be_is_a_fault(people, fault):
    assert account(record(*people), 60).faults == [fault]


def test_who_expired_is_not_lost():
    made = account(record(LATE, NEVER, expired=1), 60)
    assert (made.lost, made.expired, made.waits(SHARP)[:2]) == (0, 1, (2, 1))


def test_the_table_speaks_both_languages():
    made = account(record(EARLY, LATE, NEVER, expired=1), 60)
    assert "| tra cứu, hỏi lúc mở | 2 | 1 | 25 giây | 25 giây | 25 giây |" in waits_table(made, "vi")
    assert "| scores, asked at the opening | 2 | 1 | 25 s | 25 s | 25 s |" in waits_table(made, "en")


def test_the_plot_shows_the_layers_that_there_are():
    played = record(LATE, NEVER, expired=1)
    plot = drawn(played, account(played, 60), "en", 60)
    assert plot.endswith("</svg>\n")
    shown = {words for words in ("Immediate alert", "remembered", "scores", "expired", "wait") if f">{words}<" in plot}
    assert shown == {"Immediate alert", "scores", "expired", "wait"}

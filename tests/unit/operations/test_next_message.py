"""The next message that an alert has promised: due, missing, or come."""

from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from zalo_alert.foundation.clock import VIETNAM
from zalo_alert.foundation.digests import digest_of
from zalo_alert.operations.next_message import next_message
from zalo_alert.runs.facts import Kind
from zalo_alert.runs.lifecycle import RunState
from zalo_alert.testing import SOUND, drill

NOW = datetime(2026, 11, 24, 14, 0, tzinfo=VIETNAM)
DUE = NOW + timedelta(hours=3)
PROMISE = f"[{{type: cs}}]\nfields: {{tin_tiep_theo: {DUE.isoformat()}}}"
TEXT = SOUND.replace("HẾT TIN", "Tin tiếp theo: {{ tin_tiep_theo|gon }}. HẾT TIN")


class OneRun(SimpleNamespace):
    """A run as far as it matters here."""

    campaign_path = "campaign.yaml"

    def campaign_bytes(self) -> bytes:
        return self.text.encode()

    def close(self) -> None:
        pass


class SomeRuns(dict):
    def ids_to_read(self):
        return list(self)

    def open_to_read(self, name):
        return self[name]


def a_run(name="DT-1", *, routes=PROMISE, kind=Kind.ALERT, parent=(), references="", **changes):
    text = drill(NOW, code=name, routes=routes, text=TEXT if routes == PROMISE else SOUND)
    if references:
        text = text.replace("msgType: Alert", f"msgType: Update\nreferences: {references}")
    facts = SimpleNamespace(
        kind=kind, code=name, occurrence="", parent=parent, campaign_digest=digest_of(text.encode()), is_marked=True
    )
    return OneRun(**({"id": name, "text": text, "facts": facts, "is_begun": True, "state": RunState.FINISHED} | changes))


def look(now, *others, alert=None):
    alert = alert or a_run()
    runs: Any = SomeRuns({run.id: run for run in (alert, *others)})
    return next_message(alert, runs, now)


@pytest.mark.parametrize(
    ("at", "is_missing", "said"),
    [
        (DUE - timedelta(hours=1), False, "DT-1 has promised the next message for 17:00 24/11/2026"),
        (DUE - timedelta(minutes=15), True, "in 15 min, and none is there yet"),
        (DUE + timedelta(minutes=20), True, "20 min ago, and none is there"),
    ],
)
def test_what_is_promised_is_missing_from_a_quarter_of_an_hour_before(at, is_missing, said):
    promise = look(at)

    assert (promise.due_at, promise.is_missing) == (DUE, is_missing)
    assert said in str(promise.in_words(at))


@pytest.mark.parametrize(
    ("other", "is_there"),
    [
        pytest.param(a_run("DT-2", references="[DT-1]"), True, id="a newer alert"),
        pytest.param(a_run("DT-1@all-clear", kind=Kind.ALL_CLEAR, parent=("DT-1",)), True, id="an all-clear"),
        pytest.param(a_run("DT-2", references="[DT-1]", is_begun=False), False, id="not sent yet"),
        pytest.param(a_run("DT-2"), False, id="about something else"),
    ],
)
def test_a_later_message_that_names_it_keeps_the_promise(other, is_there):
    assert (look(DUE, other) is None) == is_there


@pytest.mark.parametrize(
    "alert",
    [
        pytest.param(a_run(routes="[{type: cs}]"), id="nothing promised"),
        pytest.param(a_run(is_begun=False), id="not begun"),
        pytest.param(a_run(state=RunState.CORRECTED), id="was wrong"),
        pytest.param(a_run(kind=Kind.ALL_CLEAR), id="no alert"),
    ],
)
def test_nothing_is_promised(alert):
    assert look(DUE, alert=alert) is None


def test_what_was_due_a_shift_ago_is_no_news():
    assert look(DUE + timedelta(hours=13)) is None

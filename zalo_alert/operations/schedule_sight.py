"""What `doctor` knows of what is done by the clock: whether it is installed as it was, and how the last planned time ended."""

from collections.abc import Iterator

from zalo_alert.errors import Cure, ZaloAlertError
from zalo_alert.foundation.clock import Clock, words
from zalo_alert.language import _, joined
from zalo_alert.operations.schedule import Schedules, Standing, machine
from zalo_alert.preflight import doctor as checks
from zalo_alert.preflight.doctor import Check
from zalo_alert.preflight.token_health import Grade
from zalo_alert.settings.model import Settings
from zalo_alert.timetable.occurrences import Fate

_BAD = frozenset({Fate.FAILED, Fate.MISSED, Fate.BUSY, Fate.GIVEN_UP})


def look_at_schedules(settings: Settings, clock: Clock) -> Iterator[Check]:
    """Judge each of them; nothing where none is installed."""
    try:
        standings = Schedules(settings, machine(), clock).all()
    except ZaloAlertError as exc:
        yield checks.fail("schedule", exc)
        return
    yield from map(_check, standings)


def _check(standing: Standing) -> Check:
    name, look = standing.entry.name, _("{list} shows its times", list=Cure.SCHEDULE(standing.entry.name))
    if standing.drift:
        return Check("schedule", Grade.WARN, _("{name}: {drift}", name=name, drift=joined(standing.drift, "; ")), look)
    if standing.last and standing.last.fate in _BAD:
        at = words(standing.last.planned_at)
        return Check("schedule", Grade.WARN, _("{name}: its time of {at} did not end well", name=name, at=at), look)
    if standing.next_at is None:
        return Check("schedule", Grade.OK, _("{name} is over: no time of it is left", name=name))
    return Check("schedule", Grade.OK, _("{name} is due next at {at}", name=name, at=words(standing.next_at)))

"""What slows a run, in sentences."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from zalo_alert.foundation.clock import in_vietnam
from zalo_alert.language import _, moment, span
from zalo_alert.pacing.slowness import Cause, Slowed

_WHY_SLOW: Mapping[Cause, str] = {
    Cause.UNREACHABLE: _("the server cannot be reached"),
    Cause.MINUTE: _("Zalo says that the minute is full"),
    Cause.LOWERED: _("goes slower for some minutes after Zalo's refusals for rate"),
    Cause.REFUSED: _("the server refuses calls for rate (HTTP 429)"),
    Cause.QUOTA: _("a route has no quota left"),
    Cause.NIGHT: _("Zalo takes no such messages at night"),
    Cause.URGENT: _("a more urgent run goes first"),
    Cause.FILES: _("too few file descriptors for more connections at once: raise `ulimit -n`"),
}


def why_slow(slowed: Slowed, now: datetime) -> str:
    """Say one thing that slows a run, in words."""
    if slowed.cause is Cause.SILENT:
        silent = timedelta(seconds=max(0, round((now - slowed.since).total_seconds())))
        return _("no answer for {time}", time=span(silent))
    why = _WHY_SLOW[slowed.cause]
    if slowed.until is None or slowed.until <= now:
        return why
    return _("{why}, waits until {until}", why=why, until=short_moment(slowed.until, now, seconds=True))


def short_moment(at: datetime, now: datetime, *, seconds: bool = False) -> str:
    """Write an instant in Vietnam's time, with its day where that is not today."""
    return moment(in_vietnam(at), in_vietnam(now).date(), seconds=seconds)

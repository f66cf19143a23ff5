"""This machine's clock held against the servers', and its zone against Vietnam's; the caller asks for both."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import NamedTuple

from zalo_alert.errors import Cure
from zalo_alert.foundation.clock import FAR_OFF_S, VIETNAM
from zalo_alert.language import _, span
from zalo_alert.preflight.doctor import Check
from zalo_alert.preflight.token_health import Grade

OFF_S = 2.0  # onset, expiry, night and the rate go by it; more than a network's delay, and less than anybody would notice
_DATE_S = 1.0  # how coarse a `Date` header is (RFC 9110)


class ServerTime(NamedTuple):
    """What time a server says it is.

    Args:
        date: Its `Date` header; "" where it had none.
        at: When the answer was here, by this machine.
        took_s: How long it took, the question included.
    """

    date: str
    at: datetime
    took_s: float = 0.0


class _Off(NamedTuple):
    """How far ahead of a server's this machine's clock is: in seconds, and at the least, whatever the network did."""

    ahead_s: float
    surely_s: float


def check_clock(times: Iterable[ServerTime]) -> Check:
    """Hold this machine's clock against what servers say; the one that it agrees with best speaks for all."""
    offs = [off for time in times if (off := _off(time)) is not None]
    if not offs:
        cure = _("look at it yourself, or ask {option}", option=Cure.OPTION(online=True))
        return Check("clock", Grade.WARN, _("no server said what time it is"), cure)
    off = min(offs, key=lambda off: (off.surely_s, abs(off.ahead_s)))
    if off.surely_s <= OFF_S:
        return Check("clock", Grade.OK, _("right to {seconds} s", seconds=max(1, round(abs(off.ahead_s)))))
    grade = Grade.FAIL if off.surely_s > FAR_OFF_S else Grade.WARN
    cure = _("have the network set the clock: onset, expiry, night and the rate go by it")
    return Check("clock", grade, _wrong_clock(off.ahead_s), cure)


def _off(time: ServerTime) -> _Off | None:
    try:
        ahead_s = (time.at - parsedate_to_datetime(time.date)).total_seconds() - time.took_s / 2
    except (ValueError, TypeError):  # no date, or one without a zone
        return None
    margin_s = (_DATE_S + time.took_s) / 2
    return _Off(ahead_s, max(0.0, abs(ahead_s - _DATE_S / 2) - margin_s))


def _wrong_clock(ahead_s: float) -> str:
    off = span(timedelta(seconds=abs(ahead_s)))
    if ahead_s > 0:
        return _("{off} ahead of the servers'", off=off)
    return _("{off} behind the servers'", off=off)


def check_zone(here: datetime, *, is_windows: bool) -> Check:
    """See that this machine's zone is Vietnam's: what is not ours, cron and other logs, goes by it.

    Args:
        here: Now, in this machine's zone.
        is_windows: Whether it is set there as Windows does it.
    """
    if here.utcoffset() == VIETNAM.utcoffset(None):
        return Check("zone", Grade.OK, _("this machine's zone is Vietnam's, +07:00"))
    finding = _(
        "this machine's zone is {zone} ({offset}): zalo-alert reckons and speaks in Vietnam's time (+07:00) all the same, "
        "but cron, timers and other programs' logs do not",
        zone=f"{here:%Z}",
        offset=f"{here:%z}"[:3] + ":" + f"{here:%z}"[3:5],
    )
    return Check("zone", Grade.WARN, finding, _cure_of_zone(is_windows=is_windows))


def _cure_of_zone(*, is_windows: bool) -> str:
    if is_windows:
        command = '`tzutil /s "SE Asia Standard Time"`'
        return _("set it with {command}, or reckon in both wherever a task is timed", command=command)
    return _(
        "set it with {command}, in a container with {variable}; or reckon in both wherever cron is told a time",
        command="`timedatectl set-timezone Asia/Ho_Chi_Minh`",
        variable="`TZ=Asia/Ho_Chi_Minh`",
    )

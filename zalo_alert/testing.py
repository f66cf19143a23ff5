"""Fakes for tests, ours and our users': a clock, an audience in memory, an observer that remembers, a drill to send."""

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta

from zalo_alert.delivery.progress import Progress
from zalo_alert.foundation.clock import VIETNAM
from zalo_alert.models import FollowerId, Recipient

_DRILL = """\
code: {code}
status: Exercise
msgType: Alert
event: bao
urgency: {urgency}
severity: {severity}
certainty: Likely
effective: {effective}
expires: {expires}
audience: {{areas: {areas}}}
routes: {routes}
message:
  headline: DIỄN TẬP
  text: {text}
limits: {{attempts: 5, on_unknown: {on_unknown}}}
"""
# It names the place, the hour and what to do, so that nothing of it misleads.
SOUND = (
    '"DIỄN TẬP {{ place }}. Phát lúc {{ effective }} – Ban Chỉ đạo.\\nBạn KHÔNG cần làm gì. HẾT TIN DIỄN TẬP. Mã tin: {{ code }}"'
)


def drill(now: datetime, **changes: str) -> str:
    """Return a campaign file: an exercise that began a minute ago, for everyone, by consultation message, valid for six hours.

    Args:
        now: When.
        changes: Values as they stand in the file, in YAML: `code`, `effective`, `expires`, `areas`, `routes`, `on_unknown`,
            `urgency`, `severity`, `text`; it is so severe that nobody has had messages enough for it.
    """
    given = {
        "code": "DT-1",
        "effective": (now - timedelta(minutes=1)).isoformat(timespec="seconds"),
        "expires": (now + timedelta(hours=6)).isoformat(timespec="seconds"),
        "areas": "[all]",
        "routes": "[{type: cs}]",
        "on_unknown": "hold",
        "urgency": "Expected",
        "severity": "Extreme",
        "text": SOUND,
    }
    return _DRILL.format(**(given | changes))


class FakeClock:
    """See `Clock`; a wait moves it by the whole time-out, unless the event comes first.

    Args:
        now: Where it starts.
    """

    def __init__(self, now: datetime = datetime(2026, 9, 18, 14, 0, tzinfo=VIETNAM)) -> None:
        self._now = self.started_at = now

    def now(self) -> datetime:
        """See `Clock`."""
        return self._now

    def monotonic_s(self) -> float:
        """See `Clock`."""
        return (self._now - self.started_at).total_seconds()

    def move(self, seconds: float) -> None:
        """Let so much time pass."""
        self._now += timedelta(seconds=seconds)

    async def wait(self, event: asyncio.Event, timeout_s: float) -> None:
        """See `Clock`: everyone else gets a few turns, and then the time has passed."""
        for _ in range(10):
            await asyncio.sleep(0)
            if event.is_set():
                return
        self.move(timeout_s)


class MemorySource:
    """An audience of so many people, whose place is their number modulo `places`."""

    def __init__(self, people: int, places: int = 2) -> None:
        self.audience = [Recipient(n, FollowerId(f"{10**18 + n}"), n % places, 0, "", "") for n in range(people)]

    def window(self, first: int, people: int) -> list[Recipient]:
        """Return people in order."""
        return self.audience[first : first + people]

    def people(self, numbers: Sequence[int]) -> list[Recipient]:
        """Return some people, in the order asked for."""
        return [self.audience[number] for number in numbers]


class Recording:
    """An observer that remembers."""

    def __init__(self) -> None:
        self.progress: list[Progress] = []
        self.notes: list[str] = []

    def on_progress(self, progress: Progress) -> None:
        """See `Observer`."""
        self.progress.append(progress)

    def on_note(self, text: str) -> None:
        """See `Observer`."""
        self.notes.append(text)

"""Who has refused our messages, or left an OA, by what they said to it through the webhook: heard while a run goes on.

Beside what their books say, which follow within a day. Where no webhook listens, this costs one question to the file system.
"""

from collections.abc import Collection
from pathlib import Path

from zalo_alert.errors import StorageUnusable
from zalo_alert.foundation.pseudonyms import Marks
from zalo_alert.inbound.stops import Stop, StopKind, Stops
from zalo_alert.language import _
from zalo_alert.models import Reason

_REASONS = {StopKind.WORDS: Reason.OPTED_OUT, StopKind.LEFT: Reason.LEFT}


class SaidToUs:
    """See the module.

    Args:
        state_dir: Of the workspace.
        oas: Zalo's ids of the OAs that write.
        topic: What is written about, as `segment.topic` names it: of a threat to life ("") nobody can opt out.
    """

    def __init__(self, state_dir: Path, oas: Collection[str], topic: str) -> None:
        self._stops, self._topic = Stops(state_dir, oas), topic
        self._said: dict[StopKind, set[str]] = {kind: set() for kind in StopKind}
        self._forgotten: set[str] = set()  # marks of those who opted out, and were forgotten
        self._marks: Marks | None = None
        self._is_ill = False

    @property
    def is_anybody(self) -> bool:
        """Whether anybody has."""
        return bool(self._forgotten or any(self._said.values()))

    def ids(self) -> list[str]:
        """Return the ids of all who have, but for those who were forgotten."""
        return sorted(set().union(*self._said.values()))

    def begin(self) -> None:
        """Take in all that was said so far.

        Raises:
            StorageUnusable: It can't be read, and somebody may have opted out of this. A threat to life waits for nothing.
        """
        try:
            self._take_news()
        except StorageUnusable:
            if self._topic:
                raise

    def refresh(self) -> str:
        """Take in what was said since; return why it can't be, once: what was heard before stays in force then."""
        try:
            self._take_news()
        except StorageUnusable as exc:
            was_ill, self._is_ill = self._is_ill, True
            return "" if was_ill else _("{why}: who has opted out until now stays withheld", why=exc.message)
        self._is_ill = False
        return ""

    def reason_of(self, user_id: str) -> Reason | None:
        """Return why somebody must not be written to; None when they may be."""
        for kind, people in self._said.items():
            if user_id in people:
                return _REASONS[kind]
        return Reason.OPTED_OUT if self._marks and self._marks.whole(user_id) in self._forgotten else None

    def close(self) -> None:
        """Close what is read from."""
        self._stops.close()

    def _take_news(self) -> None:
        for stop in self._stops.news():
            if self._topic or stop.kind is not StopKind.WORDS:
                self._take(stop)

    def _take(self, stop: Stop) -> None:
        if stop.mark:
            self._marks = self._marks or self._stops.marks()
        people, who = (self._forgotten, stop.mark) if stop.mark else (self._said[stop.kind], stop.user_id)
        (people.add if stop.is_stop else people.discard)(who)

"""Whether an alert is real, to a citizen who asks by its code: read off the runs that have written to anybody.

Cheap enough to be asked by thousands: names are listed every few seconds, and what is said of a code is remembered as long.
"""

import re
from collections.abc import Iterable, Mapping
from contextlib import closing
from datetime import datetime

from zalo_alert.answers import own_texts
from zalo_alert.campaign.render import Renderer
from zalo_alert.delivery.checks import frozen_campaign
from zalo_alert.errors import ZaloAlertError
from zalo_alert.foundation.clock import Clock, instant, words
from zalo_alert.models import RunId, Status
from zalo_alert.places import name_target
from zalo_alert.runs.facts import Kind
from zalo_alert.runs.lifecycle import RunState
from zalo_alert.runs.run import Run
from zalo_alert.runs.store import Runs
from zalo_alert.settings.model import Profile

KEPT_S = 10.0  # so long what was said of a code is said again: a correction is known that soon
_MOST_CODES = 1000  # that are remembered
_GAPS = re.compile(r"[\s_.–—-]+")


class AlertCheck:
    """See the module.

    Args:
        runs: Of the workspace.
        profile: Of the workspace: a run of the other world is none.
        clock: Time.
    """

    def __init__(self, runs: Runs, profile: Profile, clock: Clock) -> None:
        self._runs, self._profile, self._clock = runs, profile, clock
        self._names: Mapping[str, list[RunId]] = {}
        self._all_clears: list[RunId] = []
        self._said: dict[str, str] = {}
        self._until_s = -1.0

    def __call__(self, code: str) -> str:
        """Say what became of the alert of a code, however it is typed; "" where there is none."""
        key = _key(code)
        try:
            self._look()
            if key not in self._said:
                self._said[key] = self._say(self._names.get(key, ()), code)
        except ZaloAlertError:
            return own_texts.CHECK_UNREADABLE.format(code=code)  # never that there is none
        return self._said[key]

    def _look(self) -> None:
        """List the runs anew when it is time."""
        now_s = self._clock.monotonic_s()
        if now_s < self._until_s and len(self._said) < _MOST_CODES:
            return
        names = self._runs.ids_to_read()
        by_key: dict[str, list[RunId]] = {}
        for name in names:
            for key in {_key(name), _key(name.partition("@")[0])}:
                by_key.setdefault(key, []).append(name)
        self._names, self._all_clears = by_key, [name for name in names if Kind.ALL_CLEAR in name]
        self._said, self._until_s = {}, now_s + KEPT_S

    def _say(self, names: Iterable[RunId], code: str) -> str:
        """Say what became of the latest of some runs that is an alert and was sent."""
        for name in reversed(list(names)):
            if (run := self._runs.find_to_read(name)) is not None:
                with closing(run):
                    if run.facts.kind is Kind.ALERT and self._was_sent(run):
                        return self._said_of(run, code)
        return ""

    def _was_sent(self, run: Run) -> bool:
        return run.facts.profile == self._profile and not run.facts.is_rehearsal and run.is_begun

    def _said_of(self, run: Run, code: str) -> str:
        text, ended = self._outcome(run)
        campaign = frozen_campaign(run)
        audience, people = campaign.audience, max(run.places(), key=lambda place: place.people, default=None)
        where = name_target(audience.areas, audience.target)
        headline = Renderer(campaign).headline(people.label if people else where)
        since = next((instant(event.at_s) for event in run.history() if event.what == "started"), run.facts.frozen_at)
        return text.format(
            code=run.facts.code, headline=headline.rstrip("."), where=where, since=words(since),
            until=words(run.facts.expires), ended=words(ended),
        )  # fmt: skip

    def _outcome(self, run: Run) -> tuple[str, datetime]:
        """Return what is to be said of a run, and when it came to that."""
        latest = instant(run.history()[-1].at_s)
        if run.facts.status != Status.ACTUAL:
            return own_texts.CHECK_DRILL, latest
        if run.state is RunState.CORRECTED:
            return own_texts.CHECK_CORRECTED, _last(run, "corrected") or latest
        if ended := self._all_clear(run):
            return own_texts.CHECK_ALL_CLEAR, ended
        if run.facts.expires <= self._clock.now():
            return own_texts.CHECK_EXPIRED, latest
        return own_texts.CHECK_STOPPED if run.state is RunState.CANCELLED else own_texts.CHECK_REAL, latest

    def _all_clear(self, run: Run) -> datetime | None:
        """Return when the danger of an alert was said to be over; None where it was not."""
        for name in self._all_clears:
            if (found := self._runs.find_to_read(name)) is not None:
                with closing(found):
                    if run.id in found.facts.parent and found.is_begun:
                        return _last(found, "started") or found.facts.frozen_at
        return None


def _last(run: Run, what: str) -> datetime | None:
    return next((instant(event.at_s) for event in reversed(run.history()) if event.what == what), None)


def _key(code: str) -> str:
    return _GAPS.sub("", code).casefold()

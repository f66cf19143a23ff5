"""The pictures of one run: its map and its rate. Drawn anew only when a whole per cent or a minute has changed.

Both are drawn as for phones: what can be read on one at arm's length can be read on a wall from four metres.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from functools import lru_cache

from zalo_alert.language import Language, _
from zalo_alert.pictures import Mark, Shade, map_of_vietnam, rate_curve
from zalo_alert.places import name_of
from zalo_alert.wall.details import Shares
from zalo_alert.wall.watcher import SeenRun

_KINDS = {"halted": "halt", "failed": "halt", "stopped": "stop", "held": "stop", "paused": "pause"}
_MOST_MARKS = 8  # on one curve; the last ones
_KEPT = 32  # pictures: two languages, some runs


def draw_map(shares: Mapping[str, Shares], language: Language) -> str:
    """Draw the map by the share of people reached; what is pointed at says what the plan was, too."""
    steps = tuple((key, int(share.reached * 100 + 1e-9), _whole(share.planned)) for key, share in sorted(shares.items()))
    return _map(steps, language)


def _whole(share: float | None) -> int | None:
    return None if share is None else int(share * 100 + 1e-9)


@lru_cache(_KEPT)
def _map(steps: tuple[tuple[str, int, int | None], ...], language: Language) -> str:
    shades = {key: Shade(reached / 100, _title(name_of(key), reached, planned)) for key, reached, planned in steps}
    return map_of_vietnam(shades, compact=True, language=language)


def _title(place: str, reached: int, planned: int | None) -> str:
    if planned is None:
        return _("{place}: {reached} % reached", place=place, reached=reached)
    return _("{place}: {reached} % reached, {planned} % planned by now", place=place, reached=reached, planned=planned)


def draw_rate(seen: SeenRun, now: datetime, language: Language) -> str:
    """Draw how many people were accepted each minute; "" where nobody was."""
    sight = seen.sight
    if sight is None or not sight.by_minute:
        return ""
    whole = tuple((at_s, people) for at_s, people in sight.by_minute if at_s + 60 <= now.timestamp()) or sight.by_minute
    delivered = tuple((at_s, people) for at_s, people, _seen in sight.receipts.by_minute if at_s + 60 <= now.timestamp())
    return _rate(whole, delivered, tuple(_marks(seen, now))[-_MOST_MARKS:], round(sight.planned_per_s * 60, 1), language)


@lru_cache(_KEPT)
def _rate(
    by_minute: tuple[tuple[int, int], ...],
    delivered: tuple[tuple[int, int], ...],
    marks: tuple[Mark, ...],
    planned_per_min: float,
    language: Language,
) -> str:
    return rate_curve(by_minute, marks, planned_per_min or None, delivered=delivered, compact=True, language=language)


def _marks(seen: SeenRun, now: datetime) -> Iterator[Mark]:
    yield from (Mark(event.at_s, event.words, _KINDS[event.what]) for event in seen.history if event.what in _KINDS)
    onset = seen.sight.onset if seen.sight else None
    if onset and onset <= now:
        yield Mark(onset.timestamp(), _("onset"), "onset")

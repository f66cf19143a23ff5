"""The cap on messages: nobody is sent more than so many in a day and in a week, over all runs of the workspace.

It is counted when a campaign is planned, from the ledgers of the runs before. What is a matter of life passes, and so does what
puts a message right or ends an alarm; staff try every message. Owns these rules and which runs can matter; counts nobody itself.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from zalo_alert import book as books
from zalo_alert.book import STAFF, Cap, CappedReach, Earlier
from zalo_alert.errors import StorageUnusable
from zalo_alert.foundation.notices import Level, Notice
from zalo_alert.language import _
from zalo_alert.models import Campaign, MsgType, Severity, Urgency
from zalo_alert.planning import segment
from zalo_alert.planning.plan import Source
from zalo_alert.runs.recent import RecentPeople
from zalo_alert.runs.store import Runs
from zalo_alert.settings.model import PersonCap

DAY, WEEK = timedelta(days=1), timedelta(days=7)
NAME = "capped.parquet"  # in the folder of a draft


@dataclass(frozen=True, slots=True)
class _EarlierRun:
    """A run that may have reached people of our OAs in the last week; `sources` as in `Earlier`."""

    folder: Path
    written_s: float
    sources: tuple[int, ...]


def why_spared(campaign: Campaign, key: str) -> str:
    """Say why the people of a place are written to however many messages they have had; "" where the cap holds."""
    if key == STAFF:
        return _("staff try every message")
    if campaign.msg_type is MsgType.CANCEL:
        return _("a correction")
    if campaign.msg_type is MsgType.UPDATE and campaign.urgency is Urgency.PAST:
        return _("an all-clear")
    if campaign.urgency is Urgency.IMMEDIATE:
        return _("Immediate")
    level = campaign.risk_of(segment.variant_of(campaign, key))
    if level is not None:
        return _("risk level {level}", level=level) if level >= segment.PASSES_ALL else ""
    return campaign.severity.value if campaign.severity in (Severity.SEVERE, Severity.EXTREME) else ""


def look_back(
    sources: Sequence[Source],
    runs: Runs,
    cap: PersonCap,
    now: datetime,
    folder: Path,
    on_notice: Callable[[Notice], None],
) -> tuple[Source, ...]:
    """Find out whom of some OAs' people the cap concerns; sources are returned as they are where it can concern nobody.

    That nearly always costs a look at the dates of a few files: a run reaches nobody twice, so there must be as many runs as
    messages that somebody may have.

    Args:
        sources: The OAs.
        runs: Of the workspace.
        cap: How many messages are enough.
        now: Until when.
        folder: Where the file with these people is written; it must stay as long as the sources are used.
        on_notice: Told of a run whose messages can't be counted: that keeps no alert back.
    """
    earlier = list(_runs_that_count(sources, runs, now, on_notice))
    if not _can_concern(earlier, cap, now):
        return tuple(sources)
    since_s = [int((now - span).timestamp()) for span in (WEEK, DAY)]
    people = [RecentPeople(run.folder, since_s, run.written_s) for run in earlier]
    counted = (Earlier(each.reader(), run.sources) for each, run in zip(people, earlier, strict=True))
    capped = books.write_capped(counted, cap.day, cap.week, folder / NAME)
    for each, run in zip(people, earlier, strict=True):
        if each.failure:
            on_notice(_uncounted(run.folder.name, each.failure))
    if not capped:
        return tuple(sources)
    return tuple(replace(source, cap=Cap(folder / NAME, number)) for number, source in enumerate(sources))


def _runs_that_count(
    sources: Sequence[Source], runs: Runs, now: datetime, on_notice: Callable[[Notice], None]
) -> Iterator[_EarlierRun]:
    by_oa = {source.account.oa_id: number for number, source in enumerate(sources)}
    by_name = {str(source.account.id): number for number, source in enumerate(sources)}
    for name, written_s in runs.written_since((now - WEEK).timestamp()):
        try:
            with closing(runs.open(name)) as run:
                facts = run.facts
        except StorageUnusable as exc:
            on_notice(_uncounted(name, exc.message))
            continue
        numbers = tuple(by_oa.get(oa, -1) for oa in facts.oa_ids) or tuple(by_name.get(own, -1) for own in facts.accounts)
        if set(numbers) - {-1} and facts.audience:
            yield _EarlierRun(runs.folder / name, written_s, numbers)


def _uncounted(run: str, why: str) -> Notice:
    sentence = _("the messages of run {run} can't be counted for the cap: {why}", run=run, why=why)
    return Notice(sentence, "", Level.WARNING)


def _can_concern(earlier: Sequence[_EarlierRun], cap: PersonCap, now: datetime) -> bool:
    """Whether so many runs have reached people of one OA that somebody may have had enough."""
    day_s = (now - DAY).timestamp()
    for source in {number for run in earlier for number in run.sources if number >= 0}:
        own = [run for run in earlier if source in run.sources]
        today = sum(run.written_s >= day_s for run in own)
        if 0 < cap.day <= today or 0 < cap.week <= len(own):
            return True
    return False


def count(sources: Sequence[Source], keys: Sequence[str], now: datetime) -> list[CappedReach]:
    """Count those of an audience who have had enough, whether or not they are spared; nobody where no source has a cap."""
    pairs = [(source.book, replace(source.selection, cap=source.cap)) for source in sources]
    return books.capped_reach(pairs, keys, now) if any(source.cap for source in sources) else []


def apply(campaign: Campaign, sources: Sequence[Source], keys: Sequence[str]) -> tuple[Source, ...]:
    """Take those out of some sources whom the cap holds back: after it is settled who belongs to which of them."""
    spared = frozenset(key for key in keys if why_spared(campaign, key))
    return tuple(
        replace(source, selection=replace(source.selection, cap=replace(source.cap, spared=spared))) if source.cap else source
        for source in sources
    )

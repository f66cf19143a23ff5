"""Who had more messages in a day than anybody reads: counted over all runs of a workspace."""

from collections.abc import Sequence
from contextlib import ExitStack, closing
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, NamedTuple

from zalo_alert.errors import ZaloAlertError
from zalo_alert.reporting.after_action import MANY_MESSAGES
from zalo_alert.reporting.alert_record import AlertRecord

if TYPE_CHECKING:
    from zalo_alert.runs.facts import RunFacts
    from zalo_alert.runs.store import Runs

DAY = timedelta(days=1)


def count_flooded(runs: "Runs", records: Sequence[AlertRecord]) -> tuple[int | None, list[str]]:
    """Count the people who had too many messages in the day that ended with some runs.

    A run reaches nobody twice, so it costs nothing where there were too few of them; else it reads whom they reached.

    Returns:
        How many; None where a run can't be read, and why, each as a sentence.
    """
    ends = [record.times.last_at for record in records if record.times.last_at]
    if not ends:
        return 0, []
    since_s = int((max(ends) - DAY).timestamp())
    written = runs.written_since_to_read(since_s)
    if len(written) <= MANY_MESSAGES:
        return 0, []
    trouble = []
    with ExitStack() as opened:  # until all are counted: what is archived lies there unpacked no longer
        read: list[_Read] = []
        for name, written_s in written:
            try:
                run = opened.enter_context(closing(runs.open_to_read(name)))
                read.append(_Read(run.facts, run.folder, written_s))
            except ZaloAlertError as exc:
                trouble.append(exc.message)
        people, failures = _count(runs.folder, read, since_s)
    return (None if trouble or failures else people), [*trouble, *failures]


class _Read(NamedTuple):
    """A run whose people are counted: its facts, its folder, and when it was last written to."""

    facts: "RunFacts"
    folder: Path
    written_s: float


def _count(folder: Path, read: Sequence[_Read], since_s: int) -> tuple[int, list[str]]:
    from zalo_alert import book
    from zalo_alert.runs.recent import RecentPeople

    numbers: dict[str, int] = {}  # of OAs: a person is an id of one of them
    people = [RecentPeople(each.folder, (since_s, since_s), each.written_s) for each in read]
    owners = [each.facts.oa_ids or each.facts.accounts for each in read]
    earlier = [
        book.Earlier(each.reader(), tuple(numbers.setdefault(str(oa), len(numbers)) for oa in own))
        for each, own in zip(people, owners, strict=True)
    ]
    with TemporaryDirectory(dir=folder.parent, prefix=".scratch-", ignore_cleanup_errors=True) as scratch:
        flooded = book.write_capped(earlier, MANY_MESSAGES + 1, 0, Path(scratch) / "flooded.parquet")
    return flooded, [each.failure for each in people if each.failure]

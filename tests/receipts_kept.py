"""Receipts of a run, kept beside it as whoever folds them keeps them."""

from collections.abc import Mapping
from contextlib import closing

from zalo_alert.receipts.kept import RunReceipts
from zalo_alert.runs.run import Run


def keep_receipts(run: Run, receipts: Mapping[int, tuple[int, int | None]]) -> None:
    """Keep when messages were delivered and seen, by the number of a person: seconds since 1970, None for not."""
    with closing(run.audience()) as audience, closing(RunReceipts(run.folder)) as kept:
        places = {number: person.place for number, person in zip(receipts, audience.people(list(receipts)), strict=True)}
        kept.mark([(number, places[number], *times) for number, times in receipts.items()])

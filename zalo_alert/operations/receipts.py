"""Receipts by hand and beside the worker: folding what has come, and how far that is."""

import gc
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from zalo_alert.errors import RunBusy, StorageUnusable
from zalo_alert.foundation.clock import Clock, SystemClock
from zalo_alert.foundation.layout import INBOUND
from zalo_alert.foundation.pseudonyms import Marks
from zalo_alert.inbound.receipt_lane import first_arrival_ms, latest_arrival_ms
from zalo_alert.models import Recipient, RouteType, RunId, State
from zalo_alert.receipts.counts import ReceiptCounts, receipt_counts
from zalo_alert.receipts.published import Published, read_published
from zalo_alert.runs.run import Run
from zalo_alert.runs.store import Runs
from zalo_alert.settings.model import Settings

if TYPE_CHECKING:
    from zalo_alert.receipts.fold import Folder  # duckdb and pyarrow, which who only looks does without

BY_HAND = 300_000  # receipts at once where nothing else waits
BESIDE = 20_000  # beside the worker's events: a step takes about half a second
BESIDE_EVERY_S = 5.0  # a scan of the index for some thousand receipts instead of some hundred


class FoldResult(NamedTuple):
    """What folding did: how many receipts, and how many people they settled."""

    receipts: int
    settled: int


class RunReceiptStatus(NamedTuple):
    """What is known of one run's receipts: why its counts can't be read, where they can't."""

    run: RunId
    accepted: int
    counts: ReceiptCounts | None
    trouble: str = ""


class ReceiptStatus(NamedTuple):
    """How far receipts are folded, and what is known of each run that has any.

    `lag_s` is how much older the latest that was folded is than the latest that came; 0 where all are folded. Where none is, it
    goes by the first that is kept, and is a second at least.
    """

    published: Published
    lag_s: float
    runs: tuple[RunReceiptStatus, ...]


def open_folder(settings: Settings, clock: Clock) -> "Folder":
    """Open what folds a workspace's receipts.

    Raises:
        RunBusy: Another process folds.
        StorageUnusable: Its files can't be used.
    """
    from zalo_alert.receipts.fold import Folder

    oa_of = {str(account.id): account.oa_id for account in settings.accounts}
    mark = Marks(settings.state_dir).joinable
    return Folder(settings.state_dir, clock=clock, texts=SentTexts, mark=mark, oa_of=oa_of)


def fold_receipts(settings: Settings, on_step: Callable[[str, int, int | None], None], step: str) -> FoldResult:
    """Fold all receipts that have come.

    Args:
        settings: The workspace's.
        on_step: Told what is being done (`step`) and how many receipts are folded.
        step: What to call it.

    Raises:
        RunBusy: Another process folds.
        StorageUnusable: Its files can't be used.
    """
    receipts = settled = 0
    with closing(open_folder(settings, SystemClock())) as folder, _uncollected():
        while True:
            done = folder.step(BY_HAND)
            receipts, settled = receipts + done.receipts, settled + done.settled
            on_step(step, receipts, None)
            if done.is_done:
                return FoldResult(receipts, settled)


@contextmanager
def _uncollected() -> Iterator[None]:
    """Keep Python from going through all objects again and again: a step makes a million, and none of them holds another."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


class FoldBeside:
    """Folds beside the worker's events; where another process folds, that one is waited for.

    Args:
        settings: The workspace's.
        clock: Time.
    """

    def __init__(self, settings: Settings, clock: Clock) -> None:
        self._settings, self._clock = settings, clock
        self._folder: Folder | None = None

    def __call__(self) -> bool:
        """Fold some; return whether there is more."""
        try:
            self._folder = self._folder or open_folder(self._settings, self._clock)
        except RunBusy:
            return False
        return not self._folder.step(BESIDE).is_done

    def close(self) -> None:
        """Close the files; another process may fold then."""
        if self._folder is not None:
            self._folder.close()


def receipt_status(settings: Settings, only: RunId | None = None) -> ReceiptStatus:
    """Say how far receipts are folded, and what is known of each run that has any, or of one."""
    inbound, runs = settings.state_dir / INBOUND, Runs(settings.state_dir / "runs")
    published = read_published(inbound)
    lag_s = _lag_s(inbound, published.folded_until_ms)
    names = [only] if only else runs.ids()
    known = [_status_of(runs, name) for name in names]
    return ReceiptStatus(
        published, lag_s, tuple(row for row in known if only or row.trouble or (row.counts and row.counts.is_kept))
    )


def _lag_s(inbound: Path, until_ms: int) -> float:
    latest_ms = latest_arrival_ms(inbound)
    if until_ms or not latest_ms:
        return max(0.0, (latest_ms - until_ms) / 1000)
    return max(1.0, (latest_ms - first_arrival_ms(inbound)) / 1000)


def _status_of(runs: Runs, name: RunId) -> RunReceiptStatus:
    try:
        with closing(runs.open(name)) as run:
            counts = receipt_counts(run)
            return RunReceiptStatus(name, run.totals()[State.ACCEPTED] if counts.is_kept else 0, counts)
    except StorageUnusable as exc:
        return RunReceiptStatus(name, 0, None, exc.message)


class SentTexts:
    """See `receipts.settle.Texts`: renders what a run's people were sent as delivery does.

    Args:
        run: Which.
    """

    def __init__(self, run: Run) -> None:
        from zalo_alert.campaign.render import Renderer
        from zalo_alert.delivery.channels.content import RouteContent
        from zalo_alert.delivery.checks import frozen_campaign

        campaign, places = frozen_campaign(run), run.places()
        renderer = Renderer(campaign)
        self._routes = campaign.routes
        self._contents: Mapping[int, RouteContent] = {
            number: RouteContent(renderer, campaign, number, places)
            for number, route in enumerate(campaign.routes)
            if route.type is RouteType.CS and not route.file
        }

    def is_by_phone(self, route: int) -> bool:
        """See `receipts.settle.Texts`."""
        return self._routes[route].type is RouteType.PHONE

    def text(self, person: Recipient, route: int) -> str:
        """See `receipts.settle.Texts`; what is put into a template, or into the elements of older messages, is no plain text."""
        content = self._contents.get(route)
        return str(content(person)["text"]) if content else ""

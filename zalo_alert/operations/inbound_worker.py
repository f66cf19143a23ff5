"""The worker as a process: what it handles events with, and what it does beside them."""

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager

from zalo_alert.errors import ZaloAlertError
from zalo_alert.foundation import machine
from zalo_alert.foundation.clock import Clock, SystemClock
from zalo_alert.inbound.worker import Aside, Worker
from zalo_alert.inbound.worker_lock import worker_held
from zalo_alert.inbound.worker_loop import Beside, WorkerLoop
from zalo_alert.language import _
from zalo_alert.operations.answering import answering
from zalo_alert.operations.inbound_answers import RulesNow, make_responder
from zalo_alert.operations.inbound_lookups import BLANKING_EVERY_S, OPENING_EVERY_S, BlankBeside, OpeningBeside
from zalo_alert.operations.loop import rare_collections
from zalo_alert.operations.receipts import BESIDE_EVERY_S, FoldBeside
from zalo_alert.operations.webhook_removal import EVERY_S, Remover
from zalo_alert.outbox import removal
from zalo_alert.settings.load import load
from zalo_alert.settings.model import Settings

ACCOUNTS_AGAIN_S = 10.0  # how often the settings are read again, when an event names an OA that they did not know


def work(
    settings: Settings,
    on_note: Callable[[str], None],
    on_begin: Callable[[], None] = lambda: None,
    *,
    parent: int | None = None,
) -> None:
    """Handle what the door stores until a signal stops it, or until the process that started it is gone.

    Args:
        settings: The workspace's.
        on_note: Told what goes wrong, in a sentence.
        on_begin: Told when it is the one worker, and begins.
        parent: The process that started it, and that it ends with; None where it ends by a signal alone.

    Raises:
        RunBusy: Another process does.
        StorageUnusable: Its files can't be used.
    """
    clock = SystemClock()
    with (
        rare_collections(),
        worker_held(settings.state_dir),
        _stopped_by_signals() as stopped,
        closing(open_worker(settings, clock, on_note)) as worker,
        answering(settings, clock, on_note) as on_handled,
    ):
        on_begin()
        loop = WorkerLoop(worker, settings.state_dir, clock, beside_of(settings, clock, on_note), on_note, on_handled)
        loop.run(stopped, lambda: parent is not None and not machine.is_child_of(parent))


def open_worker(
    settings: Settings, clock: Clock, on_note: Callable[[str], None] = lambda sentence: None, *, is_late: bool = False
) -> Worker:
    """Open what handles a workspace's events.

    Args:
        settings: The workspace's.
        clock: Time.
        on_note: Told what goes wrong, in a sentence.
        is_late: It answers events of long ago: what an answer is worth counts from now.

    Raises:
        StorageUnusable: Its files can't be used.
    """

    def on_aside(aside: Aside) -> None:
        on_note(
            _(
                "event {number} of {file} ({name}) was set aside: a mistake of this tool, {where}",
                number=aside.place.seq,
                file=aside.place.file,
                name=aside.name,
                where=aside.why,
            )
        )

    responder = make_responder(settings, clock, on_note, is_late=is_late)
    return Worker(settings.state_dir, KnownOas(settings, clock), on_aside, responder)


def beside_of(settings: Settings, clock: Clock, on_note: Callable[[str], None] = lambda sentence: None) -> list[Beside]:
    """Return what the worker does beside the events."""
    return [
        Beside("receipts", BESIDE_EVERY_S, FoldBeside(settings, clock)),
        Beside("removal", EVERY_S, Remover(settings, clock)),
        Beside("answers", removal.EVERY_S, removal.AnswerRemover(settings.state_dir, clock)),
        Beside(
            "look-ups", OPENING_EVERY_S, OpeningBeside(settings, clock, RulesNow(settings, clock, lambda sentence: None), on_note)
        ),
        Beside("private questions", BLANKING_EVERY_S, BlankBeside(settings, clock)),
    ]


class KnownOas:
    """Whether an OA is one of the workspace's: asked of the settings again where it is not, for accounts are added.

    Args:
        settings: As they are now.
        clock: Time.
    """

    def __init__(self, settings: Settings, clock: Clock) -> None:
        self._settings, self._clock = settings, clock
        self._oas = {account.oa_id for account in settings.accounts}
        self._read_s = clock.monotonic_s()

    def __call__(self, oa: str) -> bool:
        """Whether an OA is, by Zalo's id."""
        if oa not in self._oas and self._clock.monotonic_s() - self._read_s >= ACCOUNTS_AGAIN_S:
            self._read_again()
        return oa in self._oas

    def _read_again(self) -> None:
        self._read_s = self._clock.monotonic_s()
        try:
            settings = load(self._settings.workspace, self._settings.environ)
        except ZaloAlertError:
            return  # half written: the door tells of it
        self._oas = {account.oa_id for account in settings.accounts}


@contextmanager
def _stopped_by_signals() -> Iterator[threading.Event]:
    """Lend what the first Ctrl-C or SIGTERM sets; the old handlers are back when the block ends."""
    stopped = threading.Event()
    numbers = machine.end_signals()
    before = {number: signal.signal(number, lambda _number, _frame: stopped.set()) for number in numbers}
    try:
        yield stopped
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)

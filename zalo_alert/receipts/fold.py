"""Folds receipts into the runs that they are of: delivered, seen, and whom they prove to have been accepted.

Effects come first, the cursor last: after a kill the same receipts are folded again, which changes nothing. Receipts are read
before the ledgers are, so a message whose receipt is known was claimed in what is read then. Owns no loop; whoever calls `step`
decides how often.
"""

from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from itertools import compress
from operator import not_
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias

from filelock import FileLock, Timeout

from zalo_alert.errors import Cure, RunBusy, StorageUnusable, ZaloAlertError
from zalo_alert.foundation.clock import Clock
from zalo_alert.foundation.files import private_folder
from zalo_alert.foundation.layout import INBOUND
from zalo_alert.foundation.os_errors import reason
from zalo_alert.inbound.receipt_lane import read_receipt_columns
from zalo_alert.language import _
from zalo_alert.models import RunId
from zalo_alert.receipts.answers import Answers
from zalo_alert.receipts.index import ANSWERS, Cursor, Index
from zalo_alert.receipts.kept import RunReceipts
from zalo_alert.receipts.published import Published, publish
from zalo_alert.receipts.settle import Settler, TextsOf
from zalo_alert.receipts.tail import Tail
from zalo_alert.runs.run import Run
from zalo_alert.runs.store import Runs

WAITS_S = 25 * 3600  # a receipt that finds no run: an hour more than the rule by which it may settle somebody
MOST_WAITING = 2_000_000
AT_ONCE = 5_000  # receipts in a step beside other work; one takes a fraction of a second
_CHUNK = 20_000  # receipts in Python's memory at once
_PEOPLE = 25_000  # people marked in one transaction
_ROWS_A_RECEIPT = 10  # rows of ledgers read in a step for each receipt that may be: they take less


Hit: TypeAlias = tuple[int, int, str]  # a run's key, a person's number, a message id

_MOST_ROWS = 500_000  # and no more of them: what a transaction has not committed is in memory


class Folded(NamedTuple):
    """What a step did: receipts folded, rows of ledgers read, people settled; and whether nothing is left to do."""

    receipts: int
    rows: int
    settled: int
    is_done: bool


class Folder:
    """See the module.

    Args:
        state_dir: Of the workspace.
        clock: Time.
        texts: Opens what a run's people were sent, for echoes.
        mark: Makes a mark of a phone number, as the receipts carry it.
        oa_of: Zalo's id of each account, for runs that don't keep it.

    Raises:
        RunBusy: Another process folds now.
        StorageUnusable: Its files can't be used; so with every method.
    """

    def __init__(
        self, state_dir: Path, *, clock: Clock, texts: TextsOf, mark: Callable[[str], str], oa_of: Mapping[str, str] | None = None
    ) -> None:
        self._folder, self._clock = state_dir / INBOUND, clock
        self._lock = _locked(self._folder)
        self._runs = Runs(state_dir / "runs")
        self._index = Index(self._folder)
        self._tail = Tail(self._index, self._runs, oa_of or {})
        self._answers = Answers(self._index, state_dir)
        self._settler = Settler(self._index, self._tail, self._answers, self._runs, texts, mark)
        self._published: Published | None = None
        self._is_blind = False

    def close(self) -> None:
        """Close the files; another process may fold then."""
        self._answers.close()
        self._index.close()
        self._lock.release()

    def step(self, limit: int = AT_ONCE) -> Folded:
        """Fold the next receipts, at most so many; their effects are on the disk when it returns."""
        now = self._clock.now().timestamp()
        receipts = settled = 0
        rows = min(limit * _ROWS_A_RECEIPT, _MOST_ROWS)
        with self._index.transaction():
            followed = self._tail.follow(now, rows)
            if followed.is_done:  # or a receipt might find no run, and seem to be somebody else's
                cursor = self._index.cursor()
                self._index.begin_batch()
                moved, receipts = self._read(cursor, limit)
                followed = self._tail.follow(now, rows) if receipts else followed
                self._answers.follow(now)
                self._notice(followed.unreadable)
                if followed.is_done and (receipts or self._index.has_news):
                    settled = self._fold(moved)
            self._index.give_up(int((now - WAITS_S) * 1000), MOST_WAITING)
        self._publish(followed.unreadable, now)
        return Folded(receipts, followed.rows, settled, followed.is_done and not receipts and not settled)

    def _notice(self, unreadable: tuple[str, ...]) -> None:
        """Have nobody settled by a receipt that may be of a run that can't be read; when it can be, all that wait are judged."""
        self._index.has_news |= self._is_blind and not unreadable
        self._is_blind = bool(unreadable)

    def _read(self, cursor: Cursor, limit: int) -> tuple[Cursor, int]:
        """Read the next receipts into the batch; return where they end, and how many they are."""
        place, folded, until_ms = cursor
        while (left := limit - (folded - cursor.folded)) > 0:
            read = read_receipt_columns(self._folder, place, min(_CHUNK, left))
            if read is None:
                break
            place, columns = read
            self._index.add_to_batch(folded, columns)
            folded, until_ms = folded + len(columns[-1]), max(until_ms, *columns[-1])
        return Cursor(place, folded, until_ms), folded - cursor.folded

    def _fold(self, cursor: Cursor) -> int:
        """Give the batch its effects, and move the cursor behind it; return how many people were settled."""
        if self._index.has_news:
            self._index.add_waiting()
        self._index.find()
        names = {row.key: RunId(row.name) for row in self._index.tailed().values()}
        wrong = [hit for piece in self._index.hits(_PEOPLE) for hit in self._mark(piece, names)]
        self._index.drop_hits(wrong)
        settled = self._settler.settle(names, is_blind=self._is_blind)
        self._index.keep_waiting()
        self._index.has_news = settled > 0
        self._index.move(cursor)
        return settled

    def _mark(self, piece: Sequence[list[Any]], names: Mapping[int, RunId]) -> list[Hit]:
        """Mark what was found; return what is not so, or could not be written."""
        keys, wrong, first = piece[0], list[Hit](), 0
        while first < len(keys):
            end = bisect_right(keys, keys[first], first)
            own = [column[first:end] for column in piece]
            try:
                wrong += self._mark_run(names[keys[first]], own) if keys[first] != ANSWERS else self._wrong_answers(own)
            except (ZaloAlertError, OSError):
                wrong += zip(*own[:3], strict=True)
            first = end
        return wrong

    def _mark_run(self, name: RunId, piece: Sequence[list[Any]]) -> list[Hit]:
        keys, numbers, msg_ids, places, delivered, seen = piece
        with closing(Run(self._runs.folder / name)) as run:
            with closing(run.ledger()) as ledger:
                ids = ledger.message_ids(numbers)
            is_right = [ids.get(number) == msg_id for number, msg_id in zip(numbers, msg_ids, strict=True)]
            is_marked = [right and at_s is not None for right, at_s in zip(is_right, delivered, strict=True)]
            if any(is_marked):
                with closing(RunReceipts(run.folder)) as kept:
                    kept.mark(list(compress(zip(numbers, places, delivered, seen, strict=True), is_marked)))
        if all(is_right):
            return []
        return list(compress(zip(keys, numbers, msg_ids, strict=True), map(not_, is_right)))

    def _wrong_answers(self, piece: Sequence[list[Any]]) -> list[Hit]:
        """Return what was found among the answers and is not so; of one that is, nothing but that is kept."""
        ids = self._answers.message_ids(piece[1])
        return [(key, number, msg_id) for key, number, msg_id in zip(*piece[:3], strict=True) if ids.get(number) != msg_id]

    def _publish(self, unreadable: tuple[str, ...], now: float) -> None:
        """Tell those who look how far it is, where that has changed."""
        cursor = self._index.cursor()
        waiting, given_up = self._index.unattributed()
        published = Published(cursor.until_ms, cursor.folded, waiting, given_up, unreadable)
        if published != self._published:
            self._published = published
            publish(self._folder, published._replace(at_s=now))


def _locked(folder: Path) -> FileLock:
    lock = FileLock(folder / "folding.lock", mode=0o600, thread_local=False)
    try:
        private_folder(folder)
        lock.acquire(timeout=0)
    except Timeout as exc:
        raise RunBusy(
            _("another process folds receipts here now"), hint=_("{status} says how far it is", status=Cure.RECEIPTS_STATUS())
        ) from exc
    except OSError as exc:
        raise StorageUnusable(
            _("can't hold {folder}: {why}", folder=folder, why=reason(exc)), hint=_("check the disk and the folder's permissions")
        ) from exc
    return lock

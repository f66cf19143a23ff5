"""Where a group of events is stored, and how long that may take."""

import os
from collections.abc import Callable, Sequence
from concurrent.futures import wait
from pathlib import Path
from typing import Protocol

from zalo_alert.errors import StorageUnusable, ZaloAlertError
from zalo_alert.foundation.files import draft_name, private_folder
from zalo_alert.foundation.http_connection import Exchange
from zalo_alert.foundation.os_errors import reason
from zalo_alert.inbound.event import Receipt
from zalo_alert.inbound.journal import Arrival, Journal
from zalo_alert.inbound.parked import Parked, ParkedEvent
from zalo_alert.inbound.receipt_lane import ReceiptLane
from zalo_alert.inbound.second_thread import SecondThread
from zalo_alert.language import _

MOST_EVENTS, MOST_BYTES = 2_000, 4 * 1024 * 1024  # of a group: a commit of so many takes some 20 ms
_PROBE = b"\0" * 4096


class Group:
    """Events that are stored together, and the requests that wait for it."""

    __slots__ = ("arrivals", "arrived_ms", "count", "exchanges", "parked", "receipts", "size")

    def __init__(self) -> None:
        self.arrivals: list[Arrival] = []
        self.receipts: list[Receipt] = []
        self.parked: list[ParkedEvent] = []
        self.exchanges: list[Exchange] = []
        self.count = self.size = self.arrived_ms = 0

    @property
    def is_full(self) -> bool:
        """Whether the next event begins another group."""
        return self.count >= MOST_EVENTS or self.size >= MOST_BYTES


class Storage(Protocol):
    """Where groups go."""

    def store(self, group: Group) -> None:
        """Store what is in a group and not stored yet; on the disk when it returns."""

    def probe(self) -> None:
        """Write something that is worth nothing, as a commit would."""

    def close(self) -> None:
        """Close the files."""


class FileStorage:
    """Journal, receipts and ring of a workspace.

    Args:
        folder: `inbound` of the workspace's state; made when it is missing.
        mark: Makes a mark of a phone number, as `Marks.joinable` does.

    Raises:
        StorageUnusable: It can't be used; so with every method.
    """

    def __init__(self, folder: Path, mark: Callable[[str], str]) -> None:
        self._folder = folder
        try:
            private_folder(folder)
        except OSError as exc:
            raise _unusable(folder, exc) from exc
        self._beside = SecondThread("receipts")
        self._journal, self._receipts, self._parked = Journal(folder), ReceiptLane(folder, mark), Parked(folder)

    def store(self, group: Group) -> None:
        """See `Storage`; each lane is a transaction of its own, and the two great ones wait for the disk side by side."""
        if group.arrivals and group.receipts:
            receipts = self._beside.submit(lambda: self._store_receipts(group))
            try:
                self._store_arrivals(group)
            finally:
                wait((receipts,))
            receipts.result()
        elif group.arrivals:
            self._store_arrivals(group)
        elif group.receipts:
            self._store_receipts(group)
        if group.parked:
            self._parked.append(group.parked)
            group.parked = []

    def _store_arrivals(self, group: Group) -> None:
        self._append(group.arrivals)
        group.arrivals = []

    def _store_receipts(self, group: Group) -> None:
        self._receipts.append(group.receipts, group.arrived_ms)
        group.receipts = []

    def _append(self, arrivals: Sequence[Arrival]) -> None:
        """Store events; one that is more than we foresaw is kept by its bytes alone, and takes no other with it.

        Zalo would send it again and again, and each time the door would fall.
        """
        try:
            self._journal.append(arrivals)
        except ZaloAlertError:
            raise
        except Exception:
            if len(arrivals) == 1 and arrivals[0].event.name:
                self._journal.append([_bare(arrivals[0])])
            elif len(arrivals) == 1:
                raise
            else:
                for arrival in arrivals:
                    self._append([arrival])

    def probe(self) -> None:
        """See `Storage`."""
        path = self._folder / draft_name("probe")
        try:
            with path.open("wb") as file:
                file.write(_PROBE)
                file.flush()
                os.fsync(file.fileno())
            path.unlink()
        except OSError as exc:
            raise _unusable(path, exc) from exc

    def close(self) -> None:
        """See `Storage`."""
        self._beside.close()
        for lane in (self._journal, self._receipts, self._parked):
            lane.close()


def _bare(arrival: Arrival) -> Arrival:
    event = arrival.event._replace(oa="", person="", by_app="", name="", event_ms=0, stamp=b"")
    return arrival._replace(event=event, tries=0)


def _unusable(path: Path, exc: OSError) -> StorageUnusable:
    return StorageUnusable(
        _("can't use {path}: {why}", path=path, why=reason(exc)), hint=_("check the disk and the folder's permissions")
    )

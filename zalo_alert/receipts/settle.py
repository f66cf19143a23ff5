"""Settles by receipts and echoes those of whom nobody knew whether Zalo took their message; the rule itself is in `settling`.

A receipt of a message by phone names the run and the person itself. Any other is compared with everyone of its OA and person who
may have been sent a message that nobody can name, whoever is being written to at this moment included.
"""

from collections.abc import Callable, Mapping
from contextlib import closing, suppress
from hashlib import sha256
from typing import Any, NamedTuple, Protocol, TypeAlias

from zalo_alert.errors import ZaloAlertError
from zalo_alert.inbound.event import ReceiptKind, text_digest
from zalo_alert.ledger.base import Entry
from zalo_alert.ledger.sqlite import SqliteLedger
from zalo_alert.models import Recipient, RunId, State
from zalo_alert.receipts.answers import Answers
from zalo_alert.receipts.index import ANSWERS, Index
from zalo_alert.receipts.kept import RunReceipts
from zalo_alert.receipts.settling import Owner, Stray, Verdict, fits, judge, proof_of
from zalo_alert.receipts.tail import Tail, bounds
from zalo_alert.runs.run import Run
from zalo_alert.runs.store import Runs


class Texts(Protocol):
    """What the people of a run were sent."""

    def is_by_phone(self, route: int) -> bool:
        """Whether a route goes to a phone number."""

    def text(self, person: Recipient, route: int) -> str:
        """Return the text that somebody was sent by a route; "" where it was no plain text."""


TextsOf: TypeAlias = Callable[[Run], Texts]


class _Tracked(NamedTuple):
    """A receipt that names run and person itself; see `Index.tracked`."""

    i: int
    run: int
    number: int
    oa: str
    person: str
    kind: str
    msg_id: str
    at_ms: int


class _Untracked(NamedTuple):
    """A receipt that does not; see `Index.strays`."""

    i: int
    oa: str
    person: str
    kind: str
    msg_id: str
    at_ms: int
    text_digest: bytes


class Settler:
    """See the module.

    Args:
        index: Has the receipts that were not found.
        answers: Follows the outbox.
        tail: Knows which windows are open.
        runs: Of the workspace.
        texts: Opens what a run's people were sent.
        mark: Makes a mark of a phone number.
    """

    def __init__(
        self, index: Index, tail: Tail, answers: Answers, runs: Runs, texts: TextsOf, mark: Callable[[str], str]
    ) -> None:
        self._index, self._tail, self._answers, self._runs = index, tail, answers, runs
        self._texts, self._mark = texts, mark

    def settle(self, names: Mapping[int, RunId], *, is_blind: bool) -> int:
        """Settle whom the batch's receipts prove to have been accepted; return how many.

        Args:
            names: Of the runs, by their keys.
            is_blind: Some run can't be read: a receipt that names no run may be of a message of it, and settles nobody.
        """
        return self._settle_tracked(names) + (0 if is_blind else self._settle_strays(names))

    def _settle_tracked(self, names: Mapping[int, RunId]) -> int:
        settled = 0
        for row in map(_Tracked._make, self._index.tracked()):
            with suppress(ZaloAlertError, OSError), closing(Run(self._runs.folder / names[row.run])) as run:
                settled += self._take_tracked(run, row)
        return settled

    def _take_tracked(self, run: Run, row: _Tracked) -> int:
        """Mark the person whom a receipt names, where it is they and their OA; settle them where nobody knew."""
        if row.number >= run.facts.audience:
            return 0
        with closing(run.audience()) as audience:
            person = audience.people([row.number])[0]
        oa_ids = self._tail.oa_ids(run.facts)
        marks = {self._mark(person.phone), self._mark(sha256(person.phone.encode()).hexdigest())} if person.phone else set()
        if row.person not in marks or oa_ids[person.account] != row.oa:
            return 0
        with closing(run.ledger()) as ledger:
            messages = ledger.messages_of([row.number])
            settled = any(self._settle_tracked_one(ledger, row, entry) for entry in messages.others)
            places = [*messages.places, *(entry.place for entry in messages.others if settled or entry.state is State.ACCEPTED)]
        for place in places[:1]:
            self._keep(run, row.number, place, row.kind, row.at_ms, settled=settled)
            self._index.take_hits([(row.i, row.run, row.number, place)])
        return int(settled)

    def _settle_tracked_one(self, ledger: SqliteLedger, row: _Tracked, entry: Entry) -> bool:
        is_unknown, from_s, until_s = bounds(entry, *ledger.claimed_at_s([row.number]))
        if not is_unknown or not fits(row.at_ms, from_s, until_s):
            return False
        return self._write(ledger, row.number, row.msg_id, row.kind, row.at_ms)

    def _settle_strays(self, names: Mapping[int, RunId]) -> int:
        strays = list(map(_Untracked._make, self._index.strays()))
        if not strays:
            return 0
        persons = {(stray.oa, stray.person) for stray in strays}
        owners: dict[tuple[str, str], list[tuple[Any, ...]]] = {}
        under_way = self._tail.under_way()
        strays = [stray for stray in strays if (stray.oa, stray.msg_id) not in self._tail.just_named]
        for row in [*self._index.nameless(list(persons)), *under_way, *self._answers.under_way]:
            owners.setdefault((row[4], row[5]), []).append(row)
        echoed = self._index.echoed([stray.msg_id for stray in strays])
        settled: set[tuple[str, str]] = set()
        for stray in strays:
            message = (stray.oa, stray.msg_id)
            if message in settled:  # it has its owner since a moment: "seen" of the same message is nobody else's
                continue
            digest = stray.text_digest or echoed.get(message, b"")
            if self._judge(stray._replace(text_digest=digest), owners[stray.oa, stray.person], names):
                settled.add(message)
        return len(settled)

    def _judge(self, stray: _Untracked, rows: list[tuple[Any, ...]], names: Mapping[int, RunId]) -> bool:
        """Judge one receipt, and say whether it settles somebody, who is then taken off those whose message nobody can name."""
        facts = Stray(ReceiptKind(stray.kind), stray.at_ms, bytes(stray.text_digest))
        with _Opened(self._runs, names, self._texts, self._answers) as opened:
            by_owner = {owner: row for row in rows if (owner := opened.owner(row)) is not None}
            verdict, people = judge(facts, list(by_owner), lambda owner: opened.digest(owner, by_owner[owner][3]))
            if verdict is Verdict.SETTLED:
                return self._settle_one(opened, people[0], by_owner[people[0]], stray, rows)
            for owner in people:
                opened.contest(owner)
        return False

    def _settle_one(
        self, opened: "_Opened", owner: Owner, row: tuple[Any, ...], stray: _Untracked, rows: list[tuple[Any, ...]]
    ) -> bool:
        is_settled = self._settle_answer if owner.run == ANSWERS else self._settle_person
        if not is_settled(opened, owner, row, stray):
            return False
        self._index.take_hits([(stray.i, owner.run, owner.number, row[2])])
        rows.remove(row)
        if owner.from_s != owner.until_s:  # an earlier attempt may have been executed, too: its message has no name yet
            rows.append((*row[:6], False, *row[7:]))
        return True

    def _settle_answer(self, opened: "_Opened", owner: Owner, row: tuple[Any, ...], stray: _Untracked) -> bool:
        return self._answers.settle(owner.number, stray.msg_id, ReceiptKind(stray.kind))

    def _settle_person(self, opened: "_Opened", owner: Owner, row: tuple[Any, ...], stray: _Untracked) -> bool:
        run = opened.run(owner.run)
        if run is None:
            return False
        with closing(run.ledger()) as ledger:
            if not self._write(ledger, owner.number, stray.msg_id, stray.kind, stray.at_ms):
                return False
        self._keep(run, owner.number, row[2], stray.kind, stray.at_ms, settled=True)
        return True

    def _write(self, ledger: SqliteLedger, number: int, msg_id: str, kind: str, at_ms: int) -> bool:
        return ledger.settle_unknown(number, msg_id, proof_of(ReceiptKind(kind)), at_s=at_ms // 1000)

    def _keep(self, run: Run, number: int, place: int, kind: str, at_ms: int, *, settled: bool) -> None:
        at_s = at_ms // 1000
        with closing(RunReceipts(run.folder)) as kept:
            if kind != ReceiptKind.ECHO:
                kept.mark([(number, place, at_s, at_s if kind == ReceiptKind.SEEN else None)])
            if settled:
                kept.settle([(number, kind == ReceiptKind.ECHO)])


class _Opened:
    """Runs that are opened as they are asked for, and closed together; one that can't be is passed over."""

    def __init__(self, runs: Runs, names: Mapping[int, RunId], texts: TextsOf, answers: Answers) -> None:
        self._runs, self._names, self._texts_of, self._answers = runs, names, texts, answers
        self._opened: dict[int, Run | None] = {}
        self._texts: dict[int, Texts] = {}

    def __enter__(self) -> "_Opened":
        return self

    def __exit__(self, *_: object) -> None:
        for run in self._opened.values():
            if run is not None:
                run.close()

    def run(self, key: int) -> Run | None:
        if key not in self._opened:
            self._opened[key] = None
            with suppress(ZaloAlertError, OSError, KeyError):
                self._opened[key] = Run(self._runs.folder / self._names[key])
        return self._opened[key]

    def _texts_for(self, key: int) -> Texts | None:
        run = self.run(key)
        if run is not None and key not in self._texts:
            with suppress(ZaloAlertError, OSError):
                self._texts[key] = self._texts_of(run)
        return self._texts.get(key)

    def owner(self, row: tuple[Any, ...]) -> Owner | None:
        """Make a possible owner of a row of `index.NAMELESS`; nobody of whom every message went to a phone number.

        A receipt of one of those would name the run. Who was tried by several ways may be the owner, and is not settled by it.
        """
        owner = Owner(row[0], row[1], row[6], row[7], row[8])
        if owner.run == ANSWERS:
            return owner
        texts = self._texts_for(row[0])
        if texts is not None and not texts.is_by_phone(row[3]):
            return owner
        is_all = texts is not None and owner.from_s == owner.until_s
        return None if is_all else owner._replace(is_unknown=False)

    def digest(self, owner: Owner, route: int) -> bytes | None:
        if owner.run == ANSWERS:
            return self._answers.digest(owner.number)
        run, texts = self.run(owner.run), self._texts_for(owner.run)
        if run is None or texts is None:
            return None
        with closing(run.audience()) as audience:
            text = texts.text(audience.people([owner.number])[0], route)
        return text_digest(text) if text else b""

    def contest(self, owner: Owner) -> None:
        if (run := self.run(owner.run)) is not None:
            with closing(RunReceipts(run.folder)) as kept:
                kept.contest([owner.number])

"""Small runs and receipts for tests of folding: written as a sender and the door would have written them."""

from collections.abc import Sequence
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa

from zalo_alert.foundation.digests import digest_of
from zalo_alert.inbound.event import Receipt, ReceiptKind
from zalo_alert.inbound.receipt_lane import ReceiptLane
from zalo_alert.ledger.base import Entry, Window
from zalo_alert.models import Digest, Reason, Recipient, RunId, State
from zalo_alert.receipts.fold import Folder
from zalo_alert.runs import shards
from zalo_alert.runs.facts import RunFacts, RunPlace
from zalo_alert.runs.new_run import write_new_run
from zalo_alert.runs.run import Run
from zalo_alert.runs.store import Runs
from zalo_alert.testing import FakeClock

OA, OTHER_OA = "388613280878808645", "400000000000000001"
CLOCK = FakeClock()
NOW_S = int(CLOCK.now().timestamp())


class SameText:
    """Everyone was sent `text to NUMBER`; the second route goes to phones."""

    def is_by_phone(self, route: int) -> bool:
        return route == 1

    def text(self, person: Recipient, route: int) -> str:
        return "" if route == 1 else f"text to {person.number}"


def mark(phone: str) -> str:
    """Make a mark of a phone number."""
    return f"mark of {phone}"


def make_run(state_dir: Path, name: str, people: int, *, oa_ids: Sequence[str] = (OA,), **fields: Any) -> Run:
    """Make a run of so many people at places 0 and 1, the OAs in turn; person n is user `u{n}` with phone `84{n}`."""
    rows = {
        "user_id": [f"u{n}" for n in range(people)], "place": [n % 2 for n in range(people)],
        "account": [n % len(oa_ids) for n in range(people)], "phone": [f"84{n}" for n in range(people)], "name": [""] * people,
    }  # fmt: skip
    now = CLOCK.now()
    digest = fields.pop("digest", digest_of(name.encode()))
    facts = RunFacts(
        id=RunId(name), code=name, occurrence="", digest=Digest(digest), campaign_digest=Digest(""), recipients_digest="",
        profile="drill", status="Exercise", expires=now + timedelta(hours=6), frozen_at=now, audience=people, generation="",
        accounts=tuple(f"oa{n}" for n in range(len(oa_ids))), oa_ids=tuple(oa_ids), **fields,
    )  # fmt: skip
    places = [RunPlace(str(n), f"place {n}", None, people // 2) for n in (0, 1)]

    def fill(folder: Path) -> None:
        batches = pa.table(rows, schema=shards.SCHEMA).to_batches()
        write_new_run(folder, facts, b"", places, shards.write(batches, folder / "shards"), [])

    return Runs(state_dir / "runs").add(RunId(name), fill)


def send(run: Run, states: Sequence[State | Entry], *, claimed_s: int = NOW_S, prefix: str = "m") -> None:
    """Claim the next people of a run together and settle them; accepted is message `{prefix}{number}`."""
    with closing(run.ledger()) as ledger:
        first = ledger.next_number
        ledger.record(window=Window(first, len(states), claimed_s))
        ledger.record(settled=[outcome(first + n, state, claimed_s, prefix) for n, state in enumerate(states)])


def outcome(number: int, state: State | Entry, at_s: int = NOW_S, prefix: str = "m") -> Entry:
    """Return the row of a person."""
    if isinstance(state, Entry):
        return state._replace(number=number, place=number % 2)
    message_id = f"{prefix}{number}" if state is State.ACCEPTED else ""
    reason = Reason.NO_ANSWER if state is State.UNKNOWN else Reason.NONE
    return Entry(number, state, number % 2, 0, 1, 0, reason, 0, at_s, 0, message_id)


def receipt(msg_id: str, person: str, kind: ReceiptKind = ReceiptKind.RECEIVED, *, after_s: float = 2, **fields: Any) -> Receipt:
    """Return a receipt, dated some seconds after now."""
    whole = Receipt(0, OA, person, kind, msg_id, "", int((NOW_S + after_s) * 1000), b"")
    return whole._replace(**fields)


def store(state_dir: Path, receipts: Sequence[Receipt], *, after_s: float = 3) -> None:
    """Have receipts come in."""
    (state_dir / "inbound").mkdir(mode=0o700, parents=True, exist_ok=True)
    with closing(ReceiptLane(state_dir / "inbound", mark)) as lane:
        lane.append(receipts, int((NOW_S + after_s) * 1000))


def folder_of(state_dir: Path, clock: FakeClock = CLOCK) -> Folder:
    """Open what folds."""
    return Folder(state_dir, clock=clock, texts=lambda run: SameText(), mark=mark)


def fold(state_dir: Path, *, limit: int = 1_000, clock: FakeClock = CLOCK) -> int:
    """Fold until nothing is left; return how many people were settled."""
    settled = 0
    with closing(folder_of(state_dir, clock)) as folder:
        for _ in range(1_000):
            step = folder.step(limit)
            settled += step.settled
            if step.is_done:
                return settled
    raise AssertionError("folding never ends")

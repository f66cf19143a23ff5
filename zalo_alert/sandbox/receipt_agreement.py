"""What a report says was delivered and seen, held against what the sandbox told: receipts as arithmetic, person by person."""

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from zalo_alert.language import _n, count


class Arrived(NamedTuple):
    """Whether a person's message was delivered, and whether it was seen, which is delivered, too."""

    delivered: bool
    seen: bool


@dataclass(frozen=True, slots=True)
class ReceiptAgreement:
    """How two accounts of receipts compare.

    Args:
        delivered: How many people by the report, and by the sandbox.
        seen: The same of those who have seen it.
        delivered_otherwise: For how many people the two differ.
        seen_otherwise: The same.
        untold: Events that the sandbox could not tell to the end.
    """

    delivered: tuple[int, int]
    seen: tuple[int, int]
    delivered_otherwise: int
    seen_otherwise: int
    untold: int

    @property
    def problems(self) -> list[str]:
        """Where the report is wrong; empty when it is right."""
        problems = []
        if self.delivered_otherwise:
            problems.append(_delivered_otherwise(self.delivered_otherwise))
        if self.seen_otherwise:
            problems.append(_seen_otherwise(self.seen_otherwise))
        if self.untold:
            problems.append(_untold(self.untold))
        return problems


def _delivered_otherwise(people: int) -> str:
    return _n(
        "of {count} person the report and the sandbox say otherwise whether it was delivered",
        "of {count} people the report and the sandbox say otherwise whether it was delivered",
        people,
        count=count(people),
    )


def _seen_otherwise(people: int) -> str:
    return _n(
        "of {count} person the report and the sandbox say otherwise whether it was seen",
        "of {count} people the report and the sandbox say otherwise whether it was seen",
        people,
        count=count(people),
    )


def _untold(events: int) -> str:
    return _n(
        "{count} event could not be told by the sandbox",
        "{count} events could not be told by the sandbox",
        events,
        count=count(events),
    )


def compare_receipts(
    reported: Mapping[str, Arrived], told: Iterable[Mapping[str, Any]], events: Mapping[str, Any]
) -> ReceiptAgreement:
    """Compare what was reported with what was heard.

    Args:
        reported: Of everyone in the run, by id.
        told: A line of each message, as the sandbox has them at `receipts`.
        events: How far its events are, as it has them at `webhooks`.
    """
    heard: dict[str, Arrived] = {}
    for line in told:
        before = heard.get(line["user_id"], Arrived(False, False))
        seen = before.seen or line["seen_heard"]
        heard[line["user_id"]] = Arrived(before.delivered or line["delivered_heard"] or seen, seen)
    nothing = Arrived(False, False)
    pairs = [(reported.get(who, nothing), heard.get(who, nothing)) for who in {*reported, *heard}]
    return ReceiptAgreement(
        (sum(ours.delivered for ours, _theirs in pairs), sum(theirs.delivered for _ours, theirs in pairs)),
        (sum(ours.seen for ours, _theirs in pairs), sum(theirs.seen for _ours, theirs in pairs)),
        sum(ours.delivered != theirs.delivered for ours, theirs in pairs),
        sum(ours.seen != theirs.seen for ours, theirs in pairs),
        events["waiting"] + events["lost"],
    )


def read_arrived(exported: Path) -> dict[str, Arrived]:
    """Read whose message was delivered and seen from an exported CSV file."""
    with exported.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return {row["user_id"]: Arrived(bool(row["delivered_at"]), bool(row["seen_at"])) for row in rows}

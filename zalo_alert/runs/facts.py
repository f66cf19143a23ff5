"""What is true of a run for good: its name, where its people are, and what was fixed when it was frozen. Knows no folder."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

import orjson

from zalo_alert.errors import Cure, UsageError
from zalo_alert.foundation.digests import digest_of_json
from zalo_alert.language import _
from zalo_alert.models import Digest, RunId

OCCURRENCE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_RESERVED = re.compile(r"(.*\.)?(correction|all-clear)(\.[0-9]+)?")  # the tool's own: `follow_up_id`


class Kind(StrEnum):
    """What a run is to the runs that it follows; an ordinary one follows none."""

    ALERT = ""
    CORRECTION = "correction"  # they were wrong
    ALL_CLEAR = "all-clear"  # the danger is over


class RunPlace(NamedTuple):
    """One group of people in a run: where they are known to be, what their message calls it, which text they read."""

    key: str
    label: str
    variant: int | None
    people: int


@dataclass(frozen=True, slots=True)
class RunFacts:
    """What was true of a run when it was frozen, and stays so."""

    id: RunId
    code: str
    occurrence: str
    digest: Digest  # of all parts together; see `seal`
    campaign_digest: Digest
    recipients_digest: str
    profile: str
    status: str
    expires: datetime
    frozen_at: datetime
    audience: int
    accounts: tuple[str, ...]
    generation: str
    staff: int = 0  # how many at the head of the audience stand on the staff list
    files: tuple[tuple[str, Digest], ...] = ()  # what messages carry: names in the campaign, digests of the bytes
    parts: tuple[tuple[str, Digest], ...] = ()  # of the digest; none in a run of before they were kept
    oa_ids: tuple[str, ...] = ()  # Zalo's, of the accounts; none in a run of before
    is_marked: bool = False  # the tool marks its texts as a drill's; one of before goes on with the text that it began with
    overrides: Mapping[str, str] = field(default_factory=dict)  # rules gone round when it was frozen, each with the reason
    is_rehearsal: bool = False  # of a live workspace whose hosts were on this machine; not known of a run of before
    withheld: int = 0  # how many at the end of the audience had had messages enough
    over_cap: int = 0  # how many had, and are written to all the same
    person_cap: tuple[int, ...] = ()  # how many messages were enough, in a day and in a week
    kind: Kind = Kind.ALERT
    parent: tuple[RunId, ...] = ()  # the runs whose people these are; none of an alert
    first_routes: tuple[int, ...] = ()  # by number of place: the route that is tried first; none where that is always route 0
    text_given: bool = False  # of a correction or an all-clear: its text is not the one that was ready with the alert

    @property
    def is_drill(self) -> bool:
        """Whether it reaches nobody as an alert: an Exercise, a Test, a run of a practice workspace, or a rehearsal."""
        return self.status != "Actual" or self.profile == "drill" or self.is_rehearsal


def run_id(code: str, occurrence: str = "") -> RunId:
    """Name a run.

    Raises:
        UsageError: The occurrence can't be part of a folder's name.
    """
    if occurrence and not OCCURRENCE.fullmatch(occurrence):
        raise UsageError(
            _('{option} "{occurrence}" cannot name a run', option=Cure.OPTION(occurrence=True), occurrence=occurrence[:80]),
            hint=_("use letters, digits, dots and dashes, such as 2026-11-24"),
        )
    if _RESERVED.fullmatch(occurrence):
        raise UsageError(
            _(
                '{option} "{occurrence}" is what corrections and all-clears are called',
                option=Cure.OPTION(occurrence=True),
                occurrence=occurrence,
            ),
            hint=_("{correct} makes a correction; give this one another name", correct=Cure.CORRECT()),
        )
    return RunId(f"{code}@{occurrence}" if occurrence else code)


def follow_up_id(code: str, occurrence: str, kind: Kind, number: int = 1) -> RunId:
    """Name what follows a run: its correction or all-clear, or the next of them.

    Args:
        code: Of the run's campaign.
        occurrence: Of the run, "" where it has none.
        kind: What follows.
        number: From 1; further corrections count on.
    """
    last = kind.value if number == 1 else f"{kind.value}.{number}"
    return RunId(f"{code}@{'.'.join(filter(None, (occurrence, last)))}")


def facts_part(rows: Mapping[str, str]) -> Digest:
    """Return the digest of a run's facts as they are written, as a part of the run's own."""
    return digest_of_json({name: value for name, value in rows.items() if name not in ("digest", "parts")})


def written_facts(facts: RunFacts) -> dict[str, str]:
    """Return facts as they are written down."""
    return {name: orjson.dumps(getattr(facts, name)).decode() for name in RunFacts.__slots__}


def read_facts(rows: Mapping[str, str]) -> RunFacts:
    """Read facts as they were written down.

    Raises:
        KeyError, ValueError, TypeError: They are not those of a run.
    """
    values = {name: orjson.loads(value) for name, value in rows.items()}
    for name in ("expires", "frozen_at"):
        values[name] = datetime.fromisoformat(values[name])
    pairs = {name: tuple((key, digest) for key, digest in values.get(name, ())) for name in ("files", "parts")}
    lists = {name: tuple(values.get(name, ())) for name in ("accounts", "oa_ids", "parent", "first_routes", "person_cap")}
    return RunFacts(**{**values, **lists, **pairs, "kind": Kind(values.get("kind", ""))})

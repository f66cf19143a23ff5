"""What is true of a run for good: its name, where its people are, and what was fixed when it was frozen. Knows no folder."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

import orjson

from zalo_alert.errors import Cure, UsageError
from zalo_alert.foundation.digests import digest_of_json
from zalo_alert.language import _
from zalo_alert.models import Digest, RunId

OCCURRENCE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


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
    is_marked: bool = (
        False  # its texts get the marks of a drill from the tool; a run of before goes on with what it has sent so far
    )


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
    return RunId(f"{code}@{occurrence}" if occurrence else code)


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
    return RunFacts(**{**values, "accounts": tuple(values["accounts"]), "oa_ids": tuple(values.get("oa_ids", ())), **pairs})

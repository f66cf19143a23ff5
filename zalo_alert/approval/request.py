"""The request: one canonical JSON text that says exactly what would be sent, and the only thing that officers sign.

It has two halves. `what` is determined by the run's files, the settings and the code: it is built anew before anything is sent
and must be equal. `signed` is what was so when it was submitted (who, when, the finish time then, the head of the log): it is
kept as it was signed, so that a hotfix or a raised grant at two in the morning voids no approval.

Knows no run and no folder; `contents` builds the first half.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any, TypeAlias

import orjson

from zalo_alert.errors import InputInvalid
from zalo_alert.foundation.digests import digest_of
from zalo_alert.language import _
from zalo_alert.models import Digest

FORMAT = 1
MAX_BYTES = 256 << 10  # a request of the whole country comes to a quarter of it

Json: TypeAlias = Any  # what JSON holds


@dataclass(frozen=True)
class Request:
    """What whoever approves a run signs.

    Args:
        text: Canonical, byte for byte.
        what: Determined by files, settings and code.
        signed: As it was when the run was submitted.
    """

    text: bytes
    what: Mapping[str, Json]
    signed: Mapping[str, Json]

    @cached_property
    def digest(self) -> Digest:
        """Return the digest of the text, for which six words stand."""
        return digest_of(self.text)

    @property
    def run(self) -> str:
        """Name the run."""
        return str(self.what.get("run", ""))

    @property
    def people(self) -> int:
        """Return how many people it would go to."""
        return int(self.what["audience"]["people"])

    @property
    def submitted_at(self) -> datetime:
        """Return when it was submitted, by the clock of the machine that sends."""
        return datetime.fromisoformat(self.signed["at"])


def canonical(value: Json) -> bytes:
    """Write a value as the one JSON text that it has here: keys sorted, no spaces, UTF-8."""
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)


def make_request(what: Mapping[str, Json], signed: Mapping[str, Json]) -> Request:
    """Put the two halves together."""
    return read_request(canonical({"format": FORMAT, "type": "request", "what": what, "signed": signed}))


def read_request(text: bytes) -> Request:
    """Read a request; white space at its end, as an editor or a mail adds it, does not count.

    Raises:
        InputInvalid: It is none, or not byte for byte what this tool writes.
    """
    text = text.strip()
    if len(text) > MAX_BYTES:
        raise _no_request(_("it is longer than a request can be"))
    try:
        value = orjson.loads(text)
    except orjson.JSONDecodeError as exc:
        raise _no_request(_("it is no JSON: was it copied whole?")) from exc
    if not isinstance(value, dict) or value.get("type") != "request":
        raise _no_request(_("it is another kind of file"))
    if value.get("format") != FORMAT:
        other = str(value.get("format"))[:20]
        raise _no_request(_("it is of format {format}, and this version reads {own}", format=other, own=FORMAT))
    what: Json = value.get("what")
    signed: Json = value.get("signed")
    if not _is_shaped(what, signed) or not _is_canonical(value, text):
        raise _no_request(_("it was changed after it was written"))
    return Request(text, what, signed)


def _is_canonical(value: Json, text: bytes) -> bool:
    try:
        return canonical(value) == text
    except orjson.JSONEncodeError:  # nested deeper than can be written
        return False


def _is_shaped(what: Json, signed: Json) -> bool:
    """Whether what every reader relies on is there; the rest is shown as it comes."""
    try:
        if datetime.fromisoformat(signed["at"]).tzinfo is None:
            return False
        return isinstance(what["run"], str) and isinstance(what["audience"]["people"], int) and isinstance(signed["by"], str)
    except (KeyError, TypeError, ValueError):
        return False


def _no_request(why: str) -> InputInvalid:
    return InputInvalid(
        _("that is no request for approval: {why}", why=why),
        hint=_("ask for the file request.json of the run, whole and unchanged"),
    )


def differing(before: Mapping[str, Json], now: Mapping[str, Json], path: str = "") -> Iterable[str]:
    """Name every place in which the determined half of a request differs from what would be sent now."""
    for key in sorted(before.keys() | now.keys()):
        old, new, name = before.get(key), now.get(key), f"{path}{key}"
        if isinstance(old, Mapping) and isinstance(new, Mapping):
            yield from differing(old, new, f"{name}.")
        elif old != new:
            yield name

"""One line of the log: what it tells, and its bytes on the disk.

A line is a JSON object in UTF-8 and a newline. `prev` is the SHA-256 of the line before, newline included, so that every line
binds all before it; `sum` is the beginning of the SHA-256 of what stands before it in its own line, so that an edit is told from
a neighbour's. Anyone can check both with `sha256sum`, and without us.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson

from zalo_alert.language import Phrase, unpack

START = "0" * 64  # what the first line is bound to
MOST_BYTES = 65_536  # of a line; far above what any event needs, and what a reader must hold at most
MOST_TEXT = 2_000  # characters of who, run and why
BEGINNING = b'{"number":'  # of each line, and in no other place of one: quotes inside texts are escaped
_SUM = b',"sum":"'
_SUM_DIGITS = 16


@dataclass(frozen=True, slots=True)
class Line:
    """What one line of the log tells.

    Args:
        number: Which line of the file it is, from 1.
        at: When, with its zone.
        event: A word of `AuditEvent`, or one of a younger version.
        who: The officer who signed; "" where nobody did.
        user: Under which account of the operating system.
        run: Which run it is about; "" for none.
        why: What was typed or what was wrong, in English where it is a sentence of ours.
        facts: Names and values that belong to the event.
        prev: Digest of the line before.
        sentence: `why` as it was packed, so that it can be said in the reader's language; None for what was typed.
    """

    number: int
    at: datetime
    event: str
    who: str
    user: str
    run: str
    why: str
    facts: Mapping[str, Any]
    prev: str
    sentence: Any = None

    @property
    def why_said(self) -> str:
        """Why, as a sentence that can be said in another language where it is one."""
        try:
            said = unpack(f"\x02{orjson.dumps(self.sentence).decode()}")
        except (ValueError, TypeError, KeyError):
            return self.why
        return said if said == self.why else self.why


def digest_of_line(raw: bytes) -> str:
    """Return the digest that the next line is bound to.

    Args:
        raw: The line's bytes, newline included.
    """
    return hashlib.sha256(raw).hexdigest()


def encode(line: Line) -> bytes:
    """Return a line's bytes, newline included.

    Raises:
        ValueError: It has no zone, or is too long.
    """
    if line.at.tzinfo is None:
        raise ValueError("an instant without a zone")
    body = {
        "number": line.number, "at": line.at.isoformat(timespec="milliseconds"), "event": line.event, "who": _clean(line.who),
        "user": _clean(line.user), "run": _clean(line.run), "why": _clean(line.why),
        "facts": _clean_facts(line.facts), "prev": line.prev,
    }  # fmt: skip
    if isinstance(line.why, Phrase) and len(line.why) <= MOST_TEXT:
        body["sentence"] = line.why.packed()
    head = orjson.dumps(body)[:-1]
    raw = head + _SUM + _sum_of(head) + b'"}\n'
    if len(raw) > MOST_BYTES:
        raise ValueError(f"a line of {len(raw)} bytes")
    return raw


def decode(raw: bytes) -> Line | None:
    """Read a line; None when it is not a whole one.

    Args:
        raw: Its bytes, with or without the newline.
    """
    try:
        kept = orjson.loads(raw)
        at = datetime.fromisoformat(kept["at"])
        if at.tzinfo is None:
            return None
        return Line(
            number=int(kept["number"]), at=at, event=str(kept["event"]), who=str(kept["who"]),
            user=str(kept["user"]), run=str(kept["run"]), why=str(kept["why"]), facts=dict(kept["facts"]), prev=str(kept["prev"]),
            sentence=kept.get("sentence"),
        )  # fmt: skip
    except (ValueError, TypeError, KeyError, AttributeError):
        return None


def is_intact(raw: bytes) -> bool:
    """Whether a whole line's own sum fits what stands before it."""
    head, mark, end = raw.rstrip(b"\n").rpartition(_SUM)
    return bool(mark) and end == _sum_of(head) + b'"}'


def _sum_of(head: bytes) -> bytes:
    return hashlib.sha256(head).hexdigest()[:_SUM_DIGITS].encode()


def _clean(text: str) -> str:
    """Return a text as it may stand in the log: bytes of a command line that are no text become question marks."""
    short = text if len(text) <= MOST_TEXT else f"{text[: MOST_TEXT - 1]}…"
    return short.encode("utf-8", "replace").decode()


def _clean_facts(facts: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _clean(value) if isinstance(value, str) else value for name, value in facts.items()}

"""Where a word of a read text stands in the campaign file: line and column where it is written there, else its field."""

import re
import unicodedata
from collections.abc import Iterator

from zalo_alert.campaign.follow_up import ALERT
from zalo_alert.errors import Problem
from zalo_alert.foundation.yaml_document import Document, KeyPath
from zalo_alert.wording.as_read import AsRead

_CLUSTER = re.compile(".[\u0300-\u036f]*", re.DOTALL)
_MOST_WORDS = 12  # of a spot that are looked for: enough to tell it from any other
_MOST_SIGNS = 300


def locate(document: Document, as_read: AsRead, start: int, end: int, message: str) -> Problem:
    """Make a problem of a stretch of a read text."""
    wanted = as_read.text[start : min(end, start + _MOST_SIGNS)]
    earlier = as_read.text[:start].count(wanted) if wanted else 0
    for path in _fields(document, as_read) if wanted.strip() else ():
        if (at := _written(document, path, wanted, earlier)) is not None:
            return document.problem(path, message, at)
    return document.problem(as_read.path, message)


def _fields(document: Document, as_read: AsRead) -> Iterator[KeyPath]:
    """Yield the fields that a read text may have been made of, its own first."""
    path = as_read.path
    if path[-1:] == ("data",):
        yield from (each for each in document.positions if each[:-1] == path)
    else:
        yield path
    yield (as_read.part, "headline") if as_read.part != ALERT else ("message", "headline")
    yield from (each for each in document.positions if len(each) == 2 and each[0] == "fields")


def _written(document: Document, path: KeyPath, wanted: str, earlier: int) -> tuple[int, int] | None:
    if path not in document.positions:
        return None
    begin, end = document.span(path)
    source = document.text[begin:end]
    pattern = r"\s+".join(map(re.escape, wanted.split()[:_MOST_WORDS]))
    found = [match.start() for match in re.finditer(pattern, unicodedata.normalize("NFC", source))]
    if not found:
        return None
    offset = begin + _as_typed(source, found[min(earlier, len(found) - 1)])
    before = document.text[:offset]
    return before.count("\n") + 1, offset - before.rfind("\n")


def _as_typed(source: str, offset: int) -> int:
    """Return the offset in a text as it was typed of one in the same text composed."""
    if unicodedata.is_normalized("NFC", source):
        return offset
    typed = composed = 0
    for cluster in _CLUSTER.finditer(source):
        if composed >= offset:
            break
        typed, composed = cluster.end(), composed + len(unicodedata.normalize("NFC", cluster[0]))
    return typed

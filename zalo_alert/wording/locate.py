"""Where a word of a read text stands in the campaign file: line and column where it is written there, else its field."""

import re
import unicodedata

from zalo_alert.campaign.follow_up import ALERT
from zalo_alert.errors import Problem
from zalo_alert.foundation.yaml_document import Document, KeyPath
from zalo_alert.wording.as_read import AsRead

_CLUSTER = re.compile(".[\u0300-\u036f]*", re.DOTALL)
_MOST_WORDS = 12  # of a spot that are looked for: enough to tell it from any other
_MOST_SIGNS = 300


class Locator:
    """Finds where words stand in one file; what it needs of a field, it works out once."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._composed: dict[KeyPath, str] = {}
        self._around: dict[KeyPath, list[KeyPath]] = {}
        self._shared = [path for path in document.positions if len(path) == 2 and path[0] == "fields"]

    def locate(self, as_read: AsRead, start: int, end: int, message: str) -> Problem:
        """Make a problem of a stretch of a read text."""
        wanted = as_read.text[start : min(end, start + _MOST_SIGNS)]
        earlier = as_read.text[:start].count(wanted) if wanted else 0
        for path in self._fields(as_read) if wanted.strip() else ():
            if (at := self._written(path, wanted, earlier)) is not None:
                return self._document.problem(path, message, at)
        return self._document.problem(as_read.path, message)

    def _fields(self, as_read: AsRead) -> list[KeyPath]:
        """Return the fields that a read text may have been made of, its own first."""
        path = as_read.path
        if path not in self._around:
            positions = self._document.positions
            own = [each for each in positions if each[:-1] == path] if path[-1:] == ("data",) else [path]
            headline: KeyPath = (as_read.part, "headline") if as_read.part != ALERT else ("message", "headline")
            self._around[path] = [each for each in (*own, headline, *self._shared) if each in positions]
        return self._around[path]

    def _written(self, path: KeyPath, wanted: str, earlier: int) -> tuple[int, int] | None:
        begin, end = self._document.span(path)
        source = self._document.text[begin:end]
        if path not in self._composed:
            self._composed[path] = unicodedata.normalize("NFC", source)
        if (found := _nth(self._composed[path], wanted, earlier)) < 0:
            return None
        offset = begin + _as_typed(source, found)
        return self._document.text.count("\n", 0, offset) + 1, offset - self._document.text.rfind("\n", 0, offset)


def _nth(source: str, wanted: str, earlier: int) -> int:
    """Return where words stand that come after so many of the same, or where the last of them do; -1 where none do."""
    found, start = -1, source.find(wanted)
    while start >= 0 and earlier >= 0:
        found, earlier, start = start, earlier - 1, source.find(wanted, start + 1)
    words = wanted.split()[:_MOST_WORDS]
    if found >= 0 or len(words) < 2 or any(word not in source for word in words):
        return found
    folded = re.search(r"\s+".join(map(re.escape, words)), source)  # over the end of a line
    return folded.start() if folded else -1


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

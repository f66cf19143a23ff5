"""The marks of an Exercise and of a Test, which the tool itself puts round every text it sends; and wording that denies them.

A mark at the start is read on a locked screen, one at the end by whoever reads to the end; one that only the officer could have
forgotten is not left to the officer. What a template says can't be marked: Zalo holds its text.
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from zalo_alert.foundation import invisible
from zalo_alert.models import Campaign, Status

DRILL_WORDS = ("diễn tập", "thử nghiệm")
MOST_ADDED = 32  # characters that the marks may add to a line
_WORD = "(?:DIỄN TẬP|THỬ NGHIỆM)"
_OPENS = re.compile(rf"\s*\[?{_WORD}\b")
_CLOSES_TEXT = re.compile(rf"\bHẾT (?:TIN )?{_WORD}\b\W*(?:Mã tin:?\s*[\w./-]+\W*)?$")
_CLOSES_LINE = re.compile(rf"\b{_WORD}\W*$")
_BETWEEN = "(?: (?:la|mot|cuoc|dot|buoi|bai|ban|tin|thong bao|canh bao))*"
_DENIAL = re.compile(
    rf"\b(?:khong|chang|ko) phai{_BETWEEN} (?:dien tap|thu nghiem)\b"
    r"|\bday la (?:mot )?(?:tinh huong|su viec|canh bao|lenh|tin) (?:hoan toan )?(?:co )?that\b"
    r"|\b(?:not|isn't|never) (?:an?|any|just an?) (?:drill|exercise|test)\b|\bno (?:drill|exercise)\b"
)


class Marks(NamedTuple):
    """What stands round a text; `line` on both sides of a single line, such as a title."""

    start: str
    end: str
    line: str

    def round_text(self, text: str) -> str:
        """Return a message with both marks, as far as it has none of its own; nothing stays nothing."""
        if not text.strip():
            return text
        if not _OPENS.match(text):
            text = f"{self.start} {text.lstrip()}"
        if _CLOSES_TEXT.search(text):
            return text
        text = text.rstrip()
        return f"{text}\n{self.end}" if "\n" in text else f"{text} {self.end}"

    def round_paragraphs(self, paragraphs: Sequence[str]) -> tuple[str, ...]:
        """Do the same with paragraphs that stay apart: the first and the last of them bear the marks."""
        if not paragraphs:
            return ()
        first, *others = paragraphs
        marked = [first if _OPENS.match(first) else f"{self.start} {first.lstrip()}", *others]
        if not _CLOSES_TEXT.search(marked[-1]):
            marked[-1] = f"{marked[-1].rstrip()}\n{self.end}"
        return tuple(marked)

    def round_line(self, line: str) -> str:
        """Do the same with a single line."""
        if not line.strip():
            return line
        if not _OPENS.match(line):
            line = f"{self.line} {line.lstrip()}"
        return line if _CLOSES_LINE.search(line) else f"{line.rstrip()} {self.line}"


_MARKS: Mapping[Status, Marks] = {
    Status.EXERCISE: Marks("[DIỄN TẬP]", "[HẾT TIN DIỄN TẬP]", "[DIỄN TẬP]"),
    Status.TEST: Marks("[THỬ NGHIỆM]", "[HẾT TIN THỬ NGHIỆM]", "[THỬ NGHIỆM]"),
}


def marks_of(campaign: Campaign) -> Marks | None:
    """Return the marks of a campaign's texts; None for a real one, and in a run of before there were any."""
    return _MARKS.get(campaign.status) if campaign.is_marked else None


def denial_in(text: str) -> str:
    """Return the words with which a text says that it is no drill, "" where it does not; accents and case don't count."""
    plain = _without_accents(invisible.remove(text))
    found = _DENIAL.search(plain)
    return found[0] if found else ""


def drill_word_in(text: str) -> str:
    """Return the word with which a text says that it is a drill; "" where it has none."""
    folded = unicodedata.normalize("NFC", invisible.remove(text)).casefold()
    return next((word for word in DRILL_WORDS if word in " ".join(folded.split())), "")


def _without_accents(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text.casefold().replace("’", "'")).replace("đ", "d")
    return " ".join("".join(char for char in decomposed if not unicodedata.combining(char)).split())

"""Texts as people type them, each with the rule that should answer it: the corpus that a rule set is tried with.

A CSV file with the columns `text` and `rule`, and `account` where it matters; in front of them lines that begin with #, of which
`# right: 97` and `# wrong: 0.5` say what the file demands, in per cent. Knows how to read one and how to judge; asks no matcher.
"""

import csv
import io
import re
from collections.abc import Iterator, Sequence
from enum import StrEnum
from typing import NamedTuple

from zalo_alert.answers.match import Match, MatchKind
from zalo_alert.errors import InputInvalid
from zalo_alert.language import _

NOBODY = "-"  # in place of a rule: none should answer
_OR = "|"  # between rules, any of which will do
MOST_BYTES = 8 << 20
MOST_CASES = 100_000
MOST_TEXT = 2000  # characters of a text: what Zalo lets people write
COLUMNS = ("text", "rule")
_DEMAND = re.compile(r"#\s*(?P<what>right|wrong)\s*:\s*(?P<percent>\d{1,3}(?:\.\d+)?)\s*%?\s*")


class Demand(NamedTuple):
    """What a corpus asks of rules, in per cent: so much right at least, so much answered wrongly at most."""

    right: float = 97.0
    wrong: float = 0.5


class Case(NamedTuple):
    """A text, and the rules of which any may answer it, `NOBODY` among them where none need. `account` "" is any OA."""

    line: int
    text: str
    rules: tuple[str, ...]
    account: str = ""


class Corpus(NamedTuple):
    """The cases of a file, in its order, and what it demands."""

    cases: tuple[Case, ...]
    demand: Demand


class Verdict(StrEnum):
    """What became of a text, beside what should have; the words never change, for scripts."""

    RIGHT = "right"  # the answer, or none where none was due
    ASKED = "asked"  # a question, and what is meant is a button of it: right after one tap
    MISLED = "misled"  # a question, and what is meant is no button of it
    FALLBACK = "fallback"  # no rule answers, and one should
    WRONG = "wrong"  # the answer of another rule


def judge(rules: Sequence[str], match: Match) -> Verdict:
    """Judge what a matcher made of a text, by the rules that should answer it."""
    if match.kind is MatchKind.NONE:
        return Verdict.RIGHT if NOBODY in rules else Verdict.FALLBACK
    is_meant = not set(rules).isdisjoint(match.ids)
    if match.kind is MatchKind.RULE:
        return Verdict.RIGHT if is_meant else Verdict.WRONG
    return Verdict.ASKED if is_meant else Verdict.MISLED


def parse_corpus(content: bytes, name: str) -> Corpus:
    """Read a corpus.

    Args:
        content: Of the file.
        name: What to call it in messages.

    Raises:
        InputInvalid: It is no such file; the first fault is told with its line.
    """
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as exc:
        raise InputInvalid(_("{file} is not UTF-8 text", file=name), hint=_("save it as UTF-8")) from exc
    remarks, body = _remarks(text)
    cases = tuple(_cases(body, len(remarks), name))
    if not cases:
        raise InputInvalid(_("{file} has no text to try", file=name))
    return Corpus(cases, _demand(remarks, name))


def _remarks(text: str) -> tuple[list[str], str]:
    """Part the lines with # from the table below them."""
    lines = text.splitlines(keepends=True)
    count = next((number for number, line in enumerate(lines) if not line.startswith("#")), len(lines))
    return lines[:count], "".join(lines[count:])


def _demand(remarks: Sequence[str], name: str) -> Demand:
    demand = Demand()
    for number, line in enumerate(remarks, 1):
        if found := _DEMAND.fullmatch(line.strip()):
            percent = float(found["percent"])
            if percent > 100:
                raise _fault(name, number, _("{percent} is more than 100 per cent", percent=found["percent"]))
            demand = demand._replace(**{found["what"]: percent})
    return demand


def _cases(body: str, before: int, name: str) -> Iterator[Case]:
    rows = csv.DictReader(io.StringIO(body, newline=""), strict=True)
    line = before + 1
    try:
        _check_columns(rows.fieldnames or (), line, name)
        line = before + rows.line_num + 1
        for number, row in enumerate(rows):
            if number == MOST_CASES:
                raise _fault(name, line, _("a corpus has at most {most} texts", most=MOST_CASES))
            yield _case(row, line, name)
            line = before + rows.line_num + 1
    except csv.Error as exc:
        raise _fault(name, line, _("this is not CSV: {why}", why=exc)) from exc


def _check_columns(columns: Sequence[str], line: int, name: str) -> None:
    missing = [column for column in COLUMNS if column not in columns]
    if missing:
        raise _fault(name, line, _("there is no column {column}; a corpus has text, rule and perhaps account", column=missing[0]))


def _case(row: dict[str, str | None], line: int, name: str) -> Case:
    text, written = row["text"] or "", (row["rule"] or "").strip()
    if None in row:
        raise _fault(name, line, _("there are more cells than columns: a text with a comma stands in quotation marks"))
    if not text.strip():
        raise _fault(name, line, _("the text is missing"))
    if len(text) > MOST_TEXT:
        raise _fault(name, line, _("the text has more than {most} characters, and nobody can send that", most=MOST_TEXT))
    rules = tuple(rule.strip() for rule in written.split(_OR))
    if not all(rules):
        raise _fault(name, line, _('the rule is missing; "-" is for a text that none should answer'))
    return Case(line, text, rules, (row.get("account") or "").strip())


def _fault(name: str, line: int, message: str) -> InputInvalid:
    return InputInvalid(_("{file}:{line}: {fault}", file=name, line=line, fault=message))

"""One thing that a rule has found in what people would read."""

from enum import StrEnum
from typing import NamedTuple

from zalo_alert.errors import Problem


class Severity(StrEnum):
    """What a finding does: an error holds the alert back until it is put right or passed with a reason, a warning is shown."""

    ERROR = "error"
    WARNING = "warning"


class Finding(NamedTuple):
    """A fault of wording, told once, however many places read it.

    Args:
        code: The rule's, a stable word: `weekday`.
        severity: See `Severity`.
        problem: Where it stands in the campaign file, and one sentence why.
        fix: What to write instead, one sentence.
        part: Of the campaign: `alert`, `correction` or `all_clear`.
        route: By which it is read first: `cs`, `broadcast`, `template 311203`; `headline` of a headline.
        place: The name of the first place where it is read; "" is everywhere alike.
        places: How many places read it.
    """

    code: str
    severity: Severity
    problem: Problem
    fix: str
    part: str
    route: str = ""
    place: str = ""
    places: int = 1

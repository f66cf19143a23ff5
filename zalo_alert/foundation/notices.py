"""Something to be told while an operation goes on: a sentence for people, fields for machines; who shows it is not known here."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class Level(StrEnum):
    """How loudly a notice is to be told."""

    PLAIN = "plain"
    STRONG = "strong"  # a person should not overlook it
    WARNING = "warning"
    FAULT = "fault"
    ALARM = "alarm"  # it may change what the person does next


@dataclass(frozen=True, slots=True)
class Notice:
    """One thing to be told.

    Args:
        sentence: For people, with steps in it (see `errors.with_steps`); "" for what only machines want to know.
        kind: The `type` of its JSON line; "" for what only people want to know.
        level: How loudly.
        fields: Of the JSON line.
    """

    sentence: str
    kind: str = ""
    level: Level = Level.PLAIN
    fields: Mapping[str, Any] = field(default_factory=dict)

"""A template of the library as a value: texts with fields in them, what to ask for these, and what CAP says of the danger."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from zalo_alert.foundation.clock import VIETNAM
from zalo_alert.models import Certainty, MsgType, Severity, Urgency

MOST_ASKED = 6  # at two in the morning nobody answers a seventh question
LATER = re.compile(r"([+-])([0-9]{1,3})h( by onset)?")
NEXT = re.compile(r"next ([01][0-9]|2[0-3]):([0-5][0-9])")


class Stage(StrEnum):
    """How far a danger has come, in the order in which messages follow each other."""

    WATCH = "watch"
    WARNING = "warning"
    EVACUATE = "evacuate"
    UPDATE = "update"
    ALL_CLEAR = "all-clear"


class Kind(StrEnum):
    """What an answer is."""

    TEXT = "text"
    NUMBER = "number"
    INSTANT = "instant"
    CHOICE = "choice"


class Question(NamedTuple):
    """What is asked to fill a field of the texts.

    `name` is the field's. `asks` is Vietnamese, `asks_en` English. `default` is a text or a number as typed, an instant's what
    `instant_of` reads, "" where somebody must answer. `choices` are those of a choice; `example` is an answer as typed.
    """

    name: str
    kind: Kind
    asks: str
    asks_en: str
    default: str
    choices: tuple[str, ...]
    example: str


@dataclass(frozen=True, slots=True)
class Template:
    """What an alert of one hazard says at one stage and level.

    `name` is `bao/warning/4`, of a drill `bao/warning/4/drill`; `level` is None where the hazard, or the stage, has none.
    `headline`, `text`, `correction` and both of `all_clear` (headline, text; "" where the template is itself an all-clear) are
    campaign texts with fields. `lasts_h` is how many hours it is in force. `questions` begin with those that matter most: at most
    `MOST_ASKED` have no default or are instants, the rest need not be asked. `onset` names the question whose answer is when the
    danger begins, "" where none does. `sources` says of each sentence that states a fact or gives guidance which public source it
    follows. `decides` says who may decide it, "" where nobody is named, and `steps` what the duty office does, in order;
    neither is sent. `digest` is that of all that is sent.
    """

    hazard: str
    stage: Stage
    level: int | None
    name: str
    headline: str
    text: str
    correction: str
    all_clear: tuple[str, str]
    msg_type: MsgType
    urgency: Urgency
    severity: Severity
    certainty: Certainty
    response_types: tuple[str, ...]
    lasts_h: float
    questions: tuple[Question, ...]
    onset: str
    sources: Mapping[str, str]
    decides: str
    steps: tuple[str, ...]
    is_drill: bool
    digest: str


def instant_of(default: str, effective: datetime, onset: datetime | None = None) -> datetime:
    """Return the moment that a default means: `+6h`, `-1h` (from the alert's own hour), `next 17:00`, or `+6h by onset`.

    It is a full hour, a quarter where it is less than three hours ahead, and never later than the default says: who acts by it
    has a little less time, not a little more. What is to be done `by onset` is done an hour before the danger begins, or with a
    quarter of the time still left where less than four hours are; where the danger is there already, within the hour.

    Args:
        default: As in a question.
        effective: When the alert begins, with a zone.
        onset: When the danger begins, where somebody has said so.

    Raises:
        ValueError: It is none of these.
    """
    begins = effective.astimezone(VIETNAM)
    if found := LATER.fullmatch(default):
        moment = _rounded(begins, int(found[2]) * (-1 if found[1] == "-" else 1))
        return min(moment, _in_time(begins, onset.astimezone(VIETNAM))) if found[3] and onset is not None else moment
    if (found := NEXT.fullmatch(default)) is None:
        raise ValueError(default)
    same_day = begins.replace(hour=int(found[1]), minute=int(found[2]), second=0, microsecond=0)
    return same_day if same_day > begins else same_day + timedelta(days=1)


def _in_time(begins: datetime, onset: datetime) -> datetime:
    """Return when people must be safe: the last of them are still on the road while the first wind or water comes."""
    if onset <= begins:
        return _rounded(begins, 1)
    moment = _quarter(onset - min(timedelta(hours=1), (onset - begins) / 4))
    return moment if moment > begins else onset


def _quarter(moment: datetime) -> datetime:
    return moment.replace(minute=moment.minute // 15 * 15, second=0, microsecond=0)


def _rounded(begins: datetime, hours: int) -> datetime:
    moment = begins + timedelta(hours=hours)
    step = 15 if 0 < hours < 3 else 60
    return moment.replace(minute=moment.minute // step * step, second=0, microsecond=0)

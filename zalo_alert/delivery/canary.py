"""Who goes first, and whether the rest may follow: staff, then a thousand people of the area, then everyone.

Owns the stages and what speaks against going on; pure rules over counts and seconds. A fault that the staff see on their own
phones has frightened nobody yet; one that shows in a thousand people's answers has spared the other millions.

Source: alerting practice (GOV.UK's runbook checks after each send; Los Angeles, January 2025).
"""

from collections.abc import Mapping
from dataclasses import dataclass

from zalo_alert.language import _, count, decimal, persons
from zalo_alert.models import Reason, State

PEOPLE = 1000  # enough for one in twenty to stand out from chance
PAUSE_ABOVE = 0.05  # rejected of those asked. A rule of its own: `limits.tolerate_rejected` judges a finished run and pauses none
MOST_DEFERRED = 0.05  # so few who must be asked again soon change no verdict
LEAST_ANSWERED = 0.1  # is enough when the others must wait for hours, for a quota or the morning
# Rejected for what the plan knew of the person already: that says nothing of the message.
KNOWN_BEFOREHAND = frozenset({Reason.NO_ADDRESS, Reason.NO_VALUE, Reason.SAME_PHONE})
SLOWER = 2.0
SLOW_S = 1.0  # below this, twice as slow is the noise of a small number


@dataclass(frozen=True, slots=True)
class Stage:
    """People who are asked, and have answered, before anyone after them is claimed: numbers `first` … `first + people - 1`."""

    name: str
    first: int
    people: int

    @property
    def end(self) -> int:
        """The number of the first person after it."""
        return self.first + self.people


def stages(staff: int, audience: int) -> tuple[Stage, ...]:
    """Return the stages of a run; of an audience hardly larger than its sample, only the staff's.

    Args:
        staff: How many at the head of the audience stand on the staff list.
        audience: Everyone, staff included.
    """
    all_stages = [Stage(_("the staff"), 0, staff)] if staff else []
    if audience - staff > PEOPLE:
        all_stages.append(Stage(_("the first {people} in the area", people=count(PEOPLE)), staff, PEOPLE))
    return tuple(all_stages)


def has_answered(stage: Stage, totals: Mapping[State, int], *, soon: bool) -> bool:
    """Whether a stage whose people have all been asked has said enough to be judged.

    Args:
        stage: Nobody of it is being asked now.
        totals: Of its people.
        soon: Whether those who were deferred will be asked again within minutes.
    """
    deferred = totals[State.DEFERRED]
    return deferred <= MOST_DEFERRED * stage.people if soon else stage.people - deferred >= LEAST_ANSWERED * stage.people


def objection(
    stage: Stage, totals: Mapping[State, int], first_s: float | None, latest_s: float | None, known_beforehand: int = 0
) -> str:
    """Say why the rest should not follow yet; "" when they may.

    Args:
        stage: Whose people have all been asked.
        totals: Of its people.
        first_s: Mean seconds to an answer at the start of the run, if anyone has been asked.
        latest_s: The same, lately.
        known_beforehand: How many were rejected for a reason of `KNOWN_BEFOREHAND`; they come in clusters, and the plan has
            counted them.
    """
    rejected = totals[State.REJECTED] - known_beforehand
    answered = rejected + totals[State.ACCEPTED]
    if rejected == answered > 0 or rejected > max(1, PAUSE_ABOVE * answered):
        return _("{rejected} of {answered} rejected", rejected=count(rejected), answered=persons(answered))
    if first_s is not None and latest_s is not None and latest_s > max(SLOW_S, SLOWER * first_s):
        return _(
            "an answer takes {latest} s, and took {first} s at first",
            latest=decimal(latest_s, 1),
            first=decimal(first_s, 1),
        )
    return ""

"""Break-glass: when one person may let a grave alert out alone, because nobody has answered. Reads no file and no clock."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from zalo_alert.language import _, span
from zalo_alert.models import Campaign, Severity, Urgency

GRAVE = frozenset({Severity.EXTREME, Severity.SEVERE})
LEAST_REASON, MOST_REASON = 10, 500  # characters


@dataclass(frozen=True, slots=True)
class Asked:
    """What was done before to have another officer answer.

    Args:
        waited: Since the run was submitted, by the clock of the machine that sends.
        can_tell: Whether a program is configured that tells those who may approve.
        was_told: Whether it was run for this submission, whatever came of it.
    """

    waited: timedelta
    can_tell: bool
    was_told: bool


def obstacles(campaign: Campaign, after_min: float | None, asked: Asked) -> Iterator[str]:
    """Say everything that keeps one person from letting a run out alone; nothing where nothing does.

    Args:
        campaign: Of the run.
        after_min: See `ApprovalRule.break_glass_after_min`.
        asked: What was done before.
    """
    if campaign.urgency is not Urgency.IMMEDIATE or campaign.severity not in GRAVE:
        yield _(
            "it is for Immediate alerts that are Extreme or Severe, and {code} is {urgency} and {severity}",
            code=campaign.code,
            urgency=campaign.urgency.value,
            severity=campaign.severity.value,
        )
    if campaign.correction is None:
        yield _("{code} has no correction that is ready in case it is wrong", code=campaign.code)
    if after_min is None:
        yield _("it is switched off in this workspace")
        return
    if not asked.was_told:
        yield (
            _("those who may approve were not told yet")
            if asked.can_tell
            else _("no way is configured to tell those who may approve (`notify`)")
        )
    if (left := timedelta(minutes=after_min) - asked.waited) > timedelta():
        yield _(
            "it was submitted {ago} ago, and others have {after} to answer: {left} more",
            ago=span(asked.waited),
            after=span(timedelta(minutes=after_min)),
            left=span(left),
        )

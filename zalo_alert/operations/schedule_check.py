"""What is looked at before the clock is told to send a campaign: whether its next times would go out at all.

What would keep the first of them back is an error now, by day and with somebody there; what would keep back a later one is told.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path

from zalo_alert.approval.agreement import needs_approval
from zalo_alert.campaign.hours import hours_problem
from zalo_alert.campaign.lifecycle import check_profile
from zalo_alert.campaign.occurrence import at_occurrence
from zalo_alert.errors import CampaignRefused, Cure, UsageError, ZaloAlertError
from zalo_alert.foundation.clock import words
from zalo_alert.foundation.digests import digest_of
from zalo_alert.foundation.notices import Notice
from zalo_alert.language import _, joined
from zalo_alert.models import Campaign
from zalo_alert.operations.draft import Draft, draft
from zalo_alert.operations.schedule_notice import clock_warning
from zalo_alert.operations.standing_gate import Send, permission_for
from zalo_alert.settings.load import load
from zalo_alert.settings.model import Settings
from zalo_alert.timetable.times import Timetable, key_of

TIMES_LOOKED_AT = 3
_OF_THE_SHELL = frozenset({"ZALO_ALERT_LANG", "ZALO_ALERT_WORKSPACE"})  # how somebody reads here, and where they stand


@dataclass(frozen=True, slots=True)
class Checked:
    """A campaign that the clock may be told to send.

    Args:
        campaign: Parsed.
        digest: Of its bytes.
        standing: The standing approval by which the next time goes out; "" where none is needed.
        notices: What a person should know.
    """

    campaign: Campaign
    digest: str
    standing: str
    notices: tuple[Notice, ...]


def check_campaign(path: Path, timetable: Timetable, settings: Settings, now: datetime) -> Checked:
    """Look whether the next times of a campaign would go out.

    Raises:
        UsageError: It is none that recurs so.
        CampaignRefused: The first of them would not.
    """
    if timetable.every_min:
        raise UsageError(
            _("a campaign goes out at times of day, not {every}", every=timetable.in_words),
            hint=_("write the times, such as daily 07:30,17:00"),
        )
    notices: list[Notice] = []
    with draft(path, None, settings, notices.append) as drafted:
        check_profile(drafted.campaign, is_drill=settings.direct)
        look = _Look(drafted, settings)
        times = list(islice(timetable.after(now), TIMES_LOOKED_AT))
        if not times:
            raise UsageError(_("{when} is past", when=timetable.in_words), hint=_("name a time that comes"))
        standing = look.at(times[0])
        notices += filter(None, (look.warning(at) for at in times[1:]))
        notices += [_old_times()] if len(times) > 1 and _shows_times(drafted.campaign) else []
    return Checked(drafted.campaign, str(digest_of(drafted.text)), standing, tuple(notices))


def _shows_times(campaign: Campaign) -> bool:
    """Whether a text shows times that are the campaign's, and not those of the day on which it goes out."""
    texts = "".join((campaign.headline, *campaign.texts))
    return campaign.timing.lasts is None and re.search(r"\{\{[^}]*\b(?:effective|expires)\b", texts) is not None


def _old_times() -> Notice:
    why = _(
        "its text shows the campaign's own effective or expires, the same at every time: write schedule: {example}, and each "
        "takes effect when it was planned",
        example="{lasts: 3h}",
    )
    return clock_warning(why)


class _Look:
    """Looks at one campaign at several times."""

    def __init__(self, drafted: Draft, settings: Settings) -> None:
        self._draft, self._settings = drafted, settings

    def at(self, planned: datetime) -> str:
        """Return the standing approval that lets it out then; "" where none is needed.

        Raises:
            CampaignRefused: It would not go out.
        """
        campaign = at_occurrence(self._draft.campaign, key_of(planned))
        for why in self._objections(planned):
            raise CampaignRefused(why, hint=_("put the campaign right, or choose other times"))
        if not needs_approval(campaign, self._draft.plan.people, self._settings.profile):
            return ""
        files = {name: digest_of(content) for name, content in self._draft.files.items()}
        send = Send(campaign, digest_of(self._draft.text), files, self._draft.plan.people, False)
        return permission_for(send, self._settings, planned).name

    def warning(self, planned: datetime) -> Notice | None:
        """Say why a later time would not go out; None where it would."""
        try:
            self.at(planned)
        except ZaloAlertError as exc:
            sentence = _("{at} would not go out: {why}", at=words(planned), why=exc.message)
            return clock_warning(sentence, planned, exc.message)
        return None

    def _objections(self, planned: datetime) -> Iterator[str]:
        campaign = self._draft.campaign
        if planned < campaign.effective:
            yield _("it takes effect at {effective}, after {at}", effective=words(campaign.effective), at=words(planned))
        if planned >= campaign.expires:
            yield _(
                "it expires at {expires}, before {at}: a routine campaign of severity Minor may be in force for a year",
                expires=words(campaign.expires),
                at=words(planned),
            )
        if problem := hours_problem(campaign, planned):
            yield problem


def nobody_told(settings: Settings, *, is_telling: bool) -> Notice | None:
    """Say that nobody would be told of failures.

    Raises:
        UsageError: It was asked that somebody be.
    """
    if settings.notify.is_on:
        return None
    if is_telling:
        raise UsageError(
            _("nobody is configured to be told: `notify` in zalo-alert.yaml is empty"),
            hint=_("write it there, try it with {test}, then install again", test=Cure.NOTIFY_TEST()),
        )
    return clock_warning(_("nobody is told when a time fails or is missed: `notify` in zalo-alert.yaml is empty"))


def shell_only(settings: Settings) -> Notice | None:
    """Say which variables of this shell a timer will not have; None where it needs none."""
    timers = load(settings.workspace, {}).environ
    names = sorted(name for name, value in settings.environ.items() if _is_ours(name) and timers.get(name) != value)
    if not names:
        return None
    sentence = _(
        "a timer has nothing of this shell: write into the secrets file what stands here alone: {names}",
        names=joined(names, ", "),
    )
    return clock_warning(sentence)


def _is_ours(name: str) -> bool:
    return name.startswith("ZALO_ALERT_") and name not in _OF_THE_SHELL

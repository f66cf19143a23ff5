"""Whether the messages that an Update or a Cancel speaks of are there: a run of each in this workspace.

Which message takes whose place is what a phone can't show: who reads two that contradict each other must know which counts. So
an Update should name all that are in force where it goes; a Cancel only what it takes back.
"""

from collections.abc import Iterator, Sequence
from contextlib import closing, suppress
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from zalo_alert import places
from zalo_alert.campaign import parse as campaign_file
from zalo_alert.errors import CampaignRefused, Cure, ZaloAlertError
from zalo_alert.foundation.clock import words
from zalo_alert.foundation.notices import Level, Notice
from zalo_alert.foundation.suggestions import suggestion
from zalo_alert.language import _, joined
from zalo_alert.models import Campaign, MsgType, RunId, Urgency
from zalo_alert.runs.lifecycle import NEVER_SENT, RunState
from zalo_alert.runs.store import Runs
from zalo_alert.settings.model import Profile, Settings


class Oddity(StrEnum):
    """What may be odd about the message of a code."""

    UNKNOWN = "unknown"  # no run of this workspace has the code
    UNSENT = "unsent"  # nobody has been written to yet
    EXPIRED = "expired"
    UNLISTED = "unlisted"  # it is in force where this one goes, and not named


class Reference(NamedTuple):
    """A code with what is odd about it.

    Args:
        number: Its place in the campaign's `references`, from 0; None where it is not there.
        code: Of the message.
        oddity: See `Oddity`.
        why: A sentence.
    """

    number: int | None
    code: str
    oddity: Oddity
    why: str

    def notice(self) -> Notice:
        """Tell it."""
        fields = {"code": self.code, "oddity": self.oddity.value, "why": self.why}
        return Notice(joined(("references", self.why), "  "), "reference", Level.WARNING, fields)


def check_references(campaign: Campaign, settings: Settings, runs: Runs, now: datetime) -> list[Notice]:
    """Look at what a campaign speaks of, before it is planned.

    A drill may speak of what was never sent here: an all-clear or a correction is practised by itself as well.

    Raises:
        CampaignRefused: Outside a drill a code is unknown; or nothing is left of which a newer message could take the place.
    """
    odd = look_at_references(campaign, runs, now)
    unknown = [reference for reference in odd if reference.oddity is Oddity.UNKNOWN]
    if unknown and settings.profile is Profile.LIVE:
        raise CampaignRefused(
            joined((campaign.code, joined(reference.why for reference in unknown)), ": "),
            hint=_(
                "{runs} lists the runs; if the message went out from elsewhere, send an Alert, and name its code in the text",
                runs=Cure.RUNS(),
            ),
        )
    expired = [reference for reference in odd if reference.oddity is Oddity.EXPIRED]
    if expired and len(expired) == len(campaign.references):
        raise CampaignRefused(
            joined((campaign.code, joined(reference.why for reference in expired)), ": "),
            hint=_("there is nothing left to take the place of: send it as an Alert, or as an all-clear with urgency: Past"),
        )
    return [reference.notice() for reference in odd]


def look_at_references(campaign: Campaign, runs: Runs, now: datetime) -> list[Reference]:
    """Say what is odd about the messages that an Update or a Cancel speaks of; a first alert is not looked at."""
    if campaign.msg_type is MsgType.ALERT:
        return []
    messages = _messages(runs)
    odd = [_look_at(number, code, campaign, messages, now) for number, code in enumerate(campaign.references)]
    return [*filter(None, odd), *_unlisted(campaign, messages, runs, now)]


class _Message(NamedTuple):
    """A run, as far as its facts say what became of its message."""

    run: RunId
    code: str
    expires: datetime
    frozen_at: datetime
    state: RunState

    @property
    def was_sent(self) -> bool:
        return self.state not in NEVER_SENT

    def is_in_force(self, now: datetime) -> bool:
        return self.was_sent and self.expires > now and self.state is not RunState.CORRECTED


def _messages(runs: Runs) -> list[_Message]:
    """Read every run's facts; one that can't be read is passed over: whoever names it is told why."""
    messages = []
    for name in runs.ids_to_read():
        with suppress(ZaloAlertError), closing(runs.open_to_read(name)) as run:
            messages.append(_Message(name, run.facts.code, run.facts.expires, run.facts.frozen_at, run.state))
    return messages


def _look_at(number: int, code: str, campaign: Campaign, messages: Sequence[_Message], now: datetime) -> Reference | None:
    own = [message for message in messages if message.code == code]
    if not own:
        codes = dict.fromkeys(message.code for message in messages)
        why = joined((_('no run of this workspace is of "{code}"', code=code), suggestion(code, codes)), "")
        return Reference(number, code, Oddity.UNKNOWN, why)
    if not any(message.was_sent for message in own):
        return Reference(number, code, Oddity.UNSENT, _("nobody has been written to by {code} yet", code=code))
    ends = max(message.expires for message in own)
    if campaign.msg_type is MsgType.UPDATE and campaign.urgency is not Urgency.PAST and ends <= now:
        return Reference(number, code, Oddity.EXPIRED, _("{code} expired at {at}", code=code, at=words(ends)))
    return None


def _unlisted(campaign: Campaign, messages: Sequence[_Message], runs: Runs, now: datetime) -> Iterator[Reference]:
    """Find the messages in force of the same hazard where an Update goes, of which nothing has taken the place."""
    in_force = {message.code: message for message in messages if message.is_in_force(now)}
    if campaign.msg_type is not MsgType.UPDATE or campaign.audience.supplied or not in_force:
        return
    since, keys = min(message.frozen_at for message in in_force.values()), places.keys_of(campaign.audience)
    sent = {message: _campaign_of(message, runs) for message in messages if message.was_sent and message.frozen_at >= since}
    named = {campaign.code, *campaign.references, *(code for later in sent.values() if later for code in later.references)}
    for code, message in in_force.items():
        earlier = sent[message]
        if code not in named and earlier and _is_rivalled(earlier, campaign, keys):
            why = _(
                "{code} is in force until {until} for the same hazard where this goes: name it too if this takes its place",
                code=code,
                until=words(message.expires),
            )
            yield Reference(None, code, Oddity.UNLISTED, why)


def _is_rivalled(earlier: Campaign, campaign: Campaign, keys: Sequence[str]) -> bool:
    """Whether somebody may have been sent an earlier message of the same hazard, and not a mere Cancel."""
    if earlier.msg_type is MsgType.CANCEL or (earlier.event, earlier.status) != (campaign.event, campaign.status):
        return False
    return any(places.touches(earlier.audience.target, key) for key in keys)


def _campaign_of(message: _Message, runs: Runs) -> Campaign | None:
    with suppress(ZaloAlertError), closing(runs.open_to_read(message.run)) as run:
        return campaign_file.parse(run.campaign_bytes(), str(run.campaign_path), is_frozen=True)
    return None

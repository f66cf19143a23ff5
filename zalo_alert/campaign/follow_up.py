"""A campaign's correction and all-clear as campaigns of their own: rendered, measured and sent like any other."""

from dataclasses import replace
from enum import StrEnum

from zalo_alert.models import Campaign, FollowUp, MsgType

ALERT = "alert"  # the part of a campaign that is no `Section`


class Section(StrEnum):
    """Where what follows an alert stands in its file."""

    CORRECTION = "correction"
    ALL_CLEAR = "all_clear"

    @property
    def msg_type(self) -> MsgType:
        """What it is to the alert: it was wrong, or there is news."""
        return MsgType.CANCEL if self is Section.CORRECTION else MsgType.UPDATE

    def response_types(self, alert: Campaign) -> tuple[str, ...]:
        """What people should do, in CAP's words, where the alert says that of itself: all is clear, or nothing."""
        return ("AllClear",) if self is Section.ALL_CLEAR and alert.response_types else ()

    def of(self, alert: Campaign) -> FollowUp | None:
        """Return what an alert has ready."""
        return alert.correction if self is Section.CORRECTION else alert.all_clear


def parts(campaign: Campaign) -> dict[str, Campaign]:
    """Return all that a campaign file holds to be sent, by name: the alert itself, then what may follow."""
    following = {section.value: follow_up_of(campaign, section) for section in Section}
    return {ALERT: campaign} | {name: part for name, part in following.items() if part is not None}


def key_path(part: str) -> tuple[str, ...]:
    """Return where a part's routes stand in the file: `("correction", "routes")`."""
    return ("routes",) if part == ALERT else (part, "routes")


def follow_up_of(campaign: Campaign, section: Section) -> Campaign | None:
    """Return a campaign that sends what follows an alert; None where its file has nothing ready.

    Its code, audience, order and dangers are the alert's: a text may say `{{ code }}` of the message that people know, and every
    place keeps its number and name.

    Args:
        campaign: The alert.
        section: What of it follows.
    """
    follow_up = section.of(campaign)
    if follow_up is None:
        return None
    return replace(
        campaign,
        msg_type=section.msg_type,
        references=(campaign.code,),
        headline=follow_up.headline,
        text=follow_up.text,
        variants=tuple(replace(variant, text=follow_up.text, languages=follow_up.languages) for variant in campaign.variants),
        languages=follow_up.languages,
        template="",
        response_types=section.response_types(campaign),
        routes=follow_up.routes,
        broadcast=follow_up.broadcast,
        correction=None,
        all_clear=None,
    )

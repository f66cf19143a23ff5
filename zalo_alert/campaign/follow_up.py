"""A campaign's correction and all-clear as campaigns of their own: rendered, measured and sent like any other."""

from dataclasses import replace

from zalo_alert.models import Campaign, FollowUp, MsgType

ALERT, CORRECTION, ALL_CLEAR = "alert", "correction", "all_clear"  # the parts of a campaign; the latter two as its file has them


def parts(campaign: Campaign) -> dict[str, Campaign]:
    """Return all that a campaign file holds to be sent, by name: the alert itself, then what may follow."""
    following = {CORRECTION: correction_of(campaign), ALL_CLEAR: all_clear_of(campaign)}
    return {ALERT: campaign} | {name: part for name, part in following.items() if part is not None}


def key_path(part: str) -> tuple[str, ...]:
    """Return where a part's routes stand in the file: `("correction", "routes")`."""
    return ("routes",) if part == ALERT else (part, "routes")


def correction_of(campaign: Campaign) -> Campaign | None:
    """Return what says that an alert was wrong; None where its file has nothing ready."""
    return follow_up_of(campaign, campaign.correction, MsgType.CANCEL)


def all_clear_of(campaign: Campaign) -> Campaign | None:
    """Return what says that the danger is over; None where its file has nothing ready."""
    return follow_up_of(campaign, campaign.all_clear, MsgType.UPDATE)


def follow_up_of(campaign: Campaign, follow_up: FollowUp | None, msg_type: MsgType) -> Campaign | None:
    """Return a campaign that sends what follows an alert.

    Its code, audience, order and dangers are the alert's: a text may say `{{ code }}` of the message that people know, and every
    place keeps its number and name.

    Args:
        campaign: The alert.
        follow_up: Its headline, text and routes.
        msg_type: What it is to the alert.
    """
    if follow_up is None:
        return None
    return replace(
        campaign,
        msg_type=msg_type,
        references=(campaign.code,),
        headline=follow_up.headline,
        text=follow_up.text,
        variants=tuple(replace(variant, text=follow_up.text) for variant in campaign.variants),
        routes=follow_up.routes,
        broadcast=follow_up.broadcast,
        correction=None,
        all_clear=None,
    )

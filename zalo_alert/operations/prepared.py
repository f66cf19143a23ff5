"""Whether what follows alerts is what they had ready, and nothing else: made once more from them, and compared.

One approver is enough for it, because those who approved the alert have agreed to its words. So the words must be those in every
place, with the alert's own pictures, and for nobody but the people whom the alerts have reached.
"""

from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import replace

from zalo_alert.campaign import parse
from zalo_alert.campaign.follow_up_text import Window, write
from zalo_alert.errors import CampaignInvalid
from zalo_alert.language import _
from zalo_alert.models import Campaign
from zalo_alert.operations.follow_up import SECTIONS
from zalo_alert.planning.follow_up import is_for_everyone
from zalo_alert.runs.run import Run


def differences(run: Run, campaign: Campaign, alerts: Sequence[Run]) -> Iterator[str]:
    """Name what of a follow-up is not as its alerts had it ready.

    Args:
        run: The follow-up.
        campaign: As frozen.
        alerts: The runs that it follows, in its order.
    """
    if campaign != _as_ready(run, campaign, alerts):
        yield _("the text")
    if not set(run.facts.files) <= set(alerts[0].facts.files):
        yield _("the files that messages carry")
    if not set(run.facts.accounts) <= {account for alert in alerts for account in alert.facts.accounts}:
        yield _("the accounts")
    if {place[:3] for place in run.places()} - set(_places(alerts)):
        yield _("the names of places in the messages")
    if run.facts.audience > sum(_most(alert, run) for alert in alerts):
        yield _("the people")


def _as_ready(run: Run, campaign: Campaign, alerts: Sequence[Run]) -> Campaign | None:
    """Make the campaign once more from its alerts, for the instants that it names itself; None where nothing was ready."""
    alert = parse.parse(alerts[0].campaign_bytes(), str(alerts[0].campaign_path), is_frozen=True)
    section, window = SECTIONS[run.facts.kind], Window(alert.effective, campaign.expires)
    if section.of(alert) is None:
        return None
    codes = list(dict.fromkeys(alert.facts.code for alert in alerts))
    try:
        text = write(alerts[0].campaign_bytes(), section, codes, window, with_article=campaign.broadcast is not None)
    except CampaignInvalid:  # with instants that no follow-up has
        return None
    return replace(parse.parse(text, str(run.campaign_path), is_frozen=True), is_marked=True)


def _places(alerts: Sequence[Run]) -> Iterator[tuple[str, str, int | None]]:
    for number, alert in enumerate(alerts):
        for key, label, variant, _people in alert.places():
            yield key, label, variant if number == 0 else None


def _most(alert: Run, run: Run) -> int:
    if is_for_everyone(alert, run.facts.kind):
        return alert.facts.audience
    with closing(alert.ledger()) as ledger:
        return ledger.count_reached()

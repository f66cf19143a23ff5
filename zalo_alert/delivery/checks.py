"""Whether a frozen run may be sent by this workspace now, and is still what was frozen."""

from dataclasses import replace
from datetime import datetime

from zalo_alert.campaign import parse as campaign_file
from zalo_alert.campaign.lifecycle import Start, check_begun, check_profile, check_sendable
from zalo_alert.campaign.occurrence import at_occurrence
from zalo_alert.errors import RESTORE_RUN, CampaignRefused, StorageUnusable
from zalo_alert.foundation.digests import digest_of
from zalo_alert.language import _, joined
from zalo_alert.models import Campaign
from zalo_alert.runs import contents, seal
from zalo_alert.runs.facts import Kind
from zalo_alert.runs.run import Run
from zalo_alert.settings.model import Settings


def frozen_campaign(run: Run) -> Campaign:
    """Read a run's campaign back, and make sure that it is the one that was frozen.

    Raises:
        StorageUnusable: The text was changed.
    """
    text = run.campaign_bytes()
    if digest_of(text) != run.facts.campaign_digest:
        raise StorageUnusable(
            _("{path} is not the text that was frozen", path=run.campaign_path),
            hint=_("restore it from a backup"),
        )
    campaign = replace(campaign_file.parse(text, str(run.campaign_path), is_frozen=True), is_marked=run.facts.is_marked)
    campaign = at_occurrence(campaign, run.facts.occurrence)
    if campaign.broadcast and campaign.broadcast.article:
        from zalo_alert.articles.in_campaign import with_article  # what reads Markdown is loaded where there is some

        return with_article(campaign, run.attachment)
    return campaign


def check_same_profile(run: Run, settings: Settings) -> None:
    """Refuse a run of the other profile.

    Raises:
        CampaignRefused: It was frozen in a live workspace and this is a drill's, or the other way round.
    """
    if run.facts.profile != settings.profile:
        raise CampaignRefused(
            _(
                "run {run} was frozen in a {profile} workspace, and this one is {own_profile}",
                run=run.id,
                profile=run.facts.profile,
                own_profile=settings.profile,
            ),
            hint=_("live and drill runs never mix; freeze it anew where it belongs"),
        )


def check_resumable(run: Run, campaign: Campaign, settings: Settings, now: datetime, start: Start = Start.SOON) -> None:
    """Refuse a run that this workspace must not send now.

    Raises:
        CampaignRefused: It is real and unapproved, was frozen for the other profile, or takes effect another day.
    """
    check_same_profile(run, settings)
    check_profile(campaign, is_drill=settings.direct)
    if now < campaign.expires:  # an expired run may be resumed: that settles everyone who is left as expired
        check_sendable(campaign, now)
        if run.facts.kind is Kind.ALERT:  # what follows an alert has its effective, and goes out when it is called for
            check_begun(campaign, now, start)


def check_seal(run: Run, settings: Settings) -> str:
    """Recompute a run's digest from the bytes, and refuse to send anything else than what was frozen.

    Returns:
        What to tell of it: that an older run can be checked by fewer parts only; else nothing.

    Raises:
        StorageUnusable: Something in the run's folder is not what was frozen.
        CampaignRefused: Something round it is not: another OA, app or host stands behind the same name.
    """
    if not run.facts.parts:
        if contents.earlier_digest(run) != run.facts.digest:
            raise StorageUnusable(_("run {run} is not what was frozen: its digest differs", run=run.id), hint=RESTORE_RUN)
        return _("{run} was frozen by an earlier version: its digest does not cover accounts, hosts and limits", run=run.id)
    parts = contents.digest_parts(run) | settings.around(run.facts.accounts)
    changed = seal.differing_parts(dict(run.facts.parts), parts)
    here = [name for name in changed if name not in seal.AROUND]
    if here or (not changed and seal.combine(parts) != run.facts.digest):
        parts_changed = [*(seal.PARTS[name] for name in here), *contents.altered_shards(run)]
        what = joined(parts_changed or [_("the digest itself")])
        raise StorageUnusable(
            _("run {run} is not what was frozen: {what} differ from it; nothing was sent", run=run.id, what=what),
            hint=RESTORE_RUN,
        )
    if changed:
        what = joined(seal.PARTS[name] for name in changed)
        raise CampaignRefused(
            _("run {run} was frozen for others: {what} are not those of then", run=run.id, what=what),
            hint=_("set zalo-alert.yaml and the ZALO_ALERT_*_URL variables as they were, or freeze it anew under a new code"),
        )
    return ""

"""From a campaign to its run: the one that it already is, or one frozen now.

The rule that cron rests on: the same campaign and occurrence is the same run, and never sends twice.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from zalo_alert.errors import CampaignRefused, Cure
from zalo_alert.foundation.digests import digest_of
from zalo_alert.foundation.notices import Level, Notice
from zalo_alert.language import _, persons
from zalo_alert.operations.campaign_files import read_begun_campaign
from zalo_alert.operations.holding import check_hold
from zalo_alert.operations.orders import WORDING, Orders
from zalo_alert.runs.archived import ArchivedRun
from zalo_alert.runs.facts import run_id
from zalo_alert.runs.run import Run
from zalo_alert.runs.store import Runs

if TYPE_CHECKING:
    from zalo_alert.operations.draft import Draft
    from zalo_alert.operations.observing import Observer
    from zalo_alert.planning.plan import Plan
    from zalo_alert.settings.model import Settings

Agree = Callable[["Draft"], None]  # raises where whoever is asked does not agree to what would be frozen


def open_run(
    path: Path,
    settings: "Settings",
    runs: Runs,
    observer: "Observer",
    agree: Agree,
    *,
    recipients: str | None = None,
    occurrence: str = "",
    orders: Orders,
    outside: Sequence[Path] = (),
) -> Run:
    """Find the run that a campaign already is, or freeze one.

    Args:
        path: Of the campaign.
        settings: The workspace's.
        runs: Where it is looked for and kept.
        observer: Told what is odd, and what was found or frozen.
        agree: Asked before anything is frozen; it raises to refuse.
        recipients: A file of ids, "-" for stdin, or None.
        occurrence: Key of this occurrence of the campaign.
        orders: For this go.
        outside: What the campaign may send along although it lies outside the workspace.

    Raises:
        CampaignRefused: The run is of another text or of another list.
        RunHeld: A person has stopped it.
    """
    if run := find_run(path, settings, runs, recipients=recipients, occurrence=occurrence, orders=orders):
        if not isinstance(run, ArchivedRun):
            observer.on_notice(_continued(run))
        return run
    run = freeze_run(
        path, settings, runs, observer, agree, recipients=recipients, occurrence=occurrence, orders=orders, outside=outside,
        check=_only_permitted(settings, observer, orders), holds_back=not settings.direct,
    )  # fmt: skip
    observer.on_notice(frozen_notice(run))
    return run


def _only_permitted(settings: "Settings", observer: "Observer", orders: Orders) -> Agree:
    """Refuse to freeze what another officer must agree to and no standing approval lets out, before anybody is asked anything."""

    def check(draft: "Draft") -> None:
        from zalo_alert.approval.agreement import needs_approval

        if needs_approval(draft.campaign, draft.plan.people, settings.profile):
            observer.on_notice(_permitted(draft, settings, orders))

    return check


def _permitted(draft: "Draft", settings: "Settings", orders: Orders) -> Notice:
    from zalo_alert.foundation.clock import SystemClock
    from zalo_alert.operations.standing_gate import Send, permission_for

    files = {name: digest_of(content) for name, content in draft.files.items()}
    send = Send(
        draft.campaign, digest_of(draft.text), files, draft.plan.people, bool(draft.recipients_digest), orders=orders
    )  # fmt: skip
    permission = permission_for(send, settings, SystemClock().now())
    return Notice(_("the standing approval {name} lets it out", name=permission.name))


def _continued(run: Run) -> Notice:
    sentence = _(
        "{run} exists since {frozen_at}: continuing it; nobody is written to twice",
        run=run.id,
        frozen_at=f"{run.facts.frozen_at:%H:%M %d/%m}",
    )
    return Notice(sentence, "continue", Level.STRONG, {"run": run.id, "frozen_at": run.facts.frozen_at.isoformat()})


def frozen_notice(run: Run) -> Notice:
    """Say that a run is frozen, and for how many."""
    whom = persons(run.facts.audience) if run.facts.audience else _("a broadcast, nobody one by one")
    fields = {"run": run.id, "audience": run.facts.audience, "digest": run.facts.digest}
    return Notice(
        _("frozen as {run}: {whom}, digest {digest}", run=run.id, whom=whom, digest=run.facts.digest[:12]),
        "frozen",
        fields=fields,
    )


def find_run(
    path: Path, settings: "Settings", runs: Runs, *, recipients: str | None, occurrence: str, orders: Orders
) -> Run | None:
    """Find the run that this campaign and occurrence already are, or an archived one: of the same text and the same list."""
    text, campaign = read_begun_campaign(path)
    run = runs.find_to_read(run_id(campaign.code, occurrence))
    if run is None:
        return None
    if run.facts.campaign_digest != digest_of(text):
        raise CampaignRefused(
            _("{run} was frozen from another text of {path}", run=run.id, path=path),
            hint=_new_code(run),
        )
    if recipients is not None or run.facts.recipients_digest:
        _check_same_list(run, recipients, settings)
    check_hold(run, orders)
    return run


def _new_code(run: Run) -> str:
    if isinstance(run, ArchivedRun):
        return _("that run is archived; give the new text a new code")
    return _("give the new text a new code, or {resume} to go on with the old one", resume=Cure.RESUME(run.id))


def _check_same_list(run: Run, recipients: str | None, settings: "Settings") -> None:
    from zalo_alert.operations.draft import list_digest

    if recipients is None or list_digest(recipients, settings) != run.facts.recipients_digest:
        raise CampaignRefused(_("{run} was frozen with another list of recipients", run=run.id), hint=_new_occurrence(run))


def _new_occurrence(run: Run) -> str:
    another = Cure.OPTION(occurrence=True)
    if isinstance(run, ArchivedRun):
        return _("that run is archived; use another {option} for another list", option=another)
    return _(
        "use another {option} for another list, or {resume} to go on with the old one",
        option=another,
        resume=Cure.RESUME(run.id),
    )


def freeze_run(
    path: Path,
    settings: "Settings",
    runs: Runs,
    observer: "Observer",
    agree: Agree,
    *,
    recipients: str | None,
    occurrence: str,
    orders: Orders,
    outside: Sequence[Path],
    check: Agree = lambda draft: None,
    holds_back: bool = True,
) -> Run:
    """Freeze a campaign into a run; see `open_run`.

    `check` comes before anybody is asked anything; `holds_back` says whether errors of wording do so.
    """
    from zalo_alert.campaign.lifecycle import check_begun, check_profile
    from zalo_alert.foundation.clock import SystemClock
    from zalo_alert.operations.connect import require_tokens
    from zalo_alert.operations.draft import draft
    from zalo_alert.operations.guards import check_guards, check_restore
    from zalo_alert.planning.freeze import FreezeRequest, freeze
    from zalo_alert.settings.model import require_safe_hosts
    from zalo_alert.settings.rest_mark import check_awake

    clock = SystemClock()
    check_awake(settings.state_dir)
    drafting = draft(
        path, recipients, settings, observer.on_notice, outside, despite_never=orders.despite_never, occurrence=occurrence
    )
    with drafting as drafted:
        check_profile(drafted.campaign, is_drill=settings.direct)
        check_begun(drafted.campaign, clock.now(), orders.start)
        runs.check_free(run_id(drafted.campaign.code, occurrence))  # told before the officer agrees
        require_safe_hosts(settings)  # better missed now than with a frozen run, which goes to these hosts alone
        require_tokens(settings, [source.account for source in drafted.sources])
        check(drafted)
        drafted, passed = _look_at_words(drafted, path, settings, orders, observer, holds_back=holds_back)
        overrides = passed | check_guards(drafted.campaign, settings, orders, clock.now(), observer.on_notice)
        overrides |= check_restore(drafted.campaign, occurrence, settings, orders, clock.now(), observer.on_notice)
        agree(replace(drafted, overrides=overrides))
        request = FreezeRequest(
            drafted.plan, drafted.text, drafted.sources, settings, drafted.files, occurrence, drafted.recipients_digest, overrides
        )
        run = freeze(request, runs, clock.now())
        if (run.facts.campaign_digest, run.facts.recipients_digest) != (digest_of(drafted.text), drafted.recipients_digest):
            raise CampaignRefused(
                _("{run} was frozen from another text or list by another process a moment ago", run=run.id),
                hint=_("{status} shows it; give this one a new code", status=Cure.STATUS(run.id)),
            )
        tell_passed(run, settings, observer)
        if drafted.plan.over_cap:
            _tell_over_cap(run, drafted.plan, settings, observer)
        return run


def _look_at_words(
    drafted: "Draft", path: Path, settings: "Settings", orders: Orders, observer: "Observer", *, holds_back: bool
) -> "tuple[Draft, dict[str, str]]":
    """Return the draft with what is wrong with its words, and the rules of wording that are passed over."""
    from zalo_alert.operations.wording import look_at_draft, needless, passed

    findings = look_at_draft(drafted, path, settings)
    for notice in needless(findings, orders.despite):
        observer.on_notice(notice)
    return replace(drafted, findings=tuple(findings)), passed(findings, orders.despite, str(path)) if holds_back else {}


def tell_passed(run: Run, settings: "Settings", observer: "Observer") -> None:
    """Tell the log which rules of wording a run goes round, and why."""
    from zalo_alert.audit.events import AuditEvent
    from zalo_alert.audit.telling import tell
    from zalo_alert.operations.state import state_folder

    for name, why in run.facts.overrides.items():
        if name.startswith(WORDING):
            tell(state_folder(settings), AuditEvent.OVERRIDE, observer.on_notice, run=run.id, why=why, facts={"rule": name})


def _tell_over_cap(run: Run, plan: "Plan", settings: "Settings", observer: "Observer") -> None:
    """Tell the log that a campaign goes also to those who have had messages enough."""
    from zalo_alert.audit.events import AuditEvent
    from zalo_alert.audit.telling import tell
    from zalo_alert.operations.state import state_folder

    facts = {"rule": "person-cap", "people": plan.over_cap}
    tell(state_folder(settings), AuditEvent.OVERRIDE, observer.on_notice, run=run.id, why=str(plan.over_cap_why), facts=facts)

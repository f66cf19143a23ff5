"""What speaks against beginning now: the hour, and a clock that is wrong. Each has a way round for a typed reason, which is kept.

In a live workspace they refuse; a drill is told of its hour, and nothing more.
"""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from email.utils import parsedate_to_datetime

from zalo_alert.campaign.hours import hours_problem
from zalo_alert.campaign.lifecycle import Start
from zalo_alert.errors import CampaignRefused, Cure, InputInvalid, ZaloAlertError
from zalo_alert.foundation.clock import SystemClock, in_vietnam, words
from zalo_alert.foundation.notices import Level, Notice
from zalo_alert.language import _, count, joined, span
from zalo_alert.models import Campaign, Urgency
from zalo_alert.operations.connect import connected
from zalo_alert.operations.loop import run_loop
from zalo_alert.operations.orders import Orders, reason_line
from zalo_alert.runs.facts import Kind
from zalo_alert.runs.run import Run
from zalo_alert.settings.model import Settings, require_safe_hosts
from zalo_alert.settings.rest_mark import RestMark, read_woken
from zalo_alert.zalo.probe import probe_host

MOST_OFF_S = 120.0  # a clock set by hand is right to a minute or two; onset, expiry and night go by it
MOST_REASON = 200  # characters
HOURS, CLOCK, RESTORE = "hours", "clock", "restore"  # their names among a run's overrides
IN_DOUBT = timedelta(days=7)  # after a restore; older campaigns have expired by then

Tell = Callable[[Notice], None]


def check_guards(campaign: Campaign, settings: Settings, orders: Orders, now: datetime, tell: Tell) -> dict[str, str]:
    """Refuse what must not begin when it would; return the rules gone round, each with the reason.

    Raises:
        CampaignRefused: The hour or the clock speaks against it, and nobody says why to go on.
    """
    is_immediate = campaign.urgency is Urgency.IMMEDIATE
    found = {
        HOURS: (_hours(campaign, now, orders), orders.despite_hours, _wait_or()),
        CLOCK: (_clock(settings), orders.despite_clock if is_immediate else "", _set_clock(campaign)),
    }
    overrides = {}
    for name, (problem, why, hint) in found.items():
        if problem and settings.direct:
            tell(Notice(joined((problem, _("a live workspace refuses it")), "; "), "", Level.PLAIN))
        elif problem:
            overrides[name] = _reason(problem, why, hint)
            tell(Notice(_("{problem}: going on, because {why}", problem=problem, why=overrides[name]), "", Level.ALARM))
    return overrides


def check_restore(
    campaign: Campaign, occurrence: str, settings: Settings, orders: Orders, now: datetime, tell: Tell
) -> dict[str, str]:
    """Refuse to freeze what another machine may have sent after the backup that this workspace comes from.

    A run that it froze after the backup is not known here: the same campaign would be a new one, to the same people. Whatever
    takes effect after the workspace was woken, or is of a later day by its occurrence, can be none of those.

    Raises:
        CampaignRefused: It may have been, and nobody says why it was not.
    """
    woken = woken_in_doubt(settings, now)
    if woken is None or campaign.effective > woken.at:
        return {}
    if _is_later_day(occurrence, woken.at):
        return {}
    problem = _(
        "{code} takes effect before this workspace was woken ({at}): the machine that its backup is of may have sent it already",
        code=campaign.code,
        at=words(woken.at),
    )
    hint = _("make sure that it was not, and say how you know: {despite}", despite=Cure.OPTION(despite_restore='"why"'))
    why = _reason(problem, orders.despite_restore, hint)
    tell(Notice(_("{problem}: going on, because {why}", problem=problem, why=why), "", Level.ALARM))
    return {RESTORE: why}


def woken_in_doubt(settings: Settings, now: datetime) -> RestMark | None:
    """Return how a workspace was woken that another machine may have done things for; None where no such is in question."""
    woken = read_woken(settings.state_dir)
    return None if woken is None or woken.is_exact or now - woken.at > IN_DOUBT else woken


def _is_later_day(occurrence: str, at: datetime) -> bool:
    try:
        return date.fromisoformat(occurrence[:10]) > in_vietnam(at).date()
    except ValueError:
        return False


def check_run_guards(run: Run, campaign: Campaign, settings: Settings, orders: Orders, tell: Tell) -> None:
    """Do the same with a frozen run each time that it is started; what was agreed to with it holds.

    Raises:
        CampaignRefused: See `check_guards`; of a run that waits for its first message, the approver must see the reason.
    """
    now = SystemClock().now()
    if settings.direct or run.facts.kind is not Kind.ALERT or now >= campaign.expires or not run.is_open():
        return
    known = run.facts.overrides
    if run.request and not run.is_begun:
        orders = Orders(start=orders.start)  # a reason that nobody has agreed to
    given = Orders(
        start=orders.start,
        despite_hours=known.get(HOURS) or orders.despite_hours,
        despite_clock=known.get(CLOCK) or orders.despite_clock,
    )
    for name, why in check_guards(campaign, settings, given, now, tell).items():
        if name not in known:
            run.note(f"despite-{name}", why, now)


def _hours(campaign: Campaign, now: datetime, orders: Orders) -> str:
    return hours_problem(campaign, now if orders.start is Start.EARLY else max(now, campaign.effective))


def _clock(settings: Settings) -> str:
    if settings.direct:
        return ""
    ahead_s = ask_ahead_s(settings)
    if ahead_s is None or abs(ahead_s) <= MOST_OFF_S:
        return ""
    off = span(timedelta(seconds=abs(ahead_s)))
    if ahead_s > 0:
        return _("this machine's clock is {off} ahead of the servers'", off=off)
    return _("this machine's clock is {off} behind the servers'", off=off)


def ask_ahead_s(settings: Settings) -> float | None:
    """Ask the servers how many seconds this machine's clock is ahead of theirs; None where none says what time it is.

    That a server can't be asked is told by whoever sends, and is no reason to doubt the clock.
    """
    require_safe_hosts(settings)

    async def ask() -> float | None:
        async with connected(settings, reads=True) as zalo:
            date = (await probe_host(zalo.http, settings.hosts.openapi)).date
        try:
            return (SystemClock().now() - parsedate_to_datetime(date)).total_seconds()
        except (ValueError, TypeError):  # no date, or one without a zone
            return None

    try:
        return run_loop(ask())
    except ZaloAlertError:
        return None


def _wait_or() -> str:
    return _(
        "set `effective` to the morning and start it with {wait}; if it can't wait, say why, for the approver to read: {despite}",
        wait=Cure.OPTION(wait=True),
        despite=Cure.OPTION(despite_hours='"why"'),
    )


def _set_clock(campaign: Campaign) -> str:
    if campaign.urgency is Urgency.IMMEDIATE:
        return _(
            "have the network set the clock; if there is no time for that, say why: {despite}",
            despite=Cure.OPTION(despite_clock='"why"'),
        )
    return _("have the network set the clock, then try again: onset, expiry and night go by it")


def _reason(problem: str, why: str, hint: str) -> str:
    if not why:
        raise CampaignRefused(joined((problem, _("nothing was sent")), ": "), hint=hint)
    line = reason_line(why)
    if len(why) > MOST_REASON or not line:
        raise InputInvalid(_("a reason has 1 to {most} characters", most=count(MOST_REASON)), hint=_("say it in a sentence"))
    return line

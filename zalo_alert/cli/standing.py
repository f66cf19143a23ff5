"""`standing`: what cron and scripts may send without asking anybody, signed by two officers beforehand."""

import re
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from zalo_alert.cli.app import app
from zalo_alert.cli.display import display
from zalo_alert.cli.officer_key import signer_of
from zalo_alert.cli.options import HERE, CampaignArgument, JsonOption, KeyOption, WorkspaceOption
from zalo_alert.errors import Cure, UsageError
from zalo_alert.language import _, joined

if TYPE_CHECKING:
    from zalo_alert.operations.standing import StandingApprovals

group = typer.Typer(no_args_is_help=True, help="Standing approvals: what cron and scripts may send without asking anybody.")
app.add_typer(group, name="standing")

_HOURS = re.compile(r"([01]?[0-9]|2[0-4]):([0-5][0-9])-([01]?[0-9]|2[0-4]):([0-5][0-9])")
_Name = Annotated[str, typer.Argument(help="What it is called.", show_default=False)]


@group.command()
def propose(
    campaign: CampaignArgument,
    name: Annotated[str, typer.Option("--name", help="What to call it: small letters, digits, hyphens.", show_default=False)],
    first: Annotated[str, typer.Option("--from", metavar="YYYY-MM-DD", help="First day.", show_default=False)],
    last: Annotated[str, typer.Option("--to", metavar="YYYY-MM-DD", help="Last day; a year at most.", show_default=False)],
    hours: Annotated[
        str, typer.Option("--hours", metavar="HH:MM-HH:MM", help="Within which a first message may leave.", show_default=False)
    ],
    most_people: Annotated[int, typer.Option("--most-people", help="In one send.", min=1, show_default=False)],
    most_a_day: Annotated[int, typer.Option("--most-a-day", help="Sends.", min=1, show_default=False)],
    most_in_all: Annotated[int, typer.Option("--most-in-all", help="Sends.", min=1, show_default=False)],
    recipients_up_to: Annotated[
        int, typer.Option("--recipients-up-to", help="How many people a list of --recipients may name.", min=0,
                          show_default="no list")
    ] = 0,
    key: KeyOption = None,
    yes: Annotated[bool, typer.Option("--yes", help="Don't ask; in a drill only.")] = False,
    workspace: WorkspaceOption = HERE,
    json: JsonOption = False,
) -> None:  # fmt: skip
    """Ask another officer to let a campaign of severity Minor go out again and again, within limits, without being asked.

    Example: zalo-alert standing propose campaigns/thu-hang-thang.yaml --name thu-hang-thang --from 2026-12-01 --to 2027-11-30
    --hours 07:00-19:00 --most-people 5000 --most-a-day 1 --most-in-all 12
    """
    from zalo_alert.cli.standing_view import ask_whether_read, show_permission, tell_standing
    from zalo_alert.operations.standing import Limits, Proposal

    standings = _standings(workspace)
    _check_yes(standings, yes=yes)
    opens_min, closes_min = _hours(hours)
    limits = Limits(_day(first), _day(last), opens_min, closes_min, most_people, most_a_day, most_in_all, recipients_up_to)
    signer = signer_of(key)
    permission = standings.draft(Proposal(campaign, name, limits), signer)
    show_permission(permission)
    if not yes:
        ask_whether_read(permission, _("nothing was proposed"))
    file, trouble = standings.propose(permission, campaign, signer)
    tell_standing(standings.standing(name), str(file))
    display.done(_("{name} is proposed: it lets nothing out until another officer has approved it", name=name))
    if trouble:
        display.say(trouble, style="yellow")
    here, there = Cure.STANDING_APPROVE(name), Cure.APPROVE(request=str(file.name))
    display.say(_("on this machine the other officer reads and signs it with {approve}", approve=here))
    display.say(
        _("elsewhere: send them {file}; they sign it with {approve} and send the signature back", file=file, approve=there)
    )


@group.command()
def approve(
    name: _Name,
    signature: Annotated[
        str,
        typer.Option("--signature", metavar="FILE", help="Take a signature that was made elsewhere: its file, or - for stdin.",
                     show_default=False),
    ] = "",
    key: KeyOption = None,
    yes: Annotated[bool, typer.Option("--yes", help="Don't ask; in a drill only.")] = False,
    workspace: WorkspaceOption = HERE,
    json: JsonOption = False,
) -> None:  # fmt: skip
    """Read what another officer has proposed, and sign exactly that; or take a signature made elsewhere.

    Elsewhere, `zalo-alert approve --request FILE` signs it.

    Example: zalo-alert standing approve thu-hang-thang
    """
    from zalo_alert.cli.standing_view import tell_standing
    from zalo_alert.operations.sign_request import read_signature_file

    standings = _standings(workspace)
    _check_yes(standings, yes=yes)
    standings.open(name)
    text = read_signature_file(signature) if signature else _sign_here(standings, name, key, yes=yes)
    officer, agreed = standings.approve(name, text)
    tell_standing(standings.standing(name), str(standings.request_file(name)))
    if not agreed.is_enough:
        missing = agreed.needed - len(agreed.approvers)
        display.done(_("{name} has approved {standing}; {missing} more must", name=officer.name, standing=name, missing=missing))
        return
    names = joined((each.name for each in agreed.approvers), _(" and "))
    display.done(_("{standing} is approved by {names}", standing=name, names=names))
    send = Cure.SEND("campaigns/….yaml", occurrence="KEY", yes=True)
    display.say(_("{send} goes out by it, as long as it fits; so may cron", send=send))


def _sign_here(standings: "StandingApprovals", name: str, key: Path | None, *, yes: bool) -> str:
    from zalo_alert.cli.standing_view import ask_whether_read, show_permission
    from zalo_alert.operations.standing import sign_permission

    permission, signer = standings.open(name), signer_of(key)
    show_permission(permission)
    if not yes:
        ask_whether_read(permission, _("nothing was signed"))
    return sign_permission(permission, signer)


@group.command(name="list")
def list_(workspace: WorkspaceOption = HERE, json: JsonOption = False) -> None:
    """Show every standing approval: what it allows, how often it was used, and whether it holds.

    Example: zalo-alert standing list
    """
    from zalo_alert.cli.standing_view import tell_list

    standings = _standings(workspace)
    tell_list([(standing, str(standings.request_file(standing.permission.name))) for standing in standings.all()])


@group.command()
def revoke(
    name: _Name,
    reason: Annotated[str, typer.Option("--reason", help="Why; it is kept in the log.", show_default=False)],
    key: KeyOption = None,
    workspace: WorkspaceOption = HERE,
    json: JsonOption = False,
) -> None:
    """Take a standing approval back from now on, also for runs that it has let out and that are not finished.

    Example: zalo-alert standing revoke thu-hang-thang --reason "the text is out of date"
    """
    officer = _standings(workspace).revoke(name, reason, signer_of(key), display.notice)
    display.fact("standing-revoked", name=name, by=officer.name, reason=reason)
    display.done(_("{name} is revoked: nothing goes out by it any more", name=name))


def _standings(workspace: Path) -> "StandingApprovals":
    from zalo_alert.operations.standing import StandingApprovals
    from zalo_alert.operations.workspace import Workspace

    return StandingApprovals(Workspace(workspace).settings)


def _check_yes(standings: "StandingApprovals", *, yes: bool) -> None:
    if yes and not standings.is_drill:
        raise UsageError(
            _("{option} is for drills: in a live workspace a person reads and types", option=Cure.OPTION(yes=True)),
            hint=_("leave it out"),
        )


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text.strip())
    except ValueError as exc:
        raise UsageError(
            _('"{text}" is no day', text=text[:20]), hint=_("write it like {example}", example="2026-12-31")
        ) from exc


def _hours(text: str) -> tuple[int, int]:
    """Read hours of day, such as `07:00-19:00`, as minutes after midnight."""
    found = _HOURS.fullmatch(text.strip())
    if not found:
        raise UsageError(
            _('"{text}" are no hours of day', text=text[:20]), hint=_("write them like {example}", example="07:00-19:00")
        )
    opens_h, opens_min, closes_h, closes_min = map(int, found.groups())
    return opens_h * 60 + opens_min, closes_h * 60 + closes_min

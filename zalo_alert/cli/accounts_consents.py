"""`accounts invite`, `consents`, `missing`: a tree of OAs whose administrators consent, each once, in a browser."""

import os
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from zalo_alert.cli import completions
from zalo_alert.cli.accounts import SHOWN, group
from zalo_alert.cli.display import display
from zalo_alert.cli.options import HERE, JsonOption, WorkspaceOption
from zalo_alert.errors import Cure
from zalo_alert.foundation.clock import SystemClock
from zalo_alert.foundation.notices import Notice
from zalo_alert.language import _, _n, count, joined, moment, span
from zalo_alert.operations.workspace import Workspace

if TYPE_CHECKING:
    from zalo_alert.inbound.consent_answer import Verdict
    from zalo_alert.operations.consents import ConsentTally
    from zalo_alert.preflight.consent_health import ConsentStatus, ProvinceConsents

_Areas = Annotated[
    list[str] | None,
    typer.Option("--areas", metavar="PLACE", help="Only OAs within this place; may be repeated.", show_default=False),
]


@group.command()
def invite(
    accounts: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="ACCOUNT...", help="Ids from zalo-alert.yaml.", show_default=False, autocompletion=completions.accounts
        ),
    ] = None,
    output: Annotated[
        Path, typer.Option("--output", metavar="FILE", help="The new CSV file of links, for a mail merge.", show_default=False)
    ] = Path("links.csv"),
    callback: Annotated[
        str,
        typer.Option("--callback", metavar="URL", help="Where answers come to; default: the app's redirect_uri.",
                     show_default=False),
    ] = "",
    missing: Annotated[bool, typer.Option("--missing", help="Only those that have not consented, or must soon again.")] = False,
    areas: _Areas = None,
    accounts_file: Annotated[
        Path | None,
        typer.Option("--accounts-file", metavar="FILE", help="Only those that stand in this file, too.", show_default=False),
    ] = None,
    all_: Annotated[bool, typer.Option("--all", help="Every account of the workspace.")] = False,
    app: Annotated[str, typer.Option("--app", help="Through this app; default: each account's own.", show_default=False)] = "",
    days: Annotated[int, typer.Option("--days", help="How long the links hold.", min=1, max=90)] = 30,
    workspace: WorkspaceOption = HERE,
    json: JsonOption = False,
) -> None:  # fmt: skip
    """Write a link for each OA by which its administrator consents; `accounts consents` takes the answers.

    Links that were written before hold on until their own end.

    Example: zalo-alert accounts invite --missing --output links.csv --callback https://webhook.example.vn/consent
    """
    from zalo_alert.operations.invite import InviteOrder
    from zalo_alert.operations.invite import invite as write_links

    order = InviteOrder(
        output, callback, tuple(accounts or ()), accounts_file, tuple(areas or ()), app, missing=missing, everyone=all_, days=days
    )  # fmt: skip
    invited = write_links(Workspace(workspace).settings, order, display.notice)
    display.fact(
        "invited", links=invited.links, file=str(invited.file), until=invited.ends_at, callbacks=list(invited.callbacks)
    )  # fmt: skip
    until = moment(invited.ends_at, SystemClock().now().date())
    display.done(
        _n(
            "{count} link in {file}; it holds until {until}",
            "{count} links in {file}; they hold until {until}",
            invited.links, count=count(invited.links), file=invited.file, until=until,
        )
    )  # fmt: skip
    display.say(
        _(
            "the answers come to {address}: start {consents} before the letters go out, and send each link to its own OA alone",
            address=joined(invited.callbacks),
            consents=Cure.CONSENTS(),
        )
    )


@group.command()
def consents(
    listen: Annotated[
        str | None,
        typer.Option(
            "--listen", metavar="HOST:PORT", show_default=False,
            help="Where to listen; default: where links on this machine lead to, else 127.0.0.1:8081.",
        ),
    ] = None,
    workspace: WorkspaceOption = HERE,
    json: JsonOption = False,
) -> None:  # fmt: skip
    """Take the answers of administrators who open the links of `accounts invite`; Ctrl-C stops it.

    Example: zalo-alert accounts consents
    """
    from zalo_alert.operations.consents import take_consents

    take_consents(workspace, os.environ, listen, _Shown())


class _Shown:
    """Shows what comes in, in lines that a log can keep."""

    def on_notice(self, notice: Notice) -> None:
        display.notice(notice)

    def on_verdict(self, verdict: "Verdict", tally: "ConsentTally") -> None:
        from zalo_alert.inbound.consent_answer import Reply

        display.fact(
            "consent-answer", account=verdict.account, oa_id=verdict.oa_id, reply=verdict.reply, name=verdict.name,
            message=verdict.why, oas=tally.oas, missing=tally.missing,
        )  # fmt: skip
        if verdict.reply is Reply.RECEIVED:
            left = _("{missing} of {oas} are missing", missing=count(tally.missing), oas=count(tally.oas))
            said = _("{name} has consented", name=verdict.name or verdict.oa_id)
            display.tell(joined((verdict.account, joined((said, left), "; ")), ": "))
        else:
            why = verdict.why or _REPLIES[verdict.reply]
            display.tell(joined((verdict.account, why), ": "), style="yellow")


_REPLIES = {
    "repeated": _("the page was loaded again"),
    "unproven": _("received; Zalo has not said yet whose tokens these are, and is asked again"),
    "declined": _("the administrator did not allow it"),
    "wrong-oa": _("another OA was chosen"),
    "ended": _("the link has ended: write a new one"),
    "withdrawn": _("the OA is no longer in zalo-alert.yaml, or with another oa_id"),
    "spent": _("Zalo's code was used up or too old"),
    "lost": _("Zalo gave no answer of use"),
    "refused": _("Zalo refuses the app"),
    "too-often": _("too many tries; they are told to wait"),
    "busy": _("too many at the same time, or a refresh is going on; they are told to come again"),
    "unstored": _("it could not be stored"),
}


@group.command()
def missing(
    by: Annotated[str, typer.Option("--by", metavar="province", help="Count by province and name nobody.",
                                    show_default=False)] = "",
    areas: _Areas = None,
    output: Annotated[
        Path | None,
        typer.Option("--output", metavar="FILE", help="Write those who are missing to this CSV file, too.", show_default=False),
    ] = None,
    workspace: WorkspaceOption = HERE,
    json: JsonOption = False,
) -> None:  # fmt: skip
    """Show which OAs have not consented or must soon again, by province, with names and phones for a call.

    Example: zalo-alert accounts missing --by province
    """
    from zalo_alert.operations.consents_missing import look_for_missing

    found = look_for_missing(Workspace(workspace).settings, tuple(areas or ()), by, output)
    for row in found.provinces:
        display.fact("consent-province", **row._asdict())
    for one in () if by else found.missing:
        _tell_missing(one)
    _show_provinces(found.provinces)
    if found.missing and not by:
        _show_names(found.missing)
    all_, lacking = count(found.oas), len(found.missing)
    display.say(_("{missing} of {all} OAs are missing or end soon", missing=count(lacking), all=all_), style="bold")
    if lacking:
        display.say(_("{invite} writes new links for them", invite=Cure.INVITE(missing=True)))
    if output:
        display.done(_("their names stand in {file}", file=output))


def _tell_missing(one: "ConsentStatus") -> None:
    account = one.account
    display.fact(
        "consent-missing", account=account.id, oa_id=account.oa_id, app_id=account.app_id, state=one.state, province=one.province,
        name=one.name, phone=one.phone, refresh_s=one.refresh_s, link_until=one.link_until,
    )  # fmt: skip


def _show_provinces(rows: "list[ProvinceConsents]") -> None:
    columns = (_("province"), _("OAs"), _("consented"), _("ends soon"), _("missing"))
    cells = [
        (row.province or _("(several provinces)"), *map(count, (row.oas, row.consented, row.soon, row.missing))) for row in rows
    ]  # fmt: skip
    display.table("", columns, cells)


def _show_names(rows: "list[ConsentStatus]") -> None:
    columns = (_("account"), _("name"), _("province"), _("phone"), _("state"))
    display.table("", columns, [_cells(one) for one in rows[:SHOWN]])
    if len(rows) > SHOWN:
        display.say(
            _(
                "and {more} more; {json} or {output} has all of them",
                more=count(len(rows) - SHOWN),
                json=Cure.OPTION(json=True),
                output=Cure.OPTION(output="missing.csv"),
            )
        )


def _cells(one: "ConsentStatus") -> tuple[str, ...]:
    if one.refresh_s is not None:
        state = _("ends in {time}", time=span(timedelta(seconds=one.refresh_s)))
    else:
        state = _("missing") if one.link_until is None else _("missing; has a link")
    return (one.account.id, one.name, one.province, one.phone, state)

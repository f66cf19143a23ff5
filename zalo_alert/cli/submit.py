"""`submit`, `approve` and `reject`: two persons agree to exactly what is sent."""

import sys
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from zalo_alert.campaign.lifecycle import Start
from zalo_alert.cli import completions
from zalo_alert.cli.app import app
from zalo_alert.cli.display import display
from zalo_alert.cli.named_run import named_run
from zalo_alert.cli.officer_key import signer_of
from zalo_alert.cli.options import (
    HERE,
    ClockOption,
    DespiteCommand,
    DespiteOption,
    DespiteWordingOption,
    HoursOption,
    JsonOption,
    KeyOption,
    OutsideOption,
    RecipientsOption,
    RestoreOption,
    RunArgument,
    SignatureOption,
    WorkspaceOption,
    pairs_of,
)
from zalo_alert.cli.plan import reading, show_plan
from zalo_alert.cli.submit_elsewhere import check_alone, require_campaign, sign_unsigned, tell_prepared
from zalo_alert.errors import Cure, Step, UsageError
from zalo_alert.foundation.clock import words
from zalo_alert.language import _, joined

if TYPE_CHECKING:
    from zalo_alert.operations.approve import Approval, Approved
    from zalo_alert.operations.draft import Draft
    from zalo_alert.operations.officer_key import Signer
    from zalo_alert.operations.standing import Permission
    from zalo_alert.operations.submit import Submitted
    from zalo_alert.operations.workspace import Workspace

_NOTHING_SUBMITTED = _("nothing was submitted")
_NOTHING_SIGNED = _("nothing was signed")


@app.command(cls=DespiteCommand)
def submit(
    campaign: Annotated[
        Path | None,
        typer.Argument(help="Campaign file; with --signature the name of its run.", show_default=False,
                       autocompletion=completions.campaigns),
    ] = None,
    recipients: RecipientsOption = None,
    occurrence: Annotated[str, typer.Option("--occurrence", help="Key of this occurrence of the campaign.")] = "",
    key: KeyOption = None,
    in_name_of: Annotated[
        str,
        typer.Option("--as", metavar="NAME", help="Write what this officer signs elsewhere, and submit nothing yet.",
                     show_default=False),
    ] = "",
    request: Annotated[
        Path | None,
        typer.Option("--request", help="Sign what --as has written, on any machine: its file, or - for stdin.",
                     show_default=False),
    ] = None,
    signature: SignatureOption = "",
    yes: Annotated[bool, typer.Option("--yes", help="Don't ask; in a drill only.")] = False,
    despite_never: DespiteOption = "",
    despite_hours: HoursOption = "",
    despite_clock: ClockOption = "",
    despite_restore: RestoreOption = "",
    despite: DespiteWordingOption = None,
    allow_outside: OutsideOption = None,
    workspace: WorkspaceOption = HERE,
    json: JsonOption = False,
) -> None:  # fmt: skip
    """Freeze a campaign and ask another officer to approve exactly that.

    Example: zalo-alert submit campaigns/dien-tap-bao.yaml

    Example: zalo-alert submit campaigns/dien-tap-bao.yaml --despite no-guidance "tin chỉ báo diễn tập đã kết thúc"
    """
    from zalo_alert.cli.run_view import ShellObserver
    from zalo_alert.operations.orders import Orders
    from zalo_alert.operations.submit import SubmitOrder
    from zalo_alert.operations.workspace import Workspace

    if request is not None:
        check_alone(campaign, in_name_of, signature)
        sign_unsigned(request, key, yes=yes)
        return
    path = require_campaign(campaign, in_name_of, signature)
    home = Workspace(workspace)
    _check_yes(home, yes=yes)
    if signature:
        run = home.run(str(path))
        _tell_submitted(home.take_submission(run, _read_text(signature)))
        return
    start = Start.WAIT  # what is submitted now may take effect later: when it is sent, that counts
    orders = Orders(
        despite_never=despite_never, despite_hours=despite_hours, despite_clock=despite_clock,
        despite_restore=despite_restore, despite=pairs_of(despite), start=start,
    )  # fmt: skip
    order = SubmitOrder(path, recipients, occurrence, orders, allow_outside or ())
    with _Agreeing(home, recipients, yes=yes, spares_stdout=bool(in_name_of)) as agree:
        if in_name_of:
            prepared = home.prepare_submission(order, in_name_of, agree, ShellObserver())
        else:
            submitted = home.submit(order, signer_of(key), agree, ShellObserver())
    if in_name_of:
        tell_prepared(prepared)
    else:
        _tell_submitted(submitted)


def _check_yes(workspace: "Workspace", *, yes: bool) -> None:
    if yes and not workspace.settings.direct:
        raise UsageError(
            _("{option} is for drills: in a live workspace a person reads and types", option=Cure.OPTION(yes=True)),
            hint=_("leave it out; cron sends by a standing approval"),
        )


class _Agreeing:
    """Shows what would be frozen, and has the officer agree; a context manager, which says meanwhile what takes its time."""

    def __init__(self, workspace: "Workspace", recipients: str | None, *, yes: bool, spares_stdout: bool) -> None:
        self._workspace, self._recipients, self._yes, self._busy = workspace, recipients, yes, ExitStack()
        self._spares_stdout = spares_stdout

    def __enter__(self) -> "_Agreeing":
        self._busy.enter_context(reading(self._recipients))
        return self

    def __exit__(self, *error: object) -> None:
        self._busy.close()

    def __call__(self, draft: "Draft") -> None:
        from zalo_alert.cli.card_view import ask_whether_read, show_card
        from zalo_alert.cli.send import check_fit
        from zalo_alert.operations.card import card_of_draft

        self._busy.close()
        show_plan(draft.plan, brief=self._yes, news_only=self._spares_stdout)
        check_fit(self._workspace, draft)
        card = card_of_draft(draft, self._workspace.settings, draft.overrides)
        show_card(card)
        if not self._yes:
            ask_whether_read(card, _NOTHING_SUBMITTED)
        self._busy.enter_context(display.status(_("freezing the audience")))


def _tell_submitted(submitted: "Submitted") -> None:
    run, file = submitted.run, submitted.file
    display.fact(
        "submitted", run=run.id, by=submitted.by.name, digest=submitted.request.digest, words=submitted.words,
        request=str(file), approvers=submitted.needed, notified=not submitted.trouble,
    )  # fmt: skip
    display.done(_("{run} is submitted: nothing is sent until another officer has approved it", run=run.id))
    display.tell(_("its six words: {words}", words=submitted.words), style="bold")
    if submitted.trouble:
        display.say(submitted.trouble, style="yellow")
    if submitted.needed > 1:
        display.say(_("it needs {number} approvers", number=submitted.needed), style="bold")
    here, there = Cure.APPROVE(run.id), Cure.APPROVE(request="request.json")
    display.say(_("on this machine the other officer reads and signs it with {approve}", approve=here))
    display.say(
        _("elsewhere: send them {file}; they sign it with {approve} and send the signature back", file=file, approve=there)
    )
    display.say(_("then {approve} takes the signature", approve=Cure.APPROVE(run.id, signature="-")))


# --- approve ------------------------------------------------------------------------------------------------------------------


@app.command()
def approve(
    run: RunArgument = None,
    request: Annotated[
        Path | None,
        typer.Option("--request", help="Sign a request on a machine without the workspace: its file, or - for stdin.",
                     show_default=False),
    ] = None,
    signature: SignatureOption = "",
    key: KeyOption = None,
    yes: Annotated[bool, typer.Option("--yes", help="Don't ask; in a drill only.")] = False,
    workspace: WorkspaceOption = HERE,
    json: JsonOption = False,
) -> None:  # fmt: skip
    """Read what another officer has submitted, and sign exactly that; or take a signature made elsewhere.

    Example: zalo-alert approve DT-TW-261124-01
    """
    if request is not None:
        if run is not None or signature:
            raise UsageError(
                _("{option} signs a file, and needs neither a run nor a signature", option=Cure.OPTION(request=True)),
                hint=_("leave the others out"),
            )
        _sign_request(request, key, yes=yes)
        return
    from zalo_alert.operations.workspace import Workspace

    home = Workspace(workspace)
    _check_yes(home, yes=yes)
    approval = home.open_approval(named_run(run, home))
    text = _read_text(signature) if signature else _sign_here(approval, key, yes=yes)
    _tell_approved(approval.by(text))


def _sign_here(approval: "Approval", key: Path | None, *, yes: bool) -> str:
    from zalo_alert.cli.card_view import ask_whether_read, show_card
    from zalo_alert.operations.card import card_of_request
    from zalo_alert.operations.sign_request import sign_request

    signer = signer_of(key)
    if notice := approval.check_may_sign(signer):
        display.notice(notice)
    card = card_of_request(approval.request)
    show_card(card, approval.remarks, in_full=True)
    if not yes:
        ask_whether_read(card, _NOTHING_SIGNED)
    return sign_request(approval.request, signer)


def _sign_request(file: Path, key: Path | None, *, yes: bool) -> None:
    """Sign a request, or a standing approval, as text that travels: no workspace, no tokens, no network."""
    from zalo_alert.cli.card_view import ask_whether_read, show_card
    from zalo_alert.operations.card import card_of_request
    from zalo_alert.operations.sign_request import Request, read_request_file, sign_request

    request, signer = read_request_file(file), signer_of(key)
    if not isinstance(request, Request):
        _sign_standing(request, signer)
        return
    card = card_of_request(request)
    show_card(card, in_full=True)
    if card.is_live or not yes:
        ask_whether_read(card, _NOTHING_SIGNED)
    back = Cure.APPROVE(request.run, signature="-")
    _give_signature(request.run, request.digest, card.words, sign_request(request, signer), back)


def _sign_standing(permission: "Permission", signer: "Signer") -> None:
    from zalo_alert.cli.standing_view import ask_whether_read, show_permission
    from zalo_alert.operations.standing import sign_permission, words_of

    show_permission(permission)
    ask_whether_read(permission, _NOTHING_SIGNED)
    back = Cure.STANDING_APPROVE(permission.name, signature="-")
    _give_signature(permission.name, permission.digest, words_of(permission), sign_permission(permission, signer), back)


def _give_signature(name: str, digest: str, words_: str, text: str, back: Step) -> None:
    display.fact("signature", run=name, digest=digest, words=words_, signature=text)
    if not display.json:
        display.data([text if text.endswith("\n") else f"{text}\n"])
    display.say(_("send these lines back; there {approve} takes them", approve=back), style="bold")


def _read_text(file: str) -> str:
    from zalo_alert.operations.sign_request import read_signature_file

    if file == "-" and sys.stdin.isatty():
        display.say(_("paste the signature, from BEGIN to END, then Ctrl-D"))
    return read_signature_file(file)


def _tell_approved(approved: "Approved") -> None:
    run, agreed = approved.run, approved.agreed
    names = [officer.name for officer in agreed.approvers]
    display.fact("approved", run=run.id, by=approved.by.name, approvers=names, needed=agreed.needed, state=run.state)
    if not agreed.is_enough:
        missing = agreed.needed - len(names)
        display.done(_("{name} has approved {run}; {missing} more must", name=approved.by.name, run=run.id, missing=missing))
        return
    display.done(_("{run} is approved by {names}", run=run.id, names=joined(names, _(" and "))))
    display.say(
        _(
            "{send} sends it; the first message must leave before {deadline}",
            send=Cure.SEND(run.id),
            deadline=words(approved.deadline),
        ),
        style="bold",
    )


@app.command()
def reject(
    run: Annotated[str, typer.Argument(help="Name of the run.", show_default=False, autocompletion=completions.runs)],
    reason: Annotated[str, typer.Option("--reason", help="Why; it is kept in the log.")] = "",
    key: KeyOption = None,
    workspace: WorkspaceOption = HERE,
    json: JsonOption = False,
) -> None:
    """Refuse what was submitted, and say why; nothing of it is sent.

    Example: zalo-alert reject DT-TW-261124-01 --reason "the level is wrong"
    """
    from zalo_alert.operations.approve import reject as reject_run
    from zalo_alert.operations.workspace import Workspace

    home = Workspace(workspace)
    opened = home.run(run)
    reject_run(opened, reason, home.settings, signer_of(key) if key else None, display.notice)
    display.fact("rejected", run=opened.id, reason=reason)
    display.done(_("{run} is rejected: nothing of it is sent, and its code is free for another text", run=opened.id))

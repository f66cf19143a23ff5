"""`officers`: who may submit, approve and change this list; every change is signed by an admin whom it does not concern."""

import sys
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from zalo_alert.cli.app import app
from zalo_alert.cli.display import display
from zalo_alert.cli.officer_key import DEFAULT, new_passphrase, signer_of
from zalo_alert.cli.options import HERE, JsonOption, KeyOption, WorkspaceOption
from zalo_alert.errors import Cure, UsageError
from zalo_alert.foundation.clock import VIETNAM
from zalo_alert.foundation.suggestions import suggestion
from zalo_alert.language import _, joined

if TYPE_CHECKING:
    from zalo_alert.operations.officers import Applied, Change, Officers, Pending, Role

group = typer.Typer(no_args_is_help=True, help="The officers of a workspace: who may submit and approve, and with which keys.")
app.add_typer(group, name="officers")

_Elsewhere = Annotated[
    bool, typer.Option("--elsewhere", help="An admin at another machine signs it: write the request, and wait for the signature.")
]
_Name = Annotated[str, typer.Argument(help="As people say it, in quotes.", show_default=False)]


@group.command(name="list")
def list_(workspace: WorkspaceOption = HERE, json: JsonOption = False) -> None:
    """Show every officer: role, areas, key, until when; who ended or was revoked, too, and what waits for a signature.

    Example: zalo-alert officers list
    """
    from zalo_alert.cli.officers_view import show_waiting, tell_list

    officers = _officers(workspace)
    tell_list(officers)
    waits = officers.pending()
    if waits:
        show_waiting(officers, waits)


@group.command()
def add(
    name: _Name,
    public: Annotated[
        str,
        typer.Option(
            "--public", metavar="LINE", help="Their public key: the line that begins with ssh-ed25519, or its file.",
            show_default="the one on the list",
        ),
    ] = "",
    role: Annotated[
        str,
        typer.Option(help="editor submits, approver also approves, admin also changes this list.",
                     show_default="as on the list, else approver"),
    ] = "",
    areas: Annotated[
        list[str] | None,
        typer.Option("--areas", help="Where they answer for alerts: new:46, region:tay-nguyen, a name; may be repeated.",
                     show_default="as on the list, else all"),
    ] = None,
    until: Annotated[
        str, typer.Option(metavar="YYYY-MM-DD", help="Last day of the key; two years at most.", show_default="in a year")
    ] = "",
    second_key: Annotated[bool, typer.Option("--second-key", help="Give somebody who is on the list another key.")] = False,
    elsewhere: _Elsewhere = False,
    key: KeyOption = None,
    workspace: WorkspaceOption = HERE,
    json: JsonOption = False,
) -> None:  # fmt: skip
    """Add an officer, signed with your own key; the first two, both admins, found the list together.

    For somebody who is on the list it changes the role, the areas or the last day of their key, and leaves the rest.

    Example: zalo-alert officers add "Lê Hòa" --role approver --areas new:46 --public hoa.pub
    """
    from zalo_alert.operations.officers import NewOfficer, public_key

    officers = _officers(workspace)
    officers.mend()
    chosen = tuple(dict.fromkeys(areas or ()))
    given = public_key(public) if public else None
    new = NewOfficer(name, given, _role(role) if role else None, chosen, _last_moment(until), is_second_key=second_key)
    _make(officers, officers.addition(new), key, elsewhere=elsewhere)


@group.command()
def revoke(
    name: _Name,
    reason: Annotated[str, typer.Option("--reason", help="Why; it is kept with the change.", show_default=False)],
    fingerprint: Annotated[
        str, typer.Option("--fingerprint", help="One key alone: SHA256:… of the list.", show_default="all of them")
    ] = "",
    elsewhere: _Elsewhere = False,
    key: KeyOption = None,
    workspace: WorkspaceOption = HERE,
    json: JsonOption = False,
) -> None:
    """Take an officer's keys away from now on, also for runs that are approved and not finished.

    Example: zalo-alert officers revoke "Lê Hòa" --reason "lost the telephone"
    """
    officers = _officers(workspace)
    officers.mend()
    _make(officers, officers.revocation(name, fingerprint, reason), key, elsewhere=elsewhere)


@group.command()
def sign(
    request: Annotated[
        Path | None,
        typer.Option("--request", help="Sign a change on a machine without the workspace: its file, or - for stdin.",
                     show_default=False),
    ] = None,
    signature: Annotated[
        str,
        typer.Option("--signature", metavar="FILE", help="Take a signature that was made elsewhere: its file, or - for stdin.",
                     show_default=False),
    ] = "",
    discard: Annotated[bool, typer.Option("--discard", help="Drop the change that waits.")] = False,
    key: KeyOption = None,
    yes: Annotated[bool, typer.Option("--yes", help="Don't ask; for scripts.")] = False,
    workspace: WorkspaceOption = HERE,
    json: JsonOption = False,
) -> None:  # fmt: skip
    """Sign the change of the list that waits, here or from a file on another machine.

    Example: zalo-alert officers sign --request request.json
    """
    if sum(map(bool, (request, signature, discard))) > 1:
        options = Cure.OPTION(request=True), Cure.OPTION(signature=True), Cure.OPTION(discard=True)
        raise UsageError(_("{options} exclude each other", options=joined(options)), hint=_("leave the others out"))
    if request is not None:
        _sign_file(request, key, yes=yes)
        return
    officers = _officers(workspace)
    if discard:
        _discard(officers)
        return
    _tell(officers, officers.take(_read(signature) if signature else _signed_here(officers, key, yes=yes)))


@group.command()
def drills(
    months: Annotated[int, typer.Option("--months", min=1, max=24, help="How many months count, back from today.")] = 3,
    also: Annotated[
        list[Path] | None,
        typer.Option("--also", help="Another workspace whose drills count, beside those of drill.also; may be repeated."),
    ] = None,
    workspace: WorkspaceOption = HERE,
    json: JsonOption = False,
) -> None:
    """Count the drills in which each officer has signed for something: submitted, approved or rejected a run.

    Drills are Exercises and Tests, rehearsals, and every run of a practice workspace. Who has not practised comes first.

    Example: zalo-alert officers drills --months 3
    """
    from zalo_alert.cli.officers_view import tell_drills
    from zalo_alert.operations.drills import drills_of_officers
    from zalo_alert.operations.workspace import Workspace

    tell_drills(drills_of_officers(Workspace(workspace).settings, months, also or ()), months)


@group.command(name="key")
def key_(
    output: Annotated[
        Path, typer.Option("--output", help="File of the private key; the public line goes into FILE.pub.")
    ] = DEFAULT,
    name: Annotated[str, typer.Option("--name", help="Whose it is; stands at the end of the public line.")] = "",
    no_passphrase: Annotated[
        bool, typer.Option("--no-passphrase", help="Whoever can read the file can sign; for machines that nobody else uses.")
    ] = False,
    json: JsonOption = False,
) -> None:
    """Make a key of your own to sign with, and print its public line for the admin; nothing is ever overwritten.

    For a FIDO token use ssh-keygen -t ed25519-sk instead.

    Example: zalo-alert officers key --name "Lê Hòa"
    """
    from zalo_alert.operations.officers import make_key_file, require_free

    path = output.expanduser()
    require_free(path)
    made = make_key_file(path, " ".join(name.split()), "" if no_passphrase else new_passphrase())
    line = " ".join(filter(None, (made.text, *name.split())))
    display.fact("key", file=str(path), public=line, fingerprint=made.fingerprint)
    display.tell(line)
    display.say(_("made {path}, which stays with you alone; its fingerprint is {print}", path=path, print=made.fingerprint))
    step = Cure.OFFICERS_ADD(f'"{name or "NAME"}"', public=f"'{line}'")
    display.say(_("give the line above to an admin, who says {add}", add=step), style="bold")


# --- how a change goes on ------------------------------------------------------------------------------------------------


def _officers(workspace: Path) -> "Officers":
    from zalo_alert.operations.workspace import Workspace

    return Workspace(workspace).officers


def _make(officers: "Officers", change: "Change", key: Path | None, *, elsewhere: bool) -> None:
    """Sign a change with the officer's own key, or have it wait for others."""
    from zalo_alert.cli.officers_view import show_waiting, tell_applied
    from zalo_alert.operations.officers import sign_change

    if not elsewhere and not officers.founds(change):
        tell_applied(officers, officers.make(change, signer_of(key)))
        return
    waits = officers.wait(change)
    if not elsewhere and not waits.lacks_founder and officers.is_founders_key(change, key or DEFAULT):
        _tell(officers, officers.take(sign_change(change, signer_of(key))))
        return
    show_waiting(officers, waits)


def _tell(officers: "Officers", result: "Pending | Applied") -> None:
    from zalo_alert.cli.officers_view import show_waiting, tell_applied
    from zalo_alert.operations.officers import Applied

    if isinstance(result, Applied):
        tell_applied(officers, result)
    else:
        show_waiting(officers, result)


def _signed_here(officers: "Officers", key: Path | None, *, yes: bool) -> str:
    from zalo_alert.cli.officers_view import ask_for_name, show_change
    from zalo_alert.operations.officers import sign_change

    waits = officers.require_pending()
    signer = signer_of(key)
    officers.check_may_sign(waits, signer.key)
    show_change(waits.change)
    if not yes:
        ask_for_name(waits.change, signer.key)
    return sign_change(waits.change, signer)


def _sign_file(file: Path, key: Path | None, *, yes: bool) -> None:
    """Sign a change as text that travels: no workspace is needed."""
    from zalo_alert.cli.officers_view import ask_for_name, show_change
    from zalo_alert.operations.officers import read_change_file, sign_change

    change, signer = read_change_file(file), signer_of(key)
    show_change(change)
    if not yes:
        ask_for_name(change, signer.key)
    text = sign_change(change, signer)
    display.fact("change-signature", digest=change.digest, signature=text)
    if not display.json:
        display.data([text])
    display.say(_("send these lines back; there {sign} takes them", sign=Cure.SIGN_CHANGE(signature="-")), style="bold")


def _read(file: str) -> str:
    from zalo_alert.operations.sign_request import read_signature_file

    if file == "-" and sys.stdin.isatty():
        display.say(_("paste the signature, from BEGIN to END, then Ctrl-D"))
    return read_signature_file(file)


def _discard(officers: "Officers") -> None:
    waits = officers.discard()
    display.fact("change-discarded", digest=waits.change.digest if waits else "")
    display.say(_("the change is dropped; the list of officers is as it was") if waits else _("no change waits"))


# --- words of the command line -------------------------------------------------------------------------------------------


def _role(word: str) -> "Role":
    from zalo_alert.operations.officers import Role

    try:
        return Role(word.lower())
    except ValueError:
        near = suggestion(word, Role)
        raise UsageError(
            _('"{word}" is no role{suggestion}', word=word[:20], suggestion=near),
            hint=_("there are {roles}", roles=_one_of(list(Role))),
        ) from None


def _one_of(words: Sequence[str]) -> str:
    return joined(words)


def _last_moment(day: str) -> datetime | None:
    """Return the end of a day of Vietnam's; None where none was named."""
    if not day:
        return None
    try:
        first = datetime.strptime(day, "%Y-%m-%d").replace(tzinfo=VIETNAM)
    except ValueError:
        raise UsageError(_('"{text}" is no day', text=day[:20]), hint=_("write it like 2027-09-30")) from None
    return (first + timedelta(days=1)).astimezone(UTC)

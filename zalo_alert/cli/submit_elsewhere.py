"""Submitting with a key that is elsewhere, as the command line says it: what is to be signed goes out on stdout, alone."""

from pathlib import Path
from typing import TYPE_CHECKING

from zalo_alert.cli.display import display
from zalo_alert.cli.officer_key import signer_of
from zalo_alert.errors import Cure, UsageError
from zalo_alert.language import _

if TYPE_CHECKING:
    from zalo_alert.operations.submit_elsewhere import Prepared


_AS: dict[str, bool | str] = {"as": True}  # an option whose name is a word of Python


def check_alone(campaign: Path | None, in_name_of: str, signature: str) -> None:
    """Refuse whatever stands beside `--request`; `UsageError`."""
    if campaign is not None or in_name_of or signature:
        raise UsageError(
            _("{option} signs a file, and needs nothing else but a key", option=Cure.OPTION(request=True)),
            hint=_("leave the others out"),
        )


def require_campaign(campaign: Path | None, in_name_of: str, signature: str) -> Path:
    """Return what stands where the campaign does, of options that go together; `UsageError` where they don't."""
    if campaign is None:
        raise UsageError(
            _("{option} needs the name of the run", option=Cure.OPTION(signature=True))
            if signature
            else _("no campaign is named"),
            hint=_("write it behind the command"),
        )
    if in_name_of and signature:
        raise UsageError(
            _("{first} writes what is to be signed, {second} takes it back signed", first=Cure.OPTION("", **_AS),
              second=Cure.OPTION(signature=True)),
            hint=_("give one of the two"),
        )  # fmt: skip
    return campaign


def tell_prepared(prepared: "Prepared") -> None:
    """Write the request to stdout, byte for byte, and say on stderr what becomes of it."""
    run, request, officer = prepared.run, prepared.request, prepared.officer
    display.fact(
        "unsigned", run=run.id, by=officer.name, key=officer.key.fingerprint, digest=request.digest, words=prepared.words,
        request=request.text.decode(),
    )  # fmt: skip
    if not display.json:
        display.data([request.text.decode()])
    display.say(
        _("{run} is frozen, and not submitted: {name} has not signed it yet", run=run.id, name=officer.name), style="bold"
    )
    display.say(_("its six words: {words}", words=prepared.words), style="bold")
    display.say(_("keep what stands on stdout as request.json"))
    display.say(
        _(
            "{name} signs these bytes with their own account, here or elsewhere: {submit}",
            name=officer.name,
            submit=Cure.SUBMIT(request="request.json"),
        )
    )
    display.say(_("then {submit} takes the signature", submit=Cure.SUBMIT(run.id, signature="-")))


def sign_unsigned(file: Path, key: Path | None, *, yes: bool) -> None:
    """Sign what was written in an officer's name: no workspace, no tokens, no network."""
    from zalo_alert.cli.card_view import ask_whether_read, show_card
    from zalo_alert.operations.card import card_of_request
    from zalo_alert.operations.submit_elsewhere import check_names_key, read_unsigned_file, sign_submission

    request, signer = read_unsigned_file(file), signer_of(key)
    check_names_key(request, signer)
    card = card_of_request(request)
    show_card(card, in_full=True)
    if card.is_live or not yes:
        ask_whether_read(card, _("nothing was signed"))
    text = sign_submission(request, signer)
    display.fact("signature", run=request.run, digest=request.digest, words=card.words, signature=text)
    if not display.json:
        display.data([text if text.endswith("\n") else f"{text}\n"])
    display.say(
        _("send these lines back; there {approve} takes them", approve=Cure.SUBMIT(request.run, signature="-")), style="bold"
    )

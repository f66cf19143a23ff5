"""Shows a standing approval to whoever is to agree to it, and asks for what proves that they have read it."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from rich import box
from rich.console import Group
from rich.panel import Panel

from zalo_alert.cli.alert_kinds import kind_of
from zalo_alert.cli.card_view import ask_officer, wrapped
from zalo_alert.cli.display import display
from zalo_alert.errors import Cure, UsageError
from zalo_alert.language import _, count, joined
from zalo_alert.operations.card import language_named
from zalo_alert.operations.standing import in_words, is_about, words_of

if TYPE_CHECKING:
    from zalo_alert.operations.standing import Permission, Standing


def show_permission(permission: "Permission") -> None:
    """Show what would go out without anybody being asked: every text, and every limit."""
    if display.json:
        return
    what = permission.what
    for text in what["texts"]["first"]:
        where = joined(text["areas"]) if text["areas"] else _("text")
        _draw_text("\n".join(filter(None, (text["headline"], text["text"]))), where)
        for language, body, name in text.get("languages", ()):
            _draw_text(body, _("{language}, checked by {name}", language=language_named(language), name=name))
    if fields := what["alert"].get("fields"):
        _draw_text("\n".join(f"{name}: {value}" for name, value in fields.items()), _("what the texts show"))
    lines = [display.drawn(line, style=style) for line, style in _lines(permission)]
    title = display.drawn(_("STANDING APPROVAL · goes out again and again, and nobody is asked"))
    display.draw(Panel(Group(*lines), title=title, border_style="bold yellow", box=box.DOUBLE, padding=(0, 1)))


def _draw_text(body: str, title: str) -> None:
    display.draw(Panel(wrapped(body), title=display.drawn(title), border_style="yellow", padding=(0, 1)))


def _lines(permission: "Permission") -> list[tuple[str, str]]:
    what, alert, signed = permission.what, permission.what["alert"], permission.signed
    return [
        (joined((permission.name, alert["code"], kind_of(alert["status"]), alert["severity"], alert["urgency"]), " · "), "bold"),
        *((line, "bold") for line in in_words(permission)),
        (_("to {hosts}", hosts=", ".join(dict.fromkeys(what["hosts"].values()))), "dim"),
        (_("sent by {accounts}", accounts=", ".join(account[0] for account in what["accounts"])), ""),
        (_("proposed by {name}", name=signed["by"]), ""),
        (_("its six words: {words}", words=words_of(permission)), "bold"),
    ]


def ask_whether_read(permission: "Permission", what: str) -> None:
    """Have an officer type what proves that they have read it: the code, and to about how many people one send goes.

    Raises:
        UsageError: They typed something else, or nothing.
        Interrupted: Ctrl-C.
    """
    if ask_officer(_("Type the code of the alert"), what).strip() != permission.code:
        raise UsageError(_("that is not {code}: {what}", code=permission.code, what=what), hint=_("read it again"))
    most = permission.limits.most_people
    typed = ask_officer(_("To how many people at most goes one send?"), what)
    if not is_about(typed, most):
        raise UsageError(
            _('"{typed}" is not {people}: {what}', typed=typed[:40], people=count(most), what=what), hint=_("read it again")
        )


def tell_standing(standing: "Standing", file: str) -> None:
    """Tell a script how one stands."""
    display.fact("standing", **_fields(standing, file))


def _fields(standing: "Standing", file: str) -> dict[str, Any]:
    permission, limits = standing.permission, standing.permission.limits
    return {
        "name": permission.name, "state": standing.state, "code": permission.code, "campaign": permission.what["campaign"],
        "words": words_of(permission), "from": limits.first.isoformat(), "to": limits.last.isoformat(), "hours": limits.hours,
        "most_people": limits.most_people, "most_a_day": limits.most_a_day, "most_in_all": limits.most_in_all,
        "recipients_up_to": limits.recipients_up_to, "areas": permission.what["alert"]["areas"]["first"],
        "used_today": standing.uses.that_day, "used_in_all": standing.uses.in_all, "proposed_by": permission.signed["by"],
        "approvers": list(standing.approvers), "objections": list(standing.against), "request": file,
    }  # fmt: skip


def tell_list(standings: "Sequence[tuple[Standing, str]]") -> None:
    """Show every standing approval, and what each allows."""
    if not standings:
        propose = Cure.STANDING_PROPOSE("campaigns/….yaml")
        display.say(_("there is no standing approval yet; {propose} asks another officer for one", propose=propose))
        return
    rows = []
    for standing, file in standings:
        tell_standing(standing, file)
        permission, limits = standing.permission, standing.permission.limits
        used = _("{used} of {most}", used=count(standing.uses.in_all), most=count(limits.most_in_all))
        rows.append((permission.name, permission.code, STATES[standing.state], limits.last.isoformat(), used))
    display.table("", (_("name"), _("code"), _("state"), _("last day"), _("used")), rows)
    for standing, _file in standings:
        allowed = joined(in_words(standing.permission), "; ")
        display.tell(_("{name}: {what}", name=standing.permission.name, what=allowed))
        for why in standing.against:
            display.tell(_("{name} lets nothing out: {why}", name=standing.permission.name, why=why), style="yellow")


STATES = {"proposed": _("waits for approval"), "in-force": _("holds"), "void": _("holds no more"), "revoked": _("revoked")}

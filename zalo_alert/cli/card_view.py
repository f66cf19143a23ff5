"""Shows an officer what they are about to agree to, and asks for what proves that they have read it.

Live and drill look and sound different on purpose: the same question for both was answered wrongly in Hawaii in 2018.
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import typer
from rich import box
from rich.console import Group
from rich.panel import Panel
from rich.text import Text

from zalo_alert.cli.alert_kinds import kind_of
from zalo_alert.cli.display import display, plain
from zalo_alert.errors import Interrupted, UsageError
from zalo_alert.foundation.clock import words
from zalo_alert.language import _, _n, count, joined, persons, span
from zalo_alert.operations.card import Card, WordingNote, is_about, language_named

if TYPE_CHECKING:
    from datetime import datetime

MOST_NOTES = 12  # of the wording, but every error: the request has all of them
MOST_PROVINCES = 8  # that are named; the plan and the request have all of them


def show_card(card: Card, remarks: Sequence[str] = (), *, in_full: bool = False, title: str = "") -> None:
    """Show what would go out.

    Args:
        card: The facts.
        remarks: What should be read in red.
        in_full: With every text as it is read, and the correction; else the first two lines.
        title: What it is, in big letters, where that is not what the profile says.
    """
    _tell_fact(card, remarks)
    if display.json:
        return
    if in_full:
        for text in card.texts:
            display.draw(_text_panel(text, _look(card)[1]))
        for text in card.correction:
            display.draw(_text_panel(text, "dim", _("ready in case it is wrong")))
    lines = [display.drawn(line, style=style) for line, style in _lines(card)]
    lines += [display.drawn(remark, style="bold red") for remark in remarks]
    look, style, frame = (title, "bold white on red", box.DOUBLE) if title else _look(card)
    display.draw(Panel(Group(*lines), title=display.drawn(look), border_style=style, box=frame, padding=(0, 1)))


def _tell_fact(card: Card, remarks: Sequence[str]) -> None:
    display.fact(
        "card", code=card.code, status=card.status, profile="live" if card.is_live else "drill", rehearsal=card.is_rehearsal,
        people=card.people, withheld=card.withheld, over_cap=card.over_cap,
        provinces=[{"province": name, "people": people} for name, people in card.provinces],
        expires=card.expires, onset=card.onset, finishes_at=card.finishes_at, hosts=list(card.hosts),
        overrides=[{"rule": name, "why": why} for name, why in card.overrides], remarks=list(remarks), words=card.words,
        submitted_by=card.by, languages=[{"language": code, "checked_by": name} for code, name in card.languages],
        wording=[{"code": note.code, "severity": "error" if note.is_error else "warning", "place": note.place, "why": note.why,
                  "despite": note.despite} for note in card.wording],
        template=card.template.as_json() if card.template else None,
    )  # fmt: skip


def _look(card: Card) -> tuple[str, str, box.Box]:
    if card.is_rehearsal:
        return _("REHEARSAL on this machine: nobody is reached"), "bold magenta", box.HEAVY
    if not card.is_live:
        return _("DRILL: nothing leaves this machine"), "blue", box.ROUNDED
    if card.is_follow_up:
        return _("LIVE · to those whom the alert reached"), "bold yellow", box.DOUBLE
    if card.status == "Actual":
        return _("LIVE · A REAL ALERT TO THE PUBLIC"), "bold white on red", box.DOUBLE
    return _("LIVE · goes to the public"), "bold red", box.DOUBLE


def _lines(card: Card) -> list[tuple[str, str]]:
    """Return what stands on the card, each line with its style."""
    level = _("risk level {level}", level=card.risk_level) if card.risk_level else _("no risk level")
    lines = [
        (joined((card.code, kind_of(card.status), card.event, level, card.urgency), " · "), "bold"),
        (joined(filter(None, (persons(card.people), _provinces(card))), ": "), "bold"),
        (_withheld(card), "bold red"),
        *((line, "") for line in card.first_lines),
        (_times(card), ""),
        (_("to {hosts}", hosts=", ".join(dict.fromkeys(card.hosts))), "dim"),
    ]
    checked = [_("{language}, checked by {name}", language=language_named(code), name=name) for code, name in card.languages]
    lines.append((joined(checked, "; ") if checked else "", ""))
    lines += [(_("goes round a rule ({name}): {why}", name=name, why=why), "bold red") for name, why in card.other_overrides]
    lines += _wording(card.wording)
    if card.template:
        lines.append((card.template.sentence(), "yellow" if card.template.is_far else ""))
        lines.append((card.template.gone_sentence(), "yellow"))
    if not card.correction and card.status == "Actual" and not card.is_follow_up:
        lines.append((_("no correction is ready"), "bold red"))
    if card.by and card.submitted_at:
        lines.append((_("submitted by {name} at {at}", name=card.by, at=words(card.submitted_at)), ""))
    if card.words:
        lines.append((_("its six words: {words}", words=card.words), "bold"))
    return [(line, style) for line, style in lines if line]


def _wording(notes: Sequence[WordingNote]) -> list[tuple[str, str]]:
    """Say what was found in the words: errors with the reason why they pass, then warnings, as many as somebody reads."""
    lines = []
    for note in notes:
        said = joined((f"[{note.code}]", joined(filter(None, (note.place, note.why)), ": ")), " ")
        if note.is_error:
            despite = _("passed, because {why}", why=note.despite) if note.despite else _("not passed")
            lines.append((joined((_("ERROR in the wording"), said, despite), " · "), "bold red"))
        elif len(lines) < MOST_NOTES:
            lines.append((joined((_("warning"), said), " "), "yellow"))
    if (more := len(notes) - len(lines)) > 0:
        lines.append((_n("and {more} more warning", "and {more} more warnings", more, more=count(more)), "yellow"))
    return lines


def _withheld(card: Card) -> str:
    """Say whom the cap concerns, and whom it would."""
    parts = []
    if card.withheld:
        parts.append(_("not to {people} who have had messages enough", people=persons(card.withheld)))
    if card.over_cap:
        parts.append(_("to {people} although they have had messages enough", people=persons(card.over_cap)))
    return joined(parts, "; ") if parts else ""


def _provinces(card: Card) -> str:
    named = [joined((name or _("place unknown"), count(people)), " ") for name, people in card.provinces[:MOST_PROVINCES]]
    more = len(card.provinces) - MOST_PROVINCES
    if more > 0:
        named.append(_("and {more} more", more=count(more)))
    return joined(named) if named or card.people else _("nobody one by one")  # of a follow-up's people the places are not known


def _times(card: Card) -> str:
    parts = [_("expires {expires}", expires=words(card.expires))]
    if card.finishes_at:
        parts.append(_("the last person is reached at {at}", at=words(card.finishes_at)))
        if card.onset:
            parts.append(_onset(card.finishes_at, card.onset))
    return joined(parts, " · ")


def _onset(finishes_at: "datetime", onset: "datetime") -> str:
    if finishes_at > onset:
        return _("{late} AFTER the onset", late=span(finishes_at - onset))
    return _("{early} before the onset", early=span(onset - finishes_at))


def _text_panel(fields: Mapping[str, Any], style: str, what: str = "") -> Panel:
    body = fields.get("text") or "\n".join(f"{key}: {value}" for key, value in fields.get("data", {}).items())
    parts = (what, fields.get("route"), fields.get("template_id"), fields.get("place"))
    title = joined((str(part) for part in parts if part), " · ")
    return Panel(wrapped(str(body)), title=display.drawn(title), border_style=style, padding=(0, 1))


def wrapped(text: str) -> Text:
    """Return a text of which nothing is cut off, however long its lines are."""
    return Text(plain(text), no_wrap=False, overflow="fold")


# --- the question ------------------------------------------------------------------------------------------------------------


def ask_whether_read(card: Card, what: str) -> None:
    """Have an officer type what proves that they have read the card: live the code and about how many people, else how many.

    Args:
        card: As shown.
        what: What has not happened if they don't, such as "nothing was signed".

    Raises:
        UsageError: They typed something else, or nothing.
        Interrupted: Ctrl-C.
    """
    if card.is_live and ask_officer(_("Type the code of the alert"), what).strip() != card.code:
        raise UsageError(_("that is not {code}: {what}", code=card.code, what=what), hint=_("read the card again"))
    question = _("About how many people? (two figures are enough, such as 64000)") if card.is_live else _("How many people?")
    typed = ask_officer(question, what)
    is_right = is_about(typed, card.people) if card.is_live else "".join(filter(str.isdigit, typed)) == str(card.people)
    if not is_right:
        raise UsageError(
            _('"{typed}" is not {people}: {what}', typed=typed[:40], people=count(card.people), what=what),
            hint=_("read the card again"),
        )


def ask_officer(question: str, what: str) -> str:
    """Return what an officer types; `what` has not happened if they don't.

    Raises:
        UsageError: Nobody is there to type it.
        Interrupted: Ctrl-C.
    """
    try:
        return display.ask(question)
    except typer.Abort as exc:
        if isinstance(exc.__context__, KeyboardInterrupt):
            raise Interrupted(what) from exc
        raise UsageError(_("nobody answered: {what}", what=what), hint=_("a person at a terminal answers")) from exc

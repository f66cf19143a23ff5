"""Rules about the message as a whole: its name, whom it is for, and what it says about earlier ones."""

import re
from collections import Counter

from zalo_alert.cap.document import Alert, Reference
from zalo_alert.cap.finding import Gathered
from zalo_alert.cap.values import UNREAD_INSTANT, shown
from zalo_alert.language import _

_NOT_IN_NAMES = re.compile(r"[\s,<&]")
_ABOUT_OTHERS = ("Update", "Cancel", "Ack", "Error")

_ASK = _("ask the sender")


def check_message(alert: Alert, gathered: Gathered) -> None:
    """Gather what is wrong outside the infos."""
    _check_names(alert, gathered)
    _check_scope(alert, gathered)
    _check_references(alert, gathered)
    _check_infos_there(alert, gathered)
    _check_note(alert, gathered)


def _check_names(alert: Alert, gathered: Gathered) -> None:
    for name, text in (("identifier", alert.identifier), ("sender", alert.sender)):
        if _NOT_IN_NAMES.search(text):
            message = _("says {text}: spaces, commas, < and & may not stand in it", text=shown(text))
            gathered.add("E301", f"/alert/{name}", message, _("take them out: references to this message could not be read"))


def _check_scope(alert: Alert, gathered: Gathered) -> None:
    if alert.scope == "Private" and not alert.addresses:
        gathered.add("E302", "/alert/addresses", _("is missing though the scope is Private: for whom is it?"), _ASK)
    if alert.scope == "Restricted" and not alert.restriction:
        gathered.add("W303", "/alert/restriction", _("is missing though the scope is Restricted: who may see it?"), _ASK)
    if alert.restriction and alert.scope in ("Public", "Private"):
        message = _("stands with the scope {scope}, and goes with Restricted only", scope=alert.scope)
        gathered.add("W304", "/alert/restriction", message, _("ask the sender who may see it before you pass it on"))


def _check_references(alert: Alert, gathered: Gathered) -> None:
    place = "/alert/references"
    if alert.msg_type in _ABOUT_OTHERS and not alert.references:
        message = _("names no message, and {type} is about an earlier one", type=alert.msg_type)
        gathered.add("E305", place, message, _("name every message that still holds: sender,identifier,sent"))
    for reference in alert.references:
        _check_reference(reference, alert, gathered, place)
    for reference, number in Counter(alert.references).items():
        if number > 1:
            message = _("names {identifier} more than once", identifier=shown(reference.identifier))
            gathered.add("W308", place, message, _("leave one of them"))


def _check_reference(reference: Reference, alert: Alert, gathered: Gathered, place: str) -> None:
    if (reference.sender, reference.identifier) == (alert.sender, alert.identifier):
        gathered.add(
            "E306", place, _("names this message itself"), _("name the earlier one; a new message needs a name of its own")
        )
    elif alert.sent is not UNREAD_INSTANT and reference.sent > alert.sent:
        message = _("names {identifier}, sent {later}, after this one", identifier=shown(reference.identifier),
                    later=reference.sent.isoformat())  # fmt: skip
        gathered.add("E307", place, message, _("look at both instants and their offsets"))


def _check_infos_there(alert: Alert, gathered: Gathered) -> None:
    if alert.infos or alert.msg_type not in ("Alert", "Update"):
        return
    code = "E309" if alert.msg_type == "Alert" else "W309"
    gathered.add(code, "/alert/info", _("is missing: the message says nothing"), _("ask the sender what it is about"))


def _check_note(alert: Alert, gathered: Gathered) -> None:
    if alert.note:
        return
    if alert.msg_type == "Error":
        gathered.add("W310", "/alert/note", _("is missing: it should say what was wrong with the message refused"), _ASK)
    elif alert.status == "Exercise":
        gathered.add("W311", "/alert/note", _("is missing: it should name the exercise"), _ASK)

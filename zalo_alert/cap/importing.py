"""A CAP alert as a draft of a campaign: a file to be read and completed by an officer, never one that could be sent as it is.

What cannot be carried over is said in the file, and to whoever imports it. Nothing that an alert refers to is fetched.
"""

from collections.abc import Callable, Iterator
from typing import NamedTuple

from zalo_alert.cap.document import Alert, Reference
from zalo_alert.cap.draft import Draft, Remark
from zalo_alert.cap.draft_groups import groups_of
from zalo_alert.cap.draft_head import code_of, head_of, references_of
from zalo_alert.cap.draft_lines import lines_of
from zalo_alert.errors import InputInvalid
from zalo_alert.language import _

_NO_CAMPAIGN = ("Ack", "Error")
_UNSENDABLE = ("System",)


class Known(NamedTuple):
    """What a workspace knows that an alert may speak of.

    Args:
        hazard: The code of a hazard by a name of it, in Vietnamese or English; "" where it is none.
        code: The campaign's code of an earlier message; "" where this workspace has not sent it.
        is_taken: Whether a campaign or a run here has a code already.
    """

    hazard: Callable[[str], str]
    code: Callable[[Reference], str]
    is_taken: Callable[[str], bool] = lambda code: False


class Imported(NamedTuple):
    """A draft.

    Args:
        text: The campaign file.
        code: The campaign's.
        status: CAP's, as the file has it.
        remarks: What could not be carried over, or was guessed.
    """

    text: str
    code: str
    status: str
    remarks: tuple[Remark, ...]


def draft_of(alert: Alert, known: Known) -> Imported:
    """Write a campaign file out of an alert.

    It is marked as one that nobody has read: the file is not sound before somebody has put their name into it.

    Args:
        alert: Sound; see `read`.
        known: What this workspace knows.

    Raises:
        InputInvalid: It is no message to people: an answer to another one, or a system's.
    """
    _check_kind(alert)
    draft = Draft()
    head = head_of(alert, known.hazard, draft)
    code = code_of(alert, draft)
    if known.is_taken(code):
        draft.remark("/alert/identifier", _("the code {code} is taken here: if this is another message, change it", code=code))
    references = references_of(alert, known.code, draft)
    groups = groups_of(alert, head.event, draft)
    for place, why in _left_behind(alert):
        draft.remark(place, why)
    text = "\n".join(lines_of(alert, head, code, references, groups, draft.remarks)) + "\n"
    return Imported(text, code, head.status, tuple(draft.remarks))


def _check_kind(alert: Alert) -> None:
    if alert.msg_type in _NO_CAMPAIGN:
        raise InputInvalid(
            _("it is an {type}, an answer from one system to another: there is nothing to send", type=alert.msg_type),
            hint=_("keep it with the message that it speaks of: {note}", note=alert.note[:200] or "–"),
        )
    if alert.status in _UNSENDABLE:
        raise InputInvalid(
            _("its status is {status}: a message between systems, not to people", status=alert.status),
            hint=_("there is nothing to send"),
        )


def _left_behind(alert: Alert) -> Iterator[tuple[str, str]]:
    """Say what stands outside the infos and has no place in a campaign."""
    if alert.scope == "Private":
        yield "/alert/scope", _("it is Private, for named addresses alone: ask the sender before anybody else reads it")
    elif alert.scope == "Restricted" and alert.status in ("Actual", "Draft"):
        yield (
            "/alert/scope",
            _("it is Restricted ({restriction}): ask the sender who may read it", restriction=alert.restriction[:200]),
        )
    if alert.incidents:
        yield "/alert/incidents", _("not carried over: {words}", words=", ".join(alert.incidents)[:200])
    if alert.note and alert.status in ("Actual", "Draft"):
        yield "/alert/note", _("not carried over: {words}", words=alert.note[:200])

"""What kind of alert it is, in words that nobody mistakes: a drill or the real thing. The word of the file stays for machines."""

from zalo_alert.language import _

_KINDS = {"Actual": _("Actual"), "Exercise": _("Exercise"), "Test": _("Test")}


def kind_of(status: str, *, is_rehearsal: bool = False) -> str:
    """Say a campaign's status (CAP's word) in the reader's language.

    Args:
        status: CAP's.
        is_rehearsal: Whether it goes from a live workspace to this machine: whatever it is, nobody is reached.
    """
    kind = _KINDS.get(str(status), status)
    return _("{kind} – REHEARSAL, nobody is reached", kind=kind) if is_rehearsal else kind

"""What kind of alert it is, in words that nobody mistakes: a drill or the real thing. The word of the file stays for machines."""

from zalo_alert.language import _

_KINDS = {"Actual": _("Actual"), "Exercise": _("Exercise"), "Test": _("Test")}


def kind_of(status: str) -> str:
    """Say a campaign's status (CAP's word) in the reader's language."""
    return _KINDS.get(str(status), status)

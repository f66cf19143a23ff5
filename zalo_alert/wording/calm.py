"""Drills that say of themselves that nothing happens: of them, less is asked."""

import re

from zalo_alert.models import Status
from zalo_alert.wording.text import Text

_NOTHING_HAPPENS = re.compile(r"\b(?:khong (?:can|phai) lam gi|(?:dien tap|thu nghiem) ket thuc)\b")


def is_calm(text: Text) -> bool:
    """Whether it is a drill whose readers are told that they need do nothing, or when it ends."""
    return text.campaign.status is not Status.ACTUAL and bool(_NOTHING_HAPPENS.search(text.plain))

"""What each state of a person means, in a few words."""

from collections.abc import Mapping

from zalo_alert.language import _
from zalo_alert.models import State

EXPLAINED: Mapping[State, str] = {
    State.PENDING: _("not tried yet"),
    State.CLAIMED: _("on its way"),
    State.ACCEPTED: _("Zalo took the message"),
    State.REJECTED: _("no route reaches them"),
    State.DEFERRED: _("put off, to be tried again"),
    State.UNKNOWN: _("asked, and no clear answer: perhaps reached"),
    State.WITHHELD: _("not to be written to, or had messages enough"),
    State.EXPIRED: _("too late to send"),
}

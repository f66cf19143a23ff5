"""What classes of events and kinds of receipts are called. Data."""

from collections.abc import Mapping

from zalo_alert.inbound.event import EventClass, ReceiptKind
from zalo_alert.language import _

CLASS_WORDS: Mapping[EventClass, str] = {
    EventClass.FILED: _("filed"),
    EventClass.ANSWERED: _("answered"),
    EventClass.SHED: _("left without an answer in a rush"),
    EventClass.OPTED_OUT: _("opted out"),
    EventClass.OPTED_IN: _("opted back in"),
    EventClass.FOLLOWED: _("followed"),
    EventClass.UNFOLLOWED: _("unfollowed"),
    EventClass.COUNTED: _("only counted"),
    EventClass.JOINED: _("joined to another"),
    EventClass.LATE: _("late"),
    EventClass.FLOODED: _("in a flood"),
    EventClass.TEST: _("console tests"),
    EventClass.STRANGER: _("of unknown OAs"),
    EventClass.UNKNOWN_EVENT: _("of unknown kinds"),
    EventClass.UNREADABLE: _("unreadable"),
    EventClass.SET_ASIDE: _("set aside"),
}
RECEIPT_WORDS: Mapping[ReceiptKind, str] = {
    ReceiptKind.RECEIVED: _("receipts: delivered"),
    ReceiptKind.SEEN: _("receipts: seen"),
    ReceiptKind.ECHO: _("echoes"),
    ReceiptKind.FEEDBACK: _("ratings"),
}

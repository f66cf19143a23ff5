"""What an event of Zalo's webhook is: whose it is, when it was, and by which key its second copy is known.

Pure. Ids are kept as text, as they came: they exceed what a number holds. Source: Zalo OA API, webhook events (read 2026-11).
"""

import json
import os
import re
from enum import StrEnum
from hashlib import blake2b
from typing import Any, NamedTuple

import orjson

from zalo_alert.inbound.event_body import parse
from zalo_alert.inbound.event_ids import Misshapen, id_of, inner, milliseconds, stamp_of, text_of

KEY_BYTES = 16
CONSOLE_TEST_ID = "This is message id"  # of the message that the developers' console sends: always the same
_RECEIPTS = {"user_received_message", "user_seen_message"}
_FROM_OA = ("oa_", "user_received_message", "user_seen_message")  # there the sender is the OA
_APP = re.compile(rb'"app_id"\s*:\s*"?(\d{1,25})')
_STAMP = re.compile(rb'"timestamp"\s*:\s*"?(\d{1,25})')
_OA = re.compile(rb'"oa_?[iI]d"\s*:\s*"?(\d{1,25})')
_OA_SENDS = re.compile(rb'"event_name"\s*:\s*"(oa_|user_received_message"|user_seen_message")')
_SENDER, _RECIPIENT = (re.compile(rb'"%b"\s*:\s*\{\s*"id"\s*:\s*"?(\d{1,25})' % party) for party in (b"sender", b"recipient"))


class Lane(StrEnum):
    """Where an event is kept: what a person says one by one, receipts in their thousands a second."""

    MESSAGE = "message"
    RECEIPT = "receipt"


class EventClass(StrEnum):
    """What became of an event; each ends in exactly one, and they add up to what is stored."""

    FILED = "filed"  # a person's words: kept for whoever answers
    ANSWERED = "answered"  # an answer to it waits in the outbox, or has left it
    SHED = "shed"  # it would have been answered, and too many ask at once
    OPTED_OUT = "opted-out"
    OPTED_IN = "opted-in"
    FOLLOWED = "followed"
    UNFOLLOWED = "unfollowed"
    COUNTED = "counted"  # receipts, and what needs nothing further
    JOINED = "joined"  # its `msg_id` was there before with other content: kept beside it, never answered anew
    LATE = "late"  # more than a day old when it came
    FLOODED = "flooded"  # too many at once from one person
    TEST = "test"  # the console's
    STRANGER = "stranger"  # of an OA that no account names
    UNKNOWN_EVENT = "unknown-event"  # a name that nobody here knows
    UNREADABLE = "unreadable"  # rightly signed, and no event
    SET_ASIDE = "set-aside"  # a mistake in this tool keeps it from being handled; a replay gives it another try


class Event(NamedTuple):
    """The head of an event.

    `key` is the same for each copy of it, and b"" in the receipts' lane, where copies are kept. `oa`, `person` and `by_app` are
    "" where it names none. `event_ms` is its own time; `stamp` that time as the body writes it, which the signature covers.
    `name` is "" for what could not be read.
    """

    key: bytes
    app_id: str
    oa: str
    person: str
    by_app: str
    name: str
    event_ms: int
    stamp: bytes
    lane: Lane


class ReceiptKind(StrEnum):
    """What a receipt says of a message."""

    RECEIVED = "received"  # it is on a phone
    SEEN = "seen"
    ECHO = "echo"  # the OA sent it, by a program
    FEEDBACK = "feedback"  # the person rated it


class Receipt(NamedTuple):
    """One message of which an event speaks; an event has at least one, and only its first has `part` 0.

    `msg_id` and `tracking_id` are "" where the event names none; `text_digest` is that of an echo's text, b"" without one.
    `is_by_phone` says that `person` is a phone number or a hash of one.
    """

    part: int
    oa: str
    person: str
    kind: ReceiptKind
    msg_id: str
    tracking_id: str
    at_ms: int
    text_digest: bytes
    is_by_phone: bool = False


class Unreadable(Exception):
    """No event; `event` is what could be told of it, so that its signature can be checked and its bytes kept."""

    def __init__(self, why: str, event: Event) -> None:
        super().__init__(why)
        self.event = event


def read_event(body: bytes, mac: str) -> Event:
    """Read the head of an event.

    Args:
        body: As it came.
        mac: The signature as it came, in hex; an event without a message id is known by it.

    Raises:
        Unreadable: It is not JSON, no object, or a part of its head is missing or of a wrong shape. Nothing else is raised.
    """
    return read_whole(body, mac)[0]


def read_whole(body: bytes, mac: str) -> tuple[Event, dict[str, Any]]:
    """Read the head of an event, and return it with the whole, for `receipts_in`; see `read_event`."""
    try:
        whole = parse(body)
        return _event(whole, mac), whole
    except (ValueError, RecursionError) as exc:
        raise Unreadable(str(exc), _remains(body, mac)) from exc


def _event(head: dict[str, Any], mac: str) -> Event:
    name, app_id = id_of(head, "event_name"), id_of(head, "app_id")
    if not name or not app_id:
        raise Misshapen("event_name or app_id is missing")
    oa, person = _parties(head, name)
    stamp = stamp_of(head)
    lane = _lane(head, name)
    key = b"" if lane is Lane.RECEIPT else _key(oa, name, inner(head, "message"), mac)
    return Event(key, app_id, oa, person, id_of(head, "user_id_by_app"), name, milliseconds(stamp), stamp.encode(), lane)


def _parties(head: dict[str, Any], name: str) -> tuple[str, str]:
    """Return the OA and the person of an event."""
    sender, recipient = id_of(inner(head, "sender"), "id"), id_of(inner(head, "recipient"), "id")
    named = id_of(head, "oa_id") or id_of(head, "oaId")
    from_oa = named == sender if named and sender else name.startswith(_FROM_OA)
    oa, person = (sender, recipient) if from_oa else (recipient, sender)
    return named or oa, _person(head) or person


def _person(head: dict[str, Any]) -> str:
    return id_of(inner(head, "follower"), "id") or id_of(head, "user_id") or id_of(inner(head, "data"), "user_id")


def _lane(head: dict[str, Any], name: str) -> Lane:
    if name in _RECEIPTS or (name.startswith("oa_send_") and not id_of(inner(head, "sender"), "admin_id")):
        return Lane.RECEIPT
    if name == "user_feedback" and not inner(head, "message").get("note"):  # a person's words are kept whole
        return Lane.RECEIPT
    return Lane.MESSAGE


def _key(oa: str, name: str, message: dict[str, Any], mac: str) -> bytes:
    """Make a message's key: half of it says which message it is, half of it what it contains; of anything else its mac's."""
    if "msg_id" not in message:
        return _key_of_mac(mac)
    msg_id = id_of(message, "msg_id")
    if msg_id == CONSOLE_TEST_ID:
        return os.urandom(KEY_BYTES)  # each is another test
    which = blake2b(f"{oa}\0{name}\0{msg_id}".encode(), digest_size=KEY_BYTES // 2)
    return which.digest() + blake2b(_canonical(message), digest_size=KEY_BYTES // 2).digest()


def _canonical(message: dict[str, Any]) -> bytes:
    try:
        return orjson.dumps(message, option=orjson.OPT_SORT_KEYS)
    except TypeError:  # a number of more than 64 bits
        return json.dumps(message, sort_keys=True).encode()


def _key_of_mac(mac: str) -> bytes:
    return blake2b(mac.lower().encode(errors="replace"), digest_size=KEY_BYTES).digest()


def _remains(body: bytes, mac: str) -> Event:
    """Tell what bytes say of their sender without being an event."""
    app_id, stamp = _only(_APP, body), _only(_STAMP, body)
    oa = _only(_OA, body) or _only(_SENDER if _OA_SENDS.search(body) else _RECIPIENT, body)
    key = blake2b(mac.lower().encode(errors="replace") + body, digest_size=KEY_BYTES).digest()
    return Event(key, app_id.decode(), oa.decode(), "", "", "", 0, stamp, Lane.MESSAGE)


def _only(pattern: re.Pattern[bytes], body: bytes) -> bytes:
    found = pattern.search(body)
    return found[1] if found else b""


def receipts_of(body: bytes) -> list[Receipt]:
    """Return what an event of the receipts' lane says, message by message.

    An id in it that can be none becomes "": the event counts, and fits no message.

    Raises:
        Unreadable: As `read_event` does.
    """
    return receipts_in(*read_whole(body, ""))


def receipts_in(event: Event, head: dict[str, Any]) -> list[Receipt]:
    """Return what an event says that `read_whole` has read; see `receipts_of`."""
    message = inner(head, "message")
    tracking_id = _lenient(message.get("tracking_id"))
    by_phone = bool(tracking_id or message.get("delivery_time"))
    kind = _KINDS.get(event.name, ReceiptKind.ECHO)
    text = message.get("text") if kind is ReceiptKind.ECHO else None
    digest = text_digest(text) if isinstance(text, str) and text else b""
    at_ms = (_delivered_ms(message) if by_phone else 0) or event.event_ms
    return [
        Receipt(part, event.oa, event.person, kind, msg_id, tracking_id, at_ms, digest, by_phone)
        for part, msg_id in enumerate(_message_ids(message))
    ]


def text_digest(text: str) -> bytes:
    """Return the digest by which an echo's text is compared with what was sent."""
    return blake2b(text.encode(errors="replace"), digest_size=KEY_BYTES).digest()


_KINDS = {
    "user_received_message": ReceiptKind.RECEIVED,
    "user_seen_message": ReceiptKind.SEEN,
    "user_feedback": ReceiptKind.FEEDBACK,
}


def _message_ids(message: dict[str, Any]) -> list[str]:
    several = message.get("msg_ids")
    if isinstance(several, list) and several:
        return [_lenient(value) for value in several]
    return [_lenient(several) or _lenient(message.get("msg_id"))]


def _lenient(value: Any) -> str:
    try:
        return text_of(value, "")
    except Misshapen:
        return ""


def _delivered_ms(message: dict[str, Any]) -> int:
    try:
        return milliseconds(stamp_of(message, "delivery_time"))
    except Misshapen:
        return 0

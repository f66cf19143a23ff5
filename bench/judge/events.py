"""What Zalo would post: events of every kind, signed as its documentation says, each known by a mark that no other has."""

import json
import random
import time
from collections.abc import Mapping, Sequence
from enum import StrEnum
from hashlib import sha256
from typing import Any, NamedTuple

TEXTS = ("An toàn", "Nhà em ở xóm Đồng, nước lên tới cửa rồi ạ", "#lichcat", "cảm ơn 🙏", "Ở đây còn 4 người, 1 bà cụ", "ok")


class Kind(StrEnum):
    """What is posted, in the judge's own words."""

    TEXT = "text"
    PHOTO = "photo"
    FOLLOW = "follow"
    RECEIVED = "received"
    SEEN = "seen"
    ECHO = "echo"
    NEW = "new"  # a name that nobody knows yet
    STRANGER = "stranger"  # of an OA that is linked to the app and in no account
    FORGED = "forged"  # with a signature that is not right, or none


RECEIPTS = frozenset({Kind.RECEIVED, Kind.SEEN, Kind.ECHO})

SHARES: Mapping[Kind, int] = {
    Kind.TEXT: 26, Kind.PHOTO: 5, Kind.FOLLOW: 4, Kind.RECEIVED: 36, Kind.SEEN: 12, Kind.ECHO: 6,
    Kind.NEW: 2, Kind.STRANGER: 3, Kind.FORGED: 6,
}  # fmt: skip


class Linked(NamedTuple):
    """An OA as Zalo knows it: its app, and the secret that its events are signed with now."""

    oa: str
    app: str
    secret: str


class Event(NamedTuple):
    """One event, ready to be posted.

    Attributes:
        mark: What the judge knows it by: stands in the body, and in no other event's.
        oa: Whose it is.
        body: The bytes that are posted.
        mac: The header `X-ZEvent-Signature`; None sends none.
        parts: Of a receipt, the message ids that it is about; of a message none.
    """

    mark: str
    kind: Kind
    oa: str
    body: bytes
    mac: str | None
    parts: tuple[str, ...] = ()

    @property
    def may_repeat(self) -> bool:
        """Whether Zalo would post this again; a forger need not."""
        return self.kind is not Kind.FORGED


def signed(app: str, body: bytes, stamp: str, secret: str) -> str:
    """Sign a body: the plain hash of app, body, timestamp and secret, one behind the other."""
    return "mac=" + sha256(app.encode() + body + stamp.encode() + secret.encode()).hexdigest()


def request(event: Event, path: str = "/zalo", tries: int = 0) -> bytes:
    """Write one request of HTTP/1.1, as Zalo's client would."""
    lines = [f"POST {path} HTTP/1.1", "Host: alerts.example", "User-Agent: ZaloWebhook", "Content-Type: application/json"]
    lines += ["X-ZEvent-Server: OA OpenAPI", f"Content-Length: {len(event.body)}"]
    lines += [f"X-ZEvent-Signature: {event.mac}"] if event.mac is not None else []
    lines += [f"num_retry: {tries}"] if tries else []
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + event.body


class Writer:
    """Writes events one after another, in a mix that one seed gives again.

    Args:
        linked: The OAs that are in the accounts.
        strangers: OAs of the same apps that are in no account.
        mark: Begins every mark; of two writers at one door, each has its own.
    """

    def __init__(self, linked: Sequence[Linked], strangers: Sequence[Linked], seed: int, mark: str = "j") -> None:
        self._linked, self._strangers, self._chance, self._mark = linked, strangers, random.Random(seed), mark
        self._count = 0

    def event(self, kind: Kind | None = None) -> Event:
        """Write the next event, of a kind by chance unless one is asked for."""
        kind = kind or self._chance.choices(list(SHARES), list(SHARES.values()))[0]
        linked = self._chance.choice(self._strangers if kind is Kind.STRANGER else self._linked)
        self._count += 1
        mark = f"{self._mark}{self._count:08d}"
        fields, parts = self._fields(kind, mark, linked.oa)
        stamp = str(time.time_ns() // 1_000_000)
        body = json.dumps(
            {"app_id": linked.app, **fields, "timestamp": stamp}, ensure_ascii=False, separators=(",", ":")
        ).encode()
        event = Event(mark, kind, linked.oa, body, signed(linked.app, body, stamp, linked.secret), parts)
        return self._forge(event, linked, stamp) if kind is Kind.FORGED else event

    def again(self, event: Event) -> Event:
        """Write a message again with another timestamp, as Zalo may do; what has no message id stays as it was."""
        if event.kind not in (Kind.TEXT, Kind.PHOTO):
            return event
        linked = next(each for each in self._linked if each.oa == event.oa)
        stamp = str(time.time_ns() // 1_000_000 + 1)
        body = json.dumps(json.loads(event.body) | {"timestamp": stamp}, ensure_ascii=False, separators=(",", ":")).encode()
        return event._replace(body=body, mac=signed(linked.app, body, stamp, linked.secret))

    def _fields(self, kind: Kind, mark: str, oa: str) -> tuple[dict[str, Any], tuple[str, ...]]:
        person = str(7_000_000_000 + self._chance.randrange(40_000))
        sent, by_oa = {"sender": {"id": person}, "recipient": {"id": oa}}, {"sender": {"id": oa}, "recipient": {"id": person}}
        by_app = {"user_id_by_app": f"5{person}"}
        text = self._chance.choice(TEXTS)
        match kind:
            case Kind.PHOTO:
                photo = {"type": "image", "payload": {"thumbnail": f"https://m/{mark}?t", "url": f"https://m/{mark}"}}
                message: dict[str, Any] = {"msg_id": mark, "text": "", "attachments": [photo]}
                return {**sent, **by_app, "event_name": "user_send_image", "message": message}, ()
            case Kind.FOLLOW:
                return {"oa_id": oa, "follower": {"id": f"8{mark}"}, **by_app, "event_name": "follow", "source": "oa_profile"}, ()
            case Kind.RECEIVED:
                return {**by_oa, "event_name": "user_received_message", "message": {"msg_id": mark}}, (mark,)
            case Kind.SEEN:
                ids = tuple(f"{mark}-{number}" for number in range(self._chance.randint(1, 6)))
                return {**by_oa, "event_name": "user_seen_message", "message": {"msg_ids": list(ids)}}, ids
            case Kind.ECHO:
                return {**by_oa, **by_app, "event_name": "oa_send_text", "message": {"text": text, "msg_id": mark}}, (mark,)
            case Kind.NEW:
                return {**sent, "event_name": "user_sang_a_song", "message": {"msg_id": mark}}, ()
            case _:
                return {**sent, **by_app, "event_name": "user_send_text", "message": {"text": text, "msg_id": mark}}, ()

    def _forge(self, event: Event, linked: Linked, stamp: str) -> Event:
        match self._chance.randrange(5):
            case 0:
                return event._replace(mac=None)
            case 1:
                return event._replace(mac="mac=")
            case 2:  # a right signature, of another body
                return event._replace(
                    body=event.body.replace(b"event_name", b"event_nam3", 1).replace(b"event_nam3", b"event_name ", 1)
                )
            case 3:  # a hash as other systems reckon it
                return event._replace(mac=signed("", linked.app.encode() + event.body, linked.secret, stamp))
            case _:
                return event._replace(mac=signed(linked.app, event.body, stamp, linked.secret[::-1]))

"""Signed events of people who do not exist, by number: the same number is the same person, message and text, always.

Knows the wire alone and nothing of the toolkit, so that a bench and a judge may trust it. Source: Zalo OA API, webhook pages
(read 2026-11).
"""

import csv
import hashlib
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

import orjson

FIRST_PERSON = 2_000_000_000_000_000_000
SEEN = 0.23  # of receipts: 0.27 of messages are seen for 0.9 that are received
TEXTS = (
    "Nước lên tới sân rồi",
    "Xin hỏi đường đi tránh bão",
    "#can cuoc cong dan",
    "Cảm ơn cán bộ",
    "Cần cứu giúp ở thôn 3",
    "an toàn",
)

_MESSAGE = (
    '{"app_id":"%s","sender":{"id":"%s"},"user_id_by_app":"%s","recipient":{"id":"%s"},"event_name":"user_send_text",'
    '"message":{"text":%s,"msg_id":"%s"},"timestamp":"%d"}'
)
_RECEIVED = (
    '{"app_id":"%s","sender":{"id":"%s"},"recipient":{"id":"%s"},"event_name":"user_received_message",'
    '"message":{"msg_id":"%s"},"timestamp":"%d"}'
)
_SEEN = (
    '{"app_id":"%s","sender":{"id":"%s"},"recipient":{"id":"%s"},"event_name":"user_seen_message",'
    '"message":{"msg_ids":["%s"]},"timestamp":"%d"}'
)


class Signer(NamedTuple):
    """An Official Account, and the secret that signs its events."""

    app_id: str
    oa_id: str
    secret: str


class Sent(NamedTuple):
    """A message of the OA's that receipts tell of."""

    oa_id: str
    person: str
    message_id: str


class SignedEvent(NamedTuple):
    """One event as it goes over the wire: `mac` is its true signature, `request` all but the path and the retry."""

    name: str
    oa_id: str
    person: str
    message_id: str
    mac: str
    body: bytes


class Events:
    """Makes events by number.

    Args:
        signers: The OAs, taken in turn.
        persons: How many people there are; event `n` is person `n % persons`'s.
        messages: Share of events that are texts of people's; the rest are receipts.
        sent: What receipts tell of, in turn; empty invents it.
        texts: What people write, in turn.
    """

    def __init__(
        self,
        signers: Sequence[Signer],
        persons: int,
        messages: float = 0.0,
        sent: Sequence[Sent] = (),
        texts: Sequence[str] = TEXTS,
    ) -> None:
        self._signers, self._persons, self._messages, self._sent = signers, persons, messages, sent
        self._texts = [orjson.dumps(text).decode() for text in texts]
        self._by_oa = {signer.oa_id: signer for signer in signers}

    def event(self, number: int, at_ms: int) -> SignedEvent:
        """Return an event by its number, told at that time (milliseconds since 1970)."""
        dice = number * 2_654_435_761 % 2**32 / 2**32  # spread evenly, the same every time
        if dice < self._messages:
            return self._text(number, at_ms)
        return self._receipt(number, at_ms, is_seen=(dice - self._messages) < SEEN * (1 - self._messages))

    def _text(self, number: int, at_ms: int) -> SignedEvent:
        who = number % self._persons
        signer = self._signers[who % len(self._signers)]
        person, message_id = str(FIRST_PERSON + who), f"{number:020x}"
        body = _MESSAGE % (
            signer.app_id, person, person, signer.oa_id, self._texts[number % len(self._texts)], message_id, at_ms,
        )  # fmt: skip
        return _signed("user_send_text", signer, person, message_id, body, at_ms)

    def _receipt(self, number: int, at_ms: int, *, is_seen: bool) -> SignedEvent:
        sent = self._sent[number % len(self._sent)] if self._sent else self._invented(number)
        signer = self._by_oa[sent.oa_id]
        form = _SEEN if is_seen else _RECEIVED
        body = form % (signer.app_id, signer.oa_id, sent.person, sent.message_id, at_ms)
        name = "user_seen_message" if is_seen else "user_received_message"
        return _signed(name, signer, sent.person, sent.message_id, body, at_ms)

    def _invented(self, number: int) -> Sent:
        who = number % self._persons
        return Sent(self._signers[who % len(self._signers)].oa_id, str(FIRST_PERSON + who), f"{number:020x}")


def _signed(name: str, signer: Signer, person: str, message_id: str, text: str, at_ms: int) -> SignedEvent:
    body = text.encode()
    mac = hashlib.sha256(b"%b%b%d%b" % (signer.app_id.encode(), body, at_ms, signer.secret.encode())).hexdigest()
    return SignedEvent(name, signer.oa_id, person, message_id, mac, body)


def read_signers(path: str) -> list[Signer]:
    """Read OAs from lines of JSON with `app_id`, `oa_id` and `secret`; "-" is standard input: a secret is no argument."""
    return [Signer(line["app_id"], line["oa_id"], line["secret"]) for line in _lines(path)]


def read_sent(path: str) -> list[Sent]:
    """Read messages from lines of JSON with `oa_id`, `user_id` and `msg_id`."""
    return [Sent(line["oa_id"], line["user_id"], line["msg_id"]) for line in _lines(path)]


def read_texts(path: str) -> list[str]:
    """Read what people write from the column `text` of a CSV file, or a text a line."""
    with Path(path).open(encoding="utf-8", newline="") as file:
        if path.endswith(".csv"):
            return [row["text"] for row in csv.DictReader(file)]
        return [line.strip() for line in file if line.strip()]


def _lines(path: str) -> Iterable[dict[str, str]]:
    text = sys.stdin.buffer.read() if path == "-" else Path(path).read_bytes()
    return (orjson.loads(line) for line in text.splitlines() if line.strip())

"""A call and its answer as they go over the wire, and the words of refusals."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, TypeAlias
from urllib.parse import parse_qsl

import orjson

# Kinds of content.
JSON = b"application/json;charset=utf-8"
HTML = b"text/html;charset=utf-8"
TEXT = b"text/plain;charset=utf-8"
NDJSON = b"application/x-ndjson"


class Answer(NamedTuple):
    """One HTTP answer.

    `headers` are further lines, each with its line break; a `cut` answer never arrives: the connection is reset instead.
    """

    status: int
    body: bytes
    kind: bytes = JSON
    headers: bytes = b""
    cut: bool = False
    delay_s: float = 0.0


class Request(NamedTuple):
    """One HTTP request; header names are in lower case."""

    method: str
    path: str
    query: str
    headers: Mapping[bytes, bytes]
    body: bytes

    def header(self, name: bytes) -> str:
        """Return a header's value, empty when there is none."""
        return self.headers.get(name, b"").decode("latin-1")

    def form(self) -> dict[str, str]:
        """Read the body as a form."""
        return dict(parse_qsl(self.body.decode(errors="replace"), keep_blank_values=True))

    def plain(self) -> dict[str, str]:
        """Read the query."""
        return dict(parse_qsl(self.query, keep_blank_values=True))


class Refusal(Exception):
    """A call is refused with a code; the text is Zalo's own when none is given."""

    def __init__(self, code: int, text: str = "") -> None:
        super().__init__(code)
        self.code, self.text = code, text or WORDS.get(code, "refused")


# Source: Zalo OA API, appendix "ma-loi"; ZBS template message error table (read 2026-11). The spelling is the service's own.
WORDS: Mapping[int, str] = {
    -32: "Your application reached limit call api",
    -100: "attachment_id was expired",
    -106: "Method unsupported",
    -107: "Message id is invalid",
    -108: "Phone number is invalid",
    -109: "Template id is invalid",
    -1091: "Template cannot be edited",
    -111: "Template data is empty",
    -112: "Template data is undefined",
    -1121: "Template data is too long",
    -1122: "Template data is missing a parameter",
    -1124: "Template data has a bad format",
    -115: "Out of quota",
    -117: "OA has no permission to use this template",
    -118: "Zalo account does not exist or is deactivated",
    -121: "Body is empty",
    -122: "Body is not JSON",
    -124: "Access token invalid",
    -1241: "appsecret_proof is invalid",
    -126: "Out of quota of development mode",
    -127: "Template test can only be sent to administrators",
    -131: "Template is not approved",
    -132: "Parameter is invalid",
    -133: "Message is not allowed to be sent at night",
    -135: "OA is not allowed to send",
    -144: "OA has exceeded its daily limit",
    -1441: "OA has exceeded its monthly promotion quota",
    -1471: "User has exceeded the monthly limit of promotion messages",
    -1472: "User has exceeded the daily limit of promotion messages",
    -158: "File size exceeds the limit",
    -159: "File type is not supported",
    -160: "Daily quota of template management exceeded",
    -161: "sending_mode is invalid",
    -162: "sending_mode is not allowed for this template",
    -201: "user_id is invalid!",
    -210: "Parameter exceeds allowable limit",
    -211: "Out of quota",
    -213: "User has not followed OA",
    -214: "Article is being processed",
    -216: "Access token is invalid",
    -220: "access_token is expired or removed",
    -223: "Official Account has not authorized this API",
    -224: "The OA needs to upgrade OA Tier Package",
    -230: "User has not interacted with the OA in the past 7 days",
    -233: "message type is invalid or not support",
    -234: "This message cannot be sent at night (10:00PM - 6:00AM)",
    -240: "MessageV2 API has been shut down, please switch to MessageV3",
    -242: "Invalid appsecret_proof",
    -249: "Template does not support send via UID",
    -321: "Zalo Cloud Account out of money or unable to be charged",
}
OA_LIMIT = "Your OA reached limit call api"


def invalid(field: str) -> Refusal:
    """Refuse a field of an OA call."""
    return Refusal(-201, f"{field} is invalid!")


ApiRequest: TypeAlias = dict[str, Any]


def ok(value: Any) -> Answer:
    """Answer with some JSON."""
    return Answer(200, orjson.dumps(value))


def lines(people: Mapping[str, int]) -> Answer:
    """Answer with how often each person was reached."""
    body = b"".join(b'{"id":"%b","times":%d}\n' % (user.encode(), times) for user, times in people.items())
    return Answer(200, body, NDJSON)


def whole_number(asked: Mapping[str, Any], name: str, default: int) -> int:
    """Read a number that clients give as one or as digits.

    Raises:
        Refusal: It is neither.
    """
    value = asked.get(name, default)
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 10:
        return int(value)
    if type(value) is int:
        return value
    raise invalid(name)


Handler: TypeAlias = Callable[[Any, ApiRequest], Any]

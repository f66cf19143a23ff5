"""What every code of the two hosts means for a sender: one data table, keyed by (host, code).

Source: Zalo OA API, appendix "ma-loi"; ZBS template message error table; production reports where marked by both (read 2026-11).
The message texts are ours; Zalo's own spelling differs and changes.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import orjson

from zalo_alert.errors import Cure, ErrorCause
from zalo_alert.language import _
from zalo_alert.models import Accepted, Deferred, Outcome, Promised, Reason, Rejected, Scope, Unknown
from zalo_alert.zalo.base import MOST_BYTES, Host, Line, Reply


class Action(StrEnum):
    """What a sender does about a code."""

    TOKEN = "TOKEN"  # refresh once for everyone, then the same message once more
    SLOW = "SLOW"  # wait for the next minute, lower the rate
    RETRY = "RETRY"  # back off, few attempts
    DEFER = "DEFER"  # wait for the allowed hours
    QUOTA = "QUOTA"  # this route rests until its quota resets or is raised
    STOP = "STOP"  # halt the campaign: a person must act
    BADMSG = "BADMSG"  # the message itself is refused: everyone would be
    SKIP = "SKIP"  # not this person on this route; the next route may do
    DEAD = "DEAD"  # this person is unreachable until a sign of life


@dataclass(frozen=True, slots=True)
class Code:
    """One row: the action, what the code means, and what a person should do when it halts a run."""

    action: Action
    meaning: str
    advice: str = ""


ADVICE: Mapping[Action, str] = {
    Action.TOKEN: _("{check} names the account and its cure; then {resume}", check=Cure.CHECK(all=True), resume=Cure.RESUME()),
    Action.QUOTA: _("raise the quota or wait for its reset at midnight, then {resume}", resume=Cure.RESUME()),
    Action.STOP: _("have an OA administrator put this right, then {resume}", resume=Cure.RESUME()),
    Action.BADMSG: _(
        "correct the template or its data and start a campaign with a new code; nobody was written to by these calls"
    ),
}

_MONEY = _("top up or relink the Zalo Cloud Account, then {resume}", resume=Cure.RESUME())
_APP = _("check app_id and the app secret in the developer console, then {resume}", resume=Cure.RESUME())

_OPENAPI: tuple[tuple[int, Action, str, str], ...] = (
    (-32, Action.SLOW, _("rate limit of the app or the OA reached"), ""),
    (-100, Action.BADMSG, _("the attachment has expired"), _("upload it again and start a campaign with a new code")),
    (-200, Action.RETRY, _("Zalo could not send the message"), ""),
    (-201, Action.BADMSG, _("a field of the message is invalid"), ""),
    (-202, Action.STOP, _("invalid mac"), _APP),
    (-204, Action.STOP, _("the Official Account is disabled"), ""),
    (
        -205,
        Action.STOP,
        _("the Official Account does not exist"),
        _("check oa_id in zalo-alert.yaml, then {resume}", resume=Cure.RESUME()),
    ),
    (-207, Action.STOP, _("the OA is not a third party of this app"), _APP),
    (-208, Action.STOP, _("the OA has no secret key"), _APP),
    (-209, Action.STOP, _("the app is not activated for this API"), _APP),
    (-210, Action.BADMSG, _("a parameter exceeds its limit"), ""),
    (-211, Action.QUOTA, _("out of quota"), ""),
    (-212, Action.STOP, _("the app has not registered this API"), _APP),
    (-213, Action.DEAD, _("the person does not follow the OA"), ""),
    (-214, Action.RETRY, _("the article is still being processed"), ""),
    (-215, Action.STOP, _("bad app id"), _APP),
    (-216, Action.TOKEN, _("the access token is invalid"), ""),
    (216, Action.TOKEN, _("the access token is invalid"), ""),
    (-217, Action.DEAD, _("the person has blocked the OA"), ""),
    (-218, Action.SKIP, _("the person has received as much as allowed"), ""),
    (-219, Action.STOP, _("the app is removed or disabled"), _APP),
    (-220, Action.TOKEN, _("the access token has expired or was replaced"), ""),
    (-221, Action.STOP, _("the OA must be verified first"), ""),
    (-222, Action.DEAD, _("the person is banned or inactive"), ""),
    (-223, Action.STOP, _("the OA has not authorised this API"), ""),
    (-224, Action.STOP, _("the OA must upgrade its package"), ""),
    (-227, Action.DEAD, _("the person is banned or inactive for more than 45 days"), ""),
    (-230, Action.SKIP, _("no interaction in the past 7 days"), ""),
    (-232, Action.SKIP, _("no interaction, or the last one has expired"), ""),
    (-233, Action.BADMSG, _("this type of message is not supported"), ""),
    (-234, Action.DEFER, _("not allowed at night (22:00–06:00)"), ""),
    (-235, Action.STOP, _("this API is not for this type of OA"), ""),
    (-237, Action.STOP, _("the group is disabled"), ""),
    (-238, Action.QUOTA, _("the allowance is already used"), ""),
    (-240, Action.STOP, _("this API has been shut down"), _("use another route in the campaign")),
    (-241, Action.QUOTA, _("the allowance is disabled"), ""),
    (-242, Action.STOP, _("appsecret_proof is invalid"), _APP),
    (-244, Action.SKIP, _("the person refuses this type of message"), ""),
    (-248, Action.STOP, _("the message violates Zalo's standards"), ""),
    (
        -249,
        Action.BADMSG,
        _("this template cannot be sent by user id"),
        _("use one made after 10 December 2025, or the phone route"),
    ),
    (-305, Action.SKIP, _("the 48 h reply window is over"), ""),
    (-311, Action.SKIP, _("the reply allowance is used"), ""),
    (-320, Action.STOP, _("the app is not connected to a Zalo Cloud Account"), _MONEY),
    (-321, Action.STOP, _("the Zalo Cloud Account is out of money or cannot be charged"), _MONEY),
    (-401, Action.TOKEN, _("the access token is invalid"), ""),
    (401, Action.TOKEN, _("the access token is invalid"), ""),
)

_TEMPLATE: tuple[tuple[int, Action, str, str], ...] = (
    (-109, Action.BADMSG, _("the template id is invalid"), ""),
    (-111, Action.BADMSG, _("the template data is empty"), ""),
    (-112, Action.BADMSG, _("a template parameter is undefined"), ""),
    (-1121, Action.BADMSG, _("a template parameter is too long"), ""),
    (-1122, Action.BADMSG, _("a template parameter is missing"), ""),
    (-1123, Action.BADMSG, _("the QR code could not be made"), ""),
    (-1124, Action.BADMSG, _("a template parameter has the wrong format"), ""),
    (-117, Action.BADMSG, _("no permission to use this template"), ""),
    (-131, Action.BADMSG, _("the template is not approved"), ""),
    (-144, Action.QUOTA, _("the OA's daily limit is reached"), ""),
    (-1441, Action.QUOTA, _("the OA's monthly promotion quota is used up"), ""),
    (-145, Action.BADMSG, _("the OA may not send this type of content"), ""),
    (-146, Action.BADMSG, _("the template is disabled for low quality"), ""),
    (-147, Action.QUOTA, _("the template's daily limit is reached"), ""),
    (-1471, Action.SKIP, _("the person's monthly limit is reached"), ""),
    (-1472, Action.SKIP, _("the person's daily limit is reached"), ""),
)

_BUSINESS: tuple[tuple[int, Action, str, str], ...] = (
    *_TEMPLATE,
    (-32, Action.SLOW, _("rate limit reached"), ""),
    (-100, Action.RETRY, _("unknown error at Zalo"), ""),
    (-101, Action.STOP, _("the app id is invalid"), _APP),
    (-102, Action.STOP, _("the app does not exist"), _APP),
    (-103, Action.STOP, _("the app is not active"), _APP),
    (-104, Action.STOP, _("the app secret is wrong"), _APP),
    (-105, Action.STOP, _("the app is not linked to the OA"), _APP),
    (-106, Action.BADMSG, _("the method is not supported"), ""),
    (-108, Action.DEAD, _("the phone number is invalid"), ""),
    (-110, Action.SKIP, _("the person's Zalo version is too old"), ""),
    (-113, Action.BADMSG, _("a button is invalid"), ""),
    (-1131, Action.BADMSG, _("a button's link is invalid"), ""),
    (-1132, Action.BADMSG, _("a button is missing"), ""),
    (-114, Action.SKIP, _("the person is inactive or refuses"), ""),
    (-115, Action.STOP, _("out of quota or money"), _MONEY),
    (-116, Action.BADMSG, _("the text is invalid"), ""),
    (-118, Action.DEAD, _("no Zalo account for this phone"), ""),
    (-119, Action.DEAD, _("the account cannot receive"), ""),
    (-120, Action.STOP, _("the OA lacks this feature"), ""),
    (-1201, Action.STOP, _("the OA may not send promotions"), ""),
    (-1202, Action.STOP, _("the OA may not send media"), ""),
    (-121, Action.BADMSG, _("the body is empty"), ""),
    (-122, Action.BADMSG, _("the body is not JSON"), ""),
    (-123, Action.BADMSG, _("RSA decoding failed"), ""),
    (-124, Action.TOKEN, _("the access token is invalid"), ""),
    (-1241, Action.STOP, _("appsecret_proof is invalid"), _APP),
    (-125, Action.STOP, _("the OA id is invalid"), ""),
    (-126, Action.QUOTA, _("the development allowance is used up"), ""),
    (-127, Action.BADMSG, _("a test template reaches administrators only"), ""),
    (-130, Action.BADMSG, _("the content is too large"), ""),
    (-132, Action.BADMSG, _("a parameter is invalid"), ""),
    (-133, Action.DEFER, _("not allowed at night (22:00–06:00)"), ""),
    (-134, Action.SKIP, _("the person has not opted in"), ""),
    (-135, Action.STOP, _("the OA may not send (unverified or free plan)"), ""),
    (-1351, Action.STOP, _("the OA is blocked for a violation"), ""),
    (-136, Action.STOP, _("the billing account is not linked"), _MONEY),
    (-137, Action.STOP, _("the charge failed"), _MONEY),
    (-138, Action.STOP, _("the app lacks permission"), _APP),
    (-1381, Action.STOP, _("the extension lacks permission"), _APP),
    (-139, Action.SKIP, _("the person refuses this type of content"), ""),
    (-140, Action.SKIP, _("the person is not eligible under the delivery policy"), ""),
    (-141, Action.DEAD, _("the person refuses this OA"), ""),
    (-161, Action.BADMSG, _("sending_mode has a wrong value"), ""),
    (-162, Action.BADMSG, _("sending_mode is not allowed for this tag"), ""),
    (-211, Action.QUOTA, _("out of quota"), ""),
    (-220, Action.TOKEN, _("the access token has expired"), ""),
)

# Sends by user id go through the OA host and may answer with the template's codes too.
CODES: Mapping[tuple[Host, int], Code] = {
    **{(Host.OPENAPI, code): Code(action, meaning, advice) for code, action, meaning, advice in (*_TEMPLATE, *_OPENAPI)},
    **{(Host.BUSINESS, code): Code(action, meaning, advice) for code, action, meaning, advice in _BUSINESS},
}

_BACKSLASH = ord("\\")  # may write `error` in another way

MOST_DIGITS = 40  # of an id; Zalo's have nineteen
MOST_CODE = 2**63 - 1  # what the ledger holds; Zalo's codes have five digits, and nobody has longer ones

GONE = frozenset({-213, -217})  # does not follow any more, or has blocked the OA: everyday
CLOSED = frozenset({-230, -232, -305, -311})  # no talk with the OA that lets this route in: another one may reach the person

UNLISTED = Code(Action.RETRY, _("a code that no table knows"), _("look the code up in Zalo's appendix and report it"))

_REASON: Mapping[Action, Reason] = {
    Action.TOKEN: Reason.TOKEN,
    Action.SLOW: Reason.THROTTLED,
    Action.RETRY: Reason.BUSY,
    Action.DEFER: Reason.NIGHT,
    Action.QUOTA: Reason.QUOTA,
    Action.STOP: Reason.STOPPED,
    Action.BADMSG: Reason.BAD_MESSAGE,
    Action.SKIP: Reason.NOT_THIS_ROUTE,
    Action.DEAD: Reason.DEAD,
}

UNEXECUTED = frozenset({407, 429, 503})  # what an HTTP status alone says; any other may have been executed

_FIELD_IS_USER = re.compile(rb"user_?id", re.IGNORECASE)
_LIMIT_OF_OA = re.compile(
    rb"\bOA reached", re.IGNORECASE
)  # "Your OA reached limit call api", against "Your application reached …"


def look_up(host: Host, code: int) -> Code:
    """Return the row of a code; an unknown one is tried a few times, then parked and reported."""
    return CODES.get((host, code), UNLISTED)


def advise(host: Host, code: int) -> str:
    """Say what a person should do about a code that halted a run."""
    row = look_up(host, code)
    return row.advice or ADVICE.get(row.action, _("{resume} continues", resume=Cure.RESUME()))


_CAUSES: Mapping[Action, ErrorCause] = {
    Action.TOKEN: ErrorCause.TOKEN,
    Action.SLOW: ErrorCause.SERVER,
    Action.RETRY: ErrorCause.SERVER,
    Action.DEFER: ErrorCause.NIGHT,
    Action.QUOTA: ErrorCause.QUOTA,
    Action.STOP: ErrorCause.ACCOUNT,
    Action.BADMSG: ErrorCause.MESSAGE,
}
_AGAINST_STANDARDS = -248  # halts like an account's fault, and is the message's


def cause_of(host: Host, code: int) -> ErrorCause:
    """Return the word for why a code halts a run."""
    row = look_up(host, code)
    if row.advice is _MONEY:
        return ErrorCause.MONEY
    return ErrorCause.MESSAGE if code == _AGAINST_STANDARDS else _CAUSES.get(row.action, ErrorCause.OTHER)


def classify(host: Host, reply: Reply, user_id: str = "") -> Outcome:
    """Read one Zalo reply as an outcome.

    The body decides, not the HTTP status: Zalo puts its verdict in `error`, with HTTP 200. Without a verdict, 407, 429 and
    503 were refused unexecuted; every other status may have been executed. An acceptance names its person: if it names somebody
    else, the connection is out of step, and its line is told; if it is this person, all that the line said before is proved.

    Args:
        host: Which API answered.
        reply: The whole answer.
        user_id: Whom an acceptance must name; "" on a route whose answers name nobody.

    Returns:
        `Deferred` only for what was certainly not executed; no verdict is `Unknown`. What the answer itself does not prove
        `awaits` the proof by its line.

    Source: Zalo OA API, appendix "ma-loi"; official PHP SDK, `ZaloResponse.isError`.
    """
    body, line = reply.body, reply.line
    try:
        answer = orjson.loads(body)
        code = answer["error"]
    except (orjson.JSONDecodeError, KeyError, TypeError):
        return _without_verdict(reply)
    if (body.count(b'"error"') != 1 or _BACKSLASH in body or len(body) >= MOST_BYTES) and _is_ambiguous(body):
        return _without_verdict(reply)
    if code != 0 or type(code) is not int:  # not `false` or 0.0: nobody has said that these are acceptances
        return _refused(host, code, reply)
    data = answer.get("data")
    if user_id and type(data) is dict and data.get("user_id") == user_id:
        if line and line.held:
            line.prove()
        message_id = data.get("message_id")
        return Accepted(message_id if message_id and type(message_id) is str else _message_id(data))
    return _accepted_of(data, line, user_id)


def _is_ambiguous(body: bytes) -> bool:
    """Whether an answer says `error` twice, or was cut at its limit: then what it says last need not be what it means."""
    if len(body) >= MOST_BYTES:
        return True
    try:
        pairs = json.loads(body, object_pairs_hook=list, parse_int=str)
    except (ValueError, RecursionError):  # nested as deep as no answer is
        return True
    return [key for key, _ in pairs].count("error") != 1


def _message_id(data: Mapping[str, Any]) -> str:
    # By user id it is `message_id`, by phone `msg_id`. An acceptance without an id is still an acceptance.
    message_id = data.get("message_id") or data.get("msg_id") or ""
    return message_id if type(message_id) is str else _text(message_id)


def _text(value: object) -> str:
    """Read an id that comes as a number in some answers; anything else is not an id."""
    return str(value) if type(value) in (str, int) else ""


def _accepted_of(data: object, line: Line | None, user_id: str) -> Outcome:
    """Read an acceptance that names nobody, or somebody else, or its person in another spelling."""
    if not isinstance(data, dict):
        return _promised("", line)
    named = _text(data.get("user_id"))[:MOST_DIGITS]
    if not user_id or not named.isdigit():
        return _promised(_message_id(data), line)
    if named.lstrip("0") == user_id.lstrip("0"):
        if line:
            line.prove()
        return Accepted(_message_id(data))
    if line:
        line.doubt()
    return Unknown(Reason.OUT_OF_STEP)


def _promised(message_id: str, line: Line | None) -> Accepted:
    return Promised(message_id, line) if line else Accepted(message_id)


def _without_verdict(reply: Reply) -> Outcome:
    status, line = reply.status, reply.line
    if status == 407:
        # a proxy's own word: it wants a password, and has passed nothing on (RFC 9110)
        return Deferred(Reason.PROXY, status, awaits=line)
    if status == 429:
        return Deferred(Reason.THROTTLED, status, reply.retry_after_s, awaits=line)
    if status == 503:
        return Deferred(Reason.BUSY, status, reply.retry_after_s, awaits=line)
    return Unknown(Reason.SERVER_ERROR if status >= 500 else Reason.UNREADABLE, status)


def _refused(host: Host, code: object, reply: Reply) -> Outcome:
    body, line = reply.body, reply.line
    if reply.status in UNEXECUTED and (type(code) is not int or (host, code) not in CODES):
        return _without_verdict(reply)  # some gateway's own words, such as `{"error": 429}`; its status is the clearer one
    if not isinstance(code, int) or isinstance(code, bool) or code > MOST_CODE:
        return Unknown(Reason.UNREADABLE)
    if host is Host.OPENAPI and code == -201 and _FIELD_IS_USER.search(body):
        return Rejected(Reason.DEAD, code, line)  # "user_id is invalid!" speaks of one person; any other field of everyone
    row = CODES.get((host, code))
    if row is None:
        return Deferred(Reason.UNLISTED, code, awaits=line)
    reason = _REASON[row.action]
    if reason in (Reason.NOT_THIS_ROUTE, Reason.DEAD):
        return Rejected(reason, code, line)
    if reason is Reason.THROTTLED and _LIMIT_OF_OA.search(body):
        return Deferred(reason, code, scope=Scope.OA, awaits=line)
    return Deferred(reason, code, awaits=line)

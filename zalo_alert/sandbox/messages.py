"""The calls that send one message to one person, and the order in which they are refused: token, rate, content, person, quota.

Source: Zalo OA and ZBS documentation (read 2026-11).
"""

import random
import re
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial
from typing import Any, NamedTuple

import orjson

from zalo_alert.foundation.clock import VIETNAM
from zalo_alert.sandbox import grammar
from zalo_alert.sandbox.base import FAULTS
from zalo_alert.sandbox.oauth import BROKEN
from zalo_alert.sandbox.phones import Phones
from zalo_alert.sandbox.talks import Talks
from zalo_alert.sandbox.templates import DEFAULT_QUOTA, Template, Templates
from zalo_alert.sandbox.uploads import Uploads
from zalo_alert.sandbox.wire import HTML, TEXT, Answer, Refusal, Request, invalid
from zalo_alert.sandbox.world import DAY_S, Oa, World, drawn

CS, BY_UID = "/v3.0/oa/message/cs", "/v3.0/oa/message/template"
TRANSACTION, PROMOTION = "/v3.0/oa/message/transaction", "/v3.0/oa/message/promotion"
BY_PHONE, BY_HASH = "/message/template", "/message/template/hashphone"
NIGHT_FROM_H, NIGHT_UNTIL_H = 22, 6  # Vietnam's time; no page names the zone
MOST_TRACKING = 48
MOST_REPLIES = 8  # to one message of a person's
ADMIN_PHONE = "84900000001"  # mode `development` reaches nobody else
DEVELOPMENT_QUOTA = 100
DAY_PROMOTIONS, MONTH_PROMOTIONS = 1, 4  # to one person
SUB_QUOTA = 2000  # consultation messages beyond 48 h that a month of the package holds
FREE_S = 2 * DAY_S
NO_LONGER_COUNTED_S = datetime(2026, 3, 1, tzinfo=VIETNAM).timestamp()  # messages within 48 hours

_HASH = re.compile("[0-9a-f]{64}")
_UNEXECUTED = {"slow_down", "http_429", "http_503", "reset_before"}


class Letter(NamedTuple):
    """One message as it was read: for whom, by which template, and which one."""

    to: str
    template: Template | None = None
    tracking_id: str = ""
    mode: str = ""
    message: int = 0  # which message it is, whoever reads it
    kind: str = ""  # as its echo is named; by phone there is none
    said: Any = None  # the message itself, for its echo


class Promotions:
    """How many promotions a person has had, a day and a month, and when none may be sent.

    Args:
        world: Whose clock and options.
    """

    def __init__(self, world: World) -> None:
        self._world = world
        self._sent: Counter[tuple[str, str]] = Counter()  # by person and day, by person and month

    def are_resting(self, now_s: float) -> bool:
        """Whether it is night, when none is sent."""
        hour = self._world.local(now_s).hour
        return hour >= NIGHT_FROM_H or hour < NIGHT_UNTIL_H

    def check(self, oa: Oa, template: Template, to: str, now_s: float) -> None:
        """Make sure that one more may be sent.

        Raises:
            Refusal: The person's limit, or the OA's, is reached.
        """
        if template.tag != 3:
            return
        day, month = self._dates(to, now_s)
        if self._sent[month] >= MONTH_PROMOTIONS:
            raise Refusal(-1471)
        if self._sent[day] >= DAY_PROMOTIONS:
            raise Refusal(-1472)
        if 0 < self._world.options.promotion_quota <= oa.promotions[month[1]]:
            raise Refusal(-1441)

    def count(self, oa: Oa, to: str, now_s: float) -> None:
        """Count one that was sent."""
        day, month = self._dates(to, now_s)
        oa.promotions[month[1]] += 1
        self._sent.update((day, month))

    def _dates(self, to: str, now_s: float) -> tuple[tuple[str, str], tuple[str, str]]:
        local = self._world.local(now_s)
        return (to, f"{local:%Y-%m-%d}"), (to, f"{local:%Y-%m}")


class Messages:
    """The message calls.

    Args:
        world: Whose people and tokens.
        templates: What may be sent by template.
        uploads: What may be attached.
        phones: Get every accepted message while somebody listens to their receipts.
        talks: Get every accepted consultation message once anybody has asked anything.
    """

    def __init__(self, world: World, templates: Templates, uploads: Uploads, phones: Phones, talks: Talks) -> None:
        self._world, self._templates, self._uploads, self._phones = world, templates, uploads, phones
        self.talks = talks
        self._rng = random.Random(world.options.seed)
        self._development = 0
        self.promotions = Promotions(world)
        self.inbound: dict[str, tuple[str, int]] = {}  # messages of people: whose, and how often answered
        self._read: Mapping[str, Callable[[Oa, Any, float], Letter]] = {
            CS: self._cs,
            BY_UID: self._by_uid,
            TRANSACTION: self._legacy,
            PROMOTION: self._legacy,
            BY_PHONE: self._by_phone,
            BY_HASH: self._by_hash,
        }
        self.set_faults()

    def set_faults(self) -> None:
        """Lay the shares of faults end to end, so that one random number picks at most one."""
        options = self._world.options
        self._faults: list[tuple[float, str]] = []
        edge = 0.0
        for name in FAULTS:
            edge += getattr(options, name)
            if getattr(options, name):
                self._faults.append((edge, name))
        # Most sandboxes refuse nobody; they need not look at each person.
        self._is_picky = bool(
            options.refuse_code or options.stop_after or options.dead or options.stale or options.quota or options.followers
            or options.package == "free"
        )  # fmt: skip

    def paths(self) -> list[str]:
        """Name the calls that send a message."""
        return list(self._read)

    def takes(self, path: str) -> bool:
        """Whether a path sends a message."""
        return path in self._read

    def answer(self, request: Request, now_s: float) -> Answer:
        """Answer one message request."""
        world, path = self._world, request.path
        world.requests += 1
        is_business = path.startswith("/message/")
        headers, fault = b"", ""
        try:
            oa = self._bearer(request, now_s, is_business=is_business)
            if not is_business:
                why, headers = world.counted(oa, now_s)
                if why:
                    raise Refusal(-32, why)
            if self._faults:
                drawn_ = self._rng.random()
                fault = next((name for edge, name in self._faults if drawn_ < edge), "")
                if fault in _UNEXECUTED:
                    return self._unexecuted(fault, headers)
            letter = self._letter(path, oa, request.body, now_s, is_business=is_business)
            if self._is_picky or oa.followed:
                _check_person(self._world, path, oa, letter, now_s)
        except Refusal as exc:
            if not is_business and not headers:
                headers = world.counted(None, now_s)[1]
            return self._refuse(exc, headers)
        return self._executed(path, oa, letter, fault, headers, now_s)

    def _bearer(self, request: Request, now_s: float, *, is_business: bool) -> Oa:
        get = request.headers.get
        return self._world.bearer(get(b"access_token"), get(b"appsecret_proof"), now_s, business=is_business)

    def _letter(self, path: str, oa: Oa, body: bytes, now_s: float, *, is_business: bool) -> Letter:
        if is_business and not body:
            raise Refusal(-121)
        try:
            return self._read[path](oa, orjson.loads(body), now_s)
        except orjson.JSONDecodeError as exc:
            raise Refusal(-122 if is_business else -201) from exc
        except (KeyError, TypeError, AttributeError) as exc:
            raise Refusal(-132 if is_business else -201) from exc

    # --- content -----------------------------------------------------------------------------------------------------------

    def _cs(self, oa: Oa, body: Any, now_s: float) -> Letter:
        recipient, message = body["recipient"], body["message"]
        user = _user(recipient["user_id"]) if "user_id" in recipient else self._asker(recipient.get("message_id"))
        kind = grammar.check(message, lambda identity, kind: self._uploads.use(oa, identity, kind, now_s))
        return Letter(user, message=_mark(message), kind=kind, said=message)

    def _asker(self, message_id: Any) -> str:
        user, answered = self.inbound.get(str(message_id), ("", 0))
        if not user:
            raise invalid("message_id")
        if answered >= MOST_REPLIES:
            raise Refusal(-211)
        self.inbound[message_id] = (user, answered + 1)
        return user

    def _legacy(self, oa: Oa, body: Any, now_s: float) -> Letter:
        if self._world.options.legacy == "refuse":
            raise Refusal(-240)
        user = _user(body["recipient"]["user_id"])
        grammar.check_legacy(body["message"])
        if body["message"]["attachment"]["payload"]["template_type"] == "promotion" and self.promotions.are_resting(now_s):
            raise Refusal(-234)
        return Letter(user, message=_mark(body["message"]), kind="template", said=body["message"])

    def _by_uid(self, oa: Oa, body: Any, now_s: float) -> Letter:
        template = self._template(body, by_uid=True)
        user = _user(body["user_id"])
        if template and template.tag > 1:
            if self.promotions.are_resting(now_s):
                raise Refusal(-234)
            self.promotions.check(oa, template, user, now_s)
        return Letter(user, template, message=_mark([body["template_id"], body["template_data"]]), kind="template", said=body)

    def _by_phone(self, oa: Oa, body: Any, now_s: float) -> Letter:
        phone = body["phone"].removeprefix("+")
        if not (phone.isascii() and phone.isdigit() and phone.startswith("84") and len(phone) == 11):
            raise Refusal(-108)
        return self._mailed(oa, body, phone, now_s)

    def _by_hash(self, oa: Oa, body: Any, now_s: float) -> Letter:
        if not _HASH.fullmatch(body["hash_phone"]):
            raise Refusal(-108)
        return self._mailed(oa, body, body["hash_phone"], now_s)

    def _mailed(self, oa: Oa, body: Any, to: str, now_s: float) -> Letter:
        template = self._template(body, by_uid=False)
        tracking_id, sending_mode = body.get("tracking_id"), body.get("sending_mode", "1")
        if not isinstance(tracking_id, str) or not 0 < len(tracking_id) <= MOST_TRACKING:
            raise Refusal(-132)
        if sending_mode not in ("1", "3"):
            raise Refusal(-161)
        if sending_mode == "3" and (template is None or template.tag < 3):
            raise Refusal(-162)
        mode = body.get("mode", "")
        if mode == "development":
            self._tried(to)
        if template and template.tag > 1:
            if self.promotions.are_resting(now_s):
                raise Refusal(-133)
            if sending_mode == "1":
                self.promotions.check(oa, template, to, now_s)
        run, _, _ = tracking_id.rpartition("-")  # of senders that number their people; others mark each message
        return Letter(to, template, tracking_id, sending_mode, hash((str(body["template_id"]), run or tracking_id)))

    def _template(self, body: Any, *, by_uid: bool) -> Template | None:
        template_id, data = body.get("template_id", ""), body.get("template_data")
        if not isinstance(template_id, str | int) or not str(template_id).isdigit():
            raise Refusal(-109)
        if not isinstance(data, dict):
            raise Refusal(-111)
        if self._world.options.templates == "any":
            return None
        return self._templates.usable(str(template_id), data, by_uid=by_uid)

    def _tried(self, phone: str) -> None:
        if phone != ADMIN_PHONE:
            raise Refusal(-127)
        self._development += 1
        if self._development > DEVELOPMENT_QUOTA:
            raise Refusal(-126)

    # --- answers -----------------------------------------------------------------------------------------------------------

    def _refuse(self, refusal: Refusal, headers: bytes) -> Answer:
        self._world.refused[str(refusal.code)] += 1
        return Answer(200, orjson.dumps({"error": refusal.code, "message": refusal.text}), headers=headers)

    def _unexecuted(self, fault: str, headers: bytes) -> Answer:
        if fault == "slow_down":
            return self._refuse(Refusal(-32), headers)
        self._world.refused[fault] += 1
        if fault == "reset_before":
            return Answer(500, b"", cut=True)
        return Answer(429 if fault == "http_429" else 503, b"try later", TEXT)

    def _executed(self, path: str, oa: Oa, letter: Letter, fault: str, headers: bytes, now_s: float) -> Answer:
        world = self._world
        world.receive(oa, letter.to, letter.message)
        mark = b"%020x" % world.accepted
        if path.endswith(("template", "hashphone")):
            self._used(oa, letter, now_s)
        if world.accepted == world.options.token_dies_after:
            world.kill_access(oa)
        if path == CS and self.talks.is_on:
            self.talks.answer(oa, letter.to, letter.said, mark.decode(), now_s)
        if self._phones.is_on:
            self._phones.accepted(oa, letter.to, letter.tracking_id, letter.kind, letter.said)
        if fault:
            world.refused[fault] += 1
            world.lost[letter.to] += 1
        answer = _lost(fault) if fault and fault != "truncated" else self._whole(path, oa, letter, mark, now_s, headers)
        if fault == "truncated":
            answer = answer._replace(body=answer.body[: len(answer.body) // 2])
        return answer._replace(delay_s=self._phones.lead_s) if self._phones.lead_s else answer

    def _whole(self, path: str, oa: Oa, letter: Letter, mark: bytes, now_s: float, headers: bytes) -> Answer:
        return Answer(200, self._body(path, oa, letter, mark, now_s), headers=headers)

    def _used(self, oa: Oa, letter: Letter, now_s: float) -> None:
        self._world.templates += 1
        oa.templates += 1
        if letter.template and letter.template.tag == 3:
            self.promotions.count(oa, letter.to, now_s)

    def _body(self, path: str, oa: Oa, letter: Letter, mark: bytes, now_s: float) -> bytes:
        sent = int(now_s * 1000)
        if path.startswith("/message/"):
            total = self._world.options.quota or DEFAULT_QUOTA
            self._templates.delivered[mark.decode()] = now_s
            return (
                b'{"error":0,"message":"Success","data":{"msg_id":"%b","sent_time":"%d","sending_mode":"%b",'
                b'"quota":{"dailyQuota":"%d","remainingQuota":"%d"}}}'
            ) % (mark, sent, letter.mode.encode(), total, max(0, total - self._world.templates))
        user = letter.to.encode()
        if path == BY_UID:
            return (
                b'{"error":0,"message":"Success","data":{"message_id":"%b","user_id":"%b","sent_time":"%d",'
                b'"quota":{"quota_type":"purchase_quota","owner_type":"OA","owner_id":"%b"}}}'
            ) % (mark, user, sent, oa.oa_id.encode())
        quota = self._quota(oa, letter.to, now_s) if self._world.options.followers and path == CS else b""
        return b'{"data":{"message_id":"%b","user_id":"%b","sent_time":"%d"%b},"error":0,"message":"Success"}' % (
            mark, user, sent, quota,
        )  # fmt: skip

    def _quota(self, oa: Oa, user: str, now_s: float) -> bytes:
        """Tell what a consultation message was paid with: nothing within 48 hours, then the package, then money."""
        if now_s - self._world.interacted_s(user) <= FREE_S:
            return b"" if now_s >= NO_LONGER_COUNTED_S else b',"quota":{"quota_type":"reply","remain":"8","total":"8"}'
        oa.charged += 1
        if oa.charged > SUB_QUOTA:
            return b""
        return b',"quota":{"quota_type":"sub_quota","remain":"%d","total":"%d","expired_date":"%b"}' % (
            SUB_QUOTA - oa.charged, SUB_QUOTA, self._world.local(now_s + 30 * DAY_S).strftime("%d/%m/%Y").encode(),
        )  # fmt: skip


_lost_answers = {
    "reset_after": partial(Answer, 500, b"", cut=True),
    "html": partial(Answer, 502, BROKEN, HTML),
    "http_500": partial(Answer, 500, b"internal error", TEXT),
}


def _check_person(world: World, path: str, oa: Oa, letter: Letter, now_s: float) -> None:
    options = world.options
    if options.refuse_code:
        raise Refusal(options.refuse_code)
    if options.stop_after and world.accepted >= options.stop_after:
        raise Refusal(-321)
    if path.startswith("/message/"):
        if options.package == "free":
            raise Refusal(-135)
        if options.dead and drawn(letter.to, 1) < options.dead:
            raise Refusal(-118)
    else:
        world.reachable(oa, letter.to)
    if path == CS and not world.in_window(letter.to, now_s):
        raise Refusal(-230)
    if options.quota and path in (BY_UID, BY_PHONE, BY_HASH) and world.templates >= options.quota:
        raise Refusal(-144)


def _lost(fault: str) -> Answer:
    return _lost_answers[fault]()


def _mark(message: Any) -> int:
    """Number a message by what it says: what comes again, within a run or in the next, has the same number."""
    return hash(orjson.dumps(message))


def _user(user: Any) -> str:
    if isinstance(user, str) and user.isascii() and user.isdigit():
        return user
    if type(user) is int and user > 0:
        return str(user)
    raise Refusal(-201)

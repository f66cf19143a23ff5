"""The imitation itself: requests in, answers out, no network; everything it knows is in memory and dies with it.

Owns the order in which Zalo refuses: token, rate, content, person, quota. Source: Zalo OA and ZBS documentation (read 2026-11).
"""

import random
import secrets
import zlib
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs

import orjson

from zalo_alert import synthetic
from zalo_alert.sandbox.base import FAULTS, RESET_HEADER, Answer, Credentials, Options

_JSON = ("content-type", "application/json;charset=utf-8")
_HTML = b"<html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1></body></html>"
MAX_OFFSET, MAX_COUNT = 9951, 50
MAX_TEXT = 2000
_BUSINESS = "/message/template"

_MESSAGES = {
    -32: "Your application reached limit call api",
    -115: "Out of quota",
    -124: "Access token invalid",
    -144: "OA has exceeded its daily limit",
    -201: "user_id is invalid!",
    -213: "User has not followed OA",
    -216: "Access token is invalid",
    -220: "access_token is expired or removed",
    -230: "User has not interacted with the OA in the past 7 days",
    -240: "MessageV2 API has been shut down, please switch to MessageV3",
    -321: "Zalo Cloud Account out of money or unable to be charged",
}


class State:
    """One sandbox.

    Args:
        options: Limits and faults; may change while it runs.
        credentials: What clients start with.
    """

    def __init__(self, options: Options, credentials: Credentials) -> None:
        self.options, self.credentials = options, credentials
        self.reached: Counter[str] = Counter()
        self.lost: Counter[str] = Counter()  # of those, the messages whose answer never said so
        self.refused: Counter[str] = Counter()
        self.requests = self.accepted = self.templates = 0
        self._minute, self._used = -1, 0
        self._spent_refresh: set[str] = set()
        self._spent_access: set[str] = set()
        self._rng = random.Random(7)
        self._messages: dict[str, Callable[[Any], tuple[str, int]]] = {
            "/v3.0/oa/message/cs": _cs,
            "/v3.0/oa/message/template": _template,
            "/v3.0/oa/message/transaction": _elements,
            "/v3.0/oa/message/promotion": _elements,
            _BUSINESS: _by_phone,
        }
        self._set_faults()

    def _set_faults(self) -> None:
        """Lay the shares of faults end to end, so that one random number picks at most one."""
        self._faults: list[tuple[float, str]] = []
        edge = 0.0
        for name in FAULTS:
            edge += getattr(self.options, name)
            if getattr(self.options, name):
                self._faults.append((edge, name))

    def is_message(self, path: str) -> bool:
        """Whether a path sends a message."""
        return path in self._messages

    # --- messages ------------------------------------------------------------------------------------------------------

    def message(self, path: str, token: str | None, body: bytes, now_s: float) -> Answer:
        """Answer one message request."""
        self.requests += 1
        business = path == _BUSINESS
        headers = [_JSON] if business else self._counted(now_s)
        code = self._token_fault(token, business=business) or (0 if business else self._rate_fault())
        if code:
            return self._refuse(code, headers)
        fault = self._fault()
        if fault in _UNEXECUTED:
            return self._unexecuted(fault, headers)
        try:
            user, code = self._messages[path](orjson.loads(body))
        except (orjson.JSONDecodeError, KeyError, TypeError, AttributeError):
            user, code = "", -201
        code = code or self._person_fault(path, user)
        if code:
            return self._refuse(code, headers)
        return self._executed(path, user, fault, headers, now_s)

    def _counted(self, now_s: float) -> list[tuple[str, str]]:
        minute = int(now_s // 60)
        if minute != self._minute:
            self._minute, self._used = minute, 0
        self._used += 1
        limit = self.options.app_per_minute
        if not limit:
            return [_JSON]
        left = max(0, limit - self._used)
        return [_JSON, ("x-ratelimit-limit", str(limit)), ("x-ratelimit-remain", str(left))]

    def _token_fault(self, token: str | None, *, business: bool) -> int:
        if token == self.credentials.access_token:
            return 0
        if business:
            return -124
        return -220 if token in self._spent_access else -216

    def _rate_fault(self) -> int:
        limits = [limit for limit in (self.options.app_per_minute, self.options.oa_per_minute) if limit]
        return -32 if limits and self._used > min(limits) else 0

    def _fault(self) -> str:
        if not self._faults:
            return ""
        drawn = self._rng.random()
        return next((name for edge, name in self._faults if drawn < edge), "")

    def _unexecuted(self, fault: str, headers: list[tuple[str, str]]) -> Answer:
        if fault == "slow_down":
            return self._refuse(-32, headers)
        self.refused[fault] += 1
        if fault == "reset_before":
            return Answer(500, [*headers, (RESET_HEADER, "1")], b"")
        return Answer(429 if fault == "http_429" else 503, [("content-type", "text/plain")], b"try later")

    def _person_fault(self, path: str, user: str) -> int:
        options = self.options
        if options.refuse_code:
            return options.refuse_code
        if options.stop_after and self.accepted >= options.stop_after:
            return -321
        if options.dead and _drawn(user, 1) < options.dead:
            return -118 if path == _BUSINESS else -213
        if options.stale and path.endswith("/cs") and _drawn(user, 2) < options.stale:
            return -230
        if options.quota and path.endswith("template") and self.templates >= options.quota:
            return -144
        return 0

    def _executed(self, path: str, user: str, fault: str, headers: list[tuple[str, str]], now_s: float) -> Answer:
        self.accepted += 1
        self.reached[user] += 1
        self.templates += path.endswith("template")
        if self.options.token_dies_after and self.accepted == self.options.token_dies_after:
            self._spent_access.add(self.credentials.access_token)
            self.credentials = self.credentials._replace(access_token="-")
        if fault:
            self.refused[fault] += 1
            self.lost[user] += 1
            if fault != "truncated":
                return self._lost(fault, headers)
        mark = f"{self.accepted:020x}"
        sent = str(int(now_s * 1000))
        if path == _BUSINESS:
            quota = b'"sending_mode":"1","quota":{"dailyQuota":"500000","remainingQuota":"499999"}'
            body = b'{"error":0,"message":"Success","data":{"msg_id":"%b","sent_time":"%b",%b}}' % (
                mark.encode(),
                sent.encode(),
                quota,
            )
        else:
            body = b'{"data":{"message_id":"%b","user_id":"%b","sent_time":"%b"},"error":0,"message":"Success"}' % (
                mark.encode(), user.encode(), sent.encode(),
            )  # fmt: skip
        return Answer(200, headers, body[: len(body) // 2] if fault else body)

    def _lost(self, fault: str, headers: list[tuple[str, str]]) -> Answer:
        if fault == "reset_after":
            return Answer(500, [*headers, (RESET_HEADER, "1")], b"")
        if fault == "html":
            return Answer(502, [("content-type", "text/html")], _HTML)
        return Answer(500, [("content-type", "text/plain")], b"internal error")

    def _refuse(self, code: int, headers: list[tuple[str, str]]) -> Answer:
        self.refused[str(code)] += 1
        text = _MESSAGES.get(code, "refused")
        if code == -32 and self.options.oa_per_minute and self._used > self.options.oa_per_minute:
            text = "Your OA reached limit call api"
        return Answer(200, headers, orjson.dumps({"error": code, "message": text}))

    # --- everything else -----------------------------------------------------------------------------------------------

    def ask(self, path: str, query: str, headers: Mapping[str, str], body: bytes, now_s: float) -> Answer:
        """Answer everything that is no message."""
        handlers: dict[str, Callable[[], Answer]] = {
            "/v4/oa/access_token": lambda: self._refresh(headers.get("secret_key", ""), body),
            "/v3.0/oa/user/getlist": lambda: self._list(query),
            "/v3.0/oa/user/detail": lambda: self._detail(query),
            "/v3.0/oa/quota/message": lambda: _ok({"data": [{"product_type": "cs", "quota_type": "sub_quota", "total": 2000}]}),
            "/message/quota": self._quota,
            "/_sandbox/stats": lambda: _ok(self.stats()),
            "/_sandbox/reached": self._reached,
            "/_sandbox/lost": self._lines_of_lost,
            "/_sandbox/options": lambda: self._change(body),
            "/_sandbox/consent": self._consent,
        }
        handler = handlers.get(path)
        if handler is None:
            return Answer(404, [_JSON], b'{"error":-404,"message":"no such API"}')
        if path.startswith(("/v3.0/", "/message/")):
            counted = self._counted(now_s)
            code = self._token_fault(headers.get("access_token"), business=path.startswith("/message/")) or self._rate_fault()
            if code:
                return self._refuse(code, counted)
        return handler()

    def _refresh(self, secret: str, body: bytes) -> Answer:
        form = {name: values[0] for name, values in parse_qs(body.decode(errors="replace")).items()}
        given = form.get("refresh_token", "")
        if form.get("grant_type") != "refresh_token":
            return _oauth_error(-14018, "Invalid grant type")
        if not secrets.compare_digest(secret.encode(), self.credentials.app_secret.encode()):
            return _oauth_error(-14004, "Invalid secret key")
        if given in self._spent_refresh or not secrets.compare_digest(given.encode(), self.credentials.refresh_token.encode()):
            return _oauth_error(-14014, "Invalid refresh token")
        self._renew()
        pair = {"access_token": self.credentials.access_token, "refresh_token": self.credentials.refresh_token}
        return _ok({**pair, "expires_in": "90000"})

    def _renew(self) -> None:
        self._spent_refresh.add(self.credentials.refresh_token)
        self._spent_access.add(self.credentials.access_token)
        self.credentials = self.credentials._replace(
            access_token=secrets.token_urlsafe(24), refresh_token=secrets.token_urlsafe(24)
        )

    def _consent(self) -> Answer:
        """Give a fresh pair, as an administrator's consent in the browser does when a pair was lost."""
        self._renew()
        return _ok(self.credentials._asdict())

    def _list(self, query: str) -> Answer:
        asked = _data(query)
        offset, count = asked.get("offset", 0), asked.get("count", MAX_COUNT)
        if not isinstance(offset, int) or not isinstance(count, int):
            return _ok({"error": -201, "message": "offset is invalid!"})
        if not 0 <= offset <= MAX_OFFSET:
            return _ok({"error": -201, "message": "offset is invalid!"})
        if not 0 < count <= MAX_COUNT:
            return _ok({"error": -210, "message": "count exceeds allowable limit"})
        numbers = range(offset, min(offset + count, self.options.people))
        users = [{"user_id": synthetic.user_id(number)} for number in numbers]
        data = {"total": self.options.people, "count": len(users), "offset": offset, "users": users}
        return _ok({"data": data, "error": 0, "message": "Success"})

    def _detail(self, query: str) -> Answer:
        user = str(_data(query).get("user_id", ""))
        number = synthetic.number_of(user) if user.isdigit() else None
        if number is None or number >= self.options.people:
            return _ok({"error": -201, "message": "user_id is invalid!"})
        row = dict(zip(synthetic.COLUMNS, synthetic.person(number), strict=True))
        shared = {
            "address": row["address"],
            "city": row["city"],
            "district": "",
            "phone": int("84" + row["phone"][-9:]) if row["phone"] else 0,
            "name": row["name"],
        }
        data = {
            "user_id": user,
            "display_name": row["name"],
            "user_is_follower": True,
            "user_last_interaction_date": row["last_interaction_at"],
            "tags_and_notes_info": {"notes": [], "tag_names": [tag for tag in row["tags"].split(";") if tag]},
            **({"shared_info": shared} if row["city"] else {}),
        }
        return _ok({"data": data, "error": 0, "message": "Success"})

    def _quota(self) -> Answer:
        total = self.options.quota or 500_000
        data = {"dailyQuota": total, "remainingQuota": max(0, total - self.templates)}
        return _ok({"data": data, "error": 0, "message": "success"})

    def stats(self) -> dict[str, Any]:
        """Count what was received: how many people, how many of them more than once."""
        times = Counter(self.reached.values())
        return {
            "requests": self.requests,
            "accepted": self.accepted,
            "people": len(self.reached),
            "twice": sum(people for often, people in times.items() if often > 1),
            "most": max(times, default=0),
            "refused": dict(self.refused),
        }

    def _reached(self) -> Answer:
        return _lines(self.reached)

    def _lines_of_lost(self) -> Answer:
        return _lines(self.lost)

    def _change(self, body: bytes) -> Answer:
        self.options = replace(self.options, **orjson.loads(body))
        self._set_faults()
        return _ok(self.options.as_json())


_UNEXECUTED = {"slow_down", "http_429", "http_503", "reset_before"}


def _cs(body: Any) -> tuple[str, int]:
    user, text = body["recipient"]["user_id"], body["message"]["text"]
    return _user(user) if 0 < len(text) <= MAX_TEXT else (user, -210)


def _template(body: Any) -> tuple[str, int]:
    if not str(body.get("template_id", "")).isdigit():
        return "", -109
    return _user(body["user_id"]) if isinstance(body.get("template_data"), dict) else ("", -111)


def _elements(body: Any) -> tuple[str, int]:
    payload = body["message"]["attachment"]["payload"]
    return _user(body["recipient"]["user_id"]) if payload["elements"] else ("", -233)


def _by_phone(body: Any) -> tuple[str, int]:
    phone = body["phone"]
    if not (phone.isdigit() and phone.startswith("84") and len(phone) == 11):
        return phone, -108
    if not str(body.get("template_id", "")).isdigit():
        return phone, -109
    return (phone, 0) if body.get("tracking_id") and isinstance(body.get("template_data"), dict) else (phone, -132)


def _user(user: str) -> tuple[str, int]:
    return (user, 0) if user.isdigit() else (user, -201)


def _drawn(user: str, salt: int) -> float:
    return zlib.crc32(user.encode(), salt) / 2**32


def _data(query: str) -> dict[str, Any]:
    try:
        value = orjson.loads(parse_qs(query).get("data", ["{}"])[0])
    except orjson.JSONDecodeError:
        return {}
    return value if isinstance(value, dict) else {}


def _lines(people: Mapping[str, int]) -> Answer:
    lines = b"".join(b'{"id":"%b","times":%d}\n' % (user.encode(), times) for user, times in people.items())
    return Answer(200, [("content-type", "application/x-ndjson")], lines)


def _ok(value: Any) -> Answer:
    return Answer(200, [_JSON], orjson.dumps(value))


def _oauth_error(code: int, name: str) -> Answer:
    return _ok({"error": code, "error_name": name, "error_reason": "", "error_description": name, "ref_doc": ""})

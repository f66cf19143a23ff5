"""Who is there: apps, Official Accounts with their tokens, the people who follow them, and what time it is.

The same options make the same ids and people; secrets are fresh every time.
"""

import hashlib
import hmac
import random
import re
import secrets
import time
import unicodedata
import zlib
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple

from zalo_alert import places
from zalo_alert.foundation.clock import VIETNAM
from zalo_alert.sandbox import synthetic
from zalo_alert.sandbox.base import Account, Credentials, Options
from zalo_alert.sandbox.wire import OA_LIMIT, Refusal

# The ids of the config that `zalo-alert init` writes.
FIRST = ("pctt", "388613280878808645", "360846524940903967")
BLOCK = 10**8  # ids of the second OA's people begin so many persons after the first's: a user_id is one OA's own
DAY_S = 86_400
WINDOW_S = 7 * DAY_S
ACCESS_S, REFRESH_S = 90_000, 90 * DAY_S
SHARED = 10  # one in so many of an OA's people follows the OA before it, too


def accounts(options: Options) -> list[Account]:
    """Make the Official Accounts: one for the country, one for each province, then communes."""
    dice = random.Random(options.seed)
    apps = [FIRST[2], *(_digits(dice, 18) for _ in range(options.apps - 1))]
    app_secrets = [secrets.token_urlsafe(15) for _ in apps]
    signing = [secrets.token_urlsafe(24) for _ in apps]  # of events, where all OAs of an app share one
    offices = []
    for number, (identity, level, area, name) in zip(range(options.oas), _offices(dice), strict=False):
        oa_id = FIRST[1] if number == 0 else _digits(dice, 18)
        app = number % options.apps
        oa_secret = signing[app] if options.oa_secrets == "app" else secrets.token_urlsafe(24)
        credentials = Credentials(app_secrets[app], secrets.token_urlsafe(24), secrets.token_urlsafe(24), oa_secret)
        offices.append(Account(identity, oa_id, apps[app], level, (area,), name, credentials))
    return offices


def _offices(dice: random.Random) -> Iterator[tuple[str, str, str, str]]:
    yield FIRST[0], "national", "all", "Phòng, chống thiên tai"
    for province in places.PROVINCES:
        yield _plain(province.name), "province", province.key, f"Phòng, chống thiên tai {province.name}"
    wards = list(places.wards().values())
    dice.shuffle(wards)
    for ward in wards:
        yield f"xa-{ward.code}", "commune", f"ward:{ward.code}", f"{ward.type} {ward.name}"


def _plain(name: str) -> str:
    bare = unicodedata.normalize("NFD", name.lower().replace("đ", "d"))
    return re.sub("[^a-z0-9]+", "-", "".join(c for c in bare if not unicodedata.combining(c)))


def _digits(dice: random.Random, length: int) -> str:
    return str(dice.randrange(10 ** (length - 1), 10**length))


def _around(area: str) -> tuple[int, ...]:
    kind, _, code = area.partition(":")
    if kind == "ward":
        code = places.wards()[code].new_code
    today = [i for i, province in enumerate(places.PROVINCES) if province.key == f"new:{code}"]
    former = [len(places.PROVINCES) + i for i, former in enumerate(places.FORMER_PROVINCES) if former.new_code == code]
    return (*today, *former)


class App:
    """One app: its secret, and how many calls it has made this minute."""

    def __init__(self, app_id: str, secret: str) -> None:
        self.app_id, self.secret = app_id, secret
        self.minute, self.used = -1, 0


class Oa:
    """One Official Account: who it is, its tokens of the moment, and what it has used up."""

    def __init__(self, number: int, account: Account, app: App) -> None:
        self.number, self.account, self.app = number, account, app
        self.oa_id = account.oa_id
        self.secret = account.credentials.oa_secret
        self.access, self.refresh, self.proof = b"", "", b""
        self.expires_at_s = self.refresh_expires_at_s = 0.0
        self.minute, self.used = -1, 0
        self.accepted = self.templates = self.charged = 0
        self.promotions: Counter[str] = Counter()  # by month
        self.followed: dict[str, bool] = {}  # whoever has followed or left since the start

    def credentials(self) -> Credentials:
        """Return what is valid now."""
        return Credentials(self.app.secret, self.refresh, self.access.decode(), self.secret)


class Person(NamedTuple):
    """One follower of one OA; `number` is the person's own, whichever OA asks."""

    user_id: str
    number: int


class World:
    """One sandbox's apps, OAs, people and clock.

    Args:
        options: Limits and faults; may change while it runs.
        accounts: The OAs, with what clients start with.
    """

    def __init__(self, options: Options, accounts: Sequence[Account]) -> None:
        self.options = options
        self.offset_s = options.offset_s(time.time())
        self.started_s = time.time() + self.offset_s
        self.apps: dict[str, App] = {}
        self.oas: list[Oa] = []
        self.by_access: dict[bytes, Oa] = {}
        self.by_refresh: dict[str, Oa] = {}
        self.dead_access: set[bytes] = set()
        self.interacted: dict[str, float] = {}  # whoever has since the start
        self.received: dict[str, tuple[int, ...]] = {}  # by person, the marks of the messages; a message to many is one tuple
        self.lost: Counter[str] = Counter()  # of those, the messages whose answer never said so
        self.refused: Counter[str] = Counter()
        self.requests = self.accepted = self.templates = self.twice = self.most = 0
        for number, account in enumerate(accounts):
            app = self.apps.setdefault(account.app_id, App(account.app_id, account.credentials.app_secret))
            oa = Oa(number, account, app)
            self.oas.append(oa)
            self._grant(oa, account.credentials.access_token, account.credentials.refresh_token)
        self._around = [_around(oa.account.areas[0]) for oa in self.oas]
        self.named = {oa.account.id: oa for oa in self.oas}
        self.by_id = {oa.oa_id: oa for oa in self.oas}
        self.stranger = self._stranger()

    def _stranger(self) -> Oa:
        """Make an OA that is linked to the first app, and that no account names."""
        first, name = self.oas[0], "stranger"
        secret = first.secret if self.options.oa_secrets == "app" else secrets.token_urlsafe(24)
        oa_id = str(int(first.oa_id) + 1)
        account = Account(name, oa_id, first.app.app_id, "commune", ("all",), name, Credentials("", "", "", secret))
        return Oa(len(self.oas), account, first.app)

    # --- time --------------------------------------------------------------------------------------------------------------

    def now_s(self) -> float:
        """Return the sandbox's time, in seconds since 1970."""
        return time.time() + self.offset_s

    def set_clock(self) -> None:
        """Put the clock where the options say."""
        self.offset_s = self.options.offset_s(time.time())

    def local(self, now_s: float | None = None) -> datetime:
        """Return the sandbox's time as Vietnam's."""
        return datetime.fromtimestamp(self.now_s() if now_s is None else now_s, VIETNAM)

    # --- tokens ------------------------------------------------------------------------------------------------------------

    def renew(self, oa: Oa) -> None:
        """Give an OA a new pair; the old one is dead at once."""
        self._grant(oa, secrets.token_urlsafe(24), secrets.token_urlsafe(24))

    def _grant(self, oa: Oa, access: str, refresh: str) -> None:
        self.kill_access(oa)
        self.by_refresh.pop(oa.refresh, None)
        oa.access, oa.refresh = access.encode(), refresh
        now_s = self.now_s()
        oa.expires_at_s, oa.refresh_expires_at_s = now_s + ACCESS_S, now_s + REFRESH_S
        oa.proof = hmac.new(oa.app.secret.encode(), oa.access, hashlib.sha256).hexdigest().encode()
        self.by_access[oa.access], self.by_refresh[refresh] = oa, oa

    def kill_access(self, oa: Oa) -> None:
        """Make an OA's access token expired, while its refresh token lives."""
        if self.by_access.pop(oa.access, None):
            self.dead_access.add(oa.access)

    def renew_secret(self, oa: Oa) -> str:
        """Sign an OA's events with a fresh secret from now on, and those of all its app's where they share one; return it."""
        fresh = secrets.token_urlsafe(24)
        are_one = self.options.oa_secrets == "app"
        for own in (*self.oas, self.stranger):
            if own is oa or (are_one and own.app is oa.app):
                own.secret = fresh
        return fresh

    def bearer(self, token: bytes | None, proof: bytes | None, now_s: float, *, business: bool) -> Oa:
        """Find whose token it is.

        Raises:
            Refusal: It is nobody's, or it has expired; or the app wants a proof and this is not one.
        """
        oa = self.by_access.get(token) if token else None
        if oa is None or now_s >= oa.expires_at_s:
            if business:
                raise Refusal(-124)
            raise Refusal(-220 if oa or token in self.dead_access else -216)
        if self.options.appsecret_proof and proof != oa.proof:
            raise Refusal(-1241 if business else -242)
        return oa

    # --- rates -------------------------------------------------------------------------------------------------------------

    def counted(self, oa: Oa | None, now_s: float) -> tuple[str, bytes]:
        """Count one call.

        Returns:
            Why it may not be executed, if so, and the headers that every answer carries.
        """
        limit, own = self.options.app_per_minute, self.options.oa_per_minute
        if not limit and not own:
            return "", b""
        app = oa.app if oa else self.oas[0].app  # a wrong token is nobody's call, and its answer carries the headers all the same
        minute = int(now_s // 60)
        if minute != app.minute:
            app.minute, app.used = minute, 0
        why = ""
        if oa:
            app.used += 1
            if minute != oa.minute:
                oa.minute, oa.used = minute, 0
            oa.used += 1
            if own and oa.used > own:
                why = OA_LIMIT
            elif limit and app.used > limit:
                why = "Your application reached limit call api"
        if not limit:
            return why, b""
        return why, b"X-RateLimit-Limit: %d\r\nX-RateLimit-Remain: %d\r\n" % (limit, max(0, limit - app.used))

    # --- what was received -------------------------------------------------------------------------------------------------

    def receive(self, oa: Oa, user: str, message: int) -> None:
        """Count one message for a person; `message` is the same number for the same message, whoever reads it."""
        self.accepted += 1
        oa.accepted += 1
        had = self.received.get(user)
        if had is None:
            self.received[user] = _alone(message)
            self.most = self.most or 1
            return
        times = had.count(message) + 1
        self.received[user] = (*had, message)
        if times == 2:
            self.twice += 1
        self.most = max(self.most, times)

    def reached(self) -> dict[str, int]:
        """Return how many messages each person was given, whichever they were."""
        return {user: len(had) for user, had in self.received.items()}

    # --- people ------------------------------------------------------------------------------------------------------------

    def audience(self, oa: Oa) -> int:
        """Count an OA's people, those who no longer follow included."""
        own = self._own(oa.number)
        return own if len(self.oas) == 1 else own + self._guests(oa.number)

    def _own(self, number: int) -> int:
        return max(0, -((number - self.options.followers) // len(self.oas)))

    def _guests(self, number: int) -> int:
        return -(-self._own((number + 1) % len(self.oas)) // SHARED)

    def member(self, oa: Oa, index: int) -> Person:
        """Return an OA's person so many places down its list."""
        oas, own = len(self.oas), self._own(oa.number)
        number = index * oas + oa.number if index < own else (index - own) * SHARED * oas + (oa.number + 1) % oas
        return Person(synthetic.user_id(oa.number * BLOCK + number), number)

    def find(self, oa: Oa, user: Any) -> Person:
        """Find one of an OA's people by user_id.

        Raises:
            Refusal: The id is not valid, or not this OA's.
        """
        user = str(user) if type(user) is int else user
        number = self._number(oa, user)
        if number is None:
            raise Refusal(-201)
        if not self._knows(oa, number):
            raise Refusal(-213)
        return Person(user, number)

    @staticmethod
    def _number(oa: Oa, user: Any) -> int | None:
        if not isinstance(user, str) or not user.isascii() or not user.isdigit() or len(user) > 25:
            return None
        place = synthetic.number_of(user)
        owner, number = divmod(place, BLOCK) if place is not None else (None, 0)
        return number if owner == oa.number else None

    def _knows(self, oa: Oa, number: int) -> bool:
        if number >= self.options.followers:
            return False
        home, oas = number % len(self.oas), len(self.oas)
        return home == oa.number or (home == (oa.number + 1) % oas and number // oas % SHARED == 0)

    def reachable(self, oa: Oa, user: str) -> None:
        """See that a message may go to a user_id.

        Raises:
            Refusal: The OA does not know the person, or the person does not follow.
        """
        if self.options.followers:
            self.find(oa, user)
        if not self.follows(oa, user):
            raise Refusal(-213)

    def follows(self, oa: Oa, user: str) -> bool:
        """Whether a person follows now."""
        if oa.followed and user in oa.followed:
            return oa.followed[user]
        return not self.options.dead or drawn(user, 1) >= self.options.dead

    def interacted_s(self, user: str) -> float:
        """Return when a person last had to do with the OA: within the last week, unless among the stale."""
        if user in self.interacted:
            return self.interacted[user]
        stale, share = self.options.stale, drawn(user, 2)
        days = 8 + 50 * share / stale if share < stale else 6.9 * (share - stale) / (1 - stale)
        return self.started_s - days * DAY_S

    def in_window(self, user: str, now_s: float) -> bool:
        """Whether a consultation message may go to a person."""
        if not self.options.followers and not self.options.stale:
            return True
        return now_s - self.interacted_s(user) <= WINDOW_S

    def id_by_app(self, oa: Oa, person: Person) -> str:
        """Return a person's id for an app: the same for all of its OAs."""
        return str(4_534_201_311_871_984_411 + person.number * 7 + int(oa.app.app_id[-3:]))

    def by_app(self, oa: Oa, user: str) -> str:
        """Return a user's id for an app; where any digits are a person, the same digits."""
        is_known = self.options.followers and oa is not self.stranger
        return self.id_by_app(oa, self.find(oa, user)) if is_known else user

    def row(self, person: Person) -> dict[str, str]:
        """Return what a person has told of themselves, as messy as ever."""
        values = synthetic.person(person.number, self.options.seed, self.around(person.number))
        return dict(zip(synthetic.COLUMNS, values, strict=True))

    def around(self, number: int) -> Sequence[int]:
        """Return where most people of a person's OA live; see `synthetic.place_of`."""
        return self._around[number % len(self.oas)]


@lru_cache(maxsize=4096)
def _alone(message: int) -> tuple[int, ...]:
    return (message,)


def drawn(user: str, salt: int) -> float:
    """Draw a number between 0 and 1 for a person, the same every time; salts draw independently of each other."""
    dice = zlib.crc32(user.encode()) ^ (salt * 0x9E3779B9 & _WORD)  # a checksum alone is linear: two of them would agree
    dice = (dice ^ (dice >> 16)) * 0x85EBCA6B & _WORD
    dice = (dice ^ (dice >> 13)) * 0xC2B2AE35 & _WORD
    return (dice ^ (dice >> 16)) / 2**32


_WORD = 0xFFFFFFFF

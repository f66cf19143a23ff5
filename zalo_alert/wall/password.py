"""Who may look on from another machine: one password, and a cookie that proves it was typed. Knows neither HTTP nor disk.

The password is never compared itself, only what scrypt makes of it, and that in constant time. A cookie is signed with a key of
the same origin: it outlives this process, as a screen on a wall must, and every cookie ends when the password changes.
"""

import hashlib
import hmac
import secrets
from collections import deque
from collections.abc import Callable

from zalo_alert.foundation.secret import Secret

COOKIE_S = 30 * 86_400  # a screen on a wall is not logged in to every morning
SHORTEST = 12  # characters
LONGEST = 1024  # characters of what is typed: hashing more is work for an attacker's asking
WINDOW_S = 60.0
TRIES, TRIES_OF_ALL = 5, 30  # wrong passwords in a window: from one address, and from all of them
_COST = {"n": 1 << 15, "r": 8, "p": 1, "maxmem": 64 << 20}  # 32 MB and about 0.1 s a try. Source: RFC 7914, section 2


class Gate:
    """Knows the password's hash, and what it lets in.

    Args:
        password: At least `SHORTEST` characters; whoever makes a gate has seen to it.
        place: What no other workspace is called: the same password elsewhere makes other cookies.
        now_s: Seconds since 1970.
    """

    def __init__(self, password: Secret, place: str, now_s: Callable[[], float]) -> None:
        self._salt, self._now_s = hashlib.sha256(f"zalo-alert wall {place}".encode()).digest(), now_s
        self._hash = self._stretch(password.reveal())
        self._key = hmac.new(self._hash, b"cookie", "sha256").digest()

    def _stretch(self, text: str) -> bytes:
        return hashlib.scrypt(text.encode(), salt=self._salt, dklen=32, **_COST)

    def admits(self, typed: str) -> bool:
        """Whether that is the password; takes a tenth of a second, whatever was typed."""
        return hmac.compare_digest(self._stretch(typed[:LONGEST]), self._hash) and len(typed) <= LONGEST

    def make_cookie(self) -> str:
        """Return a new cookie's value."""
        content = f"{int(self._now_s()) + COOKIE_S}.{secrets.token_urlsafe(16)}"
        return f"{content}.{self._sign(content)}"

    def knows(self, cookie: str) -> bool:
        """Whether a cookie is one of ours, and still good."""
        content, _, signature = cookie.rpartition(".")
        if not (cookie.isascii() and hmac.compare_digest(signature, self._sign(content))):
            return False
        return int(content.partition(".")[0]) > self._now_s()

    def _sign(self, content: str) -> str:
        return hmac.new(self._key, content.encode(), "sha256").hexdigest()


class Tries:
    """Counts wrong passwords, and makes whoever types too many wait.

    Args:
        now_s: Seconds, from whatever start.
    """

    def __init__(self, now_s: Callable[[], float]) -> None:
        self._now_s = now_s
        self._wrong: deque[tuple[float, str]] = deque(maxlen=TRIES_OF_ALL)

    def wait_s(self, address: str) -> float:
        """Return how long an address must wait before its next try; 0 where it need not."""
        now_s = self._now_s()
        recent = [(at_s, whose) for at_s, whose in self._wrong if now_s - at_s < WINDOW_S]
        own = [at_s for at_s, whose in recent if whose == address]
        if len(recent) >= TRIES_OF_ALL:
            return recent[0][0] + WINDOW_S - now_s
        return own[-TRIES] + WINDOW_S - now_s if len(own) >= TRIES else 0.0

    def note_wrong(self, address: str) -> None:
        """Count a wrong password, or one of which nobody knows yet."""
        self._wrong.append((self._now_s(), address))

    def forgive(self, address: str) -> None:
        """Take back the wrong passwords of an address, which has typed the right one."""
        self._wrong = deque((one for one in self._wrong if one[1] != address), TRIES_OF_ALL)

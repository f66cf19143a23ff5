"""Links in what people read: found as phones find them, and allowed only to listed hosts by https. Pure."""

import re
from collections.abc import Collection, Iterator
from typing import NamedTuple
from urllib.parse import urlsplit

_SHORTENERS = (
    "adf.ly", "bit.do", "bit.ly", "bitly.com", "bitly.com.vn", "bom.so", "buff.ly", "by.com.vn", "clck.ru", "cutt.ly", "dub.sh",
    "goo.gl", "goo.su", "is.gd", "linktr.ee", "lnk.to", "me2.do", "ouo.io", "ow.ly", "page.link", "qr.ae", "qrco.de", "rb.gy",
    "rebrand.ly", "s.id", "s.net.vn", "shope.ee", "shorten.asia", "shorturl.asia", "shorturl.at", "soo.gd", "surl.li", "t.co",
    "t.ly", "t.me", "tiny.cc", "tinyurl.com", "u.to", "urlz.fr", "v.gd", "zpr.io",
)  # fmt: skip
_ENDINGS = (
    "vn|com|net|org|info|gov|edu|biz|io|me|ly|gl|gle|gd|app|link|site|online|top|xyz|shop|click|club|live|vip|win|pro|page|"
    "co|cc|to|at|so|ru|cn|tk|ml|asia|id|us|uk|eu|dev|cloud|ee|su|li|gy"
)
_LABEL = r"[^\W_](?:[\w-]{0,62}[^\W_])?"
_LINK = re.compile(
    rf"(?<![\w@.:/-])(?:(?P<scheme>[a-z][a-z0-9+.-]{{0,15}}:/{{1,3}})|www\.)[^\s<>\"'“”‘’()\[\]]+"
    rf"|(?<![\w@./-])(?:{_LABEL}\.){{1,8}}(?:{_ENDINGS})(?![\w@-]|\.\w)(?P<path>(?::[0-9]{{1,5}})?[/?#][^\s<>\"'“”‘’()\[\]]*)?",
    re.IGNORECASE,
)
_TAIL = ".,;:!?…"
_MOST = 2048  # characters of a link that are looked at
_WORDS = re.compile(
    r"\.(?:me|to|so|at|id|us|top|link|live|club|win|pro|page|shop|site|info|click|app|co|dev|ee|li|su|com)$", re.IGNORECASE
)


class Link(NamedTuple):
    """A link as people would open it.

    Args:
        start: Where it stands in its text.
        address: As it is written.
        scheme: `https`, `http`, … in lower case; "" where it is written without one.
    """

    start: int
    address: str
    scheme: str

    @property
    def end(self) -> int:
        """Where it ends."""
        return self.start + len(self.address)

    @property
    def secure(self) -> str:
        """The address by https."""
        return f"https://{self.address.partition('//')[2] if self.scheme else self.address}"

    @property
    def host(self) -> str:
        """The host that it leads to; "" where nobody could say."""
        return host_of(self.secure)


def links_in(text: str) -> Iterator[str]:
    """Yield every link that stands in a text; a full stop behind one belongs to the sentence."""
    return (link.address for link in find_links(text))


def find_links(text: str) -> Iterator[Link]:
    """Yield every link of a text, those without `https://` too: `www.x.vn`, `x.gov.vn/abc`."""
    for found in _LINK.finditer(text):
        address = found[0].rstrip(_TAIL)
        if found["scheme"] or address.lower().startswith("www.") or found["path"] or not _is_prose(address):
            yield Link(found.start(), address, (found["scheme"] or "").rstrip(":/").lower())


def host_of(link: str) -> str:
    """Return the host that a link with its scheme leads to, in lower case; "" where there is none."""
    try:
        return (urlsplit(link[:_MOST]).hostname or "").rstrip(".")
    except ValueError:
        return ""


def is_allowed(link: str, allowed: Collection[str]) -> bool:
    """Whether a link leads to an allowed place by https, without a name, a password or a port.

    Args:
        link: As people would open it.
        allowed: Hosts, each with all below it, or with a path that the link's begins with: `gov.vn`, `google.com/maps`.
    """
    try:
        parts = urlsplit(link)
        host = (parts.hostname or "").rstrip(".")
        is_plain = parts.scheme == "https" and parts.netloc.lower().rstrip(".") == host
    except ValueError:
        return False
    if not is_plain or not host.isascii() or "\\" in link or any(sign.isspace() for sign in link):
        return False
    if any(label.startswith("xn--") for label in host.split(".")):
        return False  # letters of other alphabets, which may look like those of a listed host
    return any(_fits(host, parts.path, place) for place in allowed)


def is_shortener(host: str) -> bool:
    """Whether a host hides where its links lead."""
    return any(host == shortener or host.endswith(f".{shortener}") for shortener in _SHORTENERS)


def _is_prose(address: str) -> bool:
    """Whether what looks like a host may be two words with a full stop between them: `an toàn.Me`."""
    return not address.isascii() or (bool(_WORDS.search(address)) and (address != address.lower()))


def _fits(host: str, path: str, place: str) -> bool:
    wanted, slash, below = place.partition("/")
    if host != wanted and not host.endswith(f".{wanted}"):
        return False
    return not slash or path == f"/{below}" or path.startswith(f"/{below.rstrip('/')}/")

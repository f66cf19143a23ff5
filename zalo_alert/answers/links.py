"""Links in answers: only to hosts that the office has put on its list, and only by https. Pure."""

import re
from collections.abc import Iterator, Sequence
from urllib.parse import urlsplit

_LINK = re.compile(r"\b(?:https?://|www\.)[^\s<>\"'“”‘’()\[\]]+", re.IGNORECASE)
_TAIL = ".,;:!?…"


def links_in(text: str) -> Iterator[str]:
    """Yield every link that stands in a text; a full stop behind one belongs to the sentence."""
    return (found[0].rstrip(_TAIL) for found in _LINK.finditer(text))


def is_allowed(link: str, allowed: Sequence[str]) -> bool:
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
    return any(_fits(host, parts.path, place) for place in allowed)


def _fits(host: str, path: str, place: str) -> bool:
    wanted, slash, below = place.partition("/")
    if host != wanted and not host.endswith(f".{wanted}"):
        return False
    return not slash or path == f"/{below}" or path.startswith(f"/{below.rstrip('/')}/")

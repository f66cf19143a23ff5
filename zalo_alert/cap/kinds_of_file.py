"""What came instead of CAP 1.2: another encoding, a web page, another kind of file, another version, a feed. Said by name."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from zalo_alert.cap.document import NAMESPACE
from zalo_alert.language import _

_BEGINNING = 2_048  # bytes in which a web page says what it is
_HTML = re.compile(rb"\s*(?:<\?xml[^>]*>\s*)?(?:<!--[^>]*>\s*)*<(?:!doctype\s+html|html|head|body)\b", re.IGNORECASE)

SAVE_AS_UTF_8 = _("save it as UTF-8, or ask the sender for that")
ASK = _("ask the sender for the alert itself as CAP 1.2")
_ADDRESS = _("look at the address, and at whether it wants a password")


class Reason(NamedTuple):
    """Why a file is refused as a whole. `code` and `fix` as in `Finding`; `why` follows the file's name; `line` from 1, or 0."""

    code: str
    why: str
    fix: str
    line: int = 0

    def message(self, name: str) -> str:
        """Return the sentence about a file of this name."""
        return _("{name} {why}", name=name, why=self.why)


def other_encoding(data: bytes) -> Iterator[Reason]:
    """Yield why bytes are not UTF-8, where they are not."""
    wide = _wide_encoding(data[:4])
    if wide:
        yield Reason("E004", _("is written in {encoding}, not in UTF-8", encoding=wide), SAVE_AS_UTF_8)
        return
    if _other_file(data):
        return  # a picture is no text in a wrong encoding
    try:
        data.decode()
    except UnicodeDecodeError as exc:
        line = data.count(b"\n", 0, exc.start) + 1
        why = _("is not UTF-8 from line {line} on; perhaps it is Latin-1, Windows-1258 or TCVN3", line=line)
        yield Reason("E005", why, SAVE_AS_UTF_8, line)


def _wide_encoding(start: bytes) -> str:
    if start in (b"\xff\xfe\0\0", b"\0\0\xfe\xff", b"<\0\0\0", b"\0\0\0<"):
        return "UTF-32"
    is_utf_16 = start[:2] in (b"\xff\xfe", b"\xfe\xff") or (start[:1] == b"<" and start[1:2] == b"\0") or start[:2] == b"\0<"
    return "UTF-16" if is_utf_16 else ""


def other_file(data: bytes) -> Iterator[Reason]:
    """Yield what a file is by its first bytes, where that is not XML."""
    if not data.strip():
        yield Reason("E002", _("is empty"), _("download it again"))
    elif _HTML.match(data[:_BEGINNING].removeprefix(b"\xef\xbb\xbf")):
        yield Reason("E003", _("is a web page, not an alert: that is what the server answered"), _ADDRESS)
    elif kind := _other_file(data):
        yield Reason("E003", _("is not XML but {kind}", kind=kind), ASK)


def _other_file(data: bytes) -> str:
    return next((kind for start, kind in _STARTS.items() if data.lstrip()[: len(start)] == start), "")


_STARTS = {
    b"{": "JSON",
    b"[": "JSON",
    b"%PDF": "PDF",
    b"PK\x03\x04": "ZIP",
    b"\x1f\x8b": "gzip",
    b"\x89PNG": "PNG",
    b"\xff\xd8\xff": "JPEG",
}

_OTHERS = {
    "http://www.w3.org/1999/xhtml": _("is a web page, not an alert: that is what the server answered"),
    "http://www.w3.org/2005/Atom": _("is an Atom feed: a list of alerts, not an alert"),
    "http://schemas.xmlsoap.org/soap/envelope/": _("is an answer in SOAP, in which an alert may be wrapped"),
}
_ROOTS = {
    "html": _OTHERS["http://www.w3.org/1999/xhtml"],
    "rss": _("is an RSS feed: a list of alerts, not an alert"),
    "EDXLDistribution": _("is an envelope, EDXL-DE, in which an alert may be wrapped"),
    "SEDXLDistribution": _("is an envelope, EDXL-DE, in which an alert may be wrapped"),
}
_EARLIER = {
    "urn:oasis:names:tc:emergency:cap:1.1": "1.1",
    "http://www.incident.com/cap/1.0": "1.0",
    "urn:oasis:names:tc:emergency:cap:1.0": "1.0",
}


def other_root(space: str, name: str) -> Iterator[Reason]:
    """Yield why a document with this root is none of CAP 1.2, where it is none; `space` is the root's namespace."""
    if (space, name) == (NAMESPACE, "alert"):
        return
    if space in _EARLIER:
        yield Reason("E008", _("is CAP {version}; only 1.2 is read", version=_EARLIER[space]), ASK)
    elif name == "alert" and not space:
        why = _("has no namespace, so that it is not known which version of CAP it is")
        yield Reason("E009", why, _("write {start} for its first element", start=f'<alert xmlns="{NAMESPACE}">'))
    elif known := _OTHERS.get(space) or _ROOTS.get(name):
        yield Reason("E010", known, _ADDRESS if known == _ROOTS["html"] else ASK)
    else:
        why = _("is not CAP: its first element is <{name}> of {space}", name=name[:60], space=f'"{space[:80]}"')
        yield Reason("E010", why, ASK)

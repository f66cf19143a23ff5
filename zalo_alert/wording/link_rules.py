"""Rules of links: by https, to a host that the office has listed, and seen for what they are."""

from collections.abc import Iterator
from functools import lru_cache

from zalo_alert.language import _
from zalo_alert.wording.finding import Severity
from zalo_alert.wording.links import Link, find_links, is_allowed, is_shortener
from zalo_alert.wording.rule import Rule, Spot
from zalo_alert.wording.text import Text

_MOST_SHOWN = 80  # characters of a link


def _http(text: Text) -> Iterator[Spot]:
    for link in _links(text):
        if link.scheme not in {"", "https"}:
            message = _('the link "{link}" is not https: on its way anybody can exchange the page', link=_shown(link))
            yield _spot(text, link, message, _("write {link}, once the page opens so", link=link.secure[:_MOST_SHOWN]))


def _shortener(text: Text) -> Iterator[Spot]:
    for link in _links(text):
        if is_shortener(link.host) and not _is_listed(text, link):
            message = _('the link "{link}" hides where it leads: swindlers write such ones', link=_shown(link))
            yield _spot(text, link, message, _("write the full address of an official site, or leave the link out"))


def _domain(text: Text) -> Iterator[Spot]:
    allowed = ", ".join(text.allowed_links)
    for link in _links(text):
        if not is_shortener(link.host) and not _is_listed(text, link):
            message = _('the link "{link}" leads to no host that is listed: {allowed}', link=_shown(link), allowed=allowed)
            yield _spot(text, link, message, _("write an official address, or put the host on the list links in zalo-alert.yaml"))


def _bare(text: Text) -> Iterator[Spot]:
    for link in _links(text):
        if not link.scheme and _is_listed(text, link):
            message = _('the address "{link}" is written without https://, and some phones open it by http', link=_shown(link))
            yield _spot(text, link, message, _("write {link}", link=link.secure[:_MOST_SHOWN]))


def _links(text: Text) -> tuple[Link, ...]:
    return _links_of(text.seen)


@lru_cache(maxsize=16)  # each rule here asks it of one text
def _links_of(seen: str) -> tuple[Link, ...]:
    return tuple(find_links(seen))


def _is_listed(text: Text, link: Link) -> bool:
    return is_allowed(link.secure, text.allowed_links)


def _shown(link: Link) -> str:
    return link.address[:_MOST_SHOWN]


def _spot(text: Text, link: Link, message: str, fix: str) -> Spot:
    return Spot(*text.place(link.start, link.end), message, fix)


RULES = (
    Rule("link-http", Severity.ERROR, _http, of_languages=True),
    Rule("link-shortener", Severity.ERROR, _shortener, of_languages=True),
    Rule("link-domain", Severity.ERROR, _domain, of_languages=True),
    Rule("link-bare", Severity.WARNING, _bare, of_languages=True),
)

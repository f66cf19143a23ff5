"""Letters and links in all that a file of `inbound/` says to people: what a copied page brings along, and addresses as typed.

Letters are remarks: a look-alike letter must not keep an office from answering. Knows no account; what an account's own values
bring is looked at where texts are filled in, see `text_checks`.
"""

from collections.abc import Collection, Iterator

from zalo_alert.answers.findings import Finding
from zalo_alert.answers.inbound_file import InboundFile
from zalo_alert.foundation.yaml_document import KeyPath
from zalo_alert.language import _, joined
from zalo_alert.wording.letters import foreign_words, name_of
from zalo_alert.wording.links import Link, find_links, is_allowed, is_shortener

_SPOKEN = {"text", "title", "found", "missing", "prompt", "value"}  # keys whose values people read
_OWN = {"texts", "fields"}  # below `overrides`, by account: every value
_FILLED_IN = {"text", "title"}  # whose links are looked at when filled in
_MOST_TOLD = 3  # of one text


def check_spoken(file: InboundFile, allowed: Collection[str]) -> Iterator[Finding]:
    """Yield what is odd in a file's letters, and which links lead to no listed host.

    Args:
        file: Sound in its shape.
        allowed: Where links may lead.
    """
    for path, text in _spoken(file):
        for _number, (at, sentence) in zip(range(_MOST_TOLD), _odd_letters(text), strict=False):
            position = file.document.line_position(path, text.count("\n", 0, at) + 1)
            yield Finding(file.document.problem(path, sentence, position), is_error=False)
        for _number, (link, is_error) in zip(range(_MOST_TOLD), _unlisted(path, text, allowed), strict=False):
            yield Finding(file.document.problem(path, unlisted(link.address, allowed)), is_error)


def _spoken(file: InboundFile) -> Iterator[tuple[KeyPath, str]]:
    for path in file.document.positions:
        if (path[-1:] and path[-1] in _SPOKEN) or (path[:1] == ("overrides",) and path[-2:-1] and path[-2] in _OWN):
            text = file.document.value(path)
            if isinstance(text, str):
                yield path, text


def _odd_letters(text: str) -> Iterator[tuple[int, str]]:
    for word in foreign_words(text):
        letters = joined([name_of(letter) for letter in word.letters], ", ")
        if word.mended:
            yield (
                word.start,
                _(
                    '"{word}" holds {letters}, which only looks like a letter of "{right}": type it again',
                    word=word.word,
                    letters=letters,
                    right=word.mended,
                ),
            )
        else:
            yield word.start, _('"{word}" holds {letters}, which is no letter of Vietnamese', word=word.word, letters=letters)


def _unlisted(path: KeyPath, text: str, allowed: Collection[str]) -> Iterator[tuple[Link, bool]]:
    """Yield links to no listed host, and whether that is an error: of an address as people say it, `csgt.vn`, it is none."""
    is_filled_in = path[-1] in _FILLED_IN or path[-2:-1] == ("texts",)
    for link in find_links(text):
        if is_said(link):
            if not is_allowed(link.secure, allowed):
                yield link, is_shortener(link.host)
        elif not is_filled_in and not is_allowed(link.address, allowed):
            yield link, True


def is_said(link: Link) -> bool:
    """Whether a link is an address as people say it, without `https://` or `www.`."""
    return not link.scheme and not link.address.lower().startswith("www.")


def unlisted(address: str, allowed: Collection[str]) -> str:
    """Say that a link may not be in an answer."""
    return _(
        '"{link}" is not https and of a host that answers.links lists: {allowed}', link=address[:80], allowed=", ".join(allowed)
    )

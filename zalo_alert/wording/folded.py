"""A text in lower case and without accents, sign for sign, and where each sign stood: invisible ones are left out."""

import re
import unicodedata
from typing import NamedTuple

from zalo_alert.foundation import invisible

_INVISIBLE = frozenset(chr(code) for code in range(0x300, 0x370)) | set("\u00ad\u200b\u200c\u200d\u200e\u200f\u2060\ufeff")

_MAY_HIDE = re.compile(f"[{invisible.HIDDEN}{''.join(_INVISIBLE)}]")  # quick to look for; emoji need some of them


class _Signs(dict[int, str]):
    """What a sign becomes, for `str.translate`: worked out once for each there is."""

    LIMIT = 20_000

    def __missing__(self, code: int) -> str:
        if len(self) > self.LIMIT:
            self.clear()
        self[code] = sign = self._become(chr(code))
        return sign

    def _become(self, sign: str) -> str:
        raise NotImplementedError


class _Lowered(_Signs):
    def _become(self, sign: str) -> str:
        if sign.isspace() and sign != "\n":
            return " "
        lower = sign.lower()
        return lower if len(lower) == 1 else sign


class _Plain(_Signs):
    def _become(self, sign: str) -> str:
        lower = _LOWERED[ord(sign)]
        base = unicodedata.normalize("NFKD", lower)[:1]
        return {"đ": "d", "ð": "d"}.get(lower, base if base and not base.isspace() else lower)


_LOWERED, _PLAIN = _Lowered(), _Plain()


class Folded(NamedTuple):
    """A text made comparable; `seen`, `lowered` and `plain` are equally long, and `at` says where a sign of them stood.

    Args:
        seen: Without what nobody sees.
        lowered: In lower case, spaces alike.
        plain: Without accents, too: `đ` is `d`.
        at: Offsets in the text as it was, one more than there are signs; None where every sign is where it was.
    """

    seen: str
    lowered: str
    plain: str
    at: list[int] | None

    @property
    def is_plain(self) -> bool:
        """Whether nobody wrote an accent in it, so that a word may have any."""
        return self.lowered == self.plain

    def place(self, start: int, end: int) -> tuple[int, int]:
        """Return where a stretch stood in the text as it was."""
        if self.at is None or start >= end:
            return start, end
        return self.at[start], self.at[end - 1] + 1


def fold(text: str) -> Folded:
    """Fold a text in NFC."""
    seen, at = text, None
    if _MAY_HIDE.search(text):
        hidden = {index for index, _sign in invisible.hidden(text)}
        at = [index for index, sign in enumerate(text) if index not in hidden and sign not in _INVISIBLE]
        seen = "".join(text[index] for index in at)
    lowered = seen.translate(_LOWERED)
    return Folded(seen, lowered, lowered.translate(_PLAIN), at)

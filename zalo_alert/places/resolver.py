"""From what people write about where they live to a former province, or to an honest "not known". Never guesses.

A text is cut at its walls (commas and the like) into segments; each is read from its right end; what they name is combined. Only
when nothing was named at all are joined words tried, and last a slip of the pen. The only home of rapidfuzz.
"""

import re
from collections.abc import Mapping, Sequence
from functools import cache, lru_cache
from typing import TypeAlias

from zalo_alert.places.asides import DASH, has_aside, is_aside
from zalo_alert.places.combine import Combined, Resolved, Why
from zalo_alert.places.gazetteer import JOINED_LETTERS, WARD, NameReading, gazetteer, words
from zalo_alert.places.names import FOREIGN, UNKNOWN
from zalo_alert.places.segments import TYPED, SegmentReader, Unit
from zalo_alert.places.spelling import LOST, Initial, folded, plain, syllables, uncamelled, untelexed
from zalo_alert.places.tables import FORMER_PROVINCES, PROVINCES

_WALL = re.compile(r"[,;|\n\t()\[\]/\\•·]+|\.\s*(?=(?:tỉnh|huyện|quận|tp\b|xã |phường))")
# Who says where they come from and where they are names two places; the words between them are walls.
_TALK = ("quê ", " ở ", " vào ", "hộ khẩu ", "tạm trú ", "thường trú ", "sống tại ", " về ", " và ", " hoặc ", " hay ")
_CHOICE = re.compile("/| (?:hoặc|và|hay) ")
_NEAR = ("gần ", "đối diện ", "cạnh ", "bên cạnh ", "gan ", "sau lưng ", "trước mặt ")
_TAIL = re.compile(r"(?:^|[\s,.;-]+)(?:vi[eệ]t\s?nam|vn|v\.n|[0-9]{5,6})[\s.]*$")
RESOLVER = "2026-11-26"  # changes whenever an answer may: what was remembered of an earlier one is asked again
_ENDS = ("nam", "vn", ".n", ".", " ", *"0123456789")  # how a text must end to have such a tail
_EDGES = " .:-–'\"*#"
# `N. Giang`, `Ph. Yên`: the beginning of a syllable is cut short, not misspelled as `Bn Tre` is.
_SHORT_FORM = re.compile(r"(?:[bcdghklmnpqrstvx]|ch|gh|gi|kh|ngh?|nh|ph|qu|th|tr)\b")
_FUZZY_LETTERS = 5  # of a shorter name, one letter is too much to be forgiven
_LONG = 10  # of a name so long, two are not


class Resolver:
    """Reads places; remembers segments, so one object should read many texts.

    Args:
        aliases: The office's own names, as `alias_key` gives them, with the place key that each means; they come first.
    """

    def __init__(self, aliases: Mapping[str, str] | None = None) -> None:
        self._segments = SegmentReader()
        self._joined = gazetteer().joined
        self._aliases = aliases or {}

    def text(self, text: str, *, before_merger: bool = False) -> Resolved:
        """Read one text: an address, or the name of a province alone.

        Args:
            text: As it came.
            before_merger: It was written before 1 July 2025, so a name that lives on means the former province.
        """
        return self.fields("", "", "", text, before_merger=before_merger)

    def fields(
        self, city: str, district: str = "", ward: str = "", address: str = "", *, before_merger: bool = False
    ) -> Resolved:
        """Read the fields of a record, any of them empty, swapped or holding more than they should."""
        combined, segments = Combined(), list[str]()
        for field, as_ward in ((city, False), (district, False), (ward, True), (address, False)):
            if not field:
                continue
            if self._aliases and (key := self._aliases.get(alias_key(field))):
                return Resolved(key, "", Why.ALIAS)
            written = folded(field)
            combined.alternatives = combined.alternatives or _CHOICE.search(written) is not None
            pieces = _split(written)
            pieces.reverse()
            if self._is_abroad(field, pieces, combined, as_ward=as_ward):
                return Resolved(FOREIGN, "", Why.FOREIGN)
            segments += pieces
        if not combined.is_empty:
            return combined.answer(before_merger=before_merger)
        return self._otherwise(segments, f"{address} {ward} {district} {city}", before_merger=before_merger)

    def _is_abroad(self, field: str, pieces: Sequence[str], combined: Combined, *, as_ward: bool) -> bool:
        """Take in the segments of a field from the last to the first, as far as needed; whether the last is a place abroad."""
        accented = not field.isascii()
        read = self._segments.known[accented]
        for number, segment in enumerate(pieces):
            if combined.is_settled and (number > 3 or segment[0].isdigit() or combined.is_complete):
                return False
            units = read.get(segment)
            if units is None:
                units = self._segments.read(segment, accented=accented)
            if units:
                combined.take(units, as_ward=as_ward)
            elif combined.is_empty and _is_foreign(segment, alone=len(pieces) == 1, whole=number > 0) and not is_aside(segment):
                return True
        return False

    # --- when no segment says anything ------------------------------------------------------------------------------------

    def _otherwise(self, segments: Sequence[str], text: str, *, before_merger: bool) -> Resolved:
        """Try harder on the last segment, the likeliest to be a province."""
        if not segments:
            return Resolved(UNKNOWN, "", Why.EMPTY)
        if is_aside(segments[0]):
            return Resolved(UNKNOWN, "", Why.UNKNOWN)
        for reason, attempt in _LAST_RESORTS:
            if units := attempt(self, segments[0], text):
                combined = Combined()
                combined.take(units)
                return combined.answer(before_merger=before_merger)._replace(reason=reason)
        if any(_is_foreign(segment, alone=len(segments) == 1) for segment in segments):
            return Resolved(FOREIGN, "", Why.FOREIGN)
        return Resolved(UNKNOWN, "", Why.UNKNOWN)

    def _written_together(self, last: str, text: str) -> Sequence[Unit]:
        """Find a name written without spaces: all of the last segment, or its last word, or joined with capitals."""
        written = syllables(last)
        bare = [syllable.plain for syllable in written]
        together = "" if any(type(syllable) is Initial for syllable in written) else "".join(bare)
        if not any(len(word) >= JOINED_LETTERS for word in bare):
            return ()
        for candidate in (together, bare[-1]):
            if readings := self._joined.get(candidate):
                return (_whole(readings),)
        parted = folded(uncamelled(text.strip()))
        pieces = _split(parted) if parted != folded(text.strip()) else ()
        return self._segments.read(pieces[-1], accented=not parted.isascii()) if pieces else ()

    def _slipped(self, last: str, text: str) -> Sequence[Unit]:
        """Find the one province that the last segment misses by a letter or two, when no other comes near."""
        written = plain(syllables(last))
        for word in TYPED:
            written = written.removeprefix(word)
        letters = written.replace(" ", "")
        if len(letters) < _FUZZY_LETTERS or not letters.isalpha() or LOST in letters or written in words().regions:
            return ()
        if _SHORT_FORM.match(written):
            return ()
        from rapidfuzz.distance import OSA  # takes 12 ms to load, for a last resort

        allowed = 1 if len(written) < _LONG else 2
        near = sorted(
            (distance, name)
            for name in _province_names()
            if (distance := OSA.distance(written, name, score_cutoff=allowed + 1)) <= allowed + 1
        )
        if not near or near[0][0] > allowed or (len(near) > 1 and near[1][0] <= near[0][0] + (near[0][0] > 1)):
            return ()
        return (_whole(tuple(reading for reading in gazetteer().names[near[0][1]] if reading.level < WARD)),)

    def _typed_in_telex(self, last: str, text: str) -> Sequence[Unit]:
        """Find a name typed with the keys of Telex or VNI left in it."""
        untyped = untelexed(last)
        return self._segments.read(untyped, accented=False) if untyped != last and last.isascii() else ()


_LAST_RESORTS = (
    (Why.JOINED, Resolver._written_together),
    (Why.TELEX, Resolver._typed_in_telex),
    (Why.FUZZY, Resolver._slipped),
)


def _whole(readings: Sequence[NameReading]) -> Unit:
    return Unit.of(readings, is_whole=True)


Aliases: TypeAlias = tuple[tuple[str, str], ...]  # the office's own names: `alias_key` and place key, in order


@lru_cache(maxsize=2)
def _resolver(aliases: Aliases) -> Resolver:
    return Resolver(dict(aliases))


def resolve(
    city: str, district: str, ward: str, address: str, *, before_merger: bool, aliases: Aliases = ()
) -> Resolved:  # a function and plain values, so that other processes can be asked
    """Read the fields of a record with this process's own resolver; see `Resolver.fields`."""
    return _resolver(aliases).fields(city, district, ward, address, before_merger=before_merger)


def is_open(place: str) -> bool:
    """Whether more of a record could tell more: nothing is known yet, or today's province alone."""
    return place == UNKNOWN or place.startswith("new:")


def alias_key(text: str) -> str:
    """Fold a text as the names of an alias file are."""
    return plain(syllables(folded(text)))


@cache
def _province_names() -> tuple[str, ...]:
    names = {alias_key(name) for name in (*(p.name for p in FORMER_PROVINCES), *(p.name for p in PROVINCES))}
    return tuple(sorted(name for name in names if len(name.replace(" ", "")) >= _FUZZY_LETTERS))


def _split(written: str) -> list[str]:
    """Cut a folded text at its walls; a dash is one unless the whole is a name, such as Bà Rịa - Vũng Tàu."""
    while written.endswith(_ENDS) and (tail := _TAIL.search(written)):
        written = written[: tail.start()]
    if not written.isascii():
        for phrase in _TALK:
            if phrase in written:
                written = ",".join(map(_talked_apart, _WALL.split(written)))
                break
    pieces: list[str] = []
    is_dashed = " -" in written or " –" in written or " —" in written
    for piece in _WALL.split(written):
        part = piece.strip(_EDGES)
        if not part or part.startswith(_NEAR):
            continue
        pieces += _undashed(part) if is_dashed else (part,)
    return pieces


def _talked_apart(part: str) -> str:
    """Make walls of the words between where someone comes from and where they are, unless they join the ends of a road."""
    if has_aside(part):
        return part
    for phrase in _TALK:
        if phrase in part:
            part = part.replace(phrase, ",").strip().removeprefix("từ ")
    return part


def _undashed(part: str) -> list[str]:
    pieces: list[str] = []
    if is_aside(part):
        return [DASH.sub(" đi ", part)]
    for piece in (cut for cut in DASH.split(part) if cut):
        if pieces and plain(syllables(f"{pieces[-1]} {piece}")) in gazetteer().names:
            pieces[-1] = f"{pieces[-1]} {piece}"
        else:
            pieces.append(piece)
    return pieces


def _is_foreign(segment: str, *, alone: bool, whole: bool = False) -> bool:
    bare = [syllable.plain for syllable in syllables(segment)]
    while len(bare) > 1 and bare[-1] in words().noise:
        bare.pop()
    if whole:
        return " ".join(bare) in words().foreign
    if alone and " ".join(bare) in words().foreign_alone:
        return True
    return any(" ".join(bare[-size:]) in words().foreign for size in range(1, min(4, len(bare)) + 1))

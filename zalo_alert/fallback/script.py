"""What an alert says in a minute: whole sentences of it, the most needful first chosen, in the order in which they stand.

Nothing is reworded: a sentence is read as it was approved or left out, and what was left out is named.
"""

import re
from collections.abc import Callable, Sequence
from typing import NamedTuple

from zalo_alert.campaign.drill_marks import drill_word_in
from zalo_alert.fallback.speech import seconds_aloud, sentences_of
from zalo_alert.wording.guidance_rules import tells_what_to_do

LONGEST_S = 60.0
FIRST, HELP, GUIDANCE, HEADING, DANGER, REST, NEVER = range(7)
_OF_ZALO = re.compile(r"\bnhắn\b|https?://|\bOA\b|\bZalo\b", re.IGNORECASE)
_HELP_WORDS = re.compile(r"\bgọi\b.{0,40}\b11[2-5]\b|\bđường dây nóng\b", re.IGNORECASE)
_TIMED = re.compile(r"\d+ ?(?:giờ|h)\b|\d{1,2}/\d{1,2}|\bHiệu lực\b", re.IGNORECASE)
_NUMBER = re.compile(r"^\d{1,2}[.)]\s+")  # of an item in a list
LOUD = re.compile(r"\b[^\W\d_a-zà-ỹ]{2,}\b(?: [^\W\d_a-zà-ỹ]{2,}\b)*")  # key words in capitals
_ONLY_ON_ZALO = re.compile(r",? hoặc nhắn [^.]*|\s*Đã an toàn: nhắn [^.]*\.?")  # nobody answers a loudspeaker by text


class Script(NamedTuple):
    """What is read, and what was left out of it.

    Args:
        sentences: In order.
        left_out: Whole sentences of the alert for which there is no time.
        seconds: How long it takes.
    """

    sentences: tuple[str, ...]
    left_out: tuple[str, ...]
    seconds: float

    @property
    def text(self) -> str:
        """What is read, a sentence a line."""
        return "\n".join(self.sentences)


def script_of(text: str, longest_s: float = LONGEST_S, *, reads_first: bool = False) -> Script:
    """Choose what of an alert is read aloud.

    Args:
        text: As a reader in the place reads it, with the marks of a drill.
        longest_s: Seconds that there are; the first sentence and the marks of a drill are read however long they are.
        reads_first: The first line says who speaks, and the alert begins with the second: both are read.
    """
    parts = [part for part in sentences_of(text) if for_ears(part)]
    sentences, ranks = [for_ears(part) for part in parts], ranks_of(parts)
    if reads_first:
        ranks[1:2] = [FIRST]
    kept = choose(sentences, ranks, lambda some: seconds_aloud("\n".join(some)) <= longest_s)
    read = tuple(sentence for number, sentence in enumerate(sentences) if number in kept)
    left_out = tuple(sentence for number, sentence in enumerate(sentences) if number not in kept)
    return Script(read, left_out, seconds_aloud("\n".join(read)))


def for_ears(sentence: str) -> str:
    """Take out of a sentence what only a reader on Zalo can do, and the number that an item of a list begins with."""
    return _NUMBER.sub("", _ONLY_ON_ZALO.sub("", sentence)).strip(" –-")


def choose(sentences: Sequence[str], ranks: Sequence[int], fits: Callable[[Sequence[str]], bool]) -> frozenset[int]:
    """Return the numbers of the sentences that are kept: by rank, then in order, each that still fits beside the others."""
    kept = {number for number, rank in enumerate(ranks) if rank == FIRST}
    for number in sorted(range(len(sentences)), key=lambda number: (ranks[number], number)):
        together = sorted(kept | {number})
        if number not in kept and ranks[number] != NEVER and fits([sentences[each] for each in together]):
            kept.add(number)
    return frozenset(_with_headings(kept, ranks))


def _with_headings(kept: set[int], ranks: Sequence[int]) -> set[int]:
    """Drop a heading ("On boats:") of whose items none is kept."""
    return {
        number for number in kept
        if ranks[number] != HEADING or (number + 1 < len(ranks) and number + 1 in kept)
    }  # fmt: skip


def ranks_of(sentences: Sequence[str]) -> list[int]:
    """Say of each sentence how needful it is: first what is always read, then help, what to do, the danger, the rest."""
    ranks = [_rank(sentence) for sentence in sentences]
    for number, rank in enumerate(ranks):
        if rank == HEADING and number + 1 < len(ranks):
            ranks[number] = HEADING if ranks[number + 1] == GUIDANCE else ranks[number + 1]
    return [FIRST, *ranks[1:]] if ranks else []


def _rank(sentence: str) -> int:
    if drill_word_in(sentence):
        return FIRST
    if _OF_ZALO.search(_ONLY_ON_ZALO.sub("", sentence)):
        return NEVER
    if sentence.endswith(":"):
        return HEADING
    if _HELP_WORDS.search(sentence):
        return HELP
    if sentence.startswith("Phát lúc"):
        return REST
    if _is_guidance(sentence):
        return GUIDANCE
    return DANGER if _TIMED.search(sentence) or LOUD.search(sentence) else REST


def _is_guidance(sentence: str) -> bool:
    """Whether a sentence is an item of a list, or says in capitals or with its first words what to do."""
    first = " ".join(sentence.rpartition(":")[2].split()[:3])
    return bool(_NUMBER.match(sentence)) or tells_what_to_do(first) or any(map(tells_what_to_do, LOUD.findall(sentence)))

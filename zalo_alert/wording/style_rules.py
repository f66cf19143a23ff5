"""Rules of style: what is read on a locked screen, aloud, on an old phone, or by whoever sees no pictures."""

import re
from collections.abc import Iterator

from zalo_alert.language import _, count, joined
from zalo_alert.wording.calm import is_calm
from zalo_alert.wording.finding import Severity
from zalo_alert.wording.guidance_rules import tells_what_to_do
from zalo_alert.wording.hazard_words import names_hazard
from zalo_alert.wording.levels import Scale, levels_in
from zalo_alert.wording.rule import NOT_THERE, Rule, Spot
from zalo_alert.wording.text import Span, Text

_LONGEST_LINE = 100  # characters: what a locked screen shows
_LONGEST_SENTENCE = 35  # syllables
# Six words in a row have no accent by chance in none of ten thousand texts; numbers between them count for nothing.
_WITHOUT_ACCENTS = re.compile(
    r"(?<![\w/.@-])(?:[A-Za-z]+(?: |[,;] (?=[a-z]))(?:[0-9][0-9:/.,h]* )?){5,}[A-Za-z]+(?![\w/@-]|\.\w)"
)
_LIST = 4  # short pieces in a row are a list, which is not read as a sentence
_SHORT = 5  # syllables of a piece
_PIECE = re.compile(r"[,;:–()\[\]/]| - ")
_SYLLABLE = re.compile(r"[^\W\d_]+")
_QUOTE = re.compile(r"[“”„‟«»‹›‘‚‛＂]|(?<!\w)’|(?<!\d)’(?!\w)")
_QUOTES = frozenset("“”„‟«»‹›‘‚‛＂’")
_FIRST_EMOJI = "\u231a"
# No Vietnamese syllable ends with one of these without a tone: whoever wrote `goi dien luc` left the accents out.
_LACKS_TONE = re.compile(r"\b(?:[bcdghklmnrstvx]|ch|gh|gi|kh|ng|ngh|nh|ph|qu|th|tr)?(?:[aeou]|ie|uo|oa|uye)(?:c|ch|p|t)\b")
_FEW_WITHOUT = re.compile(r"(?<![\w./:@-])(?:[a-z]{2,7} ){2,}[a-z]{2,7}(?![\w/:@-]|\.\w)")
_EMOJI = re.compile(
    "[\u231a\u231b\u23e9-\u23fa\u2600-\u2604\u2607-\u260f\u2614-\u2712\u2715-\u27bf\u2b05-\u2b55\U0001f000-\U0001faff]"
)
_PICTURE = re.compile(
    r"\bxem (?:o |tai |trong |them o )?(?:hinh|anh|ban do|so do|file|tep|video|clip|infographic)\b|"
    r"\b(?:hinh|anh|file|tep|ban do|infographic)(?: anh)? (?:ben duoi|duoi day|o duoi|dinh kem|kem theo|kem)\b|"
    r"\b(?:chi tiet|xem them|noi dung|huong dan|thong tin)\b[^.\n]{0,24}\b(?:tai|o|trong|theo|vao|qua) (?:\w+ )?"
    r"(?:link|duong link|duong dan|lien ket|hinh|anh|file|tep|website|trang web|fanpage)\b|"
    r"\b(?:bam|nhan|an|click|truy cap|vao|xem)(?: chuot)? (?:vao )?(?:link|duong link|lien ket|duong dan)\b"
)
# Where to go or how: what nobody can do without, even where the rest is said in words.
_WHERE_TO = re.compile(r"\b(?:diem|noi|dia diem|duong di|huong di|cach|vi tri)\b[^.\n]{0,60}$")
_PLACE = re.compile(
    r"\b(?:tỉnh|thành phố|tp\.?|xã|phường|đặc khu|huyện|thị xã|thị trấn|thôn|bản|khu vực|vùng|hạ du|ven biển|toàn quốc|cả nước)\b"
)


def _first_line(text: Text) -> Iterator[Spot]:
    line = text.lines[0] if text.lines else Span(0, 0)
    faults = list(_faults_of(text, line))
    if faults:
        fix = _("begin with hazard, level and place, such as: [CẢNH BÁO BÃO – RỦI RO CẤP 4/5] Quảng Trị")
        yield Spot(*text.place(line.start, line.end), joined(faults, "; "), fix)


def _faults_of(text: Text, line: Span) -> Iterator[str]:
    size = len(text.seen[line.start : line.end].strip())
    if size > _LONGEST_LINE:
        yield _("its first line has {size} characters; a locked screen shows {most}", size=count(size), most=_LONGEST_LINE)
    lacking = [] if is_calm(text) else [what for what, is_there in _first_words(text, line) if not is_there]
    if lacking:
        yield _("its first line does not say {what}", what=joined(lacking, ", "))


def _first_words(text: Text, line: Span) -> Iterator[tuple[str, bool]]:
    lowered, plain = text.lowered[line.start : line.end], text.plain[line.start : line.end]
    risk = text.campaign.risk_of(text.as_read.variant)
    names = [part.strip() for part in text.as_read.place.lower().split(",")]
    is_place = _PLACE.search(lowered) or any(line.start <= mention.start < line.end for mention in text.mentions)
    yield _("the hazard"), names_hazard(lowered, plain)
    yield _("the level"), risk is None or any(level.scale is Scale.RISK or level.first == risk for level in levels_in(lowered))
    yield _("the place"), bool(is_place) or any(name and name in lowered for name in names)


def _quotes(text: Text) -> Iterator[Spot]:
    if found := None if _QUOTES.isdisjoint(text.seen) else _QUOTE.search(text.seen):
        message = _("holds {sign}, which some gateways of SMS can't pass on", sign=found[0])
        yield Spot(*text.place(*found.span()), message, _("write straight quotation marks, or none"))


def _long_sentence(text: Text) -> Iterator[Spot]:
    for sentence in text.sentences:
        if sentence.end - sentence.start < 2 * _LONGEST_SENTENCE:
            continue  # too short to have so many
        size = _syllables(text.seen[sentence.start : sentence.end])
        if size > _LONGEST_SENTENCE:
            message = _("a sentence of {size} syllables; read aloud, {most} are much", size=count(size), most=_LONGEST_SENTENCE)
            yield Spot(*text.place(*_trimmed(text, sentence)), message, _("make two of it, or a list"))


def _syllables(sentence: str) -> int:
    """Count the syllables of a sentence without its numbers and lists."""
    pieces = [len(_SYLLABLE.findall(piece)) for piece in _PIECE.split(sentence)]
    short = [size for size in pieces if size <= _SHORT]
    return sum(pieces) - (sum(short) if len(short) >= _LIST else 0)


def _trimmed(text: Text, sentence: Span) -> tuple[int, int]:
    words = text.seen[sentence.start : sentence.end]
    return sentence.start + len(words) - len(words.lstrip()), sentence.end - (len(words) - len(words.rstrip()))


def _no_accents(text: Text) -> Iterator[Spot]:
    some = (found for found in _FEW_WITHOUT.finditer(text.seen) if _LACKS_TONE.search(found[0]))
    long_ones = list(_WITHOUT_ACCENTS.finditer(text.seen))
    taken = [found.span() for found in long_ones]
    for found in (*long_ones, *(few for few in some if not any(start <= few.start() < end for start, end in taken))):
        message = _("words without any accent: they can be read in several ways")
        fix = _("write them with accents; only key words to reply go without")
        yield Spot(*text.place(*found.span()), message, fix)


def _emoji(text: Text) -> Iterator[Spot]:
    if found := _EMOJI.search(text.seen) if max(text.seen, default="") >= _FIRST_EMOJI else None:
        message = _("holds the picture {sign}, which phones that read aloud skip or misname", sign=found[0])
        yield Spot(*text.place(*found.span()), message, _("say in words what it means, and leave it out"))


def _picture_only(text: Text) -> Iterator[Spot]:
    found = _PICTURE.search(text.plain)
    if found is None:
        return
    sentence = text.sentence_at(found.start())
    is_where_to = _WHERE_TO.search(text.plain, sentence.start, found.start())
    if is_where_to or not tells_what_to_do(text.seen[: sentence.start] + "\n" + text.seen[sentence.end :]):
        message = _('"{words}": whoever can\'t open it does not know what to do', words=text.seen[found.start() : found.end()])
        yield Spot(*text.place(*found.span()), message, _("write what to do in the text itself"))


RULES = (
    Rule("first-line", Severity.WARNING, _first_line, NOT_THERE, of_whole=True),
    Rule("quotes", Severity.WARNING, _quotes, of_languages=True),
    Rule("long-sentence", Severity.WARNING, _long_sentence),
    Rule("no-accents", Severity.WARNING, _no_accents),
    Rule("emoji", Severity.WARNING, _emoji, of_languages=True),
    Rule("picture-only", Severity.WARNING, _picture_only, of_whole=True),
)

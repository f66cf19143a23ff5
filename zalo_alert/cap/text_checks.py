"""Rules about what people read: markup in a text, and the same sentence under two languages."""

import re
from collections.abc import Iterator

from zalo_alert.cap.document import Alert, Info
from zalo_alert.cap.finding import Gathered
from zalo_alert.cap.values import shown
from zalo_alert.language import _

MIN_SENTENCE = 20  # characters: shorter ones, like numbers to call, may well be the same in two languages

# Bounded, so that a text full of < costs no more than its length.
_MARKUP = re.compile(r"</?[a-zA-Z][a-zA-Z0-9]{0,15}(?:\s[^<>]{0,200})?/?>|&(?:[a-zA-Z]{2,10}|#[0-9]{1,7}|#x[0-9a-fA-F]{1,6});")
_SENTENCE_END = re.compile(r"[.!?\n]+")


def texts(info: Info) -> Iterator[tuple[str, str]]:
    """Yield what people read of an info: CAP's names and the texts."""
    yield "event", info.event
    yield "senderName", info.sender_name
    yield "headline", info.headline
    yield "description", info.description
    yield "instruction", info.instruction
    yield "contact", info.contact


def check_texts(alert: Alert, gathered: Gathered) -> None:
    """Gather what is wrong with the texts of all infos."""
    for number, info in enumerate(alert.infos, 1):
        place = f"/alert/info[{number}]"
        for name, text in texts(info):
            _check_markup(text, f"{place}/{name}", gathered)
        for area_number, area in enumerate(info.areas, 1):
            _check_markup(area.area_desc, f"{place}/area[{area_number}]/areaDesc", gathered)
    _check_said_twice(alert, gathered)


def _check_markup(text: str, place: str, gathered: Gathered) -> None:
    if found := _MARKUP.search(text):
        message = _("has markup in it, which people would read as it stands: {markup}", markup=shown(found[0]))
        gathered.add("W601", place, message, _("write plain text"))


def _check_said_twice(alert: Alert, gathered: Gathered) -> None:
    """Tell of each text with a sentence that an info in another language has, too: one of them was not translated."""
    languages: dict[str, str] = {}  # of each sentence, where it stood first
    for number, info in enumerate(alert.infos, 1):
        spoken = info.spoken.lower().partition("-")[0]
        for name, text in texts(info):
            same = [sentence for sentence in _sentences(text) if languages.setdefault(sentence, spoken) != spoken]
            if same and name in ("headline", "description", "instruction"):
                message = _("says the same under two languages, {one} and {other}: {sentence}", one=languages[same[0]],
                            other=spoken, sentence=shown(same[0]))  # fmt: skip
                gathered.add("W602", f"/alert/info[{number}]/{name}", message, _("translate it, or take that language out"))


def _sentences(text: str) -> Iterator[str]:
    return (sentence for one in _SENTENCE_END.split(text) if len(sentence := one.strip()) >= MIN_SENTENCE)

"""Ask rules of one text, as if a campaign's people read exactly that."""

from dataclasses import replace
from functools import cache
from pathlib import Path

from zalo_alert.campaign import parse
from zalo_alert.campaign.follow_up import ALERT
from zalo_alert.wording.as_read import AsRead
from zalo_alert.wording.text import Text

CAMPAIGNS = Path(__file__).parents[3] / "campaigns"


@cache
def storm():
    return parse.parse((CAMPAIGNS / "bao-so-7.yaml").read_bytes(), "c.yaml")


def text_of(words, *, language="vi", is_whole=True, links=("gov.vn", "zalo.me"), **changes):
    path = ("message", "text") if is_whole else ("routes", 0, "data")
    read = AsRead(ALERT, "cs", path, "Quảng Trị", "44", None, "", words, language, is_whole)
    return Text(replace(storm(), **{"variants": (), "fields": {}} | changes), read, links, None)


def found(rules, words, **changes):
    """Return the codes that rules find in a text, each with the words that it shows."""
    text = text_of(words, **changes)
    return {(rule.code, words[spot.start : spot.end]) for rule in rules for spot in rule.check(text)}


def codes(rules, words, **changes):
    return {code for code, _shown in found(rules, words, **changes)}

"""The approver's page as a file: it loads nothing, runs nothing but its own script, and says every sentence that it names."""

import base64
import hashlib
import re
from collections.abc import Iterable
from html.parser import HTMLParser

import pytest

from zalo_alert.approval.approver_page import SCRIPTS, _literal, _part, approver_page, page_data
from zalo_alert.approval.page_sentences import SENTENCES
from zalo_alert.approval.request import MAX_BYTES
from zalo_alert.approval.words import WORDS
from zalo_alert.campaign.languages import LANGUAGES
from zalo_alert.language import Language, catalogue_of, said_in
from zalo_alert.models import Certainty, MsgType, RouteType, Severity, Urgency
from zalo_alert.operations import card

PAGE = approver_page().decode()
SOURCES = {name: _part(name) for name in SCRIPTS}
CHOSEN: dict[str, Iterable] = {  # sentences whose key a script puts together
    "type": MsgType, "urgency": Urgency, "severity": Severity, "certainty": Certainty, "route": [*RouteType, "broadcast"],
    "kind": ["actual", "exercise", "test", "rehearsal", "drill"], "day": range(7), "follow": ["correction", "all_clear"],
    "language": LANGUAGES,
}  # fmt: skip
KEYS = {f"{kind}_{word}" for kind, words in CHOSEN.items() for word in words}
KEYS |= {f"{kind}_{word}" for kind in ("note", "sign") for word in CHOSEN["kind"]}


class Elements(HTMLParser):
    """Collects the elements of a document: names with attributes, and the text of styles and scripts."""

    def __init__(self):
        super().__init__()
        self.found, self.inner, self.is_inside = [], {}, False

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, dict(attrs)))
        self.is_inside = tag in ("style", "script") and "type" not in dict(attrs)

    def handle_data(self, data):
        if self.is_inside:
            self.inner[self.lasttag] = self.inner.get(self.lasttag, "") + data

    def handle_endtag(self, tag):
        self.is_inside = False


@pytest.fixture(scope="module")
def elements():
    parser = Elements()
    parser.feed(PAGE)
    return parser


def test_the_page_names_nothing_outside_itself(elements):
    names = {name for _tag, attributes in elements.found for name in attributes}

    assert names & {"src", "href", "action", "srcset", "data", "style", "ping", "background"} == set()
    assert [name for name in names if name.startswith("on")] == []
    assert re.findall(r"https?://|\bfetch\(|XMLHttpRequest|WebSocket|sendBeacon|@import|url\(", PAGE) == []
    assert re.findall(r"innerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function", PAGE) == []


def test_the_policy_allows_this_style_and_this_script_alone(elements):
    policy = next(attributes["content"] for tag, attributes in elements.found if "http-equiv" in attributes)
    digests = {name: base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() for name, text in elements.inner.items()}

    assert policy.startswith("default-src 'none'; ")
    assert f"script-src 'sha256-{digests['script']}';" in policy
    assert f"style-src 'sha256-{digests['style']}';" in policy
    assert "unsafe" not in policy
    assert "*" not in policy


def test_the_page_is_filled_in_and_holds_no_key():
    assert re.findall(r"\{\{\w+\}\}", PAGE) == []
    assert '<script type="application/json" id="sealed-key">null</script>' in PAGE
    assert len(PAGE.encode()) < 100_000


def test_every_field_has_a_label(elements):
    fields = [a["id"] for tag, a in elements.found if tag in ("input", "textarea") and a.get("type") != "checkbox"]
    labels = [attributes.get("for") for tag, attributes in elements.found if tag == "label"]

    assert [field for field in fields if field not in labels] == []


def test_the_page_says_every_sentence_that_it_names_and_no_other():
    scripts = "".join(SOURCES.values())
    named = set(re.findall(r'data-say="(\w+)"', PAGE)) | KEYS
    named |= set(re.findall(r'\b(?:say|heading|new Refused)\("(\w+)"', scripts))
    named |= set(re.findall(r'\b(?:said|refusedAt)\([\w"]+, "(\w+)"', scripts))
    written = named | set(re.findall(r'"(\w+)"', scripts))

    assert sorted(named - SENTENCES.keys()) == []
    assert sorted(SENTENCES.keys() - written) == []


@pytest.mark.parametrize("key", SENTENCES)
def test_both_languages_name_the_same_fields(key):
    english, vietnamese = SENTENCES[key], said_in(SENTENCES[key], catalogue_of(Language.VI))

    assert set(re.findall(r"\{\w*\}", english)) == set(re.findall(r"\{\w*\}", vietnamese))


def test_the_page_has_the_words_of_the_command_line():
    assert page_data().startswith(f"const WORDS = {_literal(WORDS)};\n")


def test_the_page_takes_what_the_command_line_takes():
    assert f"const MOST_BYTES = {MAX_BYTES // 1024} * 1024;" in SOURCES["request.js"]
    assert card.is_about("105", 100)
    assert not card.is_about("106", 100)
    assert "<= people / 20" in SOURCES["request.js"]


def test_no_sentence_can_end_the_script():
    assert _literal("</script><b>") == '"\\u003c/script>\\u003cb>"'

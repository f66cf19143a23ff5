"""What must hold of texts in other languages: a language that people here read, a person who answers for each, none forgotten."""

from collections.abc import Iterator, Mapping

from zalo_alert.campaign.findings import MAX_LANGUAGES, Findings
from zalo_alert.campaign.follow_up import ALERT, parts
from zalo_alert.campaign.form import TranslationForm
from zalo_alert.campaign.languages import LANGUAGES, OTHER_WORDS, VIETNAMESE
from zalo_alert.errors import Problem
from zalo_alert.foundation.shape_errors import list_choices
from zalo_alert.foundation.suggestions import did_you_mean, nearest
from zalo_alert.foundation.yaml_document import Document, KeyPath
from zalo_alert.language import _, count, joined
from zalo_alert.models import Campaign, Variant

CHECKED_BY = "checked_by"
MAX_CHECKER = 100


def check_languages(findings: Findings) -> None:
    """Check the languages of the message, the variants and what may follow; their texts are checked as all texts are."""
    for path, languages in findings.languages():
        named = findings.document.value(path)
        if len(named) > MAX_LANGUAGES:
            findings.add(path, _("are {languages}; at most {most} are read", languages=count(len(named)), most=MAX_LANGUAGES))
        for language, form in languages.items():
            _check_code(findings, (*path, language))
            _check_checker(findings, form, (*path, language, CHECKED_BY))
    if not findings.is_frozen:  # what follows an alert is written by the tool
        _check_variants(findings)


def _check_code(findings: Findings, path: KeyPath) -> None:
    language = str(path[-1])
    at = findings.document.key_position(path)
    if language == VIETNAMESE:
        findings.add(path, _("Vietnamese is message.text, which everybody reads first: leave it out here"), at)
    elif language not in LANGUAGES:
        findings.add(path, _unknown(language), at)


def _unknown(language: str) -> str:
    words = {**dict.fromkeys(LANGUAGES, ""), **OTHER_WORDS}
    near = [OTHER_WORDS.get(word, word) for word in nearest(language, words)]
    return joined(
        [
            _('"{language}" is none of the languages here', language=language[:40]),
            *([did_you_mean(near)] if near else []),
            _("there are {choices}", choices=list_choices(LANGUAGES, LANGUAGES)),
        ],
        "; ",
    )


def _check_checker(findings: Findings, form: TranslationForm, path: KeyPath) -> None:
    if form.checked_by is None:
        return
    if not form.checked_by.strip():
        findings.add(path, _("is empty: name who read this text and answers for it"))
    elif len(form.checked_by) > MAX_CHECKER or not form.checked_by.strip().isprintable():
        findings.add(path, _("should be a name, on one line of at most {most} characters", most=MAX_CHECKER))


def _check_variants(findings: Findings) -> None:
    """Have no variant's readers find below their text what translates another one, nor lose their language unnoticed."""
    known: Mapping[str, TranslationForm] = findings.message.languages or {}
    for number in range(len(findings.form.variants or ())):
        path: KeyPath = ("variants", number)
        if known and findings.has((*path, "text")) and not findings.has((*path, "languages")):
            findings.add(
                path,
                _(
                    "has a text of its own, and message.languages is of another ({languages}): give it languages of its own, or "
                    "languages: {{}} where Vietnamese alone is read",
                    languages=joined(list(known)),
                ),
            )


def language_remarks(document: Document, campaign: Campaign) -> Iterator[Problem]:
    """Say in which languages an alert goes out and what may follow it doesn't."""
    own: tuple[Campaign | Variant, ...] = (campaign, *campaign.variants)
    read = list(dict.fromkeys(translation.language for part in own for translation in part.languages))
    for name, follow_up in parts(campaign).items():
        known = {translation.language for translation in follow_up.languages}
        missing = [language for language in read if language not in known]
        if name != ALERT and missing:
            yield document.problem(
                (name,), _("is not in {languages}, and the alert is: add its languages", languages=joined(missing))
            )

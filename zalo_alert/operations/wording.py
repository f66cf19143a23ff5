"""The wording of a campaign as people would read it, looked at before anybody agrees to it.

An error holds a campaign back, unless somebody says why it may pass: a wrong rule must not stop a right warning at two in the
morning. The reason stands among the run's overrides, so that whoever approves it signs it.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from zalo_alert.campaign import parse
from zalo_alert.campaign.follow_up import key_path, parts
from zalo_alert.errors import Cure, Problem, UsageError, WordingRefused
from zalo_alert.foundation import yaml_document
from zalo_alert.foundation.notices import Level, Notice
from zalo_alert.foundation.suggestions import suggestion
from zalo_alert.foundation.yaml_document import Document
from zalo_alert.language import Catalogue, _, _n, count, joined, said_in
from zalo_alert.models import STAFF, Campaign, Route
from zalo_alert.operations.campaign_files import campaign_text
from zalo_alert.operations.orders import WORDING, Despite, reason_line
from zalo_alert.operations.template_texts import FOLDER, TemplateTexts, odd_parameters, read_template_texts
from zalo_alert.planning.run_places import sample_places
from zalo_alert.runs.facts import RunPlace
from zalo_alert.settings.model import LINKS, Settings
from zalo_alert.wording.as_read import as_read
from zalo_alert.wording.finding import Finding, Severity
from zalo_alert.wording.lint import lint
from zalo_alert.wording.rules import RULES

if TYPE_CHECKING:
    from zalo_alert.operations.draft import Draft

__all__ = ["Finding", "Severity", "Source", "lint_campaign", "look_at", "look_at_draft", "passed"]

UNKNOWN, FAULTY, PARAMETER = "template-unknown", "template-file", "template-parameter"
NEVER_PASSED = "drill-words"  # a real alert that calls itself a drill is not believed, whatever the reason
MOST_REASON = 200  # characters


class Source(NamedTuple):
    """A sound campaign, and the file that it was read from.

    Args:
        campaign: Parsed.
        text: The file's bytes.
        file: What to call it.
    """

    campaign: Campaign
    text: bytes
    file: str


def lint_campaign(source: Path | bytes, settings: Settings | None = None, workspace: Path | None = None) -> list[Finding]:
    """Look at the wording of a campaign file.

    Args:
        source: The file, or its bytes.
        settings: Of the workspace, for the hosts that links may lead to; None for the usual ones.
        workspace: Where the texts of templates are kept; None is that of the settings, or nowhere.

    Returns:
        Errors first, then in the order of the file.

    Raises:
        UsageError: There is no such file.
        CampaignInvalid: It has faults of another kind.
    """
    text, file = (source, "campaign.yaml") if isinstance(source, bytes) else (campaign_text(source), str(source))
    return look_at(Source(parse.parse(text, file), text, file), settings, workspace)


def look_at(
    source: Source, settings: Settings | None, workspace: Path | None = None, places: Sequence[RunPlace] = ()
) -> list[Finding]:
    """Do the same with a campaign that is parsed already.

    Args:
        source: What.
        settings: See `lint_campaign`.
        workspace: See `lint_campaign`.
        places: Where its people are, as it is planned; none given, wherever they may be.
    """
    campaign, document = source.campaign, yaml_document.load(source.text, source.file)
    templates = read_template_texts(campaign, workspace or (settings.workspace if settings else None))
    read = as_read(campaign, places or sample_places(campaign), templates.texts)
    links = settings.links if settings else LINKS
    found = [*lint(campaign, document, read, allowed_links=links), *_about_templates(campaign, document, templates)]
    return sorted(found, key=lambda finding: finding.severity is not Severity.ERROR)


def look_at_draft(draft: "Draft", path: Path, settings: Settings) -> list[Finding]:
    """Do the same with a plan: in the places where its people are."""
    places = [row.place for row in draft.plan.places if row.place.key != STAFF]  # the staff read what others read
    return look_at(Source(draft.campaign, draft.text, str(path)), settings, places=places)


def _about_templates(campaign: Campaign, document: Document, templates: TemplateTexts) -> Iterator[Finding]:
    """Say which templates nobody can look at, and which parameters don't fit the text that is kept."""
    fix = _("save it anew as UTF-8: what Zalo shows of the template, its parameters as <name>")
    for trouble in templates.troubles:
        yield Finding(FAULTY, Severity.WARNING, trouble, fix, "alert")
    for part, number, odd in odd_parameters(campaign, document, templates.texts):
        route = parts(campaign)[part].routes[number]
        fix = _("put the data right, or the text in {folder}/", folder=FOLDER)
        yield Finding(PARAMETER, Severity.WARNING, odd, fix, part, f"{route.type} {route.template_id}")
    yield from _unknown(campaign, document, templates)


def _unknown(campaign: Campaign, document: Document, templates: TemplateTexts) -> Iterator[Finding]:
    """Say once of all templates whose texts are kept nowhere that nobody can look at them."""
    told = {Path(trouble.file).stem for trouble in templates.troubles} | templates.texts.keys()
    unknown: dict[str, tuple[str, int, Route]] = {}
    for name, part in parts(campaign).items():
        for number, route in enumerate(part.routes):
            if route.template_id and route.template_id not in told:
                unknown.setdefault(route.template_id, (name, part.written_at(number), route))
    if unknown:
        name, at, route = next(iter(unknown.values()))
        problem = document.problem((*key_path(name), at), _why_unknown(list(unknown)))
        fix = _("copy what Zalo shows of it into {file}, its parameters as <name>", file=f"{FOLDER}/{route.template_id}.txt")
        yield Finding(UNKNOWN, Severity.WARNING, problem, fix, name, f"{route.type} {route.template_id}")


def _why_unknown(ids: Sequence[str]) -> str:
    return _n(
        "Zalo doesn't tell the text of template {template}: nobody can see whether it names the place, the time and what to do",
        "Zalo doesn't tell the texts of templates {template}: nobody can see whether they name place, time and what to do",
        len(ids),
        template=", ".join(ids),
    )


# --- what is passed for a reason ----------------------------------------------------------------------------------------------


def passed(findings: Sequence[Finding], despite: Despite, file: str) -> dict[str, str]:
    """Refuse errors for which nobody gives a reason; return the overrides of a run that those with one come to.

    Args:
        findings: Of the campaign.
        despite: Codes of rules, each with the reason to pass over it.
        file: What to call the campaign.

    Raises:
        UsageError: A code is none of a rule's that can be passed, or a reason is empty or too long.
        WordingRefused: An error has no reason; carries every finding.
    """
    reasons = {code: _checked(code, why) for code, why in despite}
    left = [finding for finding in findings if finding.severity is Severity.ERROR and finding.code not in reasons]
    if left:
        raise refusal(left, findings, file)
    wrong = {finding.code for finding in findings if finding.severity is Severity.ERROR}
    return {f"{WORDING}{code}": why for code, why in reasons.items() if code in wrong}


def needless(findings: Sequence[Finding], despite: Despite) -> Iterator[Notice]:
    """Tell of rules that somebody gives a reason to pass over, and that find no error."""
    wrong = {finding.code for finding in findings if finding.severity is Severity.ERROR}
    for code in dict.fromkeys(code for code, _why in despite if code not in wrong):
        yield Notice(_("{code} finds no error, so that there is nothing to pass over", code=code), "", Level.WARNING)


def refusal(errors: Sequence[Finding], findings: Sequence[Finding], file: str) -> WordingRefused:
    """Say that a campaign's wording has errors, and how to go on."""
    first = next((error.code for error in errors if error.code != NEVER_PASSED), "…")
    return WordingRefused(
        _n(
            "{count} error in the wording of {file}",
            "{count} errors in the wording of {file}",
            len(errors),
            count=count(len(errors)),
            file=file,
        ),
        findings,
        hint=_(
            "put the text right; if a rule is wrong and there is no time, say why, for the approver to read and sign: {despite}",
            despite=Cure.OPTION(despite=f'{first} "…"'),
        ),
    )


def _checked(code: str, why: str) -> str:
    """Return a reason in one line."""
    errors = (rule.code for rule in RULES if Severity.ERROR in (rule.severity, *rule.elsewhere.values()))
    codes = [each for each in errors if each != NEVER_PASSED]
    if code not in codes:
        raise UsageError(
            joined((_('no error of wording is called "{code}"', code=code[:60]), suggestion(code, codes)), ""),
            hint=_(
                "it is the word in brackets behind an error; the words of a drill, and whatever else makes a campaign unsound,"
                " can't be passed"
            ),
        )
    line = reason_line(why)
    if not line or len(why) > MOST_REASON:
        raise UsageError(
            _("a reason to pass over {code} has 1 to {most} characters", code=code, most=count(MOST_REASON)),
            hint=_("say it in a sentence: {despite}", despite=Cure.OPTION(despite=f'{code} "…"')),
        )
    return line


# --- what is kept of it -------------------------------------------------------------------------------------------------------


def as_json(findings: Sequence[Finding], catalogue: Catalogue) -> list[list[str]]:
    """Return findings as they stand in the signed half of a request: code, severity, place in the file, sentence.

    Args:
        findings: All of them.
        catalogue: Of the language in which they are written down.
    """
    return [[one.code, one.severity.value, place_of(one.problem), said_in(one.problem.message, catalogue)] for one in findings]


def place_of(problem: Problem) -> str:
    """Name a finding's place in a request: line, column and field, without the file, which is the run's own."""
    where = f"{problem.line}:{problem.column}" if problem.line else ""
    return " ".join(filter(None, (where, problem.field)))

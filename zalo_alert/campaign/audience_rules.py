"""What must hold in a campaign's audience: somebody is meant, and it is clear who."""

import re

from zalo_alert import places
from zalo_alert.campaign.build import excluded_by, target_of
from zalo_alert.campaign.findings import Findings
from zalo_alert.campaign.form import AudienceForm, Selectors
from zalo_alert.foundation.yaml_document import KeyPath
from zalo_alert.language import _

_LIST_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")


def check_audience(findings: Findings) -> None:
    """Check the audience, and the order in which its places are written to."""
    audience = findings.form.audience
    if audience is None:
        return
    _check_kind(findings, audience)
    _check_test(findings, audience)
    check_areas(findings, audience.areas, ("audience", "areas"))
    check_areas(findings, excluded_by(audience).areas, ("audience", "exclude", "areas"))
    check_areas(findings, findings.form.order, ("order",))
    _check_nonempty(findings, audience)
    _check_uncertain(findings, audience)
    _check_lists(findings, audience)


def check_areas(findings: Findings, selectors: Selectors, path: KeyPath) -> None:
    """Check a list of selectors: each means a place, and an empty list never means everyone."""
    if selectors is not None and not selectors and path != ("order",):
        findings.add(path, _("is empty: an empty area never means everyone; write [all] for that"))
    for number, selector in enumerate(selectors or ()):
        try:
            places.area(selector)
        except places.PlaceUnknown as exc:
            findings.add((*path, number), str(exc))


def _check_kind(findings: Findings, audience: AudienceForm) -> None:
    has_areas = findings.has(("audience", "areas"))
    if audience.source is not None and has_areas:
        findings.add(("audience", "areas"), _("areas and from: recipients exclude each other: keep one"))
    elif audience.source is None and not findings.has(("audience", "from")) and not has_areas:
        findings.add(("audience", "areas"), _("is missing: an empty area never means everyone; write [all] for that"))


def _check_test(findings: Findings, audience: AudienceForm) -> None:
    """Have a Test go to people who are on a list because they agreed to it, and never to the public of a place."""
    if findings.form.status != "Test" or findings.is_frozen or findings.has(("audience", "list")) or audience.source is not None:
        return
    at: KeyPath = ("audience", "areas") if findings.has(("audience", "areas")) else ("audience",)
    findings.add(
        at,
        _("a Test goes to people on a list only: add list: NAME, or write from: recipients; drills of the public are Exercise"),
    )


def _check_nonempty(findings: Findings, audience: AudienceForm) -> None:
    """Say so when what is excluded is all there was; only when every selector is sound."""
    if not audience.areas or findings.concern("areas"):
        return
    left = target_of(audience)
    if not (left.mask or left.wards or left.everyone):
        findings.add(("audience", "exclude", "areas"), _("takes out everything that areas names: nobody is left"))


def _check_uncertain(findings: Findings, audience: AudienceForm) -> None:
    """Have an Immediate campaign for wards say whom it warns: most people are known by their province only."""
    if findings.form.urgency != "Immediate" or findings.has(("audience", "uncertain")):
        return
    if audience.areas and not findings.concern("areas") and target_of(audience).wards:
        findings.add(
            ("audience", "uncertain"),
            _(
                "an Immediate campaign for wards must choose: include (also everyone in the province whose ward nobody knows) or "
                "exclude (only those who are known to live there)"
            ),
        )


def _check_lists(findings: Findings, audience: AudienceForm) -> None:
    names: dict[KeyPath, str] = {} if audience.only is None else {("audience", "list"): audience.only}
    names |= {("audience", "exclude", "lists", i): name for i, name in enumerate(excluded_by(audience).lists or ())}
    for path, name in names.items():
        if not _LIST_NAME.fullmatch(name):
            findings.add(
                path,
                _('"{name}" names no list: small letters, digits and dashes; the file is lists/NAME.txt or .csv', name=name[:40]),
            )

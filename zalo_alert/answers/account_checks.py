"""Whether the accounts that files of `inbound/` name are there, and whether each has one rule set and no more."""

from collections import defaultdict
from collections.abc import Iterator, Sequence

from zalo_alert.answers.findings import Finding
from zalo_alert.answers.inspection import Inspection
from zalo_alert.answers.selecting import unknown, without_app
from zalo_alert.foundation.suggestions import suggestion
from zalo_alert.language import _, _n, count, joined


def check_accounts(inspection: Inspection) -> None:
    """Find what a rule set says of accounts that are not there, or that it is not for."""
    selector, accounts = inspection.rule_set.selector, inspection.settings.accounts
    if not any(selector):
        inspection.add(("accounts",), _("names nobody: for all accounts write levels: [national, province, commune]"))
    for key, number, why in unknown(selector, accounts):
        # A tag that nobody has yet is how a shipped example begins; an id or a place that is not there is a slip.
        inspection.note(("accounts", key, number), why, is_error=key != "tags")
    if not inspection.accounts:
        inspection.remark(("accounts",), _("is for no account of the workspace, so nobody is answered by it"))
    _check_overrides(inspection)
    _check_apps(inspection)


def _check_overrides(inspection: Inspection) -> None:
    ids = {str(account.id) for account in inspection.settings.accounts}
    selected = {str(account.id) for account in inspection.accounts}
    for name in inspection.rule_set.overrides:
        path = ("overrides", name)
        at = inspection.file.document.key_position(path)
        if name not in ids:
            wrong = _('no account has the id "{name}"', name=name)
            inspection.add(path, joined((wrong, suggestion(name, ids)), ""), at)
        elif name not in selected:
            inspection.remark(path, _("is not among the accounts that this file is for"), at)


def _check_apps(inspection: Inspection) -> None:
    """Find that an account has not the app that its answers go through: they would wait until they expire."""
    if sentence := without_app(inspection.accounts, inspection.rule_set.limits.via_app):
        inspection.add(("limits", "via_app"), sentence)


def check_fallback(inspection: Inspection) -> None:
    """Find a fallback that is missing, or missing out of hours."""
    rule_set = inspection.rule_set
    if rule_set.fallback is None:
        inspection.add((), _("fallback is missing: what do people read whom no rule answers?"), (1, 1))
    elif (rule_set.hours or any(one.hours for one in rule_set.overrides.values())) and not rule_set.fallback.out_of_hours:
        inspection.add(("fallback",), _("out_of_hours is missing: the office has opening hours"))


def overlaps(inspections: Sequence[Inspection]) -> Iterator[Finding]:
    """Yield the rule sets that are for an account for which an earlier one is."""
    owner: dict[str, Inspection] = {}
    for inspection in inspections:
        shared: dict[str, list[str]] = defaultdict(list)
        for account in inspection.accounts:
            first = owner.setdefault(account.oa_id, inspection)
            if first is not inspection:
                shared[first.file.shown].append(account.id)
        for other, names in shared.items():
            sentence = _n(
                "{other} is for {first} too: one account has one rule set",
                "{other} is for {accounts} of its accounts too, the first is {first}: one account has one rule set",
                len(names),
                other=other,
                accounts=count(len(names)),
                first=names[0],
            )
            yield Finding(inspection.file.document.problem(("accounts",), sentence))

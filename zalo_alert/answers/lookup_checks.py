"""All that is checked before look-ups speak: whom they are for, what their answers name, and that no two want the same words."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from zalo_alert.answers.findings import Finding
from zalo_alert.answers.folding import fold
from zalo_alert.answers.inbound_file import InboundFile
from zalo_alert.answers.lookup_set import LookupSet
from zalo_alert.answers.selecting import select, unknown, without_app
from zalo_alert.answers.spoken_checks import check_spoken
from zalo_alert.answers.template import names_used
from zalo_alert.foundation.suggestions import suggestion
from zalo_alert.foundation.yaml_document import KeyPath
from zalo_alert.language import _, count, joined
from zalo_alert.settings.model import Account, Settings


def check_lookups(files: Iterable[tuple[InboundFile, LookupSet]], settings: Settings) -> list[Finding]:
    """Return what is wrong with look-ups, and what is odd about them.

    Args:
        files: Sound in their shape.
        settings: Of the workspace.
    """
    looked_at = [(file, lookup, select(lookup.selector, settings.accounts)) for file, lookup in files]
    found: list[Finding] = []
    for file, lookup, accounts in looked_at:
        found += _check_accounts(file, lookup, accounts, settings)
        found += _check_names(file, lookup, accounts)
        found += _check_app(file, lookup, accounts)
        found += check_spoken(file, settings.answers.links)
    return [*found, *_shared_phrases(looked_at)]


def _check_accounts(file: InboundFile, lookup: LookupSet, accounts: Sequence[Account], settings: Settings) -> Iterator[Finding]:
    if not any(lookup.selector):
        yield _finding(file, ("accounts",), _("names nobody: for all accounts write levels: [national, province, commune]"))
    for key, number, why in unknown(lookup.selector, settings.accounts):
        yield _finding(file, ("accounts", key, number), why, is_error=key != "tags")
    if not accounts:
        sentence = _("is for none of the {accounts} accounts of the workspace", accounts=count(len(settings.accounts)))
        yield _finding(file, ("accounts",), sentence, is_error=False)
    if sentence := without_app(accounts, lookup.limits.via_app):
        yield _finding(file, ("limits", "via_app"), sentence)
    ids = {str(account.id) for account in settings.accounts}
    for name in lookup.guards.keys() - ids:
        wrong = joined((_('no account has the id "{name}"', name=name), suggestion(name, ids)), "")
        yield _finding(file, ("overrides", name), wrong)


def _check_names(file: InboundFile, lookup: LookupSet, accounts: Sequence[Account]) -> Iterator[Finding]:
    """Find what the answer says of an office that some office does not have."""
    names = [name.removeprefix("oa.") for name in sorted(names_used(lookup.found)) if name.startswith("oa.")]
    for name in names:
        without = [account.id for account in accounts if name not in account.about]
        if without:
            sentence = _("{name} is not there for the account {account}", name=f"{{{{ oa.{name} }}}}", account=without[0])
            yield _finding(file, ("found",), sentence)


def _check_app(file: InboundFile, lookup: LookupSet, accounts: Sequence[Account]) -> Iterator[Finding]:
    """Find an account for which the app that is to answer may not speak."""
    app_id = lookup.limits.via_app
    without = [account.id for account in accounts if app_id and app_id not in account.apps]
    if without:
        sentence = _("{account} does not speak through this app: name it in the account's more_apps", account=without[0])
        yield _finding(file, ("limits", "via_app"), sentence)


def _shared_phrases(looked_at: Sequence[tuple[InboundFile, LookupSet, Sequence[Account]]]) -> Iterator[Finding]:
    owner: dict[tuple[str, str], str] = {}
    for file, lookup, accounts in looked_at:
        wanted: Counter[tuple[int, str]] = Counter()
        for number, phrase in enumerate(lookup.phrases):
            for account in accounts:
                first = owner.setdefault((account.oa_id, fold(phrase)), file.shown)
                if first != file.shown:
                    wanted[number, first] += 1
        for number, first in wanted:
            yield _finding(file, ("ask", "phrases", number), _("{other} asks for these words already", other=first))


def _finding(file: InboundFile, path: KeyPath, message: str, *, is_error: bool = True) -> Finding:
    return Finding(file.document.problem(path, message), is_error)

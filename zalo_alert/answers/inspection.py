"""One rule set under inspection, with the accounts that it is for and what has been found so far."""

from collections.abc import Sequence
from datetime import date

from zalo_alert.answers.findings import Finding
from zalo_alert.answers.inbound_file import InboundFile
from zalo_alert.answers.rule_set import RuleSet
from zalo_alert.foundation.yaml_document import KeyPath
from zalo_alert.settings.model import Account, Profile, Settings


class Inspection:
    """One rule set, and what is wrong with it.

    Args:
        file: Where it stands.
        rule_set: Sound in its shape.
        accounts: Those that it is for.
        settings: Of the workspace.
        today: In Vietnam.
    """

    def __init__(
        self, file: InboundFile, rule_set: RuleSet, accounts: Sequence[Account], settings: Settings, today: date
    ) -> None:
        self.file, self.rule_set, self.accounts = file, rule_set, accounts
        self.settings, self.today = settings, today
        self.findings: list[Finding] = []

    @property
    def is_live(self) -> bool:
        """Whether citizens would read it."""
        return self.settings.profile is Profile.LIVE

    @property
    def has_errors(self) -> bool:
        """Whether it can't speak as it is."""
        return any(finding.is_error for finding in self.findings)

    def add(self, path: KeyPath, message: str, at: tuple[int, int] | None = None) -> None:
        """Note an error of the value at a path, or at another position in it."""
        self.findings.append(Finding(self.file.document.problem(path, message, at)))

    def remark(self, path: KeyPath, message: str, at: tuple[int, int] | None = None) -> None:
        """Note what somebody should look at, and what does not keep the file from speaking."""
        self.findings.append(Finding(self.file.document.problem(path, message, at), is_error=False))

    def detail(self, path: KeyPath, message: str) -> None:
        """Note what tells whoever tunes phrases how they come together."""
        self.findings.append(Finding(self.file.document.problem(path, message), is_error=False, is_detail=True))

    def note(self, path: KeyPath, message: str, *, is_error: bool) -> None:
        """Note an error or a remark."""
        (self.add if is_error else self.remark)(path, message)

    def line(self, path: KeyPath) -> int:
        """Return the line on which a value stands."""
        return self.file.document.position(path)[0]

"""What a rule is: it looks at one read text and yields the spots where something is wrong."""

from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import NamedTuple

from zalo_alert.campaign.follow_up import ALERT, Section
from zalo_alert.wording.finding import Severity
from zalo_alert.wording.text import Text

CORRECTION, ALL_CLEAR = Section.CORRECTION.value, Section.ALL_CLEAR.value
NOT_THERE: Mapping[str, Severity | None] = MappingProxyType({CORRECTION: None, ALL_CLEAR: None})  # `elsewhere` of the alert's own
SOFTER: Mapping[str, Severity | None] = MappingProxyType({CORRECTION: Severity.WARNING, ALL_CLEAR: Severity.WARNING})


class Spot(NamedTuple):
    """Where something is wrong: offsets into `Text.words`; 0, 0 is the text as a whole."""

    start: int
    end: int
    message: str
    fix: str


class Rule(NamedTuple):
    """One rule.

    Args:
        code: Its name for people and scripts; never changes.
        severity: Of what it finds in an alert.
        check: Yields what is wrong in a text; at most a few spots of each, whatever the text.
        elsewhere: Its severity in a correction or an all-clear, where that is another; None is not asked there. A message that
            takes another back (`msgType: Cancel`) counts as a correction.
        of_whole: It asks what a message says as a whole, so not of a headline, nor of data whose template nobody kept.
        of_languages: It is also asked of a text in another language than Vietnamese.
    """

    code: str
    severity: Severity
    check: Callable[[Text], Iterator[Spot]]
    elsewhere: Mapping[str, Severity | None] = MappingProxyType({})
    of_whole: bool = False
    of_languages: bool = False

    def severity_in(self, part: str) -> Severity | None:
        """Return what a finding is in a part of a campaign; None where the rule does not hold."""
        return self.severity if part == ALERT else self.elsewhere.get(part, self.severity)

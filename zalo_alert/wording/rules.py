"""Every rule there is, in the order in which findings of one line are told.

Errors are few and certain: they hold an alert back. Whatever may be right in some text is a warning, or silent. What follows an
alert is asked less. A correction names what was wrong, perhaps another place, and asks nobody to do anything: no guidance, no
other place, and the lack of place or time only warns. An all-clear is read by those who know the alert, so that all three
warn. Letters, days that there are not and wrong weekdays mislead there as anywhere.
"""

from zalo_alert.wording import (
    agreement_rules,
    guidance_rules,
    language_rules,
    letter_rules,
    level_rules,
    link_rules,
    place_rules,
    slip_rules,
    source_rules,
    style_rules,
    time_rules,
)
from zalo_alert.wording.rule import Rule, Spot

__all__ = ["RULES", "Rule", "Spot"]

RULES: tuple[Rule, ...] = (
    *place_rules.RULES, *time_rules.RULES, *guidance_rules.RULES,
    *letter_rules.RULES, *level_rules.RULES, *link_rules.RULES,
    *source_rules.RULES, *style_rules.RULES, *slip_rules.RULES, *agreement_rules.RULES, *language_rules.RULES,
)  # fmt: skip

"""Rules of time: a warning says when, on a day that there is, and on the right one."""

from zalo_alert.wording.rule import Rule

RULES: tuple[Rule, ...] = ()

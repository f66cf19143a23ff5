"""Rules of place: a warning names where it holds, and nowhere else."""

from zalo_alert.wording.rule import Rule

RULES: tuple[Rule, ...] = ()

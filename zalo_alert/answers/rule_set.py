"""A rule set as values: what is answered to which words, for which OAs, when, and how urgently. Reads no file, renders nothing.

Texts of rules are templates; what they may say is in `answers.template`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from zalo_alert.answers.hours import Hours
from zalo_alert.answers.parted import SEPARATOR
from zalo_alert.answers.variants import Alike
from zalo_alert.models import Digest, OnUnknown, Rank

PERSON = "person"  # where a button goes that leads to an officer


class RuleButton(NamedTuple):
    """A button below an answer; exactly one of what it does is not empty.

    Args:
        title: A template.
        go: The id of a rule of the same set, or `PERSON`.
        url: A template of an https address.
        phone: A template of a telephone number.
    """

    title: str
    go: str = ""
    url: str = ""
    phone: str = ""


class Limits(NamedTuple):
    """How urgent an answer is, how long it is worth sending, and what to do in doubt.

    Args:
        rank: Its place among all that wants Zalo's rate.
        expires_s: So long after the question nobody is answered any more.
        on_unknown: Whether an answer that perhaps went out is sent again.
        via_app: Zalo's id of the app that sends it; "" is the OA's own.
    """

    rank: Rank = Rank.RULE
    expires_s: int = 600
    on_unknown: OnUnknown = OnUnknown.HOLD
    via_app: str = ""


LIMITS = Limits()


@dataclass(frozen=True, slots=True)
class Rule:
    """What is answered to some words.

    Args:
        id: Within its set; counted as `<set>/<id>`.
        phrases: Any of them asks for it, as typed in the file.
        excluded: With one of these in the text it is not meant.
        text: A template.
        buttons: At most five.
        limits: The set's, with the rule's own over them.
        takes_negation: It is also meant where a "không" stands before its words.
        source: Where a fee, a deadline or a law in it comes from.
        review_by: Until when somebody must look at it again; None is never.
        title: What it is called on a button; "" is by a phrase.
    """

    id: str
    phrases: tuple[str, ...]
    text: str
    excluded: tuple[str, ...] = ()
    buttons: tuple[RuleButton, ...] = ()
    limits: Limits = LIMITS
    takes_negation: bool = False
    source: str = ""
    review_by: date | None = None
    title: str = ""

    @property
    def called(self) -> str:
        """What it is called on a button: its title, else the first phrase whose words stand together."""
        together = (phrase for phrase in self.phrases if SEPARATOR not in phrase)
        return self.title or next(iter((*together, *self.phrases[:1], self.id)))


class FallbackPart(NamedTuple):
    """What is said where no rule fits.

    Args:
        text: A template; may say `{{ wait }}` and `{{ opens }}`.
        opens_talk: An officer is asked to answer.
        buttons: At most five.
    """

    text: str
    opens_talk: bool = False
    buttons: tuple[RuleButton, ...] = ()


class Fallback(NamedTuple):
    """What is said where no rule fits; `out_of_hours` is None where there are no opening hours."""

    in_hours: FallbackPart
    out_of_hours: FallbackPart | None = None


class Selector(NamedTuple):
    """Which accounts a file is for: those that meet every condition that is given; a condition without values is not given.

    Args:
        ids: Ours, of accounts.
        tags: An account has at least one.
        levels: An account's level is one of these.
        areas: All that an account may write to lies within them.
    """

    ids: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    levels: tuple[str, ...] = ()
    areas: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Field:
    """A fee, a deadline or a like fact that texts name as `{{ value.NAME }}` and the office fills in.

    Args:
        name: As texts name it.
        about: What it is, for whoever fills it in.
        value: None until it is filled in.
        source: Where it comes from.
        checked: When somebody last looked at the source.
        review_by: Until when somebody must look again; None is never.
    """

    name: str
    about: str = ""
    value: str | None = None
    source: str = ""
    checked: date | None = None
    review_by: date | None = None

    @property
    def shown(self) -> str:
        """What a reader sees of it: its value, or in brackets what belongs there."""
        return self.value if self.value is not None else f"[{self.about or self.name}]"

    def is_overdue(self, today: date) -> bool:
        """Whether somebody should have looked at it again before today."""
        return self.review_by is not None and self.review_by < today


class Override(NamedTuple):
    """What is otherwise for one account.

    Args:
        hours: Its own opening hours; None is the set's.
        fields: Values of fields, by name.
        texts: Templates, by the id of the rule.
    """

    hours: Hours | None
    fields: Mapping[str, str]
    texts: Mapping[str, str]


NOTHING_ELSE = Override(None, {}, {})


@dataclass(frozen=True, slots=True)
class RuleSet:
    """One file of rules, sound in its shape.

    Args:
        name: The file's, without its ending.
        path: The file's, within the workspace.
        digest: Of all that it says, side files included.
        selector: Whom it is for.
        hours: Opening hours; None where there are none.
        rules: In the file's order.
        fallback: Where none fits; None where the file forgot it, which is an error that validation tells.
        limits: Of answers by fallback, and of rules that have none of their own.
        overrides: By account id.
        fields: By name.
        alike: Words that mean the same in its phrases.
        ignored: Phrases whose words say nothing.
    """

    name: str
    path: str
    digest: Digest
    selector: Selector
    rules: tuple[Rule, ...]
    fallback: Fallback | None
    hours: Hours | None = None
    limits: Limits = LIMITS
    overrides: Mapping[str, Override] = field(default_factory=dict)
    fields: Mapping[str, Field] = field(default_factory=dict)
    alike: tuple[Alike, ...] = ()
    ignored: tuple[str, ...] = ()

    def rule(self, rule_id: str) -> Rule:
        """Return a rule by its id within the set.

        Raises:
            KeyError: There is none.
        """
        for rule in self.rules:
            if rule.id == rule_id:
                return rule
        raise KeyError(rule_id)

    def counted_as(self, rule_id: str) -> str:
        """Return what answers of a rule are counted by: `police-qa/can-cuoc`."""
        return f"{self.name}/{rule_id}"

    def override(self, account_id: str) -> Override:
        """Return what is otherwise for an account."""
        return self.overrides.get(account_id, NOTHING_ELSE)

"""One article on one OA's page: what is to be done to it, and what became of it."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from zalo_alert.articles.store import Standing
from zalo_alert.audit.telling import OnNotice
from zalo_alert.errors import CredentialsRefused, RunSuspended, SettingsInvalid
from zalo_alert.foundation.steps import StepReporter
from zalo_alert.language import _, joined
from zalo_alert.operations.article_sources import ArticleSource
from zalo_alert.settings.model import Account
from zalo_alert.zalo.client import Refused

_LIMIT = -223  # of two meanings: not authorised, and as many articles as are allowed


class Doing(StrEnum):
    """What is done to an article; the words never change."""

    PUBLISH = "publish"
    UPDATE = "update"
    HIDE = "hide"


class Ending(StrEnum):
    """How it ended on one OA; the words never change."""

    DONE = "done"
    ALREADY = "already"  # it was so before
    DIFFERS = "differs"  # it stands there with another text, and is left alone
    NOT_THERE = "not-there"  # there is nothing to change or hide
    UNKNOWN = "unknown"
    FAILED = "failed"
    NOT_BEGUN = "not-begun"


GOOD = frozenset({Ending.DONE, Ending.ALREADY, Ending.NOT_THERE})


@dataclass(frozen=True, slots=True)
class Job:
    """One article on one OA's page; hiding needs no source."""

    name: str
    account: Account
    source: ArticleSource | None = None


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one job: how it ended, how the article stands now, and why it is not as asked."""

    job: Job
    ending: Ending
    standing: Standing
    why: str = ""


@dataclass(frozen=True, slots=True)
class Telling:
    """Who hears how it goes.

    Args:
        on_result: Told of each OA as it ends.
        on_step: Told how many of them have.
        on_notice: Told what else a person should know.
    """

    on_result: Callable[[Result], None] = lambda result: None
    on_step: StepReporter = lambda step, done, whole: None
    on_notice: OnNotice = lambda notice: None


QUIET = Telling()


def why_of(exc: Exception) -> str:
    """Say why an OA's part failed, in one line."""
    if isinstance(exc, Refused) and exc.code == _LIMIT and "quota" in exc.message.lower():
        return joined((exc.message, _("the OA has made as many articles as it is allowed")), ": ")
    if isinstance(exc, RunSuspended | CredentialsRefused | SettingsInvalid):
        return joined(filter(None, (exc.message, exc.hint)), ": ")
    return _("asked, and no clear answer came ({why})", why=str(exc))

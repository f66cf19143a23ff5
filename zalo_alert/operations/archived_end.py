"""What a campaign comes to that is sent again after its run was archived: nothing is sent, and its end is told as it was."""

from contextlib import closing

from zalo_alert.delivery import endings
from zalo_alert.delivery.checks import frozen_campaign
from zalo_alert.foundation.clock import words
from zalo_alert.foundation.notices import Level, Notice
from zalo_alert.language import _
from zalo_alert.operations.observing import Observer
from zalo_alert.operations.orders import Orders
from zalo_alert.operations.release import release_of
from zalo_alert.operations.send import RunResult
from zalo_alert.reporting import completion, report
from zalo_alert.runs.archived import ArchivedRun
from zalo_alert.settings.model import Settings


def archived_notice(run: ArchivedRun) -> Notice:
    """Say that a campaign is done, and its run archived."""
    archived_at = run.manifest.archived_at
    sentence = _("{run} is done, and archived since {at}: nobody is written to again", run=run.id, at=words(archived_at))
    return Notice(sentence, "continue", Level.STRONG, {"run": run.id, "frozen_at": run.facts.frozen_at.isoformat()})


def end_of(run: ArchivedRun, settings: Settings, orders: Orders, observer: Observer) -> RunResult:
    """Tell how an archived run ended, as a repeat of its campaign would have before: cron's is no error."""
    observer.on_notice(archived_notice(run))
    with closing(run.ledger()) as ledger:
        counted = report.make(run, frozen_campaign(run), ledger, release_of(run))
    found = completion.shortfalls_of(counted, settings.tolerate_rejected)
    verdict = endings.joined_verdict(run, completion.verdict(run.id, found, is_strict=orders.is_strict), counted.broadcast)
    return RunResult(
        counted, verdict, found, verdict.message if verdict else completion.describe_completion(found, len(counted.broadcast))
    )

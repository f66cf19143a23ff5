"""What the log may tell of: a closed vocabulary, and what people read of each word."""

from collections.abc import Mapping
from enum import StrEnum

from zalo_alert.language import _


class AuditEvent(StrEnum):
    """What happened; the words never change, for scripts."""

    # a run has come to a state of its life
    RUN_FROZEN = "run-frozen"
    RUN_SUBMITTED = "run-submitted"
    RUN_APPROVED = "run-approved"
    RUN_REJECTED = "run-rejected"
    RUN_SENDING = "run-sending"
    RUN_STOPPED = "run-stopped"
    RUN_PAUSED = "run-paused"
    RUN_HALTED = "run-halted"
    RUN_WAITING = "run-waiting"
    RUN_FINISHED = "run-finished"
    RUN_EXPIRED = "run-expired"
    RUN_CANCELLED = "run-cancelled"
    RUN_CORRECTED = "run-corrected"
    RUN_ARCHIVED = "run-archived"
    ARCHIVE_REMOVED = "archive-removed"
    # somebody has asked for something
    SUBMIT = "submit"
    APPROVE = "approve"
    REJECT = "reject"
    REFUSED = "refused"
    OVERRIDE = "override"
    SEND = "send"
    CANCEL = "cancel"
    CORRECT = "correct"
    ALL_CLEAR = "all-clear"
    MOVED = "moved"
    BREAK_GLASS = "break-glass"
    REVIEW = "review"
    NOTE = "note"
    HANDOVER = "handover"
    # officers and what they agreed to once for many times
    OFFICER_ADD = "officer-add"
    OFFICER_REVOKE = "officer-revoke"
    STANDING_ADD = "standing-add"
    STANDING_USE = "standing-use"
    STANDING_REVOKE = "standing-revoke"
    SCHEDULE_ADD = "schedule-add"
    SCHEDULE_REMOVE = "schedule-remove"
    # tokens and people
    INVITE = "invite"
    TOKEN_LOGIN = "token-login"
    TOKEN_REFRESH = "token-refresh"
    TOKEN_REFUSED = "token-refused"
    EXPORT = "export"
    FORGET = "forget"
    REMOVED = "removed"
    CASE_SHOWN = "case-shown"
    CASE_TAKEN = "case-taken"
    CASE_ANSWERED = "case-answered"
    CASE_CLOSED = "case-closed"
    ARTICLE_PUBLISHED = "article-published"
    ARTICLE_UPDATED = "article-updated"
    ARTICLE_HIDDEN = "article-hidden"
    # the workspace as a whole
    BACKUP = "backup"
    HANDED_OVER = "workspace-handed-over"
    RESTORED = "workspace-restored"
    WOKEN = "workspace-woken"
    # the log itself
    TORN = "torn"


# What happened, by its word, as a person reads it.
EVENTS: Mapping[AuditEvent, str] = {
    AuditEvent.RUN_FROZEN: _("the run was frozen"),
    AuditEvent.RUN_SUBMITTED: _("the run waits for approval"),
    AuditEvent.RUN_APPROVED: _("the run is approved"),
    AuditEvent.RUN_REJECTED: _("the run is rejected"),
    AuditEvent.RUN_SENDING: _("sending began"),
    AuditEvent.RUN_STOPPED: _("the run is stopped"),
    AuditEvent.RUN_PAUSED: _("the run is paused after the first people"),
    AuditEvent.RUN_HALTED: _("the run halted"),
    AuditEvent.RUN_WAITING: _("the run waits"),
    AuditEvent.RUN_FINISHED: _("the run is finished"),
    AuditEvent.RUN_EXPIRED: _("the run has expired"),
    AuditEvent.RUN_CANCELLED: _("the run is cancelled for good"),
    AuditEvent.RUN_CORRECTED: _("the run is corrected"),
    AuditEvent.RUN_ARCHIVED: _("the run was archived"),
    AuditEvent.ARCHIVE_REMOVED: _("the people and the ledger of an archived run were removed"),
    AuditEvent.SUBMIT: _("submitted for approval"),
    AuditEvent.APPROVE: _("approved"),
    AuditEvent.REJECT: _("rejected"),
    AuditEvent.REFUSED: _("tried, and was refused"),
    AuditEvent.OVERRIDE: _("went on in spite of a guard"),
    AuditEvent.SEND: _("asked to send"),
    AuditEvent.CANCEL: _("asked for the end for good"),
    AuditEvent.CORRECT: _("began a correction"),
    AuditEvent.ALL_CLEAR: _("began an all-clear"),
    AuditEvent.MOVED: _("took the run over at another place"),
    AuditEvent.BREAK_GLASS: _("sent alone, by break-glass"),
    AuditEvent.REVIEW: _("reviewed what was sent by break-glass"),
    AuditEvent.NOTE: _("noted"),
    AuditEvent.HANDOVER: _("the shift was handed over"),
    AuditEvent.OFFICER_ADD: _("an officer joined the roster"),
    AuditEvent.OFFICER_REVOKE: _("an officer was revoked"),
    AuditEvent.STANDING_ADD: _("a standing approval was given"),
    AuditEvent.STANDING_USE: _("a standing approval was used"),
    AuditEvent.STANDING_REVOKE: _("a standing approval was revoked"),
    AuditEvent.INVITE: _("wrote links by which administrators of OAs consent"),
    AuditEvent.SCHEDULE_ADD: _("something was given to the machine's timer"),
    AuditEvent.SCHEDULE_REMOVE: _("something was taken from the machine's timer"),
    AuditEvent.TOKEN_LOGIN: _("an administrator of an OA consented: new tokens"),
    AuditEvent.TOKEN_REFRESH: _("tokens were renewed"),
    AuditEvent.TOKEN_REFUSED: _("Zalo refused to renew tokens"),
    AuditEvent.EXPORT: _("took a list of people out"),
    AuditEvent.FORGET: _("a person was forgotten"),
    AuditEvent.REMOVED: _("removed what had been kept long enough"),
    AuditEvent.BACKUP: _("the workspace was backed up"),
    AuditEvent.HANDED_OVER: _("the workspace was handed over: nothing is sent from here any more"),
    AuditEvent.RESTORED: _("the workspace was restored from a backup"),
    AuditEvent.WOKEN: _("the workspace was woken: it sends again"),
    AuditEvent.CASE_SHOWN: _("read what a person wrote"),
    AuditEvent.CASE_TAKEN: _("took a case"),
    AuditEvent.CASE_ANSWERED: _("answered a person"),
    AuditEvent.CASE_CLOSED: _("closed a case"),
    AuditEvent.ARTICLE_PUBLISHED: _("an article was published"),
    AuditEvent.ARTICLE_UPDATED: _("an article was changed"),
    AuditEvent.ARTICLE_HIDDEN: _("an article was hidden"),
    AuditEvent.TORN: _("what stands before this was cut short, by a power cut, a crash or a full disk"),
}


def words_of(event: str) -> str:
    """Return what a person reads of an event; the word itself where a younger version wrote it."""
    return EVENTS[AuditEvent(event)] if event in EVENTS else event
